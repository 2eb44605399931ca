import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addAgreement } from './agreement.ts';
import { addAudit } from './audit.ts';
import { addBackup } from './backup.ts';
import { addCalendar } from './calendar.ts';
import type { Cli } from './command.ts';
import { addCompletion } from './completion.ts';
import { addConfig } from './config.ts';
import { type Api, connect, dataFolder, UsageError } from './connection.ts';
import { addDemo } from './demo.ts';
import { addDomain } from './domain.ts';
import { addExplain } from './explain.ts';
import { addExport } from './export.ts';
import { addGroup } from './group.ts';
import { addGuest } from './guest.ts';
import { addLedger } from './ledger.ts';
import { addLicence } from './licence.ts';
import { addPartner } from './partner.ts';
import { addOffboard } from './receipt.ts';
import { addServe } from './serve.ts';
import { addSettingsOfTenant } from './settings.ts';
import { addSettingsText } from './settings-text.ts';
import { addTenant } from './tenant.ts';
import { addUser } from './user.ts';
import { addWhatIf } from './what-if.ts';

const FOOT = `
Environment:
  ENTENTE_SERVER      address of the server, as --server
  ENTENTE_DATA        data folder of the server, as --data
  ENTENTE_TENANT      organisation to work in, as --tenant
  ENTENTE_TOKEN       access token; without it, the operator's, from the data folder
  ENTENTE_PASSPHRASE  passphrase of a backup

Exit codes: 0 done, 1 refused or failed, 2 the command was not understood; of plan also 2 there are changes, of
drift 3 something differs.

Examples:
  $ entente serve --demo
  $ entente user list --tenant fabrikam.example
  $ entente audit verify --tenant fabrikam.example`;

/** The whole command: every group of subcommands on one tree. `words` are those after `entente`. */
export function createProgram(words: readonly string[]): { program: Command; cli: Cli } {
  const program = new Command('entente')
    .description('Runs an Entente server and administers the organisations on it.')
    .version(versionOf(), '--version', 'print which version this is')
    .option('--server <url>', 'the server to speak to; without it, the one that runs with the data folder')
    .option('--data <dir>', 'data folder of the server (default: ~/.entente)')
    .option('--tenant <domain>', 'the organisation to work in, by domain or id')
    .option('--json', 'print what the API answered, for scripts')
    .addHelpText('after', FOOT)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showSuggestionAfterError();
  const options = () => program.opts<{ server?: string; data?: string; tenant?: string; json?: true }>();
  let connected: Promise<Api> | undefined;
  const api = () => {
    connected ??= connect(options(), process.env);
    return connected;
  };
  const cli: Cli = {
    environment: process.env,
    paper: {
      width: process.stdout.isTTY ? process.stdout.columns : undefined,
      isColoured: process.stdout.isTTY === true && !process.env.NO_COLOR,
    },
    isJson: () => options().json === true,
    data: () => dataFolder(options(), process.env),
    out: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(`${text}\n`),
    api,
    async tenantApi() {
      const found = await api();
      if (found.isOperator && !(options().tenant ?? process.env.ENTENTE_TENANT)) {
        throw new UsageError('Which organisation? Add --tenant <domain>. "entente tenant list" shows them.');
      }
      return found;
    },
  };
  addServe(program, cli, words);
  addConfig(program, cli, words);
  addTenant(program, cli);
  addDomain(program, cli);
  addUser(program, cli);
  addGuest(program, cli);
  addGroup(program, cli);
  addLicence(program, cli);
  addSettingsOfTenant(program, cli);
  addSettingsText(program, cli);
  addAgreement(program, cli);
  addPartner(program, cli);
  addExplain(program, cli);
  addLedger(program, cli);
  addWhatIf(program, cli);
  addOffboard(program, cli);
  addAudit(program, cli);
  addExport(program, cli);
  addBackup(program, cli);
  addCalendar(program, cli);
  addDemo(program, cli);
  addCompletion(program, cli);
  return { program, cli };
}

/** The version of the product, as the package names it. */
const versionOf = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
