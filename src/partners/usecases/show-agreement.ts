import { agreementRules } from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import {
  type Difference,
  differencesBetween,
  type EffectiveTerm,
  effectiveTerms,
  levelsAmong,
  lowestLevel,
  type Standing,
  standingOf,
  termsUnder,
  type Version,
} from '../model/agreement.ts';
import { printAgreement } from '../model/agreement-text.ts';
import { administerPartners } from '../questions/agreements.ts';
import { type AgreementMessage, type KeptVersion, listMessages } from '../store/agreements.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { getAgreement, listCheckedAgreements } from './agreements.ts';
import { verifyAgreement } from './apply-agreement.ts';
import type { CheckedAgreement } from './check-agreement.ts';
import { agreementState, STATE } from './receive-agreements.ts';
import { serverEnvoy } from './records.ts';

/** One row of the two columns: what each side says, and the narrower of both between them. */
export interface TermRow extends EffectiveTerm {
  readonly title: string;
  readonly workload: string;
  readonly levels: readonly string[];
  /** False: no module of this server acts on it; it is carried in the text. */
  readonly isEnforced: boolean;
  /** Whose things are reached: ours, or the partner's. */
  readonly isOurs: boolean;
  /** How far our own rules let it go, where that is less. */
  readonly heldTo: string | null;
}

export interface ShownVersion {
  readonly version: Version;
  readonly kept: KeptVersion;
  readonly isOurs: boolean;
  readonly terms: readonly TermRow[];
  /** Against the version before it, or of a draft against the newest one. */
  readonly differences: readonly Difference[];
}

export interface ShownAgreement {
  readonly checked: CheckedAgreement;
  readonly standing: Standing;
  readonly state: Standing['state'];
  /** Whether what is stored is what was signed, here and at the partner as far as it has said. */
  readonly isSound: boolean;
  /** Whose turn it is. */
  readonly awaits: 'us' | 'partner' | null;
  readonly suspendedBy: readonly ('us' | 'partner')[];
  /** Why, as whoever suspended it said. */
  readonly suspendedFor: { readonly us: string | null; readonly partner: string | null };
  /** What holds now; empty while nothing does. */
  readonly terms: readonly TermRow[];
  readonly inForce: ShownVersion | undefined;
  readonly open: ShownVersion | undefined;
  readonly draft: ShownVersion | undefined;
  readonly messages: readonly AgreementMessage[];
}

export async function listShownAgreements(ctx: Context, ports: AgreementPorts): Promise<ShownAgreement[]> {
  return (await listCheckedAgreements(ctx)).map((checked) => shown(ctx, ports, checked, []));
}

/** @throws not-found. */
export async function showAgreement(ctx: Context, ports: AgreementPorts, id: string): Promise<ShownAgreement> {
  const checked = await getAgreement(ctx, id);
  return shown(ctx, ports, checked, await listMessages(ctx, id));
}

function shown(
  ctx: Context,
  ports: AgreementPorts,
  checked: CheckedAgreement,
  messages: readonly AgreementMessage[],
): ShownAgreement {
  const { kept, said, problems } = checked;
  const standing = standingOf(said);
  const state = kept.isOver ? 'ended' : standing.state;
  const isSound = problems.length === 0 && kept.brokenAt === null && kept.partnerBrokenAt === null;
  const rowsOf = rowsFor(ctx, ports, checked);
  const versionOf = (version: Version | undefined): ShownVersion | undefined => {
    if (!version) return undefined;
    const before = said.versions.find(({ digest }) => digest === version.text.previous);
    return {
      version,
      kept: kept.versions.find(({ digest }) => digest === version.digest)!,
      isOurs: version.authorTenantId === ctx.tenantId,
      terms: rowsOf(termsUnder(version, said.amendments, levelsAmong(ports.terms()))),
      differences: differencesBetween(before?.text, version.text),
    };
  };
  const open = versionOf(standing.open);
  return {
    checked,
    standing,
    state,
    isSound,
    awaits: state === 'ended' || !open ? null : open.version.signers.includes(ctx.tenantId) ? 'partner' : 'us',
    ...suspensionOf(ctx, checked, state),
    terms: isSound && state !== 'ended' ? rowsOf(effectiveTerms(said, levelsAmong(ports.terms()))) : [],
    inForce: versionOf(standing.inForce),
    open,
    draft: versionOf(standing.draft),
    messages,
  };
}

function rowsFor(ctx: Context, ports: AgreementPorts, { said }: CheckedAgreement) {
  const terms = ports.terms();
  const { mostGiven, mostTaken } = ctx.settings.tenant(agreementRules);
  const ours = said.versions[0]?.text.parties.find(({ tenantId }) => tenantId === ctx.tenantId)?.domain;
  return (effective: readonly EffectiveTerm[]): TermRow[] =>
    effective.map((one) => {
      const term = terms.find(({ name }) => name === one.term);
      const levels = term?.levels ?? [];
      const isOurs = one.of === ours;
      const cap = (isOurs ? mostGiven : mostTaken)[one.term];
      const held = cap === undefined ? one.level : lowestLevel(levels, [one.level, cap]);
      return {
        ...one,
        title: term?.title ?? one.term,
        workload: term?.workload ?? '',
        levels,
        isEnforced: term?.isEnforced ?? false,
        isOurs,
        heldTo: held === one.level ? null : held,
      };
    });
}

function suspensionOf(
  ctx: Context,
  { said }: CheckedAgreement,
  state: Standing['state'],
): Pick<ShownAgreement, 'suspendedBy' | 'suspendedFor'> {
  const last = (isOurs: boolean) => {
    const found = said.amendments.findLast(({ authorTenantId }) => (authorTenantId === ctx.tenantId) === isOurs);
    return state === 'suspended' && found?.text.stance === 'suspended' ? found.text : undefined;
  };
  const by = { us: last(true), partner: last(false) };
  return {
    suspendedBy: (['us', 'partner'] as const).filter((who) => by[who] !== undefined),
    suspendedFor: { us: by.us?.reason ?? null, partner: by.partner?.reason ?? null },
  };
}

/** A version as text for people: by its number, else the newest that was sent, else the draft. @throws not-found. */
export async function printVersion(ctx: Context, id: string, number: number | undefined): Promise<string> {
  const { kept, said, problems } = await getAgreement(ctx, id);
  const living = said.versions.filter(({ isSuperseded }) => !isSuperseded);
  const { open, inForce, draft } = standingOf(said);
  const version =
    number === undefined ? (open ?? inForce ?? draft) : living.find(({ text }) => text.version === number);
  if (!version) throw kernelFaults.notFound();
  const nameOf = (signer: string) => version.text.parties.find(({ tenantId }) => tenantId === signer)?.domain ?? signer;
  return printAgreement(version.text, [
    problems.length > 0 || kept.brokenAt !== null ? 'NOT what was signed.' : `SHA-256 ${version.digest}`,
    version.signers.length === 0 ? 'Signed by nobody.' : `Signed by ${version.signers.map(nameOf).join(' and ')}.`,
  ]);
}

export interface Verification {
  readonly isSound: boolean;
  readonly problems: readonly string[];
  /** What the partner says of its own copy; null when it does not answer. */
  readonly partner: {
    readonly isSound: boolean;
    /** Whether both hold the same version in force, and know the same amendments. */
    readonly isSame: boolean;
    readonly state: string;
    readonly version: number | null;
  } | null;
}

/** Checks our copy byte for byte, and asks the partner what it holds. Opens what it needs itself. @throws not-found. */
export async function verifyBoth(ctx: Context, ports: AgreementPorts, id: string): Promise<Verification> {
  await ctx.demand(administerPartners, undefined, 'read');
  const read = () => {
    const { tenantId, actor, correlationId } = ctx;
    return ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) => getAgreement(inside, id));
  };
  const { kept } = await read();
  const problems = await verifyAgreement(ctx, ports, id);
  const { said } = await read();
  const { inForce } = standingOf(said);
  const count = (tenantId: string) => said.amendments.filter((one) => one.authorTenantId === tenantId).length;
  const asking = ports.partners.ask(serverEnvoy(ctx), kept.partnerTenantId, STATE, { v: 1, agreementId: id });
  const answer = agreementState.safeParse(
    await asking.catch((error: unknown) => {
      if (!(error instanceof Fault)) throw error;
    }),
  );
  const theirs = answer.success ? answer.data : undefined;
  return {
    isSound: problems.length === 0,
    problems,
    partner: theirs
      ? {
          isSound: theirs.isSound,
          state: theirs.state,
          version: theirs.version,
          isSame:
            theirs.inForce === (inForce?.digest ?? null) &&
            [ctx.tenantId, kept.partnerTenantId].every((party) => (theirs.amendments[party] ?? 0) === count(party)),
        }
      : null,
  };
}
