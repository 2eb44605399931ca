/** Bringing our people to another organisation: compared with what it was last told, and told what is new (CT-14 to CT-18). */
import { agreedTerms, agreementRules } from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import { heard } from '../../kernel/heard.ts';
import { type AccountId, newId, type TenantId } from '../../kernel/ids.ts';
import type { Job, Partners, Run, Subscriber, Sweep } from '../../kernel/module.ts';
import { accessDefaults, inForce, partnerAccess, serverEnvoy } from '../../partners/index.ts';
import {
  digestOfTold,
  type SyncCounts,
  type SyncJob,
  type SyncSource,
  type ToldGroup,
} from '../model/synchronization.ts';
import { synchronization } from '../settings.ts';
import {
  changeSyncJob,
  deleteSyncPerson,
  findSyncJob,
  listSyncPeople,
  putSyncPerson,
} from '../store/synchronization.ts';
import { quarantine, stop, tellAdministrators } from './bring-halted.ts';
import { type Leaving, type Plan, type Put, planOf } from './bring-plan.ts';
import { PEOPLE_AT_ONCE, TAKE_PEOPLE, taken } from './take-people.ts';

export interface BringPorts {
  readonly run: Run;
  readonly partners: () => Partners;
}

export const BRING = 'directory.bring-people';
/** A run that is not heard of for so long was killed; another one takes over. */
const BUSY_MS = 60_000;
const AGAIN_AFTER_MS = 20_000;
const MINUTE_MS = 60_000;
/** So long nothing may come through until the administrators are written to. */
const FAILING_MS = 30 * MINUTE_MS;
/** Half of what may be said at once: also a server that is busy answers in time. */
const TOLD_AT_ONCE = PEOPLE_AT_ONCE / 2;

/** Queues a cycle; several that wait for the same are one. */
const queue = (ctx: Context, partner: TenantId, why: 'now' | 'again' | 'due', runAt?: Date): Promise<void> =>
  ctx.defer(
    BRING,
    { partnerTenantId: partner, runId: newId() },
    { key: `${BRING} ${ctx.tenantId} ${partner} ${why}`, ...(runAt ? { runAt } : {}) },
  );

export const queueCycle = (ctx: Context, partner: TenantId): Promise<void> => queue(ctx, partner, 'now');

/** When the next cycle may follow, where they are not brought at once. */
export async function nextCycleAt(ctx: Context, partner: TenantId): Promise<Date | null> {
  const { minutesBetween } = ctx.settings.partner(synchronization, partner);
  const { startedAt } = await findSyncJob(ctx, partner);
  return minutesBetween === 0 ? null : new Date((startedAt?.getTime() ?? 0) + minutesBetween * MINUTE_MS);
}

/** As soon as what was set lets one cycle follow another. */
async function queueDue(ctx: Context, partner: TenantId): Promise<void> {
  const dueAt = await nextCycleAt(ctx, partner);
  if (dueAt === null || dueAt <= ctx.now) await queueCycle(ctx, partner);
  else await queue(ctx, partner, 'due', dueAt);
}

const partnersOn = (ctx: Context): TenantId[] =>
  ctx.settings.partners(synchronization).filter((id) => ctx.settings.partner(synchronization, id).isOn) as TenantId[];

/** Settings that say who may go where. */
const DOORS: readonly string[] = [accessDefaults, partnerAccess, agreedTerms, agreementRules].map(({ name }) => name);

/** What changes here is there within a minute. */
export const bringAfterChanges: Subscriber = {
  name: 'directory.bring-after-changes',
  to: [
    'directory.account-created',
    'directory.account-changed',
    'directory.account-renamed',
    'directory.account-deleted',
    'directory.account-restored',
    'directory.group-member-added',
    'directory.group-member-removed',
    'directory.group-changed',
    'directory.group-renamed',
    'directory.group-deleted',
    'directory.group-restored',
    'tenants.setting-changed',
  ],
  async concerns(ctx, event) {
    const names = event.action === 'tenants.setting-changed' ? event.targets.map(({ id }) => id) : undefined;
    // The transaction that switches it on still sees it off.
    if (names?.includes(synchronization.name)) return true;
    return partnersOn(ctx).length > 0 && (names === undefined || names.some((name) => DOORS.includes(name)));
  },
  async handle(ctx, event) {
    const isOfItself = event.targets.some(({ id }) => id === synchronization.name);
    for (const partner of partnersOn(ctx)) await (isOfItself ? queueCycle : queueDue)(ctx, partner);
  },
};

/** What nobody told of, or was lost, is noticed every ten minutes. */
export const bringSweep: Sweep = {
  name: 'directory.bring-people-again',
  cron: '*/10 * * * *',
  async run(ctx) {
    for (const partner of partnersOn(ctx)) await queueDue(ctx, partner);
  },
};

export const bringJob = (ports: BringPorts): Job => ({
  name: BRING,
  transaction: 'none',
  run: (ctx, { partnerTenantId, runId }) =>
    runCycle(ctx, ports, partnerTenantId as TenantId, (runId as string | undefined) ?? newId()),
});

/**
 * One cycle. Killed anywhere, it does the rest when its job is begun again: what was answered is kept, what was not is
 * said again.
 */
async function runCycle(ctx: Context, ports: BringPorts, partner: TenantId, runId: string): Promise<void> {
  const { tenantId, actor, correlationId } = ctx;
  const here = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
  // What is set is read once nobody else is at work: whoever waited for the lock would go by what was set before.
  if (!(await here((inside) => claim(inside, partner, runId)))) return;
  const planned = await here((inside) => begin(inside, partner, runId));
  if (!planned) return;
  const counts: Record<string, number> = planned.skipped.length > 0 ? { skipped: planned.skipped.length } : {};
  try {
    for (const batch of batchesOf(planned)) {
      // Paused or switched off meanwhile, or taken over by another run: then no more is said.
      const goesOn = await here(async (inside) => {
        const job = await findSyncJob(inside, partner, { lock: true });
        const { isOn } = inside.settings.partner(synchronization, partner);
        const isGoing = job.state === 'active' && job.busyBy === runId && isOn;
        if (isGoing) await changeSyncJob(inside, partner, { busyUntil: busyUntil(inside) });
        return isGoing;
      });
      if (!goesOn) break;
      await tell(ctx, ports, partner, batch, counts);
      await here((inside) =>
        changeSyncJob(inside, partner, {
          counts: counts as SyncCounts,
          ...(batch.groups ? { groupsDigest: digestOfTold(batch.groups) } : {}),
        }),
      );
    }
    await here((inside) => end(inside, partner, { runId, counts, hasManagers: planned.hasManagers }));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    await here(async (inside) => {
      if (error.code === 'directory.synchronization-not-allowed') return stop(inside, partner, 'not-allowed-there');
      const { failure } = await findSyncJob(inside, partner, { lock: true });
      await changeSyncJob(inside, partner, { busyUntil: null, busyBy: null, failure: error.code });
      // What fails for the first time is often over the next moment.
      if (failure === null) await queueCycle(inside, partner);
      else await queue(inside, partner, 'again', new Date(inside.now.getTime() + AGAIN_AFTER_MS));
    });
  }
}

/** Whether this run does the work now; else it is done again when whoever is at work has ended. */
async function claim(ctx: Context, partner: TenantId, runId: string): Promise<boolean> {
  const { busyUntil: until, busyBy } = await findSyncJob(ctx, partner, { lock: true });
  if (until !== null && until > ctx.now && busyBy !== runId) {
    await changeSyncJob(ctx, partner, { isWantedAgain: true });
    await queue(ctx, partner, 'again', until);
    return false;
  }
  await changeSyncJob(ctx, partner, { busyUntil: busyUntil(ctx), busyBy: runId, isWantedAgain: false });
  return true;
}

/** What is to be done; undefined: nothing now. */
async function begin(ctx: Context, partner: TenantId, runId: string): Promise<(Plan & Groups) | undefined> {
  const job = await findSyncJob(ctx, partner, { lock: true });
  const { isOn, deletionThreshold } = ctx.settings.partner(synchronization, partner);
  if (job.busyBy !== runId) return undefined;
  if (!isOn || job.state !== 'active') {
    await changeSyncJob(ctx, partner, { busyUntil: null, busyBy: null });
    // Whoever came meanwhile may have come because it was switched on.
    if (job.isWantedAgain) await queueCycle(ctx, partner);
    return undefined;
  }
  const isConsentGiven = inForce(ctx.settings, partner, 'automaticUserConsentSettings').value.outboundAllowed;
  const plan = isConsentGiven ? await planOf(ctx, partner) : undefined;
  if (!plan) {
    await stop(ctx, partner, isConsentGiven ? 'nobody-let-out' : 'consent-outbound');
    return undefined;
  }
  const leaving = plan.leaving.length;
  if (leaving > deletionThreshold && leaving > job.removalsConfirmed) {
    await quarantine(ctx, partner, leaving, deletionThreshold);
    return undefined;
  }
  if (hasFailedLong(ctx, job)) await tellAdministrators(ctx, partner, 'failing', {});
  for (const { person, reason } of plan.skipped) await skip(ctx, partner, person, reason);
  for (const { accountId } of plan.forgotten) await deleteSyncPerson(ctx, partner, accountId);
  await changeSyncJob(ctx, partner, {
    startedAt: ctx.now,
    endedAt: job.endedAt ?? ctx.now,
    counts: {},
  });
  const areNew = plan.groups.length > 0 || job.groupsDigest !== null;
  const isTold = !areNew || (job.groupsDigest?.equals(digestOfTold(plan.groups)) ?? false);
  return { ...plan, newGroups: isTold ? undefined : plan.groups };
}

/** Whether it has failed since the last good end for so long that it is told, and was not yet at the last try. */
function hasFailedLong(ctx: Context, { failure, startedAt, endedAt }: SyncJob): boolean {
  if (failure === null || !startedAt || !endedAt) return false;
  const toldAt = endedAt.getTime() + FAILING_MS;
  return startedAt.getTime() < toldAt && ctx.now.getTime() >= toldAt;
}

async function end(
  ctx: Context,
  partner: TenantId,
  { runId, counts, hasManagers }: { runId: string; counts: SyncCounts; hasManagers: boolean },
): Promise<void> {
  const { busyBy, startedAt, isWantedAgain } = await findSyncJob(ctx, partner, { lock: true });
  if (busyBy !== runId) return;
  await changeSyncJob(ctx, partner, {
    endedAt: ctx.now,
    busyUntil: null,
    busyBy: null,
    failure: null,
    removalsConfirmed: 0,
  });
  if (Object.keys(counts).length > 0)
    ctx.record({
      action: 'directory.synchronization-cycle',
      category: 'UserManagement',
      targets: [{ kind: 'partner', id: partner }],
      facts: { counts, seconds: Math.round((ctx.now.getTime() - (startedAt ?? ctx.now).getTime()) / 100) / 10 },
    });
  // Those whose manager has just come or gone are told of once more.
  const { created = 0, matched = 0, restored = 0, deleted = 0 } = counts;
  const isManagerNew = hasManagers && created + matched + restored + deleted > 0;
  if (isManagerNew) await queueCycle(ctx, partner);
  else if (isWantedAgain) await queueDue(ctx, partner);
}

const busyUntil = ({ now }: Context) => new Date(now.getTime() + BUSY_MS);

interface Groups {
  /** All the groups, where others were last told. */
  readonly newGroups: readonly ToldGroup[] | undefined;
}
interface Batch {
  readonly groups?: readonly ToldGroup[] | undefined;
  readonly puts: readonly Put[];
  readonly leaving: readonly Leaving[];
}

/** Groups come before those who are in them. */
function batchesOf({ newGroups: groups, puts, leaving }: Plan & Groups): Batch[] {
  return [
    ...(groups ? [{ groups, puts: [], leaving: [] }] : []),
    ...inBatches(puts).map((some) => ({ puts: some, leaving: [] })),
    ...inBatches(leaving).map((some) => ({ puts: [], leaving: some })),
  ];
}

function inBatches<T>(all: readonly T[]): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < all.length; at += TOLD_AT_ONCE) batches.push(all.slice(at, at + TOLD_AT_ONCE));
  return batches;
}

/** Says it, and keeps what was answered. */
export async function tell(
  ctx: Context,
  ports: BringPorts,
  partner: TenantId,
  { groups, puts, leaving }: Batch,
  counts: Record<string, number>,
) {
  const { tenantId, actor, correlationId } = ctx;
  const here = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
  const envoy = await here(async (inside) => serverEnvoy(inside));
  const asked = {
    v: 1,
    ...(groups ? { groups } : {}),
    put: puts.map(({ told }) => told),
    remove: leaving.map(({ person }) => person.accountId),
  };
  const { people } = heard(taken, await ports.partners().ask(envoy, partner, TAKE_PEOPLE, asked));
  await here(async (inside) => {
    for (const { id, outcome, objectId, reason } of people) {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      const put = puts.find(({ told }) => told.id === id);
      const left = leaving.find(({ person }) => person.accountId === id);
      if (put) await keepPut(inside, partner, put, { outcome, objectId, reason });
      else if (left) await keepLeft(inside, partner, left, { outcome, objectId, reason });
    }
  });
  return people;
}

interface Answer {
  readonly outcome: string;
  readonly objectId: string | null;
  readonly reason: string | null;
}

async function keepPut(ctx: Context, partner: TenantId, put: Put, { outcome, objectId, reason }: Answer) {
  const { id, displayName } = put.told;
  const [was] = await listSyncPeople(ctx, partner, { ids: [id] });
  const isRefused = outcome === 'refused';
  await putSyncPerson(ctx, partner, {
    accountId: id as AccountId,
    displayName,
    // Whoever is there stays there, as they last were.
    state: isRefused && !put.isThere ? 'failed' : 'there',
    reason: isRefused ? reason : null,
    digest: put.digest,
    remoteId: isRefused ? (was?.remoteId ?? null) : objectId,
  });
  const isNews = isRefused ? was?.reason !== reason : outcome !== 'unchanged';
  if (isNews) noteTold(ctx, partner, { id, displayName }, outcome, reason);
}

/** Whoever leaves although they are named is not there from then on, with the reason. */
async function keepLeft(ctx: Context, partner: TenantId, left: Leaving, { outcome, reason }: Answer) {
  const { accountId, displayName } = left.person;
  if (outcome === 'refused') await putSyncPerson(ctx, partner, { ...left.person, reason });
  else if (left.reason === null) await deleteSyncPerson(ctx, partner, accountId);
  else
    await putSyncPerson(ctx, partner, {
      ...left.person,
      state: 'skipped',
      reason: left.reason,
      digest: null,
      remoteId: null,
    });
  if (outcome !== 'unchanged')
    noteTold(ctx, partner, { id: accountId, displayName }, outcome, outcome === 'refused' ? reason : left.reason);
}

function noteTold(
  ctx: Context,
  partner: TenantId,
  { id, displayName }: { id: string; displayName: string },
  outcome: string,
  reason: string | null,
): void {
  const isFailure = outcome === 'refused';
  ctx.record({
    action: 'directory.person-synchronized',
    category: 'UserManagement',
    ...(isFailure ? { result: 'failure' as const } : {}),
    ...(reason === null ? {} : { reason }),
    targets: [
      { kind: 'account', id, displayName },
      { kind: 'partner', id: partner },
    ],
    facts: { partnerTenantId: partner, outcome },
  });
}

/** Keeps why somebody who is not there does not come. */
export async function skip(ctx: Context, partner: TenantId, person: SyncSource, reason: string): Promise<void> {
  const { id: accountId, displayName } = person;
  await putSyncPerson(ctx, partner, { accountId, displayName, state: 'skipped', reason, digest: null, remoteId: null });
  noteTold(ctx, partner, person, 'skipped', reason);
}
