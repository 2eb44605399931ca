import { type Grant, listGrants, putGrant } from '../../access/index.ts';
import { findAddressHolders } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { type Fault, kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { organisationOfDomain } from '../../partners/index.ts';
import { domainOf } from '../../tenants/index.ts';
import { calendarsFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import type { Calendar, CalendarId } from '../model/calendar.ts';
import { ROLES, type Role, rankOf } from '../model/roles.ts';
import type { SharingRefusal } from '../model/sharing-policy.ts';
import { SHARING_REFUSALS } from '../questions/sharing.ts';
import { listCalendars } from '../store/calendars.ts';
import { calendarPermissions, calendarShare, calendarUse } from './asked.ts';
import { inviteOutside } from './invite.ts';
import { endShares, type LinkPorts } from './links.ts';
import { ensureMailbox } from './mailboxes.ts';
import { ownerOf, type Whose } from './open-calendars.ts';
import { readOwner } from './owners.ts';
import { tellShareOver } from './tell-share-over.ts';

/** The id of what everybody at home has, who is not named: as the reference product writes it, the word "Default". */
export const MY_ORGANIZATION = 'RGVmYXVsdA==';

/** One row of whom a calendar is shared with. */
export interface Permission {
  readonly id: string;
  readonly role: Role;
  /** Lowest first. */
  readonly allowedRoles: readonly Role[];
  readonly name: string;
  /** Null for "My Organization". */
  readonly address: string | null;
  readonly isInside: boolean;
  readonly isRemovable: boolean;
  readonly endsAt: Date | null;
}

export interface NewPermission {
  readonly address: string;
  readonly name?: string | undefined;
  readonly role: Role;
  readonly endsAt?: Date | null | undefined;
  /** Whether somebody outside is written to; left out, when it is the owner who shares. */
  readonly sendsInvitation?: boolean | undefined;
  /** Whether the letter asks the recipient to share theirs as well. */
  readonly sharesBack?: boolean | undefined;
}

/** A calendar of somebody, without asking what the reader may do with it: every use case here asks its own question. */
export async function findCalendarOf(ctx: Context, whose: Whose, id: CalendarId | undefined): Promise<Calendar> {
  const owner = ownerOf(ctx, whose);
  const filter = id === undefined ? { isDefault: true } : { id };
  const [known] = await listCalendars(ctx, { owners: [owner], ...filter });
  if (known) return known;
  if (id !== undefined) {
    // Asked all the same, so that an id of nothing costs what one of somebody else does.
    await ctx.ask(calendarPermissions, { calendarId: id });
    throw kernelFaults.notFound();
  }
  await ensureMailbox(ctx, owner);
  return (await listCalendars(ctx, { owners: [owner], isDefault: true }))[0] as Calendar;
}

/**
 * With whom a calendar is shared. Somebody with whom it is shared is told of nobody (EX-38).
 * @throws not-found to who sees nothing of the calendar.
 */
export async function listPermissions(ctx: Context, calendar: Calendar): Promise<Permission[]> {
  const { level } = await ctx.ask(calendarPermissions, { calendarId: calendar.id }, { quiet: true });
  if (level === 'none') {
    const { level: role } = await ctx.ask(calendarUse, { calendarId: calendar.id });
    if (role === 'none') throw kernelFaults.notFound();
    return [];
  }
  const grants = await sharesOf(ctx, calendar);
  const everybody = grants.find(isEverybody);
  const named = grants.filter((grant) => !isEverybody(grant));
  return [await presentEverybody(ctx, calendar, everybody), ...(await present(ctx, calendar, named))];
}

/** @throws not-found. */
export async function getPermission(ctx: Context, calendar: Calendar, id: string): Promise<Permission> {
  const found = (await listPermissions(ctx, calendar)).find((one) => one.id === id);
  if (!found) throw kernelFaults.notFound();
  return found;
}

/**
 * Shares a calendar with a person or group at home, or with somebody outside as far as the sharing policy goes.
 * @throws calendars.external-sharing-not-allowed, .recipient-not-allowed, .permission-not-allowed (EX-28..EX-31),
 *   .role-not-allowed (EX-41), .recipient-unknown, .permission-exists; access.refused.
 */
export async function createPermission(
  ctx: Context,
  ports: LinkPorts,
  calendar: Calendar,
  wanted: NewPermission,
): Promise<Grant> {
  await demandWrite(ctx, calendar);
  const address = wanted.address.trim().toLowerCase();
  const domain = domainOf(address);
  if (domain === undefined) throw kernelFaults.invalid(`"${wanted.address}" is no mail address.`);
  await demandRole(ctx, calendar, address, wanted.role);
  const { subject, homeTenantId, homeDomain } = await subjectOf(ctx, calendar, address, domain);
  if ((await sharesOf(ctx, calendar)).some((grant) => isSame(grant.subject, subject)))
    throw calendarsFaults.permissionExists(address);
  const endsAt = futureEnd(ctx, wanted.endsAt) ?? null;
  const grant = await give(ctx, calendar, { subject, level: wanted.role, homeTenantId, homeDomain, endsAt });
  if (subject.kind === 'contact') {
    // What an administrator gives in somebody's place is told to the recipient only where that is asked for.
    const isOwn = ctx.actor.kind === 'account' && calendar.owner.id === ctx.actor.accountId;
    const isMailed = wanted.sendsInvitation ?? (isOwn || calendar.owner.kind === 'group');
    await inviteOutside(ctx, ports, calendar, grant, { isMailed, sharesBack: wanted.sharesBack ?? false });
  }
  return grant;
}

/** @throws not-found; what sharing throws; calendars.role-not-allowed for a role that is not among the allowed. */
export async function changePermission(
  ctx: Context,
  calendar: Calendar,
  id: string,
  changes: { readonly role?: Role | undefined; readonly endsAt?: Date | null | undefined },
): Promise<Permission> {
  await demandWrite(ctx, calendar);
  const before = await getPermission(ctx, calendar, id);
  const role = changes.role ?? before.role;
  if (!before.allowedRoles.includes(role)) throw await roleRefused(ctx, calendar, before, role);
  const endsAt = futureEnd(ctx, changes.endsAt);
  const grant = (await sharesOf(ctx, calendar)).find((one) => (isEverybody(one) ? MY_ORGANIZATION : one.id) === id);
  if (role === 'none') {
    if (grant) await endShares(ctx, [grant.id]);
    recordChange(ctx, calendar, { subject: EVERYBODY(ctx), old: before.role, new: 'none' });
  } else {
    await give(ctx, calendar, {
      subject: grant?.subject ?? EVERYBODY(ctx),
      level: role,
      homeTenantId: grant?.homeTenantId ?? null,
      homeDomain: grant?.homeDomain ?? null,
      endsAt: endsAt === undefined ? (grant?.endsAt ?? null) : endsAt,
      old: before.role,
    });
  }
  return getPermission(ctx, calendar, id);
}

/** @throws not-found; calendars.permission-stays for "My Organization" (EX-39). */
export async function removePermission(ctx: Context, calendar: Calendar, id: string): Promise<void> {
  await demandWrite(ctx, calendar);
  const before = await getPermission(ctx, calendar, id);
  if (!before.isRemovable) throw calendarsFaults.permissionStays();
  const [grant] = await endShares(ctx, [id]);
  if (!grant) return;
  recordChange(ctx, calendar, { subject: grant.subject, old: grant.level, new: null });
  await tellShareOver(ctx, calendar, [grant]);
}

/** The roles that could be given, of which the asker may give none while the answer is the first. */
async function allowedRoles(ctx: Context, calendar: Calendar, address: string | undefined): Promise<Role[]> {
  const asked = { calendarId: calendar.id, ...(address === undefined ? {} : { address }) };
  const { level } = await ctx.ask(calendarShare, asked, { quiet: true });
  return rolesUpTo(level, address === undefined);
}

/** With the reference of the refusal, where it is the question's; nobody who is named is given nothing. */
async function roleRefused(
  ctx: Context,
  calendar: Calendar,
  { address, allowedRoles: allowed }: Pick<Permission, 'address' | 'allowedRoles'>,
  role: Role,
): Promise<Fault> {
  const asked = { calendarId: calendar.id, ...(address === null ? {} : { address }) };
  const answer = await ctx.ask(calendarShare, asked, { wanted: role });
  return calendarsFaults.roleNotAllowed(role, allowed, atLeast(answer, role) ? {} : { decisionId: answer.decisionId });
}

const rolesUpTo = (most: Role, isEverybody: boolean): Role[] => ROLES.slice(isEverybody ? 0 : 1, rankOf(most) + 1);

/** @throws the refusal of the policy with its reason, what could be given and who can change that. */
async function demandRole(ctx: Context, calendar: Calendar, address: string, role: Role): Promise<void> {
  const answer = await ctx.ask(calendarShare, { calendarId: calendar.id, address }, { wanted: role });
  const allowed = rolesUpTo(answer.level, false);
  if (allowed.includes(role)) return;
  const refusal = refusalIn(answer.because.map((reason) => ('name' in reason ? reason.name : '')));
  const { decisionId, because } = answer;
  if (refusal) throw sharingRefused(refusal, { allowedRoles: allowed, decisionId, because });
  throw calendarsFaults.roleNotAllowed(role, allowed, { decisionId });
}

/** Says a refusal of the policy, with the word of the reference product for it. */
export function sharingRefused(refusal: SharingRefusal, rest: Readonly<Record<string, unknown>>): Fault {
  const facts = { responseCode: refusal, ...rest };
  switch (refusal) {
    case 'ErrorNotAllowedExternalSharingByPolicy':
      return calendarsFaults.externalSharingNotAllowed(facts);
    case 'ErrorUserNotAllowedByPolicy':
      return calendarsFaults.recipientNotAllowed(facts);
    case 'ErrorPermissionNotAllowedByPolicy':
      return calendarsFaults.permissionNotAllowed(facts);
  }
}

export const refusalIn = (rules: readonly string[]): SharingRefusal | undefined =>
  SHARING_REFUSALS.find(([rule]) => rules.includes(rule))?.[1];

/** @throws not-found to who sees nothing of the calendar; access.refused to who only sees it. */
export async function demandWrite(ctx: Context, calendar: Calendar): Promise<void> {
  const answer = await ctx.ask(calendarPermissions, { calendarId: calendar.id }, { wanted: 'write' });
  if (answer.level === 'write') return;
  const { level: role } = await ctx.ask(calendarUse, { calendarId: calendar.id }, { quiet: true });
  if (role === 'none' && answer.level === 'none') throw kernelFaults.notFound();
  throw kernelFaults.refused({ decisionId: answer.decisionId, because: answer.because });
}

/** @throws calendars.recipient-unknown for an address of ours that nobody has. */
async function subjectOf(ctx: Context, calendar: Calendar, address: string, domain: string) {
  if (!ctx.tenant.domains.includes(domain)) {
    const homeTenantId: TenantId | null = (await organisationOfDomain(ctx, domain)) ?? null;
    return { subject: { kind: 'contact', id: address } as const, homeTenantId, homeDomain: domain };
  }
  const [holder] = await findAddressHolders(ctx, [address]);
  if (holder?.kind !== 'account' && holder?.kind !== 'group') throw calendarsFaults.recipientUnknown(address);
  if (holder.kind === calendar.owner.kind && holder.id === calendar.owner.id)
    throw kernelFaults.invalid('A calendar is not shared with its owner.');
  return { subject: { kind: holder.kind, id: holder.id } as const, homeTenantId: null, homeDomain: null };
}

const EVERYBODY = (ctx: Context) => ({ kind: 'tenant', id: ctx.tenantId }) as const;
const isEverybody = ({ subject }: Grant) => subject.kind === 'tenant';
const isSame = (a: Grant['subject'], b: Grant['subject']) => a.kind === b.kind && a.id === b.id;

/** Whom a calendar is shared with by name, and everybody at home; what is open to the world is published, not shared. */
async function sharesOf(ctx: Context, calendar: Calendar): Promise<Grant[]> {
  const object = { kind: GRANTS.calendar.objectKind, id: calendar.id };
  return (await listGrants(ctx, { kind: GRANTS.calendar.kind, object })).filter(
    ({ subject }) => subject.kind !== 'anyone',
  );
}

interface Given {
  readonly subject: Grant['subject'];
  readonly level: Role;
  readonly homeTenantId: TenantId | null;
  readonly homeDomain: string | null;
  readonly endsAt: Date | null;
  readonly old?: Role;
}

async function give(ctx: Context, calendar: Calendar, { old, ...given }: Given): Promise<Grant> {
  const by = ctx.actor.kind === 'account' ? ctx.actor.accountId : ctx.actor.kind;
  const { id } = await putGrant(ctx, {
    kind: GRANTS.calendar.kind,
    object: { kind: GRANTS.calendar.objectKind, id: calendar.id },
    givenBy: by,
    // Whoever shares outside answers for it.
    sponsorId: given.homeDomain !== null && ctx.actor.kind === 'account' ? ctx.actor.accountId : null,
    ...given,
  });
  recordChange(ctx, calendar, { subject: given.subject, old: old ?? null, new: given.level });
  const [grant] = await listGrants(ctx, { id });
  return grant as Grant;
}

function recordChange(
  ctx: Context,
  calendar: Calendar,
  change: { readonly subject: Grant['subject']; readonly old: string | null; readonly new: string | null },
): void {
  const verb = change.old === null ? 'added' : change.new === null ? 'removed' : 'changed';
  ctx.record({
    action: `calendars.permission-${verb}`,
    category: 'Calendar',
    targets: [
      {
        kind: 'calendar',
        id: calendar.id,
        displayName: calendar.name,
        changes: [{ name: 'role', old: change.old, new: change.new }],
      },
    ],
    facts: { subject: change.subject, level: change.new, ownerKind: calendar.owner.kind, ownerId: calendar.owner.id },
  });
}

function futureEnd(ctx: Context, endsAt: Date | null | undefined): Date | null | undefined {
  if (endsAt && endsAt <= ctx.now) throw kernelFaults.invalid('The end of a share lies in the future.');
  return endsAt;
}

async function presentEverybody(ctx: Context, calendar: Calendar, grant: Grant | undefined): Promise<Permission> {
  return {
    id: MY_ORGANIZATION,
    role: (grant?.level ?? 'none') as Role,
    allowedRoles: await allowedRoles(ctx, calendar, undefined),
    name: 'My Organization',
    address: null,
    isInside: true,
    isRemovable: false,
    endsAt: grant?.endsAt ?? null,
  };
}

async function present(ctx: Context, calendar: Calendar, grants: readonly Grant[]): Promise<Permission[]> {
  const permissions: Permission[] = [];
  for (const grant of grants) {
    const { kind, id } = grant.subject;
    const inside = kind === 'account' || kind === 'group' ? await readOwner(ctx, { kind, id }) : undefined;
    const address = inside ? (inside.address ?? null) : kind === 'contact' ? id : null;
    permissions.push({
      id: grant.id,
      role: grant.level as Role,
      allowedRoles: address === null ? [] : await allowedRoles(ctx, calendar, address),
      name: inside?.displayName ?? address ?? '',
      address,
      isInside: kind !== 'contact',
      isRemovable: true,
      endsAt: grant.endsAt,
    });
  }
  return permissions;
}
