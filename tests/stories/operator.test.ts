import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { openFolderStore } from '../../src/platform/blobs/index.ts';
import { readBackup } from '../../src/platform/database/backup-restore.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { createTestDatabase } from '../support/database.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

let people: People;
let olga: Api;
before(async () => {
  people = await startPeople();
  olga = people.api(people.fabrikam.ann);
});
after(() => people?.app.close());

const northwind = (rest: object = {}) => ({
  displayName: 'Northwind',
  initialDomain: 'northwind.example',
  administrator: { displayName: 'Nora', userPrincipalName: 'nora@northwind.example' },
  ...rest,
});
const named = async (name: string) =>
  (await olga('GET', `/operator/tenants?search=${name}`)).body.value[0] as {
    id: string;
    state: string;
    usage: { accounts: number; licences: object[] };
  };

test('the operator sees the tenants by name, in pages, with what each uses', async () => {
  const seen: string[] = [];
  let path: string | null = '/operator/tenants?limit=2';
  for (let pages = 0; path && pages < 5; pages += 1) {
    const { status, body } = await olga('GET', path);
    assert.equal(status, 200);
    seen.push(...body.value.map((tenant: { displayName: string }) => tenant.displayName));
    path = body.next && `/operator/tenants?limit=2&after=${body.next}`;
  }
  assert.deepEqual(seen, ['Contoso', 'Fabrikam', 'Tailspin']);
  const fabrikam = await named('fabrikam.ex');
  const byDomain = await olga('GET', '/operator/tenants/Fabrikam.Example');
  assert.deepEqual([byDomain.body.id, byDomain.body.domains], [fabrikam.id, ['fabrikam.example']]);
  assert.deepEqual(
    [fabrikam.usage.accounts, fabrikam.usage.licences],
    [
      2,
      [
        { sku: 'ENTENTE_E3', units: 10, consumed: 0, state: 'Enabled', suspendedAt: null, endsAt: null },
        { sku: 'ENTENTE_E5', units: 25, consumed: 2, state: 'Enabled', suspendedAt: null, endsAt: null },
      ],
    ],
  );
  assert.equal((await olga('GET', '/operator/tenants?after=nonsense')).status, 400);
});

test('a new tenant has an administrator with a temporary password, who administers it and nothing else', async () => {
  const opened = await olga('POST', '/operator/tenants', northwind({ storage: { sites: 1000 } }));
  assert.equal(opened.status, 201);
  assert.match(opened.body.administrator.password, /^.{12,}$/);
  const nora = {
    id: opened.body.administrator.accountId,
    tenantId: opened.body.tenant.id,
    userPrincipalName: 'nora@northwind.example',
  };
  const organization = await people.api(nora)('GET', '/v1.0/organization');
  assert.equal(organization.body.value[0].displayName, 'Northwind');
  assert.equal((await people.api(nora)('GET', '/admin/settings')).status, 200);
  assert.equal((await people.api(nora)('GET', '/operator/tenants')).status, 403);
  assert.equal((await olga('POST', '/operator/tenants', northwind())).status, 409);
});

test('a tenant whose administrator cannot be made is not made either', async () => {
  const elsewhere = northwind({ initialDomain: 'wingtip.example' });
  assert.equal((await olga('POST', '/operator/tenants', elsewhere)).status, 400);
  const reserved = northwind({
    initialDomain: 'wingtip.example',
    administrator: { displayName: 'W', userPrincipalName: 'w#x@wingtip.example' },
  });
  assert.equal((await olga('POST', '/operator/tenants', reserved)).status, 400);
  assert.equal((await olga('GET', '/operator/tenants?search=wingtip')).body.value.length, 0);
  const mended = northwind({
    initialDomain: 'wingtip.example',
    administrator: { displayName: 'W', userPrincipalName: 'w@wingtip.example' },
  });
  assert.equal((await olga('POST', '/operator/tenants', mended)).status, 201);
});

test('limits, subscriptions and state change together or not at all', async () => {
  const { id } = await named('Tailspin');
  const path = `/operator/tenants/${id}`;
  const half = { displayName: 'Renamed', subscriptions: { NO_SUCH_SKU: { units: 1 } } };
  assert.equal((await olga('PATCH', path, half)).status, 400);
  assert.equal((await olga('GET', path)).body.displayName, 'Tailspin');
  const changed = await olga('PATCH', path, {
    state: 'suspended',
    storage: { mailboxes: 500 },
    subscriptions: { ENTENTE_UNLIMITED: null, ENTENTE_E3: { units: 7 } },
  });
  assert.deepEqual(
    [changed.status, changed.body.state, changed.body.usage.licences.map((one: { sku: string }) => one.sku)],
    [200, 'suspended', ['ENTENTE_E3']],
  );
  const tina = people.api(people.tailspin.tina);
  const rename = { values: { contact: 'Tina' } };
  for (let tries = 0; ; tries += 1) {
    const { status } = await tina('PATCH', '/admin/settings/tenants.branding', rename);
    if (status === 403) break;
    if (tries > 50) assert.fail(`a suspended organisation still changes: ${status}`);
  }
  await olga('PATCH', path, { state: 'active' });
});

test('a deleted tenant is closed, restored within 30 days, or removed at once and for ever', async () => {
  const { id } = await named('Wingtip').then((found) => found ?? named('wingtip'));
  const path = `/operator/tenants/${id}`;
  assert.equal((await olga('DELETE', path)).status, 204);
  assert.equal((await olga('GET', path)).body.state, 'deleted');
  assert.equal((await olga('POST', `${path}/restore`)).status, 204);
  assert.equal((await olga('GET', path)).body.state, 'active');
  assert.equal((await olga('DELETE', `${path}?final=true`)).status, 204);
  assert.equal((await olga('GET', path)).status, 404);
  for (const gone of [path, '/operator/tenants/nonsense']) assert.equal((await olga('GET', gone)).status, 404);
});

test('the server’s usage and health are told in numbers', async () => {
  const usage = await olga('GET', '/operator/usage');
  assert.ok(usage.body.tenants.active >= 3);
  assert.deepEqual(
    usage.body.storage.map((one: { name: string }) => one.name),
    ['mailboxes', 'sites'],
  );
  const health = await olga('GET', '/operator/health');
  const states = Object.fromEntries(
    health.body.parts.map((part: { name: string; state: string }) => [part.name, part.state]),
  );
  assert.deepEqual(Object.keys(states), ['database', 'jobs', 'mail', 'live updates', 'certificate', 'files', 'disk']);
  for (const name of ['jobs', 'live updates', 'certificate'])
    assert.equal(states[name], 'ok', JSON.stringify(health.body));
});

test('a token of the operator that is limited to something does not run the server', async () => {
  const limited = people.api(people.fabrikam.ann, { scopes: ['User.Read'] });
  assert.equal((await limited('GET', '/operator/tenants')).status, 403);
  assert.equal((await olga('GET', '/operator/tenants')).status, 200);
});

test('nobody but the operator reaches the operator’s routes', async () => {
  const id = people.contoso.id;
  const paths: [string, string, unknown?][] = [
    ['GET', '/operator/tenants'],
    ['POST', '/operator/tenants', northwind({ initialDomain: 'x.example' })],
    ['GET', `/operator/tenants/${id}`],
    ['PATCH', `/operator/tenants/${id}`, { displayName: 'x' }],
    ['DELETE', `/operator/tenants/${id}`],
    ['POST', `/operator/tenants/${id}/restore`],
    ['GET', '/operator/usage'],
    ['GET', '/operator/health'],
  ];
  for (const [method, path, body] of paths) {
    for (const who of [people.contoso.carla, people.fabrikam.anders]) {
      assert.equal((await people.api(who)(method, path, body)).status, 403, `${method} ${path}`);
    }
    assert.equal((await people.call(undefined)(method, path, body)).status, 401, `${method} ${path}`);
  }
});

test('an application changes the profile with the permission for it, and with no other', async () => {
  const path = `/v1.0/organization/${people.contoso.id}`;
  const change = { displayName: 'Contoso Ltd', privacyProfile: { contactEmail: 'privacy@contoso.example' } };
  const through = (...scopes: string[]) => people.api(people.contoso.carla, { scopes })('PATCH', path, change);
  assert.equal((await through('User.Read')).status, 403);
  assert.equal((await through('Organization.Read.All')).status, 403);
  assert.equal((await through('Organization.ReadWrite.All')).status, 204);
});

test('an organisation takes an archive of everything along, and another server takes it in', async (t) => {
  assert.equal((await people.api(people.contoso.bob)('POST', '/admin/export')).status, 403);
  // No application in between takes one: it holds the hashes of everybody's passwords.
  const program = people.api(people.contoso.carla, {
    scopes: ['Organization.ReadWrite.All', 'Directory.ReadWrite.All'],
  });
  assert.equal((await program('POST', '/admin/export')).status, 403);
  const token = await people.token(people.contoso.carla);
  const answer = await fetch(`${people.app.origin}/admin/export`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(answer.headers.get('content-type'), 'application/gzip');
  const archive = Buffer.from(await answer.arrayBuffer());
  const other = await createTestDatabase();
  t.after(() => other.drop());
  const folder = await mkdtemp(join(tmpdir(), 'entente-export-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { manifest } = await readBackup({
    adminUrl: other.adminUrl,
    blobs: await openFolderStore(folder),
    content: Readable.from([archive]),
  });
  assert.equal(manifest.tenant?.id, people.contoso.id);
  const text = gunzipSync(archive).toString('latin1');
  assert.match(text, /tables\/directory\.accounts\/00000001\.ndjson/);
  assert.match(text, /tables\/audit\.events\/00000001\.ndjson/);
  assert.ok(!text.includes(people.fabrikam.id), 'nothing of another tenant is in it');
});

test('the first visit may ask for the demo, once, on a server that only its own machine reaches', async (t) => {
  const app: TestApp = await startTestApp({ demoPassword: 'green apples ripen slowly' });
  t.after(() => app.close());
  const setup = async () => (await fetch(`${app.origin}/operator/setup`)).json();
  const load = () =>
    fetch(`${app.origin}/operator/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ demo: true }),
    });
  assert.deepEqual(await setup(), { isEmpty: true, needsCode: false, mayLoadDemo: true });
  const answers = await Promise.all([load(), load()]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
  assert.deepEqual(await setup(), { isEmpty: false, needsCode: false, mayLoadDemo: false });
  const loaded = (await answers.find(({ status }) => status === 201)?.json()) as {
    people: { userPrincipalName: string }[];
    password: string;
  };
  assert.equal(loaded.password, 'green apples ripen slowly');
  assert.ok(loaded.people.some((one) => one.userPrincipalName === 'ann@fabrikam.example'));
});

test('from another machine a server is set up by whoever has the code that it printed, and by nobody else', async (t) => {
  const app: TestApp = await startTestApp();
  t.after(() => app.close());
  const body = {
    displayName: 'First',
    initialDomain: 'first.example',
    administrator: {
      displayName: 'Ann',
      userPrincipalName: 'ann@first.example',
      password: 'green apples ripen slowly',
    },
  };
  const setUp = (headers: Record<string, string>, code?: string) =>
    fetch(`${app.origin}/operator/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ ...body, ...(code === undefined ? {} : { code }) }),
    });
  const passedOn = [{ 'x-forwarded-for': '203.0.113.7' }, { 'x-real-ip': '203.0.113.7' }, { via: '1.1 proxy' }];
  for (const headers of passedOn) {
    const answer = await setUp(headers as Record<string, string>);
    assert.equal(answer.status, 403);
    assert.equal(((await answer.json()) as { code: string }).code, 'tenants.setup-code-needed');
    const seen = await fetch(`${app.origin}/operator/setup`, { headers: headers as Record<string, string> });
    assert.equal(((await seen.json()) as { needsCode: boolean }).needsCode, true);
  }
  assert.equal((await setUp({ via: '1.1 proxy' }, '00000-00000-00000-00000')).status, 403);
  assert.equal((await setUp({ via: '1.1 proxy' }, app.setupCode.text.toUpperCase())).status, 201);
});

test('behind a proxy that says nothing of itself the code is needed too', async (t) => {
  const app: TestApp = await startTestApp({ publicUrl: 'https://entente.example' });
  t.after(() => app.close());
  const { origin } = JSON.parse(await readFile(join(app.data, 'server.json'), 'utf8'));
  const seen = await (await fetch(`${origin}/operator/setup`)).json();
  assert.deepEqual(seen, { isEmpty: true, needsCode: true, mayLoadDemo: false });
});

test('an empty server is set up once, by one of all who try at once', async (t) => {
  const app: TestApp = await startTestApp();
  t.after(() => app.close());
  const isEmpty = async () =>
    ((await (await fetch(`${app.origin}/operator/setup`)).json()) as { isEmpty: boolean }).isEmpty;
  const setUp = (name: string, administrator = {}) =>
    fetch(`${app.origin}/operator/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        displayName: name,
        initialDomain: `${name}.example`,
        administrator: {
          displayName: 'Ann',
          userPrincipalName: `ann@${name}.example`,
          password: 'green apples ripen slowly',
          ...administrator,
        },
      }),
    });
  assert.equal(await isEmpty(), true);
  assert.equal((await setUp('first', { password: 'short' })).status, 400);
  assert.equal((await setUp('first', { password: 'Password2025!' })).status, 400);
  assert.equal((await setUp('first', { userPrincipalName: 'ann@other.example' })).status, 400);
  assert.equal(await isEmpty(), true);
  const answers = await Promise.all(['first', 'second', 'third'].map((name) => setUp(name)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409]);
  assert.equal(await isEmpty(), false);

  const winner = answers.find(({ status }) => status === 201);
  assert.ok(winner);
  const { tenant, administrator } = (await winner.json()) as {
    tenant: { id: never };
    administrator: { accountId: never; password: null };
  };
  assert.equal(administrator.password, null);
  const { token } = await app.run({ tenantId: tenant.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    app.signin.mintAccessToken(ctx, administrator.accountId),
  );
  const tenants = await fetch(`${app.origin}/operator/tenants`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(tenants.status, 200);
});
