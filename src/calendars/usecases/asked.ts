import { listGrants, remembered } from '../../access/index.ts';
import {
  GRANTS as DIRECTORY_GRANTS,
  directoryAccess,
  findAccount,
  findAddressHolders,
  findGroup,
  subjectsOf,
} from '../../directory/index.ts';
import { agreedStanding, meaning } from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import { type Ceiling, ceiling, type GrantFact } from '../../kernel/decision.ts';
import type { GroupId } from '../../kernel/ids.ts';
import { organisationOfDomain } from '../../partners/index.ts';
import {
  type LicenceFacts,
  type LicencesRead,
  licenceNow,
  readLicences,
  serviceIsLicensed,
} from '../../tenants/index.ts';
import { GRANTS } from '../grants.ts';
import type { AddressBook, AddressBookId, BookRole } from '../model/address-book.ts';
import type { Calendar, CalendarId, Owner } from '../model/calendar.ts';
import type { Role } from '../model/roles.ts';
import type { Recipient } from '../model/sharing-policy.ts';
import {
  administerCalendars,
  type CalendarFacts,
  calendarUseQuestion,
  expandGroupQuestion,
  type OwnFacts,
  type OwnLevel,
  ownCalendarsQuestion,
  ownContactsQuestion,
  PROGRAM_PERMISSIONS,
  readAddressListQuestion,
} from '../questions/calendars.ts';
import { addressBookUseQuestion, type BookFacts } from '../questions/contacts.ts';
import {
  calendarPermissionsQuestion,
  calendarShareQuestion,
  contactsShareQuestion,
  type LinkFacts,
  linkReadQuestion,
  type Outside,
  type PermissionFacts,
  type ShareContactsFacts,
  type ShareFacts,
} from '../questions/sharing.ts';
import { findAddressBook } from '../store/address-books.ts';
import { findCalendar, listMailboxes } from '../store/calendars.ts';
import { listLinks } from '../store/links.ts';
import { sharingTerm } from './agreed.ts';
import { readOwner } from './owners.ts';
import { policiesOf, policyFor } from './policies.ts';
import { groupsOfOwner, sharingCapabilityNow } from './sharing-capabilities.ts';

export interface Licensed {
  readonly licence: LicenceFacts;
}

const planOf = serviceIsLicensed<'read'>('calendar', 'read');

/** A person at home needs the plan; a program, a visitor and the server itself use the owner's. */
const calendarIsLicensed: Ceiling<CalendarFacts & Licensed, Role> = ceiling(
  planOf.name,
  planOf.sentence,
  (facts: CalendarFacts & Licensed): Role | boolean => facts.actor.kind !== 'account' || planOf.permits(facts),
  { setting: planOf.setting, remedy: planOf.remedy },
);

/** What somebody may do with one calendar. */
export const calendarUse = calendarUseQuestion(gatherCalendarFacts, calendarIsLicensed);

/** Whether somebody has a mailbox of their own here. */
export const ownCalendars = ownCalendarsQuestion<OwnFacts & Licensed>(
  async (ctx): Promise<OwnFacts & Licensed> => ({
    actor: ctx.actor,
    tenant: ctx.tenant,
    licence: await licenceOf(ctx, await ownSubjects(ctx)),
  }),
  serviceIsLicensed<OwnLevel>('calendar', 'read'),
);

/** Whether somebody has address books of their own here. */
export const ownContacts = ownContactsQuestion<OwnFacts & Licensed>(
  async (ctx): Promise<OwnFacts & Licensed> => ({
    actor: ctx.actor,
    tenant: ctx.tenant,
    licence: await licenceOf(ctx, await ownSubjects(ctx)),
  }),
  serviceIsLicensed<OwnLevel>('calendar', 'read'),
);

/** Whether somebody may look up who is in the organisation. */
export const readAddressList = readAddressListQuestion(async (ctx) => ({
  actor: ctx.actor,
  tenant: ctx.tenant,
  membersMayReadOthers: ctx.settings.tenant(directoryAccess).membersMayReadOthers,
}));

/** Whether somebody who invites a group may know who is in it. */
export const expandGroup = expandGroupQuestion(async (ctx, groupId) => {
  const { actor, tenant } = ctx;
  const group = await findGroup(ctx, groupId as GroupId);
  const isHidden = group === undefined || group.visibility === 'HiddenMembership';
  const subjects = isHidden && group ? await ownSubjects(ctx) : [];
  const object = { kind: DIRECTORY_GRANTS.owner.objectKind, id: groupId };
  const isInside =
    subjects.some(({ kind, id }) => kind === 'group' && id === groupId) ||
    (await listGrants(ctx, { kind: DIRECTORY_GRANTS.owner.kind, object, subjects: subjects as never })).length > 0;
  const { membersMayReadOthers } = ctx.settings.tenant(directoryAccess);
  return { actor, tenant, membersMayReadOthers, isHidden, isInside };
});

export type Subjects = readonly { readonly kind: string; readonly id: string }[];

/** What the asker acts as: themselves and every group they are in. */
export const ownSubjects = async (ctx: Context): Promise<Subjects> =>
  ctx.actor.kind === 'account' ? subjectsOf(ctx, ctx.actor.accountId) : [];

const NO_LICENCE = (ctx: Context): LicenceFacts => ({ tenantId: ctx.tenantId, isGuest: false, person: {}, tenant: {} });

/** What the asker's licences hold; nobody but a person at home needs one. */
export async function licenceOf(ctx: Context, subjects: Subjects): Promise<LicenceFacts> {
  const licences = await licencesOf(ctx, subjects);
  return licences ? licenceNow(ctx, licences) : NO_LICENCE(ctx);
}

async function licencesOf(ctx: Context, subjects: Subjects): Promise<LicencesRead | undefined> {
  const { actor } = ctx;
  if (actor.kind !== 'account') return undefined;
  const groupIds = subjects.filter(({ kind }) => kind === 'group').map(({ id }) => id);
  return readLicences(ctx, { accountId: actor.accountId, isGuest: actor.userType === 'Guest', groupIds });
}

/** What a question found is what its asker works on: read once, in one transaction. */
const asked = new WeakMap<Context, Map<string, Calendar>>();

/** The calendar that a question of this context was about, as it was then. */
export const calendarAskedAbout = (ctx: Context, calendarId: string): Calendar | undefined =>
  asked.get(ctx)?.get(calendarId);

const found = new WeakMap<Context, Calendar>();

/** Says that a calendar has just been read: the next question about it need not read it again. */
export const noteCalendar = (ctx: Context, calendar: Calendar): void => {
  found.set(ctx, calendar);
};

/** Taken once: what is asked later sees what was changed meanwhile. */
async function calendarOf(ctx: Context, calendarId: string): Promise<Calendar | undefined> {
  const noted = found.get(ctx);
  found.delete(ctx);
  return noted?.id === calendarId ? noted : findCalendar(ctx, calendarId as CalendarId);
}

/** How somebody stands to a calendar, as far as neither settings nor the time decide it. */
interface Standing {
  readonly calendar: Calendar | undefined;
  /** Undefined: nobody but a person needs one. */
  readonly licences: LicencesRead | undefined;
  readonly grants: readonly GrantFact<Role>[];
  readonly stranger: Stranger | undefined;
}

async function gatherCalendarFacts(ctx: Context, calendarId: string): Promise<CalendarFacts & Licensed> {
  const { actor, tenant } = ctx;
  const { calendar, licences, grants, stranger } =
    actor.kind === 'account'
      ? await remembered(ctx, `calendar ${calendarId} ${actor.accountId} ${actor.userType} ${actor.homeTenantId}`, () =>
          readStanding(ctx, calendarId),
        )
      : await readStanding(ctx, calendarId);
  if (calendar) asked.set(ctx, (asked.get(ctx) ?? new Map()).set(calendarId, calendar));
  return {
    actor,
    tenant,
    licence: licences ? licenceNow(ctx, licences) : NO_LICENCE(ctx),
    owner: calendar?.owner,
    isDefault: calendar?.isDefault ?? false,
    isOwn: isOwner(ctx, calendar),
    grants,
    outside: stranger?.outside && outsideNow(ctx, stranger.outside),
  };
}

async function readStanding(ctx: Context, calendarId: string): Promise<Standing> {
  const [calendar, subjects] = await Promise.all([calendarOf(ctx, calendarId), ownSubjects(ctx)]);
  const [licences, rights] = await Promise.all([
    licencesOf(ctx, subjects),
    calendar && rightsOn(ctx, calendar, subjects),
  ]);
  return { calendar, licences, grants: [], stranger: undefined, ...rights };
}

async function rightsOn(ctx: Context, calendar: Calendar, subjects: Subjects) {
  const { id, owner } = calendar;
  const stranger = await strangerOf(ctx, owner);
  // What is shared with somebody outside is shared with their address, also where they are a guest here.
  const addressed = stranger?.address === undefined ? [] : [{ kind: 'contact', id: stranger.address }];
  return { stranger, grants: await grantsOn(ctx, id, owner, [...subjects, ...addressed], isOwner(ctx, calendar)) };
}

const isOwner = ({ actor }: Context, calendar: Calendar | undefined): boolean =>
  actor.kind === 'account' && calendar?.owner.kind === 'account' && calendar.owner.id === actor.accountId;

/** Whoever asks from outside, before the owner's policy. */
interface Stranger {
  readonly address: string | undefined;
  readonly outside: OutsideRead | undefined;
}

/** Undefined for everybody at home. */
async function strangerOf(ctx: Context, owner: Owner): Promise<Stranger | undefined> {
  const { actor } = ctx;
  if (actor.kind === 'visitor') {
    const recipient = { domain: domainIn(actor.address), isOrganisation: true, tenantId: actor.homeTenantId };
    return { address: actor.address, outside: await readOutside(ctx, owner, recipient) };
  }
  if (actor.kind !== 'account' || actor.userType !== 'Guest') return undefined;
  const account = await findAccount(ctx, actor.accountId);
  // An address that the guest has not proven is only what somebody wrote there.
  const address = account?.externalUserState === 'Accepted' ? account.mail?.toLowerCase() : undefined;
  // A group's own calendar is its members', guests too: no person shares it with them.
  if (owner.kind === 'group') return { address, outside: undefined };
  const tenantId = actor.homeTenantId;
  const recipient = { domain: domainIn(address ?? ''), isOrganisation: tenantId !== null, tenantId };
  return { address, outside: await readOutside(ctx, owner, recipient) };
}

const domainIn = (address: string) => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** What the rules for a recipient outside depend on, besides the settings themselves. */
interface OutsideRead {
  readonly policyId: string | null;
  readonly owner: Owner;
  readonly ownersGroups: readonly string[];
  readonly ownersAddresses: readonly string[];
  readonly recipient: Recipient;
}

async function readOutside(ctx: Context, owner: Owner, recipient: Recipient): Promise<OutsideRead> {
  const [mailbox] = await listMailboxes(ctx, [owner]);
  const ownersGroups = await groupsOfOwner(ctx, owner);
  const ownersAddresses = (await readOwner(ctx, owner))?.addresses ?? [];
  return { policyId: mailbox?.sharingPolicyId ?? null, owner, ownersGroups, ownersAddresses, recipient };
}

/** What the settings make of it now. */
export function outsideNow(ctx: Context, read: OutsideRead): Outside {
  const { policyId, recipient, owner, ownersGroups: groups, ownersAddresses: addresses } = read;
  const { tenantId, domain } = recipient;
  const agreed = agreedStanding(ctx, sharingTerm, 'ours', tenantId ? { tenantId } : { domain });
  return {
    policy: policyFor(policiesOf(ctx.settings), policyId),
    recipient,
    capability: sharingCapabilityNow(ctx, owner, recipient, groups),
    // What is published is for the whole world: the policy alone says whether.
    agreement: domain === '' ? undefined : meaning(agreed, { addresses, groups: new Set(groups) }),
  };
}

const outsideOf = async (ctx: Context, owner: Owner, recipient: Recipient): Promise<Outside> =>
  outsideNow(ctx, await readOutside(ctx, owner, recipient));

/** Whether somebody sees and changes with whom a calendar is shared. */
export const calendarPermissions = calendarPermissionsQuestion(async (ctx, calendarId) =>
  permissionFacts(ctx, await findCalendar(ctx, calendarId as CalendarId)),
);

async function permissionFacts(ctx: Context, calendar: Calendar | undefined): Promise<PermissionFacts> {
  const { actor, tenant } = ctx;
  const owner = calendar?.owner;
  const isOwn = actor.kind === 'account' && owner?.kind === 'account' && owner.id === actor.accountId;
  if (!calendar || !owner) return { actor, tenant, owner, isOwn, owning: [] };
  const held = await grantsOn(ctx, calendar.id, owner, await ownSubjects(ctx), isOwn);
  const owning: PermissionFacts['owning'][number][] = held.filter(({ level }) => level === 'owner');
  const administered = administerCalendars.grants(await administerCalendars.facts(ctx));
  if (actor.kind === 'account') owning.push(...[...administered].filter(({ level }) => level === 'write'));
  return { actor, tenant, owner, isOwn, owning };
}

/** The most that somebody may give a recipient of a calendar. */
export const calendarShare = calendarShareQuestion(async (ctx, calendarId, address, isPublic): Promise<ShareFacts> => {
  const calendar = await findCalendar(ctx, calendarId as CalendarId);
  const facts = await permissionFacts(ctx, calendar);
  const sharedWith = isPublic ? 'anybody' : address === undefined ? 'organisation' : await recipientKind(ctx, address);
  const recipient =
    sharedWith === 'anybody' ? ANYBODY : sharedWith === 'outside' ? await recipientOf(ctx, address ?? '') : undefined;
  const outside = recipient && calendar && (await outsideOf(ctx, calendar.owner, recipient));
  return { ...facts, isDefault: calendar?.isDefault ?? false, sharedWith, outside };
});

async function recipientKind(ctx: Context, address: string): Promise<ShareFacts['sharedWith']> {
  if (!ctx.tenant.domains.includes(domainIn(address))) return 'outside';
  const [holder] = await findAddressHolders(ctx, [address.toLowerCase()]);
  return holder?.kind === 'group' ? 'group' : 'person';
}

const recipientOf = async (ctx: Context, address: string): Promise<Recipient> => {
  const domain = domainIn(address);
  const tenantId = await organisationOfDomain(ctx, domain);
  return { domain, isOrganisation: tenantId !== undefined, tenantId: tenantId ?? null };
};

/** Whom the rule for everybody without an organisation is about. */
const ANYBODY: Recipient = { domain: '', isOrganisation: false };

/** How much of a calendar a link shows. */
export const linkRead = linkReadQuestion(async (ctx, linkId): Promise<LinkFacts> => {
  const { tenant } = ctx;
  const [link] = await listLinks(ctx, { ids: [linkId] });
  const [grant] = link ? await listGrants(ctx, { id: link.grantId }) : [];
  const calendar = link && (await findCalendar(ctx, link.calendarId));
  const isPublic = grant?.subject.kind === 'anyone';
  const recipient = isPublic || !grant ? ANYBODY : await recipientOf(ctx, grant.subject.id);
  const outside = calendar
    ? await outsideOf(ctx, calendar.owner, recipient)
    : { policy: undefined, recipient, capability: undefined, agreement: undefined };
  const { id = '', level = 'none', subject = { kind: 'anyone', id: '' } } = grant ?? {};
  return { tenant, outside, grants: grant ? [{ id, level: level as Role, path: 'link', subject }] : [] };
});

/** Whether somebody may share their contacts with a recipient. */
export const contactsShare = contactsShareQuestion(async (ctx, address): Promise<ShareContactsFacts> => {
  const { actor } = ctx;
  const isInside = ctx.tenant.domains.includes(domainIn(address)) || actor.kind !== 'account';
  if (isInside) return { actor, tenant: ctx.tenant, outside: undefined };
  const owner = { kind: 'account', id: actor.accountId } as const;
  return { actor, tenant: ctx.tenant, outside: await outsideOf(ctx, owner, await recipientOf(ctx, address)) };
});

const bookIsLicensed: Ceiling<BookFacts & Licensed, BookRole> = ceiling(
  planOf.name,
  planOf.sentence,
  (facts: BookFacts & Licensed): BookRole | boolean => facts.actor.kind !== 'account' || planOf.permits(facts),
  { setting: planOf.setting, remedy: planOf.remedy },
);

/** What somebody may do with one address book. */
export const addressBookUse = addressBookUseQuestion(gatherBookFacts, bookIsLicensed);

async function gatherBookFacts(ctx: Context, bookId: string): Promise<BookFacts & Licensed> {
  const { actor, tenant } = ctx;
  const book = await findAddressBook(ctx, bookId as AddressBookId);
  const subjects = await ownSubjects(ctx);
  const owner = book && ({ kind: 'account', id: book.accountId } as const);
  const stranger = owner && (await strangerOf(ctx, owner));
  const addressed = stranger?.address === undefined ? [] : [{ kind: 'contact', id: stranger.address }];
  return {
    actor,
    tenant,
    licence: await licenceOf(ctx, subjects),
    grants: book ? await grantsOnBook(ctx, book, [...subjects, ...addressed]) : [],
    outside: stranger?.outside && outsideNow(ctx, stranger.outside),
  };
}

async function grantsOnBook(ctx: Context, book: AddressBook, subjects: Subjects): Promise<GrantFact<BookRole>[]> {
  const { actor } = ctx;
  if (actor.kind === 'system')
    return [{ id: 'system', level: 'owner', path: 'direct', subject: { kind: 'system', id: actor.name } }];
  if (actor.kind === 'account' && actor.accountId === book.accountId)
    return [{ id: 'owner', level: 'owner', path: 'direct', subject: { kind: 'account', id: actor.accountId } }];
  if (subjects.length === 0) return [];
  const object = { kind: GRANTS.addressBook.objectKind, id: book.id };
  const found = await listGrants(ctx, { kind: GRANTS.addressBook.kind, object, subjects: subjects as never });
  return found.map(({ id, level, path, subject }) => ({ id, level: level as BookRole, path, subject }));
}

/** By whatever somebody holds a calendar: owning it, owning or being in its group, a grant, a consent. */
async function grantsOn(
  ctx: Context,
  calendarId: string,
  owner: Owner,
  subjects: Subjects,
  isOwn: boolean,
): Promise<GrantFact<Role>[]> {
  const { actor } = ctx;
  switch (actor.kind) {
    case 'system':
      return [{ id: 'system', level: 'owner', path: 'direct', subject: { kind: 'system', id: actor.name } }];
    case 'application': {
      const subject = { kind: 'application', id: actor.applicationId };
      return actor.permissions.flatMap((permission) => {
        const level = PROGRAM_PERMISSIONS[permission];
        return level === undefined ? [] : [{ id: `permission:${permission}`, level, path: 'consent', subject }];
      });
    }
    case 'account': {
      const subject = { kind: 'account', id: actor.accountId };
      if (isOwn) return [{ id: 'owner', level: 'owner', path: 'direct', subject }];
      const found = await grantsFor(ctx, calendarId, [
        ...subjects,
        ...(actor.userType === 'Member' ? [{ kind: 'tenant', id: ctx.tenantId }] : []),
      ]);
      if (owner.kind === 'group') found.push(...(await grantsByGroup(ctx, owner.id, subjects)));
      return found;
    }
    case 'visitor':
      return grantsFor(ctx, calendarId, [{ kind: 'contact', id: actor.address }]);
    case 'operator':
    case 'anonymous':
      return [];
  }
}

async function grantsFor(ctx: Context, calendarId: string, subjects: Subjects): Promise<GrantFact<Role>[]> {
  const object = { kind: GRANTS.calendar.objectKind, id: calendarId };
  const found = await listGrants(ctx, { kind: GRANTS.calendar.kind, object, subjects: subjects as never });
  return found.map(({ id, level, path, subject }) => ({ id, level: level as Role, path, subject }));
}

/** A group's calendar is its members' to write in and its owners' to manage. */
async function grantsByGroup(ctx: Context, groupId: string, subjects: Subjects): Promise<GrantFact<Role>[]> {
  const subject = { kind: 'group', id: groupId };
  const found: GrantFact<Role>[] = [];
  if (subjects.some(({ kind, id }) => kind === 'group' && id === groupId))
    found.push({ id: `member:${groupId}`, level: 'write', path: 'group', subject });
  const object = { kind: DIRECTORY_GRANTS.owner.objectKind, id: groupId };
  const owned = await listGrants(ctx, { kind: DIRECTORY_GRANTS.owner.kind, object, subjects: subjects as never });
  for (const grant of owned) found.push({ id: grant.id, level: 'owner', path: 'group', subject });
  return found;
}
