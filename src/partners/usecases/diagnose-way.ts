/** The way to a partner, gone step by step. It ends at the first step that fails for all that comes after. */
import { z } from 'zod';
import { type Finding, failed, notApplicable, passed } from '../../kernel/diagnosis.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Envoy, PartnerRequest } from '../../kernel/module.ts';
import { type Reach, ReachError, type ReachFailure } from '../../platform/reach.ts';
import { partnersFaults } from '../faults.ts';
import { WAY_STEPS, type WayStep } from '../model/diagnosis.ts';
import { currentKeys } from '../model/key-change.ts';
import type { SignedDocument } from '../model/organization-document.ts';
import { CLOCK_TOLERANCE_SECONDS, type PartnerRecord } from '../model/record.ts';
import type { Came, Elsewhere } from './ask-elsewhere.ts';
import { type Fetch, fetchDocument } from './discover.ts';

export interface WayPorts {
  readonly reach: Reach;
  readonly fetch: Fetch;
  readonly elsewhere: Elsewhere;
}

export interface Way {
  readonly envoy: Envoy;
  readonly record: PartnerRecord;
  /** The domain that the test is about, where a mailbox was named. */
  readonly domain: string | undefined;
  /** Milliseconds that each step may take. */
  readonly patience: number;
  /** How far the clocks of other partners are from ours, in seconds, as they answered last. */
  readonly otherClocks: readonly number[];
}

/** The request by which servers try each other: nothing is asked and nothing told. */
const TRY = 'partners.try';
/** Of the protocol between servers. */
const VERSION = 1;

export const tryRequest: PartnerRequest = {
  name: TRY,
  shape: z.object({ v: z.literal(1) }),
  transaction: 'read',
  isRoutine: true,
  answer: async () => ({ v: VERSION }),
};
const reached = z.object({ v: z.int() });

const FAILED_AT: Readonly<Record<ReachFailure, { step: WayStep; side: 'ours' | 'theirs' | 'between' }>> = {
  'name-missing': { step: 'partners.name', side: 'theirs' },
  'name-unanswered': { step: 'partners.name', side: 'between' },
  'address-refused': { step: 'partners.address', side: 'ours' },
  'connection-refused': { step: 'partners.connection', side: 'theirs' },
  'connection-dropped': { step: 'partners.connection', side: 'between' },
  'connection-failed': { step: 'partners.connection', side: 'between' },
  'tls-missing': { step: 'partners.certificate', side: 'theirs' },
  'tls-silent': { step: 'partners.certificate', side: 'theirs' },
  'tls-failed': { step: 'partners.certificate', side: 'theirs' },
  'certificate-expired': { step: 'partners.certificate', side: 'theirs' },
  'certificate-early': { step: 'partners.certificate', side: 'theirs' },
  'certificate-name': { step: 'partners.certificate', side: 'theirs' },
  'certificate-issuer': { step: 'partners.certificate', side: 'theirs' },
  'certificate-bad': { step: 'partners.certificate', side: 'theirs' },
};

/** Everything between two servers is one step on the same server. */
export const wayOnOneServer = (): Finding[] =>
  WAY_STEPS.map((step) =>
    step === 'partners.record'
      ? passed(step, { code: 'record-same-server' })
      : notApplicable(step, { code: 'same-server', side: 'between' }),
  );

/** Goes the way from its second step on: the record is what it begins with. */
export async function* goWay(ports: WayPorts, way: Way): AsyncGenerator<Finding> {
  const { record } = way;
  yield passed('partners.record', { code: 'record-confirmed', facts: { domains: record.domains.join(', ') } });
  try {
    yield* approach(ports, way);
  } catch (error) {
    if (!(error instanceof ReachError)) throw error;
    const { host, port } = placeOf(record);
    const { step, side } = FAILED_AT[error.failure];
    yield failed(step, side, { code: error.failure, facts: { host, port: String(port), ...error.facts } });
    return;
  }
  const signed = yield* readDocument(ports, way);
  if (!signed) return;
  const wrong = wrongIdentity(way, signed);
  yield* wrong.identity;
  if (wrong.isOver) return;
  yield* sendRequest(ports, way);
}

const placeOf = ({ document }: PartnerRecord) => {
  const { hostname, port } = new URL(document.document.endpoint);
  return { host: hostname, port: Number(port || 443) };
};

async function* approach({ reach }: WayPorts, { record, patience }: Way): AsyncGenerator<Finding> {
  const { host, port } = placeOf(record);
  const facts = { host, port: String(port) };
  const addresses = await reach.resolve(host, patience);
  yield passed('partners.name', { code: 'name-found', side: 'theirs', facts: { host, address: addresses.join(', ') } });
  const address = await reach.choose(host, addresses);
  yield passed('partners.address', { code: 'address-allowed', facts: { address } });
  const socket = await reach.connect(address, port, patience);
  yield passed('partners.connection', { code: 'connection-made', side: 'between', facts });
  const { names, issuer, endsAt } = await reach.greet(socket, host, patience);
  yield passed('partners.certificate', {
    code: 'certificate-good',
    side: 'theirs',
    facts: { ...facts, names, issuer, ends: endsAt.toISOString().slice(0, 10) },
  });
}

async function* readDocument(
  { fetch }: WayPorts,
  { record, patience }: Way,
): AsyncGenerator<Finding, SignedDocument | undefined> {
  const place = record.foundAt;
  try {
    const signed = await inTime(fetchDocument({ fetch }, place), patience, place);
    yield passed('partners.document', { code: 'document-found', side: 'theirs', facts: { place } });
    yield passed('partners.signature', { code: 'document-signed', side: 'theirs', facts: { place } });
    return signed;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const reason = error.sentence.split('. ').slice(1).join('. ') || error.sentence;
    const { failure } = error.facts;
    if (failure === 'signature') {
      yield passed('partners.document', { code: 'document-found', side: 'theirs', facts: { place } });
      yield failed('partners.signature', 'theirs', { code: 'document-forged', facts: { place } });
    } else {
      const code = failure === 'answer' ? 'document-missing' : 'document-unreached';
      yield failed('partners.document', 'theirs', { code, facts: { place, reason } });
    }
    return undefined;
  }
}

/** @throws partners.not-discovered after `patience` milliseconds. */
async function inTime<T>(work: Promise<T>, patience: number, place: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = partnersFaults.notDiscovered(place, 'timeout', `There was no answer within ${patience / 1000} s.`);
  const timer = setTimeout(() => reject(late), patience);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is published now against what was confirmed. */
function wrongIdentity({ record, domain }: Way, { document }: SignedDocument) {
  const place = record.foundAt;
  if (document.tenantId !== record.tenantId)
    return {
      identity: [
        failed('partners.identity', 'theirs', { code: 'identity-other', facts: { place, id: document.tenantId } }),
      ],
      isOver: true,
    };
  const identity: Finding[] = [passed('partners.identity', { code: 'identity-same', side: 'theirs' })];
  // The key that signs now is one that is believed here: confirmed, or answered for by one that was.
  const believed = currentKeys(record.keys);
  const signing = document.keys[0];
  if (!believed.some(({ publicJwk: { kid, x } }) => kid === signing?.kid && x === signing?.x))
    return { identity: [...identity, failed('partners.keys', 'theirs', { code: 'keys-changed' })], isOver: true };
  identity.push(passed('partners.keys', { code: 'keys-same', side: 'theirs' }));
  const gone = record.domains.filter((one) => !document.domains.includes(one));
  const domains = (all: readonly string[]) => ({ facts: { domains: all.join(', ') } });
  if (gone.length > 0)
    identity.push(failed('partners.domains', 'theirs', { code: 'domain-missing', ...domains(gone) }));
  else if (domain !== undefined && !record.domains.includes(domain))
    identity.push(
      document.domains.includes(domain)
        ? failed('partners.domains', 'ours', { code: 'domain-unconfirmed', ...domains([domain]) })
        : failed('partners.domains', 'ours', { code: 'domain-not-theirs', ...domains([domain]) }),
    );
  else identity.push(passed('partners.domains', { code: 'domains-same', side: 'theirs', ...domains(record.domains) }));
  // A domain does not stand in the way of a request.
  return { identity, isOver: false };
}

const REFUSED_AS: Readonly<Record<string, { code: string; side: 'ours' | 'theirs' | 'between' }>> = {
  'partners.unknown-sender': { code: 'request-unknown', side: 'theirs' },
  'partners.signature': { code: 'request-signature', side: 'theirs' },
  'partners.replayed': { code: 'request-signature', side: 'theirs' },
  'partners.forged-address': { code: 'request-domain', side: 'theirs' },
  'partners.clock': { code: 'request-clock', side: 'between' },
  'partners.too-many': { code: 'request-busy', side: 'ours' },
};

async function* sendRequest({ elsewhere }: WayPorts, way: Way): AsyncGenerator<Finding> {
  const { envoy, record } = way;
  const came = await elsewhere.try(envoy, record, TRY, { v: VERSION });
  const refused = REFUSED_AS[came.code ?? ''];
  const isOlder = came.code === 'partners.unknown-request';
  const answer = reached.safeParse((came.answered as { answer?: unknown } | undefined)?.answer);
  if (refused) {
    const domain = envoy.address.slice(envoy.address.lastIndexOf('@') + 1);
    yield failed('partners.request', refused.side, { code: refused.code, facts: { domain } });
  } else if (came.status === 0) {
    yield failed('partners.request', 'theirs', {
      code: 'request-unanswered',
      facts: { reason: came.failure ?? '' },
    });
  } else if (!isOlder && (came.failure !== null || !answer.success)) {
    yield failed('partners.request', 'theirs', { code: 'request-garbled', facts: { status: String(came.status) } });
  } else {
    yield passed('partners.request', { code: 'request-taken', side: 'theirs' });
    yield clockOf(came, way);
    yield isOlder
      ? failed('partners.version', 'theirs', { code: 'version-older' })
      : passed('partners.version', {
          code: 'version-same',
          side: 'theirs',
          facts: { version: String(answer.data?.v ?? '') },
        });
  }
}

/** Two clocks that differ do not say which is off: those of other partners may. */
function clockOf({ skew = 0 }: Came, { otherClocks }: Way): Finding {
  const step = 'partners.clock';
  const facts = { seconds: String(Math.abs(skew)) };
  if (Math.abs(skew) <= CLOCK_TOLERANCE_SECONDS) return passed(step, { code: 'clock-same', side: 'between', facts });
  const near = (a: number, b: number) => Math.abs(a - b) <= CLOCK_TOLERANCE_SECONDS;
  const withUs = otherClocks.filter((one) => near(one, 0)).length;
  const withThem = otherClocks.filter((one) => near(one, skew)).length;
  if (withUs > withThem) return failed(step, 'theirs', { code: 'clock-theirs', facts });
  if (withThem > withUs) return failed(step, 'ours', { code: 'clock-ours', facts });
  return failed(step, 'between', { code: 'clock-between', facts });
}
