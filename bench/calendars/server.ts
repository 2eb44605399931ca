/** Our whole server with two organisations, its database on disk. Says where it listens; fills a tenant when told. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startApp } from '../../src/app/app.ts';
import { configurationShape } from '../../src/app/configuration.ts';
import { type DemoOrganisation, loadOrganisation } from '../../src/app/demo.ts';
import { createLog } from '../../src/platform/log.ts';
import { eventText } from './dataset.ts';

const data = await mkdtemp(join(tmpdir(), 'entente-bench-'));
const configuration = configurationShape.parse({ data, port: 0, httpsPort: 0, logLevel: 'error' });
const app = await startApp({ configuration, log: createLog('error') });
const person = { jobTitle: 'Engineer', department: 'Engineering' };
const organisation = (displayName: string, domain: string, names: readonly string[]): DemoOrganisation => ({
  displayName,
  domain,
  country: 'SE',
  people: Object.fromEntries(
    names.map((name, n) => [
      name,
      { ...person, displayName: name, ...(n === 0 ? { roles: ['global-administrator'] } : {}) },
    ]),
  ),
});
const names = Array.from({ length: 20 }, (_, n) => `person${n}`);
const fabrikam = await loadOrganisation(app.run, organisation('Fabrikam', 'fabrikam.example', ['alice']));
const contoso = await loadOrganisation(app.run, organisation('Contoso', 'contoso.example', names));

const tokenOf = async ({ id, people }: typeof fabrikam, name: string) =>
  app.run({ tenantId: id, actor: { kind: 'system', name: 'bench' } }, async (ctx) => {
    const { token } = await app.signin.mintAccessToken(ctx, people[name] as never, { minutes: 600 });
    return token;
  });

async function ask(method: string, path: string, token: string, body: unknown, contentType = 'application/json') {
  const answer = await fetch(`${app.origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return text;
}

const alice = await tokenOf(fabrikam, 'alice');
const { password } = JSON.parse(await ask('POST', '/me/app-passwords', alice, { name: 'Bench' }));

// Contoso lets Fabrikam see when its people are free.
const carla = await tokenOf(contoso, 'person0');
await ask('POST', '/admin/organization-relationships', carla, {
  name: 'Fabrikam',
  enabled: true,
  domainNames: ['fabrikam.example'],
  freeBusy: { enabled: true, level: 'LimitedDetails' },
});
await ask('POST', '/admin/organization-relationships', alice, {
  name: 'Contoso',
  enabled: true,
  domainNames: ['contoso.example'],
  freeBusy: { enabled: true, level: 'LimitedDetails' },
});
for (const name of names) {
  const token = await tokenOf(contoso, name);
  for (let n = 50; n < 60; n += 1) {
    const path = `/dav/calendars/${contoso.people[name]}/calendar/${n}.ics`;
    if (n === 50) await fetch(`${app.origin}/v1.0/me/calendar`, { headers: { authorization: `Bearer ${token}` } });
    await ask('PUT', path, token, eventText(`${name}-${n}`, n * 7), 'text/calendar');
  }
}

process.send?.({
  origin: app.origin,
  home: `/dav/calendars/${fabrikam.people.alice}/`,
  authorization: `Basic ${Buffer.from(`alice@fabrikam.example:${password}`).toString('base64')}`,
  token: alice,
  addresses: names.map((name) => `${name}@contoso.example`),
});

/** How many events of others there are so far. */
let filled = 0;
const CALENDARS = 1_000;

/**
 * Events of other people of the organisation until there are so many, each in May 2026 like those that are asked for.
 * Written as rows that are right already: checking each would take longer than the whole benchmark.
 */
async function fill(events: number): Promise<void> {
  const folder = join(data, 'postgres');
  const { postgres } = JSON.parse(readFileSync(join(folder, 'passwords.json'), 'utf8'));
  const port = readFileSync(join(folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[3];
  const connectionString = `postgres://postgres:${postgres}@127.0.0.1:${port}/entente`;
  const inBulk = async (...statements: { text: string; values?: unknown[] }[]) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      await client.query('set session_replication_role = replica; set synchronous_commit = off');
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  if (filled === 0) {
    const owners = `from generate_series(1, ${CALENDARS}) n`;
    await inBulk(
      {
        text: `insert into calendars.mailboxes (tenant_id, owner_kind, owner_id, time_zone, working_hours, created_at, version)
          select $1, 'account', md5('owner' || n)::uuid, 'UTC',
                 '{"daysOfWeek":["monday"],"startTime":"08:00","endTime":"17:00"}', now(), 1 ${owners}`,
        values: [fabrikam.id],
      },
      {
        text: `insert into calendars.calendars (tenant_id, id, owner_kind, owner_id, name, slug, components, is_default,
                 created_at, version)
          select $1, md5('calendar' || n)::uuid, 'account', md5('owner' || n)::uuid, 'Calendar', 'calendar',
                 '{VEVENT,VTODO}', true, now(), 1 ${owners}`,
        values: [fabrikam.id],
      },
    );
  }
  const made = `from (select md5('event' || n)::uuid as id, md5('calendar' || 1 + n % ${CALENDARS})::uuid as calendar_id, n,
      timestamptz '2026-05-01Z' + n % 44640 * interval '1 minute' as at from generate_series($2::int, $3::int) n) e`;
  const range = [fabrikam.id, filled + 1, events];
  await Promise.all([
    inBulk(
      {
        text: `insert into calendars.objects (tenant_id, id, calendar_id, name, uid, component, content, etag, summary,
                 is_recurring, starts_at, ends_at, created_at, changed_at, version)
          select $1, id, calendar_id, n || '.ics', 'filled-' || n, 'VEVENT', $4, md5(n::text), 'Meeting', false,
                 at, at + interval '30 minutes', now(), now(), 1 ${made}`,
        values: [...range, eventText('filled', 60)],
      },
      { text: 'vacuum analyze calendars.objects' },
    ),
    inBulk(
      {
        text: `insert into calendars.occurrences (tenant_id, calendar_id, object_id, recurrence_id, period, is_all_day,
                 show_as, is_cancelled, is_private, subject)
          select $1, calendar_id, id, '', tstzrange(at, at + interval '30 minutes'), false, 'busy', false, false,
                 'Meeting' ${made}`,
        values: range,
      },
      { text: 'vacuum analyze calendars.occurrences' },
    ),
  ]);
  filled = events;
}

process.on('message', async (message: { fill: number }) => {
  await fill(message.fill);
  process.send?.({ filled: message.fill });
});
process.once('disconnect', async () => {
  await app.close();
  await rm(data, { recursive: true, force: true });
  process.exit(0);
});
