import type { Command } from 'commander';
import {
  assignments,
  type Cli,
  count,
  done,
  example,
  path,
  showObject,
  showRows,
  time,
  titled,
  withQuery,
} from './command.ts';
import { type Answer, UsageError } from './connection.ts';
import { readPassword } from './secret.ts';

/** `entente user`: the accounts of an organisation. A user is named by sign-in name or id. */
export function addUser(program: Command, cli: Cli): void {
  const user = program.command('user').description('people with an account here');
  example(user, 'entente user list --tenant fabrikam.example', 'entente user show ann@fabrikam.example');

  example(
    user
      .command('list')
      .description('people, guests left out')
      .option('--filter <odata>', "an OData filter, such as department eq 'IT'")
      .option('--search <text>', 'part of a name or address')
      .option('--guests', 'guests, too')
      .option('--limit <n>', 'at most so many', count)
      .action(async (options: { filter?: string; search?: string; guests?: true; limit?: number }) => {
        const filters = [options.guests ? undefined : "userType eq 'Member'", options.filter && `(${options.filter})`];
        const query = withQuery('/v1.0/users', {
          $filter: filters.filter(Boolean).join(' and ') || undefined,
          $search: options.search === undefined ? undefined : `"displayName:${options.search.replaceAll('"', '')}"`,
          $count: 'true',
        });
        const rows = await (await cli.tenantApi()).list(query, options.limit);
        showRows(
          cli,
          rows,
          [
            titled('Name', 'displayName'),
            titled('Sign-in name', 'userPrincipalName'),
            titled('Department', 'department'),
            titled('Enabled', 'accountEnabled'),
            titled('Id', 'id'),
          ],
          'Nobody was found.',
        );
      }),
    'entente user list --tenant fabrikam.example',
    `entente user list --filter "department eq 'IT'" --json`,
  );
  example(
    user
      .command('show <user>')
      .description('one person')
      .action(async (name: string) =>
        showObject(cli, await (await cli.tenantApi()).call('GET', path`/v1.0/users/${name}`), factsOf),
      ),
    'entente user show ann@fabrikam.example',
  );
  example(
    user
      .command('create <sign-in-name> <name>')
      .description('create an account; the password is asked for, or read from a file')
      .option('--password-file <file>', 'a file that holds the first password and nothing else')
      .option('--set <name=value...>', 'other properties, such as department=IT')
      .action(
        async (userPrincipalName: string, displayName: string, options: { passwordFile?: string; set?: string[] }) => {
          const api = await cli.tenantApi();
          const password = await readPassword(cli, options.passwordFile, `First password of ${userPrincipalName}`);
          const made = await api.call('POST', '/v1.0/users', {
            accountEnabled: true,
            userPrincipalName,
            displayName,
            mailNickname: userPrincipalName.split('@')[0],
            passwordProfile: { password, forceChangePasswordNextSignIn: true },
            ...assignments(options.set ?? []),
          });
          showObject(cli, made, factsOf);
        },
      ),
    'entente user create anders@fabrikam.example "Anders Langvatn" --set department=Engineering',
  );
  example(
    user
      .command('update <user> <name=value...>')
      .description('change properties; null empties one')
      .action(async (name: string, words: string[]) => {
        await (await cli.tenantApi()).call('PATCH', path`/v1.0/users/${name}`, assignments(words));
        done(cli, `${name} is changed.`);
      }),
    'entente user update anders@fabrikam.example jobTitle="Project Manager" officeLocation=null',
  );
  for (const [act, accountEnabled, sentence, outcome] of [
    ['enable', true, 'let somebody sign in again', 'may sign in'],
    ['disable', false, 'keep somebody from signing in, at once', 'may not sign in any more'],
  ] as const) {
    example(
      user
        .command(`${act} <user>`)
        .description(sentence)
        .action(async (name: string) => {
          await (await cli.tenantApi()).call('PATCH', path`/v1.0/users/${name}`, { accountEnabled });
          done(cli, `${name} ${outcome}.`);
        }),
      `entente user ${act} anders@fabrikam.example`,
    );
  }
  example(
    user
      .command('password <user>')
      .description('set a new password, to be changed at the next sign-in')
      .option('--password-file <file>', 'a file that holds the password and nothing else')
      .action(async (name: string, options: { passwordFile?: string }) => {
        const api = await cli.tenantApi();
        const password = await readPassword(cli, options.passwordFile, `New password of ${name}`);
        const passwordProfile = { password, forceChangePasswordNextSignIn: true };
        await api.call('PATCH', path`/v1.0/users/${name}`, { passwordProfile });
        done(cli, `${name} has a new password.`);
      }),
    'entente user password anders@fabrikam.example',
  );
  example(
    user
      .command('sign-out <user>')
      .description('end every session of somebody')
      .action(async (name: string) => {
        await (await cli.tenantApi()).call('POST', path`/v1.0/users/${name}/revokeSignInSessions`, {});
        done(cli, `${name} is signed out everywhere.`);
      }),
    'entente user sign-out anders@fabrikam.example',
  );
  example(
    user
      .command('delete <user>')
      .description('delete an account; it can be restored for 30 days')
      .action(async (name: string) => {
        await (await cli.tenantApi()).call('DELETE', path`/v1.0/users/${name}`);
        done(cli, `${name} is deleted.`);
      }),
    'entente user delete anders@fabrikam.example',
  );
  example(
    user
      .command('restore <id>')
      .description('take a deletion back')
      .action(async (id: string) => {
        if (!/^[0-9a-f-]{36}$/i.test(id))
          throw new UsageError('A deleted account is named by its id: "entente user deleted" lists them.');
        await (await cli.tenantApi()).call('POST', path`/v1.0/directory/deletedItems/${id}/restore`, {});
        done(cli, `${id} is restored.`);
      }),
    'entente user restore 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10',
  );
  example(
    user
      .command('deleted')
      .description('deleted accounts that can still be restored')
      .action(async () => {
        const rows = await (await cli.tenantApi()).list('/v1.0/directory/deletedItems/microsoft.graph.user');
        const columns = [
          titled('Name', 'displayName'),
          titled('Sign-in name', 'userPrincipalName'),
          { title: 'Deleted', value: (row: Answer) => time(row.deletedDateTime) },
          titled('Id', 'id'),
        ];
        showRows(cli, rows, columns, 'No account is deleted.');
      }),
    'entente user deleted --tenant fabrikam.example',
  );
}

const factsOf = (user: Answer) => ({
  Name: user.displayName,
  'Sign-in name': user.userPrincipalName,
  Id: user.id,
  Kind: user.userType,
  Enabled: user.accountEnabled,
  Mail: user.mail,
  Title: user.jobTitle,
  Department: user.department,
  Company: user.companyName,
  Created: time(user.createdDateTime),
});
