import { z } from 'zod';
import { listGrants } from '../../access/index.ts';
import {
  type AddressHolder,
  eachAddress,
  findAddressHolders,
  listAddressesOf,
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
import type { FreeBusyLevel } from '../model/availability.ts';
import type { Calendar, Owner } from '../model/calendar.ts';
import { type PartnerRules, partnerAccess } from '../model/partner-access.ts';
import { groupsNamedIn, PARTNER_CAPABILITIES, relationshipFor } from '../model/relationship.ts';
import { isAtLeast, type Role } from '../model/roles.ts';
import { PROGRAM_PERMISSIONS } from '../questions/calendars.ts';
import { type FreeBusyFacts, freeBusyReadQuestion } from '../questions/lookups.ts';
import { calendarDefaults, defaultCapabilities, organizationRelationships, partnerCapabilities } from '../settings.ts';
import { listCalendars } from '../store/calendars.ts';
import { freeBusyTerm } from './agreed.ts';
import { type Licensed, licenceOf, ownSubjects, type Subjects } from './asked.ts';

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
    const [asker, [holder]] = await Promise.all([askerOf(ctx, actor), findAddressHolders(ctx, [address])]);
    const owner = holder && ownerOf(holder);
    return (await gather(ctx, asker, owner ? [owner] : [])).factsOf(owner);
  },
  lookingIsLicensed,
);

/** Who asks, with all that does not depend on whom they ask about. */
export interface Asker extends Licensed {
  readonly actor: Actor;
  readonly subjects: Subjects;
  /** Undefined: somebody at home. */
  readonly rules: PartnerRules | undefined;
  readonly agreement: AgreedStanding | undefined;
}

export async function askerOf(ctx: Context, actor: Actor): Promise<Asker> {
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
export const isClosed = ({ agreement }: Asker): boolean =>
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
export const ownerOf = ({ kind, id, isMember }: AddressHolder): Owner | undefined =>
  kind === 'account' && isMember ? { kind, id } : undefined;

export interface Gathered {
  readonly calendarOf: (owner: Owner) => Calendar | undefined;
  readonly factsOf: (owner: Owner | undefined) => Facts;
}

/** What the question must know of many mailboxes, in four statements at most, whatever their number. */
export async function gather(ctx: Context, asker: Asker, owners: readonly Owner[]): Promise<Gathered> {
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
