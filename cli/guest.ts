import type { Command } from 'commander';
import {
  type Cli,
  count,
  done,
  example,
  list,
  path,
  showObject,
  showRows,
  time,
  titled,
  withQuery,
} from './command.ts';
import { tryOut } from './what-if.ts';

/** `entente guest`: people from elsewhere who were let in. */
export function addGuest(program: Command, cli: Cli): void {
  const guest = program.command('guest').description('people from other organisations');
  example(guest, 'entente guest invite bob@contoso.example', 'entente guest list');

  example(
    guest
      .command('list')
      .description('guests and how far they have come')
      .option('--filter <odata>', "an OData filter, such as externalUserState eq 'PendingAcceptance'")
      .option('--limit <n>', 'at most so many', count)
      .action(async (options: { filter?: string; limit?: number }) => {
        const filter = ["userType eq 'Guest'", options.filter && `(${options.filter})`].filter(Boolean).join(' and ');
        const rows = await (await cli.tenantApi()).list(withQuery('/v1.0/users', { $filter: filter }), options.limit);
        showRows(
          cli,
          rows,
          [
            titled('Name', 'displayName'),
            titled('Mail', 'mail'),
            titled('State', 'externalUserState'),
            { title: 'Since', value: (row) => time(row.externalUserStateChangeDateTime) },
            titled('Enabled', 'accountEnabled'),
            titled('Id', 'id'),
          ],
          'There is no guest.',
        );
      }),
    'entente guest list --tenant fabrikam.example',
  );
  example(
    guest
      .command('invite <address>')
      .description('invite somebody; prints the address that accepts the invitation')
      .option('--name <name>', 'how they are shown')
      .option('--to <url>', 'where they arrive after accepting', 'https://localhost/')
      .option('--message <text>', 'a greeting in the mail')
      .option('--reason <text>', 'why, for the record')
      .option('--sponsors <users>', 'who answers for them, separated by commas', list)
      .option('--ends <time>', 'when their stay ends, such as 2027-06-30T00:00:00Z')
      .option('--no-mail', 'send no mail')
      .option('--dry-run', 'only say what they would be let do')
      .action(async (address: string, options: InviteOptions) => {
        const api = await cli.tenantApi();
        const sponsors: { id: string }[] = [];
        for (const name of options.sponsors ?? []) {
          const { id } = await api.call('GET', path`/v1.0/users/${name}`);
          sponsors.push({ id });
        }
        const body = {
          invitedUserEmailAddress: address,
          inviteRedirectUrl: options.to,
          sendInvitationMessage: options.mail,
          ...(options.name === undefined ? {} : { invitedUserDisplayName: options.name }),
          ...(options.message === undefined
            ? {}
            : { invitedUserMessageInfo: { customizedMessageBody: options.message } }),
          ...(options.reason === undefined ? {} : { reason: options.reason }),
          ...(sponsors.length === 0 ? {} : { invitedUserSponsors: sponsors }),
          ...(options.ends === undefined ? {} : { endDateTime: options.ends }),
        };
        if (options.dryRun) {
          await tryOut(cli, { changes: [{ input: { method: 'POST', path: '/v1.0/invitations', body } }] }, {});
          return;
        }
        const made = await api.call('POST', '/v1.0/invitations', body);
        showObject(cli, made, (one) => ({
          Invited: one.invitedUserEmailAddress,
          State: one.status,
          Accept: one.inviteRedeemUrl,
          Id: one.invitedUser?.id,
        }));
      }),
    'entente guest invite bob@contoso.example --name "Bob Kelly" --sponsors anders@fabrikam.example',
  );
  example(
    guest
      .command('sponsors <guest>')
      .description('who answers for a guest')
      .action(async (id: string) => {
        const rows = await (await cli.tenantApi()).list(path`/v1.0/users/${id}/sponsors`);
        showRows(cli, rows, [titled('Name', 'displayName'), titled('Id', 'id')], 'Nobody answers for this guest.');
      }),
    'entente guest sponsors 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10',
  );
  example(
    guest
      .command('remove <guest>')
      .description('end a guest’s stay; it can be restored for 30 days')
      .action(async (id: string) => {
        await (await cli.tenantApi()).call('DELETE', path`/v1.0/users/${id}`);
        done(cli, `${id} is no guest any more.`);
      }),
    'entente guest remove 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10',
  );
}

interface InviteOptions {
  readonly name?: string;
  readonly to: string;
  readonly message?: string;
  readonly reason?: string;
  readonly sponsors?: string[];
  readonly ends?: string;
  readonly mail: boolean;
  readonly dryRun?: true;
}
