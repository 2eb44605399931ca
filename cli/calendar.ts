import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type Cli, done, example, path, showJson, showRows, titled } from './command.ts';
import { type Answer, type Api, UsageError } from './connection.ts';
import { writeOutput } from './output-file.ts';
import { printTable } from './table.ts';

/** `entente calendar`: the own calendars, taken from another program and to one. */
export function addCalendar(program: Command, cli: Cli): void {
  const calendar = program.command('calendar').description("a person's calendars, as files");
  example(calendar, 'entente calendar list', 'entente calendar import holidays.ics');

  example(
    calendar
      .command('list')
      .description('the calendars of whoever the token is for')
      .action(async () => {
        const rows = await (await personApi(cli)).list('/v1.0/me/calendars');
        showRows(
          cli,
          rows,
          [
            titled('Name', 'name'),
            { title: 'Default', value: (row) => (row.isDefaultCalendar ? 'yes' : '') },
            titled('Id', 'id'),
          ],
          'There is no calendar.',
        );
      }),
    'ENTENTE_TOKEN=… entente calendar list',
  );
  example(
    calendar
      .command('import <file>')
      .description('keep every event and task of a calendar file (.ics); - reads standard input')
      .option('--calendar <id>', 'the calendar to keep them in', 'default')
      .action(async (file: string, options: { calendar: string }) => {
        const api = await personApi(cli);
        const text = await readInput(file);
        const headers = { 'content-type': 'text/calendar' };
        const begun = await api.upload(path`/me/calendars/${options.calendar}/import`, Readable.from([text]), headers);
        const report = await throughAt(api, begun);
        if (cli.isJson()) return showJson(cli, report);
        const { state, problem, created, changed, unchanged, skipped } = report;
        if (state !== 'done') throw new UsageError(problem ?? 'The import was stopped.');
        done(cli, `${created} created, ${changed} changed, ${unchanged} unchanged, ${skipped.length} skipped.`);
        if (skipped.length > 0) cli.out(`${printTable(SKIPPED, skipped, cli.paper)}\n`);
      }),
    'entente calendar import holidays.ics',
  );
  example(
    calendar
      .command('export')
      .description('a calendar as one file with every zone that is named in it')
      .option('--calendar <id>', 'the calendar', 'default')
      .option('-o, --output <file>', 'where to write it; - for standard output', '-')
      .action(async (options: { calendar: string; output: string }) => {
        const api = await personApi(cli);
        await writeOutput(await api.download('GET', path`/me/calendars/${options.calendar}/export`), options.output);
        if (options.output !== '-') done(cli, `The calendar is in ${options.output}.`);
      }),
    'entente calendar export -o calendar.ics',
  );
}

const SKIPPED = [
  { title: 'Skipped', value: (row: Answer) => row.summary ?? row.uid ?? '' },
  { title: 'Why', value: (row: Answer) => row.reason },
];

const PAUSE_MS = 300;

/** Waits until the server is through with a file. It goes on also when nobody waits. */
async function throughAt(api: Api, begun: Answer): Promise<Answer> {
  let now = begun;
  while (now.state === 'waiting') {
    await sleep(PAUSE_MS);
    now = await api.call('GET', path`/me/calendars/${begun.calendarId}/imports/${begun.id}`);
  }
  return now;
}

/** Calendars are a person's: the operator has none. */
async function personApi(cli: Cli): Promise<Api> {
  const api = await cli.api();
  if (api.isOperator)
    throw new UsageError("Calendars are a person's: give an access token of theirs in ENTENTE_TOKEN.");
  return api;
}

async function readInput(file: string): Promise<Buffer> {
  if (file !== '-') {
    try {
      return await readFile(file);
    } catch (error) {
      throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
    }
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
