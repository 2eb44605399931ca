import type { Context, Tx } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { SettingsSnapshot } from '../../kernel/settings.ts';
import { TENANT_CHANGED } from '../events.ts';
import type { Domain } from '../model/domain.ts';
import { administerOrganization } from '../questions.ts';
import { brandingSettings, organizationSettings } from '../settings.ts';
import { listDomains } from '../store/domains.ts';
import { findTenantRecord, type TenantRecord, updateTenant } from '../store/tenants.ts';
import { changeSettings } from './change-settings.ts';
import { parseDisplayName } from './create-tenant.ts';
import { findTenantByAddress } from './find-tenant-by-address.ts';

export type OrganizationProfile = ReturnType<typeof organizationSettings.shape.parse>;

export interface Organization extends OrganizationProfile {
  readonly tenant: TenantRecord;
  readonly domains: readonly Domain[];
}

/** The caller's own organisation. */
export async function getOrganization(ctx: Context): Promise<Organization> {
  await ctx.demand(administerOrganization, undefined, 'read');
  const tenant = await findTenantRecord(ctx, ctx.tenantId);
  if (!tenant) throw kernelFaults.notFound();
  return {
    tenant,
    domains: (await listDomains(ctx)).filter((domain) => domain.verifiedAt),
    ...ctx.settings.tenant(organizationSettings),
  };
}

/** Renames the organisation or changes its profile; its profile's history is that of its settings. */
export async function changeOrganization(
  ctx: Context,
  changes: { displayName?: string; profile?: Readonly<Record<string, unknown>> },
): Promise<void> {
  await ctx.demand(administerOrganization, undefined, 'write');
  if (changes.profile) await changeSettings(ctx, organizationSettings, undefined, changes.profile);
  if (changes.displayName !== undefined) {
    const displayName = parseDisplayName(changes.displayName);
    await updateTenant(ctx, { displayName });
    const change = { name: 'displayName', old: ctx.tenant.displayName, new: displayName };
    ctx.record({
      action: 'tenants.tenant-renamed',
      category: 'TenantManagement',
      targets: [{ kind: 'tenant', id: ctx.tenantId, displayName, changes: [change] }],
    });
    await ctx.announce(TENANT_CHANGED, {});
  }
}

/** What the sign-in page of a tenant shows to anyone: its name, its looks, its privacy statement. */
export async function getBranding(
  where: { tx: Tx },
  settingsOf: (id: TenantId) => Promise<SettingsSnapshot>,
  address: string,
) {
  const tenant = await findTenantByAddress(where, address);
  if (!tenant || tenant.state === 'deleted') throw kernelFaults.notFound();
  const settings = await settingsOf(tenant.id);
  const { privacyStatementUrl, preferredLanguage } = settings.tenant(organizationSettings);
  return {
    tenantId: tenant.id,
    displayName: tenant.displayName,
    privacyStatementUrl,
    preferredLanguage,
    ...settings.tenant(brandingSettings),
  };
}
