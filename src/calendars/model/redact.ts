import ICAL from 'ical.js';
import { readCalendar } from '../../protocols/icalendar/index.ts';
import { printCalendar } from '../../protocols/icalendar/print.ts';
import type { Detail } from './roles.ts';

/** What says when an event is, and nothing else. */
const TIME = new Set([
  'uid',
  'dtstamp',
  'dtstart',
  'dtend',
  'duration',
  'due',
  'rrule',
  'rdate',
  'exdate',
  'recurrence-id',
  'transp',
  'status',
  'sequence',
]);
const LIMITED = new Set([...TIME, 'summary', 'location']);

/** An object as it is told to somebody who may not see all of it: times, and perhaps what and where. */
export function redact(content: string, detail: Exclude<Detail, 'none' | 'full'>): string {
  const calendar = readCalendar(content);
  const told = new ICAL.Component('vcalendar');
  told.updatePropertyWithValue('version', '2.0');
  told.updatePropertyWithValue('prodid', '-//Entente//EN');
  const kept = detail === 'limited' ? LIMITED : TIME;
  for (const part of calendar.getAllSubcomponents()) {
    if (part.name === 'vtimezone') {
      told.addSubcomponent(new ICAL.Component(part.toJSON()));
      continue;
    }
    const bare = new ICAL.Component(part.name);
    for (const property of part.getAllProperties()) {
      if (kept.has(property.name)) bare.addProperty(new ICAL.Property(property.toJSON()));
    }
    if (detail === 'time') bare.updatePropertyWithValue('summary', 'Busy');
    told.addSubcomponent(bare);
  }
  return printCalendar(told);
}
