import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { becomePartners, startTwoServers, type TwoServers } from '../support/two-servers.ts';

let servers: TwoServers;
before(async () => {
  servers = await startTwoServers();
});
after(() => servers?.close());

test('before anybody confirmed anything, no domain elsewhere leads anywhere', async () => {
  const { fabrikam } = servers;
  assert.equal(await fabrikam.partners.findByDomain(fabrikam.id, 'contoso.example'), undefined);
});

test('an administrator finds an organisation by its domain, sees what it publishes and confirms it', async () => {
  const { fabrikam, contoso } = servers;
  const ann = fabrikam.api(fabrikam.administrator);
  const found = await ann('GET', `/admin/partners/discover?domain=${contoso.place}`);
  assert.equal(found.status, 200, JSON.stringify(found.body));
  assert.equal(found.body.id, contoso.id);
  assert.deepEqual(found.body.proven, ['contoso.example']);
  assert.equal((await ann('GET', '/admin/partners')).body.value.length, 0);

  const chosen = { domain: contoso.place, digest: found.body.digest };
  const refused = await ann('POST', '/admin/partners', { ...chosen, domains: ['contoso.entente.example'] });
  assert.deepEqual([refused.status, refused.body.code], [400, 'partners.domain-not-proven']);
  const stale = await ann('POST', '/admin/partners', { ...chosen, digest: 'other', domains: ['contoso.example'] });
  assert.deepEqual([stale.status, stale.body.code], [412, 'partners.changed-since']);
  const made = await ann('POST', '/admin/partners', { ...chosen, domains: ['contoso.example'] });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.equal(await fabrikam.partners.findByDomain(fabrikam.id, 'contoso.example'), contoso.id);
});

test('who was confirmed learns of it and sees who asks, without anything being given', async () => {
  const { fabrikam, contoso } = servers;
  const carla = contoso.api(contoso.administrator);
  const waiting = async () => (await carla('GET', '/admin/partners/introductions')).body.value;
  const introduced = await eventually(async () => (await waiting())[0]);
  assert.equal(introduced?.id, fabrikam.id);
  assert.equal(introduced.foundAt, fabrikam.place);
  assert.equal((await carla('GET', '/admin/partners')).body.value.length, 0);
});

test('once both have confirmed, requests go both ways, and the introduction is done', async () => {
  await becomePartners(servers);
  const { fabrikam, contoso } = servers;
  const envoy = {
    tenantId: fabrikam.id,
    address: 'ann@fabrikam.example',
    displayName: 'Ann',
    correlationId: crypto.randomUUID(),
  };
  const standing = await fabrikam.partners.ask(envoy, contoso.id, 'calendars.standing', { v: 1 });
  assert.ok(typeof standing === 'object' && standing !== null);
  const carla = contoso.api(contoso.administrator);
  assert.deepEqual((await carla('GET', '/admin/partners/introductions')).body.value, []);
  const [record] = (await carla('GET', '/admin/partners')).body.value;
  assert.equal(record.health.failures, 0);
});
