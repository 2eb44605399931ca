/**
 * The same requests while the server fills with tenants and grants: cost must grow with the work at hand, not with
 * what else there is. Tenants and grants are inserted in bulk; the server is the real process.
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

const { values } = parseArgs({ options: { secs: { type: 'string', default: '3' } } });
const seconds = Number(values.secs);
printHeader(
  'tenants',
  `up to ${POINTS.at(-1)?.tenants} tenants and ${POINTS.at(-1)?.grants} grants, ${CONNECTIONS} connections`,
);

const server = await ServerProcess.create('--demo');
const measured: { tenants: number; grants: number; request: string; driven: Driven }[] = [];
try {
  await server.start();
  const { token, annId, groupId } = await prepare();
  const database = await server.database();
  const requests = {
    'GET /v1.0/me': { url: `${server.origin}/v1.0/me` },
    'GET /v1.0/groups/{id}/members': { url: `${server.origin}/v1.0/groups/${groupId}/members` },
    'POST /admin/explain': {
      url: `${server.origin}/admin/explain`,
      body: () => JSON.stringify({ question: 'directory.account.change', subjectId: annId, input: annId }),
    },
  };
  for (const point of POINTS) {
    await fill(database, point, annId);
    for (const [request, load] of Object.entries(requests)) {
      const headers = { authorization: `Bearer ${token}` };
      const check = (_n: number, status: number, body: string) => {
        if (status !== 200) throw new Error(`${request} answered ${status}: ${body}`);
      };
      await drive({ ...load, headers, connections: CONNECTIONS, requests: 100, check });
      const driven = await drive({ ...load, headers, connections: CONNECTIONS, seconds });
      measured.push({ ...point, request, driven });
    }
  }
  await database.end();
} finally {
  await server.end();
}

console.table(
  measured.map(({ driven: { p50Ms, p99Ms, perSecond }, ...rest }) => ({ ...rest, perSecond, p50Ms, p99Ms })),
);
const of = (request: string) => measured.filter((one) => one.request === request);
const growth = Object.fromEntries(
  [...new Set(measured.map(({ request }) => request))].map((request) => {
    const [first, last] = [of(request)[0]?.driven.p50Ms ?? 1, of(request).at(-1)?.driven.p50Ms ?? 0];
    return [request, Number((last / first).toFixed(2))];
  }),
);
const targets = {
  'no request costs twice as much at the end as at the beginning': Object.values(growth).every((times) => times < 2),
};
for (const [target, met] of Object.entries(targets)) console.log(`${met ? 'met    ' : 'NOT met'} ${target}`);
printFigures('tenants', { measured, growth, targets });
process.exitCode = Object.values(targets).every(Boolean) ? 0 : 1;

/** Ann's token, and a group of hers with members, made over the API. */
async function prepare() {
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
      emailAddresses: [{ address: `member${n}@elsewhere.example` }],
    });
    await ask(token, 'POST', `/v1.0/groups/${groupId}/members/$ref`, {
      '@odata.id': `${server.origin}/v1.0/directoryObjects/${id}`,
    });
  }
  return { token, annId, groupId };
}

/** Brings the database to so many tenants, and so many grants in Fabrikam: people in groups, as a directory holds them. */
async function fill(database: pg.Client, point: { tenants: number; grants: number }, annId: string): Promise<void> {
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
  // A thousand people in as many groups as it takes; Ann is in twenty of them at most.
  await database.query(
    `insert into access.grants (tenant_id, id, kind, subject_kind, subject_id, object_kind, object_id, level, given_by, given_at)
     select a.tenant_id, gen_random_uuid(), 'directory.group-member', 'account',
            case when n % 50000 = 1 then $2 else md5('person' || n % 1000)::uuid::text end,
            'group', md5('group' || n / 1000)::uuid::text, 'member', 'bench', now()
       from directory.accounts a,
            generate_series((select count(*) from access.grants where given_by = 'bench') + 1, $1) n
      where a.id::text = $2
         on conflict do nothing`,
    [point.grants, annId],
  );
  await database.query('analyze');
}
