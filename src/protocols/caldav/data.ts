/** What of an object a client wants (`calendar-data`, RFC 4791 §9.6): parts of it, or its instances in a time. */
import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { CALDAV, childOf, childrenOf, elementsOf, partsOf, type XmlElement } from '../dav-xml.ts';
import {
  type CalendarObject,
  expand,
  type Instance,
  momentOf,
  objectOf,
  printCalendar,
  readCalendar,
} from '../icalendar/index.ts';
import { FilterError, readTimeRange, type TimeRange } from './filter.ts';

/** Which properties and components are wanted; `all` where nothing was said. */
interface Wanted {
  readonly properties: ReadonlyMap<string, { readonly hasValue: boolean }> | 'all';
  readonly components: ReadonlyMap<string, Wanted> | 'all';
}

export interface DataRequest {
  readonly expand: TimeRange | undefined;
  readonly limit: TimeRange | undefined;
  readonly wanted: Wanted | undefined;
}

const name = (local: string) => `{${CALDAV}}${local}` as const;

/** Whether a client asks for a form that calendar data is not told in. */
export const isOtherForm = ({ attributes }: XmlElement): boolean =>
  (attributes['content-type'] ?? 'text/calendar') !== 'text/calendar' || (attributes.version ?? '2.0') !== '2.0';

/** @throws FilterError for a time range that is none. */
export function readDataRequest(element: XmlElement): DataRequest {
  const range = (local: string) => {
    const found = childOf(element, name(local));
    const read = found && readTimeRange(found);
    if (read && (read.from === null || read.to === null)) {
      throw new FilterError('valid-filter', `${local} needs a start and an end.`);
    }
    return read;
  };
  const comp = childOf(element, name('comp'));
  return { expand: range('expand'), limit: range('limit-recurrence-set'), wanted: comp && readWanted(comp) };
}

function readWanted(comp: XmlElement): Wanted {
  const has = (local: string) => childOf(comp, name(local)) !== undefined;
  const properties = childrenOf(comp, name('prop')).map(
    ({ attributes }) => [(attributes.name ?? '').toLowerCase(), { hasValue: attributes.novalue !== 'yes' }] as const,
  );
  const components = elementsOf(comp)
    .filter((child) => partsOf(child.name).local === 'comp')
    .map((child) => [(child.attributes.name ?? '').toLowerCase(), readWanted(child)] as const);
  return {
    properties: has('allprop') || (properties.length === 0 && components.length === 0) ? 'all' : new Map(properties),
    components: has('allcomp') || (properties.length === 0 && components.length === 0) ? 'all' : new Map(components),
  };
}

/** Whether the text goes out as it is kept. */
export const isWhole = ({ expand: time, limit, wanted }: DataRequest): boolean => !time && !limit && !wanted;

/** An object's text as it was asked for. Dates and floating times are read in `ownerZone`. */
export function shapeData(content: string, request: DataRequest, ownerZone: string): string {
  if (isWhole(request)) return content;
  let calendar = readCalendar(content);
  // What a message says of a time is not to be told from what it leaves out.
  const isMessage = calendar.hasProperty('method');
  if (request.expand && !isMessage) calendar = expanded(objectOf(calendar), request.expand, ownerZone);
  else if (request.limit && !isMessage) limit(objectOf(calendar), request.limit, ownerZone);
  if (request.wanted) calendar = pick(calendar, request.wanted);
  return printCalendar(calendar);
}

const INSTANCES_AT_MOST = 5_000;

const within = (range: TimeRange, ownerZone: string) => ({
  from: Temporal.Instant.fromEpochMilliseconds(range.from!.getTime()),
  to: Temporal.Instant.fromEpochMilliseconds(range.to!.getTime()),
  ownerZone,
  limit: INSTANCES_AT_MOST,
});

/** Each instance as an event of its own, in UTC, so that no rule and no zone need be understood (§9.6.5). */
function expanded(object: CalendarObject, range: TimeRange, ownerZone: string): ICAL.Component {
  const told = new ICAL.Component('vcalendar');
  for (const property of object.calendar.getAllProperties()) {
    told.addProperty(new ICAL.Property(property.toJSON()));
  }
  if (object.component === 'VTODO' && !object.master?.hasProperty('dtstart')) {
    for (const part of object.calendar.getAllSubcomponents('vtodo')) told.addSubcomponent(copy(part));
    return told;
  }
  for (const instance of expand(object, within(range, ownerZone)).instances) {
    told.addSubcomponent(instanceAlone(instance, ownerZone));
  }
  return told;
}

const copy = (component: ICAL.Component) => new ICAL.Component(structuredClone(component.toJSON()));

function instanceAlone({ component, recurrenceId, start, end, isAllDay }: Instance, ownerZone: string): ICAL.Component {
  const alone = copy(component);
  for (const rule of ['rrule', 'rdate', 'exdate', 'exrule', 'recurrence-id']) alone.removeAllProperties(rule);
  const time = (at: Temporal.ZonedDateTime) => {
    if (isAllDay) {
      const day = at.toPlainDate();
      return date(day.year, day.month, day.day);
    }
    return utc(at);
  };
  set(alone, 'dtstart', time(start));
  for (const ending of ['dtend', 'due']) if (alone.hasProperty(ending)) set(alone, ending, time(end));
  if (recurrenceId !== '') {
    const isDate = recurrenceId.length === 8;
    set(alone, 'recurrence-id', isDate ? dateFromKey(recurrenceId) : utcFromKey(recurrenceId));
  }
  for (const other of alone.getAllProperties()) {
    if (!(other.getFirstValue() instanceof ICAL.Time) || other.getFirstParameter('tzid') === undefined) continue;
    const moment = momentOf(other, ownerZone);
    if (!moment.isDate) set(alone, other.name, utc(moment.at));
  }
  return alone;
}

const date = (year: number, month: number, day: number) =>
  new ICAL.Time({ year, month, day, isDate: true }, ICAL.Timezone.localTimezone);
const dateFromKey = (key: string) => date(Number(key.slice(0, 4)), Number(key.slice(4, 6)), Number(key.slice(6, 8)));
const utcFromKey = (key: string) =>
  utc(
    Temporal.Instant.from(
      key.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
    ).toZonedDateTimeISO('UTC'),
  );

function utc(at: Temporal.ZonedDateTime): ICAL.Time {
  const { year, month, day, hour, minute, second } = at.withTimeZone('UTC');
  return new ICAL.Time({ year, month, day, hour, minute, second, isDate: false }, ICAL.Timezone.utcTimezone);
}

function set(component: ICAL.Component, property: string, value: ICAL.Time): void {
  component.removeAllProperties(property);
  const made = new ICAL.Property(property);
  if (value.isDate) made.resetType('date');
  made.setValue(value);
  component.addProperty(made);
}

/** Leaves out the exceptions that neither stand in a time nor stood there before they were moved (§9.6.6). */
function limit(object: CalendarObject, range: TimeRange, ownerZone: string): void {
  const asked = within(range, ownerZone);
  const [from, to] = [asked.from.epochMilliseconds, asked.to.epochMilliseconds];
  const standing = new Set(expand(object, asked).instances.map(({ component }) => component));
  for (const exception of object.exceptions) {
    const original = exception.getFirstProperty('recurrence-id');
    const at = original ? momentOf(original, ownerZone).at.epochMilliseconds : undefined;
    const stood = at !== undefined && at >= from && at < to;
    if (!stood && !standing.has(exception)) object.calendar.removeSubcomponent(exception);
  }
}

function pick(component: ICAL.Component, { properties, components }: Wanted): ICAL.Component {
  const told = new ICAL.Component(component.name);
  for (const property of component.getAllProperties()) {
    const wanted = properties === 'all' ? { hasValue: true } : properties.get(property.name);
    if (!wanted) continue;
    const kept = new ICAL.Property(structuredClone(property.toJSON()));
    if (!wanted.hasValue) kept.setValue('');
    told.addProperty(kept);
  }
  for (const part of component.getAllSubcomponents()) {
    const wanted = components === 'all' ? ALL : components.get(part.name);
    if (wanted) told.addSubcomponent(pick(part, wanted));
  }
  return told;
}

const ALL: Wanted = { properties: 'all', components: 'all' };
