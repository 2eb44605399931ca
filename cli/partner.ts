import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { type Cli, example, path } from './command.ts';
import { type Answer, ServerFault } from './connection.ts';

const SIGNS: Readonly<Record<string, string>> = {
  passed: 'ok',
  failed: 'FAILED',
  'not-applicable': '-',
  'not-reached': '..',
};
const ENDS: Readonly<Record<string, string>> = { ours: 'from here', theirs: 'from there', both: 'both ends' };
const SIDES: Readonly<Record<string, string>> = { ours: 'our side', theirs: 'their side', between: 'on the way' };

export function addPartner(program: Command, cli: Cli): void {
  const partner = example(
    program.command('partner').description('Look into how working together with other organisations goes.'),
    'entente partner test contoso.example',
  );
  example(
    partner
      .command('test <domain>')
      .description('Test a partnership from both ends, step by step; exit code 1 when something fails.')
      .option('--mailbox <address>', 'somebody there whose times are looked up')
      .action(async (domain: string, { mailbox }: { mailbox?: string }) => {
        const api = await cli.tenantApi();
        const answer = await api.download('POST', path`/admin/partners/${domain}/tests`, { mailbox });
        let verdict: Answer;
        for await (const line of createInterface({ input: answer })) {
          const read: Answer = JSON.parse(line);
          if (cli.isJson()) cli.out(`${line}\n`);
          else if (read.step) cli.out(`${printStep(read.step)}\n`);
          verdict = read.verdict ?? verdict;
        }
        if (!verdict) throw new ServerFault(0, 'network', 'The test was broken off.');
        if (verdict.isHealthy) cli.note('Everything that was looked at works.');
        else throw new ServerFault(0, 'partners.failing', `It fails first at ${verdict.step}, ${SIDES[verdict.side]}.`);
      }),
    'entente partner test contoso.example --mailbox bob@contoso.example',
  );
  addKey(partner, cli);
}

const KEYS = '/admin/partner-keys';

function addKey(partner: Command, cli: Cli): void {
  const key = example(
    partner.command('key').description('The key with which the organisation signs what it says to others.'),
    'entente partner key show',
  );
  const print = ({ value }: Answer) => {
    if (cli.isJson()) return cli.out(`${JSON.stringify(value)}\n`);
    for (const { state, x } of value) cli.out(`${String(state).padEnd(10)} ${x}\n`);
  };
  example(
    key
      .command('show')
      .description('Show every key, the one that signs first.')
      .action(async () => print(await (await cli.tenantApi()).call('GET', KEYS))),
    'entente partner key show',
  );
  example(
    key
      .command('change')
      .description('Announce a new key, which the old one answers for; partners follow by themselves.')
      .option('--overlap <days>', 'days in which both count, from 1 to 90', '14')
      .action(async ({ overlap }: { overlap: string }) =>
        print(await (await cli.tenantApi()).call('POST', KEYS, { overlapDays: Number(overlap) })),
      ),
    'entente partner key change --overlap 30',
  );
  example(
    key
      .command('withdraw')
      .description(
        'Give up every key at once, because somebody else may have it; partners confirm the new one by hand.',
      )
      .requiredOption('--reason <text>', 'what happened, for the audit')
      .action(async ({ reason }: { reason: string }) =>
        print(await (await cli.tenantApi()).call('POST', `${KEYS}/withdraw`, { reason })),
      ),
    'entente partner key withdraw --reason "A laptop was stolen"',
  );
}

/** A step in one line, and what to do about it in the next. */
function printStep({ step, end, status, side, seen, todo }: Answer): string {
  const head = `${(SIGNS[status] ?? status).padEnd(7)} ${(ENDS[end] ?? end).padEnd(10)}  ${String(step).padEnd(24)}`;
  if (status !== 'failed') return `${head}  ${seen}`;
  return [`${head}  ${seen} (${SIDES[side]})`, ...(todo ? [`${' '.repeat(46)}${todo}`] : [])].join('\n');
}
