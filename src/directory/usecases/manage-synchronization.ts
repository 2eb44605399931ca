import { type AuditEvent, listEvents } from '../../audit/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { bringFacts, findPartner, inForce } from '../../partners/index.ts';
import { synchronizationFaults } from '../faults.ts';
import type { SyncJob, SyncPerson } from '../model/synchronization.ts';
import { manageSynchronization } from '../questions/synchronization.ts';
import { synchronization } from '../settings.ts';
import {
  changeSyncJob,
  countBrought,
  countSyncPeople,
  findSyncJob,
  forgetSyncDigests,
  listSyncPeople,
} from '../store/synchronization.ts';
import { bringOne, type Step } from './bring-one.ts';
import { type BringPorts, nextCycleAt, queueCycle } from './bring-people.ts';
import { planOf } from './bring-plan.ts';

const SHOWN = 200;

/** How bringing our people to one organisation stands. */
export interface SynchronizationView {
  readonly job: SyncJob;
  readonly configuration: Readonly<Record<string, unknown>>;
  /** When the next cycle is due; null: whatever changes is brought at once, or nothing is brought now. */
  readonly dueAt: Date | null;
  /** How many there are, by state. */
  readonly people: Readonly<Record<string, number>>;
  /** Whom the other organisation does not get, or not as they are now, and why; the first 200. */
  readonly problems: readonly SyncPerson[];
  /** Who would leave, while that waits for an administrator; the first 200. */
  readonly leaving: readonly SyncPerson[];
  /** Whether our policy accepts that organisation's invitations for our people unasked, which it takes. */
  readonly isConsentGiven: boolean;
  /** Whether that organisation may bring its people here, both things that it takes, and how many it has brought. */
  readonly inbound: { readonly isSyncAllowed: boolean; readonly isConsentAutomatic: boolean; readonly people: number };
}

/** @throws not-found for an organisation that nobody here confirmed, and of which nothing is set. */
async function mustBeKnown(ctx: Context, partner: TenantId): Promise<void> {
  const isSet = ctx.settings.partners(synchronization).includes(partner);
  if (!isSet && !(await findPartner(ctx, partner))) throw kernelFaults.notFound();
}

/** @throws not-found. */
export async function readSynchronization(ctx: Context, partner: TenantId): Promise<SynchronizationView> {
  await ctx.demand(manageSynchronization, undefined, 'read');
  await mustBeKnown(ctx, partner);
  const { isSyncAllowed, isConsentAutomatic } = bringFacts(ctx, partner);
  const job = await findSyncJob(ctx, partner);
  const configuration = ctx.settings.partner(synchronization, partner);
  const plan = job.state === 'quarantined' ? await planOf(ctx, partner) : undefined;
  return {
    job,
    leaving: (plan?.leaving ?? []).slice(0, SHOWN).map(({ person }) => person),
    configuration,
    dueAt: configuration.isOn && job.state === 'active' ? await nextCycleAt(ctx, partner) : null,
    people: await countSyncPeople(ctx, partner),
    problems: await listSyncPeople(ctx, partner, { haveReason: true, limit: SHOWN }),
    isConsentGiven: inForce(ctx.settings, partner, 'automaticUserConsentSettings').value.outboundAllowed,
    inbound: { isSyncAllowed, isConsentAutomatic, people: await countBrought(ctx, partner) },
  };
}

/** What one can look back at: what became of whole cycles and of whoever halted them, or of each person. */
const HISTORIES = {
  cycles: ['cycle', 'stopped', 'quarantined', 'paused', 'resumed', 'restarted'].map(
    (what) => `directory.synchronization-${what}`,
  ),
  people: ['directory.person-synchronized'],
} as const;
export const HISTORY = ['cycles', 'people'] as const;

/** What was done, the newest first, a page at a time. @throws not-found. */
export async function readSynchronizationHistory(
  ctx: Context,
  partner: TenantId,
  { of, limit, after }: { of: (typeof HISTORY)[number]; limit: number; after?: string | undefined },
): Promise<{ events: AuditEvent[]; next: string | null }> {
  await ctx.demand(manageSynchronization, undefined, 'read');
  await mustBeKnown(ctx, partner);
  const page = { limit: limit + 1, ...(after === undefined ? {} : { after }) };
  const events = await listEvents(ctx, { actions: HISTORIES[of], targetId: partner }, page);
  const shown = events.slice(0, limit);
  return { events: shown, next: events.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

/**
 * Pauses, goes on, or tells everything anew. Going on after a quarantine says whether the removals are meant.
 * @throws not-found, directory.synchronization-off, .synchronization-state.
 */
export async function steerSynchronization(
  ctx: Context,
  partner: TenantId,
  input: { readonly action: 'pause' | 'resume' | 'restart'; readonly confirmRemovals?: boolean | undefined },
): Promise<SynchronizationView> {
  await ctx.demand(manageSynchronization, undefined, 'write');
  await mustBeKnown(ctx, partner);
  if (!ctx.settings.partner(synchronization, partner).isOn) throw synchronizationFaults.notOn();
  const job = await findSyncJob(ctx, partner, { lock: true });
  const { action } = input;
  if (action === 'pause') {
    if (job.state !== 'active') throw synchronizationFaults.wrongState(job.state);
    await changeSyncJob(ctx, partner, { state: 'paused', reason: null });
  } else {
    if (action === 'resume' && job.state === 'active') throw synchronizationFaults.wrongState(job.state);
    await forgetSyncDigests(ctx, partner, action === 'restart' ? {} : { onlyRefused: true });
    const isConfirmed = job.state === 'quarantined' && input.confirmRemovals === true;
    const removalsConfirmed = isConfirmed ? (job.counts.leaving ?? 0) : 0;
    await changeSyncJob(ctx, partner, {
      state: 'active',
      reason: null,
      failure: null,
      busyUntil: null,
      busyBy: null,
      removalsConfirmed,
    });
    await queueCycle(ctx, partner);
  }
  ctx.record({
    action: `directory.synchronization-${{ pause: 'paused', resume: 'resumed', restart: 'restarted' }[action]}`,
    category: 'Policy',
    targets: [{ kind: 'partner', id: partner }],
    facts: { confirmRemovals: input.confirmRemovals ?? false },
  });
  return readSynchronization(ctx, partner);
}

/** Brings one person now. Call it outside a transaction. @throws not-found, directory.synchronization-off. */
export async function bringOnDemand(
  ctx: Context,
  ports: BringPorts,
  partner: TenantId,
  accountId: AccountId,
): Promise<Step[]> {
  await ctx.demand(manageSynchronization, undefined, 'write');
  const { tenantId, actor, correlationId } = ctx;
  await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) => mustBeKnown(inside, partner));
  if (!ctx.settings.partner(synchronization, partner).isOn) throw synchronizationFaults.notOn();
  return bringOne(ctx, ports, partner, accountId);
}
