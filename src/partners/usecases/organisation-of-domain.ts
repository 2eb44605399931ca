import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { findTenantIdByDomain } from '../../tenants/index.ts';
import { findPartnerIdByDomain } from '../store/records.ts';

/** The organisation behind a domain, as ours knows it: one on this server, or a confirmed partner elsewhere. */
export const organisationOfDomain = async (ctx: Context, domain: string): Promise<TenantId | undefined> =>
  (await findTenantIdByDomain(ctx, domain)) ?? findPartnerIdByDomain(ctx, domain);
