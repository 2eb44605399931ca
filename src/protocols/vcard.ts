/** vCards (RFC 2426, RFC 6350) as address books keep them: one each, with a UID and a name. */
import ICAL from 'ical.js';

/** Why a text is no contact. */
export class CardTextError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CardTextError';
  }
}

export interface ReadCard {
  readonly component: ICAL.Component;
  readonly uid: string;
  readonly fullName: string;
}

/** Reads one vCard, of version 3.0 or 4.0. @throws CardTextError. */
export function readCard(text: string): ReadCard {
  let parsed: unknown[];
  try {
    parsed = ICAL.parse(withParameterNames(text)) as unknown[];
  } catch (error) {
    throw new CardTextError(`This is no vCard: ${(error as Error).message}`);
  }
  // Several in one text come as a list of them.
  if (Array.isArray(parsed[0])) throw new CardTextError('A contact is one vCard; this holds several.');
  const component = new ICAL.Component(parsed as never);
  if (component.name !== 'vcard') throw new CardTextError('This holds no VCARD.');
  const version = textOf(component, 'version');
  if (version !== '3.0' && version !== '4.0') throw new CardTextError('A vCard is of version 3.0 or 4.0.');
  const uid = textOf(component, 'uid');
  if (uid === '') throw new CardTextError('A vCard needs a UID.');
  if (component.getAllProperties('uid').length > 1) throw new CardTextError('A vCard has one UID.');
  const fullName = textOf(component, 'fn');
  if (!component.hasProperty('fn')) throw new CardTextError('A vCard needs an FN.');
  return { component, uid, fullName };
}

/** Parameters of version 2.1, which programs still write without a name: `PHOTO;BASE64:`, `TEL;HOME:`. */
const withParameterNames = (text: string): string =>
  text.replace(
    /^((?:[\w-]+\.)?[\w-]+)((?:;[\w-]+(?:=(?:"[^"\r\n]*"|[^;:"\r\n]*))?)+):/gm,
    (_line, name, parameters: string) => {
      const named = parameters.replace(/;([\w-]+)(?=;|$)/g, (_one, value: string) =>
        /^(BASE64|QUOTED-PRINTABLE|B)$/i.test(value) ? ';ENCODING=b' : `;TYPE=${value}`,
      );
      return `${name}${named}:`;
    },
  );

const textOf = (component: ICAL.Component, name: string): string => {
  const value = component.getFirstPropertyValue(name);
  return value === null || value === undefined ? '' : String(value).trim();
};

/** What of a contact goes on its card. */
export interface NewCard {
  readonly uid: string;
  readonly fullName: string;
  readonly surname?: string | null;
  readonly givenName?: string | null;
  readonly addresses?: readonly string[];
  readonly phones?: readonly { readonly type: 'WORK' | 'CELL'; readonly number: string }[];
  readonly organisation?: string | null;
  readonly department?: string | null;
  readonly title?: string | null;
}

const escaped = (text: string) => text.replace(/\\/g, '\\\\').replace(/\r?\n/g, '\\n').replace(/,/g, '\\,');
/** In values of several parts, which semicolons divide. */
const part = (text: string) => escaped(text).replace(/;/g, '\\;');

/** A card of version 3.0, which every program reads. */
export function printCard(card: NewCard): string {
  const { surname, givenName, organisation, department, title } = card;
  const lines = [
    'BEGIN:VCARD',
    'VERSION:3.0',
    'PRODID:-//Entente//EN',
    `UID:${escaped(card.uid)}`,
    `FN:${escaped(card.fullName)}`,
    `N:${[surname ?? (givenName ? '' : card.fullName), givenName ?? '', '', '', ''].map(part).join(';')}`,
    ...(card.addresses ?? []).map(
      (address, n) => `EMAIL;TYPE=INTERNET,WORK${n === 0 ? ',PREF' : ''}:${escaped(address)}`,
    ),
    ...(card.phones ?? []).map(({ type, number }) => `TEL;TYPE=${type},VOICE:${escaped(number)}`),
    ...(organisation ? [`ORG:${[organisation, department ?? ''].map(part).join(';')}`] : []),
    ...(title ? [`TITLE:${escaped(title)}`] : []),
    'END:VCARD',
  ];
  return `${lines.map(fold).join('\r\n')}\r\n`;
}

/** Lines of at most 75 octets (RFC 2425 §5.8.1), never cut within a character. */
function fold(line: string): string {
  if (Buffer.byteLength(line) <= 75) return line;
  const parts: string[] = [];
  let next = '';
  for (const character of line) {
    if (Buffer.byteLength(next + character) > 74) {
      parts.push(next);
      next = '';
    }
    next += character;
  }
  return [...parts, next].join('\r\n ');
}

/** The card with some of its properties alone, each as it was sent, and what no card is without. `names` lower case. */
export function pickOfCard(text: string, names: ReadonlySet<string>): string {
  const kept = new Set([...names, 'begin', 'version', 'end']);
  let isWanted = true;
  const lines = text.split(/\r?\n/).filter((line) => {
    // A line that begins with white space goes on with the one before.
    if (!/^[ \t]/.test(line)) isWanted = kept.has(/^(?:[\w-]+\.)?([\w-]+)/.exec(line)?.[1]?.toLowerCase() ?? '');
    return isWanted && line !== '';
  });
  return `${lines.join('\r\n')}\r\n`;
}
