import type { Context } from '../../kernel/context.ts';
import type { Mailbox } from '../model/calendar.ts';
import { listCalendars, updateMailbox } from '../store/calendars.ts';
import { listObjects, writeObject } from '../store/objects.ts';
import { ensureMailbox, ownMailboxOwner } from './mailboxes.ts';
import { expandOrRefuse, parse } from './objects.ts';

/** What somebody decides about their own mailbox. */
export type MailboxChanges = Partial<Pick<Mailbox, 'timeZone' | 'workingHours' | 'automaticReplies'>>;

/** The settings of whoever asks; made with their mailbox on the first visit. @throws access.refused. */
export async function readMailbox(ctx: Context): Promise<Mailbox> {
  return ensureMailbox(ctx, await ownMailboxOwner(ctx, 'read'));
}

/**
 * Changes the settings of whoever asks. In another zone, whole days and times without a zone of their own stand
 * elsewhere in time: their instances are reckoned anew.
 * @throws access.refused.
 */
export async function changeMailbox(ctx: Context, changes: MailboxChanges): Promise<Mailbox> {
  const owner = await ownMailboxOwner(ctx, 'write');
  const before = await ensureMailbox(ctx, owner);
  const after = (await updateMailbox(ctx, owner, changes)) ?? before;
  if (after.timeZone !== before.timeZone) {
    for (const calendar of await listCalendars(ctx, { owners: [owner] })) {
      if (calendar.hasOwnTimeZone) continue;
      for (const object of await listObjects(ctx, { calendarIds: [calendar.id] })) {
        await writeObject(ctx, object, await expandOrRefuse(ctx, parse(object.content), calendar), false);
      }
    }
  }
  ctx.record({
    action: 'calendars.mailbox-changed',
    category: 'Calendar',
    targets: [{ kind: owner.kind, id: owner.id }],
    facts: { changed: Object.keys(changes) },
  });
  return after;
}
