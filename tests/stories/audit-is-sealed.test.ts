import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { sealEvents, verifyLog } from '../../src/audit/index.ts';
import { listSealed } from '../../src/audit/store/events.ts';
import { findLogKey, listCheckpoints } from '../../src/audit/store/logs.ts';
import { HOST } from '../../src/kernel/ids.ts';
import { createVault } from '../../src/platform/vault.ts';
import { startTestApp, type TestApp } from '../support/app.ts';

const vault = createVault('a master secret of this test');
const work = { tenantId: HOST, actor: { kind: 'system', name: 'test' } } as const;
let app: TestApp;
let owner: pg.Client;

before(async () => {
  app = await startTestApp();
  owner = new pg.Client({ connectionString: app.adminUrl });
  await owner.connect();
});
after(async () => {
  await owner.end();
  await app.close();
});

async function writeEvents(count: number): Promise<void> {
  await app.run(work, async (ctx) => {
    for (let i = 0; i < count; i += 1) ctx.record({ action: 'test.thing-happened', category: 'Test', facts: { i } });
  });
}

const verify = () =>
  app.run({ ...work, readOnly: true }, async (ctx) =>
    verifyLog({
      tenantId: HOST,
      publicKey: (await findLogKey(ctx)) ?? '',
      events: await listSealed(ctx, 0, 1000),
      checkpoints: await listCheckpoints(ctx, 0, 1000),
    }),
  );

test('IS-15: events are sealed once, in order, and the log verifies', async () => {
  await writeEvents(5);
  assert.equal(await app.run(work, (ctx) => sealEvents(ctx, vault)), 5);
  await writeEvents(3);
  assert.equal(await app.run(work, (ctx) => sealEvents(ctx, vault)), 3);
  assert.equal(await app.run(work, (ctx) => sealEvents(ctx, vault)), 0);
  assert.deepEqual(await verify(), { isIntact: true, events: 8, checkpoints: 2 });
});

test('IS-15: an event changed in the database is found, with its place', async () => {
  await owner.query(
    `alter table audit.events no force row level security;
     update audit.events set facts = '{"i": 99}' where sequence = 3;
     alter table audit.events force row level security`,
  );
  const verdict = await verify();
  assert.equal(verdict.isIntact, false);
  assert.equal(verdict.fault?.position, 3);
});

test('the application cannot change or remove an event', async () => {
  const application = new pg.Client({ connectionString: app.adminUrl, options: '-c role=entente_app' });
  await application.connect();
  await application.query(`select set_config('entente.tenant_id', '${HOST}', false)`);
  await assert.rejects(application.query(`update audit.events set action = 'x'`), /permission denied/);
  await assert.rejects(application.query('delete from audit.events'), /permission denied/);
  await application.end();
});
