/** What clients may set on collections (PROPPATCH, MKCALENDAR, extended MKCOL), from XML to changes. */
import {
  APPLE,
  c,
  childOf,
  d,
  elementsOf,
  printXml,
  propertyResponse,
  type QName,
  s,
  textIn,
  type XmlElement,
  xml,
} from '../../../protocols/dav-xml.ts';
import { CalendarTextError, readCalendar, textOf, zoneOf } from '../../../protocols/icalendar/index.ts';
import type { CalendarChanges } from '../../usecases/calendars.ts';
import { CALENDAR } from './tables.ts';

/** One property to set, or with `value` undefined to remove. */
export interface Instruction {
  readonly name: QName;
  readonly value: XmlElement | undefined;
}

/** The instructions in a `propertyupdate`, or in what makes a collection, in their order. */
export function instructionsIn(root: XmlElement): Instruction[] {
  return elementsOf(root).flatMap((part) => {
    const prop = childOf(part, d('prop'));
    if (!prop || (part.name !== d('set') && part.name !== d('remove'))) return [];
    const isSet = part.name === d('set');
    return elementsOf(prop).map((element) => ({ name: element.name, value: isSet ? element : undefined }));
  });
}

/** What a calendar's instructions amount to; `refused` are those that cannot be followed, with the reason as XML. */
export interface Settled {
  readonly changes: CalendarChanges;
  readonly refused: ReadonlyMap<QName, string>;
}

const LONGEST_NAME = 255;
const LONGEST_TEXT = 4_096;
const DEAD_AT_MOST = 64;
const LONGEST_DEAD = 16_384;

export const PROTECTED = xml(d('cannot-modify-protected-property'));

export function settle(
  instructions: readonly Instruction[],
  before: { readonly deadProperties: Readonly<Record<string, string>>; readonly isNew: boolean },
): Settled {
  const changes: { -readonly [Key in keyof CalendarChanges]: CalendarChanges[Key] } = {};
  const dead: Record<string, string> = { ...before.deadProperties };
  const refused = new Map<QName, string>();
  for (const { name, value } of instructions) {
    const text = textIn(value);
    switch (name) {
      case d('displayname'):
        if (text === '' || text.length > LONGEST_NAME) refused.set(name, '');
        else changes.name = text;
        break;
      case c('calendar-description'):
        if (text.length > LONGEST_TEXT) refused.set(name, '');
        else changes.description = value ? text : null;
        break;
      case `{${APPLE}}calendar-color`:
        if (value && !/^[#\w() ,.%-]{1,64}$/.test(text)) refused.set(name, '');
        else changes.color = value ? text : null;
        break;
      case `{${APPLE}}calendar-order`:
        if (value && !/^-?\d{1,9}$/.test(text)) refused.set(name, '');
        else changes.sortOrder = value ? Number(text) : 0;
        break;
      case c('schedule-calendar-transp'):
        changes.isTransparent = value !== undefined && childOf(value, c('transparent')) !== undefined;
        break;
      case c('calendar-timezone'):
      case c('calendar-timezone-id'): {
        const zone = value && (name === c('calendar-timezone') ? zoneIn(text) : zoneOf(text));
        if (value && zone === undefined) refused.set(name, xml(c('valid-calendar-data')));
        else changes.timeZone = zone ?? null;
        break;
      }
      case c('supported-calendar-component-set'): {
        const named = value ? elementsOf(value).map(({ attributes }) => (attributes.name ?? '').toUpperCase()) : [];
        const kept = (['VEVENT', 'VTODO'] as const).filter((one) => named.includes(one));
        if (!before.isNew) refused.set(name, PROTECTED);
        else if (kept.length === 0) refused.set(name, xml(c('supported-calendar-component')));
        else changes.components = kept;
        break;
      }
      case d('resourcetype'):
        if (!before.isNew) refused.set(name, PROTECTED);
        break;
      default:
        if (isProtected(name)) refused.set(name, PROTECTED);
        else keepDead(dead, name, value, refused);
    }
  }
  if (JSON.stringify(dead) !== JSON.stringify(before.deadProperties)) changes.deadProperties = dead;
  return { changes, refused };
}

/** Keeps a property that we do not know, or forgets it; refuses what is too large or one too many. */
export function keepDead(
  dead: Record<string, string>,
  name: QName,
  value: XmlElement | undefined,
  refused: Map<QName, string>,
): void {
  if (!value) {
    delete dead[name];
    return;
  }
  const printed = printXml(value);
  const isOneTooMany = !(name in dead) && Object.keys(dead).length >= DEAD_AT_MOST;
  if (printed.length > LONGEST_DEAD || isOneTooMany) refused.set(name, '');
  else dead[name] = printed;
}

/** Live ones that nobody sets. */
const isProtected = (name: QName) =>
  name in CALENDAR ||
  name === d('getetag') ||
  name === d('getcontentlength') ||
  name === d('lockdiscovery') ||
  name === s('getctag');

/** The zone that a calendar of one definition names. */
export function zoneIn(text: string): string | undefined {
  try {
    const [definition, ...more] = readCalendar(text).getAllSubcomponents();
    if (definition?.name !== 'vtimezone' || more.length > 0) return undefined;
    const named = [textOf(definition, 'x-lic-location'), textOf(definition, 'tzid')];
    return named.map((name) => (name === null ? undefined : zoneOf(name))).find((zone) => zone !== undefined);
  } catch (error) {
    if (error instanceof CalendarTextError) return undefined;
    throw error;
  }
}

/** What became of each instruction: all done, or none, those that were in the way named (RFC 4918 §9.2.1). */
export function printSettled(
  path: string,
  instructions: readonly Instruction[],
  refused: ReadonlyMap<QName, string>,
): string {
  const names = [...new Set(instructions.map(({ name }) => name))];
  if (refused.size === 0) return propertyResponse(path, [[200, names.map((name) => xml(name)).join('')]]);
  const [bad, good] = [names.filter((name) => refused.has(name)), names.filter((name) => !refused.has(name))];
  return propertyResponse(path, [
    [403, bad.map((name) => xml(name)).join('')],
    [424, good.map((name) => xml(name)).join('')],
  ]);
}
