import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { putGrant } from '../../src/access/index.ts';
import { accessPorts } from '../../src/app/access-ports.ts';
import { insertCalendar, listCalendars } from '../../src/calendars/store/calendars.ts';
import { putLink } from '../../src/calendars/store/links.ts';
import { ensureMailbox } from '../../src/calendars/usecases/mailboxes.ts';
import { createAccount, createGroup, createInvitation, GRANTS } from '../../src/directory/index.ts';
import { updateAccount } from '../../src/directory/store/accounts.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';
import { decide } from '../../src/kernel/decision.ts';
import { type AccountId, newId } from '../../src/kernel/ids.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

const CASES = Number(process.env.WHAT_IF_CASES ?? 50);
const POLICY = '00000000-0000-4000-8000-000000000001';
const DAY = 86_400_000;
const DOMAIN = 'fabrikam.example';

let people: People;
let world: World;
let ann: Api;
before(async () => {
  people = await startPeople();
  // Time passes in these tests, and tokens with it.
  ann = (...call) => people.api(people.fabrikam.ann)(...call);
  world = await fill();
});
after(() => people.app.close());

interface World {
  readonly accounts: readonly AccountId[];
  readonly guests: readonly AccountId[];
  readonly pending: readonly {
    readonly id: AccountId;
    readonly domain: string;
    readonly homeTenantId: string | null;
  }[];
  readonly groups: readonly string[];
  readonly calendars: readonly string[];
  readonly links: readonly string[];
  readonly addresses: readonly string[];
}

const inside = <T>(act: (ctx: Context) => Promise<T>, actor: Actor = { kind: 'system', name: 'test' }) =>
  people.app.run({ tenantId: people.fabrikam.id, actor }, act);

/** Fabrikam with guests, nested groups, calendars that are shared in every way, and rights that will end. */
const fill = (): Promise<World> =>
  inside(async (ctx) => {
    const { ann, anders } = people.fabrikam;
    const accounts: AccountId[] = [ann.id, anders.id];
    for (const name of ['cleo', 'dora', 'emil']) {
      const { id } = await createAccount(ctx, { userPrincipalName: `${name}@fabrikam.example`, displayName: name });
      accounts.push(id);
    }
    const guests: AccountId[] = [];
    const pending: World['pending'][number][] = [];
    for (const [name, domain] of [
      ['gina', 'contoso.example'],
      ['hugo', 'tailspin.example'],
      ['ivo', 'elsewhere.example'],
      ['jan', 'contoso.example'],
    ] as const) {
      const made = await createInvitation(ctx, {
        address: `${name}@${domain}`,
        redirectUrl: 'https://apps.fabrikam.example/',
        origin: 'https://fabrikam.example',
        sponsorIds: [ann.id],
      } as never);
      const { id, homeTenantId } = made.account;
      if (name === 'ivo' || name === 'jan') pending.push({ id, domain, homeTenantId });
      else {
        const home = name === 'gina' ? people.contoso.id : people.tailspin.id;
        await updateAccount(ctx, id, {
          externalUserState: 'Accepted',
          homeTenantId: home,
          endsAt: new Date(ctx.now.getTime() + 40 * DAY),
        });
        guests.push(id);
      }
    }
    const groups: string[] = [];
    for (const [n, kind] of (['security', 'security', 'shared', 'security'] as const).entries()) {
      const visibility = n === 2 ? 'Public' : 'Private';
      const fields = { displayName: `Group ${n}`, mailNickname: `group${n}`, description: null, visibility, kind };
      groups.push((await createGroup(ctx, { ...fields, isAssignableToRole: n === 3 } as never)).id);
    }
    const give = (
      kind: string,
      objectKind: string,
      objectId: string,
      subject: object,
      level: string,
      more: object = {},
    ) =>
      putGrant(ctx, {
        kind,
        object: { kind: objectKind, id: objectId },
        subject,
        level,
        givenBy: ann.id,
        ...more,
      } as never);
    const member = (group: number, kind: string, id: string, more: object = {}) =>
      give(GRANTS.member.kind, 'group', groups[group]!, { kind, id }, 'member', more);
    await member(0, 'account', accounts[1]!);
    await member(0, 'guest', guests[0]!, { homeDomain: 'contoso.example', homeTenantId: people.contoso.id });
    await member(1, 'group', groups[0]!);
    await member(1, 'account', accounts[2]!, { endsAt: new Date(ctx.now.getTime() + 20 * DAY) });
    await member(2, 'guest', guests[1]!, { homeDomain: 'tailspin.example', homeTenantId: people.tailspin.id });
    await member(3, 'account', accounts[3]!);
    await give(GRANTS.owner.kind, 'group', groups[0]!, { kind: 'account', id: accounts[4]! }, 'owner');
    await give(GRANTS.role.kind, 'tenant-role', 'auditor', { kind: 'group', id: groups[3]! }, 'holder');
    await give(GRANTS.role.kind, 'tenant-role', 'user-administrator', { kind: 'account', id: accounts[4]! }, 'holder', {
      endsAt: new Date(ctx.now.getTime() + 30 * DAY),
    });

    const calendars: string[] = [];
    for (const owner of [accounts[0]!, accounts[1]!, accounts[2]!]) {
      await ensureMailbox(ctx, { kind: 'account', id: owner });
      const [calendar] = await listCalendars(ctx, { owners: [{ kind: 'account', id: owner }] });
      calendars.push(calendar!.id);
    }
    const second = { owner: { kind: 'account', id: accounts[1]! }, name: 'Second', slug: 'second' } as const;
    calendars.push((await insertCalendar(ctx, second)).id);
    await ensureMailbox(ctx, { kind: 'group', id: groups[2]! });
    const [shared] = await listCalendars(ctx, { owners: [{ kind: 'group', id: groups[2]! }] });
    calendars.push(shared!.id);
    const share = (n: number, kind: string, id: string, level: string, more: object = {}) =>
      give('calendars.calendar', 'calendar', calendars[n]!, { kind, id }, level, more);
    const contoso = { homeDomain: 'contoso.example', homeTenantId: people.contoso.id };
    const addresses = ['bob@contoso.example', 'gina@contoso.example', 'tom@tailspin.example'];
    await share(0, 'contact', addresses[0]!, 'read', contoso);
    await share(1, 'contact', addresses[1]!, 'limitedRead', contoso);
    await share(1, 'contact', addresses[2]!, 'read', {
      homeDomain: 'tailspin.example',
      homeTenantId: people.tailspin.id,
    });
    await share(2, 'contact', addresses[0]!, 'freeBusyRead', {
      ...contoso,
      endsAt: new Date(ctx.now.getTime() + 10 * DAY),
    });
    await share(3, 'group', groups[1]!, 'write');
    await share(3, 'account', accounts[1]!, 'read');
    await share(2, 'account', accounts[3]!, 'write');
    await share(0, 'guest', guests[0]!, 'read', contoso);
    const links: string[] = [];
    for (const [n, subject] of [
      { kind: 'anyone', id: 'anyone' },
      { kind: 'contact', id: 'x@stranger.example' },
    ].entries()) {
      const grant = await share(n, subject.kind, subject.id, 'limitedRead', {
        path: 'link',
        homeDomain: 'stranger.example',
      });
      const id = newId();
      const [rangeFrom, rangeTo] = ['OneMonth', 'OneMonth'] as never[];
      const token = { tokenHash: Buffer.from(id), tokenSealed: Buffer.from(id), publicName: null };
      await putLink(ctx, {
        id,
        calendarId: calendars[n] as never,
        grantId: grant.id,
        ...token,
        rangeFrom,
        rangeTo,
      } as never);
      links.push(id);
    }
    return { accounts, guests, pending, groups, calendars, links, addresses };
  });

// ------------------------------------------------------------------------------------------------- what is observed

type Levels = ReadonlyMap<string, string>;

/** The database keeps the names of an object in an order of its own. */
const printed = (input: unknown): string =>
  JSON.stringify(
    typeof input === 'object' && input !== null
      ? Object.entries(input).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : input,
  );

/** Every right there is, asked of the engine one by one as each of them would ask. */
function observe(): Promise<Levels> {
  const questions = new Map(
    people.app.modules.flatMap((module) => module.questions ?? []).map((one) => [one.name, one]),
  );
  return inside(async (ctx) => {
    const levels = new Map<string, string>();
    const ask = async (name: string, subjectId: string, actor: Actor | undefined, input: unknown) => {
      const question = questions.get(name)!;
      // Whoever was parted with is nobody here.
      if (!actor) {
        levels.set(`${name} ${subjectId} ${printed(input)}`, question.levels[0] as string);
        return;
      }
      const facts = await question.facts({ ...ctx, actor }, question.input ? question.input.parse(input) : undefined);
      levels.set(`${name} ${subjectId} ${printed(input)}`, decide(question, facts).level as string);
    };
    const here = [...world.accounts, ...world.guests, ...world.pending.map(({ id }) => id)];
    const held = await ctxGrants(ctx);
    for (const id of here) {
      const actor = await accessPorts.actorOf(ctx, id);
      await ask('directory.account.sign-in', id, actor, { accountId: id });
      for (const group of world.groups)
        if (held.has(`${group} ${id}`)) await ask('directory.group.change', id, actor, group);
      for (const calendarId of world.calendars) await ask('calendars.calendar.use', id, actor, { calendarId });
      if (actor?.kind === 'account' && actor.roles.length > 0)
        for (const { name, input } of questions.values()) if (!input) await ask(name, id, actor, null);
    }
    for (const [n, id] of world.guests.entries()) {
      const isHere = (await accessPorts.actorOf(ctx, id)) !== undefined;
      const input = { homeTenantId: n === 0 ? people.contoso.id : people.tailspin.id, userId: null };
      await ask('partners.people.come-in', id, isHere ? { kind: 'anonymous' } : undefined, input);
    }
    for (const { id, domain, homeTenantId } of world.pending) {
      const actor = await accessPorts.actorOf(ctx, id);
      await ask('directory.invitation.accept', id, actor, { domain, homeTenantId, accountId: id });
    }
    const nobody: Actor = { kind: 'anonymous' };
    for (const address of world.addresses) {
      const homeTenantId = address.endsWith('contoso.example') ? people.contoso.id : people.tailspin.id;
      const visitor: Actor = { kind: 'visitor', homeTenantId, address, displayName: address };
      for (const calendarId of world.calendars) await ask('calendars.calendar.use', address, visitor, { calendarId });
    }
    for (const linkId of world.links) await ask('calendars.link.read', linkId, nobody, { linkId });
    for (const [domain, fromTenantId] of [
      ['contoso.example', people.contoso.id],
      ['tailspin.example', people.tailspin.id],
    ])
      for (const name of ['ann', 'anders', 'cleo', 'dora', 'emil']) {
        const input = { address: `${name}@fabrikam.example`, from: `anybody@${domain}`, fromTenantId };
        await ask('calendars.free-busy.read', domain!, nobody, input);
      }
    return levels;
  });
}

/** Who is directly in a group or owns it: to whom the question about the group is more than one about their role. */
async function ctxGrants(ctx: Context): Promise<ReadonlySet<string>> {
  const rows = await query(
    `select object_id || ' ' || subject_id as key from access.grants
      where tenant_id = $1 and object_kind = 'group' and (ends_at is null or ends_at > $2)`,
    [ctx.tenantId, ctx.now],
  );
  return new Set(rows.map(({ key }) => key as string));
}

async function query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** What differs, as lines; what one side does not list is denied there, or nobody's but by a role. */
async function differences(before: Levels, after: Levels): Promise<string[]> {
  const found: string[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)];
    if (was !== undefined && is !== undefined && was !== is) found.push(`${key}: ${was} > ${is}`);
  }
  return found.sort();
}

/** A right that one side did not ask about, asked there after all: predictions name both levels. */
const inBoth = (before: Levels, after: Levels) => (line: string) => {
  const key = line.slice(0, line.lastIndexOf(': '));
  return before.has(key) && after.has(key);
};

// ------------------------------------------------------------------------------------------------- what is predicted

interface Asked {
  readonly changes: readonly { readonly trial?: string; readonly input: unknown }[];
  readonly at?: string;
}

async function whatIf(asked: Asked, api: Api = ann) {
  const { status, body } = await api('POST', '/admin/what-if', asked);
  assert.equal(status, 202, JSON.stringify(body));
  return eventually(async () => {
    const now = (await api('GET', `/admin/what-if/${body.id}`)).body;
    return now.state !== 'waiting' && now.state !== 'running' && now;
  });
}

interface LineBody {
  readonly n: number;
  readonly question: string;
  readonly subject: { readonly kind: string; readonly id: string; readonly displayName: string | null };
  readonly object: { readonly displayName: string | null };
  readonly input: { readonly linkId?: string } & Record<string, unknown>;
  readonly before: string;
  readonly after: string;
  readonly direction: string;
  readonly refusedAt: string | null;
  readonly because: readonly { readonly kind: string; readonly name?: string }[];
}

async function linesOf(id: string): Promise<LineBody[]> {
  const lines: LineBody[] = [];
  for (let after: number | null = null; ; ) {
    const page: { value: LineBody[]; next: number | null } = (
      await ann('GET', `/admin/what-if/${id}/lines?limit=500${after === null ? '' : `&after=${after}`}`)
    ).body;
    lines.push(...page.value);
    if (page.next === null) return lines;
    after = page.next;
  }
}

const predictedOf = (lines: readonly LineBody[]): string[] =>
  lines
    .filter(({ subject, refusedAt }) => refusedAt === null && subject.kind !== 'tenant')
    .map(({ question, subject, input, before, after }) => {
      const who = question === 'calendars.link.read' ? input.linkId : subject.id;
      return `${question} ${who} ${printed(input)}: ${before} > ${after}`;
    })
    .filter((line) => !line.includes('any-other-organisation'))
    // Named by its id alone: whatever its domain, none of our relationships holds it.
    .map((line) => line.replaceAll(`${people.contoso.id}.invalid`, 'contoso.example'))
    .map((line) => line.replaceAll(`${people.tailspin.id}.invalid`, 'tailspin.example'))
    .sort();

// ------------------------------------------------------------------------------------------------- random changes

/** mulberry32: the same changes at every run. */
function randomly(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const RELATIONSHIPS = ['0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10', '0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a11'];
const ROLES = ['auditor', 'user-administrator', 'guest-inviter', 'security-reader', 'exchange-administrator'];

async function randomChange(random: (below: number) => number): Promise<Asked> {
  const one = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const request = (method: string, path: string, body?: unknown): Asked => ({
    changes: [{ input: { method, path, ...(body === undefined ? {} : { body }) } }],
  });
  const set = (name: string, values: object, target?: string) =>
    request('PATCH', `/admin/settings/${name}`, { values, ...(target ? { target } : {}) });
  const reference = (id: string) => ({ '@odata.id': `https://x/v1.0/directoryObjects/${id}` });
  switch (random(14)) {
    case 0: {
      const mode = one(['any', 'deny', 'allow']);
      const list = [one(['contoso.example', 'tailspin.example', 'elsewhere.example'])];
      return set('directory.external-collaboration', {
        domainRestriction: mode,
        blockedDomains: mode === 'deny' ? list : null,
        allowedDomains: mode === 'allow' ? list : null,
        allowInvitesFrom: one(['everyone', 'adminsAndGuestInviters', 'none']),
      });
    }
    case 1: {
      const target = one<string>([people.contoso.id, people.tailspin.id]);
      const accessType = one(['allowed', 'blocked']);
      const everybody = {
        usersAndGroups: { accessType, targets: [{ target: 'AllUsers', targetType: 'user' }] },
        applications: { accessType, targets: [{ target: 'AllApplications', targetType: 'application' }] },
      };
      return set('partners.partner-access', { b2bCollaborationInbound: everybody }, target);
    }
    case 2:
      return set('directory.access', {
        membersMayCreateGroups: random(2) === 0,
        membersMayReadOthers: random(2) === 0,
      });
    case 3:
      return set(
        'calendars.sharing-policies',
        { enabled: random(4) > 0, rules: rules(random), isDefault: true, name: 'Default Sharing Policy' },
        POLICY,
      );
    case 4: {
      const n = random(2);
      const values = {
        name: `Relationship ${n}`,
        domainNames: [['contoso.example', 'tailspin.example'][n]],
        enabled: random(4) > 0,
        freeBusyAccessEnabled: random(4) > 0,
        freeBusyAccessLevel: one(['None', 'AvailabilityOnly', 'LimitedDetails']),
        freeBusyAccessScope: random(2) === 0 ? null : one(world.groups),
      };
      return set('calendars.organization-relationships', values, RELATIONSHIPS[n]);
    }
    case 5: {
      const included = [{ resourceId: random(2) === 0 ? 'All' : one(world.groups), resourceType: 'group' }];
      const value = random(3) === 0 ? null : { isAllowed: random(3) > 0, included };
      const name = one([
        'crossTenantCalendarAvailabilityBasic',
        'crossTenantCalendarAvailabilityLimitedDetails',
        'crossTenantCalendarSharingFreeBusyDetail',
      ]);
      return set('calendars.partner-capabilities', { [name]: value }, one([people.contoso.id, people.tailspin.id]));
    }
    case 6:
    case 7: {
      const group = one(world.groups);
      const member = one<string>([...world.accounts, ...world.guests, ...world.groups]);
      return random(2) === 0
        ? request('POST', `/v1.0/groups/${group}/members/$ref`, reference(member))
        : request('DELETE', `/v1.0/groups/${group}/members/${member}/$ref`);
    }
    case 8: {
      const path = '/v1.0/roleManagement/directory/roleAssignments';
      const held = (await ann('GET', path)).body.value as {
        id: string;
        principalId: string;
        roleDefinitionId: string;
      }[];
      const takeable = held.filter(({ principalId }) => principalId !== people.fabrikam.ann.id);
      if (random(2) === 0 && takeable.length > 0) return request('DELETE', `${path}/${one(takeable).id}`);
      const definitions = (await ann('GET', '/v1.0/roleManagement/directory/roleDefinitions')).body.value;
      const role =
        definitions.find(
          ({ displayName }: { displayName: string }) => displayName.toLowerCase().replaceAll(' ', '-') === one(ROLES),
        ) ?? definitions[0];
      const principalId = one([...world.accounts.slice(1), world.groups[3]!]);
      return request('POST', path, { principalId, roleDefinitionId: role.id, directoryScopeId: '/' });
    }
    case 9: {
      const { value } = (await ann('GET', '/admin/ledger?kind=calendars.calendar&limit=500')).body;
      const shares = value.filter(({ subject }: LineBody) => subject.kind !== 'tenant');
      if (shares.length > 4) return request('DELETE', `/admin/ledger/${one<{ id: string }>(shares).id}`);
      return request('DELETE', `/admin/ledger/${newId()}`);
    }
    case 10: {
      const guest = one(world.guests);
      return random(2) === 0
        ? request('POST', `/admin/guests/${world.guests[1]}/end`, {})
        : request('POST', `/admin/guests/${guest}/extend`, { endsAt: null });
    }
    case 11:
      return request('PATCH', `/v1.0/users/${one([...world.accounts.slice(1), ...world.guests])}`, {
        accountEnabled: random(2) === 0,
      });
    case 12: {
      // Several at once: a membership, and what the group may be told of.
      const first = request('POST', `/v1.0/groups/${world.groups[1]}/members/$ref`, reference(one(world.accounts)));
      const second = set('directory.access', { membersMayCreateGroups: random(2) === 0 });
      return { changes: [...first.changes, ...second.changes] };
    }
    default:
      return { changes: [], at: new Date(people.app.clock.now.getTime() + (1 + random(6)) * DAY).toISOString() };
  }
}

function rules(random: (below: number) => number): string[] {
  const actions = [
    'CalendarSharingFreeBusySimple',
    'CalendarSharingFreeBusyDetail',
    'CalendarSharingFreeBusyReviewer',
    'ContactsSharing',
  ];
  return ['contoso.example', 'tailspin.example', '*', 'Anonymous'].flatMap((domain) =>
    random(3) === 0 ? [] : [`${domain}: ${actions[random(4)]}`],
  );
}

test(`beyond 3.4.1: what is predicted of ${CASES} random changes is exactly what comes to be`, async (t) => {
  const random = randomly(20_261_122);
  let before = await observe();
  let [changed, lines, refused] = [0, 0, 0];
  for (let n = 0; n < CASES; n += 1) {
    const asked = await randomChange(random);
    let answer = await whatIf(asked);
    if (answer.state === 'failed') {
      refused += 1;
      continue;
    }
    if (asked.at) people.app.clock.now = new Date(asked.at);
    else {
      let applied = await ann('POST', `/admin/what-if/${answer.id}/apply`);
      for (; applied.status === 412; applied = await ann('POST', `/admin/what-if/${answer.id}/apply`)) {
        // What follows a change before may still have been under way.
        answer = await whatIf(asked);
      }
      assert.equal(applied.status, 200, JSON.stringify(applied.body));
    }
    const predicted = predictedOf(await linesOf(answer.id));
    const after = await observe();
    const observed = await differences(before, after);
    assert.deepEqual(predicted.filter(inBoth(before, after)), observed, `change ${n}: ${JSON.stringify(asked)}`);
    // What only one side lists was or is nothing, or somebody's by their role alone.
    for (const line of predicted.filter((one) => !inBoth(before, after)(one))) {
      const key = line.slice(0, line.lastIndexOf(': '));
      const [was, is] = line.slice(line.lastIndexOf(': ') + 2).split(' > ');
      if (before.has(key)) assert.equal(before.get(key), was, `change ${n}: ${line}`);
      else if (after.has(key)) assert.equal(after.get(key), is, `change ${n}: ${line}`);
      else assert.fail(`change ${n} ${JSON.stringify(asked)} foretells of nobody: ${line}`);
    }
    if (predicted.length > 0) changed += 1;
    lines += predicted.length;
    before = after;
  }
  t.diagnostic(`${CASES} changes, ${refused} refused alike, ${changed} of them moved ${lines} rights`);
  assert.ok(changed > CASES / 5, `${changed} changes moved anything`);
});

test('beyond 3.4.3: trying out writes nothing but its own record, whatever is tried', async () => {
  const tables = (
    await query(`select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema in ('tenants', 'access', 'directory', 'calendars', 'signin', 'partners', 'audit')
        and table_name not like 'what_if%' and table_type = 'BASE TABLE'
        and table_schema || '.' || table_name not in ('audit.events', 'audit.logs', 'audit.checkpoints') order by 1`)
  ).map(({ name }) => name as string);
  const world = async () => {
    const found: Record<string, unknown> = {};
    for (const name of tables) {
      const [row] = await query(
        `select md5(coalesce(string_agg(t::text, '' order by t::text), '')) as sum from ${name} t`,
      );
      found[name] = row?.sum;
    }
    // What is tried is tried in the name of whoever asked; the clock's own work, and signing in to ask, go on meanwhile.
    found.events = await query(`select action, actor_kind, count(*)::int as n from audit.events
      where action not like 'signin.%' and actor_kind <> 'system' group by 1, 2 order by 1, 2`);
    found.jobs = await query(`select t.identifier, count(*)::int as n from graphile_worker._private_jobs j
      join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier not like 'access.what-if%' and t.identifier not like 'sweep%' group by 1 order by 1`);
    return found;
  };
  // Keys are made when they are first needed.
  await whatIf(await randomChange(randomly(7)));
  // The clock may end something meanwhile. The same is tried each time, so a leak would show each time, too.
  for (let attempt = 1; ; attempt += 1) {
    const random = randomly(7);
    const before = await world();
    for (let n = 0; n < 20; n += 1) await whatIf(await randomChange(random));
    const after = await world();
    if (attempt < 3 && !isDeepStrictEqual(after, before)) continue;
    assert.deepEqual(after, before);
    break;
  }
});

test('beyond 3.4.3: whoever may not read what it reveals cannot ask', async () => {
  const anders = people.api(people.fabrikam.anders);
  const asked = {
    changes: [{ input: { method: 'PATCH', path: '/admin/settings/directory.access', body: { values: {} } } }],
  };
  assert.equal((await anders('POST', '/admin/what-if', asked)).status, 403);
  const { id } = await whatIf(asked);
  assert.equal((await anders('GET', `/admin/what-if/${id}`)).status, 403);
  assert.equal((await anders('GET', `/admin/what-if/${id}/lines`)).status, 403);
  assert.equal((await people.api(people.contoso.carla)('GET', `/admin/what-if/${id}`)).status, 404);
});

test('beyond 3.4.5: what was tried out is not carried out once the world has changed', async () => {
  const change = (createGroups: boolean): Asked => ({
    changes: [
      {
        input: {
          method: 'PATCH',
          path: '/admin/settings/directory.access',
          body: { values: { membersMayCreateGroups: createGroups } },
        },
      },
    ],
  });
  await ann('PATCH', '/admin/settings/directory.access', {
    values: { membersMayCreateGroups: true, membersMayReadOthers: true },
  });
  const first = await whatIf(change(false));
  const everybody = (await linesOf(first.id)).find(({ question }) => question === 'directory.groups.create');
  assert.equal(everybody?.subject.kind, 'tenant');
  assert.equal(everybody?.after, 'none');
  assert.equal(everybody?.because[0]?.name, 'directory.members-create-groups');
  await ann('PATCH', '/admin/settings/directory.access', { values: { membersMayReadOthers: false } });
  const stale = await ann('POST', `/admin/what-if/${first.id}/apply`);
  assert.equal(stale.status, 412);
  assert.equal(stale.body.code, 'access.world-changed');
  const second = await whatIf(change(false));
  assert.equal((await ann('POST', `/admin/what-if/${second.id}/apply`)).status, 200);
  const now = (await ann('GET', '/admin/settings/directory.access')).body.settings;
  assert.equal(now.find(({ name }: { name: string }) => name === 'membersMayCreateGroups').value, false);
});

test('what somebody was refused lately, and would be let, is told', async () => {
  await ann('PATCH', '/admin/settings/directory.external-collaboration', {
    values: {
      domainRestriction: 'deny',
      blockedDomains: ['refused.example'],
      allowedDomains: null,
      allowInvitesFrom: null,
    },
  });
  await ann('PATCH', `/v1.0/users/${people.fabrikam.anders.id}`, { accountEnabled: true });
  const invited = await people.api(people.fabrikam.anders)('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: 'kim@refused.example',
    inviteRedirectUrl: 'https://apps.fabrikam.example/',
  });
  assert.ok(invited.status >= 400, `${invited.status}`);
  const { id, summary } = await whatIf({
    changes: [
      {
        input: {
          method: 'PATCH',
          path: '/admin/settings/directory.external-collaboration',
          body: { values: { domainRestriction: 'any', blockedDomains: null } },
        },
      },
    ],
  });
  assert.ok(summary.refusals > 0);
  const line = (await linesOf(id)).find(({ refusedAt }) => refusedAt !== null);
  assert.equal(line?.direction, 'gained');
  assert.equal(line?.question, 'directory.guests.invite');
  assert.equal(line?.subject.id, people.fabrikam.anders.id);
});

test('a change that would be refused says why, and one that cannot be undone is not tried', async () => {
  const failed = await whatIf({
    changes: [
      { input: { method: 'PATCH', path: '/admin/settings/directory.access', body: { values: { nothing: 1 } } } },
    ],
  });
  assert.equal(failed.state, 'failed');
  assert.match(failed.failure, /nothing/);
  const changes = [{ input: { method: 'POST', path: '/v1.0/invitations', body: {} } }];
  const other = await ann('POST', '/admin/what-if', { changes });
  assert.deepEqual([other.status, other.body.code], [400, 'access.cannot-be-tried']);
  assert.equal((await ann('POST', '/admin/what-if', { changes: [{ trial: 'wish', input: {} }] })).status, 400);
});

test('what is only rehearsed, because it asks for a fresh proof, is not carried out by its answer', async () => {
  for (const change of [
    { trial: 'partners.end', input: { partner: 'nobody.example' } },
    { input: { method: 'POST', path: '/admin/endings', body: { partner: 'nobody.example' } } },
  ]) {
    const { id, state } = await whatIf({ changes: [change] });
    assert.equal(state, 'done');
    const answer = await ann('POST', `/admin/what-if/${id}/apply`);
    assert.deepEqual([answer.status, answer.body.code], [409, 'access.only-by-its-own-request']);
  }
});

test('beyond 3.4.5: what is asked for by its own route is done in the world it was tried in, or not at all', async () => {
  const path = '/admin/settings/directory.access';
  const body = (create: boolean) => ({ values: { membersMayCreateGroups: create } });
  await ann('PATCH', path, { values: { membersMayCreateGroups: true, membersMayReadOthers: true } });
  const asked: Asked = { changes: [{ input: { method: 'PATCH', path, body: body(false) } }] };
  let first = await whatIf(asked);
  let again = await whatIf(asked);
  // What follows the changes before may still be under way.
  for (; again.world !== first.world; again = await whatIf(asked)) first = again;
  const losing = new Set((await linesOf(first.id)).map(({ subject }) => subject.id));
  assert.deepEqual(first.summary.subjects, { gained: 0, lost: losing.size });
  assert.equal(again.summary.digest, first.summary.digest, 'two answers that say the same have the same digest');

  await ann('PATCH', path, { values: { membersMayReadOthers: false } });
  const stale = await ann('PATCH', path, body(false), { 'entente-tried': first.id });
  assert.equal(stale.status, 412);
  assert.equal(stale.body.code, 'access.world-changed');
  const now = await whatIf(asked);
  assert.equal((await ann('PATCH', path, body(false), { 'entente-tried': now.id })).status, 200);
  const events = await query(`select facts from audit.events where action = 'access.what-if-carried-out'`);
  const digests = events.map(({ facts }) => (facts as { digest: string }).digest);
  assert.ok(digests.includes(now.summary.digest), 'the audit names the report');
  assert.equal((await ann('PATCH', path, body(true), { 'entente-tried': newId() })).status, 409);
});

test('beyond 3.4: an organization relationship is tried, made and changed, and what it opens is foretold', async () => {
  const base = '/admin/organization-relationships';
  const partner = 'adatum.example';
  const body = {
    name: 'Adatum',
    domainNames: [partner],
    freeBusy: { enabled: true, level: 'AvailabilityOnly', scopeGroupId: null },
  };
  const made = await whatIf({ changes: [{ input: { method: 'POST', path: base, body } }] });
  assert.equal(made.state, 'done', made.failure);
  const { status, body: kept } = await ann('POST', base, body, { 'entente-tried': made.id });
  assert.equal(status, 201);
  const off = { enabled: false };
  const less = await whatIf({ changes: [{ input: { method: 'PATCH', path: `${base}/${kept.id}`, body: off } }] });
  assert.equal(less.state, 'done', less.failure);
  const gained = (await linesOf(made.id)).map(({ question, input }) => `${question} ${printed(input)}`);
  const lost = (await linesOf(less.id)).map(({ question, input }) => `${question} ${printed(input)}`);
  assert.ok(gained.length > 0);
  assert.deepEqual(lost.sort(), gained.sort());
});

test('beyond 3.4: signing, narrowing, suspending and ending an agreement are tried before they are done', async () => {
  const base = '/admin/partners/agreements';
  const term = { term: 'calendars.free-busy', of: DOMAIN, offers: 'limited-details', accepts: 'limited-details' };
  const carla = people.api(people.contoso.carla);
  const { body: proposed } = await carla('POST', base, { partner: DOMAIN, terms: [term], propose: true });
  const { id } = proposed;
  assert.ok(id, JSON.stringify(proposed));
  await eventually(async () => (await ann('GET', `${base}/${id}`)).status === 200, 'the proposal arrives');
  const tryDoing = async (what: string, body: object) => {
    const {
      state,
      id: tried,
      failure,
      summary,
    } = await whatIf({
      changes: [{ input: { method: 'POST', path: `${base}/${id}/${what}`, body } }],
    });
    assert.equal(state, 'done', failure);
    return { tried, summary };
  };
  const stateNow = async () => (await ann('GET', `${base}/${id}`)).body.state;

  const { tried } = await tryDoing('sign', { version: 1 });
  assert.equal(await stateNow(), 'proposed', 'trying it signs nothing');
  assert.equal(
    (await ann('POST', `${base}/${id}/sign`, { version: 1 }, { 'entente-tried': tried })).body.state,
    'active',
  );
  // Signing changed what is judged by: what was tried before it cannot be relied on.
  assert.equal((await ann('POST', `${base}/${id}/suspend`, {}, { 'entente-tried': tried })).status, 412);

  const narrow = { terms: [{ term: term.term, of: DOMAIN, to: 'none' }], reason: null };
  const narrower = await tryDoing('narrow', narrow);
  assert.ok(narrower.summary.lost > 0, 'those of Contoso see less');
  assert.deepEqual(
    await linesOf(narrower.tried).then((lines) => [...new Set(lines.map(({ direction }) => direction))]),
    ['lost'],
  );
  assert.ok((await tryDoing('suspend', {})).summary.lost > 0, 'nothing is open while it rests');
  await tryDoing('end', {});
  assert.equal(await stateNow(), 'active');
  assert.equal((await ann('POST', `${base}/${id}/end`, {})).body.state, 'ended');
});

test('beyond 3.4.2: whom a list of domains shuts out keeps what they have, unless it is ended with it', async () => {
  const domain = 'contoso.example';
  const list = (blocked: readonly string[] | null) => ({
    values: { domainRestriction: blocked ? 'deny' : 'any', blockedDomains: blocked, allowedDomains: null },
  });
  const path = '/admin/settings/directory.external-collaboration';
  // Whatever was tried at random before may still keep them out.
  await ann('DELETE', `/v1.0/policies/crossTenantAccessPolicy/partners/${people.contoso.id}`);
  const open = { values: { ...list(null).values, allowInvitesFrom: null } };
  assert.equal((await ann('PATCH', path, open)).status, 200);
  await inside((ctx) =>
    putGrant(ctx, {
      kind: 'calendars.calendar',
      object: { kind: 'calendar', id: world.calendars[0]! },
      subject: { kind: 'guest', id: world.guests[0]! },
      level: 'read',
      givenBy: people.fabrikam.ann.id,
      homeDomain: domain,
      homeTenantId: people.contoso.id,
    } as never),
  );
  const invited = await ann('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: `lee@${domain}`,
    inviteRedirectUrl: 'https://apps.fabrikam.example/',
  });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
  const meeting = await ann('POST', '/v1.0/me/events', {
    subject: 'Weekly with Contoso',
    start: { dateTime: '2026-12-01T09:00:00', timeZone: 'UTC' },
    end: { dateTime: '2026-12-01T10:00:00', timeZone: 'UTC' },
    attendees: [{ emailAddress: { address: `bob@${domain}` }, type: 'required' }],
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['tuesday'] },
      range: { type: 'noEnd', startDate: '2026-12-01' },
    },
  });
  assert.equal(meeting.status, 201, JSON.stringify(meeting.body));

  const block = { input: { method: 'PATCH', path, body: list([domain]) } };
  const end = {
    input: { method: 'POST', path: '/admin/outside-rights/end', body: { domains: [domain] } },
    follows: true,
  };
  const future = await whatIf({ changes: [block] });
  const [out] = future.summary.shutOut;
  assert.equal(out?.domain, domain);
  assert.ok(out.rights > 0);
  assert.deepEqual(
    out.goingOn.map(({ name }: { name: string }) => name),
    ['Weekly with Contoso'],
  );
  const whole = await whatIf({ changes: [block, end] });
  const [rest] = whole.summary.shutOut;
  assert.ok((rest?.rights ?? 0) < out.rights, 'what is set for their organisation is left, and nothing of theirs');
  const lost = (await linesOf(whole.id)).filter(({ direction }) => direction === 'lost');
  assert.ok(
    lost.some(({ object }) => /^Calendar \(.+\)$/.test(object.displayName ?? '')),
    'the calendar is named, and whose it is',
  );
  const kept = async () =>
    (await query('select 1 from access.grants where tenant_id = $1 and home_domain = $2', [people.fabrikam.id, domain]))
      .length;
  assert.equal((await ann('PATCH', path, list([domain]), { 'entente-tried': future.id })).status, 200);
  const before = await kept();
  assert.ok(before > 0, 'only what is to come is stopped');
  const living = 'select 1 from directory.accounts where tenant_id = $1 and home_domain = $2 and deleted_at is null';
  const guests = async () => (await query(living, [people.fabrikam.id, domain])).length;
  assert.ok((await guests()) > 0, 'and they are guests');

  // The other choice is one request: what was chosen is done with the save, or neither is.
  assert.equal((await ann('PATCH', path, list(null))).status, 200);
  const chosen = await whatIf({ changes: [block, end] });
  const refused = await ann('PATCH', path, { values: { nothing: 1 } }, { 'entente-tried': chosen.id });
  assert.equal(refused.status, 400);
  assert.equal(await kept(), before, 'what is not saved ends nothing');
  const settled = await eventually(async () => {
    const now = await whatIf({ changes: [block, end] });
    const saved = await ann('PATCH', path, list([domain]), { 'entente-tried': now.id });
    // What follows the changes before may still be under way.
    return saved.status !== 412 && saved;
  });
  assert.equal(settled.status, 200, JSON.stringify(settled.body));
  assert.deepEqual([await kept(), await guests()], [0, 0]);
  const [receipt] = (await ann('GET', '/admin/endings')).body.value;
  assert.deepEqual(receipt.domains, [domain]);
  assert.equal((await people.api(people.fabrikam.anders)('POST', end.input.path, end.input.body)).status, 403);
});
