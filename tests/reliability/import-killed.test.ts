import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
  return (await answer.json()) as { [name: string]: never } & Record<'id' | 'calendarId' | 'state', string> &
    Record<'done' | 'total' | 'created' | 'changed' | 'unchanged', number> & { access_token: string };
}

test('a server that is killed in the middle of an import loses nothing of the file and keeps nothing twice', async () => {
  // Tokens name the address that the server was reached at, which is another after each start.
  const signIn = async () => {
    const wanted = { tenant: DOMAIN, user: `ann@${DOMAIN}` };
    return (await ask('POST', '/operator/demo/token', await server.operatorToken(), wanted)).access_token;
  };
  let ann = await signIn();
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
    ann = await signIn();
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
