import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { AGREEMENT, type Ending, titlesOf } from '../model/ending.ts';
import { administerPartners } from '../questions/agreements.ts';
import { countEnded } from '../store/endings.ts';
import type { EndingPorts } from './ending-ports.ts';
import { countTied, openAgreements, type Parting, readEnding, whoIs } from './endings.ts';

export interface KindFound {
  readonly kind: string;
  readonly title: string;
  readonly found: number;
}

/** What a parting would find, before anybody decides about it. */
export interface EndingPreview {
  readonly displayName: string;
  readonly tenantId: TenantId | null;
  readonly domains: readonly string[];
  readonly accountId: string | null;
  readonly kinds: readonly KindFound[];
}

/**
 * Looks what stands between us and an organisation, or one guest; nothing is changed. Call it outside a transaction.
 * @throws partners.part-with-whom; not-found.
 */
export async function previewEnding(
  ctx: Context,
  ports: EndingPorts,
  asked: Pick<Parting, 'partner' | 'accountId'>,
): Promise<EndingPreview> {
  const { tenantId, actor, correlationId } = ctx;
  await ctx.demand(administerPartners, undefined, 'read');
  const outsider = await whoIs(ctx, ports, { ...asked, newOwnerId: null, reason: null });
  const found = await ports.run({ tenantId, actor, correlationId, readOnly: true }, async (inside) => {
    const { length } = await openAgreements(inside, ports, outsider);
    return { ...(length === 0 ? {} : { [AGREEMENT]: length }), ...(await countTied(inside, ports, outsider)) };
  });
  const { newOwnerId: _, ...who } = outsider;
  return { ...who, tenantId: who.tenantId as TenantId | null, kinds: titled(ports, found) };
}

/** An ending with what has ended of it by now. @throws not-found. */
export async function followEnding(
  ctx: Context,
  ports: EndingPorts,
  id: string,
): Promise<{ readonly ending: Ending; readonly kinds: readonly (KindFound & { readonly ended: number })[] }> {
  const ending = await readEnding(ctx, id);
  const ended = await countEnded(ctx, id);
  const all = { ...Object.fromEntries(Object.keys(ended).map((kind) => [kind, 0])), ...ending.found };
  return { ending, kinds: titled(ports, all).map((one) => ({ ...one, ended: ended[one.kind] ?? 0 })) };
}

function titled(ports: Pick<EndingPorts, 'ties'>, found: Readonly<Record<string, number>>): KindFound[] {
  const titles = titlesOf(ports.ties());
  return Object.entries(found)
    .map(([kind, count]) => ({ kind, title: titles[kind] ?? kind, found: count }))
    .sort((a, b) => a.title.localeCompare(b.title));
}
