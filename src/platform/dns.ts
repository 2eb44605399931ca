import { ADDRCONFIG, promises as dns } from 'node:dns';
import { isIP } from 'node:net';

/** Where TXT records are read: proofs of a domain, for instance. */
export interface TxtResolver {
  /**
   * The TXT records of a name, each in one piece, a character for a byte. Empty when the name exists without any.
   * Throws DnsError `no-such-name` when it does not exist, and `unavailable` when nobody can tell right now.
   */
  txt(name: string): Promise<string[]>;
}

export interface AddressResolver {
  /** The IPv4 and IPv6 addresses of a name. Throws DnsError. */
  addresses(name: string): Promise<string[]>;
}

export type DnsSettings = {
  /** Servers to ask, as `address` or `address:port`. Without any, those of the machine. */
  servers?: string[] | undefined;
  /** Milliseconds for one question in all. */
  timeout?: number | undefined;
};

/** A question that DNS did not answer. `reason` is the resolver's own word, for the log. */
export class DnsError extends Error {
  override readonly name = 'DnsError';
  readonly code: 'no-such-name' | 'unavailable' | 'bad-name';
  readonly reason: string;

  constructor(code: DnsError['code'], name: string, reason: string) {
    super(`${SENTENCES[code]}: '${name.slice(0, 255)}' (${reason}).`);
    this.code = code;
    this.reason = reason;
  }
}

const SENTENCES = {
  'no-such-name': 'The name does not exist in DNS',
  unavailable: 'DNS gave no answer',
  'bad-name': 'This is no DNS name',
} as const;

/** A resolver that keeps nothing: each question is asked anew. */
export function openResolver(settings: DnsSettings = {}): TxtResolver & AddressResolver {
  const timeout = settings.timeout ?? 5_000;

  /** Asks on a resolver of its own, so that giving up on one question leaves the others alone. */
  async function ask<T>(name: string, question: (resolver: dns.Resolver) => Promise<T[]>): Promise<T[]> {
    if (!isName(name)) throw new DnsError('bad-name', name, 'EBADNAME');
    const resolver = new dns.Resolver({ timeout: Math.ceil(timeout / 3), tries: 3 });
    if (settings.servers?.length) resolver.setServers(settings.servers);
    // The resolver doubles its own timeout with each try and turns to the next server: this is the bound on all.
    const giveUp = setTimeout(() => resolver.cancel(), timeout);
    try {
      return await question(resolver);
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
      if (reason === 'ENODATA') return [];
      if (reason === 'ENOTFOUND') throw new DnsError('no-such-name', name, reason);
      throw new DnsError(reason === 'EBADNAME' ? 'bad-name' : 'unavailable', name, reason);
    } finally {
      clearTimeout(giveUp);
    }
  }

  return {
    async txt(name) {
      const records = await ask(name, (resolver) => resolver.resolveTxt(name));
      // RFC 1035 §3.3.14: a long record comes in pieces of 255 bytes.
      return records.map((pieces) => pieces.join(''));
    },

    async addresses(name) {
      if (isIP(name)) return [name];
      if (!settings.servers?.length) return lookup(name, timeout);
      const [v4, v6] = await Promise.all([
        ask(name, (resolver) => resolver.resolve4(name)),
        ask(name, (resolver) => resolver.resolve6(name)),
      ]);
      return [...v4, ...v6];
    },
  };
}

/** What the machine itself would connect to, its hosts file included. */
async function lookup(name: string, timeout: number): Promise<string[]> {
  if (!isName(name)) throw new DnsError('bad-name', name, 'EBADNAME');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DnsError('unavailable', name, 'ETIMEOUT')), timeout);
  });
  try {
    const found = await Promise.race([dns.lookup(name, { all: true, hints: ADDRCONFIG }), late]);
    return found.map(({ address }) => address);
  } catch (error) {
    if (error instanceof DnsError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new DnsError(reason === 'ENOTFOUND' ? 'no-such-name' : 'unavailable', name, reason);
  } finally {
    clearTimeout(timer);
  }
}

/** RFC 1035 §2.3.4, with the underscore that TXT names begin with. International names come in their ASCII form. */
function isName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i.test(name)
  );
}
