import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import pg from 'pg';
import type { Context } from '../../src/kernel/context.ts';
import { question } from '../../src/kernel/decision.ts';
import { HOST, newId, type TenantId } from '../../src/kernel/ids.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import {
  assignLicense,
  changeSubscription,
  createTenant,
  gatherLicence,
  type LicenceChanges,
  limitStorage,
  planId,
  readStorage,
  releaseLicences,
  releaseStorage,
  removeSubscription,
  requireLicencesFor,
  reserveStorage,
  type ServicePlan,
  serviceIsLicensed,
  skuId,
} from '../../src/tenants/index.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { anActor, serveRoutes, tenantsRoutes } from '../support/routes.ts';

const OPERATOR = { kind: 'operator', displayName: 'Olga', accountId: null } as const;
const GIGABYTE = 2 ** 30;
const DAY = 86_400;

interface Person {
  readonly accountId: string;
  readonly isGuest: boolean;
  readonly groupIds: readonly string[];
}
/** Who is in which group, as the directory would know it. */
const groups = new Map<string, string[]>();
const ports = { groupMembers: async (_ctx: Context, groupId: string) => groups.get(groupId) ?? [] };

/** Stands for any workload: who has the service's licence may use it. */
const use = (plan: ServicePlan) =>
  question({
    name: `library.${plan}.use`,
    sentence: 'May they use it?',
    levels: ['none', 'look', 'use'] as const,
    facts: async (ctx: Context, person: Person) => ({ licence: await gatherLicence(ctx, person) }),
    ceilings: [serviceIsLicensed(plan, 'look')],
    *grants() {
      yield { id: 'all', level: 'use' as const, path: 'direct', subject: { kind: 'anyone', id: '' } };
    },
  });

let app: TestApp;
let wire: Awaited<ReturnType<typeof serveRoutes>>;
before(async () => {
  app = await startTestApp();
  wire = await serveRoutes(app, tenantsRoutes(app, ports));
  const admin = new pg.Client({ connectionString: app.adminUrl });
  await admin.connect();
  // Stands for any workload's table of stored things.
  await admin.query(`create schema library; grant usage on schema library to entente_app;
    create table library.books (tenant_id uuid, id uuid, bytes bigint, primary key (tenant_id, id));
    call platform.tenant_table('library.books')`);
  await admin.end();
});
after(async () => {
  await wire?.close();
  await app?.close();
});

let names = 0;
async function tenantWith(...subscriptions: { sku: string; units: number | null }[]) {
  names += 1;
  const domain = `tenant${names}.example`;
  const { id } = await app.run({ tenantId: HOST, actor: OPERATOR }, (ctx) =>
    createTenant(ctx, {
      displayName: `Tenant ${names}`,
      initialDomain: domain,
      ...(subscriptions.length > 0 ? { subscriptions } : {}),
    }),
  );
  const actor = anActor(`lisa@${domain}`, id, 'license-administrator');
  const person = (groupIds: string[] = []): Person => ({ accountId: newId(), isGuest: false, groupIds });
  return {
    id,
    lisa: { actor, tenantId: id },
    person,
    guest: (): Person => ({ accountId: newId(), isGuest: true, groupIds: [] }),
    assign: (to: { accountId: string } | { groupId: string }, changes: Partial<LicenceChanges>, location = 'SE') =>
      app.run({ actor, tenantId: id }, (ctx) =>
        assignLicense(
          ctx,
          ports,
          'groupId' in to
            ? { kind: 'group', id: to.groupId, displayName: 'Group' }
            : { kind: 'account', id: to.accountId, displayName: 'Anders', usageLocation: location || null },
          { addLicenses: [], removeLicenses: [], ...changes },
        ),
      ),
    level: (who: Person, plan: ServicePlan) =>
      app.run({ actor, tenantId: id }, async (ctx) => (await ctx.ask(use(plan), who)).level),
    demand: (who: Person, plan: ServicePlan) =>
      app.run({ actor, tenantId: id }, (ctx) => ctx.demand(use(plan), who, 'use')),
    asOperator: <T>(act: (ctx: Context) => Promise<T>) => app.run({ actor: OPERATOR, tenantId: id }, act),
    skus: async () => (await wire.call({ actor, tenantId: id }, 'GET', '/v1.0/subscribedSkus')).body.value,
  };
}
const codeIs = (code: string) => (error: { code?: string }) => {
  assert.equal(error.code, code);
  return true;
};
const add = (sku: string, ...disabledPlans: string[]) => ({ addLicenses: [{ skuId: sku, disabledPlans }] });

test('a new organisation has everything for everyone, without limit', async () => {
  const fabrikam = await tenantWith();
  const [sku] = await fabrikam.skus();
  assert.deepEqual(
    [sku.skuPartNumber, sku.capabilityStatus, sku.isUnlimited, sku.servesEveryone, sku.servicePlans.length],
    ['ENTENTE_UNLIMITED', 'Enabled', true, true, 12],
  );
  assert.equal(await fabrikam.level(fabrikam.person(), 'bi'), 'use');
});

test('XC-2: a licence with a plan switched off refuses that service alone, with the wire’s own word', async () => {
  const fabrikam = await tenantWith({ sku: 'ENTENTE_E5', units: 5 });
  const anders = fabrikam.person();
  assert.equal(await fabrikam.level(anders, 'chat'), 'none');
  await fabrikam.assign(anders, add(skuId('ENTENTE_E5'), planId('teams')));
  assert.equal(await fabrikam.level(anders, 'chat'), 'use');
  await assert.rejects(fabrikam.demand(anders, 'teams'), (error: { code: string; kind: string }) => {
    assert.deepEqual([error.kind, error.code], ['forbidden', 'tenants.service-plan-disabled']);
    return true;
  });
  await fabrikam.assign(anders, add('ENTENTE_E5'));
  assert.equal(await fabrikam.level(anders, 'teams'), 'use');
});

test('XC-2: what serves everyone serves a person on that person’s own terms once assigned', async () => {
  const fabrikam = await tenantWith();
  const anders = fabrikam.person();
  await fabrikam.assign(anders, add('ENTENTE_UNLIMITED', 'teams'));
  assert.equal(await fabrikam.level(anders, 'teams'), 'none');
  assert.equal(await fabrikam.level(anders, 'mail'), 'use');
  assert.equal(await fabrikam.level(fabrikam.person(), 'teams'), 'use');
  await fabrikam.assign(anders, { removeLicenses: ['ENTENTE_UNLIMITED'] });
  assert.equal(await fabrikam.level(anders, 'teams'), 'use');
});

test('XC-3: a guest uses what the resource tenant holds, never the licence from home', async () => {
  const fabrikam = await tenantWith({ sku: 'ENTENTE_E5', units: 5 });
  const contoso = await tenantWith({ sku: 'ENTENTE_E1', units: 5 });
  const atHome = fabrikam.person();
  await fabrikam.assign(atHome, add('ENTENTE_E5'));
  assert.equal(await fabrikam.level(atHome, 'bi'), 'use');
  const asGuest = { ...atHome, isGuest: true };
  assert.equal(await contoso.level(asGuest, 'bi'), 'none');
  assert.equal(await contoso.level(asGuest, 'groups'), 'use');
  await contoso.asOperator((ctx) => changeSubscription(ctx, ports, 'ENTENTE_BI', { units: 1 }));
  assert.equal(await contoso.level(asGuest, 'bi'), 'use');
});

test('XC-4: a suspended subscription can be read for 30 days, then not; resumed, all is as before', async () => {
  const fabrikam = await tenantWith({ sku: 'ENTENTE_E3', units: 5 });
  const anders = fabrikam.person();
  await fabrikam.assign(anders, add('ENTENTE_E3'));
  const guest = fabrikam.guest();
  const both = async () => [await fabrikam.level(anders, 'files'), await fabrikam.level(guest, 'files')];
  const status = async () => (await fabrikam.skus())[0].capabilityStatus;
  await fabrikam.asOperator((ctx) => changeSubscription(ctx, ports, 'ENTENTE_E3', { isSuspended: true }));
  assert.deepEqual([await both(), await status()], [['look', 'look'], 'Suspended']);
  await assert.rejects(fabrikam.demand(anders, 'files'), codeIs('tenants.service-plan-disabled'));
  await assert.rejects(fabrikam.assign(fabrikam.person(), add('ENTENTE_E3')), codeIs('tenants.subscription-closed'));
  app.clock.advance(30 * DAY - 1);
  assert.deepEqual(await both(), ['look', 'look']);
  app.clock.advance(1);
  assert.deepEqual([await both(), await status()], [['none', 'none'], 'LockedOut']);
  await fabrikam.asOperator((ctx) => changeSubscription(ctx, ports, 'ENTENTE_E3', { isSuspended: false }));
  assert.deepEqual([await both(), await status()], [['use', 'use'], 'Enabled']);
});

test('XC-4: a subscription that ends warns for 30 days before, and is suspended by its date alone', async () => {
  const fabrikam = await tenantWith({ sku: 'ENTENTE_E3', units: 5 });
  const endsAt = new Date(app.clock.now.getTime() + 20 * DAY * 1000);
  await fabrikam.asOperator((ctx) => changeSubscription(ctx, ports, 'ENTENTE_E3', { endsAt }));
  assert.equal((await fabrikam.skus())[0].capabilityStatus, 'Warning');
  assert.equal(await fabrikam.level(fabrikam.guest(), 'files'), 'use');
  app.clock.advance(20 * DAY);
  assert.equal((await fabrikam.skus())[0].capabilityStatus, 'Suspended');
  assert.equal(await fabrikam.level(fabrikam.guest(), 'files'), 'look');
});

test('what cannot be given is refused whole', async () => {
  const fabrikam = await tenantWith({ sku: 'ENTENTE_E1', units: 1 });
  const anders = fabrikam.person();
  const refusals: [Partial<LicenceChanges>, string][] = [
    [add('ENTENTE_E5'), 'tenants.unknown-sku'],
    [add(newId()), 'tenants.unknown-sku'],
    [add('ENTENTE_E1', planId('bi')), 'tenants.unknown-plan'],
    [{ removeLicenses: ['ENTENTE_E1'] }, 'tenants.licence-not-assigned'],
    [{ ...add('ENTENTE_E1'), removeLicenses: ['ENTENTE_E1'] }, 'tenants.licence-given-and-taken'],
    [{ addLicenses: [{ skuId: 'ENTENTE_E1' }, { skuId: 'ENTENTE_E5' }] }, 'tenants.unknown-sku'],
  ];
  for (const [changes, code] of refusals) await assert.rejects(fabrikam.assign(anders, changes), codeIs(code));
  await assert.rejects(fabrikam.assign(anders, add('ENTENTE_E1'), ''), codeIs('tenants.usage-location-missing'));
  assert.equal((await fabrikam.skus())[0].consumedUnits, 0);
  await fabrikam.assign(anders, add('ENTENTE_E1'));
  await assert.rejects(fabrikam.assign(fabrikam.person(), add('ENTENTE_E1')), codeIs('tenants.no-free-licence'));
  // Again to the same person takes no second one.
  await fabrikam.assign(anders, add('ENTENTE_E1'));
  assert.equal((await fabrikam.skus())[0].consumedUnits, 1);
});

test('of two that assign the last licence at once, one gets it', async () => {
  const fabrikam = await tenantWith({ sku: 'ENTENTE_E1', units: 1 });
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => fabrikam.assign(fabrikam.person(), add('ENTENTE_E1'))));
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
  assert.equal((await fabrikam.skus())[0].consumedUnits, 1);
});

test('a licence given to groups serves each member, and counts each once', async () => {
  const fabrikam = await tenantWith({ sku: 'ENTENTE_E1', units: 3 });
  const [sales, board] = [newId(), newId()];
  const [a, b, c] = [newId(), newId(), newId()];
  groups.set(sales, [a, b]);
  groups.set(board, [b, c]);
  await fabrikam.assign({ groupId: sales }, add('ENTENTE_E1', 'teams'));
  await fabrikam.assign({ groupId: board }, add('ENTENTE_E1'));
  await fabrikam.assign({ accountId: a }, add('ENTENTE_E1', 'mail', 'teams'));
  assert.equal((await fabrikam.skus())[0].consumedUnits, 3);
  const person = (accountId: string, groupIds: string[]) => ({ accountId, isGuest: false, groupIds });
  // A plan switched off in one place and on in another is on.
  assert.equal(await fabrikam.level(person(b, [sales, board]), 'teams'), 'use');
  assert.equal(await fabrikam.level(person(a, [sales]), 'teams'), 'none');
  assert.equal(await fabrikam.level(person(a, [sales]), 'mail'), 'use');

  groups.get(board)?.push(newId());
  const grown = app.run(fabrikam.lisa, (ctx) => requireLicencesFor(ctx, ports, [board]));
  await assert.rejects(grown, codeIs('tenants.no-free-licence'));
  groups.get(board)?.pop();
  await app.run(fabrikam.lisa, (ctx) => requireLicencesFor(ctx, ports, [board]));

  await app.run(fabrikam.lisa, (ctx) => releaseLicences(ctx, { kind: 'group', id: board }));
  assert.equal((await fabrikam.skus())[0].consumedUnits, 2);
  const shrink = (units: number) =>
    fabrikam.asOperator((ctx) => changeSubscription(ctx, ports, 'ENTENTE_E1', { units }));
  await assert.rejects(shrink(1), codeIs('tenants.licences-in-use'));
  assert.equal((await shrink(2)).units, 2);
  await fabrikam.asOperator((ctx) => removeSubscription(ctx, 'ENTENTE_E1'));
  assert.deepEqual(await fabrikam.skus(), []);
});

test('who may see and give licences: the licence administrator, no mere member', async () => {
  const fabrikam = await tenantWith();
  const anders = { actor: anActor('anders@x.example', fabrikam.id), tenantId: fabrikam.id };
  assert.equal((await wire.call(anders, 'GET', '/v1.0/subscribedSkus')).status, 403);
  assert.equal((await wire.call(undefined, 'GET', '/v1.0/subscribedSkus')).status, 401);
  const [sku] = await fabrikam.skus();
  assert.equal((await wire.call(fabrikam.lisa, 'GET', `/v1.0/subscribedSkus/${sku.id}`)).body.skuId, sku.skuId);
  const contoso = await tenantWith();
  assert.equal((await wire.call(contoso.lisa, 'GET', `/v1.0/subscribedSkus/${sku.id}`)).status, 404);
  const attempt = app.run(anders, (ctx) =>
    assignLicense(
      ctx,
      ports,
      { kind: 'account', id: newId(), displayName: 'x', usageLocation: 'SE' },
      { ...add('ENTENTE_UNLIMITED'), removeLicenses: [] },
    ),
  );
  await assert.rejects(attempt, codeIs('access.refused'));
  const raise = app.run(fabrikam.lisa, (ctx) => changeSubscription(ctx, ports, 'ENTENTE_E5', { units: null }));
  await assert.rejects(raise, codeIs('access.refused'));
});

async function keepBook(ctx: Context, bytes: number): Promise<string> {
  const id = newId();
  await reserveStorage(ctx, 'sites', bytes);
  await sql`insert into library.books values (${ctx.tenantId}, ${id}, ${bytes})`.execute(sqlOf(ctx));
  return id;
}
const used = async (tenantId: TenantId) =>
  Object.fromEntries(
    (await app.run({ tenantId, actor: OPERATOR }, readStorage)).map((pool) => [pool.pool, pool.usedBytes]),
  );

test('XC-5: what a guest adds counts in the tenant where it lies, in its own pool', async () => {
  const [fabrikam, contoso] = [await tenantWith(), await tenantWith()];
  const guest = { ...anActor('anders@fabrikam.example', fabrikam.id), userType: 'Guest' as const };
  await app.run({ tenantId: contoso.id, actor: guest }, (ctx) => keepBook(ctx, GIGABYTE));
  assert.deepEqual(await used(contoso.id), { mailboxes: 0, sites: GIGABYTE });
  assert.deepEqual(await used(fabrikam.id), { mailboxes: 0, sites: 0 });
  await app.run({ tenantId: contoso.id, actor: guest }, (ctx) => releaseStorage(ctx, 'sites', GIGABYTE));
  assert.deepEqual(await used(contoso.id), { mailboxes: 0, sites: 0 });
  const tooMuch = app.run({ tenantId: contoso.id, actor: guest }, (ctx) => releaseStorage(ctx, 'sites', 1));
  await assert.rejects(tooMuch);
  assert.deepEqual(await used(contoso.id), { mailboxes: 0, sites: 0 });
});

test('XC-5: a full pool refuses what does not fit, counts nothing for it, and leaves the other pool alone', async () => {
  const { id } = await tenantWith();
  await app.run({ tenantId: id, actor: OPERATOR }, (ctx) => limitStorage(ctx, 'sites', 100));
  const keep = (bytes: number) => app.run({ tenantId: id, actor: OPERATOR }, (ctx) => keepBook(ctx, bytes));
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => keep(30)));
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 3);
  for (const outcome of outcomes) if (outcome.status === 'rejected') codeIs('tenants.storage-full')(outcome.reason);
  assert.deepEqual(await used(id), { mailboxes: 0, sites: 90 });
  const broken = app.run({ tenantId: id, actor: OPERATOR }, async (ctx) => {
    await keepBook(ctx, 10);
    throw new Error('the upload broke off');
  });
  await assert.rejects(broken, /broke off/);
  await keep(10);
  await app.run({ tenantId: id, actor: OPERATOR }, (ctx) => reserveStorage(ctx, 'mailboxes', 1e12));
  assert.deepEqual(await used(id), { mailboxes: 1e12, sites: 100 });
});

test('XC-9: a source serves one organisation, and who has it is not told', async () => {
  const [fabrikam, contoso] = [await tenantWith(), await tenantWith()];
  const admin = (tenantId: TenantId) => ({
    tenantId,
    actor: anActor('ann@x.example', tenantId, 'global-administrator'),
  });
  const source = { kind: 'ldap', displayName: 'Head office', externalId: 'ldap.corp.example/DC=corp' };
  const path = '/admin/directory-sources';
  const first = await wire.call(admin(fabrikam.id), 'POST', path, source);
  assert.equal(first.status, 201);
  const respelled = { ...source, displayName: 'Other', externalId: ' LDAP.corp.example/dc=CORP' };
  const second = await wire.call(admin(contoso.id), 'POST', path, respelled);
  const again = await wire.call(admin(fabrikam.id), 'POST', path, respelled);
  for (const answer of [second, again]) {
    assert.deepEqual([answer.status, answer.body.code], [409, 'tenants.directory-source-taken']);
    assert.equal(answer.body.title, second.body.title);
  }
  assert.deepEqual((await wire.call(admin(contoso.id), 'GET', path)).body.value, []);
  assert.equal((await wire.call(admin(contoso.id), 'DELETE', `${path}/${first.body.id}`)).status, 404);
  assert.equal((await wire.call(admin(fabrikam.id), 'DELETE', `${path}/${first.body.id}`)).status, 204);
  assert.equal((await wire.call(admin(contoso.id), 'POST', path, source)).status, 201);
});
