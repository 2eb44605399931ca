import type { Context } from '../../kernel/context.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { CalendarTextError, readObject } from '../../protocols/icalendar/index.ts';
import { PERSON_NOTICE } from '../../signin/index.ts';
import { meetingLetter } from '../model/letters.ts';
import { expandAround } from '../model/occurrence.ts';
import { findCalendar } from '../store/calendars.ts';
import { findObject } from '../store/objects.ts';
import { eraseOldReminders, listReminders, putReminders, type Reminder, takeDueReminders } from '../store/reminders.ts';
import { languageOf } from './letters.ts';
import { ownMailboxOwner } from './mailboxes.ts';
import { holdCalendar, readWhole } from './objects.ts';
import { readOwner } from './owners.ts';
import { nextReminders } from './reminding.ts';
import type { MeetingKey } from './responses.ts';

const AT_ONCE = 500;
const DAY = 86_400_000;

/**
 * Reminds of what is due: in the open web app, and by mail where an alarm says so. Each is settled with what it did, so
 * it happens once; what became due while no server ran happens when one runs again.
 */
export async function remind(ctx: Context): Promise<void> {
  for (const reminder of await takeDueReminders(ctx, AT_ONCE)) {
    const isLate = reminder.endsAt.getTime() < ctx.now.getTime() - DAY;
    if (!isLate && reminder.kind === 'email') await mailReminder(ctx, reminder);
    const isShown = !isLate && reminder.kind === 'display';
    if (isShown) {
      await ctx.announce(PERSON_NOTICE, { accountId: reminder.accountId, about: 'calendars.reminder-due' });
    }
    await putReminders(ctx, [{ ...reminder, dueAt: null, shownAt: isShown ? ctx.now : null, isPutOff: false }]);
    await scheduleNext(ctx, reminder);
  }
  await eraseOldReminders(ctx, new Date(ctx.now.getTime() - DAY));
}

/** Of a series the next instance has its turn. */
async function scheduleNext(ctx: Context, { objectId, calendarId, recurrenceId }: Reminder): Promise<void> {
  if (recurrenceId === '') return;
  const object = await findObject(ctx, { id: objectId });
  const calendar = await findCalendar(ctx, calendarId);
  if (!object || !calendar) return;
  try {
    const read = readObject(object.content);
    const addresses = (await readOwner(ctx, calendar.owner))?.addresses ?? [];
    const { occurrences } = expandAround(read, ctx.now, { timeZone: calendar.timeZone, addresses });
    const known = await listReminders(ctx, { objectId });
    const handled = known.filter(({ dueAt, isPutOff }) => dueAt === null || isPutOff);
    await putReminders(ctx, nextReminders(ctx, { calendar, object, read, occurrences }, handled));
  } catch (error) {
    // What could be kept once can be expanded again, unless its limits were tightened since.
    if (!(error instanceof CalendarTextError)) throw error;
  }
}

/** To the owner alone, whomever the alarm names: nobody is written to in their name. */
async function mailReminder(ctx: Context, reminder: Reminder): Promise<void> {
  const owner = { kind: 'account', id: reminder.accountId } as const;
  const card = await readOwner(ctx, owner);
  const calendar = await findCalendar(ctx, reminder.calendarId);
  if (!card?.address || !calendar) return;
  const letter = meetingLetter({
    language: await languageOf(ctx, owner),
    kind: 'reminder',
    name: card.displayName,
    subject: reminder.subject,
    startsAt: reminder.startsAt,
    endsAt: reminder.endsAt,
    isAllDay: false,
    repeats: false,
    timeZone: calendar.timeZone,
    location: reminder.location,
    description: null,
    comment: null,
  });
  const to = { address: card.address, name: card.displayName };
  await queueMail(ctx, {
    kind: 'reminder',
    aboutId: reminder.objectId,
    to,
    fromName: ctx.tenant.displayName,
    isSecret: true,
    ...letter,
  });
}

/** What whoever asks was reminded of and has neither put away nor put off. */
export async function readOwnReminders(ctx: Context): Promise<Reminder[]> {
  return listReminders(ctx, { accountId: (await ownMailboxOwner(ctx, 'read')).id });
}

/** Puts the reminders of an event away, or of one instance. @throws not-found, access.refused. */
export async function dismissReminder(ctx: Context, key: MeetingKey): Promise<void> {
  for (const reminder of await remindersOf(ctx, key)) {
    await putReminders(ctx, [{ ...reminder, dueAt: null, shownAt: null, isPutOff: false }]);
    await scheduleNext(ctx, reminder);
  }
}

/** Reminds once more at another time. @throws not-found, access.refused. */
export async function snoozeReminder(ctx: Context, key: MeetingKey, until: Date): Promise<void> {
  const reminders = await remindersOf(ctx, key);
  await putReminders(
    ctx,
    reminders.map((one) => ({ ...one, dueAt: until, shownAt: null, isPutOff: true })),
  );
}

/** Those that were shown; when none was, the one that comes next. */
async function remindersOf(ctx: Context, { objectId, recurrenceId }: MeetingKey): Promise<Reminder[]> {
  const { object } = await readWhole(ctx, { id: objectId });
  await holdCalendar(ctx, object.calendarId, 'write');
  const all = (await listReminders(ctx, { objectId })).filter(
    (one) => one.kind === 'display' && (recurrenceId === '' || one.recurrenceId === recurrenceId),
  );
  const shown = all.filter(({ shownAt }) => shownAt !== null);
  return shown.length > 0 ? shown : all.filter(({ dueAt }) => dueAt !== null).slice(0, 1);
}
