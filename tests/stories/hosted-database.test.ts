import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import pg from 'pg';
import { DEMO, loadOrganisation } from '../../src/app/demo.ts';
import { HOST, type TenantId } from '../../src/kernel/ids.ts';
import { readBackup, writeBackup } from '../../src/platform/database/backup.ts';
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
  const back = (tenantId: TenantId) =>
    backUp({ adminUrl: database.url, tenant: { id: tenantId, domain: 'any.example' }, now: app.clock.now });
  const counts = async () => ({ [id]: (await back(id)).rows, [kept.id]: (await back(kept.id)).rows });
  const before = await counts();
  assert.ok((before[id] ?? 0) > 10);

  const { archive } = await back(id);
  await app.run({ tenantId: id, actor: OPERATOR }, deleteTenant);
  await app.run({ tenantId: HOST, actor: OPERATOR }, (ctx) => purgeTenant(ctx, id));
  assert.deepEqual(await counts(), { ...before, [id]: 0 });

  await readBackup({ adminUrl: database.url, content: Readable.from([archive]) });
  assert.deepEqual(await counts(), before);
});

test('on such a database a whole server is restored over what an empty one has written of itself', async (t) => {
  const [from, to] = [await hostedDatabase(), await hostedDatabase()];
  t.after(async () => {
    await from.drop();
    await to.drop();
  });
  const app = await startTestApp({ databaseUrl: from.url });
  t.after(() => app.close());
  const [fabrikam] = DEMO;
  assert.ok(fabrikam);
  await loadOrganisation(app.run, fabrikam);
  const { archive, rows } = await backUp({ adminUrl: from.url, now: app.clock.now });
  const empty = await startTestApp({ databaseUrl: to.url });
  await empty.run({ tenantId: HOST, actor: OPERATOR }, async (ctx) =>
    ctx.record({ action: 'tenants.noted', category: 'TenantManagement' }),
  );
  await empty.close();
  assert.equal((await readBackup({ adminUrl: to.url, content: Readable.from([archive]) })).rows, rows);
  assert.equal((await backUp({ adminUrl: to.url, now: app.clock.now })).rows, rows);
});

async function backUp(options: Parameters<typeof writeBackup>[0]): Promise<{ archive: Buffer; rows: number }> {
  const { content, done } = writeBackup(options);
  const parts: Buffer[] = [];
  for await (const part of content) parts.push(part as Buffer);
  return { archive: Buffer.concat(parts), rows: (await done).rows };
}
