import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import pg from 'pg';
import type { Actor, Context } from '../../src/kernel/context.ts';
import { HOST, type TenantId } from '../../src/kernel/ids.ts';
import { openBlobStore, tenantBlobs } from '../../src/platform/blobs/index.ts';
import {
  createTenant,
  deleteTenant,
  findTenantByAddress,
  purgeTenant,
  renameTenant,
  restoreTenant,
  resumeTenant,
  suspendTenant,
} from '../../src/tenants/index.ts';
import { erasePurgedBlobs } from '../../src/tenants/jobs.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

const OPERATOR: Actor = { kind: 'operator', displayName: 'Olga', accountId: null };
const DAYS = 86_400;

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.close());

const asHost = <T>(act: (ctx: Context) => Promise<T>, actor: Actor = OPERATOR) =>
  app.run({ tenantId: HOST, actor }, act);
const inTenant = <T>(tenantId: TenantId, act: (ctx: Context) => Promise<T>, actor: Actor = OPERATOR) =>
  app.run({ tenantId, actor }, act);
const found = (address: string) => app.database.outside((tx) => findTenantByAddress({ tx }, address));
const create = (name: string) =>
  asHost((ctx) => createTenant(ctx, { displayName: name, initialDomain: `${name.toLowerCase()}.example` }));
const code = (wanted: string) => (error: { code?: string }) => error.code === wanted;

/** What a new request sees, once the announcement of the change has arrived. */
async function stateSeen(tenantId: TenantId, wanted: string): Promise<void> {
  await eventually(async () => (await inTenant(tenantId, async (ctx) => ctx.tenant.state)) === wanted);
}

test('a new organisation is found by its id and by its domain, however that is written', async () => {
  const fabrikam = await create('Fabrikam');
  assert.deepEqual(fabrikam.domains, ['fabrikam.example']);
  for (const address of [fabrikam.id, fabrikam.id.toUpperCase(), 'fabrikam.example', 'FABRIKAM.Example.']) {
    assert.deepEqual(await found(address), fabrikam, address);
  }
  for (const address of ['contoso.example', 'www.fabrikam.example', 'fabrikam', '', HOST]) {
    assert.equal(await found(address), undefined, address);
  }
});

test('one domain starts one organisation, also when two are created at once', async () => {
  const outcomes = await Promise.allSettled([create('Tailspin'), create('Tailspin')]);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.equal(refused.length, 1);
  assert.equal(refused[0]?.reason.code, 'tenants.initial-domain-taken');
});

test('a name that is no domain starts nothing', async () => {
  const attempt = asHost((ctx) => createTenant(ctx, { displayName: 'X', initialDomain: 'localhost' }));
  await assert.rejects(attempt, code('tenants.not-a-domain'));
  const nameless = asHost((ctx) => createTenant(ctx, { displayName: ' ', initialDomain: 'nameless.example' }));
  await assert.rejects(nameless, code('request.invalid'));
  assert.equal(await found('nameless.example'), undefined);
});

test('only the operator creates, suspends and deletes organisations', async () => {
  const { id } = await create('Northwind');
  const anyone: Actor = { kind: 'anonymous' };
  const input = { displayName: 'Wingtip', initialDomain: 'wingtip.example' };
  await assert.rejects(
    asHost((ctx) => createTenant(ctx, input), anyone),
    code('access.refused'),
  );
  for (const act of [suspendTenant, deleteTenant, restoreTenant]) {
    await assert.rejects(inTenant(id, act, anyone), code('access.refused'), act.name);
  }
  await stateSeen(id, 'active');
});

test('a suspended organisation resumes, a deleted one is restored to what it was', async () => {
  const { id } = await create('Contoso');
  await inTenant(id, suspendTenant);
  await stateSeen(id, 'suspended');
  await assert.rejects(inTenant(id, suspendTenant), code('tenants.wrong-state'));
  await inTenant(id, deleteTenant);
  await stateSeen(id, 'deleted');
  await assert.rejects(inTenant(id, resumeTenant), code('tenants.wrong-state'));
  await inTenant(id, restoreTenant);
  await stateSeen(id, 'suspended');
  await inTenant(id, resumeTenant);
  await stateSeen(id, 'active');
  await assert.rejects(inTenant(id, restoreTenant), code('tenants.wrong-state'));
});

test('a renamed organisation keeps its domain', async () => {
  const { id } = await create('Adatum');
  await inTenant(id, (ctx) => renameTenant(ctx, 'Adatum Group'));
  const tenant = await found('adatum.example');
  assert.equal(tenant?.displayName, 'Adatum Group');
});

test('after 30 days nothing of a deleted organisation can be restored, and a purge leaves no row', async () => {
  const { id } = await create('Litware');
  await assert.rejects(
    asHost((ctx) => purgeTenant(ctx, id)),
    code('tenants.wrong-state'),
  );
  await inTenant(id, deleteTenant);
  app.clock.advance(30 * DAYS);
  await assert.rejects(inTenant(id, restoreTenant), code('tenants.restore-too-late'));

  const neighbour = (await found('contoso.example'))?.id as TenantId;
  const before = await rowsOf(neighbour);
  assert.ok((await rowsOf(id)) > 0);
  await asHost((ctx) => purgeTenant(ctx, id));
  assert.equal(await rowsOf(id), 0);
  assert.equal(await rowsOf(neighbour), before);
  assert.equal(await found('litware.example'), undefined);
  assert.equal((await create('Litware')).displayName, 'Litware');
});

test("a purge takes the blobs of the organisation and nobody else's, and goes on where it was cut off", async () => {
  const blobs = await openBlobStore(join(app.data, 'blobs'));
  const [wingtip, neighbour] = [(await create('Wingtip')).id, (await create('Woodgrove')).id];
  for (const [id, count] of [
    [wingtip, 30],
    [neighbour, 1],
  ] as const) {
    for (let n = 0; n < count; n += 1) await blobs.put(`${tenantBlobs(id)}notes/${n}`, Readable.from(['x']));
  }
  const left = async (id: TenantId) => (await Array.fromAsync(blobs.list(tenantBlobs(id)))).length;
  const erase = (store: Pick<typeof blobs, 'list' | 'delete'>) =>
    inTenant(HOST, (ctx) => erasePurgedBlobs({ run: app.run, blobs: store as never }).run(ctx, { purged: wingtip }));

  await erase(blobs);
  assert.equal(await left(wingtip), 30, 'an organisation that is there keeps its blobs');
  await inTenant(wingtip, deleteTenant);
  await asHost((ctx) => purgeTenant(ctx, wingtip));
  await eventually(async () => (await left(wingtip)) === 0, 'the blobs are still there');

  // Half of them are gone when the store goes away.
  for (let n = 0; n < 10; n += 1) await blobs.put(`${tenantBlobs(wingtip)}notes/${n}`, Readable.from(['x']));
  let calls = 0;
  const failing = {
    list: (prefix: string) => blobs.list(prefix),
    async delete(key: string) {
      calls += 1;
      if (calls > 5) throw new Error('the store is away');
      await blobs.delete(key);
    },
  };
  await assert.rejects(erase(failing), /the store is away/);
  assert.equal(await left(wingtip), 5);
  await erase(blobs);
  assert.equal(await left(wingtip), 0);
  assert.equal(await left(neighbour), 1);
});

/** How many rows of a tenant there are in all tables of the database, whichever module owns them. */
async function rowsOf(tenantId: TenantId): Promise<number> {
  const client = new pg.Client({ connectionString: app.adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(`
      select format('%I.%I', n.nspname, c.relname) as name
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       where a.attname = 'tenant_id' and c.relkind = 'r' and n.nspname <> 'graphile_worker'`);
    assert.ok(rows.length >= 6);
    let total = 0;
    for (const { name } of rows) {
      const counted = await client.query(`select count(*)::int as n from ${name} where tenant_id = $1`, [tenantId]);
      total += counted.rows[0].n;
    }
    return total;
  } finally {
    await client.end();
  }
}
