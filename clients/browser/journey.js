// What pages in Chromium can and cannot do to an emulator:
//
//     mdb-emulator exec --demo --tls off -- clients/browser/run
//
// Pages of other origins, by number and by name, neither change nor read anything, by fetch or by a form; nor does one that has let its
// own name lead to the emulator. Pages of the emulator's own origin, and of one that a second emulator allows, may do both.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const FOLDER = 'b1gdemo0000000000000';
const CLUSTER = 'c9qivsg66jom2o0rh113';
const CLUSTERS = `/managed-redis/v1/clusters?folderId=${FOLDER}`;
const RESET = '/mdb-emulator/v1/universes/default:reset';
// A name that its owner has let lead to this machine.
const REBOUND = 'evil.example';

const port = process.env.MDB_EMULATOR_ADDRESS.split(':').pop();
const guarded = `http://127.0.0.1:${port}`;

/** Serves an empty page on a port of its own. */
async function servePages() {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>page</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Serves another emulator, which allows pages of an origin. */
async function serveAllowing(origin) {
  const flags = ['serve', '--demo', '--tls', 'off', '--listen', '127.0.0.1:0', '--log', 'warn', '--allow-origin', origin];
  const emulator = spawn('mdb-emulator', flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: emulator.stdout })) {
    return { emulator, address: `http://${line.replace('mdb-emulator ready on ', '')}` };
  }
  throw new Error('the second emulator did not start');
}

/** How many clusters an emulator has, as a program sees it: one, unless somebody has reset it. */
async function clusters(emulator) {
  const reply = await fetch(emulator + CLUSTERS);
  assert.equal(reply.status, 200);
  return ((await reply.json()).clusters ?? []).length;
}

/** What a fetch in a page comes to: the reply, or the kind of error that the page gets instead. */
function fetched(page, url, options = {}) {
  return page.evaluate(
    async ([url, options]) => {
      try {
        const reply = await fetch(url, options);
        const readable = reply.type !== 'opaque';
        return {
          type: reply.type,
          status: reply.status,
          requestId: reply.headers.get('x-request-id'),
          body: readable ? await reply.text() : null,
        };
      } catch (error) {
        return { error: error.name };
      }
    },
    [url, options],
  );
}

/** A page of another origin does nothing to an emulator. */
async function isKeptOut(browser, url, emulator) {
  const page = await browser.newPage();
  await page.goto(url);
  const unseen = await fetched(page, emulator + RESET, { method: 'POST', mode: 'no-cors' });
  assert.equal(unseen.type, 'opaque', 'it is sent, and not to be read');
  for (const [path, options] of [
    [CLUSTERS, {}],
    [RESET, { method: 'POST' }],
    [RESET, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }],
    [`/managed-redis/v1/clusters/${CLUSTER}`, { method: 'DELETE' }],
    ['/mdb.emulator.v1.ClockService/Get', { method: 'POST', headers: { 'content-type': 'application/grpc-web+proto' } }],
  ]) {
    const kept = await fetched(page, emulator + path, options);
    assert.deepEqual(kept, { error: 'TypeError' }, `${url} ${JSON.stringify(options)} ${path}`);
  }
  const posted = page.waitForResponse((response) => response.url() === emulator + RESET);
  await page.setContent(`<form method="post" action="${emulator}${RESET}"></form>`);
  await page.evaluate(() => document.forms[0].submit());
  assert.equal((await posted).status(), 403, 'a form is refused');
  assert.equal(await clusters(emulator), 1, `${url} has reset ${emulator}`);
  await page.close();
  console.log(`${url} can do nothing to ${emulator}`);
}

/** A page whose name leads to the emulator is of one origin with it, and yet reads and does nothing. */
async function reboundIsKeptOut(browser) {
  const page = await browser.newPage();
  const url = `http://${REBOUND}:${port}`;
  const reply = await page.goto(url + CLUSTERS);
  assert.equal(reply.status(), 403);
  assert.match((await reply.json()).message, /--tls-name evil\.example/);
  const reset = await fetched(page, RESET, { method: 'POST' });
  assert.equal(reset.status, 403);
  assert.equal(await clusters(guarded), 1);
  await page.close();
  console.log(`${url} can do nothing either`);
}

/** A page of an origin reads, writes, and is told why it is refused. */
async function mayCall(page, emulator) {
  const listed = await fetched(page, emulator + CLUSTERS);
  assert.equal(listed.status, 200);
  assert.deepEqual(JSON.parse(listed.body).clusters.map((cluster) => cluster.id), [CLUSTER]);
  assert.ok(listed.requestId, 'the headers of the service can be read');

  const body = JSON.stringify({ updateMask: 'description', description: 'by a page' });
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'page', authorization: 'Bearer any' };
  const updated = await fetched(page, `${emulator}/managed-redis/v1/clusters/${CLUSTER}`, { method: 'PATCH', headers, body });
  assert.equal(updated.status, 200, updated.body);
  const shown = await fetched(page, `${emulator}/managed-redis/v1/clusters/${CLUSTER}`);
  assert.equal(JSON.parse(shown.body).description, 'by a page');

  const refused = await fetched(page, `${emulator}/managed-redis/v1/clusters/none`);
  assert.equal(refused.status, 404);
  assert.ok(JSON.parse(refused.body).message, 'refusals can be read');
  console.log(`${new URL(page.url()).origin} may call ${emulator}`);
}

const [byNumber, byName, friend] = await Promise.all([servePages(), servePages(), servePages()]);
const strangers = [`http://127.0.0.1:${byNumber.address().port}`, `http://localhost:${byName.address().port}`];
const allowed = `http://localhost:${friend.address().port}`;
const { emulator: second, address: allowing } = await serveAllowing(allowed);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-proxy-server',
    `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`,
  ],
});
try {
  for (const url of [...strangers, allowed]) await isKeptOut(browser, url, guarded);
  for (const url of strangers) await isKeptOut(browser, url, allowing);
  await reboundIsKeptOut(browser);

  const page = await browser.newPage();
  await page.goto(allowed);
  await mayCall(page, allowing);
  assert.equal((await page.goto(`${guarded}/endpoints`)).status(), 200, 'its user may look at a reply');
  await mayCall(page, guarded);
  console.log(`Chromium ${browser.version()}: all as it shall be`);
} finally {
  await browser.close();
  second.kill();
  for (const server of [byNumber, byName, friend]) server.close();
}
