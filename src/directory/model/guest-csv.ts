/** The file by which many guests are invited at once: two heading lines, then one guest a line (RFC 4180). */
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { parseAddress } from './address.ts';
import { parseRedirectUrl } from './redirect-url.ts';

export const IMPORT_LINES_AT_MOST = 2000;

const VERSION = 'version:v1.0';

/** The columns of the template; `Required` as the reference product writes it. */
const REQUIRED = [
  'Email address to invite [inviteeEmail] Required',
  'Redirection url [inviteRedirectURL] Required',
] as const;
const KNOWN = [
  ...REQUIRED,
  'Send invitation message (true or false) [sendEmail]',
  'Customized invitation message [customizedMessageBody]',
  'Display name [displayName]',
  'User type (Guest or Member) [userType]',
  'Groups [groupIds]',
  'Sponsor [sponsor]',
] as const;
const EXAMPLE = 'name@example.com';

export type ImportCode =
  | 'missingVersion'
  | 'headerModified'
  | 'tooManyRows'
  | 'encodingInvalid'
  | 'csvInvalid'
  | 'empty'
  | 'emailInvalid'
  | 'redirectUrlInvalid'
  | 'sendEmailNotBoolean'
  | 'userTypeInvalid'
  | 'groupIdInvalid'
  | 'sponsorInvalid'
  | 'exampleNotReplaced'
  | 'duplicateInFile';

/** What is wrong with one line; line 0 is the file itself. Lines count from 1 as an editor shows them. */
export interface ImportProblem {
  readonly line: number;
  readonly code: ImportCode;
  readonly value: string;
}

/** One guest of the file. */
export interface ImportLine {
  readonly line: number;
  readonly address: string;
  readonly redirectUrl: string;
  readonly sendMail: boolean;
  readonly message: string | null;
  readonly displayName: string | null;
  readonly userType: 'Guest' | 'Member';
  readonly groupIds: readonly string[];
  readonly sponsorId: string | null;
}

/** The file to fill in. The line of the example must be replaced. */
export function printImportTemplate(): string {
  return `${VERSION}\r\n${stringify([KNOWN, [EXAMPLE, 'https://example.com', 'true', 'Welcome', '', '', '', '']], {
    record_delimiter: '\r\n',
  })}`;
}

/** Reads a whole file. Either every line is right, or all problems are told and nothing is to be done. */
export function parseGuestImport(
  file: Uint8Array,
  appSchemes: readonly string[],
): { readonly lines: ImportLine[]; readonly problems: ImportProblem[] } {
  const whole = (code: ImportCode, value = '') => ({ lines: [], problems: [{ line: 0, code, value }] });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    return whole('encodingInvalid');
  }
  let records: { record: string[]; info: { bytes: number } }[];
  try {
    records = parse(text, { relax_column_count: true, skip_empty_lines: true, info: true, bom: true }) as never;
  } catch (error) {
    return whole('csvInvalid', (error as Error).message);
  }
  const [version, headings, ...rows] = records;
  if (version?.record[0]?.trim() !== VERSION) return whole('missingVersion', version?.record[0] ?? '');
  const columns = columnsOf(headings?.record ?? []);
  if (!columns) return whole('headerModified', headings?.record.join(',') ?? '');
  if (rows.length > IMPORT_LINES_AT_MOST) return whole('tooManyRows', String(rows.length));
  if (rows.length === 0) return whole('empty');

  const lines: ImportLine[] = [];
  const problems: ImportProblem[] = [];
  const seen = new Set<string>();
  const lineAt = lineCounter(text);
  let before = headings?.info.bytes ?? 0;
  for (const { record, info } of rows) {
    const first = lineAt(before);
    before = info.bytes;
    const value = (name: string) => (record[columns.get(name) ?? -1] ?? '').trim();
    const found: ImportProblem[] = [];
    const problem = (code: ImportCode, wrong: string) => found.push({ line: first, code, value: wrong });

    const address = tryAddress(value('inviteeEmail'));
    if (address === undefined) problem('emailInvalid', value('inviteeEmail'));
    else if (address.toLowerCase() === EXAMPLE) problem('exampleNotReplaced', address);
    else if (seen.has(address.toLowerCase())) problem('duplicateInFile', address);
    else seen.add(address.toLowerCase());
    const redirectUrl = parseRedirectUrl(value('inviteRedirectURL'), appSchemes);
    if (redirectUrl === undefined) problem('redirectUrlInvalid', value('inviteRedirectURL'));
    const sendMail = value('sendEmail').toLowerCase();
    if (!['', 'true', 'false'].includes(sendMail)) problem('sendEmailNotBoolean', value('sendEmail'));
    const userType = value('userType') || 'Guest';
    if (userType !== 'Guest' && userType !== 'Member') problem('userTypeInvalid', userType);
    const groupIds = value('groupIds')
      .split(/[;\s]+/)
      .filter((id) => id !== '');
    const wrongGroup = groupIds.find((id) => !UUID.test(id));
    if (wrongGroup !== undefined) problem('groupIdInvalid', wrongGroup);
    const sponsorId = value('sponsor');
    if (sponsorId !== '' && !UUID.test(sponsorId)) problem('sponsorInvalid', sponsorId);

    problems.push(...found);
    if (found.length > 0) continue;
    lines.push({
      line: first,
      address: address!,
      redirectUrl: redirectUrl!,
      sendMail: sendMail === 'true',
      // Kept as written: only the other columns are trimmed.
      message: record[columns.get('customizedMessageBody') ?? -1] || null,
      displayName: value('displayName') || null,
      userType: userType as 'Guest' | 'Member',
      groupIds: groupIds.map((id) => id.toLowerCase()),
      sponsorId: sponsorId === '' ? null : sponsorId.toLowerCase(),
    });
  }
  return problems.length > 0 ? { lines: [], problems } : { lines, problems };
}

/** The results as a file that opens in a spreadsheet. */
export function printImportResults(
  results: readonly { line: number; address: string; state: string; code: string | null; detail: string | null }[],
): string {
  return stringify(
    results.map(({ line, address, state, code, detail }) => [line, address, state, code ?? '', detail ?? '']),
    // A cell that begins like a formula must not run in a spreadsheet.
    {
      header: true,
      columns: ['line', 'inviteeEmail', 'state', 'code', 'detail'],
      escape_formulas: true,
      record_delimiter: '\r\n',
    },
  );
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const PROPERTY = /\[([A-Za-z]+)\](?: Required)?$/;

/** Where each property stands, or undefined when the headings were changed. Unknown further columns are ignored. */
function columnsOf(headings: readonly string[]): Map<string, number> | undefined {
  if (!REQUIRED.every((heading, i) => headings[i]?.trim() === heading)) return undefined;
  const columns = new Map<string, number>();
  for (const [i, heading] of headings.entries()) {
    const property = PROPERTY.exec(heading.trim())?.[1];
    if (property === undefined) continue;
    const known = KNOWN.find((one) => PROPERTY.exec(one)?.[1] === property);
    if (known === undefined) continue;
    if (known !== heading.trim() || columns.has(property)) return undefined;
    columns.set(property, i);
  }
  return columns;
}

function tryAddress(text: string): string | undefined {
  try {
    return parseAddress(text).address;
  } catch {
    return undefined;
  }
}

/**
 * Tells the line (from 1) of the first letter at or after a byte offset; offsets only grow. The parser's own count takes
 * a line break within quotes for two where it is CR LF.
 */
function lineCounter(text: string): (offset: number) => number {
  const bytes = Buffer.from(text);
  let at = 0;
  let line = 1;
  return (offset) => {
    while (at < bytes.length && (at < offset || isBlank(bytes[at]))) {
      if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) line += 1;
      at += 1;
    }
    return line;
  };
}

const LF = 10;
const CR = 13;
const isBlank = (byte: number | undefined) => byte === LF || byte === CR || byte === 32 || byte === 9;
