import ICAL from 'ical.js';

type JsonComponent = readonly [string, readonly JsonProperty[], readonly JsonComponent[]];
type JsonProperty = readonly [string, Readonly<Record<string, string | readonly string[]>>, string, ...unknown[]];

/** The object as text, lines folded at 75 octets and ended by CRLF (RFC 5545 §3.1). */
export function printCalendar(calendar: ICAL.Component): string {
  const lines: string[] = [];
  printComponent(calendar.jCal as unknown as JsonComponent, lines);
  return lines.join('');
}

function printComponent([name, properties, components]: JsonComponent, lines: string[]): void {
  lines.push(`BEGIN:${name.toUpperCase()}\r\n`);
  for (const property of properties) lines.push(foldLine(printProperty(property)));
  for (const component of components) printComponent(component, lines);
  lines.push(`END:${name.toUpperCase()}\r\n`);
}

function printProperty(property: JsonProperty): string {
  const [name, parameters, type, ...values] = property;
  let printed = '';
  for (const parameter of Object.keys(parameters)) {
    const value = parameters[parameter]!;
    printed += `;${parameter.toUpperCase()}=${(Array.isArray(value) ? value : [value]).map(printParameter).join(',')}`;
  }
  if (type === 'unknown') return `${name.toUpperCase()}${printed}:${values.join(',')}`;
  // The library knows how a value of each type is written; parameters it would take for single ones are ours.
  const bare = ICAL.stringify.property([name, {}, type, ...values] as never, ICAL.design.icalendar, true);
  return bare.slice(0, name.length) + printed + oneLine(bare.slice(name.length));
}

/** A value given by a program here may hold a line break where none is escaped (an address, a made-up type). */
const oneLine = (text: string) => (/[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text);

/** RFC 6868 for what a parameter cannot hold; quoted where it must be. */
function printParameter(value: unknown): string {
  const text = String(value).replace(/\^|"|\r?\n|\r/g, (mark) => (mark === '^' ? '^^' : mark === '"' ? "^'" : '^n'));
  return /[,:;]/.test(text) ? `"${text}"` : text;
}

const OCTETS = 75;

/** A line, folded and ended. */
export function foldLine(line: string): string {
  if (line.length * 3 <= OCTETS || Buffer.byteLength(line) <= OCTETS) return `${line}\r\n`;
  const pieces: string[] = [];
  let start = 0;
  let octets = 0;
  for (let at = 0; at < line.length; ) {
    const code = line.codePointAt(at)!;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
    if (octets + size > OCTETS) {
      pieces.push(line.slice(start, at));
      start = at;
      // The space that begins the next piece.
      octets = 1;
    }
    octets += size;
    at += code > 0xffff ? 2 : 1;
  }
  pieces.push(line.slice(start));
  return `${pieces.join('\r\n ')}\r\n`;
}
