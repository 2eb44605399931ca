import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { assignments, type Cli, done, example, path, showJson, showRows, time, titled } from './command.ts';
import { type Answer, type Api, UsageError } from './connection.ts';

interface WhatIfOptions {
  readonly report?: string;
}

/** `entente what-if`: who would gain and lose what, before anything is changed. */
export function addWhatIf(program: Command, cli: Cli): void {
  const whatIf = program.command('what-if').description('who would gain and lose what by a change, before it is made');
  example(
    whatIf,
    'entente what-if settings directory.access membersMayCreateGroups=false',
    'entente what-if at 2027-06-30T00:00:00Z',
    'entente what-if apply 1F1F7A10',
  );
  const withReport = (command: Command) =>
    command.option('--report <file>', 'write the whole answer to a file, for a change request');

  example(
    withReport(whatIf.command('settings <group> <name=value...>'))
      .description('by values of one group of settings')
      .option('--target <name>', 'the partner or container they are for')
      .action(async (name: string, words: string[], options: WhatIfOptions & { target?: string }) => {
        const values = assignments(words);
        const body = { values, ...(options.target === undefined ? {} : { target: options.target }) };
        const input = { method: 'PATCH', path: path`/admin/settings/${name}`, body };
        await tryOut(cli, { changes: [{ input }] }, options);
      }),
    'entente what-if settings calendars.mail-tips allTipsEnabled=false --tenant fabrikam.example',
  );
  example(
    withReport(whatIf.command('request <method> <path> [body]'))
      .description('by any request that can be tried out; the body is JSON')
      .action(async (method: string, address: string, body: string | undefined, options: WhatIfOptions) => {
        const input = {
          method: method.toUpperCase(),
          path: address,
          ...(body === undefined ? {} : { body: parseBody(body) }),
        };
        await tryOut(cli, { changes: [{ input }] }, options);
      }),
    'entente what-if request DELETE /admin/ledger/0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10',
  );
  example(
    withReport(whatIf.command('at <moment>'))
      .description('by a moment to come: what will have ended by then')
      .action(async (moment: string, options: WhatIfOptions) => tryOut(cli, { at: moment }, options)),
    'entente what-if at 2027-06-30T00:00:00Z',
  );
  example(
    withReport(whatIf.command('show <number>'))
      .description('an answer again, by the number of its report')
      .action(async (number: string, options: WhatIfOptions) => {
        const api = await cli.tenantApi();
        await show(cli, api, await api.call('GET', path`/admin/what-if/${number}`), options);
      }),
    'entente what-if show 1F1F7A10',
  );
  example(
    whatIf
      .command('apply <number>')
      .description('make the changes as they were tried out, unless the world has changed since')
      .action(async (number: string) => {
        await (await cli.tenantApi()).call('POST', path`/admin/what-if/${number}/apply`);
        done(cli, 'The changes are made.');
      }),
    'entente what-if apply 1F1F7A10',
  );
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('The body must be JSON.');
  }
}

/** Asks, tells how far the answer is, and shows it. */
export async function tryOut(cli: Cli, asked: Answer, options: WhatIfOptions): Promise<void> {
  const api = await cli.tenantApi();
  await show(cli, api, await followed(cli, api, await api.call('POST', '/admin/what-if', asked)), options);
}

async function show(cli: Cli, api: Api, answer: Answer, options: WhatIfOptions): Promise<void> {
  if (answer.state !== 'done') throw new Error(answer.failure ?? `It was ${answer.state}.`);
  const lines = await api.list(path`/admin/what-if/${answer.id}/lines`);
  if (options.report !== undefined) {
    await writeFile(options.report, `${JSON.stringify({ ...answer, lines }, null, 2)}\n`);
    cli.note(`The answer is in ${options.report}.`);
  }
  if (cli.isJson()) {
    showJson(cli, { ...answer, lines });
    return;
  }
  showLines(cli, lines);
  tellSummary(cli, answer);
  cli.note(`The number of this report: ${answer.number}`);
  // An invitation leaves a letter behind, and a parting asks for more: they are made by their own commands.
  if (answer.mayBeApplied) cli.note(`To make the change: entente what-if apply ${answer.number}`);
}

/** Who loses and gains what. */
export function showLines(cli: Cli, lines: readonly Answer[]): void {
  const columns = [
    { title: '', value: (row: Answer) => (row.direction === 'lost' ? 'loses' : 'gains') },
    { title: 'Who', value: (row: Answer) => row.subject.displayName ?? row.subject.id },
    { title: 'What', value: (row: Answer) => row.object.displayName ?? row.object.id },
    titled('Question', 'question'),
    titled('Before', 'before'),
    titled('After', 'after'),
    { title: 'Because', value: (row: Answer) => row.because.map((one: Answer) => one.name ?? one.kind).join(', ') },
    { title: 'Refused', value: (row: Answer) => time(row.refusedAt) },
  ];
  showRows(cli, lines, columns, 'Nobody gains or loses anything.');
}

export function tellSummary(cli: Cli, answer: Answer): void {
  const { gained, lost, rights, refusals, unheard } = answer.summary;
  cli.note(`${lost} lost, ${gained} gained; ${rights} rights and ${refusals} refusals of the last 30 days looked at.`);
  if (unheard.length > 0)
    cli.note(`Nothing is told of people at ${unheard.join(', ')}: their organisation did not answer.`);
}

const PAUSE_MS = 200;

/** Waits for the answer to a question of what-if, and tells how far it is. */
export async function followed(cli: Cli, api: Api, asked: Answer): Promise<Answer> {
  for (let answer = asked, told = ''; ; answer = await api.call('GET', path`/admin/what-if/${asked.id}`)) {
    if (answer.state !== 'waiting' && answer.state !== 'running') return answer;
    const progress = answer.total ? `${Math.floor((100 * answer.lookedAt) / answer.total)} %` : '';
    if (progress !== told) cli.note(progress);
    told = progress;
    await sleep(PAUSE_MS);
  }
}
