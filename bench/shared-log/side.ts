/**
 * One of the two servers of the benchmark, in a process of its own that can be killed: an organisation with its own
 * data folder, database and name. Started again, it goes on with what is there. Says on standard output who may call it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startApp } from '../../src/app/app.ts';
import { configurationShape } from '../../src/app/configuration.ts';
import { DEMO, loadOrganisation } from '../../src/app/demo.ts';
import type { AccountId, TenantId } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/platform/log.ts';

export interface SideOptions {
  readonly domain: string;
  /** Who of the organisation is there: its administrator, then a member. */
  readonly people: readonly [string, string];
  readonly data: string;
  readonly port: number;
  readonly httpsPort: number;
  readonly dns: string;
  /** Folder of the certificate of both. */
  readonly pki: string;
}

const TOKEN_MINUTES = 120;

const options: SideOptions = JSON.parse(process.argv[2] ?? '');
const { domain, data, pki } = options;
const log = createLog('warn');
const app = await startApp({
  configuration: configurationShape.parse({
    data,
    port: options.port,
    httpsPort: options.httpsPort,
    publicUrl: `https://${domain}:${options.httpsPort}`,
    tlsKey: join(pki, 'server.key'),
    tlsCert: join(pki, 'server.pem'),
    trustedAuthorities: join(pki, 'ca.pem'),
    dnsServers: [options.dns],
    privateNetworks: ['127.0.0.0/8'],
    logLevel: 'warn',
  }),
  log,
});

const file = join(data, 'people.json');
if (!existsSync(file)) {
  const organisation = DEMO.find((one) => one.domain === domain);
  if (!organisation) throw new Error(`The demo has no ${domain}.`);
  const people = Object.fromEntries(options.people.map((name) => [name, organisation.people[name]!]));
  writeFileSync(file, JSON.stringify(await loadOrganisation(app.run, { ...organisation, people })));
}
const { id, people } = JSON.parse(readFileSync(file, 'utf8')) as { id: TenantId; people: Record<string, AccountId> };
const tokenOf = (name: string) =>
  app.run({ tenantId: id, actor: { kind: 'system', name: 'bench' } }, async (ctx) => {
    const limits = { minutes: TOKEN_MINUTES };
    return (await app.signin.mintAccessToken(ctx, people[name] as AccountId, limits)).token;
  });
const [administrator, member] = [await tokenOf(options.people[0]), await tokenOf(options.people[1])];
console.log(`READY ${JSON.stringify({ id, origin: app.loopback, administrator, member })}`);
process.on('SIGTERM', () => void app.close().then(() => process.exit(0)));
