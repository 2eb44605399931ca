import type { Command } from 'commander';
import { type Cli, done, example, path, showJson, showObject, showRows, titled, withQuery } from './command.ts';
import { type Answer, ServerFault, UsageError } from './connection.ts';
import { readText } from './input-file.ts';
import { printTable } from './table.ts';

const BASE = '/admin/partners/agreements';

/** `entente agreement`: what two organisations agree on, as text, signed by both. */
export function addAgreement(program: Command, cli: Cli): void {
  const agreement = program.command('agreement').description('agreements with other organisations');
  example(agreement, 'entente agreement propose contoso.example terms.yaml', 'entente agreement show contoso.example');
  const byName = async (name: string) => idOf(await (await cli.tenantApi()).list(BASE), name);

  example(
    agreement
      .command('list')
      .description('every agreement, those that are over last')
      .action(async () => {
        const rows = await (await cli.tenantApi()).list(BASE);
        const columns = [
          { title: 'Partner', value: (row: Answer) => row.partner.domain },
          titled('Title', 'title'),
          { title: 'State', value: (row: Answer) => (row.isSound ? row.state : `${row.state}, BROKEN`) },
          titled('Version', 'version'),
          titled('Open', 'openVersion'),
          { title: 'Waits for', value: (row: Answer) => row.awaits ?? '' },
          titled('Id', 'id'),
        ];
        showRows(cli, rows, columns, 'There is no agreement.');
      }),
    'entente agreement list --tenant fabrikam.example',
  );
  example(
    agreement
      .command('terms')
      .description('what can be agreed about, with the levels of each')
      .action(async () => {
        const rows = await (await cli.tenantApi()).list('/admin/partners/agreement-terms');
        const columns = [
          titled('Term', 'name'),
          titled('Workload', 'workload'),
          { title: 'Levels', value: (row: Answer) => row.levels.join(' < ') },
          { title: 'Enforced', value: (row: Answer) => (row.isEnforced ? 'yes' : 'no, only written down') },
        ];
        showRows(cli, rows, columns, 'There is nothing to agree about.');
      }),
    'entente agreement terms --tenant fabrikam.example',
  );
  example(
    agreement
      .command('propose <partner> <file>')
      .description('propose what stands in a text (YAML); - reads standard input')
      .option('--draft', 'keep it as a draft that the partner does not see')
      .action(async (partner: string, file: string, options: { draft?: true }) => {
        const api = await cli.tenantApi();
        const text = await readText(file);
        const found = await api.call('POST', BASE, { partner, text, propose: options.draft !== true });
        const how = options.draft ? 'is a draft' : 'is signed by us and on its way';
        if (cli.isJson()) showJson(cli, found);
        else done(cli, `The agreement ${found.id} with ${found.partner.displayName} ${how}.`);
      }),
    'entente agreement propose contoso.example terms.yaml --tenant fabrikam.example',
  );
  example(
    agreement
      .command('show <partner>')
      .description('both columns with the narrower value between them; the partner by domain, or an id')
      .option('--yaml', 'the text of the newest version, as it is signed')
      .option('--version-number <n>', 'with --yaml: another version')
      .option('--history', 'every version and amendment with its signatures, as JSON')
      .action(async (name: string, options: { yaml?: true; versionNumber?: string; history?: true }) => {
        const api = await cli.tenantApi();
        const id = await byName(name);
        if (options.history)
          return showJson(cli, await api.call('GET', path`/admin/partners/agreements/${id}/history`));
        if (options.yaml) {
          return cli.out(
            await api.call(
              'GET',
              withQuery(path`/admin/partners/agreements/${id}/text`, { version: options.versionNumber }),
            ),
          );
        }
        showAgreement(cli, await api.call('GET', path`/admin/partners/agreements/${id}`));
      }),
    'entente agreement show contoso.example --tenant fabrikam.example',
    'entente agreement show contoso.example --yaml > terms.yaml',
  );
  example(
    agreement
      .command('counter <partner> <file>')
      .description('answer with a version of our own, or propose to change what is in force; - reads standard input')
      .option('--against <n>', 'only if this is still the newest version')
      .action(async (name: string, file: string, options: { against?: string }) => {
        const text = await readText(file);
        const against = options.against === undefined ? {} : { against: Number(options.against) };
        await act(cli, await byName(name), 'counter', { text, ...against }, 'Our version is signed and on its way.');
      }),
    'entente agreement counter contoso.example terms.yaml --against 1',
  );
  example(
    agreement
      .command('sign <partner>')
      .description('sign the version that the partner has put to us')
      .option('--version-number <n>', 'only if this is the one')
      .action(async (name: string, options: { versionNumber?: string }) => {
        const body = options.versionNumber === undefined ? {} : { version: Number(options.versionNumber) };
        await act(cli, await byName(name), 'sign', body, 'Signed: it is in force.');
      }),
    'entente agreement sign fabrikam.example --version-number 2 --tenant contoso.example',
  );
  const alone = (name: string, description: string, sentence: string) =>
    example(
      agreement
        .command(`${name} <partner>`)
        .description(description)
        .option('--reason <text>', 'why; the partner reads it')
        .action(async (partner: string, options: { reason?: string }) => {
          await act(cli, await byName(partner), name, options.reason ? { reason: options.reason } : {}, sentence);
        }),
      `entente agreement ${name} contoso.example --reason "An incident."`,
    );
  example(
    agreement
      .command('narrow <partner> <term> <of> <level>')
      .description('lower what we offer or accept of one term; it holds at once')
      .option('--reason <text>', 'why; the partner reads it')
      .action(async (name: string, term: string, of: string, to: string, options: { reason?: string }) => {
        const body = { terms: [{ term, of, to }], ...(options.reason ? { reason: options.reason } : {}) };
        await act(cli, await byName(name), 'narrow', body, `${term} goes no further than ${to} from now on.`);
      }),
    'entente agreement narrow contoso.example files.sharing fabrikam.example view',
  );
  alone('suspend', 'close all that an agreement opens, at once', 'Suspended: nothing in it is open.');
  alone('resume', 'take our own suspension back', 'Resumed.');
  alone('end', 'end an agreement for good, or decline a proposal', 'Ended: what it opened is closed.');
  example(
    agreement
      .command('verify <partner>')
      .description('check our copy byte for byte, and ask the partner what it holds')
      .action(async (name: string) => {
        const api = await cli.tenantApi();
        const found = await api.call('POST', path`/admin/partners/agreements/${await byName(name)}/verify`);
        if (cli.isJson()) showJson(cli, found);
        else
          showObject(cli, found, ({ isSound, problems, partner }) => ({
            'Our copy': isSound ? 'is what was signed' : `is NOT what was signed: ${problems.join(' ')}`,
            'The partner': partner
              ? `${partner.isSound ? 'sound' : 'NOT sound'}, ${partner.isSame ? 'the same as ours' : 'NOT the same as ours'}`
              : 'does not answer',
          }));
        if (!found.isSound) throw new ServerFault(409, 'partners.agreement-broken', 'The agreement holds no more.');
      }),
    'entente agreement verify contoso.example --tenant fabrikam.example',
  );
}

async function act(cli: Cli, id: string, name: string, body: unknown, sentence: string): Promise<void> {
  const found = await (await cli.tenantApi()).call('POST', path`/admin/partners/agreements/${id}/${name}`, body);
  if (cli.isJson()) showJson(cli, found);
  else done(cli, sentence);
}

/** By id, or by the domain or the name of the partner: of several the one that is not over. */
function idOf(rows: readonly Answer[], name: string): string {
  const wanted = name.toLowerCase();
  const found = rows.filter(
    ({ id, partner }) =>
      id === wanted || partner.domain === wanted || String(partner.displayName).toLowerCase() === wanted,
  );
  const living = found.filter(({ state }) => state !== 'ended');
  const [one] = living.length > 0 ? living : found;
  if (!one) throw new UsageError(`There is no agreement with "${name}". "entente agreement list" shows them.`);
  return one.id;
}

const because = (who: string, reason: string | null | undefined) => (reason ? `${who} (${reason})` : who);

function showAgreement(cli: Cli, found: Answer): void {
  if (cli.isJson()) {
    showJson(cli, found);
    return;
  }
  showObject(
    cli,
    found,
    ({ partner, title, state, isSound, version, openVersion, awaits, suspendedBy, suspendedFor, id }) => ({
      Partner: `${partner.displayName} (${partner.domain})`,
      Title: title,
      State: isSound ? state : `${state}, BROKEN: nothing in it holds`,
      'In force': version === null ? 'no version yet' : `version ${version}`,
      ...(openVersion === null ? {} : { Open: `version ${openVersion}, waits for ${awaits}` }),
      ...(suspendedBy.length > 0
        ? { 'Suspended by': suspendedBy.map((who: string) => because(who, suspendedFor?.[who])).join(' and ') }
        : {}),
      Id: id,
    }),
  );
  const side = ({ does, level, whom, until }: Answer) =>
    `${does} ${level}${whom === 'everyone' ? '' : ', some'}${until ? ` until ${String(until).slice(0, 10)}` : ''}`;
  const rows: Answer[] = (found.inForce ? found.terms : (found.open ?? found.draft)?.terms) ?? [];
  if (rows.length > 0) {
    const columns = [
      titled('Term', 'term'),
      titled('Of', 'of'),
      { title: 'We', value: (row: Answer) => side(row.ours) },
      { title: 'Narrower', value: (row: Answer) => `${row.effective.level}${row.isEnforced ? '' : ' (not enforced)'}` },
      { title: 'They', value: (row: Answer) => side(row.theirs) },
    ];
    cli.out(`\n${printTable(columns, rows, cli.paper)}\n`);
  }
  const changes: Answer[] = found.open?.differences ?? [];
  if (changes.length === 0) return;
  const words = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const columns = [
    {
      title: `Version ${found.openVersion} changes`,
      value: (row: Answer) => [row.term, row.of].filter(Boolean).join(' of '),
    },
    { title: 'What', value: (row: Answer) => (row.place === row.name ? row.name : `${row.place} ${row.name}`) },
    { title: 'From', value: (row: Answer) => words(row.old) },
    { title: 'To', value: (row: Answer) => words(row.new) },
  ];
  cli.out(`\n${printTable(columns, changes, cli.paper)}\n`);
}
