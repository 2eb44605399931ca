import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { operatorSettings } from '../../src/kernel/administration.ts';
import { HOST, type TenantId } from '../../src/kernel/ids.ts';
import { defineSettings } from '../../src/kernel/settings.ts';
import { changeSettings, createTenant, SettingsRegistry } from '../../src/tenants/index.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { anActor, serveRoutes, tenantsRoutes } from '../support/routes.ts';

/** Settings as a workload would declare them: a rule across two values, an area role, one group for each partner. */
const lending = defineSettings({
  name: 'library.lending',
  scope: 'tenant',
  title: 'Lending',
  sentence: 'How books are lent.',
  administrators: ['groups-administrator'],
  shape: z.object({
    shortestDays: z.number().int().min(1).default(7).describe('The fewest days a book is lent for.'),
    longestDays: z.number().int().min(1).default(30).describe('The most days a book is lent for.'),
    readers: z.enum(['everyone', 'members']).default('members').describe('Who may borrow.'),
  }),
  check: ({ shortestDays, longestDays }) =>
    shortestDays > longestDays ? 'The fewest days are more than the most.' : undefined,
});
const exchange = defineSettings({
  name: 'library.exchange',
  scope: 'partner',
  title: 'Exchange',
  sentence: 'What a partner may borrow.',
  shape: z.object({ rare: z.boolean().default(false).describe('Whether rare books too.') }),
});

let app: TestApp;
let wire: Awaited<ReturnType<typeof serveRoutes>>;
let tenantId: TenantId;
const as = (name: string, ...roles: string[]) => ({ actor: anActor(name, tenantId, ...roles), tenantId });
const ann = () => as('ann@fabrikam.example', 'global-administrator');

before(async () => {
  app = await startTestApp();
  const registry = new SettingsRegistry([operatorSettings, lending, exchange]);
  wire = await serveRoutes(app, tenantsRoutes(app, { registry: () => registry }));
  const operator = { kind: 'operator', displayName: 'Olga', accountId: null } as const;
  const fabrikam = await app.run({ tenantId: HOST, actor: operator }, (ctx) =>
    createTenant(ctx, { displayName: 'Fabrikam', initialDomain: 'fabrikam.example' }),
  );
  tenantId = fabrikam.id;
});
after(async () => {
  await wire?.close();
  await app?.close();
});

const settingsOf = (body: { settings: { name: string }[] }) =>
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
  Object.fromEntries(body.settings.map((one: any) => [one.name, one]));

test('every group is listed with sentence, schema, default and value', async () => {
  const { status, body } = await wire.call(ann(), 'GET', '/admin/settings');
  assert.equal(status, 200);
  assert.deepEqual(
    body.value.map((group: { name: string }) => group.name),
    ['tenants.operator', 'library.lending', 'library.exchange'],
  );
  const { readers } = settingsOf(body.value[1]);
  assert.equal(readers.sentence, 'Who may borrow.');
  assert.deepEqual(readers.schema.enum, ['everyone', 'members']);
  assert.deepEqual([readers.default, readers.value, readers.isSet], ['members', 'members', false]);
});

test('a change is kept with its author, and its history is paged newest first', async () => {
  const lendingPath = '/admin/settings/library.lending';
  const changed = await wire.call(ann(), 'PATCH', lendingPath, { values: { longestDays: 60 } });
  assert.equal(changed.status, 200);
  assert.deepEqual(
    [settingsOf(changed.body).longestDays.value, settingsOf(changed.body).longestDays.changedBy],
    [60, 'ann@fabrikam.example'],
  );
  app.clock.advance(1);
  await wire.call(ann(), 'PATCH', lendingPath, { values: { longestDays: 90 } });
  app.clock.advance(1);
  await wire.call(ann(), 'PATCH', lendingPath, { values: { longestDays: null } });
  await wire.call(ann(), 'PATCH', lendingPath, { values: { longestDays: null } });

  const seen: [unknown, unknown][] = [];
  let next: string | null = '';
  for (let pages = 0; next !== null && pages < 5; pages += 1) {
    const after: string = next ? `&after=${next}` : '';
    const { body } = await wire.call(ann(), 'GET', `${lendingPath}/history?limit=2${after}`);
    seen.push(
      ...body.value.map((change: { oldValue: unknown; newValue: unknown }) => [change.oldValue, change.newValue]),
    );
    next = body.next;
  }
  assert.deepEqual(seen, [
    [90, null],
    [60, 90],
    [null, 60],
  ]);
});

test('one wrong value changes nothing, and every wrong one is named', async () => {
  const values = { readers: 'everyone', shortestDays: 0, longestDays: 'x', colour: 'red' };
  const { status, body } = await wire.call(ann(), 'PATCH', '/admin/settings/library.lending', { values });
  assert.equal(status, 400);
  assert.deepEqual(
    body.problems.map((problem: { name: string }) => problem.name),
    ['shortestDays', 'longestDays', 'colour'],
  );
  const shown = settingsOf((await wire.call(ann(), 'GET', '/admin/settings/library.lending')).body);
  assert.equal(shown.readers.isSet, false);
  const across = await wire.call(ann(), 'PATCH', '/admin/settings/library.lending', { values: { shortestDays: 31 } });
  assert.equal(across.status, 400);
  assert.match(across.body.title, /fewest days are more/);
});

test('two changes that are right alone and wrong together are not both kept', async () => {
  const path = '/admin/settings/library.lending';
  const both = await Promise.all([
    wire.call(ann(), 'PATCH', path, { values: { shortestDays: 20 } }),
    wire.call(ann(), 'PATCH', path, { values: { longestDays: 10 } }),
  ]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 400]);
  await wire.call(ann(), 'PATCH', path, { values: { shortestDays: null, longestDays: null } });
});

test('a group of settings that is none is not found', async () => {
  for (const [method, path] of [
    ['GET', '/admin/settings/library.fines'],
    ['GET', '/admin/settings/library.fines/history'],
    ['PATCH', '/admin/settings/library.fines'],
  ] as const) {
    const body = method === 'PATCH' ? { values: {} } : undefined;
    assert.equal((await wire.call(ann(), method, path, body)).status, 404, path);
  }
});

test('a partner is named by its id or its domain, in one spelling', async () => {
  const path = '/admin/settings/library.exchange';
  const values = { rare: true };
  assert.equal((await wire.call(ann(), 'PATCH', path, { values })).status, 400);
  assert.equal((await wire.call(ann(), 'PATCH', path, { values, target: 'not a name' })).status, 400);
  assert.equal((await wire.call(ann(), 'PATCH', path, { values, target: 'Contoso.Example' })).status, 200);
  const { body } = await wire.call(ann(), 'GET', `${path}?target=contoso.example`);
  assert.deepEqual([body.targets, settingsOf(body).rare.value], [['contoso.example'], true]);
});

test('the text form holds what is set, in the same order whenever it was set', async () => {
  await wire.call(ann(), 'PATCH', '/admin/settings/library.lending', { values: { shortestDays: 3 } });
  await wire.call(ann(), 'PATCH', '/admin/settings/library.lending', { values: { readers: 'everyone' } });
  const { status, body, headers } = await wire.call(ann(), 'GET', '/admin/settings-text');
  assert.equal(status, 200);
  assert.match(headers.get('content-type') ?? '', /yaml/);
  assert.equal(
    body,
    `# What is set. A setting that is not named has its default; a group that is not named stays as it is.

organization: fabrikam.example
settings:
  # Exchange. What a partner may borrow.
  library.exchange:
    !domain contoso.example:
      rare: true
  # Lending. How books are lent.
  library.lending:
    # Who may borrow.
    readers: everyone
    # The fewest days a book is lent for.
    shortestDays: 3
  # Operator access. What the operator of this server may do inside this organisation.
  tenants.operator: {}
`,
  );
});

test('an area role reads and changes its own group alone; a member none', async () => {
  const groups = as('gabi@fabrikam.example', 'groups-administrator');
  const mine = await wire.call(groups, 'GET', '/admin/settings');
  assert.deepEqual(
    mine.body.value.map((group: { name: string }) => group.name),
    ['library.lending'],
  );
  const change = { values: { readers: 'members' } };
  assert.equal((await wire.call(groups, 'PATCH', '/admin/settings/library.lending', change)).status, 200);
  assert.equal(
    (await wire.call(groups, 'PATCH', '/admin/settings/library.exchange', { values: {}, target: 'a.example' })).status,
    403,
  );
  const reader = as('sara@fabrikam.example', 'security-reader');
  assert.equal((await wire.call(reader, 'GET', '/admin/settings/library.lending')).body.mayChange, false);
  assert.equal((await wire.call(reader, 'PATCH', '/admin/settings/library.lending', change)).status, 403);
  const anders = as('anders@fabrikam.example');
  for (const path of ['/admin/settings', '/admin/settings/library.lending', '/admin/settings-text']) {
    assert.equal((await wire.call(anders, 'GET', path)).status, 403, path);
    assert.equal((await wire.call(undefined, 'GET', path)).status, 401, path);
  }
});

test('what an agreement holds changes through the agreement alone', async () => {
  const agreementId = '0199aaaa-0000-7000-8000-000000000001';
  const system = { kind: 'system', name: 'partners' } as const;
  await app.run({ tenantId, actor: system }, (ctx) =>
    changeSettings(ctx, exchange, 'tailspin.example', { rare: true }, { agreementId }),
  );
  const path = '/admin/settings/library.exchange';
  const refused = await wire.call(ann(), 'PATCH', path, { values: { rare: false }, target: 'tailspin.example' });
  assert.deepEqual([refused.status, refused.body.code], [409, 'tenants.setting-held-by-agreement']);
});

test('the next request decides by the new value', async () => {
  const change = { values: { operatorAccess: 'none' } };
  await wire.call(ann(), 'PATCH', '/admin/settings/tenants.operator', change);
  const operator = { kind: 'operator', displayName: 'Olga', accountId: null } as const;
  await eventually(async () => {
    const { status } = await wire.call({ actor: operator, tenantId }, 'GET', '/admin/settings/tenants.operator');
    return status === 403;
  }, 'the operator still reads');
});
