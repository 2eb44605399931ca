import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import pg from 'pg';
import { DEMO, loadOrganisation } from '../../src/app/demo.ts';
import { HOST, type TenantId } from '../../src/kernel/ids.ts';
import { openFolderStore } from '../../src/platform/blobs/index.ts';
import { writeBackup } from '../../src/platform/database/backup.ts';
import { readBackup } from '../../src/platform/database/backup-restore.ts';
import { deleteTenant, purgeTenant } from '../../src/tenants/index.ts';
import { startTestApp } from '../support/app.ts';
import { createEmptyDatabase } from '../support/database.ts';

const OPERATOR = { kind: 'operator', displayName: 'Olga', accountId: null } as const;

/** A database as hosts give it: its owner may create roles and is no superuser, so row-level security binds it too. */
async function hostedDatabase() {
  const database = await createEmptyDatabase();
  const role = `hosted_${randomBytes(6).toString('hex')}`;
  const name = new URL(database.adminUrl).pathname.slice(1);
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  await client.query(`create role ${role} login createrole password 'owner'`);
  // The role is there already when another database of this server was migrated: hosts grant it then.
  await client.query(`do $$ begin create role entente_app nologin; exception when duplicate_object then null; end $$`);
  await client.query(`grant entente_app to ${role} with admin option`);
  await client.query(`alter database ${name} owner to ${role}`);
  await client.end();
  const url = new URL(database.adminUrl);
  url.username = role;
  url.password = 'owner';
  return { url: url.href, drop: database.drop };
}

test('on a database whose owner is no superuser a tenant is dumped, purged and restored whole', async (t) => {
  const database = await hostedDatabase();
  t.after(() => database.drop());
  const app = await startTestApp({ databaseUrl: database.url });
  t.after(() => app.close());
  const [fabrikam, , tailspin] = DEMO;
  assert.ok(fabrikam && tailspin);
  const kept = await loadOrganisation(app.run, fabrikam);
  const { id } = await loadOrganisation(app.run, tailspin);
  const blobs = await openFolderStore(join(app.data, 'blobs'));
  const backup = async (tenantId: TenantId) => {
    const tenant = { id: tenantId, domain: tenantId };
    const { content, done } = writeBackup({ adminUrl: database.url, blobs, tenant, now: app.clock.now });
    const archive = await whole(content);
    return { archive, rows: (await done).rows };
  };
  const counts = async () => {
    const rows: Record<string, number> = {};
    for (const tenantId of [id, kept.id]) {
      rows[tenantId] = (await backup(tenantId)).rows;
    }
    return rows;
  };
  const { archive, rows } = await backup(id);
  assert.ok(rows > 10);
  const before = await counts();
  await app.run({ tenantId: id, actor: OPERATOR }, deleteTenant);
  await app.run({ tenantId: HOST, actor: OPERATOR }, (ctx) => purgeTenant(ctx, id));
  const without = await counts();
  assert.equal(without[id], 0);
  // What the server does by the clock may have added to the other one.
  assert.ok((without[kept.id] ?? 0) >= (before[kept.id] ?? 0));

  await readBackup({ adminUrl: database.url, blobs, content: Readable.from([archive]) });
  const after = await counts();
  assert.ok((after[id] ?? 0) >= rows);
  assert.ok((after[kept.id] ?? 0) >= (before[kept.id] ?? 0));
});

async function whole(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
