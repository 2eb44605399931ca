import { findAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { letterLanguage } from '../../platform/letter.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { instanceOf, repeats, textOf } from '../../protocols/icalendar/index.ts';
import { attendeesOf, type Message, partStatOf, readMessage, sequenceOf } from '../../protocols/itip/index.ts';
import { organizationSettings } from '../../tenants/index.ts';
import type { Owner } from '../model/calendar.ts';
import { type LetterKind, meetingLetter } from '../model/letters.ts';
import type { OutgoingMessage } from '../model/scheduling.ts';
import { ensureMailbox } from './mailboxes.ts';

/** Puts a scheduling message into a letter (RFC 6047): words for people, the message for their programs. */
export async function queueLetter(ctx: Context, outgoing: OutgoingMessage): Promise<void> {
  const message = readMessage(outgoing.content);
  const letter = await letterAbout(ctx, {
    owner: outgoing.owner,
    kind: kindOf(message),
    name: outgoing.senderName,
    message,
    comment: outgoing.comment,
  });
  await queueMail(ctx, {
    kind: 'meeting',
    aboutId: outgoing.id,
    to: { address: outgoing.recipient },
    fromName: outgoing.senderName,
    replyTo: outgoing.sender,
    isSecret: true,
    calendar: { method: message.method, text: outgoing.content },
    ...letter,
  });
}

/** What a letter about a meeting says, in its sender's language. */
export async function letterAbout(
  ctx: Context,
  about: {
    owner: Owner;
    kind: LetterKind;
    name: string;
    message: Pick<Message, 'parts'>;
    comment: string | null;
    to?: readonly string[];
  },
) {
  const [part] = about.message.parts;
  const { timeZone } = await ensureMailbox(ctx, about.owner);
  const { start, end, isAllDay } = instanceOf(part!, timeZone, '');
  return meetingLetter({
    language: await languageOf(ctx, about.owner),
    kind: about.kind,
    name: about.name,
    subject: textOf(part!, 'summary'),
    startsAt: new Date(start.epochMilliseconds),
    endsAt: new Date(end.epochMilliseconds),
    isAllDay,
    repeats: repeats(part!),
    timeZone,
    location: textOf(part!, 'location'),
    description: textOf(part!, 'description'),
    comment: about.comment,
    ...(about.to ? { to: about.to } : {}),
  });
}

/** The language of letters for an owner: their own, or their organisation's. */
export async function languageOf(ctx: Context, owner: Owner) {
  const account = owner.kind === 'account' ? await findAccount(ctx, owner.id as AccountId) : undefined;
  return letterLanguage(account?.preferredLanguage, ctx.settings.tenant(organizationSettings).preferredLanguage);
}

function kindOf({ method, parts }: Message): LetterKind {
  switch (method) {
    case 'REQUEST':
    case 'ADD':
    case 'PUBLISH':
      return sequenceOf(parts[0]!) > 0 ? 'update' : 'invitation';
    case 'CANCEL':
      return 'cancellation';
    case 'COUNTER':
      return 'counter';
    case 'DECLINECOUNTER':
      return 'declineCounter';
    case 'REFRESH':
      return 'refresh';
    case 'REPLY': {
      const [attendee] = [...attendeesOf(parts[0]!).values()];
      const word = attendee ? partStatOf(attendee) : '';
      return word === 'ACCEPTED' ? 'accepted' : word === 'DECLINED' ? 'declined' : 'tentative';
    }
  }
}
