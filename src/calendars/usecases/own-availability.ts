import type { Context } from '../../kernel/context.ts';
import { CalendarTextError } from '../../protocols/icalendar/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { Mailbox, Owner } from '../model/calendar.ts';
import { AvailabilityError, type Unavailable, unavailableTimes, workingHoursOf } from '../model/vavailability.ts';
import { listMailboxes } from '../store/calendars.ts';
import { changeMailbox, readMailbox } from './mailbox-settings.ts';

/**
 * Keeps when whoever asks can be met at all, as their program sent it, and their working hours from it; null forgets it
 * and leaves the hours.
 * @throws access.refused, calendars.not-a-calendar-object.
 */
export async function setOwnAvailability(ctx: Context, text: string | null): Promise<void> {
  const { timeZone } = await readMailbox(ctx, undefined, 'write');
  const workingHours = text === null ? undefined : hoursIn(ctx, text, timeZone);
  await changeMailbox(ctx, undefined, { availability: text, ...(workingHours ? { workingHours } : {}) });
}

function hoursIn(ctx: Context, text: string, timeZone: string) {
  try {
    return workingHoursOf(text, ctx.now, timeZone);
  } catch (error) {
    const isBad =
      error instanceof AvailabilityError ||
      error instanceof CalendarTextError ||
      error instanceof RangeError ||
      error instanceof TypeError;
    if (isBad) throw calendarsFaults.notACalendarObject((error as Error).message, 'valid-calendar-data');
    throw error;
  }
}

/** When owners cannot be met by what they said of themselves. Asks nothing; its callers do. */
export async function unavailableTimesOf(
  ctx: Context,
  owners: readonly Owner[],
  { from, to }: { from: Date; to: Date },
): Promise<Map<string, readonly Unavailable[]>> {
  const mailboxes = await listMailboxes(ctx, owners);
  return new Map(mailboxes.map((mailbox) => [mailbox.owner.id, timesIn(mailbox, from, to)]));
}

function timesIn({ availability, timeZone }: Mailbox, from: Date, to: Date): readonly Unavailable[] {
  return availability === null ? [] : unavailableTimes(availability, from, to, timeZone);
}
