import type pg from 'pg';
import { ROLES } from '../../src/kernel/roles.ts';
import type { ServerProcess } from './server-process.ts';

const PEOPLE = 60;
const GROUPS = 12;
/** Without the mightiest: the server guards the last holder of that. */
const GIVEN_ROLES = ROLES.filter(({ name }) => name !== 'global-administrator');

interface Organisation {
  readonly people: readonly string[];
  readonly groups: readonly string[];
}

/** What the server said yes to. Everything else may or may not have happened, but never by half. */
export interface Acknowledged {
  readonly guests: Set<string>;
  /** `group person` and `role person`. */
  readonly members: Set<string>;
  readonly roles: Set<string>;
  readonly removed: Set<string>;
  /** Asked for and not answered when the server died: nothing is known of these. */
  readonly unanswered: Set<string>;
  refused: number;
}

export const nothingYet = (): Acknowledged => ({
  guests: new Set(),
  members: new Set(),
  roles: new Set(),
  removed: new Set(),
  unanswered: new Set(),
  refused: 0,
});

/** Calls a server as its operator, inside one organisation. */
export async function operate(
  server: ServerProcess,
  tenant: string | null,
  method: string,
  path: string,
  body?: unknown,
) {
  const answer = await fetch(`${server.origin}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await server.operatorToken()}`,
      ...(tenant === null ? {} : { 'entente-tenant': tenant }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
}

export const TENANT = 'fabrikam.example';

/** An organisation with people and groups, made over the API. */
export async function settle(server: ServerProcess): Promise<Organisation> {
  const make = async (tenant: string | null, path: string, body: unknown) => {
    const made = await operate(server, tenant, 'POST', path, body);
    if (made.status !== 201) throw new Error(`POST ${path} answered ${made.status}: ${JSON.stringify(made.body)}`);
    return made.body.id as string;
  };
  await make(null, '/operator/tenants', { displayName: 'Fabrikam', initialDomain: TENANT });
  const people: string[] = [];
  const groups: string[] = [];
  for (let n = 0; n < PEOPLE; n += 1) {
    const name = `person${n}`;
    people.push(
      await make(TENANT, '/v1.0/users', {
        accountEnabled: true,
        displayName: name,
        mailNickname: name,
        userPrincipalName: `${name}@${TENANT}`,
        passwordProfile: { password: `green apples ripen ${n}` },
      }),
    );
  }
  for (let n = 0; n < GROUPS; n += 1) {
    const group = { displayName: `Group ${n}`, mailNickname: `group${n}`, mailEnabled: false, securityEnabled: true };
    groups.push(await make(TENANT, '/v1.0/groups', group));
  }
  return { people, groups };
}

/**
 * Invitations and changes of grants, many at once, until `requests` were sent or the server is gone. Half are
 * invitations, a quarter memberships, an eighth roles, and the rest takes acknowledged memberships away again.
 */
export async function press(
  server: ServerProcess,
  { people, groups }: Organisation,
  known: Acknowledged,
  options: { round: number; requests: number; atOnce: number; onAnswered?: (count: number) => void },
): Promise<void> {
  let sent = 0;
  let answered = 0;
  let isGone = false;
  const free = pairs(groups, people).filter((pair) => !known.members.has(pair) && !known.unanswered.has(pair));
  const roles = pairs(
    GIVEN_ROLES.map(({ templateId }) => templateId),
    people,
  ).filter((pair) => !known.roles.has(pair) && !known.unanswered.has(pair));

  const ask = async (
    key: string,
    method: string,
    path: string,
    body: unknown,
    onYes: (answer: { invitedUser?: { id: string } }) => void,
  ) => {
    try {
      const answer = await operate(server, TENANT, method, path, body);
      if (answer.status < 300) onYes(answer.body);
      else known.refused += 1;
      answered += 1;
      options.onAnswered?.(answered);
    } catch {
      // The connection broke: the server may have done it, and could not say so.
      known.unanswered.add(key);
      isGone = true;
    }
  };
  const reference = (id: string) => ({ '@odata.id': `${server.origin}/v1.0/directoryObjects/${id}` });

  async function one(n: number): Promise<void> {
    const turn = n % 8;
    if (turn < 4) {
      const address = `guest-${options.round}-${n}@contoso.example`;
      const sponsor = people[n % people.length] as string;
      const body = {
        invitedUserEmailAddress: address,
        inviteRedirectUrl: 'https://apps.fabrikam.example/',
        sendInvitationMessage: true,
        invitedUserSponsors: [{ id: sponsor }],
      };
      return ask(address, 'POST', '/v1.0/invitations', body, (made) => known.guests.add(made.invitedUser?.id ?? ''));
    }
    if (turn === 7 && known.members.size > 0) {
      const pair = known.members.values().next().value as string;
      const [group, person] = pair.split(' ');
      known.members.delete(pair);
      return ask(pair, 'DELETE', `/v1.0/groups/${group}/members/${person}/$ref`, undefined, () =>
        known.removed.add(pair),
      );
    }
    const isRole = turn === 6;
    const pair = (isRole ? roles : free).pop();
    if (pair === undefined) return;
    const [object, person] = pair.split(' ') as [string, string];
    const path = isRole ? `/v1.0/directoryRoles/${object}/members/$ref` : `/v1.0/groups/${object}/members/$ref`;
    return ask(pair, 'POST', path, reference(person), () => {
      (isRole ? known.roles : known.members).add(pair);
      known.removed.delete(pair);
    });
  }

  const work = async () => {
    while (!isGone && sent < options.requests) await one(sent++);
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
}

const pairs = (left: readonly string[], right: readonly string[]) => left.flatMap((a) => right.map((b) => `${a} ${b}`));

/** What is missing of what was acknowledged, and what is there only by half; in sentences, none when all is well. */
export async function findLosses(client: pg.Client, known: Acknowledged): Promise<string[]> {
  const losses: string[] = [];
  const rows = async <Row extends pg.QueryResultRow>(sql: string) => (await client.query<Row>(sql)).rows;

  const guests = await rows<{ id: string; lacks: string | null }>(`
    select a.id, concat_ws(', ',
      case when not exists (select from directory.guests g where g.tenant_id = a.tenant_id and g.account_id = a.id) then 'guest' end,
      case when not exists (select from directory.invitations i where i.tenant_id = a.tenant_id and i.account_id = a.id) then 'invitation' end,
      case when not exists (select from directory.sponsors s where s.tenant_id = a.tenant_id and s.account_id = a.id) then 'sponsor' end,
      case when not exists (select from directory.account_identities d where d.tenant_id = a.tenant_id and d.account_id = a.id) then 'identity' end,
      case when (select count(*) from audit.events e where e.tenant_id = a.tenant_id and e.action = 'directory.guest-invited'
        and e.targets @> jsonb_build_array(jsonb_build_object('id', a.id))) <> 1 then 'event' end,
      case when (select count(*) from platform.outgoing_mails m where m.tenant_id = a.tenant_id and m.kind = 'invitation'
        and m.about_id = a.id::text) <> 1 then 'mail' end) as lacks
    from directory.accounts a where a.user_type = 'Guest'`);
  const present = new Set(guests.map(({ id }) => id));
  for (const id of known.guests) if (!present.has(id)) losses.push(`the guest ${id} was acknowledged and is missing`);
  for (const { id, lacks } of guests) if (lacks) losses.push(`the guest ${id} lacks: ${lacks}`);
  const [orphans] = await rows<{ count: number }>(`
    select (select count(*) from audit.events e where e.action = 'directory.guest-invited' and not exists
             (select from directory.accounts a where a.id::text = e.targets -> 0 ->> 'id'))
         + (select count(*) from platform.outgoing_mails m where m.kind = 'invitation' and not exists
             (select from directory.accounts a where a.id::text = m.about_id)) as count`);
  if (Number(orphans?.count) > 0) losses.push(`${orphans?.count} events or letters tell of guests who are none`);

  // Of every grant the events must tell the same story as the table: given once more often than taken, or as often.
  const grants = await rows<{ pair: string; kind: string; is_there: boolean; given: number; taken: number }>(`
    with told as (
      select case when e.action like 'directory.role%' then 'directory.role' else 'directory.group-member' end as kind,
             (e.action in ('directory.role-given', 'directory.group-member-added')) as is_given, e.targets
        from audit.events e
       where e.action in ('directory.role-given', 'directory.role-taken', 'directory.group-member-added', 'directory.group-member-removed')),
    stories as (
      select kind, (select string_agg(t ->> 'id', ' ' order by t ->> 'id') from jsonb_array_elements(targets) t) as pair,
             count(*) filter (where is_given)::int as given, count(*) filter (where not is_given)::int as taken
        from told group by 1, 2),
    held as (
      select kind, (select string_agg(id, ' ' order by id) from unnest(array[object_id, subject_id]) as id) as pair
        from access.grants where kind in ('directory.role', 'directory.group-member'))
    select coalesce(s.kind, h.kind) as kind, coalesce(s.pair, h.pair) as pair, h.pair is not null as is_there,
           coalesce(s.given, 0) as given, coalesce(s.taken, 0) as taken
      from stories s full join held h on h.kind = s.kind and h.pair = s.pair`);
  for (const { pair, kind, is_there, given, taken } of grants) {
    if (given - taken !== (is_there ? 1 : 0)) {
      losses.push(`${kind} ${pair} is ${is_there ? '' : 'not '}there, and was given ${given} and taken ${taken} times`);
    }
  }
  const held = new Set(grants.filter((grant) => grant.is_there).map(({ pair }) => pair));
  const roleNames = new Map(GIVEN_ROLES.map(({ templateId, name }) => [templateId, name as string]));
  const sorted = (pair: string) =>
    pair
      .split(' ')
      .map((id) => roleNames.get(id) ?? id)
      .sort()
      .join(' ');
  for (const pair of [...known.members, ...known.roles])
    if (!held.has(sorted(pair))) losses.push(`the grant ${pair} was acknowledged and is missing`);
  for (const pair of known.removed)
    if (held.has(sorted(pair)) && !known.unanswered.has(pair)) losses.push(`the grant ${pair} was taken and is there`);
  return losses;
}

/** One death under load: presses, kills at a moment, starts again and looks for losses. */
export async function killUnderLoad(
  server: ServerProcess,
  organisation: Organisation,
  known: Acknowledged,
  options: { round: number; requests: number; killAfter: number; database: boolean },
): Promise<{ answered: number; recoverySeconds: number; losses: string[] }> {
  let answered = 0;
  let killed: Promise<void> | undefined;
  await press(server, organisation, known, {
    round: options.round,
    requests: options.requests,
    atOnce: 32,
    onAnswered: (count) => {
      answered = count;
      if (count >= options.killAfter) killed ??= server.kill({ database: options.database });
    },
  });
  killed ??= server.kill({ database: options.database });
  await killed;
  const { seconds } = await server.start();
  const client = await server.database();
  try {
    return { answered, recoverySeconds: Number(seconds.toFixed(1)), losses: await findLosses(client, known) };
  } finally {
    await client.end();
  }
}

export interface Outage {
  readonly statuses: Readonly<Record<string, number>>;
  /** The longest that anybody waited for any answer. */
  readonly slowestSeconds: number;
  /** From the death of the database to the first answer that was a success again. */
  readonly recoverySeconds: number;
}

/** Kills the database alone, under readers, and watches how the server answers until it serves again. */
export async function killDatabaseUnderLoad(server: ServerProcess, patienceSeconds: number): Promise<Outage> {
  const statuses: Record<string, number> = {};
  let slowest = 0;
  let wasAway = false;
  let recovered = 0;
  const died = performance.now();
  process.kill(server.postmasterPid(), 'SIGKILL');
  const read = async () => {
    while (recovered === 0 && performance.now() - died < patienceSeconds * 1000) {
      const asked = performance.now();
      const status = await operate(server, TENANT, 'GET', '/v1.0/domains').then(
        (answer) => String(answer.status),
        () => 'no answer',
      );
      statuses[status] = (statuses[status] ?? 0) + 1;
      slowest = Math.max(slowest, performance.now() - asked);
      if (status !== '200') wasAway = true;
      else if (wasAway) recovered = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await Promise.all(Array.from({ length: 8 }, read));
  return {
    statuses,
    slowestSeconds: Number((slowest / 1000).toFixed(2)),
    recoverySeconds: recovered === 0 ? Number.POSITIVE_INFINITY : Number(((recovered - died) / 1000).toFixed(2)),
  };
}
