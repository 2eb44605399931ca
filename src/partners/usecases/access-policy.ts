/** The cross-tenant access policy as administrators read and write it. */
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { changeSettings, readStored, removeSettings } from '../../tenants/index.ts';
import { partnersFaults } from '../faults.ts';
import { type InForce, inForce, isPartner, PARTS, type Part } from '../model/cross-tenant-access.ts';
import { administerPartners } from '../questions/agreements.ts';
import { administerAccessDefaults } from '../questions/cross-tenant-access.ts';
import { accessDefaults, partnerAccess } from '../settings.ts';

export type AccessDefaults = ReturnType<typeof accessDefaults.shape.parse>;
export type PartnerAccess = ReturnType<typeof partnerAccess.shape.parse>;
export interface PartnerEntry extends PartnerAccess {
  readonly tenantId: string;
}

/** What holds towards one organisation, whether or not it has an entry. */
export interface Effective extends Pick<PartnerAccess, 'isServiceProvider' | 'identitySynchronization'> {
  readonly hasEntry: boolean;
  readonly parts: { readonly [Name in Part]: InForce<Name> };
}

export async function readAccessDefaults(
  ctx: Context,
): Promise<{ readonly values: AccessDefaults; readonly isServiceDefault: boolean }> {
  await ctx.demand(administerAccessDefaults, undefined, 'read');
  const values = ctx.settings.tenant(accessDefaults);
  const service: AccessDefaults = accessDefaults.shape.parse({});
  const isServiceDefault = PARTS.every((part) => JSON.stringify(values[part]) === JSON.stringify(service[part]));
  return { values, isServiceDefault };
}

/** @throws request.invalid, naming what contradicts itself. */
export async function changeAccessDefaults(ctx: Context, changes: Partial<AccessDefaults>): Promise<void> {
  await ctx.demand(administerAccessDefaults, undefined, 'write');
  await changeSettings(ctx, accessDefaults, undefined, changes);
}

/** Everything as the service has it from the beginning. */
export async function resetAccessDefaults(ctx: Context): Promise<void> {
  await ctx.demand(administerAccessDefaults, undefined, 'write');
  await changeSettings(ctx, accessDefaults, undefined, Object.fromEntries(PARTS.map((part) => [part, null])));
}

/** In the order of their ids. */
export async function listPartnerEntries(ctx: Context): Promise<PartnerEntry[]> {
  await ctx.demand(administerPartners, undefined, 'read');
  return [...ctx.settings.partners(partnerAccess)]
    .sort()
    .map((tenantId) => ({ tenantId, ...ctx.settings.partner(partnerAccess, tenantId) }));
}

/** @throws not-found where there is no entry. */
export async function getPartnerEntry(ctx: Context, tenantId: string): Promise<PartnerEntry> {
  await ctx.demand(administerPartners, undefined, 'read');
  if (!isPartner(ctx.settings, tenantId)) throw kernelFaults.notFound();
  return { tenantId, ...ctx.settings.partner(partnerAccess, tenantId) };
}

/** What holds towards an organisation, part by part, with where it comes from; also without an entry (CT-3). */
export async function readEffectiveAccess(ctx: Context, tenantId: string): Promise<Effective> {
  await ctx.demand(administerPartners, undefined, 'read');
  const { isServiceProvider, identitySynchronization } = ctx.settings.partner(partnerAccess, tenantId);
  const parts = Object.fromEntries(PARTS.map((part) => [part, inForce(ctx.settings, tenantId, part)]));
  return {
    hasEntry: isPartner(ctx.settings, tenantId),
    isServiceProvider,
    identitySynchronization,
    parts: parts as unknown as Effective['parts'],
  };
}

/** @throws partners.entry-exists; request.invalid. */
export async function addPartnerEntry(
  ctx: Context,
  tenantId: string,
  values: Partial<PartnerAccess>,
): Promise<PartnerEntry> {
  await ctx.demand(administerPartners, undefined, 'write');
  if (tenantId === ctx.tenantId) throw kernelFaults.invalid('An organisation has no entry for itself.');
  if (await readStored(ctx, partnerAccess, tenantId)) throw partnersFaults.entryExists();
  // Written also where it says nothing: that is what makes the entry.
  const made = await changeSettings(ctx, partnerAccess, tenantId, { isServiceProvider: false, ...values });
  return { tenantId, ...(made as PartnerAccess) };
}

/** @throws not-found where there is no entry; request.invalid; tenants.setting-held-by-agreement. */
export async function changePartnerEntry(
  ctx: Context,
  tenantId: string,
  changes: Partial<PartnerAccess>,
): Promise<void> {
  await ctx.demand(administerPartners, undefined, 'write');
  await demandStored(ctx, tenantId);
  await changeSettings(ctx, partnerAccess, tenantId, changes);
}

/** From now on the organisation is one of all others. @throws not-found; tenants.setting-held-by-agreement. */
export async function removePartnerEntry(ctx: Context, tenantId: string): Promise<void> {
  await ctx.demand(administerPartners, undefined, 'write');
  await demandStored(ctx, tenantId);
  await removeSettings(ctx, partnerAccess, tenantId);
}

async function demandStored(ctx: Context, tenantId: string): Promise<void> {
  if (!(await readStored(ctx, partnerAccess, tenantId))) throw kernelFaults.notFound();
}
