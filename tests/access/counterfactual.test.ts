import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { AccountActor, Actor, Context, TenantFacts } from '../../src/kernel/context.ts';
import { atLeast, type Change, decide, explain, type SettingAddress, whatIf } from '../../src/kernel/decision.ts';
import { type ApplicationId, newId } from '../../src/kernel/ids.ts';
import type { AnyQuestion } from '../../src/kernel/module.ts';
import { ROLES } from '../../src/kernel/roles.ts';
import type { SettingsDeclaration } from '../../src/kernel/settings.ts';
import { ALLOW_ALL, BLOCK_ALL } from '../../src/partners/model/access-setting.ts';
import { type SettingRow, SettingsRegistry } from '../../src/tenants/model/settings-registry.ts';
import { pageOf } from '../../web/src/access/setting-pages.ts';
import { startWorld, type World } from '../support/world.ts';

/** As the requirement counts; fewer where every change of the code is tried. */
const SAMPLES = Number(process.env.ENTENTE_EXPLAIN_SAMPLES ?? 300);

let world: World;
let registry: SettingsRegistry;
let declarations: readonly SettingsDeclaration[];
let questions: readonly AnyQuestion[];

before(async () => {
  world = await startWorld();
  declarations = world.app.modules.flatMap((module) => module.settings ?? []);
  registry = new SettingsRegistry(declarations);
  questions = world.app.modules.flatMap((module) => module.questions ?? []);
});
after(() => world.app.close());

/** Numbers that look random and are the same in every run (mulberry32). */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    chance: (probability: number) => next() < probability,
    pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T,
    some: <T>(list: readonly T[], probability: number): T[] => list.filter(() => next() < probability),
  };
}
type Dice = ReturnType<typeof dice>;

const PERMISSIONS = ['User.Read', 'User.Read.All', 'Directory.ReadWrite.All', 'AuditLog.Read.All', 'User.Invite.All'];

function anActor(roll: Dice): Actor {
  if (roll.chance(0.1))
    return {
      kind: 'application',
      applicationId: newId(),
      displayName: 'Program',
      permissions: roll.some(PERMISSIONS, 0.3),
    };
  if (roll.chance(0.1)) return { kind: 'operator', displayName: 'Operator', accountId: null };
  const { anders } = world.fabrikam;
  const isGuest = roll.chance(0.3);
  const actor: AccountActor = {
    kind: 'account',
    accountId: anders.id,
    displayName: 'Somebody',
    userPrincipalName: anders.userPrincipalName,
    homeTenantId: isGuest ? world.contoso.id : null,
    userType: isGuest ? 'Guest' : 'Member',
    roles: roll.some(
      ROLES.map(({ name }) => name),
      0.06,
    ),
    scopes: roll.chance(0.7) ? 'all' : roll.some(PERMISSIONS, 0.3),
    applicationId: newId() as ApplicationId,
    sessionId: null,
    methods: roll.chance(0.5) ? ['pwd'] : ['pwd', 'otp', 'mfa'],
    authenticatedAt: new Date(Date.now() - (roll.chance(0.3) ? 3_600_000 : 0)),
  };
  return actor;
}

/** Settings as some organisation might have them. */
function someSettings(roll: Dice): SettingRow[] {
  const of = (declaration: string, target: string, values: Record<string, unknown>): SettingRow[] =>
    Object.entries(values).map(([name, value]) => ({ declaration, target, name, value }));
  const restriction = roll.pick(['any', 'deny', 'allow']);
  return [
    ...of('tenants.operator', '', { operatorAccess: roll.pick(['none', 'read', 'write']) }),
    ...of('directory.external-collaboration', '', {
      allowInvitesFrom: roll.pick(['everyone', 'adminsGuestInvitersAndAllMembers', 'adminsAndGuestInviters', 'none']),
      domainRestriction: restriction,
      ...(restriction === 'deny'
        ? { blockedDomains: [{ domain: 'elsewhere.example', includeSubdomains: false }] }
        : {}),
      guestsMayLeave: roll.chance(0.5),
    }),
    ...(roll.chance(0.5)
      ? of('calendars.default-capabilities', '', {
          crossTenantCalendarAvailabilityBasic: {
            isAllowed: roll.chance(0.7),
            included: [{ resourceId: 'All' }],
            excluded: roll.chance(0.3) ? [{ resourceId: world.objects.fabrikam.account }] : [],
          },
        })
      : []),
    ...(roll.chance(0.5)
      ? of('calendars.organization-relationships', '01900000-0000-7000-8000-000000000001', {
          name: 'Contoso',
          domainNames: ['contoso.example'],
          enabled: roll.chance(0.7),
          freeBusyAccessEnabled: roll.chance(0.7),
          freeBusyAccessLevel: roll.pick(['None', 'AvailabilityOnly', 'LimitedDetails']),
          freeBusyAccessScope: roll.pick([null, world.objects.fabrikam.group]),
          deliveryReportEnabled: roll.chance(0.5),
          mailTipsAccessEnabled: roll.chance(0.7),
          mailTipsAccessLevel: roll.pick(['None', 'Limited', 'All']),
          mailTipsAccessScope: roll.pick([null, world.objects.fabrikam.group]),
        })
      : []),
    ...(roll.chance(0.3)
      ? of('partners.agreement-rules', '', { requiredFor: roll.some(['calendar', 'guests', 'files'], 0.6) })
      : []),
    ...(roll.chance(0.4)
      ? of('partners.partner-access', world.contoso.id, {
          b2bCollaborationInbound: roll.pick([ALLOW_ALL, BLOCK_ALL]),
          b2bCollaborationOutbound: roll.pick([ALLOW_ALL, BLOCK_ALL]),
          b2bDirectConnectInbound: roll.pick([ALLOW_ALL, BLOCK_ALL]),
          inboundTrust: {
            isMfaAccepted: roll.chance(0.5),
            isCompliantDeviceAccepted: false,
            isHybridAzureADJoinedDeviceAccepted: false,
          },
        })
      : []),
  ];
}

function anInput(question: AnyQuestion, roll: Dice): unknown {
  const { account, 'address book': bookId, calendar, group, guest } = world.objects.fabrikam;
  const someProof = { needsSecondFactor: roll.chance(0.5), hasSecondFactor: roll.chance(0.5) };
  const known: Record<string, unknown> = {
    'calendars.calendar.use': { calendarId: calendar },
    'calendars.calendar.permissions': { calendarId: calendar },
    'calendars.calendar.share': {
      calendarId: calendar,
      address: roll.pick(['a@contoso.example', 'a@fabrikam.example']),
    },
    'calendars.shared.open': { partnerTenantId: world.contoso.id },
    'calendars.group.expand': { groupId: group },
    'calendars.link.read': { linkId: calendar },
    'calendars.address-book.use': { bookId },
    'calendars.contacts.share': { address: roll.pick(['a@contoso.example', 'a@elsewhere.example']) },
    'calendars.messages.trace': { domain: 'contoso.example', partnerTenantId: world.contoso.id },
    'calendars.invitations.bring': { address: 'anders@fabrikam.example' },
    'calendars.mail-tips.read': {
      address: 'anders@fabrikam.example',
      isPersonal: roll.chance(0.5),
      ...(roll.chance(0.5) ? { from: 'bob@contoso.example', fromTenantId: world.contoso.id } : {}),
    },
    'calendars.free-busy.look-out': { domain: 'contoso.example' },
    'calendars.free-busy.read': {
      address: 'anders@fabrikam.example',
      ...(roll.chance(0.5) ? { from: 'bob@contoso.example', fromTenantId: world.contoso.id } : {}),
    },
    'directory.account.sign-in': { accountId: roll.pick([account, guest, world.fabrikam.ann.id]) },
    'directory.account.change': roll.pick([account, guest, world.fabrikam.ann.id]),
    'directory.group.change': group,
    'directory.read': roll.pick(['accounts', 'groups', 'contacts']),
    'access.request.answer-own': { ownerIds: roll.some([world.fabrikam.anders.id, account], 0.5) },
    'access.refusal.read-own': { refusedId: roll.pick([world.fabrikam.anders.id, account, null]) },
    'audit.subscription.manage': { owner: { kind: 'account', id: roll.pick([world.fabrikam.anders.id, account]) } },
    'signin.credentials.reset-operator': { askerOperates: roll.chance(0.5) },
    'partners.agreements.sign': { hasSecondFactor: roll.chance(0.5) },
    'partners.keys.change': { hasSecondFactor: roll.chance(0.5) },
    'partners.partnerships.end': { hasSecondFactor: roll.chance(0.5) },
    'partners.term.reach': {
      partnerTenantId: world.contoso.id,
      term: roll.pick(['calendars.free-busy', 'files.sharing']),
      direction: roll.pick(['ours', 'theirs']),
    },
    'signin.own.change': { hasSecondFactor: roll.chance(0.5) },
    'signin.consent.give': { needsAdministrator: roll.chance(0.5) },
    'directory.people.bring': { homeTenantId: world.contoso.id },
    'partners.people.go-out': { tenantId: world.contoso.id },
    'partners.people.come-in': { homeTenantId: world.contoso.id, ...someProof },
    'partners.direct-connect.use': { homeTenantId: world.contoso.id, ...someProof },
    'partners.network.use-elsewhere': { homeTenantId: world.contoso.id },
    'directory.organisation.leave': { accountId: account, isGuest: roll.chance(0.5) },
  };
  const about = {
    domain: roll.pick(['elsewhere.example', 'contoso.example']),
    homeTenantId: roll.pick([null, world.contoso.id]),
    accountId: guest,
  };
  if (!question.input) return undefined;
  return question.input.parse(known[question.name] ?? about);
}

interface Case {
  readonly question: AnyQuestion;
  readonly input: unknown;
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  readonly rows: readonly SettingRow[];
  readonly facts: unknown;
}

/** The same asker, thing and organisation, under other settings. */
const gather = (ctx: Context, one: Omit<Case, 'facts'>, rows: readonly SettingRow[]): Promise<unknown> =>
  Promise.resolve(
    one.question.facts({ ...ctx, actor: one.actor, tenant: one.tenant, settings: registry.snapshot(rows) }, one.input),
  );

async function someCase(ctx: Context, roll: Dice): Promise<Case> {
  const question = roll.pick(questions);
  const state = roll.chance(0.15) ? 'suspended' : 'active';
  const one = {
    question,
    input: anInput(question, roll),
    actor: anActor(roll),
    tenant: { ...ctx.tenant, state } as TenantFacts,
    rows: someSettings(roll),
  };
  return { ...one, facts: await gather(ctx, one, one.rows) };
}

/** The settings after the changes that name a value; the rest is supposed of the rule itself. */
function apply(rows: readonly SettingRow[], changes: readonly Change<string>[]) {
  const ceilings: Record<string, string> = {};
  const grants: { id: string; level: string; path: string; subject: { kind: string; id: string } }[] = [];
  const after = [...rows];
  for (const change of changes) {
    if (change.kind === 'grant') {
      grants.push({ id: 'given', level: change.to, path: 'direct', subject: { kind: 'account', id: 'asker' } });
      continue;
    }
    const { module, name, target = '' } = change.setting;
    const declaration = declarations.find((one) => one.name.startsWith(module) && Object.hasOwn(one.shape.shape, name));
    if (!('value' in change) || !declaration) ceilings[change.rule] = change.to;
    else after.push({ declaration: declaration.name, target, name, value: change.value });
  }
  return { rows: after, suppose: { ceilings, grants } };
}

test('beyond 3.2: the smallest change, applied, flips the answer, or says that nobody can', async () => {
  const roll = dice(7);
  let denied = 0;
  let flipped = 0;
  let bySetting = 0;
  await world.inside(world.fabrikam.id, async (ctx) => {
    for (let n = 0; n < 20 * SAMPLES && denied < SAMPLES; n += 1) {
      const one = await someCase(ctx, roll);
      const { level, levels, smallestChange } = explain(one.question, one.facts);
      if (level === levels.at(-1)) continue;
      denied += 1;
      if (smallestChange.none) {
        assert.ok(smallestChange.because.length > 0, `${one.question.name} names what is in the way`);
        flipped += 1;
        continue;
      }
      assert.equal(smallestChange.single, smallestChange.changes.length === 1, 'several changes are labelled so');
      const { rows, suppose } = apply(one.rows, smallestChange.changes);
      if (rows.length > one.rows.length) bySetting += 1;
      const after = whatIf(one.question, await gather(ctx, one, rows), suppose);
      const wanted = levels[levels.indexOf(level) + 1] as string;
      if (atLeast(after, wanted)) flipped += 1;
    }
  });
  assert.equal(denied, SAMPLES);
  assert.ok(bySetting > SAMPLES / 50, `${bySetting} changes were of a setting with a known value`);
  assert.ok(flipped >= 0.99 * denied, `${flipped} of ${denied} were flipped or labelled`);
});

test('beyond 3.2: removing a rule or a grant that was not named never changes the answer', async () => {
  const roll = dice(11);
  let removed = 0;
  await world.inside(world.fabrikam.id, async (ctx) => {
    for (let n = 0; n < SAMPLES; n += 1) {
      const { question, facts } = await someCase(ctx, roll);
      const explained = explain(question, facts);
      const named = new Set(explained.because.map((reason) => ('name' in reason ? reason.name : '')));
      for (const rule of question.ceilings.filter(({ name }) => !named.has(name))) {
        assert.equal(whatIf(question, facts, { ceilings: { [rule.name]: null } }).level, explained.level, rule.name);
        removed += 1;
      }
      for (const grant of explained.grants.filter(({ decided }) => !decided)) {
        assert.equal(whatIf(question, facts, { withoutGrants: [grant.id] }).level, explained.level, grant.id);
        removed += 1;
      }
    }
  });
  assert.ok(removed > SAMPLES, `${removed} rules and grants were removed`);
});

test('no answer of any question is above any of its rules, or above the best grant', async () => {
  const roll = dice(13);
  await world.inside(world.fabrikam.id, async (ctx) => {
    for (let n = 0; n < SAMPLES; n += 1) {
      const { question, facts } = await someCase(ctx, roll);
      const { level, levels } = decide(question, facts);
      const rank = levels.indexOf(level);
      for (const rule of question.ceilings) {
        const permitted = rule.permits(facts);
        const ceiling = permitted === true ? levels.length - 1 : permitted === false ? 0 : levels.indexOf(permitted);
        assert.ok(rank <= ceiling, `${question.name} answers ${level} above ${rule.name}`);
      }
      const best = Math.max(0, ...[...question.grants(facts)].map((grant) => levels.indexOf(grant.level)));
      assert.ok(rank <= best, `${question.name} answers ${level} without a grant of it`);
    }
  });
});

const ROUTER = readFileSync(new URL('../../web/src/router.tsx', import.meta.url), 'utf8');

/**
 * Where a rule's setting stands: on a page that the web app has, and, on the page of all settings, as one that a module
 * declares and that page shows.
 */
function problemOf({ setting }: { readonly setting: SettingAddress }): string | undefined {
  const { module, scope, name } = setting;
  if (scope === 'fixed') return undefined;
  const page = new URL(pageOf(setting), 'http://here').pathname;
  const route = page.replace(/[0-9a-f-]{36}/, '$id');
  if (!ROUTER.includes(`inside('${route}'`)) return `there is no page ${route}`;
  const declared = declarations.filter(
    (one) => (one.name === module || one.name.startsWith(`${module}.`)) && Object.hasOwn(one.shape.shape, name),
  );
  if (page === '/licences') return undefined;
  if (declared.length === 0) return 'nobody declares it';
  const isShown = declared.some((one) => one.scope !== 'collection' && one.setBy === undefined);
  return page === '/settings' && !isShown ? 'the page of settings does not show it' : undefined;
}

test('beyond 3.2 accept 1: of each workload, allowed and denied, the explanation names rules that exist where it says', async () => {
  const roll = dice(17);
  const seen = new Map<string, number>();
  const unstated = new Set<string>();
  const stated = (rule: { readonly name: string; readonly setting: SettingAddress }) => {
    const problem = problemOf(rule);
    if (problem) unstated.add(`${rule.name}, ${rule.setting.module}.${rule.setting.name}: ${problem}`);
  };
  await world.inside(world.fabrikam.id, async (ctx) => {
    for (let n = 0; n < SAMPLES; n += 1) {
      const one = await someCase(ctx, roll);
      const { question, facts } = one;
      const explained = explain(question, facts);
      assert.ok(explained.because.length > 0, `${question.name} says why`);
      const held = [...question.grants(facts)];
      for (const reason of explained.because) {
        if (reason.kind === 'no-grant') continue;
        if (reason.kind === 'grant') {
          assert.ok(
            held.some(({ id }) => id === reason.grantId),
            `${question.name}: the grant ${reason.grantId} exists`,
          );
          continue;
        }
        assert.ok(
          question.ceilings.some(({ name }) => name === reason.name),
          `${question.name} has the rule ${reason.name}`,
        );
        stated(reason);
      }
      const workload = question.name.split('.')[0];
      const answer = explained.level === explained.levels[0] ? 'deny' : 'allow';
      seen.set(`${workload} ${answer}`, (seen.get(`${workload} ${answer}`) ?? 0) + 1);
    }
    // Also of rules that decided nothing this time: each says where it is set.
    for (let n = 0; n < SAMPLES; n += 1) {
      const one = await someCase(ctx, roll);
      for (const rule of explain(one.question, one.facts).rules) stated(rule);
    }
  });
  assert.deepEqual([...unstated], []);
  for (const workload of ['access', 'audit', 'calendars', 'directory', 'partners', 'signin', 'tenants'])
    for (const answer of ['allow', 'deny']) assert.ok(seen.has(`${workload} ${answer}`), `${workload}, ${answer}`);
});
