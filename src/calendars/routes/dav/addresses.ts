import { type Id, parseId } from '../../../kernel/ids.ts';
import type { AddressBookId } from '../../model/address-book.ts';
import type { CalendarId } from '../../model/calendar.ts';

/** What an address under `/dav/` names. Whether there is such a thing is not known yet. */
export type Place =
  | { readonly kind: 'root' }
  | { readonly kind: 'principals' }
  | { readonly kind: 'principal'; readonly ownerId: string }
  | { readonly kind: 'calendar-homes' }
  | { readonly kind: 'calendar-home'; readonly ownerId: string }
  | { readonly kind: 'inbox'; readonly ownerId: string }
  | { readonly kind: 'outbox'; readonly ownerId: string }
  | { readonly kind: 'message'; readonly ownerId: string; readonly name: string }
  | { readonly kind: 'calendar'; readonly ownerId: string; readonly slug: string }
  | { readonly kind: 'event'; readonly ownerId: string; readonly slug: string; readonly name: string }
  | { readonly kind: 'book-homes' }
  | { readonly kind: 'book-home'; readonly ownerId: string }
  | { readonly kind: 'book'; readonly ownerId: string; readonly slug: string }
  | { readonly kind: 'card'; readonly ownerId: string; readonly slug: string; readonly name: string };

export const ROOT = '/dav/';
const LONGEST_SEGMENT = 255;

/** Slugs that are no calendar's to have. */
const RESERVED: ReadonlySet<string> = new Set(['inbox', 'outbox', 'directory']);

/**
 * A calendar or an address book of somebody else, as it appears among the person's own: clients that look into one home alone see it there.
 */
const SHARED = /^shared-([0-9a-f-]{36})$/;
export const sharedSlug = (id: CalendarId | AddressBookId): string => `shared-${id}`;
export const sharedIdOf = <Kind extends string>(slug: string): Id<Kind> | undefined => {
  const found = SHARED.exec(slug)?.[1];
  return found === undefined ? undefined : parseId<Kind>(found);
};

/** A calendar or an address book of another organisation among the person's own, by what it is known as there. */
const ABROAD = /^abroad-([0-9a-f-]{36})$/;
export const abroadSlug = (id: string): string => `abroad-${id}`;
export const abroadIdOf = (slug: string): string | undefined => {
  const found = ABROAD.exec(slug)?.[1];
  return found === undefined ? undefined : parseId(found);
};

/** Slugs that a person's own calendar or address book cannot have. */
export const isReserved = (slug: string): boolean =>
  RESERVED.has(slug) || sharedIdOf(slug) !== undefined || abroadIdOf(slug) !== undefined;

/** Reads a path, or a whole address of this server. Undefined: it names nothing here, nor ever will. */
export function placeAt(address: string): Place | undefined {
  const path = pathOf(address);
  if (path === undefined || !path.startsWith(ROOT)) return undefined;
  const segments = segmentsOf(path.slice(ROOT.length));
  if (segments === undefined) return undefined;
  const [top, owner, slug, name, ...more] = segments;
  if (top === undefined) return { kind: 'root' };
  if (more.length > 0) return undefined;
  if (top === 'principals') {
    if (owner === undefined) return { kind: 'principals' };
    const ownerId = parseId(owner);
    return ownerId === undefined || slug !== undefined ? undefined : { kind: 'principal', ownerId };
  }
  const isBooks = top === 'addressbooks';
  if (!isBooks && top !== 'calendars') return undefined;
  if (owner === undefined) return { kind: isBooks ? 'book-homes' : 'calendar-homes' };
  const ownerId = parseId(owner);
  if (ownerId === undefined) return undefined;
  if (slug === undefined) return { kind: isBooks ? 'book-home' : 'calendar-home', ownerId };
  if (!isBooks && (slug === 'inbox' || slug === 'outbox')) {
    if (name === undefined) return { kind: slug, ownerId };
    return slug === 'inbox' ? { kind: 'message', ownerId, name } : undefined;
  }
  if (name === undefined) return { kind: isBooks ? 'book' : 'calendar', ownerId, slug };
  return { kind: isBooks ? 'card' : 'event', ownerId, slug, name };
}

/** The path of an address that a client sent: absolute paths and whole URLs alike (RFC 4918 §8.3). */
function pathOf(address: string): string | undefined {
  const trimmed = address.trim();
  if (trimmed.startsWith('/')) return trimmed.split(/[?#]/, 1)[0];
  return URL.canParse(trimmed) ? new URL(trimmed).pathname : undefined;
}

/** The decoded segments; undefined when one is no text, is too long, or climbs. */
function segmentsOf(path: string): string[] | undefined {
  const raw = path.replace(/\/$/, '');
  if (raw === '') return [];
  const segments: string[] = [];
  for (const part of raw.split('/')) {
    let text: string;
    try {
      text = decodeURIComponent(part);
    } catch {
      return undefined;
    }
    const isSafe = text !== '' && text !== '.' && text !== '..' && !text.includes('/') && !text.includes('\u0000');
    if (!isSafe || text.length > LONGEST_SEGMENT) return undefined;
    segments.push(text);
  }
  return segments;
}

/** A segment as other servers and clients write it: `@` and the like stay readable. */
const segment = (text: string) => encodeURIComponent(text).replaceAll('%40', '@').replaceAll('%3A', ':');

export const principalPath = (ownerId: string): string => `${ROOT}principals/${ownerId}/`;
export const calendarHomePath = (ownerId: string): string => `${ROOT}calendars/${ownerId}/`;
export const calendarPath = (ownerId: string, slug: string): string => `${calendarHomePath(ownerId)}${segment(slug)}/`;
export const inboxPath = (ownerId: string): string => `${calendarHomePath(ownerId)}inbox/`;
export const bookHomePath = (ownerId: string): string => `${ROOT}addressbooks/${ownerId}/`;
export const bookPath = (ownerId: string, slug: string): string => `${bookHomePath(ownerId)}${segment(slug)}/`;
/** In a collection's path. */
export const memberPath = (collection: string, name: string): string => collection + segment(name);

/** The name of what stands in the collection at `path`; undefined: an address names nothing, or something elsewhere. */
export function nameIn(path: string, address: string): string | undefined {
  const place = placeAt(address);
  switch (place?.kind) {
    case 'event':
      return calendarPath(place.ownerId, place.slug) === path ? place.name : undefined;
    case 'card':
      return bookPath(place.ownerId, place.slug) === path ? place.name : undefined;
    case 'message':
      return inboxPath(place.ownerId) === path ? place.name : undefined;
    default:
      return undefined;
  }
}
