import type { Command } from 'commander';
import { type Answer, type Api, UsageError } from './connection.ts';
import { type Column, type Paper, printFacts, printTable } from './table.ts';

/** What a command may use. `api` connects at the first call, so that help never needs a server. */
export interface Cli {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly paper: Paper;
  /** `--json`: API objects as they came, for scripts. */
  readonly isJson: () => boolean;
  /** The folder given by `--data`, or the default. */
  readonly data: () => string;
  readonly out: (text: string) => void;
  /** Progress and remarks, which never mix with answers. */
  readonly note: (text: string) => void;
  /** For commands about the server as a whole. */
  readonly api: () => Promise<Api>;
  /** For commands inside one organisation: the operator must say which. */
  readonly tenantApi: () => Promise<Api>;
}

/** Rows as a table, or as a JSON array of what the API gave. */
export function showRows(cli: Cli, rows: readonly Answer[], columns: readonly Column<Answer>[], none: string): void {
  if (cli.isJson()) showJson(cli, rows);
  else cli.out(rows.length === 0 ? `${none}\n` : `${printTable(columns, rows, cli.paper)}\n`);
}

/** One object: what `facts` picks of it for people, all of it for scripts. */
export function showObject(
  cli: Cli,
  object: Answer,
  facts: (object: Answer) => Readonly<Record<string, unknown>>,
): void {
  if (cli.isJson()) showJson(cli, object);
  else cli.out(`${printFacts(facts(object))}\n`);
}

export function showJson(cli: Cli, value: unknown): void {
  cli.out(`${JSON.stringify(value, null, 2)}\n`);
}

/** Says that something was done. Scripts read the exit code. */
export function done(cli: Cli, sentence: string): void {
  if (!cli.isJson()) cli.out(`${sentence}\n`);
}

/** Adds an example below a command's help. */
export function example(command: Command, ...lines: readonly string[]): Command {
  const title = lines.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText('after', `\n${title}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}

export const titled = (title: string, name: string): Column<Answer> => ({ title, value: (row) => row[name] });

/** A time as people read it: to the minute, in UTC. */
export const time = (text: unknown): string =>
  typeof text === 'string' && text !== '' ? `${text.slice(0, 10)} ${text.slice(11, 16)}` : '';

/** A path with its values encoded: path`/v1.0/users/${id}`. */
export const path = (parts: TemplateStringsArray, ...values: readonly string[]): string =>
  parts.map((part, i) => part + (values[i] === undefined ? '' : encodeURIComponent(values[i]))).join('');

/** The path with the parameters that have a value. */
export function withQuery(base: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const entries = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return entries.length === 0 ? base : `${base}?${new URLSearchParams(entries)}`;
}

/** A text as OData writes it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A whole number of at least 1, for `--limit` and the like. */
export function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`"${text}" is no whole number above 0.`);
  return number;
}

/** Many values in one word, separated by commas. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** `name=value` words as an object; a value that is JSON is read as such, `name=` is the empty text. */
export function assignments(words: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, text] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
      if (name === undefined || text === undefined) {
        throw new UsageError(`"${word}" is no assignment. Write name=value.`);
      }
      return [name, readValue(text)];
    }),
  );
}

function readValue(text: string): unknown {
  if (!/^(true|false|null|-?\d|["[{])/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
