/** Brings one person now, for whoever watches. */
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { deleteSyncPerson, findSyncJob, listSyncPeople, listSyncSources } from '../store/synchronization.ts';
import { BRING, type BringPorts, skip, tell } from './bring-people.ts';
import { planOf } from './bring-plan.ts';

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
  if (!plan) return [...steps, { step: 'scope', outcome: 'skipped', detail: 'nobody-let-out' }];
  for (const { accountId } of plan.forgotten) await here((inside) => deleteSyncPerson(inside, partner, accountId));
  const [skipped] = plan.skipped;
  const [leaving] = plan.leaving;
  const isOut = leaving !== undefined || !person;
  if (skipped || (was?.state === 'skipped' && plan.puts.length + plan.forgotten.length === 0)) {
    if (skipped) await here((inside) => skip(inside, partner, skipped.person, skipped.reason));
    return [...steps, { step: 'scope', outcome: 'skipped', detail: skipped?.reason ?? was?.reason }];
  }
  const [put] = plan.puts;
  if (!put && !isOut && was?.state !== 'there')
    return [...steps, { step: 'scope', outcome: 'skipped', detail: 'not-in-scope' }];
  steps.push({ step: 'scope', outcome: 'done', detail: isOut ? (leaving?.reason ?? 'left') : 'in' });
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
