/** Tests by the clock: they alert the administrators of both ends when something turns bad, once, and when it is well. */
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Job, PartnerRequest, Sweep } from '../../kernel/module.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { partnersFaults } from '../faults.ts';
import { createAllowance } from '../model/allowance.ts';
import type { Step } from '../model/diagnosis.ts';
import { diagnosisLetter } from '../model/diagnosis-letters.ts';
import { afterLook, afterPartnersWord, type WatchNews } from '../model/watch.ts';
import { partnerTests } from '../settings.ts';
import { findWatch, putWatch } from '../store/diagnoses.ts';
import { findPartner, listPartners } from '../store/records.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { diagnose } from './diagnose.ts';
import { serverEnvoy } from './records.ts';
import type { TestPorts } from './test-partnership.ts';

export interface WatchPorts extends TestPorts, Pick<AgreementPorts, 'administratorsOf'> {}

const WATCH = 'partners.watch';
const TELL = 'partners.tell-watch';
/** The request by which one end tells the other that working together fails, or is well again. */
const ALARM = 'partners.watch-alarm';
/** What has just turned bad is looked at once more before anybody is alerted. */
const LOOK_AGAIN_SECONDS = 60;
/** Minutes until a partner that did not answer is told again; its own tests tell it sooner. */
const PAUSES_MINUTES = [1, 2, 5, 15, 60, 240, 720, 1440];

const keyOf = (ctx: Context, job: string, partnerTenantId: string) => `${job}:${ctx.tenantId}:${partnerTenantId}`;

/** The clock strikes every five minutes; what is due a little later counts as due. */
const EARLY_MS = 120_000;

/** Every partner whose time has come, five minutes after the last test where nothing else is set; each by its own job. */
export const watchSweep: Sweep = {
  name: WATCH,
  cron: '*/5 * * * *',
  async run(ctx) {
    const { minutesBetween } = ctx.settings.tenant(partnerTests);
    if (ctx.tenant.state !== 'active' || minutesBetween === 0) return;
    for (const { tenantId } of await listPartners(ctx)) {
      const checkedAt = (await findWatch(ctx, tenantId))?.checkedAt.getTime() ?? 0;
      if (ctx.now.getTime() - checkedAt < minutesBetween * 60_000 - EARLY_MS) continue;
      await ctx.defer(WATCH, { partnerTenantId: tenantId }, { key: keyOf(ctx, WATCH, tenantId), maxAttempts: 1 });
    }
  },
};

export const watchJob = (ports: WatchPorts): Job => ({
  name: WATCH,
  transaction: 'none',
  async run(ctx, payload) {
    const partner = payload.partnerTenantId as TenantId;
    const isSecondLook = payload.isSecondLook === true;
    const steps: Step[] = [];
    try {
      for await (const { step } of diagnose(ctx, ports, { partner, mailbox: null })) steps.push(step);
    } catch (error) {
      // Forgotten since.
      if (error instanceof Fault && error.kind === 'not-found') return;
      throw error;
    }
    await within(ctx, ports, async (inside) => {
      const record = await findPartner(inside, partner);
      if (!record) return;
      const before = await findWatch(inside, partner, { lock: true });
      const { watch, news, lookAgain } = afterLook(before, steps, { now: inside.now, isSecondLook });
      await putWatch(inside, partner, watch);
      if (lookAgain) {
        const runAt = new Date(inside.now.getTime() + LOOK_AGAIN_SECONDS * 1000);
        const key = keyOf(inside, `${WATCH}:again`, partner);
        await inside.defer(WATCH, { partnerTenantId: partner, isSecondLook: true }, { key, runAt, maxAttempts: 1 });
      }
      await announce(inside, ports, record, news, watch.alarming);
      if (watch.alarming.length > 0 !== watch.toldAlarm)
        await inside.defer(TELL, { partnerTenantId: partner }, { key: keyOf(inside, TELL, partner) });
    });
  },
});

const within = <T>(ctx: Context, { run }: WatchPorts, act: (inside: Context) => Promise<T>) => {
  const { tenantId, correlationId } = ctx;
  return run({ tenantId, actor: { kind: 'system', name: WATCH }, correlationId }, act);
};

/** Tells our own administrators of a turn. */
async function announce(
  ctx: Context,
  ports: WatchPorts,
  partner: { readonly tenantId: TenantId; readonly displayName: string },
  news: WatchNews | undefined,
  steps: readonly string[],
): Promise<void> {
  if (!news) return;
  const { tenantId: id, displayName } = partner;
  ctx.record({
    action: news === 'bad' ? 'partners.partnership-failing' : 'partners.partnership-well',
    category: 'Policy',
    result: news === 'bad' ? 'failure' : 'success',
    targets: [{ kind: 'partner', id, displayName }],
    facts: { steps },
  });
  const address = `${ports.httpsOrigin()}/t/${ctx.tenant.defaultDomain}/partners/${id}/test`;
  const names = { us: ctx.tenant.displayName, partner: displayName };
  for (const administrator of await ports.administratorsOf(ctx))
    await queueMail(ctx, {
      kind: 'partner-watch',
      aboutId: id,
      to: { address: administrator.address, name: administrator.displayName },
      fromName: ctx.tenant.displayName,
      ...diagnosisLetter(administrator.language, news, names, address),
    });
}

/** Tells the partner how it stands now, until it has heard. What was over before it could be told is not told. */
export const tellWatchJob = (ports: WatchPorts): Job => ({
  name: TELL,
  transaction: 'none',
  async run(ctx, payload) {
    const partner = payload.partnerTenantId as TenantId;
    const attempt = Number(payload.attempt ?? 0);
    const watch = await within(ctx, ports, (inside) => findWatch(inside, partner));
    if (!watch) return;
    const isBad = watch.alarming.length > 0;
    if (isBad === watch.toldAlarm) return;
    const isTold = await ports.partners.ask(serverEnvoy(ctx), partner, ALARM, { v: 1, isBad }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Fault) return false;
        throw error;
      },
    );
    await within(ctx, ports, async (inside) => {
      if (isTold) {
        const now = await findWatch(inside, partner, { lock: true });
        if (now) await putWatch(inside, partner, { ...now, toldAlarm: isBad });
        return;
      }
      const minutes = PAUSES_MINUTES[Math.min(attempt, PAUSES_MINUTES.length - 1)]!;
      const runAt = new Date(inside.now.getTime() + minutes * 60_000);
      const next = { partnerTenantId: partner, attempt: attempt + 1 };
      await inside.defer(TELL, next, { key: keyOf(inside, `${TELL}:again`, partner), runAt });
    });
  },
});

const alarm = z.object({ v: z.literal(1), isBad: z.boolean() });

/** Each turn writes to every administrator: a partner may change its word so often. */
const ALARMS = { burst: 20, perSecond: 1 / 300 };

/** Takes the partner's word for how its tests go. Told twice, it is heard once. */
export const watchAlarmRequest = (ports: WatchPorts, maySay = createAllowance(ALARMS)): PartnerRequest => ({
  name: ALARM,
  shape: alarm,
  transaction: 'write',
  isRoutine: true,
  async answer(ctx, { isBad }: z.output<typeof alarm>) {
    if (ctx.actor.kind !== 'visitor') throw kernelFaults.notFound();
    const record = await findPartner(ctx, ctx.actor.homeTenantId);
    if (!record) return { v: 1 };
    const before = await findWatch(ctx, record.tenantId, { lock: true });
    if (before?.partnerAlarm !== isBad && !maySay(`${ctx.tenantId} ${record.tenantId}`, ctx.now.getTime()))
      throw partnersFaults.tooMany();
    const { watch, news } = afterPartnersWord(before, isBad, ctx.now);
    await putWatch(ctx, record.tenantId, watch);
    await announce(ctx, ports, record, news, watch.alarming);
    return { v: 1 };
  },
});
