/** What waits to be told to a partner, of every module, and the hand that sends it now. */
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Module, Untold } from '../../kernel/module.ts';
import { administerPartners } from '../questions/agreements.ts';
import { type AgreementMessage, listAgreements, listMessages, reviveMessages } from '../store/agreements.ts';
import { listUntoldEndings } from '../store/endings.ts';
import { findPartner } from '../store/records.ts';
import { SEND } from './apply-agreement.ts';
import type { Elsewhere } from './ask-elsewhere.ts';
import { TELL } from './tell-of-ending.ts';

/** Messages about agreements, and receipts of partings. */
export const untoldByPartners: NonNullable<Module['untold']> = async (ctx, { tenantId }) => {
  const waiting: { readonly attempts: number; readonly lastError: string | null }[] = [];
  const refused: AgreementMessage[] = [];
  for (const { id, isOver } of await listAgreements(ctx, { partnerTenantId: tenantId })) {
    waiting.push(...(await listMessages(ctx, id, { state: 'waiting' })));
    // Of what is over nothing more is to be said.
    if (!isOver) refused.push(...(await listMessages(ctx, id, { state: 'refused' })));
  }
  waiting.push(...(await listUntoldEndings(ctx, tenantId)));
  const tried = [...waiting.filter(({ attempts }) => attempts > 0)];
  const last = [...refused, ...tried].findLast(({ lastError }) => lastError !== null);
  return { count: tried.length, refused: refused.length, reason: last?.lastError ?? null };
};

export const tellAgainByPartners: NonNullable<Module['tellAgain']> = async (ctx, { tenantId }) => {
  for (const { id: agreementId, isOver } of await listAgreements(ctx, { partnerTenantId: tenantId })) {
    if (!isOver) await reviveMessages(ctx, agreementId);
    await ctx.defer(SEND, { agreementId }, { key: `${SEND}:${ctx.tenantId}:${agreementId}` });
  }
  for (const { id } of await listUntoldEndings(ctx, tenantId))
    await ctx.defer(TELL, { endingId: id }, { key: `${TELL}:${id}` });
};

export interface UntoldPorts {
  /** The modules that have something to tell partners. */
  readonly tellers: () => readonly Pick<Module, 'name' | 'untold' | 'tellAgain'>[];
  readonly isHere: (tenantId: TenantId) => Promise<boolean>;
  readonly elsewhere: Pick<Elsewhere, 'wake'>;
}

/** What waits for one partner, by the module that says it. @throws not-found. */
export async function readUntold(
  ctx: Context,
  ports: UntoldPorts,
  id: TenantId,
): Promise<({ readonly module: string } & Required<Untold>)[]> {
  await ctx.demand(administerPartners, undefined, 'read');
  const partner = await partnerOf(ctx, ports, id);
  const found = [];
  for (const { name, untold } of ports.tellers()) {
    if (!untold) continue;
    const { count, reason, refused = 0 } = await untold(ctx, partner);
    if (count + refused > 0) found.push({ module: name, count, refused, reason });
  }
  return found;
}

/**
 * Sends now whatever waits for a partner, and once more what it refused or was given up. The partner takes each once.
 * @throws not-found.
 */
export async function tellAgain(ctx: Context, ports: UntoldPorts, id: TenantId): Promise<void> {
  await ctx.demand(administerPartners, undefined, 'write');
  const { displayName } = await partnerOf(ctx, ports, id);
  await queueUntold(ctx, ports, id);
  ctx.record({
    action: 'partners.told-again',
    category: 'Policy',
    targets: [{ kind: 'partner', id, displayName }],
  });
}

/** The same where a partner is reached anew, and somebody has decided so already. */
export async function queueUntold(ctx: Context, ports: UntoldPorts, id: TenantId): Promise<void> {
  const partner = await partnerOf(ctx, ports, id);
  ports.elsewhere.wake(ctx.tenantId, id);
  for (const { tellAgain } of ports.tellers()) await tellAgain?.(ctx, partner);
}

async function partnerOf(ctx: Context, { isHere }: UntoldPorts, id: TenantId) {
  const record = await findPartner(ctx, id);
  if (!record) throw kernelFaults.notFound();
  const { tenantId, displayName, domains } = record;
  return { tenantId, displayName, domains, isHere: await isHere(id) };
}
