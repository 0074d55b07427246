// Hosts, shards and failover by the official Node SDK.

import assert from 'node:assert/strict';

import { status } from '@grpc/grpc-js';
import * as spqr from '@yandex-cloud/nodejs-sdk/mdb-spqr-v1';

import { unpacked } from './unpacked.js';

// The host that comes; SQL Server's clusters keep as many as they have. And what is updated of the first one, by the names of the mask
// and of the message; Redis has public addresses with TLS alone.
const CHANGES = {
    'managed-redis': {
        added: { zoneId: 'ru-central1-b', replicaPriority: 10 },
        updated: ['replica_priority', { replicaPriority: 50 }],
    },
    'managed-mysql': {
        added: { zoneId: 'ru-central1-b', priority: 10 },
        updated: ['backup_priority', { backupPriority: 50 }],
    },
    'managed-sqlserver': { updated: ['assign_public_ip', { assignPublicIp: true }] },
    'managed-spqr': {
        added: { zoneId: 'ru-central1-b', type: spqr.host.Host_Type.INFRA },
        updated: ['assign_public_ip', { assignPublicIp: true }],
    },
};

// Updates a host, adds one, lets it lead where the engine can, and deletes the one that led.
export async function changeHosts(clusters, finished, { sdk, endpoint }, clusterId) {
    const service = sdk.clusterService;
    const hosts = async () =>
        (await clusters.listHosts(service.ListClusterHostsRequest.fromPartial({ clusterId }))).hosts;
    const names = async () => (await hosts()).map(({ name }) => name);
    const { added, updated: [path, fields] } = CHANGES[endpoint];
    const [first] = await names();

    const update = service.UpdateClusterHostsRequest.fromPartial({
        clusterId,
        updateHostSpecs: [{ hostName: first, updateMask: { paths: [path] }, ...fields }],
    });
    const { metadata } = await finished(await clusters.updateHosts(update));
    assert.deepEqual(unpacked(metadata, 'UpdateClusterHostsMetadata', service).hostNames, [first]);
    for (const [field, value] of Object.entries(fields)) {
        assert.equal((await hosts())[0][field], value);
    }
    await assert.rejects(clusters.updateHosts(update), {
        code: status.FAILED_PRECONDITION,
        details: 'no changes detected',
    });

    if (added) {
        const add = service.AddClusterHostsRequest.fromPartial({ clusterId, hostSpecs: [added] });
        const operation = await finished(await clusters.addHosts(add));
        const { hostNames } = unpacked(operation.metadata, 'AddClusterHostsMetadata', service);
        assert.deepEqual(await names(), [first, ...hostNames]);
    }
    if (sdk !== spqr) {
        const { Host_Role: Role } = sdk.cluster;
        const failover = service.StartClusterFailoverRequest.fromPartial({ clusterId });
        await finished(await clusters.startFailover(failover));
        const roles = (await hosts()).map(({ role }) => role);
        assert.deepEqual(roles.slice(0, 2), [Role.REPLICA, Role.MASTER]);
    }
    if (added) {
        const remove = service.DeleteClusterHostsRequest.fromPartial({ clusterId, hostNames: [first] });
        await finished(await clusters.deleteHosts(remove));
        assert.equal((await names()).includes(first), false);
        await assert.rejects(clusters.deleteHosts(remove), { code: status.NOT_FOUND });
    }
}

// Adds a shard and deletes it; first, Redis's cluster gets its hosts into one.
export async function changeShards(clusters, finished, { sdk }, clusterId) {
    const service = sdk.clusterService;
    const names = async () => {
        const { shards } = await clusters.listShards(service.ListClusterShardsRequest.fromPartial({ clusterId }));
        return shards.map(({ name }) => name);
    };
    let spec = { shardSpec: { shardName: 'late', mdbPostgresql: { clusterId: 'c9qpostgresql0000000' } } };
    if (sdk !== spqr) {
        await finished(await clusters.enableSharding(service.EnableShardingClusterRequest.fromPartial({ clusterId })));
        spec = { shardName: 'late', hostSpecs: [{ zoneId: 'ru-central1-a' }] };
    }
    const before = await names();

    const add = service.AddClusterShardRequest.fromPartial({ clusterId, ...spec });
    const { response } = await finished(await clusters.addShard(add));
    const shard = await clusters.getShard(service.GetClusterShardRequest.fromPartial({ clusterId, shardName: 'late' }));
    assert.deepEqual(unpacked(response, 'Shard', sdk.shard ?? sdk.cluster), shard);
    assert.deepEqual(await names(), [...before, 'late'].sort());
    await assert.rejects(clusters.addShard(add), { code: status.ALREADY_EXISTS });
    if (sdk !== spqr) {
        await finished(await clusters.rebalance(service.RebalanceClusterRequest.fromPartial({ clusterId })));
    }
    const remove = service.DeleteClusterShardRequest.fromPartial({ clusterId, shardName: 'late' });
    await finished(await clusters.deleteShard(remove));
    assert.deepEqual(await names(), before);
}
