// The life of a cluster of each engine by the official Node SDK, unchanged:
//
//     mdb-emulator exec -- clients/node/run
//
// Discovery and a token come first; then each journey goes: look up presets, create, find by a filter, back up, list the backups
// over two pages, update by mask, be refused, restore, change hosts and shards (topology.js), users and databases (contents.js),
// delete. The first thing that is not as it should be ends it with an error.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { Session, waitForOperation } from '@yandex-cloud/nodejs-sdk';
import { apiEndpointService } from '@yandex-cloud/nodejs-sdk/endpoint';
import { iamTokenService } from '@yandex-cloud/nodejs-sdk/iam-v1';
import * as mysql from '@yandex-cloud/nodejs-sdk/mdb-mysql-v1';
import * as redis from '@yandex-cloud/nodejs-sdk/mdb-redis-v1';
import * as spqr from '@yandex-cloud/nodejs-sdk/mdb-spqr-v1';
import * as sqlserver from '@yandex-cloud/nodejs-sdk/mdb-sqlserver-v1';
import { status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

import { changeDatabases, changeUsers } from './contents.js';
import { changeHosts, changeShards } from './topology.js';
import { unpacked } from './unpacked.js';

const GIB = 2 ** 30;
const PASSWORD = 'a-long-password';
const ADDRESS = process.env.MDB_EMULATOR_ADDRESS ?? 'localhost:7300';

// What Create and Restore both want to know, and what Create wants to know beside that.
const ENGINES = {
    Redis: {
        sdk: redis,
        endpoint: 'managed-redis',
        both: {
            configSpec: {
                version: '8.1-valkey',
                resources: { resourcePresetId: 'hm3-c2-m8', diskSize: 16 * GIB },
                redis: { password: PASSWORD },
            },
            hostSpecs: [{ zoneId: 'ru-central1-a' }],
        },
        create: {},
    },
    MySQL: {
        sdk: mysql,
        endpoint: 'managed-mysql',
        both: {
            configSpec: { version: '8.0', resources: { resourcePresetId: 's3-c2-m8', diskSize: 20 * GIB } },
            hostSpecs: [{ zoneId: 'ru-central1-a' }],
        },
        create: { databaseSpecs: [{ name: 'orders' }], userSpecs: [{ name: 'shop', password: PASSWORD }] },
    },
    'SQL Server': {
        sdk: sqlserver,
        endpoint: 'managed-sqlserver',
        both: {
            configSpec: { version: '2019ent', resources: { resourcePresetId: 's2.small', diskSize: 20 * GIB } },
            hostSpecs: ['a', 'b', 'd'].map((zone) => ({ zoneId: `ru-central1-${zone}` })),
        },
        create: { databaseSpecs: [{ name: 'orders' }] },
    },
    SPQR: {
        sdk: spqr,
        endpoint: 'managed-spqr',
        both: {
            networkId: 'enpjourney0000000000',
            configSpec: {
                spqrSpec: { infra: { resources: { resourcePresetId: 's3-c2-m8', diskSize: 10 * GIB } } },
            },
            hostSpecs: [{ zoneId: 'ru-central1-a', type: spqr.host.Host_Type.INFRA }],
        },
        create: { databaseSpecs: [{ name: 'orders' }] },
    },
};

// The SDK knows the addresses of the cloud's services by heart, so each client is told where the emulator's is; and it would trade an
// OAuth token there too, so the trade is made by hand.
async function begin() {
    const stranger = new Session({ iamToken: process.env.YC_IAM_TOKEN ?? 'none yet' });
    const discovery = stranger.client(apiEndpointService.ApiEndpointServiceClient, ADDRESS);
    const listed = (await discovery.list(apiEndpointService.ListApiEndpointsRequest.fromPartial({}))).endpoints;
    const endpoints = Object.fromEntries(listed.map(({ id, address }) => [id, address]));
    assert.equal(Object.keys(endpoints).length, listed.length);
    assert.deepEqual(new Set(Object.values(endpoints)), new Set([ADDRESS]));

    const tokens = stranger.client(iamTokenService.IamTokenServiceClient, endpoints.iam);
    const { iamToken } = await tokens.create(
        iamTokenService.CreateIamTokenRequest.fromPartial({ yandexPassportOauthToken: 'y0_journey' }),
    );
    assert.match(iamToken, /^t1\./);
    return { session: new Session({ iamToken }), endpoints };
}

// Takes a cluster from Create to Delete, and tells what there is to tell.
async function journey({ session, endpoints }, engine) {
    const { sdk, endpoint, both, create } = engine;
    const service = sdk.clusterService;
    const client = (type) => session.client(type, endpoints[endpoint]);
    const { Cluster_Environment: Environment, Cluster_Status: Status } = sdk.cluster;
    const clusters = client(service.ClusterServiceClient);
    const finished = (operation) => waitForOperation(operation, session, 60_000, endpoints.operation);
    const clusterOf = async (operation) => unpacked((await finished(operation)).response, 'Cluster', sdk.cluster);
    const folderId = `b1g${Date.now().toString(16).padStart(17, '0')}`;
    const environment = Environment.PRODUCTION;

    await checkChoices(client, engine);
    const creation = await clusters.create(
        service.CreateClusterRequest.fromPartial({ folderId, name: 'journey', environment, ...both, ...create }),
    );
    const { clusterId } = unpacked(creation.metadata, 'CreateClusterMetadata', service);
    const cluster = await clusterOf(creation);
    assert.deepEqual([cluster.id, cluster.status], [clusterId, Status.RUNNING]);
    await checkFilter(clusters, engine, cluster);

    for (let made = 0; made < 3; made += 1) {
        await finished(await clusters.backup(service.BackupClusterRequest.fromPartial({ clusterId })));
    }
    const page = (pageToken) =>
        clusters.listBackups(service.ListClusterBackupsRequest.fromPartial({ clusterId, pageSize: 2, pageToken }));
    const first = await page('');
    const second = await page(first.nextPageToken);
    assert.deepEqual([first.backups.length, second.backups.length, second.nextPageToken], [2, 1, '']);

    const update = service.UpdateClusterRequest.fromPartial({
        clusterId,
        updateMask: { paths: ['config_spec.backup_window_start'] },
        configSpec: { backupWindowStart: { hours: 3, minutes: 30 } },
    });
    const window = (await clusterOf(await clusters.update(update))).config.backupWindowStart;
    assert.deepEqual([window.hours, window.minutes], [3, 30]);
    await assert.rejects(clusters.update(update), {
        code: status.FAILED_PRECONDITION,
        details: 'no changes detected',
    });

    // Sixty-four broken rules still make headers that the client takes.
    const labels = Object.fromEntries(Array.from({ length: 64 }, (_, number) => [`Label${number}`, '']));
    const labelled = service.CreateClusterRequest.fromPartial({ folderId, name: 'labelled', labels });
    let trailer;
    const onTrailer = (metadata) => { trailer = metadata; };
    await assert.rejects(clusters.create(labelled, { onTrailer }), { code: status.INVALID_ARGUMENT });
    assert(blamed(trailer).includes('labels["Label0"]'));

    // A point in time comes after the second in which the backup ended.
    await sleep(2000);
    const time = new Date();
    const backupId = first.backups[0].id;
    const restored = await clusterOf(
        await clusters.restore(
            service.RestoreClusterRequest.fromPartial({
                backupId, folderId, name: 'restored', environment, time, ...both,
            }),
        ),
    );
    assert.notEqual(restored.id, clusterId);

    await changeHosts(clusters, finished, engine, clusterId);
    if (sdk === redis || sdk === spqr) {
        await changeShards(clusters, finished, engine, clusterId);
    }
    await changeUsers(client(sdk.userService.UserServiceClient), finished, sdk, clusterId);
    if (sdk !== redis) {
        const databases = client(sdk.databaseService.DatabaseServiceClient);
        await changeDatabases(databases, finished, sdk, clusterId, backupId, time);
    }

    for (const id of [clusterId, restored.id]) {
        await finished(await clusters.delete(service.DeleteClusterRequest.fromPartial({ clusterId: id })));
        const gone = clusters.get(service.GetClusterRequest.fromPartial({ clusterId: id }));
        await assert.rejects(gone, { code: status.NOT_FOUND });
    }
    return `cluster ${clusterId}, 3 backups, restored as ${restored.id}, refused with FAILED_PRECONDITION`;
}

// The preset that is used is listed on one of two pages.
async function checkChoices(client, { sdk, both }) {
    const service = sdk.resourcePresetService;
    const presets = client(service.ResourcePresetServiceClient);
    const { resourcePresetId } = (both.configSpec.spqrSpec?.infra ?? both.configSpec).resources;
    const preset = await presets.get(service.GetResourcePresetRequest.fromPartial({ resourcePresetId }));
    assert.deepEqual([preset.cores, preset.memory], sdk === sqlserver ? [4, 16 * GIB] : [2, 8 * GIB]);
    const page = (pageSize, pageToken) =>
        presets.list(service.ListResourcePresetsRequest.fromPartial({ pageSize, pageToken }));
    const first = await page(2, '');
    const second = await page(1000, first.nextPageToken);
    const listed = [...first.resourcePresets, ...second.resourcePresets].filter(({ id }) => id === resourcePresetId);
    assert.deepEqual(listed, [preset]);
    const unknown = service.GetResourcePresetRequest.fromPartial({ resourcePresetId: 's9-c1-m1' });
    await assert.rejects(presets.get(unknown), { code: status.NOT_FOUND });
}

// A list finds the cluster by its name, and SQL Server's by a sample of its documentation too.
async function checkFilter(clusters, { sdk }, { id, folderId }) {
    const filters = { 'name="journey"': [id], 'name="another"': [] };
    if (sdk === sqlserver) {
        filters["name NOT IN 'test,beta'"] = [id];
    }
    for (const [filter, wanted] of Object.entries(filters)) {
        const request = sdk.clusterService.ListClustersRequest.fromPartial({ folderId, filter });
        const found = (await clusters.list(request)).clusters;
        assert.deepEqual(found.map((cluster) => cluster.id), wanted);
    }
}

// What the SDK lacks of the details of refusals.
const { root: rpc } = protobuf.parse(`
    syntax = "proto3";
    message Any { string type_url = 1; bytes value = 2; }
    message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
    message BadRequest {
        message FieldViolation { string field = 1; string description = 2; }
        repeated FieldViolation field_violations = 1;
    }
`);

// The fields that a refusal blames: its details come behind it, as the SDK's errors have none.
function blamed(trailer) {
    const packed = trailer.get('grpc-status-details-bin');
    const [detail] = rpc.lookupType('Status').decode(packed).details;
    assert.equal(detail.typeUrl, 'type.googleapis.com/google.rpc.BadRequest');
    return rpc.lookupType('BadRequest').decode(detail.value).fieldViolations.map(({ field }) => field);
}

const connection = await begin();
for (const [name, engine] of Object.entries(ENGINES)) {
    console.log(`${name}: ${await journey(connection, engine)}`);
}
