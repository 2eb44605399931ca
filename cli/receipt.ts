import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type Cli, done, example, path, showJson, showRows, titled } from './command.ts';
import { type Answer, UsageError } from './connection.ts';
import { tryOut } from './what-if.ts';

interface OffboardOptions {
  readonly dryRun?: true;
  readonly guest?: true;
  readonly newOwner?: string;
  readonly reason?: string;
  readonly output?: string;
}

const PAUSE_MS = 300;
const KINDS = [
  titled('Kind', 'title'),
  titled('Found', 'found'),
  titled('Revoked', 'revoked'),
  titled('Handed over', 'transferred'),
  titled('Not ended', 'irrecoverable'),
];

/** `entente offboard` and `entente receipt`: parting with a partner or a guest, and the proof of it. */
export function addOffboard(program: Command, cli: Cli): void {
  example(
    program
      .command('offboard <partner>')
      .description('part with another organisation, by domain or id, or with one guest')
      .option('--dry-run', 'only say who would lose what')
      .option('--guest', 'the word is the id of one guest')
      .option('--new-owner <id>', 'who has from then on what they own here')
      .option('--reason <text>', 'why')
      .option('-o, --output <file>', 'write the signed receipt to a file')
      .action(async (partner: string, options: OffboardOptions) => {
        const parting = {
          ...(options.guest ? { accountId: partner } : { partner }),
          ...(options.newOwner === undefined ? {} : { newOwnerId: options.newOwner }),
          ...(options.reason === undefined ? {} : { reason: options.reason }),
        };
        if (options.dryRun) await tryOut(cli, { changes: [{ trial: 'partners.end', input: parting }] }, {});
        else await part(cli, parting, options);
      }),
    'entente offboard contoso.example --dry-run --tenant fabrikam.example',
    'entente offboard contoso.example --new-owner 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10 -o receipt.json',
  );
  const receipt = program.command('receipt').description('receipts of what was ended');
  example(
    receipt
      .command('verify <file>')
      .description('check a receipt, without any server')
      .option('--organization <file>', 'what the organisation published of itself, kept from before')
      .action(async (file: string, options: { organization?: string }) => {
        // Only this one needs the server's code.
        const { readReceipt } = await import('../src/partners/index.ts');
        const read = async (name: string) => JSON.parse(await readFile(name, 'utf8')) as unknown;
        const known = options.organization === undefined ? undefined : await read(options.organization);
        const { by, with: other, kinds } = await readReceipt(await read(file), known);
        showRows(cli, kinds, KINDS, 'Nothing stood between them.');
        const signer = `${by.displayName} (${by.domains.join(', ')}, ${by.tenantId})`;
        done(cli, `The receipt is whole: ${signer} has parted with ${other.displayName}.`);
        if (known === undefined)
          cli.note('Its keys are those that came with it. --organization checks against those you know.');
      }),
    'entente receipt verify receipt.json',
  );
}

async function part(cli: Cli, parting: Answer, options: OffboardOptions): Promise<void> {
  const api = await cli.tenantApi();
  let ending = await api.call('POST', '/admin/endings', parting);
  cli.note('Nobody comes in any more. What stands is being ended.');
  while (ending.state === 'running') {
    await sleep(PAUSE_MS);
    ending = await api.call('GET', path`/admin/endings/${ending.id}`);
  }
  const signed = await api.call('GET', path`/admin/endings/${ending.id}/receipt`);
  if (options.output !== undefined) {
    await writeFile(options.output, `${JSON.stringify(signed, null, 2)}\n`).catch((error: Error) => {
      throw new UsageError(`The receipt could not be written: ${error.message}`);
    });
    cli.note(`The receipt is in ${options.output}.`);
  }
  if (cli.isJson()) showJson(cli, signed);
  else showRows(cli, signed.receipt.kinds, KINDS, 'Nothing stood between you.');
  if (ending.notice === 'outstanding') cli.note('The partner has not confirmed yet; it is told again until it does.');
}
