import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { printCalendar } from '../../protocols/icalendar/index.ts';
import { type ImipProblem, readImip } from '../../protocols/mime/imip.ts';
import type { InboxMessage } from '../model/scheduling.ts';
import { findHomes, receiveMessage, sendMessages } from './delivering.ts';
import { readOwner } from './owners.ts';

/** A letter for somebody here. */
export interface ArrivingMail {
  /** Lower case. */
  readonly recipient: string;
  /** The address in From, lower case, where DMARC or a signature proves it (RFC 6047 §3). */
  readonly sender: string;
  readonly mime: string | Uint8Array;
}

export type MailOutcome =
  | { readonly kind: 'no-message'; readonly problems: readonly ImipProblem[] }
  | { readonly kind: 'nobody' }
  | {
      readonly kind: 'received';
      readonly outcome: InboxMessage['outcome'];
      /** EX-62: to be shown with the letter. */
      readonly warning: InboxMessage['warning'];
    };

/** Lets the scheduling message in a letter act on its recipient's calendar, once. A letter without one is left alone. */
export async function receiveMail(ctx: Context, { recipient, sender, mime }: ArrivingMail): Promise<MailOutcome> {
  const { message, problems } = await readImip(mime);
  if (!message) return { kind: 'no-message', problems };
  const owner = (await findHomes(ctx, [recipient])).get(recipient);
  if (!owner || owner === 'nobody') return { kind: 'nobody' };
  const fingerprint = createHash('sha256')
    .update(`${sender}\n${printCalendar(message.calendar)}`)
    .digest('hex');
  const received = await receiveMessage(ctx, {
    ...{ owner, address: recipient, sender, message, fingerprint, origin: 'mail' as const },
  });
  if (received.answers.length > 0) {
    const senderName = (await readOwner(ctx, owner))?.displayName ?? recipient;
    await sendMessages(ctx, { owner, sender: recipient, senderName, messages: received.answers });
  }
  return { kind: 'received', outcome: received.outcome, warning: received.warning };
}
