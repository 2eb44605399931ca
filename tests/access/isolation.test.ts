import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import pg from 'pg';
import { newId, type TenantId } from '../../src/kernel/ids.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import type { Route } from '../../src/platform/http/route.ts';
import { bodyOf } from '../support/bodies.ts';
import { eventually } from '../support/eventually.ts';
import { davPaths, filled, KINDS, NOTHING, namedIn, nameOf, namesObjects, type Objects } from '../support/paths.ts';
import { idPlaces } from '../support/sample.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let owner: pg.Client;
/** Every table that holds rows of tenants. */
let tables: string[];

before(async () => {
  world = await startWorld();
  owner = new pg.Client({ connectionString: world.app.adminUrl });
  await owner.connect();
  const { rows } = await owner.query<{ name: string }>(`
    select a.attrelid::regclass::text as name from pg_attribute a join pg_class c on c.oid = attrelid
      join pg_namespace n on n.oid = relnamespace
     where attname = 'tenant_id' and relkind = 'r' and nspname not like 'pg\\_%' order by 1`);
  tables = rows.map(({ name }) => name);
});
after(async () => {
  await owner.end();
  await world.app.close();
});

interface Seen {
  readonly status: number;
  readonly headers: string[];
  readonly text: string;
}

/** One request, seen as it lies on the wire, with the request's own id and the date blanked. */
async function seen(token: string, method: string, path: string, body?: unknown, headers = {}): Promise<Seen> {
  const answer = await fetch(new URL(path, world.app.origin), {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: [...answer.headers.keys()].filter((name) => name !== 'date').sort(),
    text: text
      .replaceAll(/"(date|requestId|request-id|client-request-id|decisionId)":"[^"]*"/g, '"$1":"<blank>"')
      .replaceAll(/ request-id="[^"]*"/g, ' request-id="<blank>"'),
  };
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

const INSTANT = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** Every id in every row of a tenant. */
async function idsOf(tenantId: TenantId): Promise<Set<string>> {
  const ids = new Set<string>([tenantId]);
  for (const table of tables) {
    const { rows } = await owner.query<{ row: string }>(
      `select to_jsonb(t)::text as row from ${table} t where tenant_id = $1`,
      [tenantId],
    );
    for (const { row } of rows) for (const id of row.match(UUID) ?? []) ids.add(id);
  }
  return ids;
}

/** What only Contoso has: ids that stand in no row of Fabrikam, and the names of its people. */
async function marksOfContoso(): Promise<(text: string) => string[]> {
  const shared = await idsOf(world.fabrikam.id);
  const own = [...(await idsOf(world.contoso.id))].filter((id) => !shared.has(id));
  assert.ok(own.length > 20, 'Contoso has things of its own');
  const marks = [...own, 'Carla Mendes', 'carla@contoso.example', 'bob@contoso.example'];
  return (text) => marks.filter((mark) => text.includes(mark));
}

/** Waits until nothing is left to do in the background, so that what changes afterwards was changed by the test. */
async function untilQuiet(): Promise<void> {
  await eventually(async () => {
    const { rows } = await owner.query<{ waiting: number }>(
      'select count(*)::int as waiting from graphile_worker.jobs where run_at <= now() and attempts < max_attempts',
    );
    return rows[0]?.waiting === 0;
  }, 'the background work did not end');
}

/**
 * A digest of every row of a tenant, but for the audit, the logs shared with partners and what tests of partnerships
 * found: those are written to by the clock, and a request that is refused stands in the first two. The key they are
 * signed with is made when it is first needed.
 */
async function digestOf(tenantId: TenantId): Promise<Record<string, string>> {
  const digest: Record<string, string> = {};
  for (const table of tables.filter(
    (name) => !/^(audit\.|partners\.shared_|partners\.watches|partners\.keys)/.test(name),
  )) {
    const { rows } = await owner.query<{ digest: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') as digest
         from ${table} t where tenant_id = $1`,
      [tenantId],
    );
    digest[table] = rows[0]?.digest ?? '';
  }
  return digest;
}

const PLACES_IN_LISTS = new Set(['after', 'before', '$skiptoken', '$skipToken', '$deltatoken']);

/** Routes about one's own organisation. The operator's are about all, and are tried apart. */
const own = () => world.app.routes.filter((route) => !route.path.startsWith('/operator'));

/** The objects of one's own with those of another in some places of the path. */
function mixed(route: Route, other: Objects): Objects[] {
  const names = namedIn(route.path).filter((name): name is keyof Objects =>
    (KINDS as readonly string[]).includes(name),
  );
  return [...new Set(names)].map((name) => ({ ...world.objects.fabrikam, [name]: other[name] }));
}

test('XC-10: an id of another organisation is answered like one that names nothing, on every route', async () => {
  const token = await world.token(world.fabrikam.ann);
  await untilQuiet();
  const before = await digestOf(world.contoso.id);
  let tried = 0;
  for (const route of own().filter((one) => namesObjects(one.path))) {
    const foreign = mixed(route, world.objects.contoso);
    const nothing = mixed(route, NOTHING);
    for (const [n, objects] of foreign.entries()) {
      const ask = (inPath: Objects) =>
        seen(
          token,
          route.method,
          filled(route.path, inPath),
          bodyOf(route, () => world.objects.fabrikam.account, inPath),
        );
      const onForeign = await ask(objects);
      const onNothing = await ask(nothing[n] as Objects);
      assert.equal(onNothing.status, 404, `${nameOf(route)} about nothing: ${onNothing.text}`);
      assert.deepEqual(onForeign, onNothing, `${nameOf(route)} tells what is Contoso's from what does not exist`);
      tried += 1;
    }
  }
  assert.ok(tried >= 15, `${tried} routes were tried`);
  assert.deepEqual(await digestOf(world.contoso.id), before, 'nothing of Contoso was changed');
});

/** Bodies of a calendar program that its verbs take, in the forms that they may have. */
const DAV_BODIES: Readonly<Record<string, readonly string[]>> = {
  REPORT: [
    'D:sync-collection',
    'D:expand-property',
    'C:calendar-query',
    'C:calendar-multiget',
    'C:free-busy-query',
  ].map(
    (report) =>
      `<${report} xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:sync-token/><D:prop><D:displayname/></D:prop>
       <C:filter><C:comp-filter name="VCALENDAR"/></C:filter>
       <C:time-range start="20260101T000000Z" end="20270101T000000Z"/></${report}>`,
  ),
  PROPPATCH: [
    '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>Mine</D:displayname></D:prop></D:set></D:propertyupdate>',
  ],
  PUT: [
    'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:plan\r\nDTSTAMP:20260401T000000Z\r\nDTSTART:20260504T070000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n',
  ],
};

test("XC-10: over DAV, another organisation's addresses are answered like those of nothing, whatever the verb", async () => {
  const token = await world.token(world.fabrikam.ann);
  await untilQuiet();
  const before = await digestOf(world.contoso.id);
  const ask = async (method: string, path: string, body: string | undefined) => {
    const answer = await fetch(new URL(path, world.app.origin), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        depth: '1',
        ...(body === undefined ? {} : { 'content-type': body.startsWith('BEGIN') ? 'text/calendar' : 'text/xml' }),
        destination: '/dav/calendars/x/y/z',
      },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, text: (await answer.text()).replace(/request-id="[^"]*"/, '') };
  };
  const verbs = world.app.routes.filter(({ path, access }) => path === '/dav/*' && access === 'asks');
  assert.ok(verbs.length >= 8);
  for (const { method } of verbs) {
    for (const body of DAV_BODIES[method] ?? [undefined]) {
      for (const [n, path] of davPaths(world.objects.contoso).entries()) {
        const onForeign = await ask(method, path, body);
        assert.ok(onForeign.status >= 400 && onForeign.status < 500, `${method} ${path}: ${onForeign.text}`);
        assert.deepEqual(onForeign, await ask(method, davPaths(NOTHING)[n] as string, body), `${method} ${path}`);
      }
    }
  }
  assert.deepEqual(await digestOf(world.contoso.id), before, 'nothing of Contoso was changed');
});

test('XC-10: no collection lists or counts what belongs to another organisation', async () => {
  const [ann, carla] = [await world.token(world.fabrikam.ann), await world.token(world.contoso.carla)];
  const marks = await marksOfContoso();
  let listsOfContoso = 0;
  for (const route of own().filter((one) => one.method === 'GET')) {
    const path = filled(route.path, world.objects.fabrikam);
    const answer = await seen(ann, 'GET', path);
    assert.ok(answer.status < 500, `${path}: ${answer.text}`);
    assert.deepEqual(marks(answer.text), [], nameOf(route));
    const pretending = await seen(ann, 'GET', path, undefined, { 'entente-tenant': world.contoso.domain });
    assert.deepEqual(marks(pretending.text), [], `${nameOf(route)} with another organisation named in a header`);
    const atHome = await seen(carla, 'GET', filled(route.path, world.objects.contoso));
    if (marks(atHome.text).length > 0) listsOfContoso += 1;
  }
  assert.ok(listsOfContoso >= 5, 'at home, Contoso is found by the same look');
});

test('XC-10: filters, searches and counts do not reach into another organisation', async () => {
  const token = await world.token(world.fabrikam.ann);
  const marks = await marksOfContoso();
  const questions = [
    `$filter=${encodeURIComponent(`id in (${KINDS.map((kind) => `'${world.objects.contoso[kind]}'`).join(',')})`)}`,
    ...[
      `id eq '${world.objects.contoso.account}'`,
      `id eq '${world.objects.contoso.group}'`,
      "startsWith(displayName,'Bob')",
      "mail eq 'bob@contoso.example'",
      'id ne null',
      'true',
    ].map((filter) => `$filter=${encodeURIComponent(filter)}`),
    `$search=${encodeURIComponent('"displayName:Bob"')}`,
    `$search=${encodeURIComponent('"mail:contoso"')}`,
    '$count=true&$top=999',
    'search=carla&limit=900',
  ];
  let found = 0;
  for (const route of own().filter((one) => one.method === 'GET')) {
    const path = filled(route.path, world.objects.fabrikam);
    if (!(await seen(token, 'GET', path)).text.includes('"value":[')) continue;
    for (const question of questions) {
      const answer = await seen(token, 'GET', `${path}?${question}`, undefined, { consistencylevel: 'eventual' });
      assert.ok(answer.status < 500, `${path}?${question}: ${answer.text}`);
      // A next link repeats the question.
      const text = answer.text.replaceAll(/"@odata\.(next|delta)Link":"[^"]*"/g, '');
      // A fault repeats what was asked.
      const told = marks(text).filter((mark) => !decodeURIComponent(question).includes(mark));
      assert.deepEqual(told, [], `${path}?${question}`);
      if (answer.status === 200) found += 1;
    }
  }
  assert.ok(found > 0, 'at least some of it is understood');
});

test('XC-10: a place in a list of another organisation leads nowhere', async () => {
  const [ann, carla] = [await world.token(world.fabrikam.ann), await world.token(world.contoso.carla)];
  const marks = await marksOfContoso();
  let carried = 0;
  for (const route of own().filter((one) => one.method === 'GET')) {
    const path = filled(route.path, world.objects.contoso);
    for (const query of ['$top=1', 'limit=1', '']) {
      const { text } = await seen(carla, 'GET', `${path}?${query}`);
      const links = [...text.matchAll(/"@odata\.(?:next|delta)Link":"([^"]*)"/g)].map((match) => match[1] as string);
      const next = /"next":"([^"]+)"/.exec(text)?.[1];
      if (next) links.push(`${path}?${query}&after=${next}`);
      for (const link of links) {
        const { pathname, search } = new URL(link, world.app.origin);
        const answer = await seen(ann, 'GET', `${pathname}${search}`);
        assert.ok([200, 400, 404, 410].includes(answer.status), `${link}: ${answer.status} ${answer.text}`);
        assert.deepEqual(marks(answer.text.replaceAll(/"@odata\.(next|delta)Link":"[^"]*"/g, '')), [], link);
        carried += 1;
      }
    }
  }
  assert.ok(carried > 0, 'at least one place in a list was carried over');
});

test('XC-10: a batch reaches no further than its requests would alone', async () => {
  const routes = own().filter((one) => one.path.startsWith('/v1.0/') && one.method === 'GET' && namesObjects(one.path));
  const ask = async (objects: Objects) => {
    const requests = routes.map((one, n) => ({
      id: String(n),
      method: 'GET',
      url: filled(one.path, objects).replace('/v1.0', ''),
      headers: { 'entente-tenant': world.contoso.domain },
    }));
    const answers = [];
    for (let from = 0; from < requests.length; from += 20) {
      const { body } = await world.ann('POST', '/v1.0/$batch', { requests: requests.slice(from, from + 20) });
      answers.push(...body.responses.toSorted((a: { id: string }, b: { id: string }) => Number(a.id) - Number(b.id)));
    }
    return answers as { status: number; body: unknown }[];
  };
  const blank = (body: unknown) =>
    JSON.stringify(body)
      .replaceAll(UUID, '<id>')
      .replaceAll(/"date":"[^"]*"/g, '');
  const onForeign = await ask(world.objects.contoso);
  const onNothing = await ask(NOTHING);
  for (const [n, answer] of onForeign.entries()) {
    assert.equal(answer.status, 404, nameOf(routes[n] as Route));
    assert.equal(blank(answer.body), blank(onNothing[n]?.body), nameOf(routes[n] as Route));
  }
});

test("the operator's routes are closed to every organisation's administrator who is no operator", async () => {
  const carla = await world.token(world.contoso.carla);
  const routes = world.app.routes.filter((route) => route.path.startsWith('/operator'));
  // Says of the asker alone how far they may go: nowhere.
  const aboutOneself = new Set(['/operator/abilities']);
  for (const route of routes.filter((one) => one.access === 'asks' && !aboutOneself.has(one.path))) {
    const path = filled(route.path, world.objects.contoso);
    const answer = await seen(
      carla,
      route.method,
      path,
      bodyOf(route, () => newId(), world.objects.contoso),
    );
    assert.ok([403, 404].includes(answer.status), `${nameOf(route)}: ${answer.status} ${answer.text}`);
  }
});

/** Tables that every transaction may read, because they are looked up before a tenant is known. */
const LOOKED_UP = ['tenants.domains', 'tenants.tenants'];

test('XC-10: in the name of one organisation, no table shows or takes a row of another', async () => {
  const { fabrikam, contoso, inside } = world;
  const bound = tables.filter((table) => !LOOKED_UP.includes(table));
  assert.ok(bound.length >= 8);
  let full = 0;
  for (const table of bound) {
    const name = sql.id(...table.split('.').map((part) => part.replaceAll('"', '')));
    const there = await owner.query<{ count: number }>(`select count(*) from ${table} where tenant_id = $1`, [
      contoso.id,
    ]);
    if (Number(there.rows[0]?.count) > 0) full += 1;
    const seen = await inside(fabrikam.id, (ctx) =>
      sql<{ count: number }>`select count(*) as count from ${name} where tenant_id <> ${fabrikam.id}`.execute(
        sqlOf(ctx),
      ),
    );
    assert.equal(Number(seen.rows[0]?.count), 0, table);

    // Giving one's own rows away, and taking another's, is refused or does nothing.
    for (const [from, to] of [
      [fabrikam.id, contoso.id],
      [contoso.id, fabrikam.id],
    ] as const) {
      const moved = inside(fabrikam.id, async (ctx) => {
        const result = await sql`update ${name} set tenant_id = ${to} where tenant_id = ${from}`.execute(sqlOf(ctx));
        return Number(result.numAffectedRows ?? 0);
      }).catch((error: { code?: string }) => {
        assert.equal(error.code, '42501', `${table}: ${error}`);
        return 0;
      });
      assert.equal(await moved, 0, `${table} lets rows move between organisations`);
    }
  }
  assert.ok(full >= 3, `${full} tables held rows of Contoso to be hidden`);
});

// Last, since what takes a foreign id for a mere word makes things of its own with it.
test('XC-10: an id of another organisation in a body or a query tells no more than one that names nothing', async () => {
  const token = await world.token(world.fabrikam.ann);
  const marks = await marksOfContoso();
  const before = await digestOf(world.contoso.id);
  let tried = 0;
  for (const route of own()) {
    const path = filled(route.path, world.objects.fabrikam);
    const places = [
      ...(route.query ? idPlaces(route.query).map((place) => ({ in: 'query', name: place.join('.') })) : []),
      ...(route.body ? idPlaces(route.body).map((place) => ({ in: 'body', name: place.join('.') })) : []),
    ];
    for (const place of places) {
      for (const kind of KINDS) {
        const ask = (id: string) => {
          const body = bodyOf(
            route,
            (at) => (place.in === 'body' && at.join('.') === place.name ? id : world.objects.fabrikam.account),
            world.objects.fabrikam,
          );
          const query = place.in === 'query' ? `?${place.name}=${id}` : '';
          return seen(token, route.method, `${path}${query}`, body);
        };
        const foreign = world.objects.contoso[kind];
        const nothing = NOTHING[kind];
        const onForeign = await ask(foreign);
        const onNothing = await ask(nothing);
        const what = `${nameOf(route)} with a foreign ${kind} in ${place.in} ${place.name}`;
        assert.deepEqual(marks(onForeign.text.replaceAll(foreign, '<id>')), [], what);
        tried += 1;
        // A place in a list is an order, not a thing: another one leads to another part of one's own list.
        if (PLACES_IN_LISTS.has(place.name)) continue;
        assert.equal(onForeign.status, onNothing.status, `${what}: ${onForeign.text} and ${onNothing.text}`);
        const blank = (text: string, id: string) => {
          const rest = text.replaceAll(id, '<id>');
          // What was made just now has ids and times of its own.
          return onForeign.status < 300 ? rest.replaceAll(UUID, '<new>').replaceAll(INSTANT, '<now>') : rest;
        };
        assert.equal(blank(onForeign.text, foreign), blank(onNothing.text, nothing), what);
      }
    }
  }
  assert.ok(tried > 10, `${tried} places were tried`);
  assert.deepEqual(await digestOf(world.contoso.id), before, 'nothing of Contoso was changed');
});
