import type { Command } from 'commander';
import { type Cli, done, example, path, showRows, titled } from './command.ts';
import { type Answer, type Api, UsageError } from './connection.ts';

/** `entente licence`: what an organisation has subscribed to and who uses it. */
export function addLicence(program: Command, cli: Cli): void {
  const licence = program.command('licence').description('licences and who holds them');
  example(licence, 'entente licence list', 'entente licence assign ENTENTE_E3 anders@fabrikam.example');

  example(
    licence
      .command('list')
      .description('what is subscribed to, and how many are in use')
      .action(async () => {
        const rows = await (await cli.tenantApi()).list('/v1.0/subscribedSkus');
        const columns = [
          titled('Licence', 'skuPartNumber'),
          { title: 'Seats', value: (row: Answer) => row.prepaidUnits?.enabled ?? null },
          titled('In use', 'consumedUnits'),
          titled('State', 'capabilityStatus'),
          {
            title: 'Services',
            value: (row: Answer) => row.servicePlans?.map((plan: Answer) => plan.servicePlanName),
          },
        ];
        showRows(cli, rows, columns, 'There is no licence.');
      }),
    'entente licence list --tenant fabrikam.example',
  );
  for (const [act, sentence] of [
    ['assign', 'give somebody a licence'],
    ['remove', 'take a licence from somebody'],
  ] as const) {
    example(
      licence
        .command(`${act} <licence> <user>`)
        .description(sentence)
        .action(async (name: string, user: string) => {
          const api = await cli.tenantApi();
          const skuId = await findSku(api, name);
          await api.call('POST', path`/v1.0/users/${user}/assignLicense`, {
            addLicenses: act === 'assign' ? [{ skuId, disabledPlans: [] }] : [],
            removeLicenses: act === 'remove' ? [skuId] : [],
          });
          done(cli, act === 'assign' ? `${user} has ${name}.` : `${user} has ${name} no longer.`);
        }),
      `entente licence ${act} ENTENTE_E3 anders@fabrikam.example`,
    );
  }
}

async function findSku(api: Api, name: string): Promise<string> {
  const skus = await api.list('/v1.0/subscribedSkus');
  const found = skus.find((sku) => sku.skuPartNumber === name.toUpperCase() || sku.skuId === name.toLowerCase());
  if (!found) throw new UsageError(`There is no licence "${name}". "entente licence list" shows them.`);
  return found.skuId;
}
