import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { putGrant } from '../../src/access/index.ts';
import { accessPorts } from '../../src/app/access-ports.ts';
import { createAccount, GRANTS } from '../../src/directory/index.ts';
import { READING_AREAS } from '../../src/directory/questions/people.ts';
import type { Actor } from '../../src/kernel/context.ts';
import { decide } from '../../src/kernel/decision.ts';
import { type AccountId, newId } from '../../src/kernel/ids.ts';
import type { AnyQuestion } from '../../src/kernel/module.ts';
import { ROLES } from '../../src/kernel/roles.ts';
import { eventually } from '../support/eventually.ts';
import { assertGolden } from '../support/golden.ts';
import { filled, nameOf, type Objects } from '../support/paths.ts';
import type { Api } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

const GOLDEN = fileURLToPath(new URL('access.matrix.txt', import.meta.url));

/** How far guests see, in the order of the reference product's three roles for them. */
const GUEST_LEVELS = {
  'guest as member': 'a0b1b346-4d3e-4e8b-98f8-753987be4970',
  'guest limited': '10dae51f-b6af-4016-8d66-8c2a99b929b3',
  'guest restricted': '2af84b1e-32c8-42b7-82bc-daa82404023b',
} as const;

/** Somebody who asks: in questions as an actor, on routes with a credential. Either may be missing. */
interface Asker {
  readonly name: string;
  readonly actor?: () => Promise<Actor>;
  readonly call?: Api;
  /** Done before their column is filled. */
  readonly first?: () => Promise<void>;
}

/**
 * What questions about something are asked about. A question with an input that is missing here fails the test: whoever
 * adds a question says what it is asked about.
 */
const inputs = (objects: Objects): Readonly<Record<string, Readonly<Record<string, unknown>>>> => ({
  'calendars.mail-tips.read': { 'of a member': { address: 'anders@fabrikam.example', isPersonal: true } },
  'calendars.messages.trace': { 'to a partner': { domain: 'contoso.example', partnerTenantId: world.contoso.id } },
  'calendars.invitations.bring': { 'to a member': { address: 'anders@fabrikam.example' } },
  'calendars.free-busy.look-out': { 'of a partner': { domain: 'contoso.example' } },
  'calendars.free-busy.read': { 'of a member': { address: 'anders@fabrikam.example' } },
  'calendars.calendar.use': { 'of a member': { calendarId: objects.calendar } },
  'calendars.calendar.permissions': { 'of a member': { calendarId: objects.calendar } },
  'calendars.calendar.share': {
    'with everybody at home': { calendarId: objects.calendar },
    'with an organisation of this server': { calendarId: objects.calendar, address: 'bob@contoso.example' },
    'with a stranger': { calendarId: objects.calendar, address: 'x@elsewhere.example' },
    'with everybody': { calendarId: objects.calendar, isPublic: true },
  },
  'calendars.shared.open': { 'of Contoso': { partnerTenantId: world.contoso.id } },
  'calendars.group.expand': { 'a group': { groupId: objects.group } },
  'calendars.link.read': { 'that is none': { linkId: objects.calendar } },
  'calendars.address-book.use': { 'of a member': { bookId: objects['address book'] } },
  'calendars.contacts.share': { 'with an organisation of this server': { address: 'bob@contoso.example' } },
  'directory.guests.invite': {
    'a stranger': { domain: 'elsewhere.example', homeTenantId: null },
    'an organisation of this server': { domain: 'contoso.example', homeTenantId: world.contoso.id },
  },
  'directory.invitation.accept': {
    'a stranger': { domain: 'elsewhere.example', homeTenantId: null, accountId: objects.guest },
  },
  'directory.organisation.leave': {
    'as a guest': { accountId: objects.guest, isGuest: true },
    'as a member': { accountId: objects.account, isGuest: false },
  },
  'directory.account.sign-in': { 'a member': { accountId: objects.account }, 'a guest': { accountId: objects.guest } },
  'directory.account.change': {
    'a member': objects.account,
    'a guest': objects.guest,
    'an administrator': world.fabrikam.ann.id,
  },
  'directory.read': Object.fromEntries(READING_AREAS.map((area) => [area, area])),
  'signin.own.change': {
    'with a password alone': { hasSecondFactor: false },
    'with a second factor': { hasSecondFactor: true },
  },
  'signin.credentials.reset-operator': {
    'asked by an operator': { askerOperates: true },
    'asked by anybody else': { askerOperates: false },
  },
  'signin.consent.give': {
    'that a person can give': { needsAdministrator: false },
    'that an administrator must give': { needsAdministrator: true },
  },
  'audit.subscription.manage': {
    "Ann's": { owner: { kind: 'account', id: world.fabrikam.ann.id } },
  },
  'partners.agreements.sign': {
    'with a password alone': { hasSecondFactor: false },
    'with a second factor': { hasSecondFactor: true },
  },
  'partners.keys.change': {
    'with a password alone': { hasSecondFactor: false },
    'with a second factor': { hasSecondFactor: true },
  },
  'partners.partnerships.end': {
    'with a password alone': { hasSecondFactor: false },
    'with a second factor': { hasSecondFactor: true },
  },
  'partners.term.reach': {
    'of Contoso': { partnerTenantId: world.contoso.id, term: 'calendars.free-busy', direction: 'ours' },
  },
  'access.request.answer-own': {
    "Ann's": { ownerIds: [world.fabrikam.ann.id] },
  },
  'access.refusal.read-own': { "Ann's": { refusedId: world.fabrikam.ann.id } },
  'directory.group.change': { 'a group': objects.group },
  'directory.people.bring': { 'from Contoso': { homeTenantId: world.contoso.id } },
  'partners.people.go-out': { 'to Contoso': { tenantId: world.contoso.id } },
  'partners.people.come-in': {
    'from Contoso': { homeTenantId: world.contoso.id },
    'from Contoso, with a second factor to show': { homeTenantId: world.contoso.id, needsSecondFactor: true },
    'from Contoso, with a device of home to use': { homeTenantId: world.contoso.id, needsCompliantDevice: true },
    'whom home does not let out': { homeTenantId: world.contoso.id, homeLetsOut: false },
  },
  'partners.direct-connect.use': { 'from Contoso': { homeTenantId: world.contoso.id } },
  'partners.network.use-elsewhere': { 'of Contoso': { homeTenantId: world.contoso.id } },
});

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.app.close());

async function askers(): Promise<Asker[]> {
  const { app, fabrikam, contoso, objects, inside, api, call } = world;
  const person = (name: string, id: string, first?: () => Promise<void>): Asker => ({
    name,
    actor: async () => (await inside(fabrikam.id, (ctx) => accessPorts.actorOf(ctx, id))) as Actor,
    call: api({ id: id as AccountId, tenantId: fabrikam.id, userPrincipalName: '' }),
    ...(first ? { first } : {}),
  });
  const holderOf = (role: string | undefined): Promise<AccountId> =>
    inside(fabrikam.id, async (ctx) => {
      const name = role ?? 'nobody-special';
      const { id } = await createAccount(ctx, { userPrincipalName: `${name}@fabrikam.example`, displayName: name });
      if (role) {
        await putGrant(ctx, {
          kind: GRANTS.role.kind,
          subject: { kind: 'account', id },
          object: { kind: GRANTS.role.objectKind, id: role },
          level: GRANTS.role.level,
          givenBy: 'test',
        });
      }
      return id;
    });
  const application = async (name: string, permissions: readonly string[]): Promise<Asker> => ({
    name,
    actor: async () => ({ kind: 'application', applicationId: newId(), displayName: name, permissions }),
    call: call(await (await world.program(fabrikam.ann, name, permissions)).token()),
  });
  const operatorToken = (await readFile(join(app.data, 'operator.token'), 'utf8')).trim();
  const operator = call(operatorToken);

  const list: Asker[] = [{ name: 'anonymous', actor: async () => ({ kind: 'anonymous' }), call: call(undefined) }];
  for (const [name, level] of Object.entries(GUEST_LEVELS))
    list.push(person(name, objects.fabrikam.guest, () => setGuestLevel(level)));
  list.push(person('member', await holderOf(undefined)));
  for (const role of ROLES) list.push(person(role.name, await holderOf(role.name)));
  list.push(await application('application without permissions', []));
  list.push(await application('application that reads', ['User.Read.All', 'AuditLog.Read.All']));
  list.push({
    name: 'operator',
    actor: async () => ({ kind: 'operator', displayName: 'Operator', accountId: null }),
    call: (method, path, body) => operator(method, path, body, { 'entente-tenant': fabrikam.domain }),
  });
  list.push({ name: 'administrator of another organisation', call: api(contoso.carla) });
  return list;
}

/** Changes how far guests see, and waits until the server answers by it. */
async function setGuestLevel(level: string): Promise<void> {
  const path = '/v1.0/policies/authorizationPolicy';
  const changed = await world.ann('PATCH', path, { guestUserRoleId: level });
  assert.ok(changed.status < 300, `${changed.status}`);
  await eventually(async () => (await world.ann('GET', path)).body.guestUserRoleId === level);
}

interface Row {
  readonly name: string;
  readonly ask: (asker: Asker) => Promise<string>;
}

function questionRows(): Row[] {
  const questions = world.app.modules.flatMap((module) => module.questions ?? []);
  for (const { name, facts, input } of questions)
    assert.ok(facts.length < 2 || input, `${name} is about something and must declare its input, to be explainable`);
  const asked = inputs(world.objects.fabrikam);
  const unknown = Object.keys(asked).filter((name) => !questions.some((one) => one.name === name));
  assert.deepEqual(unknown, [], 'every input belongs to a question');
  return questions
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((question) => {
      if (!question.input) return [{ name: question.name, ask: (asker) => answerTo(question, undefined, asker) }];
      const about = asked[question.name];
      assert.ok(about, `${question.name} has an input: say in tests/access/matrix.test.ts what it is asked about`);
      return Object.entries(about).map(([what, input]) => ({
        name: `${question.name}, ${what}`,
        ask: (asker: Asker) => answerTo(question, input, asker),
      }));
    });
}

async function answerTo(question: AnyQuestion, input: unknown, { actor: actorOf }: Asker): Promise<string> {
  const actor = await actorOf?.();
  if (!actor) return '';
  const parsed = question.input ? question.input.parse(input) : undefined;
  return world.inside(
    world.fabrikam.id,
    async (ctx) => decide(question, await question.facts(ctx, parsed)).level as string,
    actor,
  );
}

function routeRows(): Row[] {
  return world.app.routes
    .filter((route) => route.method === 'GET')
    .map(nameOf)
    .sort()
    .map((name) => ({
      name,
      async ask({ call }) {
        if (!call) return '';
        const path = name.slice('GET '.length);
        const { status } = await call('GET', filled(path, world.objects.fabrikam));
        assert.ok(status < 500, `${name} answered ${status}`);
        return String(status);
      },
    }));
}

/** Answers of one row together: who gets what, in the order of the askers. */
function line(name: string, answers: readonly (readonly [asker: string, answer: string])[]): string {
  const byAnswer = new Map<string, string[]>();
  for (const [asker, answer] of answers) {
    if (answer !== '') byAnswer.set(answer, [...(byAnswer.get(answer) ?? []), asker]);
  }
  // The answer that most get is said last and shortly, so that the others can be read.
  const [most, ...rest] = [...byAnswer].toSorted((a, b) => b[1].length - a[1].length);
  const lines = rest.map(([answer, who]) => `    ${answer.padEnd(13)} ${who.join(', ')}`);
  if (most) lines.push(`    ${most[0].padEnd(13)} ${rest.length > 0 ? 'everybody else' : 'everybody'}`);
  return `${name}\n${lines.join('\n')}\n`;
}

/** Does something with each, six at a time. */
async function eachOf<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await act(one);
  };
  await Promise.all(Array.from({ length: 6 }, work));
}

test('who may what: every question and every page, by everybody', async () => {
  const everybody = await askers();
  const rows = { questions: questionRows(), routes: routeRows() };
  const answers = new Map<Row, [string, string][]>();
  for (const asker of everybody) {
    await asker.first?.();
    await eachOf([...rows.questions, ...rows.routes], async (row) => {
      const answer = await row.ask(asker);
      answers.set(row, [...(answers.get(row) ?? []), [asker.name, answer]]);
    });
  }
  const print = (list: Row[]) => list.map((row) => line(row.name, answers.get(row) ?? [])).join('\n');
  assertGolden(
    GOLDEN,
    `Who may what at Fabrikam. Written by tests/access/matrix.test.ts; a change of it is a change of access.

Who asks: ${everybody.map(({ name }) => name).join(', ')}.
An administrator of another organisation stands on pages alone: no question is put in their name here.

== Questions, and the level that each asker reaches

${print(rows.questions)}
== Routes that read, about Fabrikam's own objects, and the status that each asker gets

${print(rows.routes)}`,
  );
});

test('every question that was ever answered with no can be explained', async () => {
  const known = new Set(world.app.modules.flatMap((module) => (module.questions ?? []).map((one) => one.name)));
  const { body } = await world.ann('GET', '/admin/audit/events?action=access.refused&limit=999');
  const met = new Set<string>(body.value.map((event: { reason: string }) => event.reason));
  assert.ok(met.size > 3, 'many were refused');
  assert.deepEqual([...met].filter((name) => !known.has(name)).sort(), []);
});
