import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { keyOf, momentOf } from '../../protocols/icalendar/index.ts';
import { composeMessage, readMessage, recurrenceOf } from '../../protocols/itip/index.ts';
import type { MeetingSettings } from '../model/calendar.ts';
import type { InboxMessage } from '../model/scheduling.ts';
import { findCalendar, updateMailbox } from '../store/calendars.ts';
import { findObject } from '../store/objects.ts';
import { deleteInbox, listInbox, measureInbox, settleProposal } from '../store/scheduling.ts';
import { ensureMailbox, ownMailboxOwner } from './mailboxes.ts';
import { putObject } from './objects.ts';
import { openMeeting, sendFrom, takeProposal } from './responses.ts';

const SHOWN_AT_MOST = 500;

/** The scheduling messages that came for whoever asks, and for those they stand in for, the newest first. */
export async function readOwnInbox(ctx: Context, filter: { isOpenProposal?: boolean } = {}): Promise<InboxMessage[]> {
  const reader = await ownMailboxOwner(ctx, 'read');
  return listInbox(ctx, { reader, ...(filter.isOpenProposal ? { proposal: 'open' } : {}), limit: SHOWN_AT_MOST });
}

/** How far one's own inbox has come: it stays the same while nothing comes or is put away. */
export async function inboxState(ctx: Context): Promise<number> {
  const reader = await ownMailboxOwner(ctx, 'read');
  const { newest, count } = await measureInbox(ctx, reader);
  return newest * COUNTED + Math.min(count, COUNTED - 1);
}
/** More than an inbox shows: what came is in the version, what was put away in the count. */
const COUNTED = 1_000;

/** Puts a message away; what it did stays done. @throws not-found. */
export async function removeFromInbox(ctx: Context, id: string): Promise<void> {
  const reader = await ownMailboxOwner(ctx, 'write');
  if (!(await deleteInbox(ctx, reader, id))) throw kernelFaults.notFound();
}

/**
 * Decides on a time that somebody proposed: the meeting moves and everybody is told, or they are told that it does not.
 * @throws not-found when there is nothing to decide any more.
 */
export async function decideProposal(
  ctx: Context,
  id: string,
  decision: 'accepted' | 'declined',
  comment?: string,
): Promise<void> {
  const reader = await ownMailboxOwner(ctx, 'write');
  const [row] = await listInbox(ctx, { reader, id, proposal: 'open', limit: 1 });
  if (!row?.objectId) throw kernelFaults.notFound();
  const message = readMessage(row.content);
  const [counter] = message.parts;
  const recurrence = counter!.getFirstProperty('recurrence-id');
  const object = await findObject(ctx, { id: row.objectId });
  const calendar = object && (await findCalendar(ctx, object.calendarId));
  if (!object || !calendar) throw kernelFaults.notFound();
  const recurrenceId = recurrence ? keyOf(momentOf(recurrence, calendar.timeZone)) : '';
  const meeting = await openMeeting(ctx, { objectId: row.objectId, recurrenceId });
  if (decision === 'accepted') {
    const text = takeProposal(meeting, counter!);
    await putObject(ctx, { calendarId: object.calendarId, name: object.name, text, saying: { comment } });
  } else {
    const parts = meeting.parts.filter((part) => recurrenceOf(part) === recurrenceOf(counter!));
    const refusal = composeMessage('DECLINECOUNTER', parts.slice(0, 1), meeting.copy);
    if (comment) refusal.parts[0]!.updatePropertyWithValue('comment', comment);
    await sendFrom(ctx, meeting, [{ to: row.sender, message: refusal }], comment);
  }
  await settleProposal(ctx, row.fingerprint, row.owner, decision);
}

/** How whoever asks deals with meetings. */
export async function readMeetingSettings(ctx: Context): Promise<MeetingSettings> {
  return (await ensureMailbox(ctx, await ownMailboxOwner(ctx, 'read'))).meetings;
}

export async function changeMeetingSettings(ctx: Context, changes: MeetingSettings): Promise<MeetingSettings> {
  const owner = await ownMailboxOwner(ctx, 'write');
  const { meetings } = await ensureMailbox(ctx, owner);
  const changed = await updateMailbox(ctx, owner, { meetings: { ...meetings, ...changes } });
  return changed!.meetings;
}
