import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { type Cli, done, example, path, showJson, time, titled } from './command.ts';
import { type Answer, ServerFault, UsageError } from './connection.ts';
import { readText } from './input-file.ts';
import { printTable } from './table.ts';
import { followed, showLines, tellSummary } from './what-if.ts';

/** What `plan` and `drift` end with where there is something to see. */
const CHANGES = 2;
const DIFFERS = 3;
const OUTDATED = 'tenants.settings-plan-outdated';
/** Who agreed to whatever the plan says is asked for no other one when the world has moved on meanwhile. */
const TRIES = 3;

/** `entente plan`, `apply` and `drift`: what an organisation has set, kept as a text. */
export function addSettingsText(program: Command, cli: Cli): void {
  example(
    program
      .command('plan <file>')
      .description('what a text of settings would change, and who would gain and lose what; - reads standard input')
      .option('--settings-only', 'do not ask who would gain and lose what')
      .addHelpText('after', `\nExit codes: 0 nothing would change, ${CHANGES} something would, 1 refused or failed.`)
      .action(async (file: string, options: { settingsOnly?: true }) => {
        const plan = await planned(cli, await readText(file), options.settingsOnly !== true);
        if (cli.isJson()) showJson(cli, plan);
        else showPlan(cli, plan);
        if (plan.changes.length > 0) process.exitCode = CHANGES;
      }),
    'entente plan fabrikam.yaml --tenant fabrikam.example',
  );
  example(
    program
      .command('apply <file>')
      .description('make what a text of settings says, all or nothing, once the plan is agreed to')
      .option('--yes', 'agree to whatever the plan says')
      .action(async (file: string, options: { yes?: true }) => apply(cli, file, options.yes === true)),
    'entente apply fabrikam.yaml --tenant fabrikam.example',
    'entente export | sed s/limitedRead/none/ | entente apply - --yes',
  );
  example(
    program
      .command('drift [file]')
      .description(
        'what was changed since a text was applied, or differs from a file, and what is less than was agreed',
      )
      .addHelpText('after', `\nExit codes: 0 nothing differs, ${DIFFERS} something does, 1 refused or failed.`)
      .action(async (file?: string) => {
        const api = await cli.tenantApi();
        const found = await (file === undefined
          ? api.call('GET', '/admin/settings-text/drift')
          : api.call('POST', '/admin/settings-text/drift', { text: await readText(file) }));
        if (cli.isJson()) showJson(cli, found);
        else showDrift(cli, found);
        const differs = [...found.groups, ...found.agreements].some((one: Answer) => one.status === 'differs');
        if (differs) process.exitCode = DIFFERS;
      }),
    'entente drift --tenant fabrikam.example',
    'entente drift fabrikam.yaml --tenant fabrikam.example',
  );
}

async function planned(cli: Cli, text: string, whatIf: boolean): Promise<Answer> {
  const api = await cli.tenantApi();
  const plan = await api.call('POST', '/admin/settings-text/plan', { text, whatIf });
  if (plan.whatIf === null) return { ...plan, lines: null };
  const answer = await followed(cli, api, plan.whatIf);
  if (answer.state !== 'done') throw new Error(answer.failure ?? `What-if was ${answer.state}.`);
  return { ...plan, whatIf: answer, lines: await api.list(path`/admin/what-if/${answer.id}/lines`) };
}

async function apply(cli: Cli, file: string, isAgreed: boolean): Promise<void> {
  if (!isAgreed && file === '-') throw new UsageError('The text is read from where you would answer: add --yes.');
  if (!isAgreed && !process.stdin.isTTY) throw new UsageError('There is no terminal to ask at: add --yes.');
  const api = await cli.tenantApi();
  const text = await readText(file);
  for (let tries = 1; ; tries += 1) {
    const plan = await planned(cli, text, !isAgreed);
    if (!cli.isJson()) showPlan(cli, plan);
    if (!isAgreed && plan.changes.length > 0 && !(await isWanted())) throw new Error('Nothing was changed.');
    try {
      const made = await api.call('POST', '/admin/settings-text/apply', { text, digest: plan.digest });
      if (cli.isJson()) showJson(cli, made);
      else done(cli, made.changes.length === 0 ? 'It is all as the text says.' : `Applied: ${count(made.changes)}.`);
      return;
    } catch (error) {
      if (!(error instanceof ServerFault) || error.code !== OUTDATED || !isAgreed || tries === TRIES) throw error;
    }
  }
}

async function isWanted(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('Apply this? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}

const count = (changes: readonly unknown[]) => (changes.length === 1 ? '1 setting' : `${changes.length} settings`);
const place = { title: 'For', value: (row: Answer) => row.targetName ?? '' };
const text = (title: string, name: string) => ({ title, value: (row: Answer) => row[name] ?? '(not set)' });

function showPlan(cli: Cli, plan: Answer): void {
  if (plan.changes.length === 0) {
    cli.out('Nothing would change.\n');
    return;
  }
  const columns = [
    titled('Group', 'group'),
    place,
    titled('Setting', 'name'),
    text('Now', 'oldText'),
    text('Then', 'newText'),
  ];
  cli.out(`${printTable(columns, plan.changes, cli.paper)}\n`);
  if (!plan.mayApply) cli.note('You may not make all of these changes.');
  if (plan.lines === null) return;
  cli.out('\n');
  showLines(cli, plan.lines);
  tellSummary(cli, plan.whatIf);
}

const STATES: Readonly<Record<string, string>> = {
  same: 'same',
  differs: 'DIFFERS',
  'not-applicable': 'not applicable',
};

const REASONS: Readonly<Record<string, string>> = {
  'not-in-force': 'the agreement is not in force',
  'not-enforced': 'no part of this server acts on it',
  ended: 'its end has passed',
  'nothing-agreed': 'nothing was agreed of it',
  'not-sound': 'the agreement is not what was signed',
  'no-measure': 'no setting says how far it goes',
};

function showDrift(cli: Cli, { groups, agreements }: Answer): void {
  const state = { title: 'State', value: (row: Answer) => STATES[row.status] ?? row.status };
  const compared = groups.filter(({ status }: Answer) => status !== 'not-applicable');
  if (compared.length === 0) cli.out('Not applicable: no text was applied yet.\n');
  else {
    const columns = [
      titled('Group', 'group'),
      state,
      { title: 'Applied', value: (row: Answer) => time(row.appliedAt) },
      titled('By', 'appliedBy'),
    ];
    cli.out(`${printTable(columns, compared, cli.paper)}\n`);
  }
  const drifts = groups.flatMap((one: Answer) => one.drifts);
  if (drifts.length > 0) {
    const columns = [
      titled('Group', 'group'),
      place,
      titled('Setting', 'name'),
      text('Text', 'oldText'),
      text('Now', 'newText'),
      { title: 'When', value: (row: Answer) => time(row.changedAt) },
      { title: 'Who', value: ({ changedBy }: Answer) => changedBy ?? '(in the database)' },
    ];
    cli.out(`\n${printTable(columns, drifts, cli.paper)}\n`);
  }
  const checks = agreements.flatMap((one: Answer) =>
    one.checks.map((check: Answer) => ({ ...check, partner: one.partner.domain })),
  );
  if (checks.length === 0) return;
  const columns = [
    titled('Agreement with', 'partner'),
    titled('What', 'what'),
    state,
    titled('Agreed', 'agreed'),
    { title: 'Now', value: ({ now, isForSome }: Answer) => (isForSome ? `${now}, for some` : now) },
    {
      title: 'Why',
      value: ({ reason, setting }: Answer) =>
        reason
          ? REASONS[reason]
          : setting
            ? [setting.module, setting.target, setting.name].filter(Boolean).join(' / ')
            : '',
    },
  ];
  cli.out(`\n${printTable(columns, checks, cli.paper)}\n`);
}
