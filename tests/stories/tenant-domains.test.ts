import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HOST, type TenantId } from '../../src/kernel/ids.ts';
import { openResolver } from '../../src/platform/dns.ts';
import { createTenant, type DomainReference, requireVerifiedDomain } from '../../src/tenants/index.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { DnsServer } from '../support/dns-server.ts';
import { eventually } from '../support/eventually.ts';
import { anActor, serveRoutes, tenantsRoutes } from '../support/routes.ts';

let app: TestApp;
let dns: DnsServer;
let wire: Awaited<ReturnType<typeof serveRoutes>>;
let ann: { actor: ReturnType<typeof anActor>; tenantId: TenantId };
let carla: typeof ann;
/** What is named in a domain, as the directory would know it. */
const references = new Map<string, DomainReference[]>();

before(async () => {
  dns = await DnsServer.start();
  app = await startTestApp();
  const routes = tenantsRoutes(app, {
    resolver: openResolver({ servers: [dns.address], timeout: 1000 }),
    domainReferences: async (_ctx, domain) => references.get(domain) ?? [],
    renameDomainReferences: async (_ctx, from, to) => {
      references.set(to, [...(references.get(to) ?? []), ...(references.get(from) ?? [])]);
      references.delete(from);
    },
  });
  wire = await serveRoutes(app, routes);
  ann = await administratorOf('Fabrikam', 'ann');
  carla = await administratorOf('Contoso', 'carla');
});
after(async () => {
  await wire?.close();
  await app?.close();
  await dns?.stop();
});

async function administratorOf(displayName: string, person: string) {
  const initialDomain = `${displayName.toLowerCase()}.example`;
  const operator = { kind: 'operator', displayName: 'Olga', accountId: null } as const;
  const { id } = await app.run({ tenantId: HOST, actor: operator }, (ctx) =>
    createTenant(ctx, { displayName, initialDomain }),
  );
  return { actor: anActor(`${person}@${initialDomain}`, id, 'global-administrator'), tenantId: id };
}

/** Claims a domain and returns what its TXT record must say. */
async function claim(who: typeof ann, name: string): Promise<string> {
  assert.equal((await wire.call(who, 'POST', '/v1.0/domains', { id: name })).status, 201);
  const { body } = await wire.call(who, 'GET', `/v1.0/domains/${name}/verificationDnsRecords`);
  assert.deepEqual([body.value[0].recordType, body.value[0].label], ['Txt', name]);
  return body.value[0].text;
}
const verify = (who: typeof ann, name: string) => wire.call(who, 'POST', `/v1.0/domains/${name}/verify`);
const codeOf = (answer: { body: { error: { innerError: { code: string } } } }) => answer.body.error.innerError.code;
/** What of an answer a stranger could compare: not the time and the ids of the request. */
const comparable = ({ status, body }: { status: number; body: { error: { code: string; message: string } } }) => [
  status,
  body.error.code,
  body.error.message.replace(/"[^"]*"/, '""'),
];

test('a domain is the organisation’s own once DNS shows its proof', async () => {
  const text = await claim(ann, 'fabrikam-sales.example');
  assert.match(text, /^entente-verification=[0-9a-f]{32}$/);
  const early = await verify(ann, 'fabrikam-sales.example');
  assert.deepEqual([early.status, codeOf(early as never)], [400, 'tenants.domain-proof-missing']);
  dns.setTxt('fabrikam-sales.example', ['v=spf1 -all', text]);
  const proven = await verify(ann, 'Fabrikam-Sales.Example');
  assert.deepEqual([proven.status, proven.body.isVerified], [200, true]);
  const { body } = await wire.call(ann, 'GET', '/v1.0/domains?$filter=isVerified eq true&$select=id');
  assert.deepEqual(body.value, [{ id: 'fabrikam-sales.example' }, { id: 'fabrikam.example' }]);
  const again = await wire.call(ann, 'POST', '/v1.0/domains', { id: 'FABRIKAM-sales.example.' });
  assert.deepEqual([again.status, codeOf(again as never)], [409, 'tenants.domain-already-added']);
});

test('XC-6: who holds a name is not told before the proof is right, and then only that it is held', async () => {
  const text = await claim(carla, 'fabrikam.example');
  const held = await verify(carla, 'fabrikam.example');
  await claim(carla, 'nobodys.example');
  const free = await verify(carla, 'nobodys.example');
  assert.deepEqual(comparable(held as never), [...comparable(free as never).slice(0, 2), comparable(held as never)[2]]);
  assert.equal(
    held.body.error.message.replace('fabrikam', 'nobodys').replace(/=\w+/, ''),
    free.body.error.message.replace(/=\w+/, ''),
  );

  dns.setTxt('fabrikam.example', [text]);
  const refused = await verify(carla, 'fabrikam.example');
  assert.deepEqual([refused.status, codeOf(refused as never)], [409, 'tenants.domain-held-elsewhere']);
  assert.match(refused.body.error.message, /must remove fabrikam\.example/);
  assert.ok(!JSON.stringify(refused.body).includes(ann.tenantId));
  assert.ok(!/Fabrikam/.test(JSON.stringify(refused.body)));
});

test('XC-6: of two that prove one name at once, one has it', async () => {
  const texts = [await claim(ann, 'wanted.example'), await claim(carla, 'wanted.example')];
  dns.setTxt('wanted.example', texts);
  const answers = await Promise.all([verify(ann, 'wanted.example'), verify(carla, 'wanted.example')]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
});

test('XC-6: a name below another organisation’s needs the proof there too; below one’s own it needs none', async () => {
  const text = await claim(carla, 'eu.fabrikam.example');
  assert.equal((await verify(carla, 'eu.fabrikam.example')).status, 400);
  dns.setTxt('eu.fabrikam.example', [text]);
  dns.setTxt('fabrikam.example', ['v=spf1 -all']);
  const refused = await verify(carla, 'eu.fabrikam.example');
  assert.deepEqual([refused.status, codeOf(refused as never)], [409, 'tenants.domain-parent-proof-missing']);
  dns.setTxt('fabrikam.example', ['v=spf1 -all', text]);
  assert.equal((await verify(carla, 'eu.fabrikam.example')).status, 200);

  await claim(ann, 'us.fabrikam.example');
  assert.equal((await verify(ann, 'us.fabrikam.example')).status, 200);
});

test('a DNS that does not answer proves nothing and is said to be away', async () => {
  await claim(ann, 'broken.example');
  dns.setFailure('broken.example', 'SERVFAIL');
  const answer = await verify(ann, 'broken.example');
  assert.deepEqual([answer.status, codeOf(answer as never)], [503, 'tenants.dns-unavailable']);
});

test('XC-7: nothing is named in a domain that is not proven, or is another organisation’s', async () => {
  await claim(ann, 'unproven.example');
  const named = (text: string) => app.run(ann, (ctx) => requireVerifiedDomain(ctx, text));
  for (const text of ['unproven.example', 'ann@unproven.example', 'bob@contoso.example', 'ann', 'ann@', '']) {
    await assert.rejects(named(text), { code: 'tenants.domain-not-verified', kind: 'invalid' }, text);
  }
  assert.equal(await named('Anders@Fabrikam.Example'), 'fabrikam.example');
});

test('XC-8: a domain in use is kept and says what uses it; once renamed another organisation may claim it', async () => {
  const text = await claim(ann, 'moving.example');
  dns.setTxt('moving.example', [text]);
  await verify(ann, 'moving.example');
  references.set('moving.example', [{ kind: 'account', id: 'a1', displayName: 'Anders' }]);

  const path = '/v1.0/domains/moving.example';
  const kept = await wire.call(ann, 'DELETE', path);
  assert.deepEqual([kept.status, codeOf(kept as never)], [409, 'tenants.domain-in-use']);
  assert.deepEqual(kept.body.error.innerError.references, [{ kind: 'account', id: 'a1', displayName: 'Anders' }]);
  const shown = await wire.call(ann, 'GET', `${path}/domainNameReferences`);
  assert.deepEqual(shown.body.value, [{ '@odata.type': '#microsoft.graph.user', id: 'a1', displayName: 'Anders' }]);

  references.delete('moving.example');
  assert.equal((await wire.call(ann, 'DELETE', path)).status, 204);
  assert.equal((await wire.call(ann, 'GET', path)).status, 404);
  dns.setTxt('moving.example', [await claim(carla, 'moving.example')]);
  assert.equal((await verify(carla, 'moving.example')).status, 200);
});

test('XC-8: removing by force renames what uses the domain to the initial one', async () => {
  dns.setTxt('forced.example', [await claim(ann, 'forced.example')]);
  await verify(ann, 'forced.example');
  references.set('forced.example', [{ kind: 'group', id: 'g1', displayName: 'Sales' }]);
  assert.equal((await wire.call(ann, 'POST', '/v1.0/domains/forced.example/forceDelete')).status, 204);
  assert.deepEqual(references.get('fabrikam.example'), [{ kind: 'group', id: 'g1', displayName: 'Sales' }]);
});

test('XC-8: naming something in a domain and removing it at once never leaves a name without its domain', async () => {
  dns.setTxt('raced.example', [await claim(ann, 'raced.example')]);
  await verify(ann, 'raced.example');
  const naming = app.run(ann, async (ctx) => {
    await requireVerifiedDomain(ctx, 'raced.example');
    const removal = wire.call(ann, 'DELETE', '/v1.0/domains/raced.example');
    // The removal waits for this transaction, whatever it does in the meantime.
    const first = await Promise.race([removal, new Promise((resolve) => setTimeout(resolve, 150, 'waits'))]);
    references.set('raced.example', [{ kind: 'account', id: 'a2', displayName: 'Bo' }]);
    return { first, removal };
  });
  const { first, removal } = await naming;
  assert.equal(first, 'waits');
  assert.equal((await removal).status, 409);
});

test('the initial domain stays, the default one moves first', async () => {
  const text = await claim(ann, 'newface.example');
  const early = await wire.call(ann, 'PATCH', '/v1.0/domains/newface.example', { isDefault: true });
  assert.equal(early.status, 400);
  dns.setTxt('newface.example', [text]);
  await verify(ann, 'newface.example');
  assert.equal((await wire.call(ann, 'PATCH', '/v1.0/domains/newface.example', { isDefault: true })).status, 204);
  assert.equal((await wire.call(ann, 'DELETE', '/v1.0/domains/newface.example')).status, 400);
  assert.equal((await wire.call(ann, 'DELETE', '/v1.0/domains/fabrikam.example')).status, 400);
  const { body } = await wire.call(ann, 'GET', '/v1.0/domains?$filter=isDefault eq true');
  assert.deepEqual(
    body.value.map((domain: { id: string }) => domain.id),
    ['newface.example'],
  );
});

test('what a domain is used for decides the records to publish', async () => {
  const path = '/v1.0/domains/fabrikam.example';
  const types = async () =>
    (await wire.call(ann, 'GET', `${path}/serviceConfigurationRecords`)).body.value.map(
      (record: { recordType: string }) => record.recordType,
    );
  assert.deepEqual(await types(), ['Mx', 'Txt', 'CName', 'Srv']);
  await wire.call(ann, 'PATCH', path, { supportedServices: ['OfficeCommunicationsOnline'] });
  assert.deepEqual(await types(), ['Srv']);
  assert.equal((await wire.call(ann, 'PATCH', path, { supportedServices: ['Fax'] })).status, 400);
});

test('members see the domains and change none; another organisation’s are not found', async () => {
  const anders = { ...ann, actor: anActor('anders@fabrikam.example', ann.tenantId) };
  assert.equal((await wire.call(anders, 'GET', '/v1.0/domains')).status, 200);
  assert.equal((await wire.call(anders, 'POST', '/v1.0/domains', { id: 'anders.example' })).status, 403);
  assert.equal((await wire.call(anders, 'DELETE', '/v1.0/domains/fabrikam.example')).status, 403);
  const dina = { ...ann, actor: anActor('dina@fabrikam.example', ann.tenantId, 'domain-name-administrator') };
  assert.equal((await wire.call(dina, 'POST', '/v1.0/domains', { id: 'dina.example' })).status, 201);
  for (const [method, path] of [
    ['GET', '/v1.0/domains/newface.example'],
    ['DELETE', '/v1.0/domains/newface.example'],
    ['POST', '/v1.0/domains/newface.example/verify'],
  ] as const) {
    const foreign = await wire.call(carla, method, path);
    const absent = await wire.call(carla, method, path.replace('newface', 'never-was'));
    assert.equal(foreign.status, 404);
    assert.deepEqual(comparable(foreign as never), comparable(absent as never));
  }
});

test('the organisation shows its names and changes its profile', async () => {
  const { body } = await wire.call(ann, 'GET', '/v1.0/organization');
  assert.equal(body.value.length, 1);
  const path = `/v1.0/organization/${ann.tenantId}`;
  const changes = { displayName: 'Fabrikam AB', privacyProfile: { statementUrl: 'https://fabrikam.example/privacy' } };
  assert.equal((await wire.call(ann, 'PATCH', path, changes)).status, 204);
  const after = await eventually(async () => {
    const now = await wire.call(ann, 'GET', `${path}?$select=displayName,privacyProfile`);
    return now.body.displayName === 'Fabrikam AB' && now;
  });
  assert.equal(after.body.privacyProfile.statementUrl, 'https://fabrikam.example/privacy');
  const harmful = { privacyProfile: { statementUrl: 'javascript:alert(1)' } };
  assert.equal((await wire.call(ann, 'PATCH', path, harmful)).status, 400);
  assert.equal((await wire.call(carla, 'GET', path)).status, 404);

  for (const address of ['fabrikam.example', ann.tenantId]) {
    const shown = await wire.call(undefined, 'GET', `/${address}/branding`);
    assert.deepEqual(
      [shown.status, shown.body.displayName, shown.body.privacyStatementUrl],
      [200, 'Fabrikam AB', 'https://fabrikam.example/privacy'],
    );
  }
  assert.equal((await wire.call(undefined, 'GET', '/unproven.example/branding')).status, 404);
});
