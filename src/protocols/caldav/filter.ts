/** Filters of calendar-query (RFC 4791 §9.7) and addressbook-query (RFC 6352 §10.5): read from XML, held against text. */
import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { CALDAV, CARDDAV, childrenOf, elementsOf, partsOf, type QName, type XmlElement } from '../dav-xml.ts';
import { type CalendarObject, expand, type Instance, instanceOf, momentOf } from '../icalendar/index.ts';

export interface TimeRange {
  /** Null: without bound. One of the two is there. */
  readonly from: Date | null;
  readonly to: Date | null;
}

export interface TextMatch {
  readonly text: string;
  readonly collation: Collation;
  readonly kind: 'contains' | 'equals' | 'starts-with' | 'ends-with';
  readonly isNegated: boolean;
}

export interface ParameterFilter {
  readonly name: string;
  readonly isNotDefined: boolean;
  readonly match: TextMatch | undefined;
}

export interface PropertyFilter {
  readonly name: string;
  readonly isNotDefined: boolean;
  readonly range: TimeRange | undefined;
  readonly matches: readonly TextMatch[];
  readonly parameters: readonly ParameterFilter[];
  /** Whether one of its conditions is enough (CardDAV); in CalDAV all must hold. */
  readonly isAnyEnough: boolean;
}

export interface ComponentFilter {
  /** Upper case. */
  readonly name: string;
  readonly isNotDefined: boolean;
  readonly range: TimeRange | undefined;
  readonly properties: readonly PropertyFilter[];
  readonly components: readonly ComponentFilter[];
}

/** A filter that cannot be followed. `rule` is the precondition that it breaks (RFC 4791 §7.8). */
export class FilterError extends Error {
  readonly rule: 'valid-filter' | 'supported-filter' | 'supported-collation';

  constructor(rule: FilterError['rule'], message: string) {
    super(message);
    this.name = 'FilterError';
    this.rule = rule;
  }
}

const COLLATIONS = ['i;ascii-casemap', 'i;octet', 'i;unicode-casemap'] as const;
type Collation = (typeof COLLATIONS)[number];

/** The `filter` of a calendar-query. @throws FilterError. */
export function readCalendarFilter(filter: XmlElement): ComponentFilter {
  const [root, ...more] = childrenOf(filter, `{${CALDAV}}comp-filter`);
  if (!root || more.length > 0) throw new FilterError('valid-filter', 'A filter holds one comp-filter.');
  const read = readComponentFilter(root);
  if (read.name !== 'VCALENDAR') throw new FilterError('valid-filter', 'The outermost comp-filter is of VCALENDAR.');
  checkSense(read);
  return read;
}

/** What stands in what (RFC 5545 §3.6). Components that nobody has described may stand anywhere. */
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  VCALENDAR: ['VEVENT', 'VTODO', 'VJOURNAL', 'VFREEBUSY', 'VTIMEZONE', 'VAVAILABILITY'],
  VEVENT: ['VALARM', 'PARTICIPANT', 'VLOCATION', 'VRESOURCE'],
  VTODO: ['VALARM', 'PARTICIPANT', 'VLOCATION', 'VRESOURCE'],
  VJOURNAL: ['PARTICIPANT', 'VLOCATION', 'VRESOURCE'],
  VTIMEZONE: ['STANDARD', 'DAYLIGHT'],
  VAVAILABILITY: ['AVAILABLE'],
  VALARM: [],
};
const DESCRIBED = new Set([...Object.keys(INSIDE), ...Object.values(INSIDE).flat()]);
/** Those that take up time (RFC 4791 §9.9). */
const TIMED = new Set(['VEVENT', 'VTODO', 'VJOURNAL', 'VFREEBUSY', 'VALARM', 'VAVAILABILITY', 'AVAILABLE']);
/** Properties whose values are times. */
const DATED = new Set(
  'acknowledged completed created dtend dtstamp dtstart due exdate last-modified rdate recurrence-id trigger'.split(
    ' ',
  ),
);

/** @throws FilterError for what can match nothing by its form (RFC 4791 §7.8, valid-filter). */
function checkSense({ name, range, properties, components }: ComponentFilter): void {
  if (range && !TIMED.has(name)) throw new FilterError('valid-filter', `A ${name} takes up no time.`);
  for (const property of properties) {
    const isTime = DATED.has(property.name) || property.name.startsWith('x-');
    if (property.range && !isTime)
      throw new FilterError('valid-filter', `${property.name.toUpperCase()} holds no time.`);
  }
  for (const inner of components) {
    if (DESCRIBED.has(inner.name) && !(INSIDE[name] ?? []).includes(inner.name))
      throw new FilterError('valid-filter', `There is no ${inner.name} in a ${name}.`);
    checkSense(inner);
  }
}

function readComponentFilter(element: XmlElement): ComponentFilter {
  const filter: { -readonly [Key in keyof ComponentFilter]: ComponentFilter[Key] } = {
    name: nameOf(element).toUpperCase(),
    isNotDefined: false,
    range: undefined,
    properties: [],
    components: [],
  };
  for (const part of elementsOf(element)) {
    switch (localOf(part.name)) {
      case 'is-not-defined':
        filter.isNotDefined = true;
        break;
      case 'time-range':
        filter.range = readTimeRange(part);
        break;
      case 'comp-filter':
        filter.components = [...filter.components, readComponentFilter(part)];
        break;
      case 'prop-filter':
        filter.properties = [...filter.properties, readPropertyFilter(part)];
        break;
      default:
        throw new FilterError('supported-filter', `A filter of ${localOf(part.name)} is not supported.`);
    }
  }
  return filter;
}

/** One `prop-filter`, of either kind. */
export function readPropertyFilter(element: XmlElement): PropertyFilter {
  const filter: { -readonly [Key in keyof PropertyFilter]: PropertyFilter[Key] } = {
    name: nameOf(element).toLowerCase(),
    isNotDefined: false,
    range: undefined,
    matches: [],
    parameters: [],
    isAnyEnough: partsOf(element.name).namespace === CARDDAV && element.attributes.test !== 'allof',
  };
  for (const part of elementsOf(element)) {
    switch (localOf(part.name)) {
      case 'is-not-defined':
        filter.isNotDefined = true;
        break;
      case 'time-range':
        filter.range = readTimeRange(part);
        break;
      case 'text-match':
        filter.matches = [...filter.matches, readTextMatch(part)];
        break;
      case 'param-filter': {
        const inside = elementsOf(part);
        const match = inside.find(({ name }) => localOf(name) === 'text-match');
        filter.parameters = [
          ...filter.parameters,
          {
            name: nameOf(part).toLowerCase(),
            isNotDefined: inside.some(({ name }) => localOf(name) === 'is-not-defined'),
            match: match && readTextMatch(match),
          },
        ];
        break;
      }
      default:
        throw new FilterError('supported-filter', `A filter of ${localOf(part.name)} is not supported.`);
    }
  }
  return filter;
}

function readTextMatch(element: XmlElement): TextMatch {
  const { collation = '', 'negate-condition': negate = 'no', 'match-type': kind = 'contains' } = element.attributes;
  const isBook = partsOf(element.name).namespace === CARDDAV;
  const wanted =
    collation === '' || collation === 'default' ? (isBook ? 'i;unicode-casemap' : 'i;ascii-casemap') : collation;
  if (!isCollation(wanted)) throw new FilterError('supported-collation', `The collation "${collation}" is not known.`);
  if (!isMatchKind(kind)) throw new FilterError('valid-filter', `There is no match-type "${kind}".`);
  // White space counts: a client looks for what its user typed.
  const text = element.children.filter((child) => typeof child === 'string').join('');
  return { text, collation: wanted, kind, isNegated: negate === 'yes' };
}

/** A `time-range`, or the like of it in calendar-data. @throws FilterError when it is none. */
export function readTimeRange({ attributes: { start, end } }: XmlElement): TimeRange {
  const [from, to] = [start, end].map((text) => (text === undefined ? null : utcOf(text)));
  if (from === undefined || to === undefined || (from === null && to === null)) {
    throw new FilterError('valid-filter', 'A time range has a start or an end in UTC, as 20260504T070000Z.');
  }
  if (from && to && from >= to) throw new FilterError('valid-filter', 'A time range ends after it starts.');
  return { from, to };
}

function utcOf(text: string): Date | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return Number.isNaN(at.getTime()) || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day ? undefined : at;
}

const localOf = (name: QName) => partsOf(name).local;
const isCollation = (name: string): name is Collation => (COLLATIONS as readonly string[]).includes(name);
const isMatchKind = (kind: string): kind is TextMatch['kind'] =>
  ['contains', 'equals', 'starts-with', 'ends-with'].includes(kind);

function nameOf({ attributes, name }: XmlElement): string {
  const named = attributes.name;
  if (!named) throw new FilterError('valid-filter', `A ${localOf(name)} needs a name.`);
  return named;
}

/** What of a filter the times that are kept can answer alone: one kind of component, and perhaps a time. */
export interface Simple {
  readonly component: string | undefined;
  readonly range: TimeRange | undefined;
  /** Whether that is the whole filter. */
  readonly isAll: boolean;
}

/** The part of a filter that narrows the candidates before anybody reads a text. */
export function simplify(filter: ComponentFilter): Simple {
  const [inner, ...others] = filter.components.filter(({ isNotDefined }) => !isNotDefined);
  const isPlain = filter.properties.length === 0 && filter.components.length <= 1 && !filter.isNotDefined;
  if (!inner) return { component: undefined, range: undefined, isAll: isPlain && filter.components.length === 0 };
  const isAll =
    isPlain &&
    others.length === 0 &&
    inner.properties.length === 0 &&
    inner.components.length === 0 &&
    (inner.range === undefined || inner.name === 'VEVENT');
  return { component: inner.name, range: inner.name === 'VEVENT' ? inner.range : undefined, isAll };
}

/** As far as anybody's calendar goes. */
const EARLIEST = Temporal.Instant.from('0001-01-01T00:00:00Z');
const LATEST = Temporal.Instant.from('9000-01-01T00:00:00Z');
/** To tell whether there is one instance, a few are enough; those that exceptions replaced do not count. */
const LOOKED_AT = 1_000;

/** Whether an object passes a filter. Dates and floating times are read in `ownerZone`. */
export function passes(object: CalendarObject, filter: ComponentFilter, ownerZone: string): boolean {
  if (filter.isNotDefined) return false;
  return (
    filter.properties.every((one) => passesProperty(object.calendar, one, ownerZone)) &&
    filter.components.every((one) => passesTop(object, one, ownerZone))
  );
}

function passesTop(object: CalendarObject, filter: ComponentFilter, ownerZone: string): boolean {
  const parts = object.calendar.getAllSubcomponents(filter.name.toLowerCase());
  if (filter.isNotDefined) return parts.length === 0;
  const within = filter.range && componentsWithin(object, filter.range, ownerZone);
  return parts.some(
    (part) =>
      (within === undefined || within.has(part)) &&
      filter.properties.every((one) => passesProperty(part, one, ownerZone)) &&
      filter.components.every((one) => passesInner(object, part, one, ownerZone)),
  );
}

/** Alarms, mostly. */
function passesInner(
  object: CalendarObject,
  parent: ICAL.Component,
  filter: ComponentFilter,
  ownerZone: string,
): boolean {
  const parts = parent.getAllSubcomponents(filter.name.toLowerCase());
  if (filter.isNotDefined) return parts.length === 0;
  return parts.some(
    (part) =>
      (filter.range === undefined || ringsWithin(object, parent, part, filter.range, ownerZone)) &&
      filter.properties.every((one) => passesProperty(part, one, ownerZone)) &&
      filter.components.every((one) => passesInner(object, part, one, ownerZone)),
  );
}

const instant = (at: Date | null, otherwise: Temporal.Instant) =>
  at === null ? otherwise : Temporal.Instant.fromEpochMilliseconds(at.getTime());

/** The components of an object that stand in a time, by themselves or by an instance. */
function componentsWithin(object: CalendarObject, range: TimeRange, ownerZone: string): Set<ICAL.Component> {
  if (object.component === 'VTODO') {
    const parts = [...(object.master ? [object.master] : []), ...object.exceptions];
    return new Set(parts.filter((part) => taskIsWithin(object, part, range, ownerZone)));
  }
  return new Set(instancesWithin(object, range, ownerZone).map(({ component }) => component));
}

function instancesWithin(object: CalendarObject, range: TimeRange, ownerZone: string): readonly Instance[] {
  const asked = { from: instant(range.from, EARLIEST), to: instant(range.to, LATEST), ownerZone, limit: LOOKED_AT };
  return expand(object, asked).instances;
}

/** RFC 4791 §9.9, the table of VTODO. A task without any time stands in every time. */
function taskIsWithin(object: CalendarObject, task: ICAL.Component, range: TimeRange, ownerZone: string): boolean {
  const at = (name: string) => {
    const property = task.getFirstProperty(name);
    return property ? momentOf(property, ownerZone).at.epochMilliseconds : undefined;
  };
  const from = range.from?.getTime() ?? Number.NEGATIVE_INFINITY;
  const to = range.to?.getTime() ?? Number.POSITIVE_INFINITY;
  const [start, due, completed, created] = [at('dtstart'), at('due'), at('completed'), at('created')];
  if (start !== undefined) {
    if (task === object.master && task.hasProperty('rrule'))
      return instancesWithin(object, range, ownerZone).length > 0;
    const end =
      due ?? (task.hasProperty('duration') ? instanceOf(task, ownerZone, '').end.epochMilliseconds : undefined);
    if (end === undefined || end === start) return from <= start && to > start;
    return (from < end || from <= start) && (to > start || to >= end);
  }
  if (due !== undefined) return from < due && to >= due;
  if (completed !== undefined && created !== undefined) {
    return (from <= created || from <= completed) && (to >= created || to >= completed);
  }
  if (completed !== undefined) return from <= completed && to >= completed;
  return created === undefined || to > created;
}

/** Whether an alarm goes off in a time, for any instance of what it belongs to. */
function ringsWithin(
  object: CalendarObject,
  parent: ICAL.Component,
  alarm: ICAL.Component,
  range: TimeRange,
  ownerZone: string,
): boolean {
  const trigger = alarm.getFirstProperty('trigger');
  const value = trigger?.getFirstValue();
  const from = range.from?.getTime() ?? Number.NEGATIVE_INFINITY;
  const to = range.to?.getTime() ?? Number.POSITIVE_INFINITY;
  const every = alarm.getFirstPropertyValue('duration');
  const again = Math.min(Number(alarm.getFirstPropertyValue('repeat') ?? 0), 100);
  const step = every instanceof ICAL.Duration ? every.toSeconds() * 1000 : 0;
  const rings = (first: number) =>
    Array.from({ length: again + 1 }, (_, n) => first + n * step).some((at) => at >= from && at < to);
  if (trigger && value instanceof ICAL.Time) return rings(momentOf(trigger, ownerZone).at.epochMilliseconds);
  if (!(value instanceof ICAL.Duration)) return false;
  const offset = value.toSeconds() * 1000;
  const isOfEnd = String(trigger?.getFirstParameter('related') ?? '').toUpperCase() === 'END';
  if (!parent.hasProperty('dtstart')) {
    // A task that is due and never begins is one in time.
    const due = parent.getFirstProperty('due');
    return due !== null && isOfEnd && rings(momentOf(due, ownerZone).at.epochMilliseconds + offset);
  }
  const reach = Math.abs(offset) + again * step + 86_400_000;
  const around = {
    from: Number.isFinite(from) ? new Date(from - reach) : null,
    to: Number.isFinite(to) ? new Date(to + reach) : null,
  };
  return instancesWithin(object, around, ownerZone).some(
    ({ component, start, end }) => component === parent && rings((isOfEnd ? end : start).epochMilliseconds + offset),
  );
}

/** Whether a component has a property that passes, or has none where none is wanted. */
export function passesProperty(component: ICAL.Component, filter: PropertyFilter, ownerZone: string): boolean {
  const properties = component.getAllProperties(filter.name);
  if (filter.isNotDefined) return properties.length === 0;
  return properties.some((property) => {
    const tests = [
      ...(filter.range === undefined ? [] : [() => standsWithin(property, filter.range!, ownerZone)]),
      ...filter.matches.map((match) => () => matchesText(textOfProperty(property), match)),
      ...filter.parameters.map((one) => () => passesParameter(property, one)),
    ];
    if (tests.length === 0) return true;
    return filter.isAnyEnough ? tests.some((test) => test()) : tests.every((test) => test());
  });
}

const textOfProperty = (property: ICAL.Property): string =>
  property
    .getValues()
    .map((value) => (Array.isArray(value) ? value.flat().join(';') : String(value)))
    .join(',');

function standsWithin(property: ICAL.Property, { from, to }: TimeRange, ownerZone: string): boolean {
  if (!(property.getFirstValue() instanceof ICAL.Time)) return false;
  const at = momentOf(property, ownerZone).at.epochMilliseconds;
  return at >= (from?.getTime() ?? Number.NEGATIVE_INFINITY) && at < (to?.getTime() ?? Number.POSITIVE_INFINITY);
}

function passesParameter(property: ICAL.Property, filter: ParameterFilter): boolean {
  const value = property.getParameter(filter.name) as string | string[] | undefined;
  if (filter.isNotDefined) return value === undefined;
  if (value === undefined) return false;
  const { match } = filter;
  return match === undefined || [value].flat().some((one) => matchesText(one, match));
}

/** RFC 4791 §7.5.1 and RFC 6352 §10.5.4. */
export function matchesText(text: string, { text: wanted, collation, kind, isNegated }: TextMatch): boolean {
  const [in_, of] = [fold(text, collation), fold(wanted, collation)];
  const found =
    kind === 'equals'
      ? in_ === of
      : kind === 'starts-with'
        ? in_.startsWith(of)
        : kind === 'ends-with'
          ? in_.endsWith(of)
          : in_.includes(of);
  return found !== isNegated;
}

function fold(text: string, collation: Collation): string {
  if (collation === 'i;octet') return text;
  if (collation === 'i;ascii-casemap') return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return text.normalize('NFKC').toLowerCase();
}
