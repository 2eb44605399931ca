import { Temporal } from 'temporal-polyfill';
import { definitionOf } from '../protocols/icalendar/index.ts';
import { type Plan, roomOf, ZONES } from './demo-plans.ts';

const WEEKS_BEFORE = 6;
/** Endless series would be expanded for years, which a demo has no use for. */
const WEEKS_AFTER = 12;

/** The same in every calendar that holds the meeting. */
export const uidOf = ({ title, by, day }: Plan) =>
  `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${day}-${by.replace('@', '.')}`;

interface Written {
  /** In whose calendar it stands. */
  readonly reader: string;
  readonly now: Date;
  readonly nameOf: (address: string) => string;
}

/** The event as `reader` has it, in iCalendar (RFC 5545). */
export function textOf(plan: Plan, written: Written): string {
  const zone = ZONES[plan.by.split('@')[1] ?? ''] ?? 'UTC';
  const definition = plan.time === undefined ? undefined : definitionOf(zone)?.toString();
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Entente//Demo//EN',
    ...(definition ? definition.split(/\r?\n/) : []),
    ...componentOf(plan, written, zone),
    ...(plan.moved ? componentOf(plan, written, zone, plan.moved) : []),
    'END:VCALENDAR',
  ];
  return `${lines.map(folded).join('\r\n')}\r\n`;
}

function componentOf(plan: Plan, { reader, now, nameOf }: Written, zone: string, moved?: Plan['moved']): string[] {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).toPlainDate();
  // At the weekend, people look at the week to come.
  const monday = today.add({ days: today.dayOfWeek > 5 ? 8 - today.dayOfWeek : 1 - today.dayOfWeek });
  const on = (day: number) => monday.add({ days: day });
  const first = on(plan.day - (plan.rule ? WEEKS_BEFORE * 7 : 0));
  const when = (name: string, day: Temporal.PlainDate, time: string | undefined, more = 0) =>
    time === undefined
      ? `${name};VALUE=DATE:${plainDate(day.add({ days: more }))}`
      : `${name};TZID=${zone}:${plainTime(day.toPlainDateTime(time).add({ minutes: more }))}`;
  const [day, time] = moved ? [on(moved.toDay), moved.toTime] : [first, plan.time];
  const answer = (address: string) => plan.answers?.[address] ?? 'ACCEPTED';
  const mine = answer(reader);
  const status = plan.by === reader || mine !== 'ACCEPTED' ? plan.status : undefined;
  return [
    'BEGIN:VEVENT',
    `UID:${uidOf(plan)}`,
    `DTSTAMP:${stamp(now)}`,
    ...(moved ? [when('RECURRENCE-ID', on(moved.day), plan.time)] : []),
    when('DTSTART', day, time),
    when('DTEND', day, time, plan.lasts),
    ...(plan.rule && !moved
      ? [`RRULE:${plan.rule};UNTIL=${plainDate(on(WEEKS_AFTER * 7))}${plan.time ? 'T000000Z' : ''}`]
      : []),
    ...(moved ? [] : (plan.without ?? []).map((one) => when('EXDATE', on(one), plan.time))),
    `SUMMARY:${escaped(plan.title)}`,
    ...(plan.place ? [`LOCATION:${escaped(plan.place)}`] : []),
    ...(plan.words ? [`DESCRIPTION:${escaped(plan.words)}`] : []),
    ...(plan.categories ? [`CATEGORIES:${escaped(plan.categories)}`] : []),
    ...(plan.isPrivate ? ['CLASS:PRIVATE'] : []),
    ...(plan.status === 'FREE' ? ['TRANSP:TRANSPARENT'] : []),
    ...(status === 'TENTATIVE' ? ['STATUS:TENTATIVE', 'X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE'] : []),
    ...(status === 'OOF' || status === 'WORKINGELSEWHERE' ? [`X-MICROSOFT-CDO-BUSYSTATUS:${status}`] : []),
    ...(plan.people
      ? [
          ...roomLine(plan),
          `ORGANIZER;CN=${nameOf(plan.by)}:mailto:${plan.by}`,
          ...plan.people.map(
            (address) =>
              `ATTENDEE;CUTYPE=INDIVIDUAL;CN=${nameOf(address)};PARTSTAT=${answer(address)}:mailto:${address}`,
          ),
        ]
      : []),
    'SEQUENCE:0',
    'END:VEVENT',
  ];
}

function roomLine(plan: Plan): string[] {
  const found = roomOf(plan);
  return found
    ? [`ATTENDEE;CUTYPE=ROOM;ROLE=NON-PARTICIPANT;CN=${found.name};PARTSTAT=ACCEPTED:mailto:${found.address}`]
    : [];
}

const plainDate = (day: Temporal.PlainDate) => day.toString().replaceAll('-', '');
const plainTime = (at: Temporal.PlainDateTime) => at.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '');
const stamp = (now: Date) => `${now.toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
const escaped = (text: string) => text.replaceAll(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');

const FOLD_AT = 60;

/** RFC 5545 §3.1: no line longer than 75 octets. Letters here take three octets at most where there are few. */
const folded = (line: string) => line.match(new RegExp(`.{1,${FOLD_AT}}`, 'gu'))?.join('\r\n ') ?? line;
