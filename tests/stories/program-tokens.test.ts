import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type App, startApp } from '../../src/app/app.ts';
import { configurationShape } from '../../src/app/configuration.ts';
import { createLog } from '../../src/platform/log.ts';
import { ensureServicePrincipal, putConsent } from '../../src/signin/store/applications.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

const TENANT = 'fabrikam.example';
const READ = 'User.Read.All';

let people: People;
let ann: Api;
/** A second server on the same database, with a memory of its own. */
let other: App;
before(async () => {
  people = await startPeople({ settings: { demo: true } });
  ann = people.api(people.fabrikam.ann);
  other = await startApp({
    configuration: configurationShape.parse({
      data: people.app.data,
      port: 0,
      httpsPort: 0,
      databaseUrl: people.app.adminUrl,
      databaseConnections: 4,
    }),
    log: createLog('silent'),
    now: () => people.app.clock.now,
  });
});
after(async () => {
  await other.close();
  await people.app.close();
});

interface Program {
  /** The registration's own id, under which it is administered. */
  readonly objectId: string;
  readonly id: string;
  readonly principalId: string;
  readonly secret: string;
  readonly keyId: string;
}

/** A program with a secret that may read everybody. */
async function makeProgram(more: object = {}): Promise<Program> {
  const { body: made } = await ann('POST', '/v1.0/applications', { displayName: 'Nightly', ...more });
  const { value } = (await ann('GET', '/v1.0/servicePrincipals')).body;
  const principalId = value.find((one: { appId: string }) => one.appId === made.appId).id;
  const given = await ann('POST', `/v1.0/servicePrincipals/${principalId}/appRoleAssignments`, {
    appRoleId: READ,
    principalId,
  });
  assert.equal(given.status, 201, JSON.stringify(given.body));
  const { body: added } = await ann('POST', `/v1.0/applications/${made.id}/addPassword`, {});
  return { objectId: made.id, id: made.appId, principalId, secret: added.secretText, keyId: added.keyId };
}

const good = ({ id, secret }: Program) => ({
  grant_type: 'client_credentials',
  client_id: id,
  client_secret: secret,
  scope: 'https://graph.microsoft.com/.default',
});

async function ask(
  form: Record<string, string> | URLSearchParams,
  options: { tenant?: string; at?: string; headers?: Record<string, string> } = {},
) {
  const { tenant = TENANT, at = people.app.origin, headers = {} } = options;
  const body = new URLSearchParams(form);
  const answer = await fetch(`${at}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body, headers });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, string> };
}

const claimsOf = (token: string | undefined) =>
  JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());

async function within(seconds: number, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    if (await isSo()) return;
    await pause(20);
  }
  assert.fail(`It did not happen within ${seconds} seconds.`);
}

test('a program gets the same token whether the provider writes it or we do from memory', async () => {
  const program = await makeProgram();
  const ours = await ask(good(program));
  // Naming a resource leaves the request to the provider.
  const provider = await ask({ ...good(program), resource: 'api://entente' });
  assert.deepEqual([ours.status, provider.status], [200, 200], JSON.stringify(provider.body));

  const shapeOf = ({ headers, body: { access_token: token, ...rest } }: typeof ours) => {
    const { jti, iat, exp, ...claims } = claimsOf(token);
    assert.equal(typeof jti, 'string');
    const header = JSON.parse(Buffer.from(token?.split('.')[0] ?? '', 'base64url').toString());
    const kept = ['cache-control', 'content-type'].map((name) => headers.get(name));
    return { header, claims, rest, lives: exp - iat, kept };
  };
  assert.deepEqual(shapeOf(ours), shapeOf(provider));
  assert.deepEqual(claimsOf(ours.body.access_token).roles, [READ]);
  assert.equal((await people.call(ours.body.access_token)('GET', '/v1.0/users')).status, 200);
});

test('a program says who it is in the form or in the header, once', async () => {
  const program = await makeProgram();
  const { client_id, client_secret, ...rest } = good(program);
  const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
  assert.equal((await ask(rest, { headers: { authorization } })).status, 200);
  assert.equal((await ask({ ...rest, client_id }, { headers: { authorization } })).status, 200);
  const twice = await ask(good(program), { headers: { authorization } });
  assert.deepEqual([twice.status, twice.body.error], [400, 'invalid_request']);
  const another = await ask({ ...rest, client_id: program.principalId }, { headers: { authorization } });
  assert.deepEqual([another.status, another.body.error], [400, 'invalid_request']);
  const repeated = new URLSearchParams([...Object.entries(good(program)), ['client_secret', 'again']]);
  assert.equal((await ask(repeated)).status, 400);
});

test('a wrong, a missing and an outdated secret are refused in the words of RFC 6749, and so is a stranger', async () => {
  const program = await makeProgram();
  assert.equal((await ask(good(program))).status, 200);
  const refusalOf = async (form: Record<string, string>) => {
    const { status, body } = await ask(form);
    return [status, body.error, 'access_token' in body];
  };
  assert.deepEqual(await refusalOf({ ...good(program), client_secret: 'guessed' }), [401, 'invalid_client', false]);
  assert.deepEqual(await refusalOf({ ...good(program), client_secret: '' }), [401, 'invalid_client', false]);
  assert.deepEqual(await refusalOf({ ...good(program), client_id: program.principalId }), [
    401,
    'invalid_client',
    false,
  ]);
  const other = await makeProgram();
  assert.deepEqual(await refusalOf({ ...good(program), client_secret: other.secret }), [401, 'invalid_client', false]);
  // Half a year later the secret has run out, although nothing was announced.
  people.app.clock.advance(181 * 24 * 60 * 60);
  assert.deepEqual(await refusalOf(good(program)), [401, 'invalid_client', false]);
  people.app.clock.advance(-181 * 24 * 60 * 60);
  assert.equal((await ask(good(program))).status, 200);
});

test('a public client gets no token of its own', async () => {
  const native = await makeProgram({ publicClient: { redirectUris: ['http://localhost/back'] } });
  const { status, body } = await ask(good(native));
  assert.deepEqual([status, body.error], [401, 'invalid_client']);
});

/** What takes a program's power away. */
const endings: Record<string, (program: Program) => Promise<{ status: number }>> = {
  'its secret is removed': ({ objectId, keyId }) =>
    ann('POST', `/v1.0/applications/${objectId}/removePassword`, { keyId }),
  'it is switched off': ({ principalId }) =>
    ann('PATCH', `/v1.0/servicePrincipals/${principalId}`, { accountEnabled: false }),
  'it is removed': ({ objectId }) => ann('DELETE', `/v1.0/applications/${objectId}`),
};
for (const [what, end] of Object.entries(endings)) {
  test(`a program gets no token from the moment that ${what}, nor from another server within seconds`, async () => {
    const program = await makeProgram();
    assert.equal((await ask(good(program))).status, 200);
    assert.equal((await ask(good(program), { at: other.origin })).status, 200);
    assert.equal((await end(program)).status, 204);
    const { status, body } = await ask(good(program));
    assert.deepEqual([status, body.error], [401, 'invalid_client']);
    await within(3, async () => (await ask(good(program), { at: other.origin })).status === 401);
  });
}

test('a permission taken back is missing from the next token, and from those of another server within seconds', async () => {
  const program = await makeProgram();
  const rolesAt = async (at: string) => claimsOf((await ask(good(program), { at })).body.access_token).roles;
  const { app } = people;
  assert.deepEqual([await rolesAt(app.origin), await rolesAt(other.origin)], [[READ], [READ]]);
  const path = `/v1.0/servicePrincipals/${program.principalId}/appRoleAssignments`;
  const [assignment] = (await ann('GET', path)).body.value;
  assert.equal((await ann('DELETE', `${path}/${assignment.id}`)).status, 204);
  assert.deepEqual(await rolesAt(app.origin), []);
  await within(3, async () => (await rolesAt(other.origin)).length === 0);
});

test('a program of another organisation stops when it is changed where it is registered', async () => {
  const { id: contoso } = people.contoso;
  const unknown = await makeProgram({ signInAudience: 'AzureADMultipleOrgs' });
  assert.equal((await ask(good(unknown), { tenant: contoso })).status, 400, 'nobody there has agreed to it');
  const program = await makeProgram({ signInAudience: 'AzureADMultipleOrgs' });
  await people.app.run({ tenantId: contoso, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    ensureServicePrincipal(ctx, { id: program.id, tenantId: people.fabrikam.id, displayName: 'Nightly' }),
  );
  const there = await ask(good(program), { tenant: contoso });
  assert.deepEqual([there.status, claimsOf(there.body.access_token).tid], [200, contoso]);
  assert.deepEqual(claimsOf(there.body.access_token).roles, []);
  assert.equal((await ask(good(program), { tenant: contoso, at: other.origin })).status, 200);
  const changed = await ann('PATCH', `/v1.0/applications/${program.objectId}`, { signInAudience: 'AzureADMyOrg' });
  assert.equal(changed.status, 204);
  assert.equal((await ask(good(program), { tenant: contoso })).status, 401);
  assert.equal((await ask(good(program))).status, 200);
  await within(3, async () => (await ask(good(program), { tenant: contoso, at: other.origin })).status === 401);
});

test('what a program of another organisation holds ends where it is used when it is removed where it is registered', async () => {
  const { contoso } = people;
  const program = await makeProgram({ signInAudience: 'AzureADMultipleOrgs' });
  // Contoso knows it and lets it read; only the agreement of an administrator in a browser makes it known otherwise.
  await people.app.run({ tenantId: contoso.id, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
    const application = { id: program.id, tenantId: people.fabrikam.id, displayName: 'Nightly' };
    const principal = await ensureServicePrincipal(ctx, application);
    const given = { kind: 'application', accountId: null, permissions: [READ], givenBy: 'test' } as const;
    await putConsent(ctx, { servicePrincipalId: principal.id, ...given });
  });
  const { body } = await ask(good(program), { tenant: contoso.id });
  const nightly = people.call(body.access_token);
  assert.equal((await nightly('GET', '/v1.0/users')).status, 200);
  assert.equal((await ann('DELETE', `/v1.0/applications/${program.objectId}`)).status, 204);
  assert.equal((await nightly('GET', '/v1.0/users')).status, 401);
});

test('a server that heard nothing for a while forgets what it knew of programs', async () => {
  const program = await makeProgram();
  assert.equal((await ask(good(program), { at: other.origin })).status, 200);
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  try {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'entente-bus'`,
    );
    // Behind every server's back, and without a word to any of them.
    await client.query('delete from signin.application_secrets where id = $1', [program.keyId]);
  } finally {
    await client.end();
  }
  await within(5, async () => (await ask(good(program), { at: other.origin })).status === 401);
});

test('a program asks whether its access token still counts, and learns nothing of those of others', async () => {
  const program = await makeProgram();
  const stranger = await makeProgram();
  const token = (await ask(good(program))).body.access_token ?? '';
  const introspect = async (as: Program, text: string, secret = as.secret) => {
    const answer = await fetch(`${people.app.origin}/${TENANT}/oauth2/v2.0/introspect`, {
      method: 'POST',
      headers: { accept: 'text/html' },
      body: new URLSearchParams({ client_id: as.id, client_secret: secret, token: text }),
    });
    const body = await answer.text();
    return { status: answer.status, body: body.startsWith('{') ? JSON.parse(body) : body };
  };

  const { iss, sub, aud, exp, iat, jti } = claimsOf(token);
  const { status, body } = await introspect(program, token);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body, {
    ...{ active: true, token_type: 'Bearer', iss, sub, aud, exp, iat, jti },
    client_id: program.id,
    roles: [READ],
  });

  const unknown = { status: 200, body: { active: false } };
  assert.deepEqual(await introspect(stranger, token), unknown);
  assert.deepEqual(await introspect(program, `${token.slice(0, -8)}AAAAAAAA`), unknown);
  const [head, , signature] = token.split('.');
  const forged = Buffer.from(JSON.stringify({ ...claimsOf(token), roles: ['Directory.ReadWrite.All'] }));
  assert.deepEqual(await introspect(program, `${head}.${forged.toString('base64url')}.${signature}`), unknown);
  assert.equal((await introspect(program, token, 'guessed')).status, 401);

  const path = `/v1.0/servicePrincipals/${program.principalId}/appRoleAssignments`;
  const [assignment] = (await ann('GET', path)).body.value;
  await ann('DELETE', `${path}/${assignment.id}`);
  assert.deepEqual((await introspect(program, token)).body.roles, []);
  people.app.clock.advance(3606);
  assert.deepEqual(await introspect(program, token), unknown);
  people.app.clock.advance(-3606);
});

test('an organisation that is deleted gives no tokens', async () => {
  const { tailspin } = people;
  const tina = people.api(tailspin.tina);
  const { body: made } = await tina('POST', '/v1.0/applications', { displayName: 'Tool' });
  const { body: added } = await tina('POST', `/v1.0/applications/${made.id}/addPassword`, {});
  const form = good({ id: made.appId, secret: added.secretText } as Program);
  const at = { tenant: tailspin.domain };
  assert.equal((await ask(form, at)).status, 200);
  assert.equal((await ask(form, { tenant: tailspin.id })).status, 200);
  const operator = people.api(people.fabrikam.ann);
  assert.equal((await operator('DELETE', `/operator/tenants/${tailspin.id}`)).status, 204);
  for (const tenant of [tailspin.domain, tailspin.id]) {
    const { status, body } = await ask(form, { tenant });
    assert.deepEqual([status, body.error], [404, 'invalid_tenant']);
  }
});

test("a suspended organisation's programs get no tokens, and those they have are good for nothing", async () => {
  const { contoso } = people;
  const carla = people.api(contoso.carla);
  const { body: made } = await carla('POST', '/v1.0/applications', {
    displayName: 'Roaming',
    signInAudience: 'AzureADMultipleOrgs',
  });
  const { body: added } = await carla('POST', `/v1.0/applications/${made.id}/addPassword`, {});
  const form = good({ id: made.appId, secret: added.secretText } as Program);
  await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
    const principal = await ensureServicePrincipal(ctx, {
      id: made.appId,
      tenantId: contoso.id,
      displayName: 'Roaming',
    });
    const given = { kind: 'application', accountId: null, permissions: [READ], givenBy: 'test' } as const;
    await putConsent(ctx, { servicePrincipalId: principal.id, ...given });
  });
  const places = [contoso.domain, TENANT];
  const tokens = new Map<string, string | undefined>();
  for (const tenant of places) {
    const { status, body } = await ask(form, { tenant });
    assert.equal(status, 200, `${tenant} ${JSON.stringify(body)}`);
    tokens.set(tenant, body.access_token);
  }
  const read = async (tenant: string) => (await people.call(tokens.get(tenant))('GET', '/v1.0/users')).status;
  assert.deepEqual([await read(contoso.domain), await read(TENANT)], [403, 200]);

  const state = (wanted: string) => ann('PATCH', `/operator/tenants/${contoso.id}`, { state: wanted });
  assert.equal((await state('suspended')).status, 200);
  for (const tenant of places) {
    const { status, body } = await ask(form, { tenant });
    assert.deepEqual([status, body.access_token], [400, undefined], tenant);
    assert.match(String(body.error_description), /grant type is not allowed/);
    assert.deepEqual([await read(tenant)], [401], 'a token of before opens nothing');
  }
  const { status } = await carla('GET', '/v1.0/me');
  assert.equal(status, 200, 'people of the organisation still read');
  assert.equal((await state('active')).status, 200);
  assert.equal((await ask(form, { tenant: contoso.domain })).status, 200);
  assert.equal(await read(TENANT), 200);
});

test('who guesses a secret waits, on every server, and a program with the right one does not', async () => {
  const program = await makeProgram();
  const neighbour = await makeProgram();
  assert.equal((await ask(good(program))).status, 200);
  const guess = (at?: string) => ask({ ...good(program), client_secret: 'guessed' }, at ? { at } : {});
  let refused = await guess();
  // The count follows the answer, so the next guess may be a little faster.
  let guesses = 1;
  for (; refused.status === 401 && guesses < 60; guesses += 1) refused = await guess();
  assert.deepEqual([refused.status, guesses > 20], [429, true], `after ${guesses} guesses`);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  // Another server learns of it with the next wrong one.
  assert.equal((await guess(other.origin)).status, 401);
  await within(5, async () => (await guess(other.origin)).status === 429);
  // Not the right secret where it was good before; nor other programs from the same address.
  assert.equal((await ask(good(program))).status, 200);
  assert.equal((await ask(good(neighbour))).status, 200);
  // One that nobody had seen by then has to wait like a guess.
  const { body: second } = await ann('POST', `/v1.0/applications/${program.objectId}/addPassword`, {});
  const later = { ...good(program), client_secret: second.secretText };
  assert.equal((await ask(later)).status, 429);
  people.app.clock.advance(15 * 60 + 1);
  assert.equal((await ask(later)).status, 200);
  assert.equal((await guess()).status, 401);
  people.app.clock.advance(-15 * 60 - 1);
});

test('the sign-in log has one line of a program for each hour and address, written before its token leaves', async () => {
  const program = await makeProgram();
  const linesOf = async () =>
    (await ann('GET', '/v1.0/auditLogs/signIns?$top=1000')).body.value.filter(
      (line: { appId: string }) => line.appId === program.id,
    );
  await ask({ ...good(program), client_secret: 'guessed' });
  assert.deepEqual(await linesOf(), []);
  for (let i = 0; i < 3; i += 1) assert.equal((await ask(good(program))).status, 200);
  assert.equal((await ask({ ...good(program), resource: 'api://entente' })).status, 200);
  const [line, ...more] = await linesOf();
  assert.deepEqual(more, []);
  assert.deepEqual(
    [line.userId, line.servicePrincipalName, line.isInteractive, line.status.errorCode],
    [null, 'Nightly', false, 0],
  );
  assert.match(line.ipAddress, /127\.0\.0\.1|::1/);
});

test('userinfo is refused from the moment that the account is switched off, on another server within seconds', async () => {
  const { anders } = people.fabrikam;
  const here = people.api(anders);
  const { token } = await other.run({ tenantId: anders.tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    other.signin.mintAccessToken(ctx, anders.id),
  );
  const there = people.call(token);
  const path = '/oidc/userinfo';
  const statusThere = async () => (await there('GET', `${other.origin}${path}`)).status;
  assert.deepEqual([(await here('GET', path)).status, await statusThere()], [200, 200]);

  const renamed = await ann('PATCH', `/v1.0/users/${anders.id}`, { displayName: 'Anders And', givenName: 'Anders' });
  assert.equal(renamed.status, 204);
  const { body } = await here('GET', path);
  assert.deepEqual([body.name, body.given_name, body.email], ['Anders And', 'Anders', 'anders@fabrikam.example']);
  await within(3, async () => (await there('GET', `${other.origin}${path}`)).body.name === 'Anders And');

  assert.equal((await ann('PATCH', `/v1.0/users/${anders.id}`, { accountEnabled: false })).status, 204);
  assert.equal((await here('GET', path)).status, 401);
  await within(3, async () => (await statusThere()) === 401);
  assert.equal((await ann('PATCH', `/v1.0/users/${anders.id}`, { accountEnabled: true })).status, 204);
});
