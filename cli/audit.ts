import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { SealedEvent, Verdict } from '../src/audit/index.ts';
import { type Cli, count, done, example, path, showJson, showRows, time, titled, withQuery } from './command.ts';
import { type Answer, ServerFault, UsageError } from './connection.ts';
import { writeOutput } from './output-file.ts';

interface ListOptions {
  readonly action?: string;
  readonly since?: string;
  readonly until?: string;
  readonly search?: string;
  readonly result?: string;
  readonly limit: number;
}

/** `entente audit`: what happened, and whether the record of it is whole. */
export function addAudit(program: Command, cli: Cli): void {
  const audit = program.command('audit').description('what happened, and whether the record of it is whole');
  example(audit, 'entente audit list --action "directory.*"', 'entente audit verify audit.ndjson');

  example(
    audit
      .command('list')
      .description('events, newest first')
      .option('--action <name>', 'one action, or a module with a star: directory.*')
      .option('--since <time>', 'from this moment on, such as 2027-01-31T00:00:00Z')
      .option('--until <time>', 'up to this moment')
      .option('--search <text>', 'words in names')
      .option('--result <result>', 'success or failure')
      .option('--limit <n>', 'at most so many', count, 50)
      .action(async ({ limit, ...filter }: ListOptions) => {
        const page = String(Math.min(limit, 999));
        const rows = await (await cli.tenantApi()).list(
          withQuery('/admin/audit/events', { ...filter, limit: page }),
          limit,
        );
        const columns = [
          { title: 'When', value: (row: Answer) => time(row.at) },
          titled('Action', 'action'),
          { title: 'Who', value: (row: Answer) => row.actor.displayName },
          { title: 'What', value: (row: Answer) => row.targets.map((one: Answer) => one.displayName ?? one.id) },
          titled('Result', 'result'),
          titled('Id', 'id'),
        ];
        showRows(cli, rows, columns, 'Nothing happened.');
      }),
    'entente audit list --tenant fabrikam.example --limit 20',
    'entente audit list --action "directory.*" --result failure --json',
  );
  example(
    audit
      .command('show <id>')
      .description('one event with everything kept about it, as JSON')
      .action(async (id: string) =>
        showJson(cli, await (await cli.tenantApi()).call('GET', path`/admin/audit/events/${id}`)),
      ),
    'entente audit show 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10',
  );
  example(
    audit
      .command('verify [file]')
      .description('say whether the log is what was sealed: an export here, without a file the server’s own')
      .action(async (file: string | undefined) => {
        const verdict =
          file === undefined
            ? ((await (await cli.tenantApi()).call('GET', '/admin/audit/verification')) as Verdict)
            : await verifyExport(file);
        const { isIntact, events, checkpoints, fault } = verdict;
        if (!isIntact) {
          throw new ServerFault(
            0,
            'audit.not-intact',
            `The log is not whole: at place ${fault?.position}, ${fault?.problem}.`,
            { verdict },
          );
        }
        if (cli.isJson()) showJson(cli, verdict);
        else done(cli, `The log is whole: ${events} events under ${checkpoints} signed checkpoints.`);
      }),
    'entente audit verify --tenant fabrikam.example',
    'entente audit verify audit.ndjson',
  );
  example(
    audit
      .command('export')
      .description('the sealed log as lines of JSON, which "entente audit verify" checks anywhere')
      .requiredOption('-o, --output <file>', 'where to write it; - for standard output')
      .action(async ({ output }: { output: string }) => {
        const api = await cli.tenantApi();
        await writeOutput(await api.download('GET', '/admin/audit/export'), output);
        if (output !== '-') done(cli, `The log is in ${output}. "entente audit verify ${output}" checks it.`);
      }),
    'entente audit export -o audit.ndjson --tenant fabrikam.example',
  );
}

/**
 * Verifies an export without a server. It is read twice, since the checkpoints stand behind the events and neither need
 * fit into memory for the other.
 * @throws UsageError when the file is no export.
 */
async function verifyExport(file: string): Promise<Verdict> {
  let log: { tenantId: string; publicKey: string | null } | undefined;
  let events = 0;
  const checkpoints: { size: number; note: string }[] = [];
  for await (const line of linesOf(file)) {
    if (line.log) log = line.log;
    else if (line.checkpoint) checkpoints.push(line.checkpoint);
    else if (line.event) events += 1;
    else throw new UsageError(`${file} is no export of an audit log.`);
  }
  if (!log) throw new UsageError(`${file} is no export of an audit log.`);
  if (log.publicKey === null) {
    if (events + checkpoints.length === 0) return { isIntact: true, events: 0, checkpoints: 0 };
    return {
      isIntact: false,
      events: 0,
      checkpoints: 0,
      fault: { position: 0, problem: 'the key of the log is missing' },
    };
  }
  // Loaded here alone: it brings half the server with it, and every other command starts without.
  const { verifyLog } = await import('../src/audit/index.ts');
  const verdict = await verifyLog({
    tenantId: log.tenantId,
    publicKey: log.publicKey,
    events: eventsOf(file),
    checkpoints,
  });
  const last = checkpoints.at(-1)?.size ?? 0;
  // Without a checkpoint at its end, a log that was cut or lengthened would look whole.
  if (verdict.isIntact && last !== verdict.events) {
    const problem = `the events from ${last} on stand under no checkpoint`;
    return { ...verdict, isIntact: false, fault: { position: last, problem } };
  }
  return verdict;
}

async function* eventsOf(file: string): AsyncGenerator<SealedEvent> {
  for await (const { event } of linesOf(file)) {
    if (event) yield { event: { ...event, at: new Date(event.at) }, leaf: null };
  }
}

async function* linesOf(file: string): AsyncGenerator<Answer> {
  const content = createReadStream(file, 'utf8');
  const failed = new Promise<never>((_, reject) =>
    content.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UsageError(`${file} cannot be read (${error.code}).`)),
    ),
  );
  await Promise.race([new Promise((opened) => content.once('open', opened)), failed]);
  failed.catch(() => {});
  for await (const line of createInterface({ input: content, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue;
    try {
      yield JSON.parse(line);
    } catch {
      throw new UsageError(`${file} is no export of an audit log: a line is not JSON.`);
    }
  }
}
