import type { Command } from 'commander';
import { type Cli, example, path, showJson, showRows, titled } from './command.ts';
import { type Answer, type Api, UsageError } from './connection.ts';
import { printFacts, printTable } from './table.ts';

interface ExplainOptions {
  readonly question?: string;
  readonly user?: string;
  readonly input?: string;
  readonly wanted?: string;
  readonly list?: true;
}

/** `entente explain`: why somebody may or may not, by a refusal's reference or by asking again. */
export function addExplain(program: Command, cli: Cli): void {
  example(
    program
      .command('explain [reference]')
      .description('why somebody may or may not: a refusal by its reference, or any question')
      .option('--question <name>', 'the question to answer now')
      .option('--user <user>', 'who asks, by sign-in name or id; without it, you')
      .option('--input <json>', 'what it is asked about')
      .option('--wanted <level>', 'the level to reach; without it, the next one up')
      .option('--list', 'every question')
      .action(async (reference: string | undefined, options: ExplainOptions) => {
        const api = await cli.tenantApi();
        if (options.list) return showQuestions(cli, await api.list('/admin/questions'));
        if ((reference === undefined) === (options.question === undefined)) {
          throw new UsageError(
            'Give the reference of a refusal, or a question with --question. --list shows them all.',
          );
        }
        const answer =
          reference === undefined
            ? await api.call('POST', '/admin/explain', await questionOf(api, options))
            : await api.call('GET', path`/admin/decisions/${reference}`);
        if (cli.isJson()) showJson(cli, answer);
        else if (reference === undefined) showExplained(cli, answer);
        else showRefusal(cli, answer);
      }),
    'entente explain 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10 --tenant fabrikam.example',
    'entente explain --question tenants.settings.administer --user anders@fabrikam.example',
    'entente explain --list',
  );
}

async function questionOf(api: Api, options: ExplainOptions): Promise<Answer> {
  const { question, user, input, wanted } = options;
  const isId = user !== undefined && /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(user);
  const subjectId = user === undefined || isId ? user : (await api.call('GET', path`/v1.0/users/${user}`)).id;
  return {
    question,
    ...(subjectId === undefined ? {} : { subjectId }),
    ...(input === undefined ? {} : { input: parseInput(input) }),
    ...(wanted === undefined ? {} : { wanted }),
  };
}

function parseInput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--input is not JSON: ${text}`);
  }
}

function showQuestions(cli: Cli, questions: Answer[]): void {
  const columns = [
    titled('Question', 'name'),
    titled('Levels', 'levels'),
    { title: 'Rules', value: (row: Answer) => row.rules.length },
    titled('Sentence', 'sentence'),
  ];
  showRows(cli, questions, columns, 'There is no question.');
}

function showRefusal(cli: Cli, { refusal, personSees, now }: Answer): void {
  const facts = {
    When: refusal.at,
    Who: refusal.actor.displayName,
    Question: refusal.question,
    Wanted: refusal.wanted,
    Answer: refusal.level,
    Because: refusal.because.map(reasonText).join('; '),
    'They were told': personSees.sentence,
  };
  cli.out(`${printFacts(facts)}\n`);
  if (now) {
    cli.out('\nAsked again now:\n');
    showExplained(cli, now);
  }
}

function showExplained(cli: Cli, { explanation, personSees }: Answer): void {
  const facts = {
    Question: explanation.sentence,
    Answer: explanation.level,
    Because: explanation.because.map(reasonText).join('; '),
    'What would change it': changeText(explanation.smallestChange),
    'They are told': personSees?.sentence,
  };
  cli.out(`${printFacts(facts)}\n`);
  const rules = [
    ...explanation.rules,
    ...explanation.grants.map((grant: Answer) => ({ ...grant, name: `grant ${grant.id}` })),
  ];
  if (rules.length === 0) return;
  const columns = [
    { title: 'Decided', value: (rule: Answer) => (rule.decided ? '*' : '') },
    titled('Rule', 'name'),
    titled('Permits', 'level'),
    { title: 'Setting', value: (rule: Answer) => (rule.setting ? settingText(rule.setting) : '') },
    titled('Who can change it', 'remedy'),
  ];
  cli.out(`\n${printTable(columns, rules, cli.paper)}\n`);
}

function reasonText(reason: Answer): string {
  if (reason.kind === 'no-grant') return 'nothing gives it';
  if (reason.kind === 'grant') return `the grant ${reason.grantId}`;
  return `${reason.sentence ?? reason.name}${reason.setting ? ` (${settingText(reason.setting)})` : ''}`;
}

const settingText = (setting: Answer) => `${setting.module}.${setting.name} = ${JSON.stringify(setting.value)}`;

function changeText(change: Answer): string | undefined {
  if (!change) return undefined;
  if (change.none) return 'nothing that anybody can do';
  const steps = change.changes.map((step: Answer) =>
    step.kind === 'grant'
      ? `a grant of "${step.to}" (${step.remedy})`
      : `${settingText({ ...step.setting, value: step.value ?? step.to })} (${step.remedy})`,
  );
  return steps.length === 0
    ? undefined
    : `${change.single ? '' : 'no single change; together: '}${steps.join(' and ')}`;
}
