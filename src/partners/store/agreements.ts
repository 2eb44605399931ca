import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import { sqlOf, violatedConstraint } from '../../platform/database/index.ts';
import type { JsonSignature } from '../../protocols/signed-json.ts';
import { partnersFaults } from '../faults.ts';

interface AgreementsTable {
  tenant_id: string;
  id: string;
  partner_tenant_id: string;
  partner_domain: string;
  partner_name: string;
  partner_domains: string[];
  created_at: Date;
  is_over: boolean;
  broken_at: Date | null;
  partner_broken_at: Date | null;
  reach: unknown;
  partner_reach: unknown;
}
interface VersionsTable {
  tenant_id: string;
  agreement_id: string;
  digest: string;
  number: number;
  author_tenant_id: string;
  content: string;
  is_draft: boolean;
  is_superseded: boolean;
  received_at: Date;
}
interface SignaturesTable {
  tenant_id: string;
  agreement_id: string;
  digest: string;
  signer_tenant_id: string;
  header: string;
  signature: string;
  public_jwk: string;
  signed_by: string | null;
  received_at: Date;
}
interface AmendmentsTable {
  tenant_id: string;
  agreement_id: string;
  author_tenant_id: string;
  number: number;
  digest: string;
  content: string;
  header: string;
  signature: string;
  public_jwk: string;
  made_by: string | null;
  received_at: Date;
}
interface MessagesTable {
  tenant_id: string;
  id: string;
  agreement_id: string;
  request: string;
  payload: unknown;
  state: 'waiting' | 'delivered' | 'refused';
  attempts: number;
  last_error: string | null;
  created_at: Date;
  settled_at: Date | null;
}
interface Tables {
  'partners.agreements': AgreementsTable;
  'partners.agreement_versions': VersionsTable;
  'partners.agreement_signatures': SignaturesTable;
  'partners.agreement_amendments': AmendmentsTable;
  'partners.agreement_messages': MessagesTable;
}

/** A signature with the key that it was checked with when it came. */
export interface KeptSignature extends JsonSignature {
  readonly signerTenantId: string;
  /** Canonical JSON. */
  readonly publicJwk: string;
  /** Their address; of the partner's as the partner says, and null where it says nothing. */
  readonly signedBy: string | null;
  readonly receivedAt: Date;
}

export interface KeptVersion {
  readonly digest: string;
  readonly number: number;
  readonly authorTenantId: string;
  readonly content: string;
  readonly isDraft: boolean;
  readonly isSuperseded: boolean;
  readonly receivedAt: Date;
  readonly signatures: readonly KeptSignature[];
}

export interface KeptAmendment extends KeptSignature {
  readonly number: number;
  readonly digest: string;
  readonly content: string;
}

/** A level that everyone is given, or that some are and others have more. */
export type Given = string | { readonly some: string };

/** An agreement as it is stored: text that is not believed before it is checked (`check-agreement.ts`). */
export interface KeptAgreement {
  readonly id: string;
  readonly partnerTenantId: TenantId;
  readonly partnerDomain: string;
  readonly partnerName: string;
  /** Those that we know to be the partner's. */
  readonly partnerDomains: readonly string[];
  readonly createdAt: Date;
  readonly isOver: boolean;
  readonly brokenAt: Date | null;
  readonly partnerBrokenAt: Date | null;
  /** By term, how far our settings let the partner's people come, where that is less than was agreed. */
  readonly reach: Readonly<Record<string, Given>>;
  /** The same of the partner's settings and our people, as the partner says. */
  readonly partnerReach: Readonly<Record<string, Given>>;
  /** By number. */
  readonly versions: readonly KeptVersion[];
  /** By author and number. */
  readonly amendments: readonly KeptAmendment[];
}

export interface AgreementMessage {
  readonly id: string;
  readonly request: string;
  readonly payload: unknown;
  readonly state: MessagesTable['state'];
  readonly attempts: number;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

type Where = Pick<Context, 'tx' | 'tenantId'>;

/** Agreements with all that was said, the oldest first. */
export async function listAgreements(
  ctx: Where,
  filter: { readonly ids?: readonly string[]; readonly partnerTenantId?: string; readonly isOver?: boolean } = {},
): Promise<KeptAgreement[]> {
  if (filter.ids?.length === 0) return [];
  const db = sqlOf<Tables>(ctx);
  let query = db.selectFrom('partners.agreements').selectAll().where('tenant_id', '=', ctx.tenantId).orderBy('id');
  if (filter.ids !== undefined) query = query.where('id', 'in', filter.ids);
  if (filter.partnerTenantId !== undefined) query = query.where('partner_tenant_id', '=', filter.partnerTenantId);
  if (filter.isOver !== undefined) query = query.where('is_over', '=', filter.isOver);
  const rows = await query.execute();
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const versions = await db
    .selectFrom('partners.agreement_versions')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('agreement_id', 'in', ids)
    .orderBy('number')
    .orderBy('received_at')
    .execute();
  const signatures = await db
    .selectFrom('partners.agreement_signatures')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('agreement_id', 'in', ids)
    .orderBy('received_at')
    .execute();
  const amendments = await db
    .selectFrom('partners.agreement_amendments')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('agreement_id', 'in', ids)
    .orderBy('author_tenant_id')
    .orderBy('number')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    partnerTenantId: row.partner_tenant_id as TenantId,
    partnerDomain: row.partner_domain,
    partnerName: row.partner_name,
    partnerDomains: row.partner_domains,
    createdAt: row.created_at,
    isOver: row.is_over,
    brokenAt: row.broken_at,
    partnerBrokenAt: row.partner_broken_at,
    reach: row.reach as Record<string, Given>,
    partnerReach: row.partner_reach as Record<string, Given>,
    versions: versions
      .filter((one) => one.agreement_id === row.id)
      .map((one) => ({
        digest: one.digest,
        number: one.number,
        authorTenantId: one.author_tenant_id,
        content: one.content,
        isDraft: one.is_draft,
        isSuperseded: one.is_superseded,
        receivedAt: one.received_at,
        signatures: signatures
          .filter(({ agreement_id, digest }) => agreement_id === row.id && digest === one.digest)
          .map(signatureOf),
      })),
    amendments: amendments
      .filter((one) => one.agreement_id === row.id)
      .map((one) => ({
        ...signatureOf({ ...one, signer_tenant_id: one.author_tenant_id, signed_by: one.made_by }),
        number: one.number,
        digest: one.digest,
        content: one.content,
      })),
  }));
}

const signatureOf = (
  row: Pick<
    Selectable<SignaturesTable>,
    'signer_tenant_id' | 'header' | 'signature' | 'public_jwk' | 'signed_by' | 'received_at'
  >,
): KeptSignature => ({
  signerTenantId: row.signer_tenant_id,
  protected: row.header,
  signature: row.signature,
  publicJwk: row.public_jwk,
  signedBy: row.signed_by,
  receivedAt: row.received_at,
});

export async function findAgreement(ctx: Where, id: string): Promise<KeptAgreement | undefined> {
  return (await listAgreements(ctx, { ids: [id] }))[0];
}

/** Whoever changes an agreement, or says something to its partner, does so one after the other. */
export async function lockAgreements(ctx: Where): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`agreements:${ctx.tenantId}`}, 0))`.execute(sqlOf(ctx));
}

/** @throws partners.agreement-exists. */
export async function insertAgreement(
  ctx: Context,
  agreement: Pick<KeptAgreement, 'id' | 'partnerTenantId' | 'partnerDomain' | 'partnerName' | 'partnerDomains'>,
): Promise<void> {
  try {
    await sqlOf<Tables>(ctx)
      .insertInto('partners.agreements')
      .values({
        tenant_id: ctx.tenantId,
        id: agreement.id,
        partner_tenant_id: agreement.partnerTenantId,
        partner_domain: agreement.partnerDomain,
        partner_name: agreement.partnerName,
        partner_domains: [...agreement.partnerDomains],
        created_at: ctx.now,
        is_over: false,
        broken_at: null,
        partner_broken_at: null,
        reach: '{}',
        partner_reach: '{}',
      })
      .execute();
  } catch (error) {
    if (violatedConstraint(error) === 'agreements_one_living') throw partnersFaults.agreementExists();
    throw error;
  }
}

export async function markAgreement(
  ctx: Context,
  id: string,
  marks: {
    readonly isOver?: boolean;
    readonly brokenAt?: Date | null;
    readonly partnerBrokenAt?: Date | null;
    readonly reach?: Readonly<Record<string, Given>>;
    readonly partnerReach?: Readonly<Record<string, Given>>;
    readonly partnerDomains?: readonly string[];
  },
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('partners.agreements')
    .set({
      ...(marks.isOver === undefined ? {} : { is_over: marks.isOver }),
      ...(marks.brokenAt === undefined ? {} : { broken_at: marks.brokenAt }),
      ...(marks.partnerDomains === undefined ? {} : { partner_domains: [...marks.partnerDomains] }),
      ...(marks.partnerBrokenAt === undefined ? {} : { partner_broken_at: marks.partnerBrokenAt }),
      ...(marks.reach === undefined ? {} : { reach: JSON.stringify(marks.reach) }),
      ...(marks.partnerReach === undefined ? {} : { partner_reach: JSON.stringify(marks.partnerReach) }),
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

export async function insertVersion(
  ctx: Context,
  agreementId: string,
  version: Pick<KeptVersion, 'digest' | 'number' | 'authorTenantId' | 'content' | 'isDraft'>,
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('partners.agreement_versions')
    .values({
      tenant_id: ctx.tenantId,
      agreement_id: agreementId,
      digest: version.digest,
      number: version.number,
      author_tenant_id: version.authorTenantId,
      content: version.content,
      is_draft: version.isDraft,
      is_superseded: false,
      received_at: ctx.now,
    })
    .execute();
}

export async function markVersion(
  ctx: Context,
  agreementId: string,
  digest: string,
  marks: { readonly isDraft?: boolean; readonly isSuperseded?: boolean },
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('partners.agreement_versions')
    .set({
      ...(marks.isDraft === undefined ? {} : { is_draft: marks.isDraft }),
      ...(marks.isSuperseded === undefined ? {} : { is_superseded: marks.isSuperseded }),
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('agreement_id', '=', agreementId)
    .where('digest', '=', digest)
    .execute();
}

/** Only what was never sent is erased. */
export async function eraseDrafts(ctx: Context, agreementId: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('partners.agreement_versions')
    .where('tenant_id', '=', ctx.tenantId)
    .where('agreement_id', '=', agreementId)
    .where('is_draft', '=', true)
    .execute();
}

/** Kept once: what comes again changes nothing. */
export async function insertSignature(
  ctx: Context,
  agreementId: string,
  digest: string,
  signature: Omit<KeptSignature, 'receivedAt'>,
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('partners.agreement_signatures')
    .values({
      tenant_id: ctx.tenantId,
      agreement_id: agreementId,
      digest,
      signer_tenant_id: signature.signerTenantId,
      header: signature.protected,
      signature: signature.signature,
      public_jwk: signature.publicJwk,
      signed_by: signature.signedBy,
      received_at: ctx.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function insertAmendment(
  ctx: Context,
  agreementId: string,
  amendment: Omit<KeptAmendment, 'receivedAt'>,
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('partners.agreement_amendments')
    .values({
      tenant_id: ctx.tenantId,
      agreement_id: agreementId,
      author_tenant_id: amendment.signerTenantId,
      number: amendment.number,
      digest: amendment.digest,
      content: amendment.content,
      header: amendment.protected,
      signature: amendment.signature,
      public_jwk: amendment.publicJwk,
      made_by: amendment.signedBy,
      received_at: ctx.now,
    })
    .execute();
}

export async function insertMessage(
  ctx: Context,
  agreementId: string,
  message: { readonly request: string; readonly payload: unknown },
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('partners.agreement_messages')
    .values({
      tenant_id: ctx.tenantId,
      id: newId(),
      agreement_id: agreementId,
      request: message.request,
      payload: JSON.stringify(message.payload),
      state: 'waiting',
      attempts: 0,
      created_at: ctx.now,
      last_error: null,
      settled_at: null,
    })
    .execute();
}

/** What was or is to be said to the partner, in that order. */
export async function listMessages(
  ctx: Where,
  agreementId: string,
  filter: { readonly state?: AgreementMessage['state'] } = {},
): Promise<AgreementMessage[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('partners.agreement_messages')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('agreement_id', '=', agreementId)
    .orderBy('id');
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  return (await query.execute()).map((row) => ({
    id: row.id,
    request: row.request,
    payload: row.payload,
    state: row.state,
    attempts: row.attempts,
    lastError: row.last_error,
    createdAt: row.created_at,
    settledAt: row.settled_at,
  }));
}

export async function settleMessage(
  ctx: Context,
  id: string,
  settled: { readonly state: AgreementMessage['state']; readonly error: string | null },
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('partners.agreement_messages')
    .set({
      state: settled.state,
      last_error: settled.error,
      attempts: sql`attempts + 1`,
      settled_at: settled.state === 'waiting' ? null : ctx.now,
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
}

/** What the partner refused is to be said again, before whatever came after it. */
export async function reviveMessages(ctx: Context, agreementId: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('partners.agreement_messages')
    .set({ state: 'waiting', settled_at: null })
    .where('tenant_id', '=', ctx.tenantId)
    .where('agreement_id', '=', agreementId)
    .where('state', '=', 'refused')
    .execute();
}
