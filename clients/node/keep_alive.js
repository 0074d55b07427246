// Node's own agent keeps one connection for everything, and does not lose a request on it although each one before was
// refused with most of its body unread:
//
//     mdb-emulator exec -- node clients/node/keep_alive.js

import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';

const ADDRESS = process.env.MDB_EMULATOR_ADDRESS ?? 'localhost:7300';
const BODY = Buffer.alloc(50_000, 'x');

// What is refused whatever the body says, and by which status.
const REFUSED = [
    { method: 'POST', path: '/nothing', status: 404 },
    { method: 'PUT', path: '/managed-redis/v1/clusters', status: 405 },
    { method: 'POST', path: '/nothing', headers: { 'content-type': 'application/grpc+json' }, status: 415 },
];

// `exec` says whom to trust if the server speaks TLS.
const { request, Agent } = process.env.MDB_EMULATOR_CA ? https : http;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const sockets = new Set();

function send({ method, path, headers }, inChunks) {
    const [host, port] = ADDRESS.split(':');
    return new Promise((answered, failed) => {
        const sent = request({ host, port, agent, method, path, headers }, (answer) => {
            answer.resume();
            answer.on('end', () => answered(answer.statusCode));
        });
        sent.on('socket', (socket) => sockets.add(socket));
        sent.on('error', failed);
        if (inChunks) {
            // Without a length that is known from the start, Node sends chunks.
            sent.write(BODY);
            sent.end();
        } else {
            sent.end(BODY);
        }
    });
}

for (let round = 0; round < 25; round += 1) {
    for (const refused of REFUSED) {
        assert.equal(await send(refused, false), refused.status, refused.path);
        assert.equal(await send(refused, true), refused.status, refused.path);
    }
}
assert.equal(sockets.size, 1, 'one connection is enough');
agent.destroy();
console.log('one connection has carried 150 refused requests');
