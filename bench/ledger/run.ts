/**
 * The ledger of an organisation with many rights: who outside can open one thing and by which paths, what a change would
 * do to everybody, and how soon a search for that stops when it is cancelled. Over HTTP, against a server of its own.
 *
 *   npm run bench -- ledger [--grants N] [--tried N]      rights in all (1,000,000), and rights for what-if (100,000)
 */

import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { operate, settle, TENANT } from '../../tests/support/ledger-load.ts';
import { ServerProcess } from '../../tests/support/server-process.ts';
import { median, printFigures, printHeader } from '../report.ts';

const { values } = parseArgs({
  options: { grants: { type: 'string', default: '1000000' }, tried: { type: 'string', default: '100000' } },
});
const [grants, tried] = [Number(values.grants), Number(values.tried)];
printHeader('ledger', `${grants} grants, ${tried} of them for what-if`);

const CHANGE = {
  changes: [
    {
      input: {
        method: 'PATCH',
        path: '/admin/settings/directory.access',
        body: { values: { membersMayReadOthers: false } },
      },
    },
  ],
};

const server = await ServerProcess.create();
try {
  await server.start();
  const { groups } = await settle(server);
  await fill(tried, groups);
  const what = { tried: await tryOut(), cancelled: await cancel() };
  await fill(grants - tried, groups);
  const reach = await askReach(groups);
  const targets = {
    'who outside can open a thing: at most 1 s': reach.slowestMs <= 1_000,
    'what-if: at most 10 s': what.tried.seconds <= 10,
    'what-if shows how far it is': what.tried.seenProgress,
    'cancelled, it stops within 1 s': what.cancelled.seconds <= 1,
  };
  console.table({ reach, tried: what.tried, cancelled: what.cancelled });
  for (const [target, met] of Object.entries(targets)) console.log(`${met ? 'met    ' : 'NOT met'} ${target}`);
  printFigures('ledger', { reach, ...what, targets });
  process.exitCode = Object.values(targets).every(Boolean) ? 0 : 1;
} finally {
  await server.end();
}

/** Guests in groups, groups in calendars, calendars shared with addresses outside: a partner for each thousand. */
async function fill(count: number, groups: readonly string[]): Promise<void> {
  const client = await server.database();
  try {
    const { rows } = await client.query<{ tenant: string; owner: string }>(
      `select tenant_id as tenant, id as owner from directory.accounts order by id limit 1`,
    );
    const { tenant, owner } = rows[0]!;
    await client.query('begin');
    await client.query(
      `insert into calendars.mailboxes (tenant_id, owner_kind, owner_id, time_zone, working_hours, created_at)
       select $1, 'account', $2, 'UTC', '{"daysOfWeek": ["monday"], "startTime": "08:00", "endTime": "17:00"}', now()
           on conflict do nothing`,
      [tenant, owner],
    );
    const calendars = Math.max(10, Math.floor(count / 100));
    await client.query(
      `create temporary table made on commit drop as select gen_random_uuid() as id, n from generate_series(1, $1) n`,
      [calendars],
    );
    await client.query(
      `insert into calendars.calendars (tenant_id, id, owner_kind, owner_id, name, slug, components, created_at, version)
       select $1, id, 'account', $2, 'Calendar ' || n, id::text, '{VEVENT}', now(), 0 from made`,
      [tenant, owner],
    );
    const columns = `insert into access.grants
      (tenant_id, id, kind, subject_kind, subject_id, object_kind, object_id, level, home_domain, given_by, given_at)`;
    // A hundred rights on each: most to single people outside, one to a group that has guests in it.
    await client.query(
      `${columns} select $1, gen_random_uuid(), 'calendars.calendar', 'contact', 'p' || s || '-' || m.n || '@org' || (m.n % 1000) || '.example',
              'calendar', m.id::text, 'read', 'org' || (m.n % 1000) || '.example', 'load', now() - interval '100 days'
         from made m cross join generate_series(1, $2::int) s`,
      [tenant, Math.max(1, Math.floor(count / calendars) - 1)],
    );
    await client.query(
      `${columns} select $1, gen_random_uuid(), 'calendars.calendar', 'group', ($2::text[])[1 + m.n % cardinality($2::text[])],
              'calendar', m.id::text, 'read', null, 'load', now() - interval '100 days' from made m`,
      [tenant, groups],
    );
    await client.query(
      `${columns} select $1, gen_random_uuid(), 'directory.group-member', 'guest', gen_random_uuid()::text, 'group', g, 'member',
              'org' || n || '.example', 'load', now() from unnest($2::text[]) g cross join generate_series(1, 100) n`,
      [tenant, groups],
    );
    await client.query('commit');
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

async function askReach(groups: readonly string[]) {
  const client = await server.database();
  const { rows } = await client.query<{ id: string }>(
    `select object_id as id from access.grants tablesample system (0.1) where kind = 'calendars.calendar' limit 30`,
  );
  await client.end();
  const took: number[] = [];
  let paths = 0;
  const things = [...rows.map(({ id }) => ['calendar', id]), ...groups.map((id) => ['group', id])];
  for (const [kind, id] of things) {
    const begun = performance.now();
    paths += (await ask('GET', `/admin/reach/${kind}/${id}`)).paths.length;
    took.push(performance.now() - begun);
  }
  return {
    asked: things.length,
    paths,
    medianMs: Math.round(median(took)),
    slowestMs: Math.round(Math.max(...took)),
  };
}

async function tryOut() {
  const begun = performance.now();
  const { id } = await ask('POST', '/admin/what-if', CHANGE);
  let seenProgress = false;
  for (;;) {
    const { state, lookedAt, summary, failure } = await ask('GET', `/admin/what-if/${id}`);
    if (state === 'running' && lookedAt > 0) seenProgress = true;
    if (state === 'done' || state === 'failed') {
      const seconds = Number(((performance.now() - begun) / 1000).toFixed(2));
      return {
        state,
        seconds,
        rights: summary?.rights,
        lost: summary?.lost,
        seenProgress,
        ...(failure ? { failure } : {}),
      };
    }
    await pause(50);
  }
}

/** From the cancel until the database has nothing more to do for it. */
async function cancel() {
  const { id } = await ask('POST', '/admin/what-if', CHANGE);
  const isTrying = async () => (await ask('GET', `/admin/what-if/${id}`)).lookedAt > 0;
  while (!(await isTrying())) await pause(20);
  const client = await server.database();
  const isAtWork = async () =>
    Number(
      (
        await client.query<{ n: string }>(
          `select count(*) as n from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
            where t.identifier = 'access.what-if' and j.locked_at is not null`,
        )
      ).rows[0]!.n,
    ) > 0;
  const begun = performance.now();
  await ask('POST', `/admin/what-if/${id}/cancel`);
  while (await isAtWork()) await pause(5);
  const seconds = Number(((performance.now() - begun) / 1000).toFixed(2));
  const { state } = await ask('GET', `/admin/what-if/${id}`);
  await client.end();
  return { state, seconds };
}

async function ask(method: string, path: string, body?: unknown) {
  const answer = await operate(server, TENANT, method, path, body);
  if (answer.status >= 300)
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
