import { listGrants } from '../../access/index.ts';
import { GRANTS as DIRECTORY_GRANTS, directoryAccess, subjectsOf } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { type Ceiling, ceiling, type GrantFact } from '../../kernel/decision.ts';
import { gatherLicence, type LicenceFacts, serviceIsLicensed } from '../../tenants/index.ts';
import { GRANTS } from '../grants.ts';
import type { Calendar, CalendarId, Owner } from '../model/calendar.ts';
import type { Role } from '../model/roles.ts';
import {
  type CalendarFacts,
  calendarUseQuestion,
  type OwnFacts,
  type OwnLevel,
  ownCalendarsQuestion,
  ownContactsQuestion,
  PROGRAM_PERMISSIONS,
  readAddressListQuestion,
} from '../questions.ts';
import { findCalendar } from '../store/calendars.ts';

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

export type Subjects = readonly { readonly kind: string; readonly id: string }[];

/** What the asker acts as: themselves and every group they are in. */
export const ownSubjects = async (ctx: Context): Promise<Subjects> =>
  ctx.actor.kind === 'account' ? subjectsOf(ctx, ctx.actor.accountId) : [];

const NO_LICENCE = (ctx: Context): LicenceFacts => ({ tenantId: ctx.tenantId, isGuest: false, person: {}, tenant: {} });

/** What the asker's licences hold; nobody but a person at home needs one. */
export async function licenceOf(ctx: Context, subjects: Subjects): Promise<LicenceFacts> {
  const { actor } = ctx;
  if (actor.kind !== 'account') return NO_LICENCE(ctx);
  const groupIds = subjects.filter(({ kind }) => kind === 'group').map(({ id }) => id);
  return gatherLicence(ctx, { accountId: actor.accountId, isGuest: actor.userType === 'Guest', groupIds });
}

/** What a question found is what its asker works on: read once, in one transaction. */
const asked = new WeakMap<Context, Map<string, Calendar>>();

/** The calendar that a question of this context was about, as it was then. */
export const calendarAskedAbout = (ctx: Context, calendarId: string): Calendar | undefined =>
  asked.get(ctx)?.get(calendarId);

async function gatherCalendarFacts(ctx: Context, calendarId: string): Promise<CalendarFacts & Licensed> {
  const { actor, tenant } = ctx;
  const [calendar, subjects] = [await findCalendar(ctx, calendarId as CalendarId), await ownSubjects(ctx)];
  const owner = calendar?.owner;
  if (calendar) asked.set(ctx, (asked.get(ctx) ?? new Map()).set(calendarId, calendar));
  const isOwn = actor.kind === 'account' && owner?.kind === 'account' && owner.id === actor.accountId;
  return {
    actor,
    tenant,
    licence: await licenceOf(ctx, subjects),
    owner,
    isDefault: calendar?.isDefault ?? false,
    isOwn,
    grants: owner ? await grantsOn(ctx, calendarId, owner, subjects, isOwn) : [],
  };
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
