import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId, type TenantId } from '../../kernel/ids.ts';
import { canonicalBytes, signJson } from '../../protocols/signed-json.ts';
import { partnersFaults } from '../faults.ts';
import {
  type AgreementText,
  type AmendmentText,
  agreementText,
  amendmentText,
  digestOf,
  effectiveTerms,
  isNarrower,
  keyOf,
  levelsAmong,
  type Party,
  type Said,
  type Standing,
  standingOf,
  type Version,
} from '../model/agreement.ts';
import { readReach, readTerms, type WrittenAgreement, type WrittenReach } from '../model/agreement-text.ts';
import { administerPartners, signAgreements } from '../questions/agreements.ts';
import {
  eraseDrafts,
  findAgreement,
  insertAgreement,
  insertAmendment,
  insertSignature,
  insertVersion,
  type KeptAgreement,
  type KeptSignature,
  type KeptVersion,
  listAgreements,
  lockAgreements,
  markAgreement,
} from '../store/agreements.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { ALARM, APPLY, applyAgreement, readChecked, say } from './apply-agreement.ts';
import type { CheckedAgreement } from './check-agreement.ts';
import type { KnownPartner } from './records.ts';

/** What one side sends the other: a version with the signatures it has, or an amendment with its author's. */
export const VERSION = 'partners.agreement-version';
export const AMENDMENT = 'partners.agreement-amendment';

/** Every agreement, those that are over last. */
export async function listCheckedAgreements(ctx: Context): Promise<CheckedAgreement[]> {
  await ctx.demand(administerPartners, undefined, 'read');
  const kept = (await listAgreements(ctx)).toSorted((a, b) => Number(a.isOver) - Number(b.isOver));
  const found: CheckedAgreement[] = [];
  for (const one of kept) found.push(await readChecked(ctx, one));
  return found;
}

/** @throws not-found. */
export async function getAgreement(ctx: Context, id: string): Promise<CheckedAgreement> {
  await ctx.demand(administerPartners, undefined, 'read');
  return found(ctx, id);
}

async function found(ctx: Context, id: string): Promise<CheckedAgreement> {
  const kept = parseId(id) && (await findAgreement(ctx, id));
  if (!kept) throw kernelFaults.notFound();
  return readChecked(ctx, kept);
}

// ---------------------------------------------------------------------------------------------------------------
// Versions: written by one, in force when both have signed

export interface NewAgreement extends WrittenAgreement {
  /** A tenant id or a domain of the partner. */
  readonly partner: string;
}

/**
 * Begins an agreement with a draft that nobody else sees. Opens what it needs itself.
 * @throws partners.partner-not-found, .agreement-exists, .agreement-term-unknown, .agreement-level-unknown.
 */
export async function draftAgreement(ctx: Context, ports: AgreementPorts, asked: NewAgreement): Promise<string> {
  await ctx.demand(administerPartners, undefined, 'write');
  const to = parseId<'tenant'>(asked.partner) ?? (await ports.partners.findByDomain(ctx.tenantId, asked.partner));
  const partner = to === undefined || to === ctx.tenantId ? undefined : await findKnown(ctx, ports, to);
  const label =
    partner &&
    (partner.domains.find((domain) => domain === asked.partner) ??
      partner.domains.toSorted((a, b) => a.length - b.length)[0]);
  if (to === undefined || !partner || label === undefined) throw partnersFaults.partnerNotFound(asked.partner);
  return writing(ctx, ports, async (inside) => {
    await lockAgreements(inside);
    const id = newId<'agreement'>();
    const agreement = {
      id,
      partnerTenantId: to,
      partnerDomain: label,
      partnerName: partner.displayName,
      partnerDomains: partner.domains,
    };
    await insertAgreement(inside, agreement);
    await keepDraft(inside, ports, { ...agreement, versions: [] }, { versions: [], amendments: [] }, partner, asked);
    record(inside, 'drafted', agreement, { partnerTenantId: to });
    return id;
  });
}

/**
 * Writes the next version as a draft, in place of one there was. Opens what it needs itself.
 * @throws not-found; partners.agreement-wrong-state, .agreement-broken and what is wrong with the terms.
 */
export async function changeDraft(
  ctx: Context,
  ports: AgreementPorts,
  id: string,
  written: WrittenAgreement,
): Promise<void> {
  await changing(ctx, ports, id, administerPartners, async (inside, checked, partner) => {
    await eraseDrafts(inside, id);
    await keepDraft(inside, ports, checked.kept, withoutDrafts(checked.said), partner, written);
    record(inside, 'drafted', checked.kept);
  });
}

/**
 * Signs the draft and sends it: the first version is a proposal, one that answers the partner's a counter-proposal, one
 * while another is in force a proposal to change that. With `written`, what stands there is drafted first.
 * @throws as drafting; access.sign-in-again; partners.agreement-changed when `against` is no longer the newest version.
 */
export async function proposeVersion(
  ctx: Context,
  ports: AgreementPorts,
  id: string,
  asked: { readonly written?: WrittenAgreement | undefined; readonly against?: number | undefined } = {},
): Promise<void> {
  await changing(ctx, ports, id, signAgreements, async (inside, { kept, said }, partner) => {
    const last = told(said).at(-1);
    if (asked.against !== undefined && asked.against !== (last?.text.version ?? 0))
      throw partnersFaults.agreementChanged();
    let draft = said.versions.find(({ isDraft }) => isDraft)?.text;
    if (asked.written) {
      await eraseDrafts(inside, id);
      draft = await keepDraft(inside, ports, kept, withoutDrafts(said), partner, asked.written);
    }
    if (!draft) throw partnersFaults.agreementWrongState('proposed without a draft', standingOf(said).state);
    // What came meanwhile is taken in when it is signed, not when it was drafted.
    const text = headed(inside, kept, withoutDrafts(said), partner, draft);
    await eraseDrafts(inside, id);
    await keepVersion(inside, id, text, false);
    const signature = await sign(inside, ports, text);
    await insertSignature(inside, id, digestOf(text), signature);
    await markAgreement(inside, id, { partnerDomains: partner.domains });
    await sendVersion(inside, id, text, [signature]);
    record(inside, last ? 'countered' : 'proposed', kept, { version: text.version });
  });
}

/**
 * Signs the version that the partner has put to us: it is in force from then on.
 * @throws not-found; access.sign-in-again; partners.agreement-wrong-state; partners.agreement-changed.
 */
export async function signVersion(
  ctx: Context,
  ports: AgreementPorts,
  id: string,
  asked: { readonly version?: number | undefined } = {},
): Promise<void> {
  await changing(ctx, ports, id, signAgreements, async (inside, { kept, said }) => {
    const { open, state } = standingOf(said);
    if (!open || open.signers.includes(inside.tenantId)) throw partnersFaults.agreementWrongState('signed', state);
    if (asked.version !== undefined && asked.version !== open.text.version) throw partnersFaults.agreementChanged();
    const signature = await sign(inside, ports, open.text);
    await insertSignature(inside, id, open.digest, signature);
    const theirs = kept.versions.find(({ digest }) => digest === open.digest)!.signatures;
    await sendVersion(inside, id, open.text, [...theirs, signature]);
    record(inside, 'signed', kept, { version: open.text.version, digest: open.digest });
    await inside.defer(APPLY, { agreementId: id });
  });
}

async function sign(ctx: Context, ports: AgreementPorts, text: unknown) {
  const key = await ports.keys.of(ctx.tenantId);
  return {
    signerTenantId: ctx.tenantId as string,
    ...(await signJson(text, key, 'entente-agreement')),
    publicJwk: canonicalBytes(key.publicJwk).toString(),
    signedBy: ctx.actor.kind === 'account' ? ctx.actor.userPrincipalName : ctx.actor.kind,
  };
}

const sendVersion = (
  ctx: Context,
  id: string,
  text: AgreementText,
  signatures: readonly Pick<KeptSignature, 'signerTenantId' | 'protected' | 'signature' | 'signedBy'>[],
) =>
  say(ctx, id, VERSION, {
    v: 1,
    content: canonicalBytes(text).toString(),
    signatures: signatures.map((one) => ({
      signer: one.signerTenantId,
      protected: one.protected,
      signature: one.signature,
      signedBy: one.signedBy,
    })),
  });

const told = ({ versions }: Said): Version[] =>
  versions.filter(({ isDraft, isSuperseded }) => !isDraft && !isSuperseded);

const withoutDrafts = (said: Said): Said => ({ ...said, versions: said.versions.filter(({ isDraft }) => !isDraft) });

type Named = Pick<KeptAgreement, 'id' | 'partnerTenantId' | 'partnerDomain' | 'partnerName'>;

async function keepDraft(
  ctx: Context,
  ports: AgreementPorts,
  kept: Named & { readonly versions: readonly KeptVersion[] },
  said: Said,
  partner: KnownPartner,
  written: WrittenAgreement,
): Promise<AgreementText> {
  const last = told(said).at(-1)?.text;
  const title = written.title ?? last?.title ?? `${ctx.tenant.displayName} and ${kept.partnerName}`.slice(0, 200);
  const terms = readTerms(written.terms, ports.terms());
  const text = headed(ctx, kept, said, partner, { title, terms });
  await keepVersion(ctx, kept.id, text, true);
  return text;
}

/** A version with the head that follows from all that was said: its number, the one before, the parties as they are. */
function headed(
  ctx: Context,
  kept: Named,
  said: Said,
  partner: KnownPartner,
  { title, terms }: Pick<AgreementText, 'title' | 'terms'>,
): AgreementText {
  const last = told(said).at(-1);
  const first = last?.text.parties;
  const label = first?.find(({ tenantId }) => tenantId === ctx.tenantId)?.domain ?? ctx.tenant.defaultDomain;
  const us = partyOf(ctx.tenantId, label, { displayName: ctx.tenant.displayName, domains: ctx.tenant.domains });
  const them = partyOf(kept.partnerTenantId, kept.partnerDomain, partner);
  const count = (tenantId: string) =>
    said.amendments.filter(({ authorTenantId }) => authorTenantId === tenantId).length;
  const text: AgreementText = {
    v: 1,
    kind: 'version',
    agreementId: kept.id,
    version: (last?.text.version ?? 0) + 1,
    previous: last?.digest ?? null,
    title,
    author: label,
    parties: first?.[0].tenantId === kept.partnerTenantId ? [them, us] : [us, them],
    settles: { [us.domain]: count(us.tenantId), [them.domain]: count(them.tenantId) },
    terms: [...terms],
  };
  const checked = agreementText.safeParse(text);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw kernelFaults.invalid(`"${issue?.path.join('.') || 'terms'}": ${issue?.message ?? ''}`);
  }
  return checked.data;
}

const partyOf = (
  tenantId: string,
  domain: string,
  { displayName, domains }: Pick<KnownPartner, 'displayName' | 'domains'>,
): Party => ({
  tenantId,
  domain,
  displayName: displayName.slice(0, 256),
  domains: [...new Set([domain, ...domains])].sort(),
});

const keepVersion = (ctx: Context, agreementId: string, text: AgreementText, isDraft: boolean) =>
  insertVersion(ctx, agreementId, {
    digest: digestOf(text),
    number: text.version,
    authorTenantId: ctx.tenantId,
    content: canonicalBytes(text).toString(),
    isDraft,
  });

// ---------------------------------------------------------------------------------------------------------------
// Amendments: what one side does alone, at once

export interface Narrowing {
  readonly term: string;
  /** The domain of the party whose things are reached. */
  readonly of: string;
  readonly to: WrittenReach;
}

/**
 * Lowers what we offer or accept. It holds at once; no signature of the partner is needed.
 * @throws not-found; partners.agreement-widens, .agreement-wrong-state, .agreement-term-unknown, .agreement-level-unknown.
 */
export const narrowAgreement = (
  ctx: Context,
  ports: AgreementPorts,
  id: string,
  narrowings: readonly Narrowing[],
  reason: string | null,
) =>
  amend(ctx, ports, id, administerPartners, reason, ({ said, standing, label }) => {
    if (standing.state !== 'active' && standing.state !== 'suspended')
      throw partnersFaults.agreementWrongState('narrowed', standing.state);
    const levelsOf = levelsAmong(ports.terms());
    const effective = effectiveTerms(said, levelsOf);
    const narrowed = narrowings.map((one) => {
      const now = effective.find((term) => keyOf(term) === keyOf(one));
      if (!now) throw partnersFaults.agreementTermUnknown(one.term);
      const to = readReach(one.to);
      const levels = levelsOf(one.term);
      if (!levels.includes(to.level)) throw partnersFaults.agreementLevelUnknown(one.term, to.level, levels);
      if (!isNarrower(levels, to, one.of === label ? now.offers : now.accepts))
        throw partnersFaults.agreementWidens(one.term);
      return { term: one.term, of: one.of, to };
    });
    return { narrowed, action: 'narrowed' };
  });

/** Nothing in the agreement is open until we resume it. @throws not-found; partners.agreement-wrong-state. */
export const suspendAgreement = (ctx: Context, ports: AgreementPorts, id: string, reason: string | null) =>
  amend(ctx, ports, id, administerPartners, reason, ({ standing, stance }) => {
    if ((standing.state !== 'active' && standing.state !== 'suspended') || stance === 'suspended')
      throw partnersFaults.agreementWrongState('suspended', standing.state);
    return { stance: 'suspended', action: 'suspended' };
  });

/** Takes our own suspension back; one by the partner stays. @throws not-found; partners.agreement-wrong-state. */
export const resumeAgreement = (ctx: Context, ports: AgreementPorts, id: string, reason: string | null) =>
  amend(ctx, ports, id, signAgreements, reason, ({ standing, stance }) => {
    if (stance !== 'suspended') throw partnersFaults.agreementWrongState('resumed by us', standing.state);
    return { stance: 'active', action: 'resumed' };
  });

/**
 * Ends the agreement for good, or declines what was proposed. One that is only a draft is forgotten by nobody else; one
 * that is broken ends without a signature, since nothing stored of it can be relied on.
 * @throws not-found; partners.agreement-wrong-state.
 */
export async function endAgreement(
  ctx: Context,
  ports: AgreementPorts,
  id: string,
  reason: string | null,
): Promise<void> {
  await ctx.demand(administerPartners, undefined, 'write');
  const isDone = await writing(ctx, ports, async (inside) => {
    await lockAgreements(inside);
    const checked = await found(inside, id);
    const { kept, said, problems } = checked;
    if (kept.isOver) throw partnersFaults.agreementWrongState('ended', 'ended');
    const isBroken = problems.length > 0;
    if (!isBroken && told(said).length > 0) return false;
    await markAgreement(inside, id, { isOver: true });
    if (isBroken) await say(inside, id, ALARM, { v: 1, agreementId: id, isBroken: true, isOver: true });
    record(inside, 'ended', kept, { reason });
    return true;
  });
  if (isDone) return applyNow(ctx, ports, id);
  await amend(ctx, ports, id, administerPartners, reason, () => ({ stance: 'ended', action: 'ended' }));
}

interface Amending {
  readonly said: Said;
  readonly standing: Standing;
  /** What the text calls us. */
  readonly label: string;
  /** Ours, as it is now. */
  readonly stance: AmendmentText['stance'];
}

async function amend(
  ctx: Context,
  ports: AgreementPorts,
  id: string,
  question: typeof administerPartners | typeof signAgreements,
  reason: string | null,
  change: (now: Amending) => {
    readonly narrowed?: AmendmentText['narrowed'];
    readonly stance?: AmendmentText['stance'];
    readonly action: string;
  },
): Promise<void> {
  await changing(ctx, ports, id, question, async (inside, { kept, said }) => {
    const label = said.versions[0]!.text.parties.find(({ tenantId }) => tenantId === inside.tenantId)!.domain;
    const mine = said.amendments.filter(({ authorTenantId }) => authorTenantId === inside.tenantId);
    const before = mine.at(-1);
    const standing = standingOf(said);
    const settled = standing.inForce?.text.settles[label] ?? 0;
    const stance = before && before.text.number > settled ? before.text.stance : 'active';
    const { action, narrowed = [], stance: next = stance } = change({ said, standing, label, stance });
    const text: AmendmentText = amendmentText.parse({
      v: 1,
      kind: 'amendment',
      agreementId: id,
      author: label,
      number: (before?.text.number ?? 0) + 1,
      previous: before?.digest ?? null,
      stance: next,
      narrowed,
      reason,
    } satisfies AmendmentText);
    const signature = await sign(inside, ports, text);
    const content = canonicalBytes(text).toString();
    await insertAmendment(inside, id, { ...signature, number: text.number, digest: digestOf(text), content });
    const { protected: header, signature: value, signedBy } = signature;
    await say(inside, id, AMENDMENT, { v: 1, content, protected: header, signature: value, signedBy });
    record(inside, action, kept, { reason, number: text.number, narrowed: narrowed.map(keyOf) });
    await inside.defer(APPLY, { agreementId: id });
  });
}

// ---------------------------------------------------------------------------------------------------------------

/** Work on one agreement that is as it was signed, under the lock, applied before the caller is answered. */
async function changing(
  ctx: Context,
  ports: AgreementPorts,
  id: string,
  question: typeof administerPartners | typeof signAgreements,
  act: (inside: Context, checked: CheckedAgreement, partner: KnownPartner) => Promise<void>,
): Promise<void> {
  await ctx.demand(administerPartners, undefined, 'write');
  // Asked outside: the partner may be elsewhere.
  const seen = await writing(ctx, ports, (inside) => found(inside, id), true);
  const { partnerTenantId, partnerName, partnerDomains } = seen.kept;
  const partner = (await findKnown(ctx, ports, partnerTenantId)) ?? {
    displayName: partnerName,
    domains: partnerDomains,
    keys: [],
    trustedKeys: [],
    everyKey: [],
  };
  await writing(ctx, ports, async (inside) => {
    if (question === signAgreements)
      await inside.demand(signAgreements, { hasSecondFactor: await ports.hasSecondFactor(inside) }, 'sign');
    else await inside.demand(administerPartners, undefined, 'write');
    await lockAgreements(inside);
    const checked = await found(inside, id);
    const { kept, said, problems } = checked;
    if (problems.length > 0 || kept.brokenAt !== null) throw partnersFaults.agreementBroken();
    const { state } = standingOf(said);
    if (kept.isOver || state === 'ended') throw partnersFaults.agreementWrongState('changed', 'ended');
    await act(inside, checked, partner);
  });
  await applyNow(ctx, ports, id);
}

async function findKnown(ctx: Context, ports: AgreementPorts, id: TenantId): Promise<KnownPartner | undefined> {
  try {
    return await ports.partnerOf(ctx, id);
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return undefined;
    throw error;
  }
}

const writing = <T>(
  ctx: Context,
  { run }: Pick<AgreementPorts, 'run'>,
  act: (inside: Context) => Promise<T>,
  readOnly = false,
): Promise<T> => {
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  return run({ tenantId, actor, correlationId, clientAddress, readOnly }, act);
};

/** The settings are the server's own to write, whoever changed the agreement; a job does the same if this is cut short. */
function applyNow(ctx: Context, ports: AgreementPorts, id: string): Promise<void> {
  const { tenantId, correlationId } = ctx;
  return ports.run({ tenantId, correlationId, actor: { kind: 'system', name: APPLY } }, (inside) =>
    applyAgreement(inside, ports, id),
  );
}

function record(
  ctx: Context,
  happened: string,
  { id, partnerName, partnerTenantId }: Pick<KeptAgreement, 'id' | 'partnerName' | 'partnerTenantId'>,
  facts: Record<string, unknown> = {},
): void {
  ctx.record({
    action: `partners.agreement-${happened}`,
    category: 'Policy',
    targets: [{ kind: 'agreement', id, displayName: partnerName }],
    facts: { partnerTenantId, ...facts },
  });
}
