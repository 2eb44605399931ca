import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Client, GraphError, PageIterator } from '@microsoft/microsoft-graph-client';
import type { Group, User } from '@microsoft/microsoft-graph-types';
import { eventually } from '../support/eventually.ts';
import { type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let ann: Client;
before(async () => {
  people = await startPeople({ settings: { privateNetworks: ['127.0.0.1'] } });
  const ca = readFileSync(join(people.app.data, 'ca.pem'), 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), ca]);
  ann = clientOf(people.fabrikam.ann);
});
after(() => people.app.close());

/** Microsoft's own client, over HTTPS: it refuses to send a token in the clear. */
function clientOf(person: Person): Client {
  const { hostname } = new URL(people.app.httpsOrigin);
  return Client.init({
    baseUrl: people.app.httpsOrigin,
    customHosts: new Set([hostname]),
    authProvider: (done) => {
      people.token(person).then(
        (token) => done(null, token),
        (error) => done(error, null),
      );
    },
  });
}

test("Microsoft's client manages people and groups, page after page", async () => {
  const made: User[] = [];
  for (const n of [1, 2, 3, 4, 5]) {
    made.push(
      await ann.api('/users').post({
        accountEnabled: true,
        displayName: `Client ${n}`,
        mailNickname: `client${n}`,
        userPrincipalName: `client${n}@fabrikam.example`,
        passwordProfile: { password: 'seven green apples ripen' },
      } satisfies User),
    );
  }
  const first = await ann
    .api('/users')
    .header('ConsistencyLevel', 'eventual')
    .filter("startswith(displayName,'Client')")
    .select(['id', 'displayName'])
    .orderby('displayName')
    .top(2)
    .count(true)
    .get();
  assert.equal(first['@odata.count'], 5);
  const names: string[] = [];
  await new PageIterator(ann, first, (user: User) => {
    names.push(user.displayName ?? '');
    return true;
  }).iterate();
  assert.deepEqual(names, ['Client 1', 'Client 2', 'Client 3', 'Client 4', 'Client 5']);

  const group: Group = await ann.api('/groups').post({
    displayName: 'Clients',
    mailNickname: 'clients',
    mailEnabled: false,
    securityEnabled: true,
    'members@odata.bind': made.map(({ id }) => `${people.app.httpsOrigin}/v1.0/users/${id}`),
  });
  const members = await ann.api(`/groups/${group.id}/members/microsoft.graph.user`).select('id').get();
  assert.equal(members.value.length, 5);
  const read: Group = await ann.api(`/groups/${group.id}`).expand('owners($select=id)').get();
  assert.deepEqual(
    read.owners?.map(({ id }) => id),
    [people.fabrikam.ann.id],
  );
});

test("a refusal reaches Microsoft's client as its own kind of error", async () => {
  const anders = clientOf(people.fabrikam.anders);
  await assert.rejects(anders.api(`/users/${people.fabrikam.ann.id}`).patch({ jobTitle: 'None' }), (error) => {
    assert.ok(error instanceof GraphError);
    assert.equal(error.statusCode, 403);
    assert.equal(error.code, 'accessDenied');
    return true;
  });
});

interface Delivery {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A receiver that echoes the token of the handshake and keeps what is delivered. */
async function aReceiver(): Promise<{ url: string; deliveries: Delivery[]; server: Server; fails: { left: number } }> {
  const deliveries: Delivery[] = [];
  const fails = { left: 0 };
  const server = createServer(async (request, response) => {
    const token = new URL(request.url ?? '', 'http://receiver').searchParams.get('validationToken');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (token !== null) {
      response.writeHead(200, { 'content-type': 'text/plain' }).end(token);
      return;
    }
    if (fails.left > 0) {
      fails.left -= 1;
      response.writeHead(503).end();
      return;
    }
    deliveries.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, deliveries, server, fails };
}

test('a change of a person is delivered, signed, also when the receiver was down at first', async () => {
  const receiver = await aReceiver();
  try {
    const subscription = await ann.api('/subscriptions').post({
      changeType: 'updated',
      notificationUrl: receiver.url,
      resource: 'users',
      clientState: 'ours',
      expirationDateTime: new Date(people.app.clock.now.getTime() + 3_600_000).toISOString(),
    });
    receiver.fails.left = 1;
    await ann.api(`/users/${people.fabrikam.anders.id}`).patch({ jobTitle: 'Pilot' });
    const { headers, body } = await eventually(() => receiver.deliveries[0]);
    const [change] = JSON.parse(body).value;
    assert.equal(change.subscriptionId, subscription.id);
    assert.equal(change.clientState, 'ours');
    assert.equal(change.changeType, 'updated');
    assert.equal(change.resourceData.id, people.fabrikam.anders.id);
    const secret = Buffer.from(String(subscription.notificationSecret).slice('whsec_'.length), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    assert.equal(headers['webhook-signature'], `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`);
  } finally {
    receiver.server.close();
  }
});
