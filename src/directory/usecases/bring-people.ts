/** Bringing our people to another organisation: compared with what it was last told, and told what is new (CT-14 to CT-18). */
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Job, Partners, Run, Subscriber, Sweep } from '../../kernel/module.ts';
import { goOut, inForce, serverEnvoy } from '../../partners/index.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import {
  digestOfTold,
  type SyncCounts,
  type SyncPerson,
  type SyncSource,
  type ToldPerson,
  tellOf,
} from '../model/synchronization.ts';
import { synchronizationLetter } from '../model/synchronization-letters.ts';
import { synchronization } from '../settings.ts';
import { findAccount } from '../store/accounts.ts';
import { listMembers, listWorkingAdministrators } from '../store/memberships.ts';
import {
  changeSyncJob,
  deleteSyncPerson,
  findSyncJob,
  listSyncPeople,
  listSyncSources,
  putSyncPerson,
} from '../store/synchronization.ts';
import { personAtHome } from './person-at-home.ts';
import { PEOPLE_AT_ONCE, TAKE_PEOPLE, taken } from './take-people.ts';

export interface BringPorts {
  readonly run: Run;
  readonly partners: () => Partners;
}

const BRING = 'directory.bring-people';
/** A run that is not heard of for so long was killed; another one takes over. */
const BUSY_MS = 60_000;
const AGAIN_AFTER_MS = 20_000;

/** Queues a cycle; several that wait are one. */
export const queueCycle = (ctx: Context, partner: TenantId, runAt?: Date): Promise<void> =>
  ctx.defer(
    BRING,
    { partnerTenantId: partner },
    { key: `${BRING} ${ctx.tenantId} ${partner}${runAt ? ' later' : ''}`, ...(runAt ? { runAt } : {}) },
  );

const partnersOn = (ctx: Context): TenantId[] =>
  ctx.settings.partners(synchronization).filter((id) => ctx.settings.partner(synchronization, id).isOn) as TenantId[];

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
    'directory.group-deleted',
    'directory.group-restored',
    'tenants.setting-changed',
  ],
  // The transaction that switches it on still sees it off.
  concerns: async (ctx, event) =>
    event.action === 'tenants.setting-changed'
      ? event.targets.some(({ id }) => id === synchronization.name)
      : partnersOn(ctx).length > 0,
  async handle(ctx) {
    for (const partner of partnersOn(ctx)) await queueCycle(ctx, partner);
  },
};

/** What nobody told of, or was lost, is noticed every ten minutes. */
export const bringSweep: Sweep = {
  name: 'directory.bring-people-again',
  cron: '*/10 * * * *',
  async run(ctx) {
    for (const partner of partnersOn(ctx)) await queueCycle(ctx, partner);
  },
};

export const bringJob = (ports: BringPorts): Job => ({
  name: BRING,
  transaction: 'none',
  run: (ctx, { partnerTenantId }) => runCycle(ctx, ports, partnerTenantId as TenantId),
});

/** What is to be said, and to whom. */
interface Plan {
  readonly puts: readonly { told: ToldPerson; digest: Buffer }[];
  readonly leaving: readonly SyncPerson[];
  readonly skipped: readonly { person: SyncSource; reason: string }[];
}

/** Compares who is in scope with who is there. `only`: one person, whatever else there is to do. */
async function planOf(ctx: Context, partner: TenantId, only?: AccountId): Promise<Plan> {
  const how = ctx.settings.partner(synchronization, partner);
  const ids = how.everyone ? undefined : new Set(how.people);
  for (const group of ids ? how.groups : [])
    for (const { kind, id } of await listMembers(ctx, group, { transitive: true }))
      if (kind === 'account' || kind === 'guest') ids?.add(id);
  const wanted = only ? [only].filter((id) => !ids || ids.has(id)) : ids && [...ids];
  const sources = await listSyncSources(ctx, wanted);
  const known = await listSyncPeople(ctx, partner, only ? { ids: [only] } : {});
  const before = new Map(known.map((one) => [one.accountId, one]));

  const puts: { told: ToldPerson; digest: Buffer }[] = [];
  const skipped: { person: SyncSource; reason: string }[] = [];
  const staying = new Set<string>();
  for (const person of sources) {
    const was = before.get(person.id);
    const isThere = was?.state === 'there';
    const told = tellOf(person, how);
    const digest = digestOfTold(told);
    if (isThere && !person.isFromElsewhere && was.digest?.equals(digest)) {
      staying.add(person.id);
      continue;
    }
    const reason = await whyNot(ctx, partner, person, isThere);
    if (reason) {
      if (isThere || was?.reason !== reason) skipped.push({ person, reason });
      // Whom home no longer lets out stays where they are; that is for the policy to end.
      staying.add(person.id);
      continue;
    }
    staying.add(person.id);
    puts.push({ told, digest });
  }
  const leaving = known.filter(({ accountId, state }) => state === 'there' && !staying.has(accountId));
  return { puts, leaving, skipped };
}

/** Why somebody in scope is told of to nobody (CT-15); undefined: they are. */
async function whyNot(ctx: Context, partner: TenantId, person: SyncSource, isThere: boolean) {
  if (person.isFromElsewhere) return 'at-home-elsewhere';
  if (!isThere && !person.accountEnabled) return 'blocked';
  const found = await personAtHome(ctx, { userId: person.id });
  const { level } = await ctx.ask(
    goOut,
    {
      tenantId: partner,
      mode: 'collaboration',
      application: null,
      userId: person.id,
      groupIds: [...(found?.groupIds ?? [])],
      addresses: [...(found?.addresses ?? [])],
    },
    { quiet: true },
  );
  return level === 'out' ? undefined : 'not-let-out';
}

/** One cycle. Killed anywhere, the next one does the rest: what was answered is kept, what was not is said again. */
async function runCycle(ctx: Context, ports: BringPorts, partner: TenantId): Promise<void> {
  const { tenantId, actor, correlationId } = ctx;
  const here = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
  const planned = await here(async (inside) => {
    const job = await findSyncJob(inside, partner, { lock: true });
    const { isOn, deletionThreshold } = inside.settings.partner(synchronization, partner);
    if (!isOn || job.state !== 'active') return undefined;
    if (job.busyUntil !== null && job.busyUntil > inside.now) {
      await queueCycle(inside, partner, new Date(inside.now.getTime() + 2_000));
      return undefined;
    }
    if (!inForce(inside.settings, partner, 'automaticUserConsentSettings').value.outboundAllowed) {
      await stop(inside, partner, 'consent-outbound');
      return undefined;
    }
    const plan = await planOf(inside, partner);
    const leaving = plan.leaving.length;
    if (leaving > deletionThreshold && leaving > job.removalsConfirmed) {
      await quarantine(inside, partner, leaving, deletionThreshold);
      return undefined;
    }
    for (const { person, reason } of plan.skipped) await skip(inside, partner, person, reason);
    await changeSyncJob(inside, partner, {
      startedAt: inside.now,
      endedAt: null,
      busyUntil: busyUntil(inside),
      counts: {},
    });
    return plan;
  });
  if (!planned) return;
  const counts: Record<string, number> = planned.skipped.length > 0 ? { skipped: planned.skipped.length } : {};
  try {
    const batches = [
      ...inBatches(planned.puts).map((puts) => ({ puts, leaving: [] as SyncPerson[] })),
      ...inBatches(planned.leaving).map((leaving) => ({ puts: [], leaving })),
    ];
    for (const batch of batches) {
      // Paused or switched off meanwhile: then no more is said.
      const goesOn = await here(async (inside) => {
        const job = await findSyncJob(inside, partner, { lock: true });
        const isGoing = job.state === 'active' && inside.settings.partner(synchronization, partner).isOn;
        if (isGoing) await changeSyncJob(inside, partner, { busyUntil: busyUntil(inside) });
        return isGoing;
      });
      if (!goesOn) break;
      await tell(ctx, ports, partner, batch, counts);
      await here((inside) => changeSyncJob(inside, partner, { counts: counts as SyncCounts }));
    }
    await here(async (inside) => {
      await changeSyncJob(inside, partner, {
        endedAt: inside.now,
        busyUntil: null,
        failure: null,
        removalsConfirmed: 0,
      });
      if (Object.keys(counts).length > 0)
        inside.record({
          action: 'directory.synchronization-cycle',
          category: 'UserManagement',
          targets: [{ kind: 'partner', id: partner }],
          facts: { counts },
        });
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    await here(async (inside) => {
      if (error.code === 'directory.synchronization-not-allowed') return stop(inside, partner, 'not-allowed-there');
      await changeSyncJob(inside, partner, { busyUntil: null, failure: error.code });
      await queueCycle(inside, partner, new Date(inside.now.getTime() + AGAIN_AFTER_MS));
    });
  }
}

const busyUntil = ({ now }: Context) => new Date(now.getTime() + BUSY_MS);

function inBatches<T>(all: readonly T[]): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < all.length; at += PEOPLE_AT_ONCE) batches.push(all.slice(at, at + PEOPLE_AT_ONCE));
  return batches;
}

/** Says it, and keeps what was answered. */
async function tell(
  ctx: Context,
  ports: BringPorts,
  partner: TenantId,
  { puts, leaving }: { puts: Plan['puts']; leaving: readonly SyncPerson[] },
  counts: Record<string, number>,
) {
  const { tenantId, actor, correlationId } = ctx;
  const here = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
  const envoy = await here(async (inside) => serverEnvoy(inside));
  const asked = { v: 1, put: puts.map(({ told }) => told), remove: leaving.map(({ accountId }) => accountId) };
  const { people } = taken.parse(await ports.partners().ask(envoy, partner, TAKE_PEOPLE, asked));
  await here(async (inside) => {
    for (const { id, outcome, objectId, reason } of people) {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      const put = puts.find(({ told }) => told.id === id);
      const left = leaving.find(({ accountId }) => accountId === id);
      const displayName = put?.told.displayName ?? left?.displayName;
      if (displayName === undefined) continue;
      const accountId = id as AccountId;
      if (outcome === 'refused')
        await putSyncPerson(inside, partner, {
          accountId,
          displayName,
          state: put ? 'failed' : 'there',
          reason,
          digest: null,
          remoteId: left?.remoteId ?? null,
        });
      else if (left) await deleteSyncPerson(inside, partner, accountId);
      else if (put)
        await putSyncPerson(inside, partner, {
          accountId,
          displayName,
          state: 'there',
          reason: null,
          digest: put.digest,
          remoteId: objectId,
        });
      if (outcome !== 'unchanged') noteTold(inside, partner, { id, displayName }, outcome, reason);
    }
  });
  return people;
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

async function skip(ctx: Context, partner: TenantId, person: SyncSource, reason: string): Promise<void> {
  const [was] = await listSyncPeople(ctx, partner, { ids: [person.id] });
  const { id: accountId, displayName } = person;
  const isThere = was?.state === 'there';
  await putSyncPerson(ctx, partner, {
    accountId,
    displayName,
    state: isThere ? 'there' : 'skipped',
    reason,
    digest: isThere ? was.digest : null,
    remoteId: was?.remoteId ?? null,
  });
  if (was?.reason !== reason) noteTold(ctx, partner, person, 'skipped', reason);
}

/** The job stands until somebody starts it again; nobody is removed by that (CT-17). */
async function stop(ctx: Context, partner: TenantId, reason: string): Promise<void> {
  await changeSyncJob(ctx, partner, { state: 'stopped', reason, busyUntil: null, endedAt: ctx.now });
  ctx.record({
    action: 'directory.synchronization-stopped',
    category: 'Policy',
    result: 'failure',
    reason,
    targets: [{ kind: 'partner', id: partner }],
  });
  await tellAdministrators(ctx, partner, 'stopped', {});
}

/** So many at once are rather a mistake than a wish: nothing is done until somebody has looked (CT-18). */
async function quarantine(ctx: Context, partner: TenantId, leaving: number, threshold: number): Promise<void> {
  await changeSyncJob(ctx, partner, {
    state: 'quarantined',
    reason: 'too-many-leave',
    counts: { leaving },
    startedAt: ctx.now,
    endedAt: ctx.now,
    busyUntil: null,
  });
  ctx.record({
    action: 'directory.synchronization-quarantined',
    category: 'Policy',
    result: 'failure',
    reason: 'too-many-leave',
    targets: [{ kind: 'partner', id: partner }],
    facts: { leaving, threshold },
  });
  await tellAdministrators(ctx, partner, 'quarantined', { leaving, threshold });
}

async function tellAdministrators(
  ctx: Context,
  partner: TenantId,
  news: 'stopped' | 'quarantined',
  figures: { leaving?: number; threshold?: number },
): Promise<void> {
  const ids = new Set<string>();
  for (const role of ['global-administrator', 'security-administrator'])
    for (const id of await listWorkingAdministrators(ctx, role)) ids.add(id);
  for (const id of ids) {
    const account = await findAccount(ctx, id as AccountId);
    if (!account) continue;
    await queueMail(ctx, {
      kind: 'synchronization',
      aboutId: partner,
      to: { address: account.mail ?? account.userPrincipalName, name: account.displayName },
      fromName: ctx.tenant.displayName,
      ...synchronizationLetter(account.preferredLanguage, news, figures),
    });
  }
}

/** One step of bringing a single person, for whoever watches. */
export interface Step {
  readonly step: 'read' | 'scope' | 'map' | 'provision';
  readonly outcome: 'done' | 'skipped' | 'failed';
  readonly detail: unknown;
}

/** Brings one person now, and says what was done step by step. Call it outside a transaction. */
export async function bringOne(ctx: Context, ports: BringPorts, partner: TenantId, id: AccountId): Promise<Step[]> {
  const { tenantId, correlationId } = ctx;
  const actor = { kind: 'system', name: BRING } as const;
  const here = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
  const steps: Step[] = [];
  const [person] = await here((inside) => listSyncSources(inside, [id]));
  const [was] = await here((inside) => listSyncPeople(inside, partner, { ids: [id] }));
  const plan = await here((inside) => planOf(inside, partner, id));
  if (!person && !was) return [{ step: 'read', outcome: 'failed', detail: 'not-found' }];
  steps.push({ step: 'read', outcome: 'done', detail: person?.displayName ?? was?.displayName });
  const [skipped] = plan.skipped;
  const isOut = plan.leaving.length > 0 || !person;
  if (skipped || (person && was?.state === 'skipped')) {
    if (skipped) await here((inside) => skip(inside, partner, skipped.person, skipped.reason));
    return [...steps, { step: 'scope', outcome: 'skipped', detail: skipped?.reason ?? was?.reason }];
  }
  const [put] = plan.puts;
  if (!put && !isOut && was?.state !== 'there')
    return [...steps, { step: 'scope', outcome: 'skipped', detail: 'not-in-scope' }];
  steps.push({ step: 'scope', outcome: 'done', detail: isOut ? 'left' : 'in' });
  if (put) steps.push({ step: 'map', outcome: 'done', detail: put.told });
  if (!put && plan.leaving.length === 0)
    return [...steps, { step: 'provision', outcome: 'done', detail: { outcome: 'unchanged' } }];
  try {
    await here((inside) => findSyncJob(inside, partner, { lock: true }));
    const [answer] = await tell({ ...ctx, actor }, ports, partner, plan, {});
    const outcome = answer?.outcome === 'refused' ? 'failed' : 'done';
    return [...steps, { step: 'provision', outcome, detail: answer ?? null }];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [...steps, { step: 'provision', outcome: 'failed', detail: { reason: error.code } }];
  }
}
