import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccount } from '../../src/directory/index.ts';
import { DnsServer } from '../support/dns-server.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

let dns: DnsServer;
let people: People;
let ann: Api;
let carla: Api;
before(async () => {
  dns = await DnsServer.start();
  people = await startPeople({ settings: { dnsServers: [dns.address] } });
  ann = people.api(people.fabrikam.ann);
  carla = people.api(people.contoso.carla);
});
after(async () => {
  await people?.app.close();
  await dns?.stop();
});

const DOMAIN = 'sales.example';
const path = `/v1.0/domains/${DOMAIN}`;

/** Claims the domain and publishes what proves it. */
async function prove(who: Api): Promise<number> {
  await who('POST', '/v1.0/domains', { id: DOMAIN });
  const { body } = await who('GET', `${path}/verificationDnsRecords`);
  dns.setTxt(DOMAIN, [body.value[0].text]);
  return (await who('POST', `${path}/verify`)).status;
}

/** Makes a person in the domain, once the server has heard that it is verified. */
async function hire(
  tenantId: typeof people.fabrikam.id,
  name: string,
): Promise<{ id: string; userPrincipalName: string }> {
  const input = { displayName: name, userPrincipalName: `${name}@${DOMAIN}`, mail: `${name}@${DOMAIN}` };
  for (let tries = 0; ; tries += 1) {
    try {
      return await people.app.run({ tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) =>
        createAccount(ctx, input),
      );
    } catch (error) {
      if (tries > 50) throw error;
    }
  }
}

test('XC-8: a domain moves to another organisation once everybody in it is renamed', async () => {
  assert.equal(await prove(ann), 200);
  const erik = await hire(people.fabrikam.id, 'erik');

  // Contoso's proof is right, and Fabrikam still holds the name.
  assert.equal(await prove(carla), 409);
  const kept = await ann('DELETE', path);
  assert.equal(kept.status, 409);
  assert.deepEqual(kept.body.error.innerError.references, [{ kind: 'account', id: erik.id, displayName: 'erik' }]);

  assert.equal((await ann('POST', `${path}/forceDelete`)).status, 204);
  assert.equal((await ann('GET', path)).status, 404);
  assert.equal((await carla('POST', `${path}/verify`)).status, 200);
  const { userPrincipalName } = await hire(people.contoso.id, 'clara');
  assert.equal(userPrincipalName, 'clara@sales.example');
});

test('XC-7: Fabrikam names nobody in the domain any more', async () => {
  const input = { displayName: 'Late', userPrincipalName: `late@${DOMAIN}` };
  const work = { tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } as const };
  await assert.rejects(
    people.app.run(work, (ctx) => createAccount(ctx, input)),
    { kind: 'invalid' },
  );
});
