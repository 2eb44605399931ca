import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import pg from 'pg';
import { askedIn, fill, type Size } from '../../bench/explain/dataset.ts';
import { explain } from '../../src/kernel/decision.ts';
import type { TenantId } from '../../src/kernel/ids.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import { TENANT_CHANGED } from '../../src/tenants/index.ts';
import { type People, startPeople } from '../support/people.ts';

// Each person is in as many groups and is shown as many calendars in one as in the other.
const SMALL: Size = { accounts: 100, groups: 10, grants: 800, agreements: 16 };
const LARGE: Size = { accounts: 1_000, groups: 100, grants: 8_000, agreements: 96 };

/** The most statements that each question needs for somebody. */
const STATEMENTS = {
  // The calendar; the groups of who asks, their licences, and what they hold of it.
  'calendars.calendar.use': 4,
  // Whose address it is; their calendar, groups and other addresses; what everybody is shown.
  'calendars.free-busy.read': 5,
  // The groups of who asks, where the agreement names some.
  'calendars.free-busy.look-out': 1,
  'directory.guests.invite': 0,
  'partners.people.come-in': 0,
  'access.ledger.manage': 0,
};

let people: People;
const counted = new AsyncLocalStorage<{ statements: number }>();
const { query } = pg.Client.prototype;
before(async () => {
  people = await startPeople();
  pg.Client.prototype.query = function (this: pg.Client, ...asked: unknown[]) {
    const count = counted.getStore();
    // What begins a transaction travels as bare text.
    if (count && typeof asked[0] !== 'string') count.statements += 1;
    return query.apply(this, asked as never);
  } as typeof query;
});
after(async () => {
  pg.Client.prototype.query = query;
  await people.app.close();
});

/** What is read at most to explain each question: statements, and rows of tables that are read from end to end. */
async function read(tenantId: TenantId, size: Size) {
  const { app } = people;
  const system = { tenantId, actor: { kind: 'system', name: 'test' } } as const;
  await fill(app.adminUrl, tenantId, size);
  await app.run(system, (ctx) => ctx.announce(TENANT_CHANGED, {}));
  const questions = app.modules.flatMap((module) => module.questions ?? []);
  const statements: Record<string, number> = {};
  const levels: Record<string, Set<string>> = {};
  let scanned = 0;
  for (const [name, ask] of Object.entries(askedIn(size))) {
    const question = questions.find((one) => one.name === name)!;
    for (let n = 0; n < 32; n += 1) {
      await app.run({ ...system, readOnly: true }, async (ctx) => {
        const { actor, input: said } = await ask(ctx, n);
        // Ids made by the database are of no version: what else a question leaves to its input is filled in.
        const input = question.input?.safeParse(said).data ?? said;
        const count = { statements: 0 };
        const before = await scans();
        const facts = await counted.run(count, () => question.facts({ ...ctx, actor }, input));
        scanned += (await scans()) - before;
        statements[name] = Math.max(statements[name] ?? 0, count.statements);
        levels[name] = (levels[name] ?? new Set()).add(explain(question, facts).level);

        async function scans() {
          const { rows } = await sql<{ rows: number }>`
            select coalesce(sum(seq_tup_read), 0)::bigint as rows from pg_stat_xact_user_tables
             where schemaname || '.' || relname in ('directory.accounts', 'directory.addresses', 'access.grants',
                     'calendars.calendars', 'calendars.mailboxes', 'tenants.licence_assignments')`.execute(sqlOf(ctx));
          return rows[0]!.rows;
        }
      });
    }
  }
  return { statements, scanned, levels };
}

test('beyond 3.2: an explanation reads no more where there are more accounts, grants and agreements', async () => {
  const small = await read(people.contoso.id, SMALL);
  assert.deepEqual(small.statements, STATEMENTS);
  const large = await read(people.fabrikam.id, LARGE);
  assert.deepEqual(large.statements, STATEMENTS);
  assert.equal(large.scanned, 0, 'whatever is looked up is found by an index, under row-level security too');
  for (const { levels } of [small, large]) {
    for (const [name, found] of Object.entries(levels))
      assert.ok(found.size > 1, `${name} was explained as ${[...found]} alone`);
  }
});
