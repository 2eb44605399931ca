import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import pg from 'pg';
import { askedIn, fill, type Size } from '../../bench/explain/dataset.ts';
import type { CalendarId } from '../../src/calendars/model/calendar.ts';
import { listForLookup } from '../../src/calendars/store/lookups.ts';
import { listMembers } from '../../src/calendars/store/members.ts';
import { listOccurrences } from '../../src/calendars/store/objects.ts';
import { listAccounts } from '../../src/directory/store/accounts.ts';
import { listAddressList } from '../../src/directory/store/address-list.ts';
import { listGuests } from '../../src/directory/store/guest-list.ts';
import { findByAddress } from '../../src/directory/store/guests.ts';
import type { Context } from '../../src/kernel/context.ts';
import { explain } from '../../src/kernel/decision.ts';
import type { TenantId } from '../../src/kernel/ids.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import { parseFilter } from '../../src/protocols/odata.ts';
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

test('whoever looks for somebody, or for when they are busy, reads what is found and not what else is there', async () => {
  const { app, fabrikam } = people;
  const calendarId = await fillBusy(app.adminUrl, fabrikam.id);
  const rows = async (ctx: Context) => {
    const { rows: found } = await sql<{ rows: number }>`
      select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::int as rows from pg_stat_xact_user_tables
       where schemaname || '.' || relname in ('directory.accounts', 'calendars.objects', 'calendars.occurrences')`.execute(
      sqlOf(ctx),
    );
    return found[0]!.rows;
  };
  const byName = [{ field: 'displayName', descending: false }];
  const accounts =
    (filter: string | undefined, orderBy = byName, after?: readonly string[]) =>
    (ctx: Context) =>
      listAccounts(ctx, {
        filter: filter ? parseFilter(filter) : undefined,
        orderBy,
        top: 6,
        count: false,
        after,
      }).then(({ rows: found }) => found.length);
  const day = { from: new Date('2026-05-04T00:00:00Z'), to: new Date('2026-05-05T00:00:00Z') };
  const looks: Record<string, (ctx: Context) => Promise<number>> = {
    'the beginning of a name': accounts("startswith(displayName,'person 77')"),
    'the beginning of a name or an address': accounts(
      "startswith(displayName,'PERSON 77') or startswith(mail,'person77')",
    ),
    'an address': accounts("mail eq 'Person777@fabrikam.example'", []),
    'a later page': accounts(undefined, byName, ['person 500', '00000000-0000-0000-0000-000000000000']),
    'somebody by a further address': (ctx) =>
      findByAddress(ctx, 'kim@wingtip.example').then((found) => (found ? 1 : 0)),
    'the address list': (ctx) => listAddressList(ctx, { limit: 5 }).then((found) => found.length),
    'guests by name': (ctx) =>
      listGuests(ctx, { search: 'kim', limit: 5 }, { invited: ctx.now, lastSeen: ctx.now, followedHomes: [] }).then(
        (found) => found.length,
      ),
    'a lookup': (ctx) =>
      listForLookup(ctx, { calendarIds: [calendarId], ...day, limit: 10 }).then((found) => found.length),
    'a view': (ctx) => listOccurrences(ctx, { calendarIds: [calendarId], ...day }).then((found) => found.length),
    'a report': (ctx) => listMembers(ctx, calendarId, { overlapping: day }).then((found) => found.length),
  };
  const wasteful: string[] = [];
  for (const [name, look] of Object.entries(looks)) {
    await app.run({ tenantId: fabrikam.id, actor: { kind: 'system', name: 'test' }, readOnly: true }, async (ctx) => {
      const before = await rows(ctx);
      const found = await look(ctx);
      const read = (await rows(ctx)) - before;
      if (found === 0 || read > 20) wasteful.push(`${name}: ${read} rows read, ${found} found`);
    });
  }
  assert.deepEqual(wasteful, []);
});

/** A guest, and a calendar with an event on each of a thousand days. */
async function fillBusy(adminUrl: string, tenantId: TenantId): Promise<CalendarId> {
  const database = new pg.Client({ connectionString: adminUrl });
  await database.connect();
  const make = (text: string) => database.query<{ id: CalendarId }>(text, [tenantId]);
  try {
    const { rows } = await make(`select id from calendars.calendars where tenant_id = $1 and is_default limit 1`);
    await make(`
      update directory.accounts set user_type = 'Guest', creation_type = 'Invitation', external_user_state = 'Accepted',
             external_user_state_changed_at = now(), display_name = 'Kim', other_mails = '{kim@wingtip.example}'
       where tenant_id = $1 and display_name = 'Person 3'`);
    await make(`
      with made as (
        insert into calendars.objects (tenant_id, id, calendar_id, name, uid, component, content, etag, is_recurring,
                                       starts_at, ends_at, created_at, changed_at, version)
        select $1, gen_random_uuid(), '${rows[0]!.id}', n || '.ics', 'busy' || n, 'VEVENT', '', 'e', false, day,
               day + interval '1 hour', now(), now(), n
          from generate_series(0, 999) n, lateral (select timestamptz '2024-05-04 09:00Z' + n * interval '1 day') d(day)
        returning *)
      insert into calendars.occurrences (tenant_id, calendar_id, object_id, recurrence_id, period, is_all_day, show_as,
                                         is_cancelled, is_private)
      select tenant_id, calendar_id, id, '', tstzrange(starts_at, ends_at), false, 'busy', false, false from made`);
    await database.query('analyze directory.accounts, calendars.objects, calendars.occurrences');
    return rows[0]!.id;
  } finally {
    await database.end();
  }
}
