import ICAL from 'ical.js';
import { LIMITS, type Line, linesOf, readLine } from './lines.ts';

/** A component as the library holds it (jCal, RFC 7265): name, properties, components. */
type JsonComponent = [string, JsonProperty[], JsonComponent[]];
type JsonProperty = [string, Record<string, string | string[]>, string, ...unknown[]];

/** Why a text cannot be read. */
export class IcalendarSyntaxError extends Error {}

/**
 * Reads a text to its first calendar. What real programs get wrong and others bear is borne (README, "Leniency"); a value
 * that is not of its type is kept as it stands, without a meaning.
 * @throws IcalendarSyntaxError
 */
export function parseCalendar(text: string): ICAL.Component {
  if (text.length > LIMITS.characters) throw new IcalendarSyntaxError('The text is too long.');
  const open: JsonComponent[] = [];
  let root: JsonComponent | undefined;
  let [lines, components] = [0, 0];
  // The property that was begun last, with lines that turned out to be more of its value.
  let last: { line: Line; more: string[] } | undefined;
  const finish = () => {
    if (last) open.at(-1)![1].push(propertyOf(last.more.length === 0 ? last.line : joined(last.line, last.more)));
    last = undefined;
  };

  for (const raw of linesOf(text)) {
    lines += 1;
    if (lines > LIMITS.lines) throw new IcalendarSyntaxError('It has too many lines.');
    if (raw.length > LIMITS.lineCharacters) throw new IcalendarSyntaxError('A line is too long.');
    const line = readLine(raw);
    if (!line) {
      // Some programs break a text without folding it: such a line is more of the value before.
      if (last) last.more.push(raw);
      else if (raw.trim() !== '') throw new IcalendarSyntaxError(`"${raw.slice(0, 60)}" is no line of iCalendar.`);
      continue;
    }
    finish();
    const top = open.at(-1);
    if (line.name === 'BEGIN') {
      const name = line.value.trim().toLowerCase();
      if (!/^[a-z0-9-]+$/.test(name)) throw new IcalendarSyntaxError('A BEGIN names no component.');
      components += 1;
      if (open.length >= LIMITS.depth) throw new IcalendarSyntaxError('Its components are nested too deep.');
      if (components > LIMITS.components) throw new IcalendarSyntaxError('It has too many components.');
      const component: JsonComponent = [name, [], []];
      if (top) top[2].push(component);
      else root = component;
      open.push(component);
    } else if (line.name === 'END') {
      const name = line.value.trim().toLowerCase();
      if (!open.some(([begun]) => begun === name)) {
        throw new IcalendarSyntaxError(`There is no ${name.slice(0, 60).toUpperCase()} to end.`);
      }
      if (top![0] !== name) throw new IcalendarSyntaxError(`${top![0].toUpperCase()} does not end.`);
      open.pop();
      // A second calendar of the same text is another object.
      if (open.length === 0) break;
    } else {
      if (!top) throw new IcalendarSyntaxError('It does not begin with BEGIN:VCALENDAR.');
      last = { line, more: [] };
    }
  }
  finish();
  if (!root) throw new IcalendarSyntaxError('It is empty.');
  if (open.length > 0) throw new IcalendarSyntaxError(`${open.at(-1)![0].toUpperCase()} does not end.`);
  return new ICAL.Component(root as never);
}

const joined = (line: Line, more: readonly string[]): Line => ({ ...line, value: [line.value, ...more].join('\\n') });

/** What a value of a type looks like. One that does not is kept without a meaning. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  date: /^\d{8}$/,
  'date-time': /^\d{8}T\d{6}Z?$/,
  period: /^\d{8}T\d{6}Z?\/(?:\d{8}T\d{6}Z?|[+-]?P[0-9WDTHMS]+)$/,
  duration: /^[+-]?P(?:\d+W)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/,
  integer: /^[+-]?\d{1,15}$/,
  float: /^[+-]?\d+(?:\.\d+)?(?:;[+-]?\d+(?:\.\d+)?)?$/,
  'utc-offset': /^[+-]\d{4}(?:\d{2})?$/,
  recur: /^(?:[A-Z0-9-]+=[^;=]*)(?:;[A-Z0-9-]+=[^;=]*)*;?$/i,
  boolean: /^(?:TRUE|FALSE)$/i,
};
const MULTI_DATES = new Set(['EXDATE', 'RDATE', 'FREEBUSY']);
/** Properties whose time may be a date. Programs forget to say which it is. */
const DATE_OR_TIME = new Set(['DTSTART', 'DTEND', 'DUE', 'RECURRENCE-ID', 'EXDATE', 'RDATE']);

function propertyOf(line: Line): JsonProperty {
  const parameters: Record<string, string | string[]> = Object.create(null);
  for (const [name, values] of line.parameters) {
    if (name !== 'value') parameters[name] = values.length === 1 ? values[0]! : [...values];
  }
  let value = line.value;
  let type = line.parameters.get('value')?.[0]?.toLowerCase();
  if (DATE_OR_TIME.has(line.name)) {
    value = value.replace(/\s/g, '');
    const each = value.split(',');
    // `DTSTART:20260504` is a date; `VALUE=DATE:20260504T000000` as well.
    if (type === undefined && each.every((one) => SHAPES.date!.test(one))) type = 'date';
    else if (type === 'date') value = each.map((one) => one.replace(/^(\d{8})T\d{6}Z?$/, '$1')).join(',');
  } else if (line.name === 'RRULE' || line.name === 'EXRULE') value = value.replace(/\s/g, '').toUpperCase();
  const head = type === undefined || type === '' ? line.name : `${line.name};VALUE=${type.toUpperCase()}`;
  const unread: JsonProperty = [line.name.toLowerCase(), parameters, 'unknown', line.value];
  // The library looks names up in plain objects.
  if (unread[0] in Object.prototype) return unread;
  let read: JsonProperty;
  try {
    read = ICAL.parse.property(`${head}:${value}`) as JsonProperty;
  } catch {
    return unread;
  }
  const shape = SHAPES[read[2]];
  const each = MULTI_DATES.has(line.name) || read[2] === 'period' ? value.split(',') : [value];
  if (shape && !each.every((one) => shape.test(one))) {
    // `VALUE` goes along as any other parameter would, so that the line prints as it was.
    if (type !== undefined) parameters.value = type.toUpperCase();
    return unread;
  }
  read[1] = parameters;
  return read;
}
