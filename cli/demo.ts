import type { Command } from 'commander';
import { type Cli, count, example, list, showJson } from './command.ts';
import { UsageError } from './connection.ts';

interface DemoOptions {
  readonly user: string;
  readonly minutes?: number;
  readonly scopes?: string[];
  readonly name?: string;
}

/** `entente demo`: credentials of the demo's people, on a server started with `--demo`. */
export function addDemo(program: Command, cli: Cli): void {
  const demo = program.command('demo').description('credentials of the demo’s people (server started with --demo)');
  example(demo, 'entente demo token --tenant fabrikam.example --user ann@fabrikam.example');

  // The organisation goes into the body: the operator's own work is done in the name of the server.
  const ask = async (path: string, body: Record<string, unknown>, secret: string) => {
    const tenant = program.opts().tenant ?? cli.environment.ENTENTE_TENANT;
    if (!tenant) throw new UsageError('Which organisation? Add --tenant <domain>.');
    const answer = await (await cli.api()).call('POST', path, { tenant, ...body });
    if (cli.isJson()) showJson(cli, answer);
    else cli.out(`${answer[secret]}\n`);
  };
  example(
    demo
      .command('token')
      .description('print an access token of somebody')
      .requiredOption('--user <sign-in-name>', 'whose')
      .option('--minutes <n>', 'how long it is good for', count)
      .option('--scopes <names>', 'what it is limited to, separated by commas; without it, everything', list)
      .action(({ user, minutes, scopes }: DemoOptions) =>
        ask(
          '/operator/demo/token',
          { user, ...(minutes === undefined ? {} : { minutes }), ...(scopes === undefined ? {} : { scopes }) },
          'access_token',
        ),
      ),
    'entente demo token --tenant fabrikam.example --user ann@fabrikam.example --minutes 30 --scopes User.Read.All',
  );
  example(
    demo
      .command('app-password')
      .description('print a password of somebody for a calendar, file or mail program')
      .requiredOption('--user <sign-in-name>', 'whose')
      .option('--name <text>', 'what it is for')
      .action(({ user, name }: DemoOptions) =>
        ask('/operator/demo/app-password', { user, ...(name === undefined ? {} : { name }) }, 'password'),
      ),
    'entente demo app-password --tenant fabrikam.example --user ann@fabrikam.example',
  );
}
