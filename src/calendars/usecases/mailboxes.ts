import { putGrant } from '../../access/index.ts';
import { findAccount, findGroup } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import { GRANTS } from '../grants.ts';
import type { Calendar, Mailbox, Owner } from '../model/calendar.ts';

import { calendarDefaults } from '../settings.ts';
import { insertCalendar, insertMailbox, listCalendars, listMailboxes } from '../store/calendars.ts';
import { ownCalendars } from './asked.ts';

/** The address of everybody's default calendar over CalDAV. */
export const DEFAULT_SLUG = 'calendar';

/** A mailbox as it begins, also for an owner who has none yet: lookups tell the same before the first visit. */
export function newMailbox(ctx: Context, owner: Owner): Mailbox {
  const { timeZone, workingDays, workingHoursStart, workingHoursEnd } = ctx.settings.tenant(calendarDefaults);
  return {
    owner,
    timeZone,
    workingHours: { daysOfWeek: workingDays, startTime: workingHoursStart, endTime: workingHoursEnd },
    availability: null,
    automaticReplies: { status: 'disabled' },
    sharingPolicyId: null,
    categories: [],
    meetings: {},
  };
}

/**
 * The mailbox of an account at home or of a shared group, made with its default calendar when there is none. Needs a
 * context that may write, and asks nothing: its callers do.
 * @throws not-found for an owner that can have none: a guest's calendar is at home.
 */
export async function ensureMailbox(ctx: Context, owner: Owner): Promise<Mailbox> {
  const [known] = await listMailboxes(ctx, [owner]);
  if (known) return known;
  if (!(await canHaveMailbox(ctx, owner))) throw kernelFaults.notFound();
  const mailbox = newMailbox(ctx, owner);
  if (!(await insertMailbox(ctx, mailbox))) return (await listMailboxes(ctx, [owner]))[0] ?? mailbox;
  const calendar = await insertCalendar(ctx, { owner, name: 'Calendar', slug: DEFAULT_SLUG, isDefault: true });
  const { defaultPermission } = ctx.settings.tenant(calendarDefaults);
  if (owner.kind === 'account' && defaultPermission !== 'none') {
    await putGrant(ctx, {
      kind: GRANTS.calendar.kind,
      subject: { kind: 'tenant', id: ctx.tenantId },
      object: { kind: GRANTS.calendar.objectKind, id: calendar.id },
      level: defaultPermission,
      givenBy: 'default',
    });
  }
  return mailbox;
}

/** The default calendar of whoever asks. @throws access.refused without a licence; not-found for a guest. */
export async function ownDefaultCalendar(ctx: Context, wanted: 'read' | 'write'): Promise<Calendar> {
  const owner = await ownMailboxOwner(ctx, wanted);
  await ensureMailbox(ctx, owner);
  const [calendar] = await listCalendars(ctx, { owners: [owner], isDefault: true });
  return calendar!;
}

/** Whoever asks, as the owner of a mailbox. */
export async function ownMailboxOwner(ctx: Context, wanted: 'read' | 'write'): Promise<Owner> {
  await ctx.demand(ownCalendars, undefined, wanted);
  // Nobody else is let through by the question.
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return { kind: 'account', id: ctx.actor.accountId };
}

async function canHaveMailbox(ctx: Context, { kind, id }: Owner): Promise<boolean> {
  if (kind === 'group') return (await findGroup(ctx, id as GroupId))?.kind === 'shared';
  return (await findAccount(ctx, id as AccountId))?.userType === 'Member';
}
