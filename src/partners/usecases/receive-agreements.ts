import { z } from 'zod';
import type { Context, VisitorActor } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { PartnerRequest } from '../../kernel/module.ts';
import { canonicalBytes, kidOf, SignedJsonError, verifyJson } from '../../protocols/signed-json.ts';
import { partnersFaults } from '../faults.ts';
import {
  type AgreementText,
  type AmendmentText,
  agreementText,
  amendmentText,
  digestOf,
  type Said,
  standingOf,
} from '../model/agreement.ts';
import type { AgreementNews } from '../model/agreement-letters.ts';
import { createAllowance, SAYINGS } from '../model/allowance.ts';
import {
  eraseDrafts,
  findAgreement,
  insertAgreement,
  insertAmendment,
  insertSignature,
  insertVersion,
  type KeptAgreement,
  listAgreements,
  lockAgreements,
  markAgreement,
  markVersion,
} from '../store/agreements.ts';
import { listPublicKeys } from '../store/keys.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { AMENDMENT, VERSION } from './agreements.ts';
import { ALARM, APPLY, applyAgreement, readChecked, tellAdministrators } from './apply-agreement.ts';
import { parseCanonical, requireExact } from './check-agreement.ts';
import type { KnownPartner } from './records.ts';

const signature = {
  protected: z.string().max(1_000),
  signature: z.string().max(200),
  /** Who signed there, as their organisation says: their address. It proves nothing; the signature is the organisation's. */
  signedBy: z.string().max(320).nullish(),
};
const content = z.string().max(2 * 1024 * 1024);
const versionMessage = z.object({
  v: z.literal(1),
  content,
  signatures: z
    .array(z.object({ signer: z.guid(), ...signature }))
    .min(1)
    .max(2),
});
const amendmentMessage = z.object({ v: z.literal(1), content, ...signature });
const alarmMessage = z.object({
  v: z.literal(1),
  agreementId: z.guid(),
  isBroken: z.boolean(),
  isOver: z.boolean().optional(),
});
const stateMessage = z.object({ v: z.literal(1), agreementId: z.guid() });

/** The request by which both sides compare what they hold. */
export const STATE = 'partners.agreement-state';
/** What is in force, by digest, and how many amendments of each party are known: the same on both sides, or said. */
export const agreementState = z.object({
  state: z.string().max(20),
  inForce: z.string().max(100).nullable(),
  version: z.int().nullable(),
  amendments: z.record(z.string(), z.int()),
  isSound: z.boolean(),
});

/** What partners say about agreements. Each may come twice, late or out of order: it then changes nothing. */
export function agreementRequests(ports: AgreementPorts): readonly PartnerRequest[] {
  const maySay = createAllowance(SAYINGS);
  /** @throws partners.too-many. */
  const counted = <T>(ctx: Context, act: () => Promise<T>): Promise<T> => {
    if (!maySay(`${ctx.tenantId} ${visitorOf(ctx)}`, ctx.now.getTime())) throw partnersFaults.tooMany();
    return act();
  };
  return [
    {
      name: VERSION,
      shape: versionMessage,
      transaction: 'none',
      answer: (ctx, asked: z.output<typeof versionMessage>) =>
        counted(ctx, () => fromPartner(ctx, ports, (inside, partner) => receiveVersion(inside, ports, partner, asked))),
    },
    {
      name: AMENDMENT,
      shape: amendmentMessage,
      transaction: 'none',
      answer: (ctx, asked: z.output<typeof amendmentMessage>) =>
        counted(ctx, () =>
          fromPartner(ctx, ports, (inside, partner) => receiveAmendment(inside, ports, partner, asked)),
        ),
    },
    {
      name: ALARM,
      shape: alarmMessage,
      transaction: 'write',
      answer: async (ctx, asked: z.output<typeof alarmMessage>) => counted(ctx, () => receiveAlarm(ctx, ports, asked)),
    },
    {
      name: STATE,
      isRoutine: true,
      shape: stateMessage,
      transaction: 'read',
      answer: (ctx, asked: z.output<typeof stateMessage>) => answerState(ctx, asked.agreementId),
    },
  ];
}

const RECEIVED = { received: true } as const;

/** @throws partners.agreement-not-signed, .agreement-superseded (also for a replay), .agreement-out-of-order, .agreement-exists. */
async function receiveVersion(
  ctx: Context,
  ports: AgreementPorts,
  partner: KnownPartner,
  asked: z.output<typeof versionMessage>,
) {
  const from = visitorOf(ctx);
  const text = parse(agreementText, asked.content);
  requireParties(ctx, text, from, partner);
  const author = text.parties.find(({ domain }) => domain === text.author)!.tenantId;
  const signers = new Set(asked.signatures.map(({ signer }) => signer));
  if (!signers.has(author) || signers.size < asked.signatures.length) throw partnersFaults.agreementNotSigned();
  const keys = new Map([
    [ctx.tenantId as string, await ownKeys(ctx, text, asked)],
    [from as string, partner.trustedKeys],
  ]);
  const signatures = [];
  for (const one of asked.signatures) {
    const known = keys.get(one.signer) ?? [];
    const publicJwk = canonicalBytes(known.find((key) => key.kid === kidOf(one)) ?? {}).toString();
    await requireSignature(text, one, known);
    signatures.push({ signerTenantId: one.signer, ...one, publicJwk, signedBy: signerOf(one, from, partner) });
  }

  await lockAgreements(ctx);
  let kept = await findAgreement(ctx, text.agreementId);
  if (kept && kept.partnerTenantId !== from) throw kernelFaults.notFound();
  if (!kept) {
    if (text.version !== 1) throw partnersFaults.agreementOutOfOrder();
    await makeRoom(ctx, from);
    const party = text.parties.find(({ tenantId }) => tenantId === from)!;
    await insertAgreement(ctx, {
      id: text.agreementId,
      partnerTenantId: from,
      partnerDomain: party.domain,
      partnerName: partner.displayName,
      partnerDomains: partner.domains,
    });
    kept = (await findAgreement(ctx, text.agreementId))!;
  }
  const { said, problems } = await readChecked(ctx, kept);
  if (problems.length > 0) throw partnersFaults.agreementBroken();
  const { state, inForce } = standingOf(said);
  if (kept.isOver || state === 'ended') throw partnersFaults.agreementSuperseded();

  const digest = digestOf(text);
  const known = said.versions.find((one) => one.digest === digest);
  if (known) {
    // What was signed before the version in force is no news, and would be a step back if it were taken for any.
    if (known.isSuperseded || text.version < (inForce?.text.version ?? 0)) throw partnersFaults.agreementSuperseded();
    for (const one of signatures) await insertSignature(ctx, kept.id, digest, one);
    const isNews = signatures.some(({ signerTenantId }) => !known.signers.includes(signerTenantId));
    if (isNews) await signed(ctx, ports, kept, text);
    return text;
  }

  requireSameNames(text, said);
  const told = said.versions.filter(({ isDraft, isSuperseded }) => !isDraft && !isSuperseded);
  const last = told.at(-1);
  const number = last?.text.version ?? 0;
  if (text.version > number + 1) throw partnersFaults.agreementOutOfOrder();
  if (text.version <= (inForce?.text.version ?? 0) || text.version < number) throw partnersFaults.agreementSuperseded();
  if (text.version === number) {
    // Both have written a version of this number without knowing of the other's: the one of the lower tenant id stands.
    const isOurs = last!.authorTenantId === ctx.tenantId;
    if (!isOurs || author !== from || from > ctx.tenantId || text.previous !== last!.text.previous)
      throw partnersFaults.agreementSuperseded();
    await markVersion(ctx, kept.id, last!.digest, { isSuperseded: true });
  } else if (text.previous !== (last?.digest ?? null)) throw partnersFaults.agreementSuperseded();
  for (const { domain, tenantId } of text.parties) {
    const count = said.amendments.filter(({ authorTenantId }) => authorTenantId === tenantId).length;
    if ((text.settles[domain] ?? 0) > count) throw partnersFaults.agreementOutOfOrder();
  }
  await eraseDrafts(ctx, kept.id);
  await markAgreement(ctx, kept.id, { partnerDomains: partner.domains });
  await insertVersion(ctx, kept.id, {
    digest,
    number: text.version,
    authorTenantId: author,
    content: asked.content,
    isDraft: false,
  });
  for (const one of signatures) await insertSignature(ctx, kept.id, digest, one);
  if (signatures.length === 2) await signed(ctx, ports, kept, text);
  else await happened(ctx, ports, kept, 'arrived', text.title, { version: text.version, digest });
  return text;
}

/** Our own word that comes back. By a key that was given up it is ours only where we have it ourselves. */
async function ownKeys(ctx: Context, text: AgreementText, { signatures }: z.output<typeof versionMessage>) {
  const all = await listPublicKeys(ctx);
  const kept = all.some(({ withdrawal }) => withdrawal) ? await findAgreement(ctx, text.agreementId) : undefined;
  const held = kept?.versions.find(({ digest }) => digest === digestOf(text))?.signatures ?? [];
  const isHeld = (kid: string) =>
    signatures.some((one) => kidOf(one) === kid && held.some(({ signature: made }) => made === one.signature));
  return all.filter(({ kid, withdrawal }) => !withdrawal || isHeld(kid)).map(({ publicJwk }) => publicJwk);
}

async function signed(ctx: Context, ports: AgreementPorts, kept: KeptAgreement, text: AgreementText): Promise<void> {
  await happened(ctx, ports, kept, 'signed', text.title, { version: text.version, digest: digestOf(text) });
  await ctx.defer(APPLY, { agreementId: kept.id });
}

/** Both may begin an agreement at once: the one that the lower tenant id began stands. @throws partners.agreement-exists. */
async function makeRoom(ctx: Context, from: TenantId): Promise<void> {
  const [living] = await listAgreements(ctx, { partnerTenantId: from, isOver: false });
  if (!living) return;
  const isOurs = living.versions.every(({ authorTenantId }) => authorTenantId === ctx.tenantId);
  const isOpen = living.versions.every(({ signatures }) => signatures.length < 2);
  const isDraft = living.versions.every((version) => version.isDraft);
  if (!isOurs || !isOpen || (from > ctx.tenantId && !isDraft)) throw partnersFaults.agreementExists();
  await markAgreement(ctx, living.id, { isOver: true });
  ctx.record({
    action: 'partners.agreement-superseded',
    category: 'Policy',
    targets: [{ kind: 'agreement', id: living.id, displayName: living.partnerName }],
    facts: { partnerTenantId: from },
  });
}

/** @throws as receiving a version. */
async function receiveAmendment(
  ctx: Context,
  ports: AgreementPorts,
  partner: KnownPartner,
  asked: z.output<typeof amendmentMessage>,
) {
  const from = visitorOf(ctx);
  const text = parse(amendmentText, asked.content);
  await requireSignature(text, asked, partner.trustedKeys);
  await lockAgreements(ctx);
  const kept = await findAgreement(ctx, text.agreementId);
  if (!kept || kept.partnerTenantId !== from) throw kernelFaults.notFound();
  const { said, problems } = await readChecked(ctx, kept);
  if (problems.length > 0) throw partnersFaults.agreementBroken();
  if (text.author !== kept.partnerDomain) throw partnersFaults.agreementNotSigned();
  const theirs = said.amendments.filter(({ authorTenantId }) => authorTenantId === from);
  const digest = digestOf(text);
  if (theirs.some((one) => one.digest === digest)) return text;
  const last = theirs.at(-1);
  if (text.number > theirs.length + 1) throw partnersFaults.agreementOutOfOrder();
  if (text.number <= theirs.length || text.previous !== (last?.digest ?? null) || last?.text.stance === 'ended')
    throw partnersFaults.agreementSuperseded();
  const { state, inForce } = standingOf(said);
  // It has crossed with the end.
  const isLate = kept.isOver || state === 'ended';
  await insertAmendment(ctx, kept.id, {
    signerTenantId: from,
    protected: asked.protected,
    signature: asked.signature,
    publicJwk: canonicalBytes(partner.trustedKeys.find((key) => key.kid === kidOf(asked)) ?? {}).toString(),
    signedBy: signerOf({ ...asked, signer: from }, from, partner),
    number: text.number,
    digest,
    content: asked.content,
  });
  const news = newsOf(text, last?.text.stance);
  note(ctx, kept, news, { number: text.number, reason: text.reason });
  if (!isLate) await tellAdministrators(ctx, ports, kept, news, inForce?.text.title ?? kept.partnerName);
  await ctx.defer(APPLY, { agreementId: kept.id });
  return text;
}

function newsOf({ stance, narrowed }: AmendmentText, before: AmendmentText['stance'] | undefined): AgreementNews {
  if (stance === 'ended') return 'ended';
  if (narrowed.length > 0) return 'narrowed';
  if (stance === 'suspended') return 'suspended';
  return before === 'suspended' ? 'resumed' : 'narrowed';
}

/** The partner's copy is not what was signed: then nothing holds, until it says that it is so again. */
async function receiveAlarm(ctx: Context, ports: AgreementPorts, asked: z.output<typeof alarmMessage>) {
  const from = visitorOf(ctx);
  await lockAgreements(ctx);
  const kept = await findAgreement(ctx, asked.agreementId);
  if (!kept || kept.partnerTenantId !== from) throw kernelFaults.notFound();
  if (asked.isOver && !kept.isOver) {
    await markAgreement(ctx, kept.id, { isOver: true });
    await happened(ctx, ports, kept, 'ended', kept.partnerName, {});
  } else if (asked.isBroken === (kept.partnerBrokenAt !== null)) return RECEIVED;
  else {
    await markAgreement(ctx, kept.id, { partnerBrokenAt: asked.isBroken ? ctx.now : null });
    await happened(ctx, ports, kept, asked.isBroken ? 'partner-broken' : 'resumed', kept.partnerName, {});
  }
  await ctx.defer(APPLY, { agreementId: kept.id });
  return RECEIVED;
}

async function answerState(ctx: Context, agreementId: string): Promise<z.output<typeof agreementState>> {
  const from = visitorOf(ctx);
  const kept = await findAgreement(ctx, agreementId);
  if (!kept || kept.partnerTenantId !== from) throw kernelFaults.notFound();
  const { said, problems } = await readChecked(ctx, kept);
  const { state, inForce } = standingOf(said);
  const count = (tenantId: string) => said.amendments.filter((one) => one.authorTenantId === tenantId).length;
  return {
    state: kept.isOver ? 'ended' : state,
    inForce: inForce?.digest ?? null,
    version: inForce?.text.version ?? null,
    amendments: { [from]: count(from), [ctx.tenantId]: count(ctx.tenantId) },
    isSound: problems.length === 0 && kept.brokenAt === null,
  };
}

// ---------------------------------------------------------------------------------------------------------------

function visitorOf({ actor }: Context): TenantId {
  if (actor.kind !== 'visitor') throw kernelFaults.notFound();
  return (actor satisfies VisitorActor).homeTenantId;
}

/** Who says it is known before a transaction is opened, since they may be described on this server, too. */
async function fromPartner(
  ctx: Context,
  ports: AgreementPorts,
  act: (inside: Context, partner: KnownPartner) => Promise<{ readonly agreementId: string }>,
): Promise<{ readonly received: true }> {
  const partner = await ports.partnerOf(ctx, visitorOf(ctx));
  const { tenantId, actor, correlationId } = ctx;
  const received = await ports
    .run({ tenantId, actor, correlationId }, (inside) => act(inside, partner))
    .catch((error) => refused(ctx, ports, error));
  // Before it is answered, so that whoever said it knows that it holds. A job does the same, should this be cut short.
  const system = { kind: 'system', name: APPLY } as const;
  await ports
    .run({ tenantId, actor: system, correlationId }, (inside) => applyAgreement(inside, ports, received.agreementId))
    .catch(() => undefined);
  return RECEIVED;
}

/** What is not taken, a replay above all, stands in our audit: its own transaction is undone by then. */
async function refused(ctx: Context, ports: AgreementPorts, error: unknown): Promise<never> {
  if (error instanceof Fault && error.kind !== 'internal') {
    const { tenantId, actor, correlationId } = ctx;
    await ports.run({ tenantId, actor, correlationId }, async (inside) =>
      inside.record({
        action: 'partners.agreement-message-refused',
        category: 'Policy',
        result: 'failure',
        reason: error.code,
        targets: [{ kind: 'partner', id: visitorOf(ctx) }],
        facts: { by: 'us' },
      }),
    );
  }
  throw error;
}

function parse<Shape extends z.ZodType>(shape: Shape, text: string): z.output<Shape> {
  try {
    const parsed = shape.safeParse(parseCanonical(text));
    if (parsed.success) return parsed.data;
  } catch (error) {
    if (!(error instanceof SignedJsonError)) throw error;
  }
  throw kernelFaults.invalid('This is no text of an agreement.');
}

/** Each party is called by a domain that is its own. Of the others that it names, only those known to be its own count. */
function requireParties(ctx: Context, text: AgreementText, from: TenantId, partner: KnownPartner): void {
  const us = text.parties.find(({ tenantId }) => tenantId === ctx.tenantId);
  const them = text.parties.find(({ tenantId }) => tenantId === from);
  if (!us || !them || !ctx.tenant.domains.includes(us.domain) || !partner.domains.includes(them.domain))
    throw kernelFaults.invalid('The parties of the agreement are not who they are said to be.');
}

/** What a party has said since, it has said by the name that it had: under another one none of it would hold. */
function requireSameNames({ parties }: AgreementText, { versions: [first] }: Said): void {
  const nameOf = (all: AgreementText['parties'], id: string) => all.find(({ tenantId }) => tenantId === id)?.domain;
  if (first && parties.some(({ tenantId, domain }) => nameOf(first.text.parties, tenantId) !== domain))
    throw kernelFaults.invalid('The parties of an agreement are called in each version what they are in the first.');
}

/** @throws partners.agreement-not-signed. */
async function requireSignature(
  value: unknown,
  made: { readonly protected: string; readonly signature: string },
  keys: KnownPartner['trustedKeys'],
): Promise<void> {
  try {
    requireExact(made);
    await verifyJson(value, made, keys, 'entente-agreement');
  } catch (error) {
    if (error instanceof SignedJsonError) throw partnersFaults.agreementNotSigned();
    throw error;
  }
}

/** Who signed for the partner. Whoever is not of one of its domains is not its own to name. */
function signerOf(
  { signer, signedBy }: { readonly signer: string; readonly signedBy?: string | null | undefined },
  from: TenantId,
  { domains }: KnownPartner,
): string | null {
  const domain = signedBy?.split('@')[1]?.toLowerCase();
  return signer === from && signedBy && domain !== undefined && domains.includes(domain) ? signedBy : null;
}

async function happened(
  ctx: Context,
  ports: AgreementPorts,
  kept: KeptAgreement,
  news: AgreementNews,
  title: string,
  facts: Record<string, unknown>,
): Promise<void> {
  note(ctx, kept, news, facts);
  await tellAdministrators(ctx, ports, kept, news, title);
}

function note(ctx: Context, kept: KeptAgreement, news: AgreementNews, facts: Record<string, unknown>): void {
  ctx.record({
    action: `partners.agreement-${news}`,
    category: 'Policy',
    ...(news === 'partner-broken' ? { result: 'failure' as const } : {}),
    targets: [{ kind: 'agreement', id: kept.id, displayName: kept.partnerName }],
    facts: { partnerTenantId: kept.partnerTenantId, by: 'partner', ...facts },
  });
}
