import { type Grant, listGrants, listGrantsByObject } from '../../access/index.ts';
import {
  GRANTS as DIRECTORY_GRANTS,
  findActors,
  findGuestsByMail,
  listMembers,
  listMembershipsAmong,
} from '../../directory/index.ts';
import { agreedTerms } from '../../kernel/agreement.ts';
import type { Actor, Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Right, Standing } from '../../kernel/module.ts';
import { anybody } from '../../kernel/person.ts';
import { findTenantIdByDomain, gatherLicences, type LicenceFacts } from '../../tenants/index.ts';
import { GRANTS } from '../grants.ts';
import type { Calendar, CalendarId, Owner } from '../model/calendar.ts';
import { groupsNamedIn } from '../model/relationship.ts';
import type { Role } from '../model/roles.ts';
import type { Recipient } from '../model/sharing-policy.ts';
import type { CalendarFacts } from '../questions/calendars.ts';
import type { LinkFacts, Outside } from '../questions/sharing.ts';
import { defaultCapabilities, partnerCapabilities } from '../settings.ts';
import { listCalendars, listMailboxes } from '../store/calendars.ts';
import { listLinks } from '../store/links.ts';
import { calendarUse, type Licensed, linkRead, outsideNow } from './asked.ts';
import { readOwner } from './owners.ts';
import { groupsOfOwner } from './sharing-capabilities.ts';

const PAGE = 1_000;
const EVERYBODY_AT_HOME = 'tenant';

const domainIn = (address: string) => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** With whom calendars are shared: people here, by name or by a group, and those known by an address. */
const shares: Standing = {
  question: calendarUse,
  async *list(ctx) {
    for await (const page of listGrantsByObject(ctx, GRANTS.calendar, PAGE)) {
      const rights = new Map<string, Right>();
      const add = (id: string, kind: string, homeDomain: string | null, calendarId: string) =>
        rights.set(`${kind} ${id} ${calendarId}`, {
          subject: { kind, id, homeDomain },
          object: { kind: 'calendar', id: calendarId },
          input: { calendarId },
        });
      const guests = Map.groupBy(
        await findGuestsByMail(
          ctx,
          page.flatMap(({ subject }) => (subject.kind === 'contact' ? subject.id : [])),
        ),
        ({ mail }) => mail,
      );
      const members = new Map<string, readonly { readonly kind: string; readonly id: string }[]>();
      for (const { subject, object, homeDomain, homeTenantId } of page) {
        switch (subject.kind) {
          case 'account':
          case 'guest':
            add(subject.id, 'account', homeDomain, object.id);
            break;
          case 'contact':
            // Without an organisation that speaks for them they have a link, which is asked about by itself.
            if (homeTenantId !== null) add(subject.id, 'contact', homeDomain ?? domainIn(subject.id), object.id);
            for (const { id } of guests.get(subject.id) ?? []) add(id, 'account', domainIn(subject.id), object.id);
            break;
          case 'group': {
            const known = members.get(subject.id) ?? (await listMembers(ctx, subject.id, { transitive: true }));
            members.set(subject.id, known);
            for (const { kind, id } of known)
              if (kind === 'account' || kind === 'guest') add(id, 'account', null, object.id);
            break;
          }
          case 'tenant':
            add(subject.id, EVERYBODY_AT_HOME, null, object.id);
            break;
          default:
        }
      }
      yield [...rights.values()];
    }
    yield* ofGroups(ctx);
  },
  gather: gatherUses,
};

/** The calendars of groups are their members' and owners'. */
async function* ofGroups(ctx: Context): AsyncIterable<readonly Right[]> {
  const calendars = await listCalendars(ctx, { ownerKind: 'group' });
  for (const { id: calendarId, owner } of calendars) {
    const members = await listMembers(ctx, owner.id, { transitive: true });
    const owners = await ownersOf(ctx, [owner.id]);
    const people = new Set([
      ...members.filter(({ kind }) => kind === 'account' || kind === 'guest').map(({ id }) => id),
      ...owners.filter(({ subject }) => subject.kind !== 'group').map(({ subject }) => subject.id),
    ]);
    yield [...people].map((id) => ({
      subject: { kind: 'account', id, homeDomain: null },
      object: { kind: 'calendar', id: calendarId },
      input: { calendarId },
    }));
  }
}

const ownersOf = (ctx: Context, groupIds: readonly string[]): Promise<Grant[]> =>
  listGrants(ctx, {
    kind: DIRECTORY_GRANTS.owner.kind,
    object: { kind: DIRECTORY_GRANTS.owner.objectKind, ids: groupIds },
  });

/** What the question about a calendar would gather for each, from a few statements whatever their number. */
async function gatherUses(
  ctx: Context,
  rights: readonly Right[],
): Promise<readonly ((CalendarFacts & Licensed) | undefined)[]> {
  const ids = [...new Set(rights.map(({ object }) => object.id as CalendarId))];
  const calendars = new Map((await listCalendars(ctx, { ids })).map((one) => [one.id as string, one]));
  const grants = await grantsToHoldersOf(ctx, ids, rights);
  const groupCalendars = [...calendars.values()].filter(({ owner }) => owner.kind === 'group');
  const owners = Map.groupBy(
    await ownersOf(
      ctx,
      groupCalendars.map(({ owner }) => owner.id),
    ),
    ({ object }) => object.id,
  );
  const actors = await findActors(
    ctx,
    rights.flatMap(({ subject }) => (subject.kind === 'account' ? subject.id : [])),
  );
  const accountIds = [...actors.keys()];
  const named = new Set([
    ...[...grants.values(), ...owners.values()]
      .flat()
      .flatMap(({ subject }) => (subject.kind === 'group' ? subject.id : [])),
    ...groupCalendars.map(({ owner }) => owner.id),
  ]);
  const groups = await groupsAmong(ctx, accountIds, [...named]);
  const licences = await gatherLicences(
    ctx,
    [...actors.values()].map(({ actor }) => ({ accountId: actor.accountId, isGuest: actor.userType === 'Guest' })),
    (people, licensed) => groupsAmong(ctx, people, licensed),
  );
  const outsideOf = await outsiders(ctx, [...calendars.values()]);

  return rights.map(({ subject, object }) => {
    const calendar = calendars.get(object.id);
    const found = actors.get(subject.id);
    const onCalendar = grants.get(object.id) ?? [];
    const actor = found?.actor ?? strangerActor(ctx, subject, onCalendar);
    if (!calendar || !actor) return undefined;
    const { owner } = calendar;
    const isOwn = actor.kind === 'account' && owner.kind === 'account' && owner.id === actor.accountId;
    const isGuest = actor.kind === 'account' && actor.userType === 'Guest';
    const proven = found?.person.externalUserState === 'Accepted' ? found.person.mail : null;
    const address = actor.kind === 'visitor' ? actor.address : isGuest ? proven : null;
    const inGroups = groups.get(subject.id) ?? [];
    const holds = ({ subject: one }: Grant) =>
      one.kind === 'contact'
        ? one.id === address
        : one.kind === 'group'
          ? inGroups.includes(one.id)
          : one.kind === 'tenant'
            ? one.id === ctx.tenantId && actor.kind === 'account' && !isGuest
            : (one.kind === 'account' || one.kind === 'guest') &&
              actor.kind === 'account' &&
              one.id === actor.accountId;
    const isStranger = actor.kind === 'visitor' || (isGuest && owner.kind !== 'group');
    const tenantId = isStranger ? actor.homeTenantId : null;
    const outside = isStranger
      ? outsideOf(owner, {
          domain: domainIn(address ?? ''),
          isOrganisation: actor.kind === 'visitor' || tenantId !== null,
          tenantId,
        })
      : undefined;
    const held = isOwn
      ? [{ id: 'owner', level: 'owner' as Role, path: 'direct', subject: { kind: 'account', id: subject.id } }]
      : onCalendar.filter(holds).map((grant) => ({
          id: grant.id as string,
          level: grant.level as Role,
          path: grant.path as string,
          subject: grant.subject,
        }));
    if (!isOwn && owner.kind === 'group') {
      const group = { kind: 'group', id: owner.id };
      if (inGroups.includes(owner.id))
        held.push({ id: `member:${owner.id}`, level: 'write', path: 'group', subject: group as never });
      for (const grant of (owners.get(owner.id) ?? []).filter(holds))
        held.push({ id: grant.id, level: 'owner', path: 'group', subject: group as never });
    }
    return {
      actor,
      tenant: ctx.tenant,
      licence: licences.get(subject.id) ?? noLicence(ctx),
      owner,
      isDefault: calendar.isDefault,
      isOwn,
      grants: held,
      outside,
    };
  });
}

/**
 * The grants on calendars that any of the rights could stand on, by calendar. A calendar may be shared with very many:
 * those with other addresses are left out where they are read.
 */
async function grantsToHoldersOf(ctx: Context, ids: readonly CalendarId[], rights: readonly Right[]) {
  const object = { kind: GRANTS.calendar.objectKind, ids };
  const byGroupOrAll = await listGrants(ctx, {
    kind: GRANTS.calendar.kind,
    object,
    subjectKinds: ['group', 'tenant'],
  });
  const people = rights.flatMap(({ subject }) => (subject.kind === 'account' ? subject.id : []));
  const mails = [...(await findActors(ctx, people)).values()].flatMap(({ person }) => person.mail ?? []);
  const addresses = rights.flatMap(({ subject }) => (subject.kind === 'contact' ? subject.id : []));
  const byName = await listGrants(ctx, {
    kind: GRANTS.calendar.kind,
    object,
    subjects: [...new Set(people)]
      .flatMap((id) => [{ kind: 'account', id } as const, { kind: 'guest', id } as const])
      .concat([...new Set([...addresses, ...mails])].map((id) => ({ kind: 'contact', id }) as never)),
  });
  return Map.groupBy([...byGroupOrAll, ...byName], (grant) => grant.object.id);
}

/** Somebody without an object here, and everybody at home who is not named. */
function strangerActor(ctx: Context, { kind, id }: Right['subject'], grants: readonly Grant[]): Actor | undefined {
  if (kind === 'contact') {
    // Their organisation as it was known when the calendar was shared with them.
    const homeTenantId = grants.find(({ subject }) => subject.kind === 'contact' && subject.id === id)?.homeTenantId;
    return { kind: 'visitor', homeTenantId: homeTenantId ?? ('' as TenantId), address: id, displayName: id };
  }
  if (kind !== EVERYBODY_AT_HOME) return undefined;
  return anybody(ctx, 'Member');
}

async function groupsAmong(
  ctx: Context,
  accountIds: readonly string[],
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await listMembershipsAmong(ctx, accountIds, groupIds);
  const groups = new Map<string, string[]>();
  for (const { accountId, groupId } of found) groups.set(accountId, [...(groups.get(accountId) ?? []), groupId]);
  return groups;
}

/** How somebody outside stands before the owner of each calendar, by the settings as they are. */
async function outsiders(ctx: Context, calendars: readonly Calendar[]) {
  const owners = [...new Map(calendars.map(({ owner }) => [owner.id, owner])).values()];
  const policyIds = new Map((await listMailboxes(ctx, owners)).map((one) => [one.owner.id, one.sharingPolicyId]));
  const { partners, partner, tenant } = ctx.settings;
  const capabilities = [
    tenant(defaultCapabilities),
    ...partners(partnerCapabilities).map((target) => partner(partnerCapabilities, target)),
  ];
  // Only groups that a capability names decide anything.
  const named = groupsNamedIn(capabilities.flatMap((one) => Object.values(one)));
  const people = owners.filter(({ kind }) => kind === 'account').map(({ id }) => id);
  const groups = new Map(await groupsAmong(ctx, people, [...new Set(named)]));
  const addresses = new Map<string, readonly string[]>();
  // An agreement may name people of ours in any way.
  for (const owner of partners(agreedTerms).length > 0 ? owners : []) {
    groups.set(owner.id, await groupsOfOwner(ctx, owner));
    addresses.set(owner.id, (await readOwner(ctx, owner))?.addresses ?? []);
  }
  return (owner: Owner, recipient: Recipient): Outside =>
    outsideNow(ctx, {
      policyId: policyIds.get(owner.id) ?? null,
      owner,
      ownersGroups: owner.kind === 'group' ? [owner.id] : (groups.get(owner.id) ?? []),
      ownersAddresses: addresses.get(owner.id) ?? [],
      recipient,
    });
}

/** Nobody but a person at home needs one. Everybody at home is shown what their plan would let them. */
const noLicence = (ctx: Context): LicenceFacts => ({ tenantId: ctx.tenantId, isGuest: true, person: {}, tenant: {} });

/** What is read by an address of its own, without signing in. */
const links: Standing = {
  question: linkRead,
  async *list(ctx) {
    for await (const page of listGrantsByObject(ctx, GRANTS.calendar, PAGE)) {
      const outside = page.filter(({ subject }) => subject.kind === 'contact' || subject.kind === 'anyone');
      const byGrant = new Map(outside.map((grant) => [grant.id as string, grant]));
      const found = await listLinks(ctx, { grantIds: [...byGrant.keys()] });
      yield found.map((link): Right => {
        const { subject, homeDomain } = byGrant.get(link.grantId)!;
        return {
          subject: { ...subject, homeDomain },
          object: { kind: 'calendar', id: link.calendarId },
          input: { linkId: link.id },
        };
      });
    }
  },
  async gather(ctx, rights) {
    const ids = rights.map(({ input }) => (input as { linkId: string }).linkId);
    const found = new Map((await listLinks(ctx, { ids })).map((link) => [link.id, link]));
    const grants = new Map(
      (await listGrants(ctx, { ids: [...found.values()].map(({ grantId }) => grantId) })).map((one) => [
        one.id as string,
        one,
      ]),
    );
    const calendarIds = [...new Set([...found.values()].map(({ calendarId }) => calendarId))];
    const calendars = new Map((await listCalendars(ctx, { ids: calendarIds })).map((one) => [one.id, one]));
    const outsideOf = await outsiders(ctx, [...calendars.values()]);
    const domains = new Set([...grants.values()].map(({ subject }) => domainIn(subject.id)));
    const organisations = new Map<string, TenantId | undefined>();
    for (const domain of domains) organisations.set(domain, await findTenantIdByDomain(ctx, domain));
    return rights.map((_, n): LinkFacts | undefined => {
      const link = found.get(ids[n]!);
      const calendar = link && calendars.get(link.calendarId);
      const grant = link && grants.get(link.grantId);
      if (!link || !calendar || !grant) return undefined;
      const domain = grant.subject.kind === 'anyone' ? '' : domainIn(grant.subject.id);
      const tenantId = organisations.get(domain);
      const recipient = { domain, isOrganisation: tenantId !== undefined, tenantId: tenantId ?? null };
      const { id, level, subject } = grant;
      return {
        tenant: ctx.tenant,
        outside: outsideOf(calendar.owner, recipient),
        grants: [{ id, level: level as Role, path: 'link', subject }],
      };
    });
  },
};

/** The rights that are given on calendars one by one. */
export const sharingStanding: readonly Standing[] = [shares, links];
