import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { newId } from '../../src/kernel/ids.ts';
import type { Partners } from '../../src/kernel/module.ts';
import { WAY_WORDS } from '../../src/partners/model/diagnosis-words.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import { soon } from '../support/eventually.ts';
import { faultsOf } from '../support/partnership-faults.ts';
import { findingsOf } from '../support/partnership-findings.ts';
import { everybody, POLICY } from '../support/partnership-injections.ts';
import type { Api } from '../support/people.ts';
import {
  BOB,
  failing,
  inside,
  LEVEL,
  type Made,
  made,
  ok,
  type Step,
  startTestedPartnership,
  type TestedPartnership,
} from '../support/tested-partnership.ts';
import type { Side, TwoServers } from '../support/two-servers.ts';

let partnership: TestedPartnership;
let servers: TwoServers;
let ann: Api;
let anders: Api;
let bob: Api;
before(async () => {
  partnership = await startTestedPartnership();
  ({ servers, ann, anders, bob } = partnership);
});
after(() => partnership?.close());

test('beyond 3.6 accept 1: a partnership that works passes every step from both ends', async () => {
  const result = await made(partnership, ann, 'contoso.example');
  assert.deepEqual(failing(result), []);
  assert.equal(result.verdict.isHealthy, true);
  for (const end of ['ours', 'theirs'])
    assert.deepEqual(
      result.steps
        .filter((one) => one.end === end && one.status === 'passed')
        .map(({ step }) => step)
        .slice(0, 13),
      [
        ...['record', 'name', 'address', 'connection', 'certificate', 'document', 'signature', 'identity', 'keys'],
        ...['domains', 'request', 'clock', 'version'],
      ].map((name) => `partners.${name}`),
      end,
    );
  assert.equal(
    result.steps.some(({ seen }) => /[{}]/.test(seen)),
    false,
  );
});

test('whatever a check can find has words on the pages, the same as here', () => {
  const { seen, todo } = JSON.parse(
    readFileSync(new URL('../../web/src/i18n/en.json', import.meta.url), 'utf8'),
  ).partnerTest;
  const checks = servers.fabrikam.app.modules.flatMap(({ partnerChecks = [] }) => partnerChecks);
  const words = Object.assign({}, WAY_WORDS, ...checks.map((check) => check.words)) as typeof WAY_WORDS;
  const onPage = (text: string) => text.replace(/\{(\w+)\}/g, '{{$1}}').replaceAll("'", '’');
  const entries = Object.entries(words);
  assert.deepEqual(seen, Object.fromEntries(entries.map(([code, said]) => [code, onPage(said.seen)])));
  const todos = entries.flatMap(([code, said]) => (said.todo === undefined ? [] : [[code, onPage(said.todo)]]));
  assert.deepEqual(todo, Object.fromEntries(todos));
});

test('beyond 3.6 accept 1: each injected fault is found at its step and on its side, and none is healthy', async (t) => {
  const faults = faultsOf(partnership);
  assert.ok(faults.length >= 25);
  const wrong: string[] = [];
  for (const { fault, step, side, inject, mailbox = BOB, end } of faults) {
    const mend = await inject();
    const began = Date.now();
    const result = await made(partnership, ann, servers.contoso.id, mailbox);
    await mend();
    const { verdict } = result;
    assert.equal(verdict.isHealthy, false, `${fault}: healthy`);
    const first = failing(result)[0]!;
    t.diagnostic(`${Date.now() - began} ms  ${fault}: ${first.seen}`);
    const isRight = verdict.step === step && verdict.side === side && (end === undefined || verdict.end === end);
    if (!isRight) wrong.push(`${fault}: ${verdict.end} ${verdict.step} ${verdict.side} (${first.seen})`);
    assert.ok(first.todo, `${fault}: nothing to do`);
  }
  assert.deepEqual(wrong, []);
  const result = await made(partnership, ann, servers.contoso.id);
  assert.deepEqual(failing(result), [], 'all is mended');
});

test('whatever else may be found is said in its own words', async () => {
  const silent: string[] = [];
  for (const { shows, inject, mailbox = BOB, partner = servers.contoso.id } of findingsOf(partnership)) {
    const mend = await inject();
    const { steps } = await made(partnership, ann, partner, mailbox);
    await mend();
    const codes = steps.map(({ code }) => code);
    for (const code of shows)
      if (!codes.includes(code)) silent.push(`${code}: ${failing({ steps } as Made).map((one) => one.seen)}`);
  }
  assert.deepEqual(silent, []);
  assert.deepEqual(failing(await made(partnership, ann, servers.contoso.id)), [], 'all is mended');
});

test('beyond 3.6 accept 2: nothing booked, denied and unreachable are three answers', async () => {
  const last = async (mailbox = BOB) =>
    (await made(partnership, ann, 'contoso.example', mailbox)).steps.slice(-3).map(({ code }) => code);
  assert.deepEqual(await last(), ['mailbox-found', 'permission-given', 'data-nothing']);
  const day = 86_400_000;
  const at = (ms: number) => ({ dateTime: new Date(contosoNow() + ms).toISOString().slice(0, 19), timeZone: 'UTC' });
  const event = await ok(
    bob('POST', '/v1.0/me/events', { subject: 'Dentist', start: at(day), end: at(day + 3_600_000) }),
  );
  assert.deepEqual(await last(), ['mailbox-found', 'permission-given', 'data-booked']);
  await ok(bob('DELETE', `/v1.0/me/events/${event.id}`));
  const everybody = (role: string) => everybodySees(bob, role);
  await everybody('none');
  assert.deepEqual(await last(), ['mailbox-found', 'permission-denied', 'before-failed']);
  await everybody('freeBusyRead');
  // It fails between the partner's answer to the test and the lookup.
  const mend = partnership.fronts.contoso.secure(partnership.good, ({ url = '' }, response) => {
    if (!url.endsWith('/calendars.availability')) return false;
    response.destroy();
    return true;
  });
  assert.deepEqual(await last(), ['before-failed', 'before-failed', 'data-unreachable']);
  mend();
});

test('beyond 3.6 accept 3: the partner is shown what concerns it, by a link that is good for seven days', async () => {
  const relationship = { name: 'Our friends, soon to be bought', freeBusy: { enabled: false } };
  await ok(ann('PATCH', partnership.here, relationship));
  const { id } = await made(partnership, ann, 'contoso.example');
  await ok(ann('PATCH', partnership.here, { name: 'contoso.example', ...LEVEL }));
  const path = `/admin/partners/${servers.contoso.id}/tests/${id}`;
  assert.equal((await ok(ann('GET', path))).verdict.step, 'calendars.look-out');
  const elsewhere = await ann('POST', `${path}/link`, { mailTo: 'carla@tailspin.example' });
  assert.deepEqual([elsewhere.status, elsewhere.body.code], [400, 'partners.not-of-partner']);
  const { address } = await ok(ann('POST', `${path}/link`, { mailTo: 'carla@contoso.example' }));
  const [, key] = /\/partner-test#(.+)$/.exec(address) ?? [];
  assert.ok(key);
  const anybody = () => fetch(`${servers.fabrikam.app.loopback}/partners/tests/${key}`);
  const shown = await anybody();
  assert.equal(shown.status, 200);
  const text = await shown.text();
  const result = JSON.parse(text);
  for (const { code } of result.steps) partnership.met.add(code);
  assert.deepEqual([result.by, result.partnerName], ['Fabrikam', 'Contoso']);
  // From their side: what is ours there is theirs here.
  const way = (end: string) => result.steps.find((one: Step) => one.end === end && one.step === 'partners.certificate');
  assert.deepEqual([way('theirs').side, way('ours').side], ['ours', 'theirs']);
  assert.equal(/soon to be bought|bob@|enable free/i.test(text), false, text);
  const kept = async (code: string) => `${code}: ${result.steps.find((one: Step) => one.code === code)?.seen}`;
  assert.match(await kept('lookup-told'), /Contoso answered the lookup/);
  assert.deepEqual(await lettersOf(servers.fabrikam, 'partner-test'), [
    'carla@contoso.example: Fabrikam shows you how a test of your partnership went',
  ]);
  servers.fabrikam.app.clock.advance(8 * 86_400);
  assert.equal((await anybody()).status, 404);
  servers.fabrikam.app.clock.advance(-8 * 86_400);
  assert.equal(
    (await fetch(`${servers.fabrikam.app.loopback}/partners/tests/${servers.fabrikam.id}.nothing`)).status,
    404,
  );
});

test('beyond 3.6 accept 4: what turns bad alerts both administrators once, and again when it is well', async () => {
  const sweep = servers.fabrikam.app.modules
    .flatMap(({ sweeps = [] }) => sweeps)
    .find(({ name }) => name === 'partners.watch');
  assert.equal(sweep?.cron, '*/5 * * * *');
  const alerts = async () => [
    ...(await lettersOf(servers.fabrikam, 'partner-watch')),
    ...(await lettersOf(servers.contoso, 'partner-watch')),
  ];
  await watch(servers.fabrikam);
  await watch(servers.contoso);
  assert.deepEqual(await alerts(), []);
  const mend = partnership.fronts.contoso.plain();
  await watch(servers.fabrikam);
  await watch(servers.fabrikam, { isSecondLook: true });
  const bad = [
    'ann@fabrikam.example: Working together with Contoso fails',
    'carla@contoso.example: Working together with Fabrikam fails',
  ];
  // Contoso cannot be told while it cannot be reached: it sees by itself that nobody reaches it.
  assert.deepEqual(await alerts(), bad.slice(0, 1));
  await watch(servers.contoso);
  await watch(servers.contoso, { isSecondLook: true });
  assert.deepEqual(await alerts(), bad);
  for (const side of [servers.fabrikam, servers.contoso]) {
    await watch(side);
    await watch(side, { isSecondLook: true });
  }
  assert.deepEqual(await alerts(), bad, 'once');
  mend();
  await watch(servers.fabrikam);
  await watch(servers.contoso);
  const well = [
    'ann@fabrikam.example: Working together with Contoso is well again',
    'carla@contoso.example: Working together with Fabrikam is well again',
  ];
  await soon(async () => assert.deepEqual((await alerts()).toSorted(), [...bad, ...well].toSorted()));
  // Where it can be told, the partner's administrators hear of what only this end sees.
  await ok(ann('PATCH', POLICY, { b2bCollaborationOutbound: everybody('blocked') }));
  await watch(servers.fabrikam);
  await watch(servers.fabrikam, { isSecondLook: true });
  await soon(async () => assert.deepEqual((await alerts()).toSorted(), [...bad, ...well, ...bad].toSorted()));
  await ok(ann('PATCH', POLICY, { b2bCollaborationOutbound: everybody('allowed') }));
  await watch(servers.fabrikam);
  await soon(async () => assert.deepEqual((await alerts()).toSorted(), [...bad, ...well, ...bad, ...well].toSorted()));

  // A word that is never taken back holds until a test from both ends finds nothing of it.
  const heard = await alerts();
  const { tenantId: from } = servers.fabrikam.administrator;
  const envoy = {
    tenantId: from,
    address: 'entente@fabrikam.example',
    displayName: 'Fabrikam',
    correlationId: newId(),
  };
  const { partners } = servers.fabrikam.app.modules.find(({ name }) => name === 'partners') as unknown as {
    partners: Partners;
  };
  await partners.ask(envoy, servers.contoso.id, 'partners.watch-alarm', { v: 1, isBad: true });
  await soon(async () => assert.deepEqual((await alerts()).toSorted(), [...heard, bad[1]].toSorted()));
  await watch(servers.contoso);
  await soon(async () => assert.deepEqual((await alerts()).toSorted(), [...heard, bad[1], well[1]].toSorted()));
});

test('beyond 3.6 accept 5: nobody but the administrators sees a step, and who is unknown is told from who is denied by nobody else', async () => {
  const refusal = async (mailbox: string) => {
    const { status, body } = await anders('POST', '/admin/partners/contoso.example/tests', { mailbox });
    return [status, body.code, body.title];
  };
  assert.deepEqual(await refusal(BOB), await refusal('nobody@contoso.example'));
  assert.equal((await refusal(BOB))[0], 403);
  for (const path of ['', `/${(await made(partnership, ann, 'contoso.example')).id}`])
    assert.equal((await anders('GET', `/admin/partners/contoso.example/tests${path}`)).status, 403);
  // What holders of the link read of somebody denied, and of somebody unknown.
  await everybodySees(bob, 'none');
  const read = async (mailbox: string) => {
    const { id } = await made(partnership, ann, 'contoso.example', mailbox);
    const { address } = await ok(ann('POST', `/admin/partners/${servers.contoso.id}/tests/${id}/link`, {}));
    const answer = await fetch(`${servers.fabrikam.app.loopback}/partners/tests/${address.split('#')[1]}`);
    const { steps } = (await answer.json()) as { steps: (Step & { facts: { reference?: string } })[] };
    for (const { code } of steps) partnership.met.add(code);
    return steps
      .filter(({ step }) => step.startsWith('calendars.'))
      .map(({ step, status, code, seen, facts }) => [
        step,
        status,
        code,
        seen.replaceAll(facts.reference || '?', 'REF'),
      ]);
  };
  assert.deepEqual(await read(BOB), await read('nobody@contoso.example'));
  await everybodySees(bob, 'freeBusyRead');
});

/** Found by tests of their own, where they can be brought about. */
const ELSEWHERE = ['record-same-server', 'same-server', 'connection-failed', 'certificate-bad'];

test('every word that a test can say was said', () => {
  const checks = servers.fabrikam.app.modules.flatMap(({ partnerChecks = [] }) => partnerChecks);
  const words = Object.keys(Object.assign({}, WAY_WORDS, ...checks.map((check) => check.words)));
  assert.deepEqual(words.filter((code) => !partnership.met.has(code)).toSorted(), ELSEWHERE.toSorted());
});

const contosoNow = () => servers.contoso.app.clock.now.getTime();

async function everybodySees(api: Api, role: string): Promise<void> {
  const path = '/v1.0/me/calendar/calendarPermissions';
  const found = (await ok(api('GET', path))).value.find(
    ({ emailAddress }: { emailAddress?: { address?: string } }) => !emailAddress?.address,
  );
  await ok(api('PATCH', `${path}/${found.id}`, { role }));
}

const lettersOf = (side: Side, kind: string): Promise<string[]> =>
  inside(side, async (ctx) => {
    const { rows } = await sql<{ line: string }>`
      select to_address || ': ' || subject as line from platform.outgoing_mails
       where tenant_id = ${side.id} and kind = ${kind} order by created_at, id`.execute(sqlOf(ctx));
    return rows.map(({ line }) => line);
  });

/** Does what the clock does every five minutes. */
async function watch(side: Side, payload: Record<string, unknown> = {}): Promise<void> {
  const job = side.app.modules.flatMap(({ jobs = [] }) => jobs).find(({ name }) => name === 'partners.watch');
  const partnerTenantId = side === servers.fabrikam ? servers.contoso.id : servers.fabrikam.id;
  await side.app.run(
    { tenantId: side.id, actor: { kind: 'system', name: 'partners.watch' }, transaction: 'none' },
    (ctx) => job!.run(ctx, { partnerTenantId, ...payload }),
  );
}
