import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { bringFacts, findPartner } from '../../partners/index.ts';
import { synchronizationFaults } from '../faults.ts';
import type { SyncJob, SyncPerson } from '../model/synchronization.ts';
import { manageSynchronization } from '../questions/synchronization.ts';
import { synchronization } from '../settings.ts';
import {
  changeSyncJob,
  countSyncPeople,
  findSyncJob,
  forgetSyncDigests,
  listSyncPeople,
} from '../store/synchronization.ts';
import { type BringPorts, bringOne, queueCycle, type Step } from './bring-people.ts';

/** How bringing our people to one organisation stands. */
export interface SynchronizationView {
  readonly job: SyncJob;
  readonly configuration: Readonly<Record<string, unknown>>;
  /** How many there are, by state. */
  readonly people: Readonly<Record<string, number>>;
  /** Whom the other organisation does not get, and why; the first 200. */
  readonly notThere: readonly SyncPerson[];
  /** Whether that organisation may bring its people here. */
  readonly isAllowedHere: boolean;
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
  const skipped = await listSyncPeople(ctx, partner, { state: 'skipped', limit: 200 });
  const failed = await listSyncPeople(ctx, partner, { state: 'failed', limit: 200 });
  const inbound = bringFacts(ctx, partner);
  return {
    job: await findSyncJob(ctx, partner),
    configuration: ctx.settings.partner(synchronization, partner),
    people: await countSyncPeople(ctx, partner),
    notThere: [...failed, ...skipped].slice(0, 200),
    isAllowedHere: inbound.isSyncAllowed && inbound.isConsentAutomatic,
  };
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
    if (action === 'restart') await forgetSyncDigests(ctx, partner);
    const isConfirmed = job.state === 'quarantined' && input.confirmRemovals === true;
    const removalsConfirmed = isConfirmed ? (job.counts.leaving ?? 0) : 0;
    await changeSyncJob(ctx, partner, {
      state: 'active',
      reason: null,
      failure: null,
      busyUntil: null,
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
