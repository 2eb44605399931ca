/**
 * The same requests while the server fills with tenants and grants: cost must grow with the work at hand, not with
 * what else there is. Tenants and grants are inserted in bulk; the server is the real process. A second server stays
 * nearly empty and is measured in turn with the first, so that what else the machine does weighs on both alike.
 *
 *   npm run bench -- tenants [--secs N]      seconds for each measurement (default 3)
 */

import { parseArgs } from 'node:util';
import type pg from 'pg';
import { ServerProcess } from '../../tests/support/server-process.ts';
import { type Driven, drive } from '../drive.ts';
import { printFigures, printHeader } from '../report.ts';

const POINTS = [
  { tenants: 10, grants: 100 },
  { tenants: 1_000, grants: 100 },
  { tenants: 10_000, grants: 100 },
  { tenants: 10_000, grants: 10_000 },
  { tenants: 10_000, grants: 1_000_000 },
] as const;
const MEMBERS = 20;
const CONNECTIONS = 4;
/** Groups that Ann is in. */
const GROUPS = 20;
/** Each measurement is made in so many turns, and the median counts. */
const ROUNDS = 5;

interface Request {
  readonly name: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: () => string;
  readonly check: (n: number, status: number, body: string) => void;
}
interface Loads {
  readonly database: pg.Client;
  readonly annId: string;
  readonly requests: readonly Request[];
}

const { values } = parseArgs({ options: { secs: { type: 'string', default: '3' } } });
const seconds = Number(values.secs);
printHeader(
  'tenants',
  `up to ${POINTS.at(-1)?.tenants} tenants and ${POINTS.at(-1)?.grants} grants, ${CONNECTIONS} connections`,
);

const growing = await ServerProcess.create('--demo');
const empty = await ServerProcess.create('--demo');
const measured: {
  tenants: number;
  grants: number;
  request: string;
  driven: Driven;
  emptyP50Ms: number;
  times: number;
}[] = [];
try {
  const loads = [];
  for (const server of [growing, empty]) {
    await server.start();
    loads.push(await prepare(server));
  }
  const [full, control] = loads as [Loads, Loads];
  for (const load of [full, control]) {
    // Ann's own groups are the work at hand: they are there from the beginning.
    await fill(load, POINTS[0]);
    // A process that just started is slow at everything: it is not what is measured here.
    for (const request of load.requests) await drive({ ...request, connections: CONNECTIONS, seconds: 2 * seconds });
  }
  for (const point of POINTS) {
    await fill(full, point);
    for (const [at, request] of full.requests.entries()) {
      const other = control.requests[at] as Request;
      for (const load of [request, other]) await drive({ ...load, connections: CONNECTIONS, requests: 100 });
      const rounds = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const options = { connections: CONNECTIONS, seconds: seconds / ROUNDS };
        rounds.push({ beside: await drive({ ...other, ...options }), driven: await drive({ ...request, ...options }) });
      }
      const times = median(rounds.map(({ driven, beside }) => driven.p50Ms / beside.p50Ms));
      const byP50 = rounds.toSorted((one, two) => one.driven.p50Ms - two.driven.p50Ms);
      const { driven } = byP50[ROUNDS >> 1] as (typeof rounds)[number];
      const emptyP50Ms = median(rounds.map(({ beside }) => beside.p50Ms));
      measured.push({ ...point, request: request.name, driven, emptyP50Ms, times: Number(times.toFixed(2)) });
    }
  }
  for (const { database } of loads) await database.end();
} finally {
  await growing.end();
  await empty.end();
}

console.table(
  measured.map(({ driven: { p50Ms, p99Ms, perSecond }, emptyP50Ms, times, ...rest }) => ({
    ...rest,
    perSecond,
    p50Ms,
    p99Ms,
    emptyP50Ms,
    times,
  })),
);
/** How many times what the nearly empty server takes beside it, at the end. */
const growth = Object.fromEntries(measured.map(({ request, times }) => [request, times]));
const targets = {
  'no request costs twice as much on the full server as on the nearly empty one': Object.values(growth).every(
    (times) => times < 2,
  ),
};
for (const [target, met] of Object.entries(targets)) console.log(`${met ? 'met    ' : 'NOT met'} ${target}`);
printFigures('tenants', { measured, growth, targets });
process.exitCode = Object.values(targets).every(Boolean) ? 0 : 1;

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, two) => one - two)[numbers.length >> 1] as number;
}

/** What is asked of a server: as Ann, of herself and of a group with members that is made over the API. */
async function prepare(server: ServerProcess): Promise<Loads> {
  const ask = async (bearer: string, method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${server.origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, string>);
  };
  const person = { tenant: 'fabrikam.example', user: 'ann@fabrikam.example', minutes: 600 };
  const minted = await ask(await server.operatorToken(), 'POST', '/operator/demo/token', person);
  const token = (minted.token ?? minted.access_token) as string;
  const { id: annId = '' } = await ask(token, 'GET', '/v1.0/me');
  const { id: groupId = '' } = await ask(token, 'POST', '/v1.0/groups', {
    displayName: 'Bench',
    mailNickname: 'bench',
    mailEnabled: false,
    securityEnabled: true,
  });
  for (let n = 0; n < MEMBERS; n += 1) {
    const { id } = await ask(token, 'POST', '/v1.0/contacts', {
      displayName: `Member ${n}`,
      mail: `member${n}@elsewhere.example`,
    });
    await ask(token, 'POST', `/v1.0/groups/${groupId}/members/$ref`, {
      '@odata.id': `${server.origin}/v1.0/directoryObjects/${id}`,
    });
  }
  const request = (name: string, path: string, body?: object): Request => ({
    name,
    url: `${server.origin}${path}`,
    headers: { authorization: `Bearer ${token}` },
    ...(body ? { body: () => JSON.stringify(body) } : {}),
    check(_n, status, answer) {
      if (status !== 200) throw new Error(`${name} answered ${status}: ${answer}`);
    },
  });
  return {
    database: await server.database(),
    annId,
    requests: [
      request('GET /v1.0/me', '/v1.0/me'),
      request('GET /v1.0/groups/{id}/members', `/v1.0/groups/${groupId}/members`),
      request('POST /admin/explain', '/admin/explain', {
        question: 'directory.account.change',
        subjectId: annId,
        input: annId,
      }),
    ],
  };
}

/** Brings the database to so many tenants, and so many grants in Fabrikam: people in groups, as a directory holds them. */
async function fill({ database, annId }: Loads, point: { tenants: number; grants: number }): Promise<void> {
  await database.query(
    `with made as (
       insert into tenants.tenants (tenant_id, display_name, initial_domain, created_at)
       select gen_random_uuid(), 'Tenant ' || n, 'tenant' || n || '.example', now()
         from generate_series((select count(*) from tenants.tenants) + 1, $1) n
       returning tenant_id, initial_domain)
     insert into tenants.domains (tenant_id, name, proof, verified_at, is_initial, is_default, created_at)
     select tenant_id, initial_domain, 'initial', now(), true, true, now() from made`,
    [point.tenants],
  );
  // A thousand people in as many groups as it takes; Ann is in the first twenty.
  await database.query(
    `insert into access.grants (tenant_id, id, kind, subject_kind, subject_id, object_kind, object_id, level, given_by, given_at)
     select a.tenant_id, gen_random_uuid(), 'directory.group-member', 'account',
            case when n <= $3 then $2 else md5('person' || n % 1000)::uuid::text end,
            'group', md5('group' || case when n <= $3 then n else n / 1000 end)::uuid::text, 'member', 'bench', now()
       from directory.accounts a,
            generate_series((select count(*) from access.grants where given_by = 'bench') + 1, $1) n
      where a.id::text = $2
         on conflict do nothing`,
    [point.grants, annId, GROUPS],
  );
  // What the bulk left to do in the background is done now, and not while we measure.
  await database.query('vacuum analyze');
  await database.query('checkpoint');
}
