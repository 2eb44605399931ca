/** Goes the way to a server of somebody else as far as its certificate, and says where that ends. Sends it nothing. */
import { connect, type Socket } from 'node:net';
import { type PeerCertificate, connect as secure, type TLSSocket } from 'node:tls';
import { type AddressResolver, DnsError } from './dns.ts';
import { findAddress, readAllowed, SafeFetchError, type SafeFetchSettings } from './safe-fetch.ts';

export const REACH_FAILURES = [
  'name-missing',
  'name-unanswered',
  'address-refused',
  'connection-refused',
  'connection-dropped',
  'connection-failed',
  'tls-missing',
  'tls-silent',
  'tls-failed',
  'certificate-expired',
  'certificate-early',
  'certificate-name',
  'certificate-issuer',
  'certificate-bad',
] as const;
export type ReachFailure = (typeof REACH_FAILURES)[number];

/** The way ends here. `facts` are for whoever asked, in words of no language. */
export class ReachError extends Error {
  override readonly name = 'ReachError';
  readonly failure: ReachFailure;
  readonly facts: Readonly<Record<string, string>>;

  constructor(failure: ReachFailure, facts: Readonly<Record<string, string>> = {}) {
    super(failure);
    this.failure = failure;
    this.facts = facts;
  }
}

export interface Certificate {
  readonly names: string;
  readonly issuer: string;
  readonly endsAt: Date;
}

/** Each step throws ReachError. `patience` in milliseconds is for one step. */
export interface Reach {
  /** The addresses of a host. */
  resolve(host: string, patience: number): Promise<readonly string[]>;
  /** The one that would be connected to, if that may be reached from here. */
  choose(host: string, addresses: readonly string[]): Promise<string>;
  connect(address: string, port: number, patience: number): Promise<Socket>;
  /** Shakes hands on an open connection, checks the certificate, and closes. */
  greet(socket: Socket, host: string, patience: number): Promise<Certificate>;
}

export function openReach(settings: Pick<SafeFetchSettings, 'resolver' | 'allow' | 'ca'>): Reach {
  const allowed = readAllowed(settings.allow ?? []);
  return {
    async resolve(host, patience) {
      let addresses: string[];
      try {
        addresses = await inTime(settings.resolver.addresses(host), patience, 'name-unanswered');
      } catch (error) {
        if (error instanceof DnsError) throw new ReachError(nameFailure(error), { reason: error.reason });
        throw error;
      }
      if (addresses.length === 0) throw new ReachError('name-missing', { reason: 'NODATA' });
      return addresses;
    },

    async choose(host, addresses) {
      const known: AddressResolver = { addresses: async () => [...addresses] };
      try {
        return await findAddress(host, known, allowed);
      } catch (error) {
        if (error instanceof SafeFetchError) throw new ReachError('address-refused', { address: addresses.join(', ') });
        throw error;
      }
    },

    async connect(address, port, patience) {
      const socket = connect({ host: address, port });
      const opened = new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
      });
      try {
        await inTime(opened, patience, 'connection-dropped');
        socket.removeAllListeners('error');
        // Whoever goes no further closes it.
        socket.on('error', () => {});
        return socket;
      } catch (error) {
        socket.destroy();
        socket.on('error', () => {});
        if (error instanceof ReachError) throw error;
        const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
        if (reason === 'ETIMEDOUT') throw new ReachError('connection-dropped');
        throw new ReachError(reason === 'ECONNREFUSED' ? 'connection-refused' : 'connection-failed', { reason });
      }
    },

    async greet(socket, host, patience) {
      const tls = secure({
        socket,
        servername: host,
        // What is wrong with the certificate is read from it below; nothing is sent to whoever shows it.
        rejectUnauthorized: false,
        ...(settings.ca && { ca: settings.ca }),
      });
      const greeted = new Promise<void>((resolve, reject) => {
        tls.once('secureConnect', resolve);
        tls.once('error', reject);
        tls.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
      });
      try {
        await inTime(greeted, patience, 'tls-silent');
        return certificateOf(tls);
      } catch (error) {
        if (error instanceof ReachError) throw error;
        const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
        throw new ReachError(NOT_TLS.test(reason) ? 'tls-missing' : 'tls-failed', { reason });
      } finally {
        tls.on('error', () => {});
        tls.destroy();
        socket.destroy();
      }
    },
  };
}

/** What OpenSSL says where the other side speaks something else. */
const NOT_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL/;

const nameFailure = ({ code }: DnsError): ReachFailure => (code === 'unavailable' ? 'name-unanswered' : 'name-missing');

const CERTIFICATE_FAILURES: Readonly<Record<string, ReachFailure>> = {
  CERT_HAS_EXPIRED: 'certificate-expired',
  CERT_NOT_YET_VALID: 'certificate-early',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-name',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-issuer',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-issuer',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-issuer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-issuer',
};

function certificateOf(tls: TLSSocket): Certificate {
  const shown: PeerCertificate = tls.getPeerCertificate();
  const certificate: Certificate = {
    names: (shown.subjectaltname ?? String(shown.subject?.CN ?? '')).replaceAll('DNS:', '').slice(0, 300),
    issuer: String(shown.issuer?.CN ?? shown.issuer?.O ?? '').slice(0, 200),
    endsAt: new Date(shown.valid_to),
  };
  if (tls.authorized) return certificate;
  const reason = String(tls.authorizationError);
  throw new ReachError(CERTIFICATE_FAILURES[reason] ?? 'certificate-bad', {
    reason,
    names: certificate.names,
    issuer: certificate.issuer,
    begins: dayOf(shown.valid_from),
    ends: dayOf(shown.valid_to),
  });
}

const dayOf = (text: string): string => {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? '?' : at.toISOString().slice(0, 16).replace('T', ' ');
};

/** @throws ReachError `late` after `patience` milliseconds; what comes later is dropped. */
async function inTime<T>(work: Promise<T>, patience: number, late: ReachFailure): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new ReachError(late, { reason: `${patience / 1000} s` })), patience);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
