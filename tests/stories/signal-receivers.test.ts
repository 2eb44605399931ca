import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import pg from 'pg';
import { SIGNALS, STREAM_UPDATED, VERIFICATION } from '../../src/signin/model/security-event.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

// Programs of Fabrikam that want to know when somebody's sign-in changes: one is told (RFC 8935), one asks (RFC 8936).
let people: People;
let ann: Api;
let issuer: string;

interface Came {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly token: string;
}
/** What reached the receiver, in its order; `answer` says what becomes of it. */
const came: Came[] = [];
let answer: (response: ServerResponse, token: string) => void;
const receiver = createServer(async (request: IncomingMessage, response) => {
  let token = '';
  for await (const chunk of request) token += chunk;
  came.push({
    authorization: request.headers.authorization,
    contentType: request.headers['content-type'],
    token,
  });
  answer(response, token);
});
const taken = (response: ServerResponse) => void response.writeHead(202).end();
before(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  people = await startPeople({ settings: { privateNetworks: ['127.0.0.1'] } });
  ann = people.api(people.fabrikam.ann);
  const { app } = people;
  const read = await fetch(`${app.origin}/.well-known/ssf-configuration/fabrikam.example`);
  ({ issuer } = (await read.json()) as { issuer: string });
});
after(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await people?.app.close();
});
beforeEach(async () => {
  // What a story before has left behind tells nothing here.
  for (const { api, id } of open.splice(0)) await api('DELETE', `/ssf/streams?stream_id=${id}`);
  came.length = 0;
  answer = taken;
});

const open: { api: Api; id: string }[] = [];
const endpoint = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`;
const PUSH = 'urn:ietf:rfc:8935';
const POLL = 'urn:ietf:rfc:8936';
const anders = () => `/v1.0/users/${people.fabrikam.anders.id}`;
const endSessions = async () => assert.equal((await ann('POST', `${anders()}/revokeSignInSessions`)).status, 200);
const rename = async (displayName: string) => assert.equal((await ann('PATCH', anders(), { displayName })).status, 204);

interface Program {
  readonly api: Api;
  readonly appId: string;
  readonly principalId: string;
  readonly assignmentId: string;
}

/** A program with its own credential, which may set up who is told. */
async function aProgram(): Promise<Program> {
  const made = await ann('POST', '/v1.0/applications', { displayName: 'Watcher' });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const secret = await ann('POST', `/v1.0/applications/${made.body.id}/addPassword`, {});
  const principals: { id: string; appId: string }[] = (await ann('GET', '/v1.0/servicePrincipals')).body.value;
  const principal = principals.find(({ appId }) => appId === made.body.appId);
  assert.ok(principal);
  const given = await ann('POST', `/v1.0/servicePrincipals/${principal.id}/appRoleAssignments`, {
    principalId: principal.id,
    appRoleId: 'SecurityEvents.ReadWrite.All',
  });
  assert.equal(given.status, 201, JSON.stringify(given.body));
  const asked = await fetch(`${people.app.origin}/fabrikam.example/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: made.body.appId,
      client_secret: secret.body.secretText,
      scope: 'https://graph.microsoft.com/.default',
    }),
  });
  const { access_token } = (await asked.json()) as { access_token: string };
  const { appId } = made.body;
  return { api: people.call(access_token), appId, principalId: principal.id, assignmentId: given.body.id };
}

/** A stream of what becomes of Anders. */
async function aStream({ api }: Program, delivery: object): Promise<string> {
  const made = await api('POST', '/ssf/streams', {
    delivery,
    events_requested: [SIGNALS.sessionRevoked, SIGNALS.accountDisabled, SIGNALS.tokenClaimsChange],
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const id = made.body.stream_id;
  open.push({ api, id });
  const subject = { format: 'email', email: people.fabrikam.anders.userPrincipalName };
  assert.equal((await api('POST', '/ssf/subjects/add', { stream_id: id, subject })).status, 200);
  return id;
}

/** What a receiver makes of a token that came to it: proven by the issuer's published keys, meant for it. */
async function read(token: string, audience: string) {
  const published = await fetch(`${people.app.origin}/${people.fabrikam.id}/discovery/v2.0/keys`);
  const { keys } = (await published.json()) as { keys: [] };
  const currentDate = people.app.clock.now;
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys }), {
    issuer,
    audience,
    currentDate,
  });
  assert.equal(protectedHeader.typ, 'secevent+jwt');
  assert.deepEqual([payload.sub, payload.exp], [undefined, undefined]);
  const [[type, event]] = Object.entries(payload.events as Record<string, Record<string, unknown>>) as [
    [string, Record<string, unknown>],
  ];
  return { payload: payload as JWTPayload & { sub_id: Record<string, string> }, type, event };
}
const namesOf = async (audience: string, all: readonly Came[] = came) => {
  const names: unknown[] = [];
  for (const { token } of all) {
    const { type, event } = await read(token, audience);
    names.push(type === SIGNALS.tokenClaimsChange ? (event.claims as { name: string }).name : type.split('/').at(-1));
  }
  return names;
};

test('SSF: a program that is told gets each signal at its address, signed, in order, with what it proves itself by', async () => {
  const program = await aProgram();
  const delivery = { method: PUSH, endpoint_url: endpoint(), authorization_header: 'Bearer of-the-receiver' };
  const id = await aStream(program, delivery);
  const shown = await program.api('GET', `/ssf/streams?stream_id=${id}`);
  assert.deepEqual(shown.body.delivery, { method: PUSH, endpoint_url: endpoint() });
  assert.ok(!JSON.stringify(shown.body).includes('of-the-receiver'), 'its secret is told to nobody');

  assert.equal((await program.api('POST', '/ssf/verify', { stream_id: id, state: 'xyz' })).status, 204);
  await eventually(async () => came.length === 1);
  const verified = await read(came[0]!.token, program.appId);
  assert.deepEqual([verified.type, verified.event], [VERIFICATION, { state: 'xyz' }]);
  assert.deepEqual(verified.payload.sub_id, { format: 'opaque', id });
  assert.equal(came[0]?.authorization, 'Bearer of-the-receiver');
  assert.equal(came[0]?.contentType, 'application/secevent+jwt');

  await endSessions();
  await eventually(async () => came.length === 2);
  await rename('Anders L.');
  await eventually(async () => came.length === 3);
  assert.deepEqual(await namesOf(program.appId), ['verification', 'session-revoked', 'Anders L.']);
  const { payload } = await read(came[1]!.token, program.appId);
  assert.equal(payload.sub_id.format, 'iss_sub');
  assert.notEqual(payload.sub_id.sub, people.fabrikam.anders.id, 'pairwise, as in its ID tokens');
});

test('SSF: what a receiver does not take is sent again until it does, the same and in order', async () => {
  const program = await aProgram();
  const id = await aStream(program, { method: PUSH, endpoint_url: endpoint() });
  let refusals = 0;
  answer = (response) => {
    refusals += 1;
    response.writeHead(503).end('not now');
  };
  for (const [index, name] of ['One', 'Two', 'Three'].entries()) {
    await rename(name);
    // What is told is read as it is put into the stream.
    await waits(id, index + 1);
  }
  await eventually(async () => refusals >= 3);
  const { failure } = (await program.api('GET', `/ssf/streams?stream_id=${id}`)).body;
  assert.equal(failure, '503 not now', 'its administrator sees why');
  // By the clock of this server, which stands still, all of it is due; by any other within a quarter of a minute.
  assert.ok((await secondsToNextTry(id)) <= 15);
  const seen = came.length;
  answer = taken;
  await eventually(async () => came.length >= seen + 3);
  const all = await namesOf(program.appId);
  assert.deepEqual(new Set(all.slice(0, refusals)), new Set(['One']), 'nothing overtakes what waits');
  assert.deepEqual(all.slice(refusals), ['One', 'Two', 'Three']);
  const ids = new Set<unknown>();
  for (const { token } of came) ids.add((await read(token, program.appId)).payload.jti);
  assert.equal(ids.size, 3, 'sent again, a signal keeps its id');
  await eventually(async () => (await program.api('GET', `/ssf/streams?stream_id=${id}`)).body.failure === null);
});

/** By the server's own clock; nothing waits where it is none. */
async function secondsToNextTry(id: string): Promise<number> {
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query('select max(run_at) as at from graphile_worker.jobs where key like $1', [
      `signin.send-signals:${id}%`,
    ]);
    return rows[0].at === null ? 0 : (rows[0].at.getTime() - people.app.clock.now.getTime()) / 1000;
  } finally {
    await client.end();
  }
}

test('SSF: a signal that its receiver refuses for good is left out, in the audit, and the next ones arrive', async () => {
  const program = await aProgram();
  await aStream(program, { method: PUSH, endpoint_url: endpoint() });
  let refused: string | undefined;
  answer = (response, token) => {
    const jti = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).jti;
    refused ??= jti;
    if (jti !== refused) taken(response);
    else response.writeHead(400, { 'content-type': 'application/json' }).end('{"err":"invalid_request"}');
  };
  await rename('Refused');
  await eventually(async () => came.length > 0);
  await rename('Taken');
  await eventually(async () => (await namesOf(program.appId)).includes('Taken'));
  assert.equal((await namesOf(program.appId)).filter((name) => name === 'Refused').length, 5);
  const events = (await ann('GET', '/admin/audit/events?action=signin.signal-refused')).body.value;
  assert.deepEqual(
    [events.length, events[0].facts.type, events[0].reason],
    [1, SIGNALS.tokenClaimsChange, '400 {"err":"invalid_request"}'],
  );
});

test('SSF: what happens while a stream is paused comes afterwards, of one that is disabled nothing; each is announced', async () => {
  const program = await aProgram();
  const id = await aStream(program, { method: PUSH, endpoint_url: endpoint() });
  // What is put into the one was put into the other, or left out of it.
  const witness = await aStream(await aProgram(), { method: POLL });
  const setTo = async (status: string, reason?: string) => {
    const answered = await program.api('POST', '/ssf/status', { stream_id: id, status, reason });
    assert.deepEqual([answered.status, answered.body.status], [200, status]);
  };
  const statuses = async () => {
    const found: unknown[] = [];
    for (const { token } of came) {
      const { type, event } = await read(token, program.appId);
      if (type === STREAM_UPDATED) found.push([event.status, event.reason]);
    }
    return found;
  };
  await setTo('paused', 'Moving house.');
  await eventually(async () => came.length === 1);
  assert.deepEqual(await statuses(), [['paused', 'Moving house.']]);
  assert.deepEqual((await program.api('GET', `/ssf/status?stream_id=${id}`)).body, {
    stream_id: id,
    status: 'paused',
    reason: 'Moving house.',
  });
  await rename('While it was paused');
  await waits(id, 1);
  await setTo('enabled');
  await eventually(async () => came.length === 3);
  assert.deepEqual(await namesOf(program.appId), ['stream-updated', 'While it was paused', 'stream-updated']);

  await setTo('paused');
  await rename('Never');
  await waits(id, 1);
  await setTo('disabled');
  await eventually(async () => came.length === 5);
  await rename('Never either');
  await waits(witness, 3);
  await setTo('enabled');
  await rename('After it');
  await eventually(async () => (await namesOf(program.appId)).includes('After it'));
  assert.deepEqual((await namesOf(program.appId)).slice(3), [
    'stream-updated',
    'stream-updated',
    'stream-updated',
    'After it',
  ]);
});

/** Until so many signals other than of the stream itself wait in it. */
async function waits(id: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  try {
    await eventually(async () => {
      const { rows } = await client.query(
        "select count(*)::int as n from signin.signals where stream_id = $1 and claims ->> 'type' <> $2",
        [id, STREAM_UPDATED],
      );
      return rows[0].n === count;
    });
  } finally {
    await client.end();
  }
}

test('SSF: a program that asks gets what waits by pages, until it has said that it has it', async () => {
  assert.equal((await ann('POST', '/ssf/streams', {})).status, 400, 'a stream belongs to a program');
  assert.equal((await people.api(people.fabrikam.anders)('GET', '/ssf/streams')).status, 403);
  const program = await aProgram();
  const id = await aStream(program, { method: POLL });
  const poll = async (body: object) => {
    const answered = await program.api('POST', `/ssf/poll/${id}`, body);
    assert.equal(answered.status, 200, JSON.stringify(answered.body));
    return answered.body as { sets: Record<string, string>; moreAvailable: boolean };
  };
  const nobody = { format: 'email', email: 'nobody@fabrikam.example' };
  assert.equal((await program.api('POST', '/ssf/subjects/add', { stream_id: id, subject: nobody })).status, 200);
  assert.equal((await program.api('POST', '/ssf/verify', { stream_id: id, state: 'abc' })).status, 204);
  for (const name of ['First', 'Second']) {
    await rename(name);
    await waits(id, name === 'First' ? 2 : 3);
  }
  const page = await poll({ maxEvents: 2 });
  assert.deepEqual([Object.keys(page.sets).length, page.moreAvailable], [2, true]);
  assert.deepEqual(Object.keys((await poll({ maxEvents: 2 })).sets), Object.keys(page.sets), 'not taken, not gone');
  for (const [jti, token] of Object.entries(page.sets))
    assert.equal((await read(token, program.appId)).payload.jti, jti);
  const [one = '', two = ''] = Object.keys(page.sets);
  // What it cannot use is not given to it again, either (RFC 8936 §2.4).
  const rest = await poll({ ack: [one], setErrs: { [two]: { err: 'invalid_request' } }, maxEvents: 2 });
  const [last] = Object.entries(rest.sets);
  assert.deepEqual([Object.keys(rest.sets).length, rest.moreAvailable], [1, false]);
  const known = await read(last![1], program.appId);
  assert.deepEqual((known.event.claims as { name: string }).name, 'Second');
  assert.deepEqual(await poll({ ack: [last![0]], maxEvents: 0 }), { sets: {}, moreAvailable: false });

  // From now on it is told: what waits, too.
  await rename('Third');
  await waits(id, 1);
  const delivery = { method: PUSH, endpoint_url: endpoint() };
  assert.equal((await program.api('PATCH', '/ssf/streams', { stream_id: id, delivery })).status, 200);
  await eventually(async () => came.length === 1);
  assert.deepEqual(await namesOf(program.appId), ['Third']);
  assert.equal((await program.api('POST', `/ssf/poll/${id}`, {})).status, 404);

  const other = await aProgram();
  assert.equal((await other.api('GET', `/ssf/streams?stream_id=${id}`)).status, 404, 'another sees nothing of it');
  assert.equal((await other.api('POST', '/ssf/status', { stream_id: id, status: 'paused' })).status, 404);
  assert.equal((await other.api('POST', `/ssf/poll/${id}`, {})).status, 404);
  assert.equal((await program.api('DELETE', `/ssf/streams?stream_id=${id}`)).status, 204);
  assert.deepEqual((await program.api('GET', '/ssf/streams')).body, []);
});

test('SSF: a program that may no longer be told is told nothing more, and its stream ends', async () => {
  const program = await aProgram();
  const id = await aStream(program, { method: PUSH, endpoint_url: endpoint() });
  await rename('Still told');
  await eventually(async () => came.length === 1);
  const path = `/v1.0/servicePrincipals/${program.principalId}/appRoleAssignments/${program.assignmentId}`;
  assert.equal((await ann('DELETE', path)).status, 204);
  await rename('Not told');
  const isOver = async () =>
    !(await ann('GET', '/ssf/streams')).body.some((one: { stream_id: string }) => one.stream_id === id);
  await eventually(isOver);
  assert.deepEqual(await namesOf(program.appId), ['Still told']);
  const [ended] = (await ann('GET', '/admin/audit/events?action=signin.signal-stream-ended')).body.value;
  assert.deepEqual([ended.targets[0].id, ended.reason], [id, 'its program may no longer be told']);
});

test('SSF: a receiver inside this network is not reached', async () => {
  const program = await aProgram();
  const id = await aStream(program, { method: PUSH, endpoint_url: 'http://10.0.0.1/events' });
  await rename('For nobody');
  const failing = async () => (await program.api('GET', `/ssf/streams?stream_id=${id}`)).body.failure ?? '';
  await eventually(async () => (await failing()) !== '');
  assert.match(await failing(), /not a public address/);
});
