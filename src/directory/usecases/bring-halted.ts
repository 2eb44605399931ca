/** Bringing people to another organisation comes to a halt, and the administrators are written to. */
import type { Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { synchronizationLetter } from '../model/synchronization-letters.ts';
import { findAccount } from '../store/accounts.ts';
import { listWorkingAdministrators } from '../store/memberships.ts';
import { changeSyncJob } from '../store/synchronization.ts';

/** The job stands until somebody starts it again; nobody is removed by that (CT-17). */
export async function stop(ctx: Context, partner: TenantId, reason: string): Promise<void> {
  await changeSyncJob(ctx, partner, { state: 'stopped', reason, busyUntil: null, busyBy: null, endedAt: ctx.now });
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
export async function quarantine(ctx: Context, partner: TenantId, leaving: number, threshold: number): Promise<void> {
  await changeSyncJob(ctx, partner, {
    state: 'quarantined',
    reason: 'too-many-leave',
    counts: { leaving },
    startedAt: ctx.now,
    endedAt: ctx.now,
    busyUntil: null,
    busyBy: null,
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
