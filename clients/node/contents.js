// Users and databases by the official Node SDK.

import assert from 'node:assert/strict';

import { status } from '@grpc/grpc-js';
import * as mysql from '@yandex-cloud/nodejs-sdk/mdb-mysql-v1';
import * as redis from '@yandex-cloud/nodejs-sdk/mdb-redis-v1';
import * as spqr from '@yandex-cloud/nodejs-sdk/mdb-spqr-v1';
import * as sqlserver from '@yandex-cloud/nodejs-sdk/mdb-sqlserver-v1';

import { unpacked } from './unpacked.js';

const PASSWORD = 'a-long-password';
const { Permission_Privilege: Privilege, GlobalPermission } = mysql.user;
const { Permission_Role: Role, ServerRole } = sqlserver.user;

// What a new user is asked to be; what Update makes of it, with the mask for that; and the role that is granted and revoked, where the
// engine can.
const USERS = new Map([
    [redis, {
        spec: { passwords: [PASSWORD], permissions: { patterns: '~late:*', commands: '+get' } },
        update: ['permissions.patterns', { permissions: { patterns: '~later:*' } }],
    }],
    [mysql, {
        spec: { password: PASSWORD, permissions: [{ databaseName: 'orders', roles: [Privilege.SELECT] }] },
        update: ['global_permissions', { globalPermissions: [GlobalPermission.PROCESS] }],
        role: Privilege.INSERT,
    }],
    [sqlserver, {
        spec: { password: PASSWORD, permissions: [{ databaseName: 'orders', roles: [Role.DB_DATAREADER] }] },
        update: ['server_roles', { serverRoles: [ServerRole.MDB_MONITOR] }],
        role: Role.DB_DATAWRITER,
    }],
    [spqr, {
        spec: { password: PASSWORD, permissions: [{ databaseName: 'orders' }] },
        update: ['settings.connection_limit', { settings: { connectionLimit: 20 } }],
    }],
]);

// Makes a user, changes it, and deletes it.
export async function changeUsers(users, finished, sdk, clusterId) {
    const service = sdk.userService;
    const { spec, update: [path, fields], role } = USERS.get(sdk);
    const userName = 'late';
    const userOf = async (operation) => unpacked((await finished(operation)).response, 'User', sdk.user);
    const create = service.CreateUserRequest.fromPartial({ clusterId, userSpec: { name: userName, ...spec } });
    const user = await userOf(await users.create(create));
    const get = service.GetUserRequest.fromPartial({ clusterId, userName });
    assert.deepEqual(await users.get(get), user);
    await assert.rejects(users.create(create), { code: status.ALREADY_EXISTS });

    const update = service.UpdateUserRequest.fromPartial({
        clusterId, userName, updateMask: { paths: [path] }, ...fields,
    });
    const changed = await userOf(await users.update(update));
    for (const [field, value] of Object.entries(fields)) {
        const expected = Array.isArray(value) ? value : { ...user[field], ...value };
        assert.deepEqual(changed[field], expected);
    }
    await assert.rejects(users.update(update), { code: status.FAILED_PRECONDITION, details: 'no changes detected' });

    if (role !== undefined) {
        const permission = { databaseName: 'orders', roles: [role] };
        const grant = service.GrantUserPermissionRequest.fromPartial({ clusterId, userName, permission });
        const granted = (await userOf(await users.grantPermission(grant))).permissions;
        assert.deepEqual(granted[0].roles, [...spec.permissions[0].roles, role]);
        const revoke = service.RevokeUserPermissionRequest.fromPartial({ clusterId, userName, permission });
        assert.deepEqual((await userOf(await users.revokePermission(revoke))).permissions, user.permissions);
    }

    await finished(await users.delete(service.DeleteUserRequest.fromPartial({ clusterId, userName })));
    await assert.rejects(users.get(get), { code: status.NOT_FOUND });
}

// Makes a database beside `orders` and deletes it; of SQL Server's `orders`, brings back what the backup has.
export async function changeDatabases(databases, finished, sdk, clusterId, backupId, time) {
    const service = sdk.databaseService;
    const databaseName = 'late';
    const databaseOf = async (operation) =>
        unpacked((await finished(operation)).response, 'Database', sdk.database);
    const create = service.CreateDatabaseRequest.fromPartial({ clusterId, databaseSpec: { name: databaseName } });
    const database = await databaseOf(await databases.create(create));
    const get = service.GetDatabaseRequest.fromPartial({ clusterId, databaseName });
    assert.deepEqual(await databases.get(get), database);
    if (sdk === mysql) {
        const { DeletionProtectionMode: Mode } = mysql.deletionProtection;
        for (const mode of [Mode.DELETION_PROTECTION_MODE_ENABLED, Mode.DELETION_PROTECTION_MODE_DISABLED]) {
            const update = service.UpdateDatabaseRequest.fromPartial({
                clusterId,
                databaseName,
                updateMask: { paths: ['deletion_protection_mode'] },
                deletionProtectionMode: mode,
            });
            assert.equal((await databaseOf(await databases.update(update))).deletionProtectionMode, mode);
        }
    }
    if (sdk === sqlserver) {
        const restore = service.RestoreDatabaseRequest.fromPartial({
            clusterId, databaseName: 'back', fromDatabase: 'orders', backupId, time,
        });
        assert.equal((await databaseOf(await databases.restore(restore))).name, 'back');
    }
    await finished(await databases.delete(service.DeleteDatabaseRequest.fromPartial({ clusterId, databaseName })));
    await assert.rejects(databases.get(get), { code: status.NOT_FOUND });
}
