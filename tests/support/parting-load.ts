import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { readReceipt } from '../../src/partners/index.ts';
import { operate, settle, TENANT } from './ledger-load.ts';
import type { ServerProcess } from './server-process.ts';

/** The organisation that is parted with; nobody it could be asked at. */
const PARTNER = 'wingtip.example';
/** How long parting may stand still before it counts as stuck. */
const STUCK_MS = 300_000;

/** How a parting went whose server died again and again. */
export interface KilledParting {
  readonly deaths: number;
  /** How much had ended at each death. */
  readonly diedAt: readonly number[];
  /** Ledger counts of each kind before, and guests. */
  readonly before: Readonly<Record<string, number>>;
  /** What went wrong, in sentences. */
  readonly losses: readonly string[];
  /** From the start of the server after the last death until the receipt was there. */
  readonly secondsToEnd: number;
}

/**
 * An organisation that `grants` rights stand open to, parted with while the server's process is killed at `deaths`
 * random points; it is started again each time and nothing else is done.
 */
export async function partWhileDying(
  server: ServerProcess,
  { grants, deaths }: { grants: number; deaths: number },
): Promise<KilledParting> {
  const { people, groups } = await settle(server);
  await fill(server, { grants, sponsor: people[0]!, groups });
  let client = await server.database();
  const before = await standing(client);
  const items = Object.values(before).reduce((sum, n) => sum + n, 0);
  const points = Array.from({ length: deaths }, () => Math.floor(Math.random() * items)).sort((a, b) => a - b);
  const begun = await operate(server, TENANT, 'POST', '/admin/endings', { partner: PARTNER });
  if (begun.status !== 202) throw new Error(`parting answered ${begun.status}: ${JSON.stringify(begun.body)}`);
  const { id } = begun.body;
  const losses: string[] = [];
  const diedAt: number[] = [];
  let least = await total(client);
  try {
    for (const point of points) {
      await until(async () => (await ended(client, id)) >= point, `${point} of ${items} things had ended`);
      // Somewhere within a step, not always at its end.
      await pause(Math.random() * 60);
      diedAt.push(await ended(client, id));
      await client.end();
      // Its database ends with it, and is started again by the next one.
      await server.kill({ database: false });
      await server.start();
      client = await server.database();
      const left = await total(client);
      if (left > least) losses.push(`${left} rights stood after a death, and ${least} before it`);
      least = left;
      if (await canComeIn(client)) losses.push('a guest could have come in after a death');
    }
    const restarted = performance.now();
    const done = async () => (await operate(server, TENANT, 'GET', `/admin/endings/${id}`)).body.state === 'done';
    await until(done, 'the parting was over');
    const secondsToEnd = Number(((performance.now() - restarted) / 1000).toFixed(1));

    const after = await standing(client);
    for (const [kind, n] of Object.entries(after)) losses.push(`${n} of ${kind} are left`);
    const signed = (await operate(server, TENANT, 'GET', `/admin/endings/${id}/receipt`)).body;
    const receipt = await readReceipt(signed);
    for (const { kind, found, revoked } of receipt.kinds)
      if (found !== before[kind] || revoked !== found)
        losses.push(`of ${kind} there were ${before[kind] ?? 0}, found ${found}, revoked ${revoked}`);
    if (new Set(receipt.items.map((item) => item.id)).size !== items)
      losses.push(`${receipt.items.length} things are on the receipt, and there were ${items}`);
    const told = await count(client, `select count(*) as n from audit.events where action = 'partners.ended'`);
    if (told !== 1) losses.push(`the audit tells ${told} times that it ended`);
    return { deaths: diedAt.length, diedAt, before, losses, secondsToEnd };
  } finally {
    await client.end();
  }
}

/** Half of the rights are memberships of guests, half calendars shared with addresses. */
async function fill(
  server: ServerProcess,
  { grants, sponsor, groups }: { grants: number; sponsor: string; groups: readonly string[] },
): Promise<void> {
  const invited = await operate(server, TENANT, 'POST', '/v1.0/invitations', {
    invitedUserEmailAddress: `guest0@${PARTNER}`,
    inviteRedirectUrl: 'https://apps.fabrikam.example/',
    invitedUserSponsors: [{ id: sponsor }],
  });
  if (invited.status !== 201) throw new Error(JSON.stringify(invited.body));
  const guests = Math.ceil(grants / 2 / groups.length);
  const client = await server.database();
  try {
    await client.query('begin');
    const like = async (table: string, key: string, changes: string) => {
      const { rows } = await client.query<{ column: string }>(
        `select column_name as column from information_schema.columns
          where table_schema || '.' || table_name = $1 and is_generated = 'NEVER' order by ordinal_position`,
        [table],
      );
      const columns = rows.map(({ column }) => column);
      const set = new Map(changes.split(', ').map((one) => one.split(' = ') as [string, string]));
      await client.query(
        `insert into ${table} (${columns.join(', ')})
         select ${columns.map((column) => set.get(column) ?? `t.${column}`).join(', ')}
           from ${table} t join made on t.${key} = '${invited.body.invitedUser.id}'`,
      );
    };
    await client.query(
      'create temporary table made as select gen_random_uuid() as id, n from generate_series(1, $1) n',
      [guests - 1],
    );
    await like(
      'directory.accounts',
      'id',
      `id = made.id, user_principal_name = 'guest' || n || '@x', mail = 'guest' || n || '@${PARTNER}', proxy_addresses = '{}'`,
    );
    await like(
      'directory.guests',
      'account_id',
      `account_id = made.id, invited_address = 'guest' || n || '@${PARTNER}'`,
    );
    await like('directory.sponsors', 'account_id', 'account_id = made.id');
    const columns = `insert into access.grants
      (tenant_id, id, kind, subject_kind, subject_id, object_kind, object_id, level, home_domain, given_by, given_at)`;
    await client.query(
      `${columns} select a.tenant_id, gen_random_uuid(), 'directory.group-member', 'guest', a.id::text, 'group', g, 'member',
              a.home_domain, 'load', now()
         from directory.accounts a cross join unnest($1::text[]) g where a.home_domain = $2`,
      [groups, PARTNER],
    );
    await client.query(
      `${columns} select t.tenant_id, gen_random_uuid(), 'calendars.calendar', 'contact', 'reader' || n || '@' || $2::text, 'calendar',
              gen_random_uuid()::text, 'read', $2, 'load', now()
         from tenants.tenants t join generate_series(1, $1) n on true
        where t.tenant_id = (select tenant_id from directory.accounts where home_domain = $2 limit 1)`,
      [grants - guests * groups.length, PARTNER],
    );
    await client.query('commit');
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

const count = async (client: pg.Client, text: string, values: unknown[] = []) =>
  Number((await client.query<{ n: string }>(text, values)).rows[0]?.n);
const total = (client: pg.Client) =>
  count(client, 'select count(*) as n from access.grants where home_domain = $1', [PARTNER]);
const ended = (client: pg.Client, id: string) =>
  count(client, 'select count(*) as n from partners.ending_items where ending_id = $1', [id]);
const canComeIn = async (client: pg.Client) =>
  (await count(
    client,
    `select count(*) as n from directory.accounts
      where home_domain = $1 and deleted_at is null and (ends_at is null or ends_at > now())`,
    [PARTNER],
  )) > 0;

/** How many of each kind the ledger holds for the partner, and how many guests there are. */
async function standing(client: pg.Client): Promise<Record<string, number>> {
  const { rows } = await client.query<{ kind: string; n: string }>(
    `select kind, count(*) as n from access.grants where home_domain = $1 group by kind
     union all
     select 'directory.invitation', count(*) from directory.accounts where home_domain = $1 and deleted_at is null
     having count(*) > 0`,
    [PARTNER],
  );
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, Number(n)]));
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (const from = performance.now(); ; await pause(10)) {
    if (await isSo()) return;
    if (performance.now() - from > STUCK_MS) throw new Error(`it never came about that ${what}`);
  }
}
