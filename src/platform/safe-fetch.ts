import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP } from 'node:net';
import type { AddressResolver } from './dns.ts';

export type SafeFetchSettings = {
  resolver: AddressResolver;
  /**
   * What may be reached although it is private: networks (`10.1.0.0/16`), addresses, or host names. A host name
   * trusts whoever answers for it in DNS.
   */
  allow?: string[] | undefined;
  /** Whether `http:` is accepted beside `https:`. */
  plainHttp?: boolean | undefined;
  /** Milliseconds for everything: the name, the connection, the answer. */
  timeout?: number | undefined;
  /** Bytes of an answer's body. */
  maxBytes?: number | undefined;
  /** Authorities to trust in place of the machine's, in PEM. */
  ca?: string | undefined;
};

export type SafeRequest = { method?: string; headers?: Record<string, string>; body?: string | Uint8Array };
export type SafeResponse = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** A request that was not made, or brought no answer. Only `refused` is final; the rest may work another time. */
export class SafeFetchError extends Error {
  override readonly name = 'SafeFetchError';
  readonly code: 'refused' | 'unresolved' | 'timeout' | 'too-large' | 'failed';

  constructor(code: SafeFetchError['code'], sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.code = code;
  }
}

/**
 * Makes requests to addresses that strangers chose (webhooks) without letting them reach what only this machine can
 * (server-side request forgery). The name is resolved first; if any of its addresses is not public, nothing is sent;
 * the connection goes to the very address that was looked at, so a second answer of DNS changes nothing. Redirects
 * are not followed: a 3xx is the answer. Throws SafeFetchError.
 */
export function openSafeFetch(settings: SafeFetchSettings) {
  const { timeout = 10_000, maxBytes = 1024 * 1024 } = settings;
  const allowed = readAllowed(settings.allow ?? []);

  return async (address: string, asked: SafeRequest = {}): Promise<SafeResponse> => {
    const url = checkUrl(address, settings.plainHttp ?? false);
    const deadline = AbortSignal.timeout(timeout);
    try {
      const target = await orAbort(findTarget(url, settings.resolver, allowed), deadline);
      return await exchange(url, target, asked, deadline);
    } catch (error) {
      if (error instanceof SafeFetchError) throw error;
      if (deadline.aborted) throw new SafeFetchError('timeout', `'${url.host}' did not answer within ${timeout} ms.`);
      throw new SafeFetchError('failed', `'${url.host}' could not be reached: ${(error as Error).message}.`, error);
    }
  };

  async function exchange(url: URL, target: string, asked: SafeRequest, signal: AbortSignal): Promise<SafeResponse> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
        method: asked.method ?? 'GET',
        headers: { 'accept-encoding': 'identity', ...asked.headers },
        // A connection kept from an earlier request may lead elsewhere by now.
        agent: false,
        signal,
        lookup: (_name, { all }, done) => {
          const family = isIP(target);
          if (all) done(null, [{ address: target, family }]);
          else done(null, target, family);
        },
        ...(settings.ca && { ca: settings.ca }),
      });
      request.on('response', resolve);
      request.on('error', reject);
      request.end(asked.body);
    });
    try {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of response) {
        size += chunk.length;
        if (size > maxBytes) {
          throw new SafeFetchError('too-large', `The answer of '${url.host}' is larger than ${maxBytes} bytes.`);
        }
        chunks.push(chunk);
      }
      return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
    } finally {
      response.destroy();
    }
  }
}

/**
 * Says what is wrong with an address before anything is sent there: undefined when a request would be let out, or the
 * name is not known yet. Asked when somebody sets an address; a request looks again.
 */
export function openEndpointCheck(settings: Pick<SafeFetchSettings, 'resolver' | 'allow' | 'plainHttp'>) {
  const allowed = readAllowed(settings.allow ?? []);
  return async (address: string): Promise<string | undefined> => {
    try {
      await findTarget(checkUrl(address, settings.plainHttp ?? false), settings.resolver, allowed);
      return undefined;
    } catch (error) {
      if (!(error instanceof SafeFetchError)) throw error;
      return error.code === 'refused' ? error.message : undefined;
    }
  };
}

function checkUrl(text: string, plainHttp: boolean): URL {
  const url = URL.parse(text);
  if (!url) throw new SafeFetchError('refused', 'This is no address of the web.');
  if (url.protocol !== 'https:' && !(plainHttp && url.protocol === 'http:')) {
    throw new SafeFetchError('refused', `An address must begin with https:${plainHttp ? ' or http:' : ''}.`);
  }
  if (url.username || url.password) throw new SafeFetchError('refused', 'An address must not hold a name or password.');
  return url;
}

/** The one address to connect to. */
function findTarget(url: URL, resolver: AddressResolver, allowed: Allowed): Promise<string> {
  // The URL parser has already turned octal, hexadecimal and short forms of IPv4 into four decimal numbers.
  return findAddress(url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, ''), resolver, allowed);
}

/** The one address of a host to connect to. @throws SafeFetchError `unresolved`, `refused`. */
export async function findAddress(host: string, resolver: AddressResolver, allowed: Allowed): Promise<string> {
  let addresses: string[];
  try {
    addresses = isIP(host) ? [host] : await resolver.addresses(host);
  } catch (error) {
    throw new SafeFetchError('unresolved', `The name '${host}' could not be resolved.`, error);
  }
  const [first] = addresses;
  if (first === undefined) throw new SafeFetchError('unresolved', `The name '${host}' has no address.`);
  if (allowed.hosts.has(host)) return first;
  // One private address among public ones is no accident.
  if (!addresses.every((address) => isPublic(address) || contains(allowed.networks, address))) {
    throw new SafeFetchError('refused', `'${host}' is not a public address, and is not among those allowed.`);
  }
  return first;
}

export type Allowed = { hosts: Set<string>; networks: BlockList };

export function readAllowed(entries: string[]): Allowed {
  const allowed: Allowed = { hosts: new Set(), networks: new BlockList() };
  for (const entry of entries) {
    const [network = '', bits, ...rest] = entry.trim().toLowerCase().split('/');
    const family = isIP(network);
    const width = family === 6 ? 128 : 32;
    if (bits === undefined && !family && /^[a-z0-9.-]+$/.test(network)) {
      allowed.hosts.add(network);
    } else if (family && rest.length === 0 && /^\d{1,3}$/.test(bits ?? `${width}`) && Number(bits ?? width) <= width) {
      allowed.networks.addSubnet(network, Number(bits ?? width), family === 6 ? 'ipv6' : 'ipv4');
    } else {
      throw new TypeError(`'${entry}' is no network, address or host name.`);
    }
  }
  return allowed;
}

/** IANA IPv4 special-purpose registry, with multicast and what is reserved. */
// biome-ignore format: a table
const SPECIAL_IPV4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24',
  '192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24',
  '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
];

/** Within the global unicast space: what carries an IPv4 address inside (Teredo, 6to4), or is for documents. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];
/** RFC 4291 §2.4: all that is public. Loopback, link-local, unique local, mapped and NAT64 forms lie outside. */
const GLOBAL_IPV6 = networks(['2000::/3']);
const SPECIAL = networks([...SPECIAL_IPV4, ...SPECIAL_IPV6]);

function networks(list: string[]): BlockList {
  return readAllowed(list).networks;
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Whether anyone on the internet could reach the same machine at this address. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !contains(SPECIAL, address);
  return family === 6 && contains(GLOBAL_IPV6, address) && !contains(SPECIAL, address);
}

/** Waits for `work`, but not longer than `signal` says. */
async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
