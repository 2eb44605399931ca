import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { ServerProcess } from '../support/server-process.ts';

const DOMAIN = 'fabrikam.example';
const EVENTS = 900;

let server: ServerProcess;
before(async () => {
  server = await ServerProcess.create('--demo');
  await server.start();
});
after(async () => {
  await server.end();
});

async function ask(method: string, path: string, credential: string, body?: string | object) {
  const isText = typeof body === 'string';
  const answer = await fetch(`${server.origin}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${credential}`,
      ...(body === undefined ? {} : { 'content-type': isText ? 'text/calendar' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${path} answered ${answer.status}`);
  return JSON.parse((await answer.text()) || '{}') as { [name: string]: never } & Record<
    'id' | 'calendarId' | 'state',
    string
  > &
    Record<'done' | 'total' | 'created' | 'changed' | 'unchanged', number> & { access_token: string };
}

/** Tokens name the address that the server was reached at, which is another after each start. */
async function signIn(name: string, tenant: string): Promise<string> {
  const wanted = { tenant, user: `${name}@${tenant}` };
  return (await ask('POST', '/operator/demo/token', await server.operatorToken(), wanted)).access_token;
}

test('a server that is killed in the middle of an import loses nothing of the file and keeps nothing twice', async () => {
  let ann = await signIn('ann', DOMAIN);
  const text = [
    'BEGIN:VCALENDAR',
    // Every other one without a UID of its own.
    ...Array.from({ length: EVENTS }, (_, n) => [
      'BEGIN:VEVENT',
      ...(n % 2 === 0 ? [`UID:import-${n}`] : []),
      `SUMMARY:Imported ${n}`,
      `DTSTART:20290101T${String(n % 24).padStart(2, '0')}0000Z`,
      'RRULE:FREQ=DAILY;COUNT=3',
      'END:VEVENT',
    ]).flat(),
    'END:VCALENDAR',
    '',
  ].join('\r\n');
  const begun = await ask('POST', '/me/calendars/default/import', ann, text);
  const now = () => ask('GET', `/me/calendars/${begun.calendarId}/imports/${begun.id}`, ann);
  const until = async (isSo: (one: Awaited<ReturnType<typeof now>>) => boolean) => {
    return eventually(async () => {
      const one = await now();
      return isSo(one) && one;
    });
  };
  for (const database of [false, true]) {
    const { done } = await now();
    const half = await until((one) => one.done > done);
    assert.ok(half.done < EVENTS, `it was through already (${half.done})`);
    await server.kill({ database });
    await server.start();
    ann = await signIn('ann', DOMAIN);
    assert.ok((await now()).done >= half.done, 'what was told stays so');
  }
  const whole = await until((one) => one.state !== 'waiting');
  const { state, created, changed, unchanged } = whole;
  assert.deepEqual(
    { state, created, changed, unchanged },
    { state: 'done', created: EVENTS, changed: 0, unchanged: 0 },
  );

  const client = await server.database();
  try {
    const { rows } = await client.query(
      `select count(*)::int as events, count(distinct o.summary)::int as named,
              (select count(*)::int from calendars.occurrences i join calendars.objects p
                 on p.tenant_id = i.tenant_id and p.id = i.object_id where p.summary like 'Imported %') as instances
         from calendars.objects o where o.summary like 'Imported %'`,
    );
    assert.deepEqual(rows[0], { events: EVENTS, named: EVENTS, instances: EVENTS * 3 });
  } finally {
    await client.end();
  }
});

test('CT-14: killed when people were brought and nobody had noted it yet, the run goes on: all are there, nobody twice', async () => {
  const PEOPLE = 120;
  const [home, abroad] = ['contoso.example', DOMAIN];
  const carla = await signIn('carla', home);
  const ann = await signIn('ann', abroad);
  const idOf = async (token: string) =>
    (await ask('GET', '/v1.0/organization', token)) as unknown as { value: { id: string }[] };
  const [{ id: homeId }, { id: abroadId }] = [(await idOf(carla)).value[0]!, (await idOf(ann)).value[0]!];
  const set = (token: string, name: string, target: string, values: object) =>
    ask('PATCH', `/admin/settings/${name}`, token, { target, values });
  await set(carla, 'partners.partner-access', abroadId, {
    automaticUserConsentSettings: { inboundAllowed: false, outboundAllowed: true },
  });
  await set(ann, 'partners.partner-access', homeId, {
    automaticUserConsentSettings: { inboundAllowed: true, outboundAllowed: false },
    identitySynchronization: { userSyncInbound: { isSyncAllowed: true } },
  });
  const names = Array.from({ length: PEOPLE }, (_, n) => `brought-${n}`);
  for (let at = 0; at < PEOPLE; at += 20) {
    const requests = names.slice(at, at + 20).map((name) => ({
      id: name,
      method: 'POST',
      url: '/users',
      headers: { 'content-type': 'application/json' },
      body: {
        accountEnabled: true,
        displayName: name,
        mailNickname: name,
        mail: `${name}@${home}`,
        userPrincipalName: `${name}@${home}`,
      },
    }));
    await ask('POST', '/v1.0/$batch', carla, { requests });
  }

  let client = await server.database();
  const count = async (text: string) => Number((await client.query<{ n: string }>(text)).rows[0]?.n);
  const brought = () =>
    count(`select count(*) as n from directory.accounts where mail like 'brought-%' and home_tenant_id = '${homeId}'`);
  const noted = () =>
    count(`select count(*) as n from directory.sync_people where display_name like 'brought-%' and state = 'there'`);
  const until = async (what: () => Promise<boolean>) => {
    for (const end = Date.now() + 60_000; !(await what()); await sleep(10))
      assert.ok(Date.now() < end, `after a minute ${await brought()} are brought and ${await noted()} noted`);
  };
  // Nothing can be noted while this holds; what is brought is in the other organisation all the same.
  await client.query('begin; lock table directory.sync_people in exclusive mode');
  await set(carla, 'directory.synchronization', abroadId, {
    isOn: true,
    everyone: true,
    filters: [{ attribute: 'displayName', is: 'startsWith', value: 'brought-' }],
  });
  await until(async () => (await brought()) > 0);
  const before = await brought();
  assert.ok(before < PEOPLE && (await noted()) === 0, `${before} were brought`);
  await client.end();
  await server.kill({ database: false });
  await server.start();
  client = await server.database();
  try {
    await until(async () => (await noted()) === PEOPLE);
    assert.equal(await brought(), PEOPLE);
    const told = `select count(*) as n from audit.events where action = 'directory.person-brought' and facts ->> 'outcome' =`;
    assert.deepEqual([await count(`${told} 'created'`), await count(`${told} 'updated'`)], [PEOPLE, 0]);
  } finally {
    await client.end();
  }
});
