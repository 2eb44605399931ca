import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import {
  type CalendarObject,
  definitionOf,
  expand,
  type Instance,
  instanceOf,
  keyOf,
  momentOf,
  repeats,
  zoneOf,
} from '../../protocols/icalendar/index.ts';
import { INSTANCES_AT_MOST } from './occurrence.ts';

/** A time as somebody wrote it: by a clock in a zone, or a date. */
export interface WrittenTime {
  readonly clock: Temporal.PlainDateTime;
  /** An IANA name. */
  readonly zone: string;
  readonly isDate: boolean;
}

/** Puts a time in a component in place of the one of that name. Its zone's definition comes with `completeZones`. */
export function writeTime(component: ICAL.Component, name: string, { clock, zone, isDate }: WrittenTime): void {
  component.removeAllProperties(name);
  const property = new ICAL.Property(name);
  const isUtc = zone === 'UTC' && !isDate;
  if (isDate) property.resetType('date');
  property.setValue(icalTime(clock, isDate, isUtc));
  if (!isDate && !isUtc) property.setParameter('tzid', zone);
  component.addProperty(property);
}

const icalTime = (
  { year, month, day, hour, minute, second }: Temporal.PlainDateTime,
  isDate: boolean,
  isUtc: boolean,
) =>
  isDate
    ? ICAL.Time.fromData({ year, month, day, isDate: true })
    : ICAL.Time.fromData(
        { year, month, day, hour, minute, second, isDate: false },
        isUtc ? ICAL.Timezone.utcTimezone : ICAL.Timezone.localTimezone,
      );

/** Gives a calendar the definition of every zone that it names and knows nothing of (RFC 5545 §3.2.19). */
export function completeZones(calendar: ICAL.Component): void {
  const defined = new Set(calendar.getAllSubcomponents('vtimezone').map((one) => one.getFirstPropertyValue('tzid')));
  for (const part of calendar.getAllSubcomponents()) {
    for (const property of part.getAllProperties()) {
      const name = property.getFirstParameter('tzid') as string | undefined;
      if (name === undefined || defined.has(name)) continue;
      defined.add(name);
      const zone = zoneOf(name);
      const definition = zone === undefined ? undefined : definitionOf(zone);
      if (!definition) continue;
      definition.updatePropertyWithValue('tzid', name);
      calendar.addSubcomponent(definition);
    }
  }
}

/** The exception that stands for one instance of a series. */
export const exceptionOf = (
  { exceptions }: CalendarObject,
  recurrenceId: string,
  ownerZone: string,
): ICAL.Component | undefined =>
  exceptions.find((one) => {
    const property = one.getFirstProperty('recurrence-id');
    return property && keyOf(momentOf(property, ownerZone)) === recurrenceId;
  });

/** The keys of the instances that differ from the series. */
export const exceptionKeys = ({ exceptions }: CalendarObject, ownerZone: string): string[] =>
  exceptions
    .map((one) => one.getFirstProperty('recurrence-id'))
    .filter((property) => property !== null)
    .map((property) => keyOf(momentOf(property, ownerZone)));

/** One instance by its key; undefined when the series has none there. */
export function findInstance(object: CalendarObject, recurrenceId: string, ownerZone: string): Instance | undefined {
  const exception = exceptionOf(object, recurrenceId, ownerZone);
  if (exception) return instanceOf(exception, ownerZone, recurrenceId);
  if (!object.master || !repeats(object.master)) return undefined;
  const from = instantOfKey(recurrenceId, ownerZone);
  if (!from) return undefined;
  const { instances } = expand(object, { from, to: from.add({ seconds: 1 }), ownerZone, limit: INSTANCES_AT_MOST });
  return instances.find((one) => one.recurrenceId === recurrenceId);
}

/** When an instance was meant to begin. Its key is a date or a moment in UTC (`20260504`, `20260504T070000Z`). */
export function instantOfKey(recurrenceId: string, ownerZone: string): Temporal.Instant | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z)?$/.exec(recurrenceId);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second] = found;
  try {
    if (hour === undefined) {
      return Temporal.PlainDate.from(`${year}-${month}-${day}`).toZonedDateTime(ownerZone).toInstant();
    }
    return Temporal.Instant.from(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  } catch {
    return undefined;
  }
}

/** What belongs to the series and not to one instance of it. */
const OF_THE_SERIES = ['rrule', 'rdate', 'exdate', 'exrule', 'recurrence-id'] as const;

/** The exception for an instance, made from the series when there is none yet. */
export function ensureException(object: CalendarObject, instance: Instance, ownerZone: string): ICAL.Component {
  const known = exceptionOf(object, instance.recurrenceId, ownerZone);
  if (known) return known;
  const master = object.master as ICAL.Component;
  const exception = new ICAL.Component(structuredClone(master.toJSON()) as never[]);
  for (const name of OF_THE_SERIES) exception.removeAllProperties(name);
  const start = master.getFirstProperty('dtstart') as ICAL.Property;
  exception.addProperty(timeLike(start, 'recurrence-id', instance.start));
  exception.removeAllProperties('dtstart');
  exception.addProperty(timeLike(start, 'dtstart', instance.start));
  const end = master.getFirstProperty('dtend');
  if (end) {
    exception.removeAllProperties('dtend');
    const zone = momentOf(end, ownerZone).at.timeZoneId;
    exception.addProperty(timeLike(end, 'dtend', instance.end.withTimeZone(zone)));
  }
  object.calendar.addSubcomponent(exception);
  return exception;
}

/** Takes one instance out of a series (RFC 5545 §3.8.5.1). */
export function excludeInstance(object: CalendarObject, instance: Instance, ownerZone: string): void {
  const exception = exceptionOf(object, instance.recurrenceId, ownerZone);
  if (exception) object.calendar.removeSubcomponent(exception);
  const { master } = object;
  if (!master) return;
  const start = master.getFirstProperty('dtstart') as ICAL.Property;
  const at = instantOfKey(instance.recurrenceId, ownerZone) as Temporal.Instant;
  const { at: first } = momentOf(start, ownerZone);
  master.addProperty(timeLike(start, 'exdate', at.toZonedDateTimeISO(first.timeZoneId)));
}

/** Takes away what is said of instances that a series no longer has. What was said of the others stands. */
export function forgetGoneExceptions(object: CalendarObject, ownerZone: string): void {
  const { calendar, master, exceptions } = object;
  if (!master) return;
  const bare = new ICAL.Component(structuredClone(master.toJSON()) as never[]);
  bare.removeAllProperties('exdate');
  const isThere = (key: string) =>
    findInstance({ ...object, master: bare, exceptions: [] }, key, ownerZone) !== undefined;
  for (const one of exceptions) {
    const property = one.getFirstProperty('recurrence-id');
    if (!property || !isThere(keyOf(momentOf(property, ownerZone)))) calendar.removeSubcomponent(one);
  }
  for (const property of master.getAllProperties('exdate')) {
    const kept = property.getValues().filter((value) => isThere(keyOf(momentOf(property, ownerZone, value))));
    if (kept.length === 0) master.removeProperty(property);
    else if (kept.length < property.getValues().length) property.setValues(kept);
  }
}

/** A time in the form of another: a date, in UTC, in a zone, or by no zone at all. */
function timeLike(model: ICAL.Property, name: string, at: Temporal.ZonedDateTime): ICAL.Property {
  const shape = model.getFirstValue() as ICAL.Time;
  const property = new ICAL.Property(name);
  const isUtc = !shape.isDate && shape.zone === ICAL.Timezone.utcTimezone;
  if (shape.isDate) property.resetType('date');
  const clock = (isUtc ? at.withTimeZone('UTC') : at).toPlainDateTime();
  property.setValue(icalTime(clock, shape.isDate, isUtc));
  const zone = model.getFirstParameter('tzid');
  if (zone !== undefined && !shape.isDate && !isUtc) property.setParameter('tzid', zone);
  return property;
}

/** What of an event says when it is. */
export const placeInTime = (component: ICAL.Component): string =>
  ['dtstart', 'dtend', 'duration', 'rrule', 'rdate']
    .flatMap((name) => component.getAllProperties(name).map((property) => property.toICALString()))
    .join('\n');
