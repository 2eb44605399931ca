import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import { type Database, isUntouched, openDatabase, send, sqlOf, together } from './index.ts';
import { applicationUrl } from './migrate.ts';

let where: TestDatabase;
let database: Database;
before(async () => {
  where = await createTestDatabase();
  database = await openDatabase({ url: applicationUrl(where.adminUrl), connections: 2 });
});
after(async () => {
  await database.close();
  await where.drop();
});

const tenantId = newId<'tenant'>() as TenantId;
const PUT = 'insert into access.grounds (tenant_id, version) values ($1, $2)';
const versions = () =>
  database.transaction({ tenantId, readOnly: true }, (tx) =>
    send<{ version: number }>({ tx }, 'select version from access.grounds', []),
  );

test('a transaction that asks nothing takes no connection', async () => {
  const busy = () => database.pool.total - database.pool.idle;
  await database.transaction({ tenantId }, async (tx) => {
    assert.deepEqual([isUntouched({ tx }), busy()], [true, 0]);
    await sql`select 1`.execute(sqlOf({ tx }));
    assert.deepEqual([isUntouched({ tx }), busy()], [false, 1]);
  });
  assert.equal(busy(), 0);
});

test('what stands at the end is kept with the rest, or nothing is', async () => {
  const write = (last: number) =>
    database.transaction({ tenantId, last: (tx) => send({ tx }, PUT, [newId(), last]) }, async (tx) => {
      await send({ tx }, PUT, [tenantId, 1]);
    });
  await assert.rejects(write(2), /row-level security/, 'the row of another tenant');
  assert.deepEqual(await versions(), []);
  // The very first statement may be the last one.
  await database.transaction({ tenantId, last: (tx) => send({ tx }, PUT, [tenantId, 3]) }, async () => {});
  assert.deepEqual(await versions(), [{ version: 3 }]);
});

test('a transaction in which a statement failed is not said to be committed, whoever swallows the failure', async () => {
  const before = await versions();
  const swallowing = database.transaction({ tenantId }, async (tx) => {
    await send({ tx }, 'update access.grounds set version = 9', []);
    await send({ tx }, PUT, [tenantId, 10]).catch(() => {});
  });
  await assert.rejects(swallowing, /could not be committed/);
  assert.deepEqual(await versions(), before);
});

test('what is asked together is answered to each, by few statements, also while every connection is taken', async () => {
  let statements = 0;
  const double = together(async (tx, asked: readonly number[]) => {
    statements += 1;
    if (asked.includes(13)) throw new Error('unlucky');
    const { rows } = await sql<{ n: number }>`select n * 2 as n from unnest(${asked}::int[]) n`.execute(sqlOf({ tx }));
    return rows.map(({ n }) => n);
  });
  const ask = (n: number, holds: boolean) =>
    database.transaction({ tenantId }, async (tx) => {
      if (holds) await sql`select 1`.execute(sqlOf({ tx }));
      return double({ tx }, n);
    });
  const numbers = Array.from({ length: 100 }, (_, n) => n + 100);
  const answers = await Promise.all(numbers.map((n) => ask(n, n < 102)));
  assert.deepEqual(
    answers,
    numbers.map((n) => n * 2),
  );
  assert.ok(statements <= 10, `${statements} statements`);
  await assert.rejects(ask(13, false), /unlucky/);
  assert.equal(await ask(4, false), 8);
});
