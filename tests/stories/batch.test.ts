import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type People, startPeople } from '../support/people.ts';

// Ann is the administrator of Fabrikam; Anders is a member there.
let people: People;
before(async () => {
  people = await startPeople({ settings: { trustProxy: true } });
});
after(() => people.app.close());

test('a batch answers each request by itself', async () => {
  const ann = people.api(people.fabrikam.ann);
  const answer = await ann('POST', '/v1.0/$batch', {
    requests: [
      { id: 'domains', method: 'GET', url: '/domains' },
      { id: 'nowhere', method: 'GET', url: '/nowhere' },
      { id: 'after', method: 'GET', url: 'domains', dependsOn: ['nowhere'] },
      { id: 'nested', method: 'POST', url: '/$batch', body: { requests: [] } },
    ],
  });
  assert.equal(answer.status, 200);
  const byId = new Map<string, { status: number; body: { value: unknown[]; error: { code: string } } }>(
    answer.body.responses.map((one: { id: string }) => [one.id, one]),
  );
  assert.equal(byId.get('domains')?.status, 200);
  assert.ok((byId.get('domains')?.body.value.length ?? 0) > 0);
  assert.equal(byId.get('nowhere')?.status, 404);
  assert.equal(byId.get('after')?.status, 424);
  assert.equal(byId.get('nested')?.status, 400);
});

test('a batch has no more rights than its sender', async () => {
  const anders = people.api(people.fabrikam.anders);
  const answer = await anders('POST', '/v1.0/$batch', {
    requests: [{ id: '1', method: 'POST', url: '/domains', body: { id: 'new.example' } }],
  });
  assert.equal(answer.body.responses[0].status, 403);
  const nobody = await people.call(undefined)('POST', '/v1.0/$batch', {
    requests: [{ id: '1', method: 'GET', url: '/me' }],
  });
  assert.equal(nobody.status, 401);
});

test('a batch of twenty-one, of twins or of circles is refused whole', async () => {
  const ann = people.api(people.fabrikam.ann);
  const one = (id: string, dependsOn?: string[]) => ({
    id,
    method: 'GET',
    url: '/domains',
    ...(dependsOn ? { dependsOn } : {}),
  });
  const tooMany = Array.from({ length: 21 }, (_, i) => one(String(i)));
  for (const requests of [[], tooMany, [one('a'), one('a')], [one('a', ['b']), one('b', ['a'])]]) {
    assert.equal((await ann('POST', '/v1.0/$batch', { requests })).status, 400);
  }
});

test('a batch reaches nothing but what stands below its own address, whatever dots lead out of there', async () => {
  const ann = people.api(people.fabrikam.ann);
  const urls = [
    '/../me/sessions',
    '%2e%2e/me/sessions',
    '/.%2E/me/sessions',
    '..\\me/sessions',
    'x/../../me/sessions',
    '%24batch',
  ];
  const requests = urls.map((url, i) => ({ id: String(i), method: url.endsWith('batch') ? 'POST' : 'GET', url }));
  const { body } = await ann('POST', '/v1.0/$batch', { requests });
  assert.deepEqual(
    body.responses.map((one: { status: number }) => one.status),
    urls.map(() => 400),
  );
});

test('a request in a batch comes from where the batch came from, whatever it says of itself', async () => {
  const ann = people.api(people.fabrikam.ann);
  const made = await ann(
    'POST',
    '/v1.0/$batch',
    {
      requests: [
        {
          id: '1',
          method: 'POST',
          url: '/groups',
          headers: { 'x-forwarded-for': '203.0.113.7', authorization: 'Bearer nothing', host: 'elsewhere.example' },
          body: { displayName: 'Batch', mailNickname: 'batch', mailEnabled: false, securityEnabled: true },
        },
      ],
    },
    { 'x-forwarded-for': '192.0.2.1, 198.51.100.4' },
  );
  assert.equal(made.body.responses[0].status, 201);
  const { value } = (await ann('GET', '/admin/audit/events?action=directory.group-created')).body;
  // Behind a proxy, as this server is set here: the batch itself said it came from 198.51.100.4.
  assert.equal(value[0].clientAddress, '198.51.100.4');
});
