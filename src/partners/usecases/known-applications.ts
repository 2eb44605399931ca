/** The applications that the cross-tenant access policy can name by more than an id. */
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { administerPartners } from '../questions/agreements.ts';

/** One that is registered here, or that somebody here has let in. */
export interface KnownApplication {
  readonly id: string;
  readonly displayName: string;
  /** The organisation that registered it; null: part of the product. */
  readonly publisherId: TenantId | null;
}

export interface ApplicationPorts {
  readonly applicationsKnown: (ctx: Context) => Promise<readonly KnownApplication[]>;
  /** What an organisation on this server is called; undefined for one that is not. */
  readonly organisationHere: (id: TenantId) => Promise<string | undefined>;
}

export type NamedApplication = Omit<KnownApplication, 'publisherId'> & {
  readonly publisher: { readonly id: TenantId; readonly displayName: string | null } | null;
};

/** By name. Whoever decides about the policy may know what it can name, and nothing else of them. */
export async function listKnownApplications(ctx: Context, ports: ApplicationPorts): Promise<NamedApplication[]> {
  await ctx.demand(administerPartners, undefined, 'read');
  const known = await ports.applicationsKnown(ctx);
  const publishers = new Set(known.flatMap(({ publisherId }) => publisherId ?? []));
  const names = new Map(
    await Promise.all([...publishers].map(async (id) => [id, await ports.organisationHere(id)] as const)),
  );
  return known
    .map(({ publisherId, ...one }) => ({
      ...one,
      publisher: publisherId && { id: publisherId, displayName: names.get(publisherId) ?? null },
    }))
    .toSorted((a, b) => a.displayName.localeCompare(b.displayName) || (a.id < b.id ? -1 : 1));
}
