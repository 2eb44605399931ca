/** Scheduling messages as mail carries them (RFC 6047), read with the distrust that a letter deserves. */
import PostalMime, { type Attachment } from 'postal-mime';
import { CalendarTextError } from '../icalendar/index.ts';
import { type Message, readMessage } from '../itip/index.ts';

/** Of a whole letter, and of the calendar text in it, in bytes. */
const LETTER_AT_MOST = 25 * 1024 * 1024;
const CALENDAR_AT_MOST = 2 * 1024 * 1024;

/** Why a letter says nothing to a calendar. */
export type ImipProblem =
  | 'too-large'
  | 'no-mail'
  | 'no-calendar'
  | 'several-calendars'
  | 'no-method'
  | 'methods-differ'
  | 'not-a-message';

export interface ImipLetter {
  /** As the letter says, lower case: who really sent it is for the transport to tell. */
  readonly from: string | undefined;
  readonly messageId: string | undefined;
  /** Undefined when there are problems. */
  readonly message: Message | undefined;
  readonly problems: readonly ImipProblem[];
}

/**
 * Reads a letter. It carries a scheduling message when exactly one calendar text is in it, whose METHOD its Content-Type
 * repeats (RFC 6047 §2.4); the same text once more, as a file for programs that want one, does not count.
 */
export async function readImip(mime: string | Uint8Array): Promise<ImipLetter> {
  const bytes = typeof mime === 'string' ? Buffer.byteLength(mime) : mime.byteLength;
  const nothing = (problem: ImipProblem) => ({
    ...{ from: undefined, messageId: undefined, message: undefined, problems: [problem] },
  });
  if (bytes > LETTER_AT_MOST) return nothing('too-large');
  let letter: Awaited<ReturnType<typeof PostalMime.parse>>;
  try {
    letter = await PostalMime.parse(mime, { maxNestingDepth: 20 });
  } catch {
    return nothing('no-mail');
  }
  const from = letter.from?.address?.toLowerCase();
  const { messageId } = letter;
  const found = calendarIn(letter.attachments);
  if (typeof found === 'string') return { from, messageId, message: undefined, problems: [found] };
  try {
    const message = readMessage(found.text);
    if (message.method !== found.method) {
      return { from, messageId, message: undefined, problems: ['methods-differ'] };
    }
    return { from, messageId, message, problems: [] };
  } catch (error) {
    if (!(error instanceof CalendarTextError)) throw error;
    return { from, messageId, message: undefined, problems: ['not-a-message'] };
  }
}

function calendarIn(attachments: readonly Attachment[]): { method: string; text: string } | ImipProblem {
  const calendars = attachments.filter(({ mimeType }) => mimeType === 'text/calendar');
  if (calendars.some((one) => bytesOf(one).byteLength > CALENDAR_AT_MOST)) return 'too-large';
  const texts = new Map(calendars.map((one) => [textOf(one), one]));
  // A file that a program added is no body of the letter, when there is one.
  const bodies = [...texts].filter(([, one]) => one.disposition !== 'attachment');
  const [only, ...more] = bodies.length > 0 ? bodies : [...texts];
  if (!only) return 'no-calendar';
  if (more.length > 0) return 'several-calendars';
  const [text] = only;
  const methods = calendars.filter((one) => textOf(one) === text).flatMap(({ method }) => method?.toUpperCase() ?? []);
  return methods[0] === undefined ? 'no-method' : { method: methods[0], text };
}

function bytesOf({ content }: Attachment): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
}

/** In UTF-8; what is none is read as what old programs write without saying so. */
function textOf(attachment: Attachment): string {
  const bytes = bytesOf(attachment);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\s+$/, '');
  } catch {
    return new TextDecoder('windows-1252').decode(bytes).replace(/\s+$/, '');
  }
}
