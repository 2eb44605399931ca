import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { accessFaults } from '../faults.ts';
import type { Grant, GrantKind, Revoker, Revokers, SubjectKind } from '../grants.ts';
import { manageLedger, signOffLedger } from '../questions.ts';
import { listGrants } from '../store/grants.ts';
import { type LedgerFilter, listEndedGrants, listLedger } from '../store/ledger.ts';
import { listReach } from '../store/reach.ts';
import { insertSignOff, listSignOffs, type SignOff, sumUpLedger } from '../store/sign-offs.ts';

/** What the ledger needs of higher modules, connected by the composition root. */
export interface LedgerPorts {
  /** The kind of grant that makes somebody a member of a group. */
  readonly memberKind: GrantKind;
  readonly revokers: Revokers;
  /** Everything a person acts as: the account itself and each group it is in, directly or through others. */
  subjectsOf(ctx: Context, accountId: string): Promise<readonly { kind: SubjectKind; id: string }[]>;
  /** Display names by kind and id; what has no name is left out. */
  namesOf(ctx: Context, things: readonly { kind: string; id: string }[]): Promise<ReadonlyMap<string, string>>;
}

/** Past which nobody reads on; whoever is reached by more paths than this is reached. */
const PATHS_AT_MOST = 10_000;

/**
 * Who outside can reach one thing, and by which paths: their own right, through groups in groups, as anybody of an
 * organisation, by a link.
 */
export async function readReach(
  ctx: Context,
  ports: LedgerPorts,
  object: { readonly kind: string; readonly id: string },
) {
  await ctx.demand(manageLedger, undefined, 'read');
  const rows = await listReach(ctx, object, { memberKind: ports.memberKind, limit: PATHS_AT_MOST });
  const groups = (ids: readonly string[]) => ids.map((id) => ({ kind: 'group', id }));
  const names = await ports.namesOf(ctx, [
    object,
    ...rows.flatMap(({ subject, through, givenBy }) => [subject, ...groups(through), { kind: 'account', id: givenBy }]),
  ]);
  const nameOf = ({ kind, id }: { kind: string; id: string }) => names.get(`${kind}:${id}`) ?? null;
  if (rows.length === 0 && nameOf(object) === null) throw kernelFaults.notFound();
  return {
    object: { ...object, displayName: nameOf(object) },
    isCut: rows.length === PATHS_AT_MOST,
    paths: rows.map(({ subject, through, givenBy, ...row }) => ({
      ...row,
      title: (ports.revokers[row.kind as keyof Revokers] as Revoker | undefined)?.title ?? row.kind,
      subject: { ...subject, displayName: nameOf(subject) },
      through: groups(through).map((group) => ({ ...group, displayName: nameOf(group) })),
      givenByName: nameOf({ kind: 'account', id: givenBy }),
    })),
  };
}

const UNUSED_DAYS = 90;
const DAY_MS = 86_400_000;

/** The ledger of outsiders in numbers, with a digest, and who signed it off last. */
export async function readLedgerSum(ctx: Context, homeDomain: string | null) {
  await ctx.demand(manageLedger, undefined, 'read');
  const sum = await sumUp(ctx, homeDomain);
  const [signed] = await listSignOffs(ctx, { homeDomain, limit: 1 });
  return { ...sum, homeDomain, signedOff: signed ? { ...signed, isUnchanged: signed.digest === sum.digest } : null };
}

const sumUp = (ctx: Context, homeDomain: string | null) =>
  sumUpLedger(ctx, { homeDomain, unusedSince: new Date(ctx.now.getTime() - UNUSED_DAYS * DAY_MS) });

/**
 * Somebody stands for what they saw in the ledger: for exactly that.
 * @throws access.ledger-changed where it is not that any more.
 */
export async function signOff(
  ctx: Context,
  seen: { readonly homeDomain: string | null; readonly digest: string; readonly comment: string | null },
): Promise<SignOff> {
  await ctx.demand(signOffLedger, undefined, 'write');
  const { homeDomain, comment } = seen;
  const sum = await sumUp(ctx, homeDomain);
  if (sum.digest !== seen.digest) throw accessFaults.ledgerChanged();
  const { actor } = ctx;
  const signed: SignOff = {
    id: newId(),
    signedBy: actor.kind === 'account' ? actor.accountId : null,
    signedByName: 'displayName' in actor ? actor.displayName : actor.kind,
    signedAt: ctx.now,
    homeDomain,
    comment,
    ...sum,
  };
  await insertSignOff(ctx, signed);
  ctx.record({
    action: 'access.ledger-signed-off',
    category: 'Policy',
    targets: [{ kind: 'sign-off', id: signed.id }],
    facts: { homeDomain, ...sum },
  });
  return signed;
}

export async function readSignOffs(ctx: Context): Promise<SignOff[]> {
  await ctx.demand(manageLedger, undefined, 'read');
  return listSignOffs(ctx, { limit: 200 });
}

export interface LedgerRow extends Grant {
  readonly title: string;
  readonly subjectName: string | null;
  readonly objectName: string | null;
  /** Null where it was no person, or one who is gone. */
  readonly giverName: string | null;
  /** For "what does this person have": through which group, when it is not their own. */
  readonly through: string | null;
}

export interface LedgerPage {
  readonly rows: readonly LedgerRow[];
  readonly next: string | null;
}

/**
 * The ledger: who has what, through what, from whom, until when. With `accountId`, everything this person has, also
 * through groups.
 */
export async function readLedger(
  ctx: Context,
  ports: LedgerPorts,
  asked: Omit<LedgerFilter, 'subjects'> & { accountId?: string; after?: string; limit: number },
): Promise<LedgerPage> {
  await ctx.demand(manageLedger, undefined, 'read');
  const { accountId, after, limit, ...filter } = asked;
  const subjects = accountId === undefined ? {} : { subjects: await ports.subjectsOf(ctx, accountId) };
  const page = await listLedger(ctx, { ...filter, ...subjects }, { limit, ...(after === undefined ? {} : { after }) });
  const names = await ports.namesOf(
    ctx,
    page.rows.flatMap((row) => [row.subject, row.object, giverOf(row)]),
  );
  const nameOf = ({ kind, id }: { kind: string; id: string }) => names.get(`${kind}:${id}`) ?? null;
  return {
    next: page.next,
    rows: page.rows.map((row) => ({
      ...row,
      title: (ports.revokers[row.kind] as Revoker | undefined)?.title ?? row.kind,
      subjectName: nameOf(row.subject),
      objectName: nameOf(row.object),
      giverName: nameOf(giverOf(row)),
      through: accountId !== undefined && row.subject.id !== accountId ? nameOf(row.subject) : null,
    })),
  };
}

const giverOf = ({ givenBy }: Grant) => ({ kind: 'account', id: givenBy });

/** Ends one right, whatever its kind, with all that follows from it. */
export async function revokeFromLedger(ctx: Context, ports: LedgerPorts, grantId: string): Promise<void> {
  await ctx.demand(manageLedger, undefined, 'write');
  const [grant] = await listGrants(ctx, { id: grantId });
  if (!grant) throw kernelFaults.notFound();
  await revoke(ctx, ports, grant);
}

/** Ends many at once, in the order they are named; what is gone already is gone. Returns how many there were. */
export async function revokeManyFromLedger(
  ctx: Context,
  ports: LedgerPorts,
  grantIds: readonly string[],
): Promise<number> {
  await ctx.demand(manageLedger, undefined, 'write');
  const grants = await listGrants(ctx, { ids: grantIds });
  for (const grant of grants) await revoke(ctx, ports, grant);
  return grants.length;
}

/** How many ended grants one sweep takes in a transaction; the rest wait for the next, a minute later. */
const SWEPT_AT_ONCE = 500;

/** Takes away what has ended. Decisions ignore ended grants already; this removes them and tells what depends on them. */
export async function sweepEndedGrants(ctx: Context, ports: LedgerPorts): Promise<void> {
  for (const grant of await listEndedGrants(ctx, SWEPT_AT_ONCE)) await revoke(ctx, ports, grant);
}

/** Takes one right away, without asking: for who has decided already. */
export async function revoke(ctx: Context, ports: Pick<LedgerPorts, 'revokers'>, grant: Grant): Promise<void> {
  // What the compiler knows of kinds ends at the database: a kind of another version may stand there.
  const revoker = ports.revokers[grant.kind] as Revoker | undefined;
  if (!revoker) throw kernelFaults.internal(new Error(`no revoker for grants of kind "${grant.kind}"`));
  await revoker.revoke(ctx, grant);
}
