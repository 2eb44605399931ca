import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openLocalTls } from '../../src/platform/tls.ts';
import { DnsServer } from '../../tests/support/dns-server.ts';
import { freePort } from '../../tests/support/two-servers.ts';
import type { SideOptions } from './side.ts';

const START_MS = 180_000;

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a benchmark reads what the server wrote, whatever its shape.
  readonly body: any;
}

/** One organisation's server, which can be killed and started again. */
export class SideProcess {
  id = '';
  readonly options: SideOptions;
  readonly member: string;
  #tokens: Readonly<Record<'administrator' | 'member', string>> = { administrator: '', member: '' };
  #origin = '';
  #child: ChildProcess | undefined;

  constructor(options: SideOptions) {
    this.options = options;
    this.member = `${options.people[1]}@${options.domain}`;
  }

  get place(): string {
    return `${this.options.domain}:${this.options.httpsPort}`;
  }

  async start(): Promise<void> {
    const side = fileURLToPath(new URL('side.ts', import.meta.url));
    const child = spawn(process.execPath, ['--max-old-space-size=1500', side, JSON.stringify(this.options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const ready = new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        if (line.startsWith('READY ')) resolve(line.slice(6));
      });
      child.once('exit', (code, signal) => reject(new Error(`${this.place} ended with ${code ?? signal}.`)));
      setTimeout(() => reject(new Error(`${this.place} did not start.`)), START_MS).unref();
    });
    ready.catch(() => {});
    const { id, origin, ...tokens } = JSON.parse(await ready);
    this.id = id;
    this.#origin = origin;
    this.#tokens = tokens;
  }

  /** As a power failure would end its process; its database is stopped by whoever starts next. */
  async kill(): Promise<void> {
    const child = this.#child as ChildProcess;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async end(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  /** Status 0 where no answer came. */
  async call(as: 'administrator' | 'member', method: string, path: string, body?: unknown): Promise<Answer> {
    try {
      const answer = await fetch(`${this.#origin}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#tokens[as]}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      });
      const text = await answer.text();
      return {
        status: answer.status,
        body: /[/+]json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text,
      };
    } catch {
      return { status: 0, body: undefined };
    }
  }

  /** @throws unless it was done. */
  async must(method: string, path: string, body?: unknown): Promise<Answer['body']> {
    const answer = await this.call('administrator', method, path, body);
    if (answer.status < 200 || answer.status > 299)
      throw new Error(`${method} ${path} at ${this.place} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

export interface TwoSides {
  readonly fabrikam: SideProcess;
  readonly contoso: SideProcess;
  readonly dns: DnsServer;
  close(): Promise<void>;
}

/** Fabrikam and Contoso on two servers, each a process with its own database, who have confirmed each other. */
export async function startTwoSides(): Promise<TwoSides> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-sides-'));
  const dns = await DnsServer.start();
  await openLocalTls({
    folder,
    names: ['fabrikam.example', 'contoso.example', 'localhost', '127.0.0.1'],
    now: new Date(),
  });
  const sideOf = async (name: string, people: SideOptions['people']) => {
    dns.setAddresses(`${name}.example`, ['127.0.0.1']);
    const [port, httpsPort] = [await freePort(), await freePort()];
    const data = join(folder, name);
    return new SideProcess({ domain: `${name}.example`, people, data, port, httpsPort, dns: dns.address, pki: folder });
  };
  const fabrikam = await sideOf('fabrikam', ['ann', 'anders']);
  const contoso = await sideOf('contoso', ['carla', 'bob']);
  const close = async () => {
    await Promise.all([fabrikam.end(), contoso.end()]);
    await dns.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await fabrikam.start();
    await contoso.start();
    for (const [ours, theirs] of [
      [fabrikam, contoso],
      [contoso, fabrikam],
    ] as const) {
      const { digest, proven } = await ours.must('GET', `/admin/partners/discover?domain=${theirs.place}`);
      await ours.must('POST', '/admin/partners', { domain: theirs.place, digest, domains: proven });
      const { domain } = theirs.options;
      await ours.must('POST', '/admin/organization-relationships', {
        name: `With ${domain}`,
        domainNames: [domain],
        freeBusy: { enabled: true, level: 'LimitedDetails', scopeGroupId: null },
        mailTips: { enabled: true, level: 'All', scopeGroupId: null },
      });
      const { value } = await ours.must('GET', '/admin/sharing-policies');
      const policy = value.find((one: { isDefault: boolean }) => one.isDefault);
      await ours.must('PATCH', `/admin/sharing-policies/${policy.id}`, {
        rules: [`${domain}: CalendarSharingFreeBusyReviewer`],
      });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { fabrikam, contoso, dns, close };
}
