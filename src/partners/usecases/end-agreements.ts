/** What was agreed with an organisation, when we part with it. */
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { TiedItem } from '../../kernel/module.ts';
import { AGREEMENT } from '../model/ending.ts';
import { type KeptAgreement, listAgreements } from '../store/agreements.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { endAgreement } from './agreements.ts';
import { readChecked } from './apply-agreement.ts';

/** Those that are not over and that the partner knows of: a draft is nobody's but ours. */
export async function listOpenAgreements(ctx: Context, partner: TenantId): Promise<readonly TiedItem[]> {
  const open: TiedItem[] = [];
  for (const kept of await listAgreements(ctx, { partnerTenantId: partner, isOver: false })) {
    if (kept.versions.every(({ isDraft }) => isDraft)) continue;
    open.push({ id: kept.id, kind: AGREEMENT, subject: kept.partnerName, object: await nameOf(ctx, kept) });
  }
  return open;
}

async function nameOf(ctx: Context, kept: KeptAgreement): Promise<string> {
  // Of a broken one nothing but its id is to be believed.
  const text = (await readChecked(ctx, kept)).said.versions.findLast(({ isDraft }) => !isDraft)?.text;
  return text ? `${text.title} (version ${text.version})` : kept.id;
}

/** Ends whatever is agreed with one organisation, or was to be. Two may do it at once. */
export async function endAgreementsWith(
  ctx: Context,
  ports: AgreementPorts,
  partner: TenantId,
  reason: string | null,
): Promise<void> {
  const { tenantId, actor, correlationId } = ctx;
  const open = () =>
    ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
      listAgreements(inside, { partnerTenantId: partner, isOver: false }),
    );
  for (const { id } of await open()) {
    try {
      await endAgreement(ctx, ports, id, reason);
    } catch (error) {
      if (!(error instanceof Fault) || (await open()).some((one) => one.id === id)) throw error;
    }
  }
}
