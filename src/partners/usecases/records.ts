import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import type { Envoy, Job, PartnerRequest, Partners, Run } from '../../kernel/module.ts';
import { canonicalBytes, kidOf } from '../../protocols/signed-json.ts';
import { partnersFaults } from '../faults.ts';
import { currentKeys, hearKeys, type KnownKey, trustedKeys } from '../model/key-change.ts';
import type { SignedDocument } from '../model/organization-document.ts';
import type { Introduction, PartnerRecord } from '../model/record.ts';
import { administerPartners } from '../questions/agreements.ts';
import {
  deleteIntroduction,
  deletePartner,
  findIntroduction,
  findPartner,
  listIntroductions,
  listPartners,
  listTakenDomains,
  putPartner,
} from '../store/records.ts';
import { type Discovered, type DiscoverPorts, discoverOrganization } from './discover.ts';

export interface RecordPorts extends DiscoverPorts {
  readonly run: Run;
  readonly partners: Partners;
  readonly isHere: (tenantId: TenantId) => Promise<boolean>;
  /** Sends now what waits for a partner, in the context's transaction. */
  readonly queueUntold: (ctx: Context, partner: TenantId) => Promise<void>;
}

/** What an administrator is shown before anything is stored. */
export interface Proposal extends Discovered {
  /** Names exactly what was shown: who confirms says which. */
  readonly digest: string;
  /** Domains that lead to another partner already. */
  readonly taken: readonly string[];
  /** It tells less of its keys than was heard before. */
  readonly isOlder: boolean;
  readonly record: PartnerRecord | undefined;
}

export const listPartnerRecords = async (ctx: Context): Promise<PartnerRecord[]> => {
  await ctx.demand(administerPartners, undefined, 'read');
  return listPartners(ctx);
};

/** @throws not-found. */
export async function getPartnerRecord(ctx: Context, id: TenantId): Promise<PartnerRecord> {
  await ctx.demand(administerPartners, undefined, 'read');
  const record = await findPartner(ctx, id);
  if (!record) throw kernelFaults.notFound();
  return record;
}

export const within = <T>(ctx: Context, { run }: RecordPorts, act: (ctx: Context) => Promise<T>, readOnly = false) => {
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  return run({ tenantId, actor, correlationId, clientAddress, readOnly }, act);
};

/**
 * Finds the organisation behind a domain and shows what it publishes; nothing is stored. Call it outside a transaction.
 * @throws partners.not-a-place, .not-discovered, .ourselves.
 */
export async function proposePartner(ctx: Context, ports: RecordPorts, place: string): Promise<Proposal> {
  await ctx.demand(administerPartners, undefined, 'write');
  const found = await discoverOrganization(ports, place);
  const { tenantId } = found.signed.document;
  if (tenantId === ctx.tenantId) throw partnersFaults.ourselves();
  // Whoever is on this server is known from here; somebody elsewhere who claims to be them is not them.
  if (!found.isHere && (await ports.isHere(tenantId)))
    throw partnersFaults.notDiscovered(place, 'answer', 'It says it is an organisation that it is not.');
  return within(
    ctx,
    ports,
    async (inside) => {
      const record = await findPartner(inside, tenantId);
      const { document, signature } = found.signed;
      return {
        ...found,
        digest: digestOf(found.signed),
        taken: await listTakenDomains(inside, found.proven, tenantId),
        isOlder: (await hearKeys(record?.keys ?? [], tenantId, document, kidOf(signature) ?? '')).isOlder,
        record,
      };
    },
    true,
  );
}

const digestOf = ({ document }: SignedDocument) =>
  createHash('sha256').update(canonicalBytes(document)).digest('base64url');

/**
 * Stores what was shown as `digest`, with those of its proven domains that the administrator chose, and lets the
 * organisation know. Also how a change that was proposed is taken.
 * @throws partners.changed-since, .domain-not-proven, .domain-taken, .no-domains.
 */
export async function confirmPartner(
  ctx: Context,
  ports: RecordPorts,
  chosen: { place: string; digest: string; domains: readonly string[] },
): Promise<PartnerRecord> {
  const proposal = await proposePartner(ctx, ports, chosen.place);
  if (proposal.digest !== chosen.digest) throw partnersFaults.changedSince();
  if (proposal.isOlder) throw partnersFaults.olderDocument();
  const domains = [...new Set(chosen.domains.map((domain) => domain.toLowerCase()))].sort();
  if (domains.length === 0) throw partnersFaults.noDomains();
  const { signed, foundAt, proven } = proposal;
  const unproven = domains.filter((domain) => !proven.includes(domain));
  if (unproven.length > 0) throw partnersFaults.notProven(unproven);
  const { tenantId, displayName } = signed.document;
  return within(ctx, ports, async (inside) => {
    await inside.demand(administerPartners, undefined, 'write');
    const taken = await listTakenDomains(inside, domains, tenantId);
    if (taken.length > 0) throw partnersFaults.domainTaken(taken);
    const { actor } = inside;
    const confirmedBy = actor.kind === 'account' ? actor.accountId : actor.kind;
    await putPartner(inside, { tenantId, foundAt, document: signed, domains, confirmedBy });
    inside.record({
      action: proposal.record ? 'partners.partner-changed' : 'partners.partner-confirmed',
      category: 'Policy',
      targets: [
        {
          kind: 'partner',
          id: tenantId,
          displayName,
          changes: [{ name: 'domains', old: proposal.record?.domains ?? [], new: domains }],
        },
      ],
      facts: { digest: proposal.digest, foundAt },
    });
    if (!proposal.record) await inside.defer(INTRODUCE, { partnerTenantId: tenantId });
    // What could not be said to where it was, or by the key it had, can be now.
    else await ports.queueUntold(inside, tenantId);
    return (await findPartner(inside, tenantId)) as PartnerRecord;
  });
}

/** Forgets a partner: requests of it are refused from now on, and nobody here reaches it. @throws not-found. */
export async function removePartner(ctx: Context, id: TenantId): Promise<void> {
  await ctx.demand(administerPartners, undefined, 'write');
  const record = await findPartner(ctx, id);
  if (!record || !(await deletePartner(ctx, id))) throw kernelFaults.notFound();
  ctx.record({
    action: 'partners.partner-removed',
    category: 'Policy',
    targets: [{ kind: 'partner', id, displayName: record.displayName }],
  });
}

export async function listIntroduced(ctx: Context): Promise<Introduction[]> {
  await ctx.demand(administerPartners, undefined, 'read');
  return listIntroductions(ctx);
}

/** Turns an organisation away that asked to be known. It is not told. @throws not-found. */
export async function dismissIntroduction(ctx: Context, id: TenantId): Promise<void> {
  await ctx.demand(administerPartners, undefined, 'write');
  const introduced = await findIntroduction(ctx, id);
  if (!introduced || !(await deleteIntroduction(ctx, id))) throw kernelFaults.notFound();
  ctx.record({
    action: 'partners.introduction-dismissed',
    category: 'Policy',
    targets: [{ kind: 'partner', id, displayName: introduced.document.document.displayName }],
  });
}

const INTRODUCE = 'partners.introduce';

/** Tells an organisation that ours has confirmed it, so that it sees us among those who ask to be known. */
export const introduceJob = (ports: RecordPorts): Job => ({
  name: INTRODUCE,
  transaction: 'none',
  async run(ctx, { partnerTenantId }) {
    await ports.partners.ask(serverEnvoy(ctx), partnerTenantId as TenantId, INTRODUCE, { v: 1 });
  },
});

/** Who asks where no person does: the organisation's own server. */
export const serverEnvoy = ({ tenantId, tenant, correlationId }: Context): Envoy => ({
  tenantId,
  correlationId,
  address: `entente@${tenant.defaultDomain}`,
  displayName: tenant.displayName,
});

/** Answered to anybody: that it came is all there is to it, since what was introduced was kept before. */
export const introduceRequest: PartnerRequest = {
  name: INTRODUCE,
  shape: z.object({ v: z.literal(1) }),
  transaction: 'read',
  fromStrangers: true,
  isRoutine: true,
  answer: async () => ({ v: 1 }),
};

/** What we believe another organisation to be. */
export interface KnownPartner {
  readonly displayName: string;
  /** Those of its domains that are proven, lower case, in A-label form. */
  readonly domains: readonly string[];
  /** Public keys with which it signs what it asks now. */
  readonly keys: readonly JWK[];
  /** The same, with those that signed before: what is new and was signed by one of these is its own. */
  readonly trustedKeys: readonly JWK[];
  /** Every public key that it ever signed with: by these is checked what was taken already. */
  readonly everyKey: readonly JWK[];
}

/** The same, with where its people say who they are. */
export interface KnownHome extends KnownPartner {
  /** The OpenID Connect issuer of its people. */
  readonly issuer: string;
  readonly isHere: boolean;
}

/**
 * Another organisation: as it was confirmed, or, of one on this server, as it is. Opens what it needs itself.
 * @throws not-found for one that is neither.
 */
export async function knownPartner(
  ctx: Pick<Context, 'tenantId' | 'correlationId'>,
  ports: Pick<RecordPorts, 'run' | 'isHere' | 'describeHere'>,
  partner: TenantId,
): Promise<KnownHome> {
  if (await ports.isHere(partner)) {
    const { document } = await ports.describeHere(partner);
    const { displayName, domains, keys, formerKeys = [], withdrawals = [], issuer } = document;
    const isTrusted = ({ kid }: JWK) => !withdrawals.some(({ statement }) => statement.kid === kid);
    const everyKey = [...keys, ...formerKeys];
    return { displayName, domains, keys, trustedKeys: everyKey.filter(isTrusted), everyKey, issuer, isHere: true };
  }
  const { tenantId } = ctx;
  const correlationId = ctx.correlationId || newId();
  const actor = { kind: 'system', name: 'partners' } as const;
  const record = await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
    findPartner(inside, partner),
  );
  if (!record) throw kernelFaults.notFound();
  const { displayName, domains, document, keys } = record;
  const jwks = (known: readonly KnownKey[]) => known.map(({ publicJwk }) => publicJwk);
  return {
    displayName,
    domains,
    keys: jwks(currentKeys(keys)),
    trustedKeys: jwks(trustedKeys(keys)),
    everyKey: jwks(keys),
    issuer: document.document.issuer,
    isHere: false,
  };
}

/** Every public key that another organisation ever signed with. @throws as knowing it. */
export const partnerKeysOf = async (
  ctx: Pick<Context, 'tenantId' | 'correlationId'>,
  ports: Pick<RecordPorts, 'run' | 'isHere' | 'describeHere'>,
  partner: TenantId,
): Promise<readonly JWK[]> => (await knownPartner(ctx, ports, partner)).everyKey;
