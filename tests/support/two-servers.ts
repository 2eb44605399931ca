import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../../src/app/configuration.ts';
import type { TenantId } from '../../src/kernel/ids.ts';
import type { Partners } from '../../src/kernel/module.ts';
import { openLocalTls } from '../../src/platform/tls.ts';
import { startTestApp, type TestApp } from './app.ts';
import { DnsServer } from './dns-server.ts';
import { callersOf, loadPeople, PASSWORD, type People, type Person } from './people.ts';

/** One organisation on a server of its own. */
export interface Side {
  readonly app: TestApp;
  readonly id: TenantId;
  readonly domain: string;
  /** Where it is found: `contoso.example:43121`. */
  readonly place: string;
  readonly administrator: Person;
  readonly member: Person;
  readonly api: People['api'];
  readonly token: People['token'];
  readonly partners: Partners;
}

export interface TwoServers {
  /** Ann administers Fabrikam, Anders works there. */
  readonly fabrikam: Side;
  /** Carla administers Contoso, Bob works there. */
  readonly contoso: Side;
  readonly dns: DnsServer;
  /** Folder of the certificate for all their names, and Tailspin's: `server.key`, `server.pem`, `ca.pem`. */
  readonly pki: string;
  close(): Promise<void>;
}

/**
 * Fabrikam and Contoso on two servers on loopback, each with its own data, name, database and keys, under certificates
 * of one authority that both trust. They know nothing of each other yet: see `becomePartners`.
 */
export async function startTwoServers(
  settings: { fabrikam?: Partial<Configuration>; contoso?: Partial<Configuration>; withPasswords?: boolean } = {},
): Promise<TwoServers> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const dns = await DnsServer.start();
    closers.push(() => dns.stop());
    const pki = await mkdtemp(join(tmpdir(), 'entente-pki-'));
    closers.push(() => rm(pki, { recursive: true, force: true }));
    const organisations = ['fabrikam', 'contoso', 'emea.contoso', 'tailspin'].map((name) => `${name}.example`);
    const names = [...organisations, 'localhost', '127.0.0.1'];
    await openLocalTls({ folder: pki, names, now: new Date() });

    const start = async (name: 'fabrikam' | 'contoso', people: readonly [string, string]): Promise<Side> => {
      const domain = `${name}.example`;
      dns.setAddresses(domain, ['127.0.0.1']);
      const httpsPort = await freePort();
      const place = settings[name]?.publicUrl ? new URL(settings[name].publicUrl).host : `${domain}:${httpsPort}`;
      const app = await startTestApp({
        httpsPort,
        publicUrl: `https://${place}`,
        tlsKey: join(pki, 'server.key'),
        tlsCert: join(pki, 'server.pem'),
        trustedAuthorities: join(pki, 'ca.pem'),
        dnsServers: [dns.address],
        privateNetworks: ['127.0.0.0/8'],
        ...settings[name],
      });
      closers.push(() => app.close());
      const { id, person } = await loadPeople(app, domain, settings.withPasswords ? PASSWORD : undefined);
      const partners = (app.modules.find((module) => module.name === 'partners') as unknown as { partners: Partners })
        .partners;
      const [administrator, member] = [person(people[0]), person(people[1])];
      // Programs on this machine need no name to reach it.
      const { api, token } = callersOf(app, app.loopback);
      return { app, id, domain, place, administrator, member, api, token, partners };
    };
    const fabrikam = await start('fabrikam', ['ann', 'anders']);
    const contoso = await start('contoso', ['carla', 'bob']);
    return { fabrikam, contoso, dns, pki, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function waysInto(app: TestApp): Pick<Side, 'app' | 'api' | 'token' | 'partners'> {
  const partners = (app.modules.find(({ name }) => name === 'partners') as unknown as { partners: Partners }).partners;
  // Programs on this machine need no name to reach it.
  const { api, token } = callersOf(app, app.loopback);
  return { app, api, token, partners };
}

/** The same organisation with all that it has stored, at another address. */
export async function moveElsewhere(side: Side): Promise<Side> {
  const httpsPort = await freePort();
  const place = `${side.domain}:${httpsPort}`;
  const app = await side.app.restart({ httpsPort, publicUrl: `https://${place}` });
  return { ...side, place, ...waysInto(app) };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Each side's administrator finds the other by its domain and confirms what is shown. */
export async function becomePartners({ fabrikam, contoso }: TwoServers): Promise<void> {
  for (const [ours, theirs] of [
    [fabrikam, contoso],
    [contoso, fabrikam],
  ] as const) {
    const api = ours.api(ours.administrator);
    const found = await api('GET', `/admin/partners/discover?domain=${theirs.place}`);
    const { digest, proven } = found.body;
    const confirmed = await api('POST', '/admin/partners', { domain: theirs.place, digest, domains: proven });
    if (confirmed.status !== 201)
      throw new Error(`${ours.domain} could not confirm: ${JSON.stringify(confirmed.body)}`);
  }
}
