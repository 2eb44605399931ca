import type { JWK } from 'jose';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { parseId, type TenantId } from '../../kernel/ids.ts';
import type { Envoy } from '../../kernel/module.ts';
import { parseKeepable } from '../../kernel/text.ts';
import { networkOf } from '../../platform/client-network.ts';
import { HttpSignatureError, type SignedRequest, verifyRequest } from '../../protocols/http-signatures.ts';
import { domainOf } from '../../tenants/index.ts';
import { partnersFaults } from '../faults.ts';
import { createAllowance } from '../model/allowance.ts';
import { currentKeys } from '../model/key-change.ts';
import { FOUND_AT, FROM, partnerMessage } from '../model/message.ts';
import type { SignedDocument } from '../model/organization-document.ts';
import { CLOCK_TOLERANCE_SECONDS, NONCE_SECONDS, type PartnerRecord } from '../model/record.ts';
import { findPartner, putIntroduction, useNonce } from '../store/records.ts';
import { type AnswerPorts, answerPartner, findRequest, refuseSender } from './answer-partners.ts';
import { type Fetch, fetchDocument, readPlace } from './discover.ts';
import { deferLook } from './look-again.ts';

export interface ReceivePorts extends AnswerPorts {
  readonly fetch: Fetch;
  readonly now: () => Date;
  /** Whether this server is that organisation's. */
  readonly isHere: (tenantId: TenantId) => Promise<boolean>;
  /** Reads what a partner publishes now, and keeps what it tells of its keys. @throws partners.not-discovered. */
  readonly lookAt: (to: TenantId, partner: TenantId, place: string) => Promise<void>;
}

/** A known partner may ask so often; of strangers each address they come from. */
const OF_PARTNERS = { burst: 200, perSecond: 50 };
/** What comes in a partner's name from one address, before it is known whether it is the partner's. */
const OF_ANYBODY = { burst: 1_000, perSecond: 200 };
const OF_STRANGERS = { burst: 5, perSecond: 0.1 };
/** Refusals that stand in the audit, of one sender for one reason; the rest of a flood says nothing more. */
const NOTED = { burst: 50, perSecond: 0.1 };
/** How often a key that nobody here knows makes us read what the partner publishes, whoever signs with it. */
const LOOKS = { burst: 5, perSecond: 1 / 30 };

const actor = { kind: 'system', name: 'partners' } as const;

/**
 * Takes a request from another organisation's server: known by a key that was confirmed here, in time, once, for an
 * address of its own domains. Only then it is looked at what is asked.
 */
export function openReception(ports: ReceivePorts) {
  const partnerMay = createAllowance(OF_PARTNERS);
  const anybodyMay = createAllowance(OF_ANYBODY);
  const strangerMay = createAllowance(OF_STRANGERS);
  const mayNote = createAllowance(NOTED);
  const mayLook = createAllowance(LOOKS);

  /** Who sent it: what was confirmed of a partner; of a stranger what it publishes, where it may ask at all. */
  async function senderOf(
    to: TenantId,
    from: TenantId,
    name: string,
    { foundAt, network }: { foundAt: string; network: string },
  ) {
    const record = await ports.run({ tenantId: to, actor, readOnly: true }, (ctx) => findPartner(ctx, from));
    if (record) {
      // Whoever only says that they are the partner uses up what is theirs, and none of the partner's.
      if (!anybodyMay(network, ports.now().getTime())) throw partnersFaults.tooMany();
      return { keys: jwksOf(record), domains: record.domains, record };
    }
    if (!findRequest(ports, name).fromStrangers) throw partnersFaults.unknownSender();
    if (!strangerMay(network, ports.now().getTime())) throw partnersFaults.tooMany();
    const signed = await fetchDocument(ports, foundAt).catch(() => undefined);
    if (signed?.document.tenantId !== from) throw partnersFaults.unknownSender();
    return { keys: signed.document.keys, domains: [readPlace(foundAt).domain], stranger: signed };
  }

  /** @throws partners.signature, .clock, .replayed, .unknown-sender, .too-many, .forged-address; the request's faults. */
  return async function receiveRequest(
    received: SignedRequest & { to: string; name: string; clientAddress: string },
  ): Promise<unknown> {
    const to = parseId<'tenant'>(received.to);
    const from = parseId<'tenant'>(received.headers[FROM] ?? '');
    const foundAt = received.headers[FOUND_AT] ?? '';
    // An organisation of this server needs no wire to reach another of it.
    if (!to || !from || !(await ports.isHere(to)) || (await ports.isHere(from))) throw partnersFaults.unknownSender();
    const { name, clientAddress } = received;
    const sender = await senderOf(to, from, name, { foundAt, network: networkOf(clientAddress) });
    const { at, nonce } = await noted(to, from, received, async () => {
      try {
        return await verified(received, sender.keys, ports.now());
      } catch (error) {
        const newer = await keysOfNow(to, sender.record, error);
        if (!newer) return refuseSignature(error);
        return verified(received, newer, ports.now()).catch(refuseSignature);
      }
    });
    if (!partnerMay(`${to} ${from}`, ports.now().getTime())) throw partnersFaults.tooMany();
    const message = partnerMessage.safeParse(parseKeepable(received.body));
    if (!message.success) throw kernelFaults.invalid('The partner could not read the request.');
    const { address, displayName, correlationId, exchangeId, asked } = message.data;
    const envoy: Envoy = {
      tenantId: from,
      address,
      displayName,
      correlationId,
      ...(exchangeId === undefined ? {} : { exchangeId }),
    };
    await noted(to, from, received, async () => {
      const until = new Date(at.getTime() + NONCE_SECONDS * 1000);
      const use = async (ctx: Context) => {
        const isNew = await useNonce(ctx, from, nonce.slice(0, 100), until);
        if (isNew && sender.record && hasMoved(sender.record, foundAt)) await deferLook(ctx, from, foundAt);
        return isNew;
      };
      if (!(await ports.run({ tenantId: to, actor, correlationId }, use))) throw partnersFaults.replayed();
    });
    if (!(sender.domains as readonly (string | undefined)[]).includes(domainOf(address)))
      await refuseSender(ports.run, to, envoy, name);
    if (sender.stranger) await introduce(to, from, foundAt, sender.stranger);
    return answerPartner(ports, envoy, to, name, asked);
  };

  /**
   * A partner that has changed its key signs with one that was not heard of yet, or that has given up the one that was:
   * what it publishes tells. Undefined where there is nothing to look for.
   */
  async function keysOfNow(to: TenantId, record: PartnerRecord | undefined, error: unknown) {
    if (!record || !(error instanceof HttpSignatureError) || !error.isUnknownKey) return undefined;
    if (!mayLook(`${to} ${record.tenantId}`, ports.now().getTime())) return undefined;
    await ports.lookAt(to, record.tenantId, record.foundAt).catch(() => undefined);
    const now = await ports.run({ tenantId: to, actor, readOnly: true }, (ctx) => findPartner(ctx, record.tenantId));
    return now && jwksOf(now);
  }

  /** Whoever is not taken at their word stands in the audit of whom they wrote to (EX-58). */
  async function noted<T>(
    to: TenantId,
    from: TenantId,
    { name }: { name: string },
    check: () => Promise<T>,
  ): Promise<T> {
    try {
      return await check();
    } catch (error) {
      const isRefusal = error instanceof Fault && error.kind === 'unauthenticated';
      if (isRefusal && mayNote(`${to} ${from} ${error.code}`, ports.now().getTime()))
        await ports.run({ tenantId: to, actor }, async (ctx) =>
          ctx.record({
            action: 'partners.request-refused',
            category: 'Access',
            result: 'failure',
            reason: error.code,
            facts: { homeTenantId: from, request: name },
          }),
        );
      throw error;
    }
  }

  /** Whether a partner, by its own key, says that it is found elsewhere now: at another place of a domain of its own. */
  function hasMoved(record: PartnerRecord, foundAt: string): boolean {
    if (foundAt === record.foundAt || foundAt === record.proposedAt) return false;
    const [, domain = ''] = /^([^:/?#@\s]+)(?::\d{1,5})?$/.exec(foundAt) ?? [];
    if (!record.domains.includes(domain)) return false;
    return mayLook(`${record.tenantId} moved`, ports.now().getTime());
  }

  /** Keeps who a stranger says they are, for an administrator to look at. */
  async function introduce(to: TenantId, from: TenantId, foundAt: string, document: SignedDocument) {
    await ports.run({ tenantId: to, actor }, async (ctx) => {
      if (!(await putIntroduction(ctx, { tenantId: from, foundAt, document }))) throw partnersFaults.tooMany();
      ctx.record({
        action: 'partners.organization-introduced',
        category: 'Policy',
        targets: [{ kind: 'partner', id: from, displayName: document.document.displayName }],
        facts: { foundAt },
      });
    });
  }
}

/** @throws HttpSignatureError; partners.clock. */
async function verified(received: SignedRequest, keys: readonly JWK[], now: Date) {
  const found = await verifyRequest(received, keys, [FROM, FOUND_AT]);
  const seconds = Math.abs(found.at.getTime() - now.getTime()) / 1000;
  if (seconds > CLOCK_TOLERANCE_SECONDS) throw partnersFaults.clock();
  return found;
}

function refuseSignature(error: unknown): never {
  throw error instanceof HttpSignatureError ? partnersFaults.signature() : error;
}

const jwksOf = ({ keys }: PartnerRecord): readonly JWK[] => currentKeys(keys).map(({ publicJwk }) => publicJwk);
