import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { Grant, Revoker, Revokers, SubjectKind } from '../grants.ts';
import { manageLedger } from '../questions.ts';
import { listGrants } from '../store/grants.ts';
import { type LedgerFilter, listEndedGrants, listLedger } from '../store/ledger.ts';

/** What the ledger needs of higher modules, connected by the composition root. */
export interface LedgerPorts {
  readonly revokers: Revokers;
  /** Everything a person acts as: the account itself and each group it is in, directly or through others. */
  subjectsOf(ctx: Context, accountId: string): Promise<readonly { kind: SubjectKind; id: string }[]>;
  /** Display names by kind and id; what has no name is left out. */
  namesOf(ctx: Context, things: readonly { kind: string; id: string }[]): Promise<ReadonlyMap<string, string>>;
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
