import {
  c,
  d,
  elementsOf,
  propertyResponse,
  type QName,
  readXml,
  type XmlElement,
  XmlError,
  xml,
} from '../../../protocols/dav-xml.ts';
import { davFaults } from './faults.ts';

/** What a kind of resource tells of itself: each answers the printed inside of its element, undefined for none. */
export type PropertyTable<T> = Readonly<Record<QName, (of: T) => string | undefined>>;

/** One resource as it is described in an answer. */
export interface Described<T = never> {
  readonly path: string;
  readonly table: PropertyTable<T>;
  readonly of: T;
  /** Properties that clients keep there, printed. */
  readonly dead?: Readonly<Record<string, string>> | undefined;
}

/** Which properties somebody wants. */
export interface Asked {
  readonly kind: 'prop' | 'allprop' | 'propname';
  readonly names: readonly QName[];
  /** The elements that named them, for those that say more (`calendar-data`). */
  readonly elements: ReadonlyMap<QName, XmlElement>;
  /** RFC 8144: what is missing is not mentioned. */
  readonly isMinimal: boolean;
}

/** What `allprop` answers (RFC 4918 §9.1): what is cheap and in that document; the rest is asked for by name. */
const ALLPROP: readonly QName[] = [
  d('resourcetype'),
  d('displayname'),
  d('creationdate'),
  d('getlastmodified'),
  d('getetag'),
  d('getcontenttype'),
  d('getcontentlength'),
];

/** @throws request.invalid for what is no XML. */
export function readBody(body: string | undefined): XmlElement | undefined {
  if (body === undefined || body.trim() === '') return undefined;
  try {
    return readXml(body);
  } catch (error) {
    if (error instanceof XmlError) throw davFaults.notXml(error.message);
    throw error;
  }
}

/** The wish in a PROPFIND or a report: `prop`, `allprop` or `propname` among its children. Nothing said is `allprop`. */
export function askedIn(root: XmlElement | undefined, headers: Readonly<Record<string, unknown>>): Asked {
  const isMinimal = isMinimalWanted(headers);
  const parts = root ? elementsOf(root) : [];
  const prop = parts.find(({ name }) => name === d('prop'));
  if (prop) {
    const elements = new Map(elementsOf(prop).map((element) => [element.name, element]));
    return { kind: 'prop', names: [...elements.keys()], elements, isMinimal };
  }
  if (parts.some(({ name }) => name === d('propname'))) {
    return { kind: 'propname', names: [], elements: new Map(), isMinimal };
  }
  const included = parts.find(({ name }) => name === d('include'));
  const elements = new Map((included ? elementsOf(included) : []).map((element) => [element.name, element]));
  return { kind: 'allprop', names: [...new Set([...ALLPROP, ...elements.keys()])], elements, isMinimal };
}

/** @throws dav.bad-request for a PROPFIND whose body is none, or wants two things at once (RFC 4918 §14.20). */
export function checkPropfind(root: XmlElement | undefined): void {
  if (!root) return;
  const wishes = elementsOf(root).filter(({ name }) => WISHES.includes(name));
  if (root.name !== d('propfind') || wishes.length !== 1) {
    throw davFaults.badRequest('A propfind holds one of prop, allprop and propname.');
  }
}
const WISHES: readonly QName[] = [d('prop'), d('allprop'), d('propname')];

/** `Prefer: return=minimal` (RFC 8144), and its forerunner `Brief: t`. */
export const isMinimalWanted = (headers: Readonly<Record<string, unknown>>): boolean =>
  /\breturn=minimal\b/i.test(String(headers.prefer ?? '')) || String(headers.brief ?? '').toLowerCase() === 't';

/** Whether any of the properties is asked for. */
export const asksFor = (asked: Asked, ...names: readonly QName[]): boolean =>
  asked.kind === 'propname' ? false : names.some((name) => asked.names.includes(name));

/** One resource with what was asked of it. */
export function describe<T>({ path, table, of, dead }: Described<T>, asked: Asked): string {
  if (asked.kind === 'propname') {
    const live = (Object.keys(table) as QName[]).filter((name) => table[name]?.(of) !== undefined);
    const names = [...live, ...(Object.keys(dead ?? {}) as QName[])];
    return propertyResponse(path, [[200, names.map((name) => xml(name)).join('')]]);
  }
  let found = '';
  let missing = '';
  for (const name of asked.names) {
    const live = table[name];
    const value = live?.(of);
    if (value !== undefined) found += xml(name, value);
    else if (!live && dead?.[name] !== undefined) found += dead[name];
    else if (asked.kind === 'prop' && !asked.isMinimal) missing += xml(name);
  }
  if (asked.kind === 'allprop' && dead) {
    for (const [name, printed] of Object.entries(dead)) if (!asked.names.includes(name as QName)) found += printed;
  }
  return propertyResponse(path, [
    [200, found],
    [404, missing],
  ]);
}

/** The values of those properties that were asked for and are there. */
export function propertiesOf<T>({ table, of }: Described<T>, asked: Asked): Map<QName, string> {
  const values = asked.names.map((name) => [name, table[name]?.(of)] as const);
  return new Map(values.filter((one): one is readonly [QName, string] => one[1] !== undefined));
}

export const collection = (...more: readonly QName[]): string =>
  xml(d('collection')) + more.map((one) => xml(one)).join('');

export const privileges = (names: readonly QName[]): string =>
  names.map((name) => xml(d('privilege'), xml(name))).join('');

export const READING: readonly QName[] = [d('read'), d('read-current-user-privilege-set')];
export const EVERYTHING: readonly QName[] = [
  d('all'),
  d('read'),
  d('write'),
  d('write-properties'),
  d('write-content'),
  d('bind'),
  d('unbind'),
  d('read-acl'),
  d('read-current-user-privilege-set'),
  c('read-free-busy'),
];

export const reports = (names: readonly QName[]): string =>
  names.map((name) => xml(d('supported-report'), xml(d('report'), xml(name)))).join('');

/** RFC 9110 §5.6.7. */
export const httpDate = (at: Date): string => at.toUTCString();
