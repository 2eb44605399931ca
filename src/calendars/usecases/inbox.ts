import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { keyOf, momentOf } from '../../protocols/icalendar/index.ts';
import { composeMessage, readMessage, recurrenceOf } from '../../protocols/itip/index.ts';
import type { MeetingSettings } from '../model/calendar.ts';
import type { InboxMessage } from '../model/scheduling.ts';
import { findCalendar, listCalendars, updateMailbox } from '../store/calendars.ts';
import { findObject } from '../store/objects.ts';
import { deleteInbox, listInbox, measureInbox, settleProposal, settleWaiting } from '../store/scheduling.ts';
import { keepWaiting } from './delivering.ts';
import { ensureMailbox, ownMailboxOwner } from './mailboxes.ts';
import { deleteObject, holdCalendar, putObject } from './objects.ts';
import { openMeeting, type Response, respond, sendFrom, takeProposal, type WORDS } from './responses.ts';

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

/**
 * Answers an invitation that is in no calendar yet. Accepted, for certain or not, it is put there; declined, it is not.
 * @throws not-found when it does not wait any more, or was cancelled since; what `respond` throws.
 */
export async function answerWaiting(
  ctx: Context,
  id: string,
  answer: keyof typeof WORDS,
  response: Response,
): Promise<void> {
  const reader = await ownMailboxOwner(ctx, 'write');
  const [row] = await listInbox(ctx, { reader, id, limit: 1 });
  if (row?.outcome !== 'waiting') throw kernelFaults.notFound();
  const said = await listInbox(ctx, { reader, owner: row.owner, uid: row.uid, limit: SHOWN_AT_MOST });
  const newest = said.find(({ method, warning }) => (method === 'REQUEST' || method === 'CANCEL') && warning === null);
  if (newest?.outcome !== 'waiting') throw kernelFaults.notFound();
  const [calendar] = await listCalendars(ctx, { owners: [row.owner], isDefault: true });
  if (!calendar) throw kernelFaults.notFound();
  await holdCalendar(ctx, calendar.id, 'write');
  const object = await keepWaiting(ctx, newest);
  if (!object) throw kernelFaults.notFound();
  const { name, calendarId } = await respond(ctx, { objectId: object.id, recurrenceId: '' }, answer, response);
  const isKept = answer !== 'decline';
  if (!isKept) await deleteObject(ctx, { calendarId, name, saying: { isSilent: true } });
  await settleWaiting(ctx, row.owner, row.uid, isKept ? object.id : null);
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
