import { z } from 'zod';
import { listGrants } from '../../access/index.ts';
import {
  type AddressHolder,
  eachAddress,
  findAddressHolders,
  listAddressesOf,
  listMembers,
  listMembershipsAmong,
} from '../../directory/index.ts';
import {
  type AgreedStanding,
  agreedStanding,
  agreedTerms,
  groupsMeant,
  meaning,
  namesAnybody,
} from '../../kernel/agreement.ts';
import type { Actor, Answer, Context } from '../../kernel/context.ts';
import { type Ceiling, ceiling, type Explanation, explain, type GrantFact } from '../../kernel/decision.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Standing } from '../../kernel/module.ts';
import { domainOf, findTenantIdByDomain, serviceIsLicensed } from '../../tenants/index.ts';
import { GRANTS } from '../grants.ts';
import {
  ENTITIES_AT_MOST,
  ENTRIES_AT_MOST,
  type FreeBusyLevel,
  type MailboxError,
  mergedView,
  type Schedule,
  type ScheduleItem,
} from '../model/availability.ts';
import type { Calendar, Mailbox, Owner } from '../model/calendar.ts';
import type { Occurrence } from '../model/occurrence.ts';
import { type PartnerRules, partnerAccess } from '../model/partner-access.ts';
import { groupsNamedIn, PARTNER_CAPABILITIES, relationshipFor } from '../model/relationship.ts';
import { isAtLeast, type Role } from '../model/roles.ts';
import { PROGRAM_PERMISSIONS } from '../questions/calendars.ts';
import { type FreeBusyFacts, freeBusyReadQuestion } from '../questions/lookups.ts';
import { calendarDefaults, defaultCapabilities, organizationRelationships, partnerCapabilities } from '../settings.ts';
import { listCalendars, listMailboxes } from '../store/calendars.ts';
import { listForLookup } from '../store/lookups.ts';
import { freeBusyTerm } from './agreed.ts';
import { type Licensed, licenceOf, ownSubjects, type Subjects } from './asked.ts';
import { beyondKept } from './beyond-kept.ts';
import { newMailbox } from './mailboxes.ts';

type Facts = FreeBusyFacts & Licensed;

const planOf = serviceIsLicensed<FreeBusyLevel>('calendar', 'full');

/** A person at home needs the plan to look others up; whoever else asks needs none of ours. */
const lookingIsLicensed: Ceiling<Facts, FreeBusyLevel> = ceiling(
  planOf.name,
  planOf.sentence,
  (facts: Facts): FreeBusyLevel | boolean => facts.actor.kind !== 'account' || planOf.permits(facts),
  { setting: planOf.setting, remedy: planOf.remedy },
);

/**
 * How much of somebody's time is told to whoever asks. `from` (with the tenant it is of) supposes that somebody of
 * another organisation asks: for an administrator who wants to know what a partner would be told.
 */
export const freeBusyRead = freeBusyReadQuestion(
  z.object({
    address: z.string().max(320),
    from: z.string().max(320).optional(),
    fromTenantId: z.guid().optional(),
  }),
  async (ctx, { address, from, fromTenantId }): Promise<Facts> => {
    const actor: Actor =
      from === undefined
        ? ctx.actor
        : {
            kind: 'visitor',
            homeTenantId: (fromTenantId ?? '') as TenantId,
            address: from.toLowerCase(),
            displayName: from,
          };
    const asker = await askerOf(ctx, actor);
    const [holder] = await findAddressHolders(ctx, [address]);
    const owner = holder && ownerOf(holder);
    return (await gather(ctx, asker, owner ? [owner] : [])).factsOf(owner);
  },
  lookingIsLicensed,
);

/** Who asks, with all that does not depend on whom they ask about. */
interface Asker extends Licensed {
  readonly actor: Actor;
  readonly subjects: Subjects;
  /** Undefined: somebody at home. */
  readonly rules: PartnerRules | undefined;
  readonly agreement: AgreedStanding | undefined;
}

async function askerOf(ctx: Context, actor: Actor): Promise<Asker> {
  const subjects = await ownSubjects({ ...ctx, actor });
  return {
    actor,
    subjects,
    licence: await licenceOf({ ...ctx, actor }, subjects),
    rules: actor.kind === 'visitor' ? partnerRules(ctx, actor) : undefined,
    agreement: actor.kind === 'visitor' ? agreedStanding(ctx, freeBusyTerm, 'ours', partnerOf(actor)) : undefined,
  };
}

/** The organisation that a visitor comes from. */
export const partnerOf = ({ homeTenantId, address }: { homeTenantId: string; address: string }) =>
  homeTenantId === '' ? { domain: domainOf(address) } : { tenantId: homeTenantId };

/** Whether the agreement, where there is one or must be one, lets the asker look anybody up. */
const isClosed = ({ agreement }: Asker): boolean =>
  agreement !== undefined && (agreement.level === 'none' || (agreement.isRequired && agreement.level === undefined));

/** How much each of these people's time would be told to somebody, and why, in the order of `owners`. */
export async function explainFreeBusy(
  ctx: Context,
  actor: Actor,
  owners: readonly Owner[],
): Promise<Explanation<FreeBusyLevel>[]> {
  const { factsOf } = await gather(ctx, await askerOf(ctx, actor), owners);
  return owners.map((owner) => explain(freeBusyRead, factsOf(owner)));
}

/**
 * How much people of another organisation are told of anybody's time at most, whatever owners let see and whoever
 * scopes reach: asked as about somebody who shows everything. `address` names the mailbox it was asked for, if any.
 */
export async function askAboutOrganisation(
  ctx: Context,
  visitor: Extract<Actor, { kind: 'visitor' }>,
  address: string | null,
): Promise<Answer<FreeBusyLevel>> {
  const asker = await askerOf(ctx, visitor);
  const rules = asker.rules!;
  const everybody = { kind: 'tenant', id: ctx.tenantId };
  const facts: Facts = {
    actor: visitor,
    tenant: ctx.tenant,
    licence: asker.licence,
    target: { kind: 'account', id: ctx.tenantId },
    partner: { ...partnerAccess(rules, undefined), isInScope: true },
    agreement: asker.agreement,
    grants: [{ id: 'default', level: 'full', path: 'direct', subject: everybody }],
  };
  const { address: from, homeTenantId: fromTenantId } = visitor;
  const input = { address: address ?? '', from, fromTenantId };
  // Where nobody asked for a mailbox, nobody was refused one.
  return ctx.ask({ ...freeBusyRead, facts: () => facts }, input, { quiet: address === null });
}

/** What a tenant's settings say of an organisation, by the domain somebody there writes from. */
export function partnerRules(ctx: Context, { address, homeTenantId }: { address: string; homeTenantId: string }) {
  return {
    relationship: relationshipFor(ctx.settings.collection(organizationRelationships), domainOf(address) ?? ''),
    homeTenantId,
    capabilities: {
      partner: ctx.settings.partner(partnerCapabilities, homeTenantId),
      byDefault: ctx.settings.tenant(defaultCapabilities),
    },
  };
}

/** The groups that rules about a partner name, so that each mailbox's place in them is looked up at once. */
export const scopeGroupsOf = ({ relationship, capabilities }: PartnerRules): string[] => [
  ...[relationship?.values.freeBusyAccessScope, relationship?.values.mailTipsAccessScope].filter((id) => id != null),
  ...groupsNamedIn(
    PARTNER_CAPABILITIES.flatMap((name) => [capabilities.partner[name], capabilities.byDefault[name]]).map(
      (one) => one ?? null,
    ),
  ),
];

/** The account behind an address. Groups are looked up by their members, guests and contacts at their homes. */
const ownerOf = ({ kind, id, isMember }: AddressHolder): Owner | undefined =>
  kind === 'account' && isMember ? { kind, id } : undefined;

interface Gathered {
  readonly calendarOf: (owner: Owner) => Calendar | undefined;
  readonly factsOf: (owner: Owner | undefined) => Facts;
}

/** What the question must know of many mailboxes, in four statements at most, whatever their number. */
async function gather(ctx: Context, asker: Asker, owners: readonly Owner[]): Promise<Gathered> {
  const { actor, subjects, licence, rules, agreement } = asker;
  const ids = owners.map(({ id }) => id);
  const named = agreement?.people ?? [];
  const [found, inGroups, addresses] = await Promise.all([
    listCalendars(ctx, { owners, isDefault: true }),
    listMembershipsAmong(ctx, ids, [...(rules ? scopeGroupsOf(rules) : []), ...groupsMeant(named)]),
    listAddressesOf(ctx, namesAnybody(named) ? ids : []),
  ]);
  const calendars = new Map(found.map((one) => [one.owner.id, one] as const));
  const memberships = Map.groupBy(inGroups, ({ accountId }) => accountId);
  const groupsOf = ({ id }: Owner) => new Set((memberships.get(id) ?? []).map(({ groupId }) => groupId));
  const grants = Map.groupBy(
    await listGrants(ctx, {
      kind: GRANTS.calendar.kind,
      object: { kind: GRANTS.calendar.objectKind, ids: [...calendars.values()].map(({ id }) => id) },
      subjects: subjectsOfAsker(ctx, actor, subjects) as never,
    }),
    ({ object }) => object.id,
  );
  const personOf = (target: Owner | undefined) => {
    const known = target && addresses.get(target.id);
    return known && { addresses: known, groups: groupsOf(target) };
  };

  function grantsOn({ id }: Owner): GrantFact<FreeBusyLevel>[] {
    const subject = { kind: 'account', id };
    if (actor.kind === 'system') return [{ id: 'system', level: 'full', path: 'direct', subject }];
    if (actor.kind === 'application') return grantsOfProgram(actor);
    if (actor.kind === 'account' && actor.accountId === id)
      return [{ id: 'owner', level: 'full', path: 'direct', subject }];
    const calendar = calendars.get(id);
    if (calendar) {
      const found = grants.get(calendar.id) ?? [];
      return found.map(({ id, level, path, subject }) => ({ id, level: levelOf(level as Role), path, subject }));
    }
    // Whoever has not come yet will begin with what everybody begins with.
    const { defaultPermission } = ctx.settings.tenant(calendarDefaults);
    const everybody = { kind: 'tenant', id: ctx.tenantId };
    const isReached = subjectsOfAsker(ctx, actor, []).length > 0;
    return isReached ? [{ id: 'default', level: levelOf(defaultPermission), path: 'direct', subject: everybody }] : [];
  }

  return {
    calendarOf: ({ id }) => calendars.get(id),
    factsOf: (target) => ({
      actor,
      tenant: ctx.tenant,
      licence,
      target,
      partner: rules && partnerAccess(rules, target && { accountId: target.id, groups: groupsOf(target) }),
      agreement: agreement && meaning(agreement, personOf(target)),
      grants: target ? grantsOn(target) : [],
    }),
  };
}

/** Across a boundary only what the owner gives everybody counts; shares with single people are for calendars. */
function subjectsOfAsker(ctx: Context, actor: Actor, subjects: Subjects): Subjects {
  const everybody = { kind: 'tenant', id: ctx.tenantId };
  if (actor.kind === 'visitor') return [everybody];
  return actor.kind === 'account' && actor.userType === 'Member' ? [...subjects, everybody] : subjects;
}

const grantsOfProgram = ({ applicationId, permissions }: Extract<Actor, { kind: 'application' }>) =>
  permissions.flatMap((permission) => {
    const role = PROGRAM_PERMISSIONS[permission];
    const subject = { kind: 'application', id: applicationId };
    return role ? [{ id: `permission:${permission}`, level: levelOf(role), path: 'consent', subject }] : [];
  });

/** What a role on the calendar shows in a lookup. Private events stay times but for the owner and who acts for them. */
function levelOf(role: Role): FreeBusyLevel {
  if (isAtLeast(role, 'delegateWithPrivateEventAccess')) return 'full';
  if (isAtLeast(role, 'limitedRead')) return 'limited';
  return role === 'freeBusyRead' ? 'busy-only' : 'none';
}

const STANDING_PAGE = 1_000;
/** Stands for every organisation about which nothing is set. */
const ANY_OTHER = { domain: 'any-other-organisation.invalid', tenantId: '00000000-0000-0000-0000-000000000000' };

/** What each organisation that settings name, and any other one, would be told of everybody's time. */
export const freeBusyStanding: Standing = {
  question: freeBusyRead,
  async *list(ctx) {
    const partners = await partnersNamed(ctx);
    for await (const page of eachAddress(ctx, STANDING_PAGE)) {
      for (const { domain, tenantId } of partners) {
        yield page.map(({ id, address }) => ({
          subject: { kind: 'domain', id: domain, homeDomain: domain },
          object: { kind: 'account', id },
          input: { address, from: `anybody@${domain}`, fromTenantId: tenantId },
        }));
      }
    }
  },
  async gather(ctx, rights) {
    const facts: (Facts | undefined)[] = [];
    const asks = rights.map((right, n) => ({
      n,
      ...(right.input as { address: string; from: string; fromTenantId: string }),
    }));
    for (const [from, theirs] of Map.groupBy(asks, ({ from }) => from)) {
      const homeTenantId = theirs[0]!.fromTenantId as TenantId;
      const asker = await askerOf(ctx, { kind: 'visitor', homeTenantId, address: from, displayName: from });
      const addresses = theirs.map(({ address }) => address);
      const holders = new Map((await findAddressHolders(ctx, addresses)).map((one) => [one.address, ownerOf(one)]));
      const owners = [...holders.values()].filter((owner) => owner !== undefined);
      const { factsOf } = await gather(ctx, asker, owners);
      for (const { n, address } of theirs) facts[n] = factsOf(holders.get(address));
    }
    return facts;
  },
};

/** The other organisations that relationships, agreements and capabilities name, each by a domain and its id. */
async function partnersNamed(ctx: Context): Promise<readonly { domain: string; tenantId: string }[]> {
  const named = new Map([[ANY_OTHER.domain, ANY_OTHER]]);
  for (const { domainNames, partnerTenantId } of ctx.settings.collection(organizationRelationships).values()) {
    for (const domain of domainNames) {
      const tenantId = partnerTenantId ?? (await findTenantIdByDomain(ctx, domain)) ?? ANY_OTHER.tenantId;
      named.set(domain, { domain, tenantId });
    }
  }
  for (const tenantId of ctx.settings.partners(agreedTerms))
    for (const domain of ctx.settings.partner(agreedTerms, tenantId).domains) named.set(domain, { domain, tenantId });
  const known = new Set([...named.values()].map(({ tenantId }) => tenantId));
  for (const tenantId of ctx.settings.partners(partnerCapabilities)) {
    // Only named by its id: it asks from an address that no relationship holds.
    if (!known.has(tenantId)) named.set(tenantId, { domain: `${tenantId}.invalid`, tenantId });
  }
  return [...named.values()];
}

export interface LookedUp {
  /** As they were written, each once answered in its place. */
  readonly addresses: readonly string[];
  readonly from: Date;
  /** Less than 62 days after `from`. */
  readonly to: Date;
  /** Of one slot of the view. */
  readonly minutes: number;
}

/**
 * When people and rooms of this tenant are free, each as far as the asker may see it: one question for each mailbox,
 * all of them from the same few statements. Answers in the order of the addresses; what is wrong with one stands there.
 */
export async function readAvailability(ctx: Context, asked: LookedUp): Promise<Schedule[]> {
  const asker = await askerOf(ctx, ctx.actor);
  const holders = new Map((await findAddressHolders(ctx, asked.addresses)).map((one) => [one.address, one] as const));
  const holderOf = (address: string) => holders.get(address.toLowerCase());
  // Who is not let in learns neither whether a group exists nor how large it is.
  const mayExpand = !asker.rules || (partnerAccess(asker.rules, undefined).isOpen && !isClosed(asker));

  const groups = new Map<string, readonly Owner[] | 'too-many'>();
  let entities = asked.addresses.filter((address) => holderOf(address)?.kind !== 'group').length;
  for (const address of asked.addresses) {
    const holder = holderOf(address);
    if (holder?.kind !== 'group' || !mayExpand || groups.has(holder.id)) continue;
    const members = (await listMembers(ctx, holder.id, { transitive: true })).filter(({ kind }) => kind !== 'group');
    if (entities + members.length > ENTITIES_AT_MOST) groups.set(holder.id, 'too-many');
    else {
      entities += members.length;
      groups.set(
        holder.id,
        members.flatMap(({ kind, id }) => (kind === 'account' ? [{ kind, id } as const] : [])),
      );
    }
  }

  const people = asked.addresses.flatMap((address) => {
    const holder = holderOf(address);
    return (holder && ownerOf(holder)) ?? [];
  });
  const members = [...groups.values()].flatMap((found) => (found === 'too-many' ? [] : found));
  const owners = [...new Map([...people, ...members].map((owner) => [owner.id, owner] as const)).values()];
  const gathered = await gather(ctx, asker, owners);
  const askAbout = (owner: Owner | undefined, address: string) =>
    ctx.ask({ ...freeBusyRead, facts: () => gathered.factsOf(owner) }, { address });

  const levels = new Map<string, FreeBusyLevel>();
  const groupRefusals = new Map<string, string>();
  const refusals = new Map<string, { error: MailboxError; reference: string }>();
  for (const address of asked.addresses) {
    const holder = holderOf(address);
    const expanded = holder?.kind === 'group' ? groups.get(holder.id) : undefined;
    if (expanded) {
      if (expanded === 'too-many') continue;
      // A group of nobody whose time is told is refused like a person.
      for (const owner of expanded.length > 0 ? expanded : [undefined]) {
        if (owner && levels.has(owner.id)) continue;
        const { level, decisionId } = await askAbout(owner, address);
        if (owner) levels.set(owner.id, level);
        if (level === 'none') groupRefusals.set(address, decisionId);
      }
      continue;
    }
    const owner = holder && ownerOf(holder);
    const { level, decisionId } = await askAbout(owner, address);
    if (owner) levels.set(owner.id, level);
    if (level === 'none') refusals.set(address, { error: refusalOf(asker, owner), reference: decisionId });
  }

  const seen = owners.filter(({ id }) => (levels.get(id) ?? 'none') !== 'none');
  const items = await readItems(ctx, asked, seen, gathered.calendarOf, (owner) => levels.get(owner.id) ?? 'none');
  const mailboxes = new Map((await listMailboxes(ctx, seen)).map((one) => [one.owner.id, one] as const));

  return asked.addresses.map((address): Schedule => {
    const holder = holderOf(address);
    const refused = refusals.get(address);
    if (refused) return { address, ...refused };
    const expanded = holder?.kind === 'group' ? groups.get(holder.id) : undefined;
    if (expanded === 'too-many') return { address, error: 'ErrorFreeBusyDLLimitReached' };
    if (expanded) return scheduleOfGroup(address, asked, expanded, items, groupRefusals.get(address));
    const owner = { kind: 'account', id: holder?.id ?? '' } as const;
    const found = items.get(owner.id);
    if (typeof found !== 'object') return { address, error: found ?? 'ErrorFreeBusyGenerationFailed' };
    const workingHours = hoursOf(mailboxes.get(owner.id) ?? newMailbox(ctx, owner));
    return { address, view: mergedView(found, asked), items: found, workingHours };
  });
}

/** Nobody whom nothing is told learns whether an address exists: then no access and no mailbox are one answer (EX-57). */
function refusalOf(asker: Asker, owner: Owner | undefined): MailboxError {
  const { actor, rules } = asker;
  if (owner) return 'ErrorNoFreeBusyAccess';
  const mayKnow = rules
    ? partnerAccess(rules, undefined).isOpen && partnerAccess(rules, undefined).level !== 'none' && !isClosed(asker)
    : actor.kind !== 'account' || actor.userType === 'Member';
  return mayKnow ? 'ErrorMailRecipientNotFound' : 'ErrorNoFreeBusyAccess';
}

const hoursOf = ({ workingHours, timeZone }: Mailbox) => ({ ...workingHours, timeZone });

/** A group has one view of all whose times may be seen, and no details. */
function scheduleOfGroup(
  address: string,
  asked: LookedUp,
  members: readonly Owner[],
  items: ReadonlyMap<string, readonly ScheduleItem[] | MailboxError>,
  reference: string | undefined,
): Schedule {
  const readable = members.flatMap(({ id }) => {
    const found = items.get(id);
    return typeof found === 'object' ? [found] : [];
  });
  if (readable.length === 0)
    return { address, error: 'ErrorNoFreeBusyAccess', ...(reference === undefined ? {} : { reference }) };
  const times = readable
    .flat()
    .map(({ status, startsAt, endsAt }) => ({ status, startsAt, endsAt }))
    .toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
  return { address, view: mergedView(times, asked), items: times };
}

/** What stands in the primary calendars of people, told as far as each level goes. */
async function readItems(
  ctx: Context,
  { from, to }: LookedUp,
  owners: readonly Owner[],
  calendarOf: Gathered['calendarOf'],
  levelFor: (owner: Owner) => FreeBusyLevel,
): Promise<Map<string, readonly ScheduleItem[] | MailboxError>> {
  const calendars = owners.flatMap((owner) => calendarOf(owner) ?? []);
  const calendarIds = calendars.map(({ id }) => id);
  const limit = ENTRIES_AT_MOST + 1;
  const kept = calendarIds.length === 0 ? [] : await listForLookup(ctx, { calendarIds, from, to, limit });
  const beyond = await beyondKept(ctx, calendars, { from, to });
  const byCalendar = Map.groupBy(kept, ({ calendarId }) => calendarId);

  const items = new Map<string, readonly ScheduleItem[] | MailboxError>();
  for (const owner of owners) {
    const calendar = calendarOf(owner);
    if (!calendar) {
      items.set(owner.id, []);
      continue;
    }
    try {
      const known = (byCalendar.get(calendar.id) ?? []).filter(({ objectId }) => !beyond.ids.has(objectId));
      const computed = (await beyond.in(calendar)).filter(({ isCancelled }) => !isCancelled);
      const found: Occurrence[] = [...known, ...computed];
      const isTooMuch = found.length > ENTRIES_AT_MOST;
      items.set(owner.id, isTooMuch ? 'ErrorResultSetTooBig' : tell(found, calendar, levelFor(owner)));
    } catch {
      // One calendar that cannot be read does not keep the others from being answered.
      items.set(owner.id, 'ErrorFreeBusyGenerationFailed');
    }
  }
  return items;
}

function tell(found: readonly Occurrence[], calendar: Calendar, level: FreeBusyLevel): ScheduleItem[] {
  return found
    .toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime() || a.endsAt.getTime() - b.endsAt.getTime())
    .map(({ startsAt, endsAt, showAs, isPrivate, subject, location }) => {
      const times = { status: calendar.isTransparent ? ('free' as const) : showAs, startsAt, endsAt };
      if (level === 'busy-only') return times;
      if (isPrivate && level !== 'full') return { ...times, isPrivate };
      return {
        ...times,
        isPrivate,
        ...(subject === null ? {} : { subject }),
        ...(location === null ? {} : { location }),
      };
    });
}
