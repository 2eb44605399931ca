import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId, type TenantId } from '../../../kernel/ids.ts';
import { accepted, created, noContent, type Route, route } from '../../../platform/http/route.ts';
import { type KnownKey, trustedKeys } from '../../model/key-change.ts';
import type { SignedDocument } from '../../model/organization-document.ts';
import type { Introduction, PartnerRecord } from '../../model/record.ts';
import { type LookPorts, lookAgain } from '../../usecases/look-again.ts';
import {
  confirmPartner,
  dismissIntroduction,
  getPartnerRecord,
  listIntroduced,
  listPartnerRecords,
  type Proposal,
  proposePartner,
  removePartner,
} from '../../usecases/records.ts';
import { readUntold, tellAgain, type UntoldPorts } from '../../usecases/untold.ts';

const BASE = '/admin/partners';
const admin = { wire: 'problem', access: 'asks', tags: ['partners'] } as const;
const one = z.object({ partnerId: z.string().max(100) });
const place = z.string().trim().min(1).max(300);

/** Other organisations: found by a domain, looked at, confirmed, and forgotten. */
export const partnerRoutes = (ports: LookPorts & UntoldPorts): readonly Route[] => [
  route({
    ...admin,
    method: 'GET',
    path: BASE,
    summary: 'The partners of the organisation.',
    handle: async (ctx) => ({ value: (await listPartnerRecords(ctx)).map(present) }),
  }),
  route({
    ...admin,
    method: 'GET',
    path: `${BASE}/discover`,
    summary: 'What the organisation behind a domain publishes of itself. Stores nothing.',
    transaction: 'none',
    query: z.object({ domain: place }),
    handle: async (ctx, { query }) => presentProposal(await proposePartner(ctx, ports, query.domain)),
  }),
  route({
    ...admin,
    method: 'POST',
    path: BASE,
    summary: 'Confirms what was shown as a partner, or a change of one.',
    transaction: 'none',
    body: z.object({
      domain: place,
      digest: z.string().max(100),
      domains: z.array(z.string().max(253)).max(1_000),
    }),
    async handle(ctx, { body, origin }) {
      const record = await confirmPartner(ctx, ports, {
        place: body.domain,
        digest: body.digest,
        domains: body.domains,
      });
      return created(present(record), `${origin}${BASE}/${record.tenantId}`);
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: `${BASE}/introductions`,
    summary: 'Organisations that asked to be known and wait for a decision.',
    handle: async (ctx) => ({ value: (await listIntroduced(ctx)).map(presentIntroduction) }),
  }),
  route({
    ...admin,
    method: 'DELETE',
    path: `${BASE}/introductions/:partnerId`,
    summary: 'Turns an organisation away that asked to be known.',
    params: one,
    async handle(ctx, { params }) {
      await dismissIntroduction(ctx, idOf(params.partnerId));
      return noContent();
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: `${BASE}/:partnerId`,
    summary: 'One partner, how it answers, and what it has changed.',
    params: one,
    handle: async (ctx, { params }) => present(await getPartnerRecord(ctx, idOf(params.partnerId))),
  }),
  route({
    ...admin,
    method: 'POST',
    path: `${BASE}/:partnerId/look-again`,
    summary: 'Looks whether the partner publishes something new. What it finds is proposed.',
    transaction: 'none',
    params: one,
    handle: async (ctx, { params }) => present(await lookAgain(ctx, ports, idOf(params.partnerId))),
  }),
  route({
    ...admin,
    method: 'GET',
    path: `${BASE}/:partnerId/untold`,
    summary: 'What waits to be told to the partner, or was refused or given up, and why it failed last.',
    params: one,
    handle: async (ctx, { params }) => ({ value: await readUntold(ctx, ports, idOf(params.partnerId)) }),
  }),
  route({
    ...admin,
    method: 'POST',
    path: `${BASE}/:partnerId/untold/send`,
    summary: 'Sends all of that now. The partner takes each message once.',
    params: one,
    async handle(ctx, { params }) {
      const id = idOf(params.partnerId);
      await tellAgain(ctx, ports, id);
      return accepted({ value: await readUntold(ctx, ports, id) }, `${BASE}/${id}/untold`);
    },
  }),
  route({
    ...admin,
    method: 'DELETE',
    path: `${BASE}/:partnerId`,
    summary: 'Forgets a partner.',
    params: one,
    async handle(ctx, { params }) {
      await removePartner(ctx, idOf(params.partnerId));
      return noContent();
    },
  }),
];

function idOf(text: string): TenantId {
  const id = parseId<'tenant'>(text);
  if (!id) throw kernelFaults.notFound();
  return id;
}

const published = ({ document }: SignedDocument) => ({
  displayName: document.displayName,
  domains: document.domains,
  endpoint: document.endpoint,
  issuer: document.issuer,
  keys: document.keys.map(({ kid, x }) => ({ kid, x })),
});

const present = (record: PartnerRecord) => ({
  id: record.tenantId,
  displayName: record.displayName,
  foundAt: record.foundAt,
  domains: record.domains,
  published: published(record.document),
  /** Every key that it was known by here, the newest first. */
  keys: record.keys.map((key) => presentKey(key, record.keys)),
  proposed: record.proposed && published(record.proposed),
  /** Where that was found: to be looked at there before it is confirmed. */
  proposedAt: record.proposedAt,
  confirmedAt: record.confirmedAt,
  confirmedBy: record.confirmedBy,
  health: record.health,
});

/** `announced`: the key before it answers for it, and nobody here has confirmed it. */
function stateOf(key: KnownKey, all: readonly KnownKey[]) {
  if (key.withdrawnAt !== null) return 'withdrawn';
  if (key.retiredAt !== null) return 'former';
  if (key.confirmedAt !== null) return 'confirmed';
  return trustedKeys(all).includes(key) ? 'announced' : 'unknown';
}

const presentKey = (key: KnownKey, all: readonly KnownKey[]) => ({
  kid: key.kid,
  x: key.publicJwk.x,
  state: stateOf(key, all),
  succeeds: key.succeeds,
  heardAt: key.heardAt,
  confirmedAt: key.confirmedAt,
  retiredAt: key.retiredAt,
  withdrawnAt: key.withdrawnAt,
});

const presentProposal = ({ signed, foundAt, isHere, proven, unproven, digest, taken, isOlder, record }: Proposal) => ({
  id: signed.document.tenantId,
  foundAt,
  isHere,
  digest,
  published: published(signed),
  proven,
  unproven,
  taken,
  /** It tells less of its keys than was heard before: it cannot be confirmed. */
  isOlder,
  /** Those that are known here; of one that is not, nothing but this document speaks. */
  knownKeys: (record?.keys ?? []).map((key) => presentKey(key, record?.keys ?? [])),
  isConfirmed: record !== undefined,
  confirmedDomains: record?.domains ?? [],
});

const presentIntroduction = ({ tenantId, foundAt, document, introducedAt }: Introduction) => ({
  id: tenantId,
  foundAt,
  introducedAt,
  published: published(document),
});
