import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { isPartner, partnerAccess } from '../../partners/index.ts';
import { changeSettings, readStored, removeSettings } from '../../tenants/index.ts';
import {
  ANONYMOUS_CAPABILITIES,
  type Capabilities,
  type Capability,
  type CapabilityName,
  PARTNER_CAPABILITIES,
} from '../model/relationship.ts';
import { administerCalendars } from '../questions/calendars.ts';
import { defaultCapabilities, partnerCapabilities } from '../settings.ts';

/** For whom: one other organisation by its tenant id, or undefined for every one that has no entry of its own. */
export type ForWhom = string | undefined;

export interface KeptCapability {
  readonly name: CapabilityName;
  readonly value: NonNullable<Capability>;
}

/** The names that can be set: nobody's own are those of people without an organisation. */
export const capabilityNames = (whom: ForWhom): readonly CapabilityName[] =>
  whom === undefined ? [...PARTNER_CAPABILITIES, ...ANONYMOUS_CAPABILITIES] : PARTNER_CAPABILITIES;

/** What is set, by the order of the names; what is not set is denied, or as everybody's entry says. */
export async function listCapabilities(ctx: Context, whom: ForWhom): Promise<KeptCapability[]> {
  await ctx.demand(administerCalendars, undefined, 'read');
  const values: Capabilities =
    whom === undefined ? ctx.settings.tenant(defaultCapabilities) : ctx.settings.partner(partnerCapabilities, whom);
  return capabilityNames(whom).flatMap((name) => {
    const value = values[name];
    return value ? [{ name, value }] : [];
  });
}

/** @throws not-found when it is not set. */
export async function getCapability(ctx: Context, whom: ForWhom, name: string): Promise<KeptCapability> {
  const found = (await listCapabilities(ctx, whom)).find((one) => one.name === name);
  if (!found) throw kernelFaults.notFound();
  return found;
}

/**
 * Sets one capability, in place of what it was; or changes the parts that are given of one that is set.
 * @throws not-found where there is none to change; request.invalid.
 */
export async function setCapability(
  ctx: Context,
  whom: ForWhom,
  name: CapabilityName,
  given: Partial<NonNullable<Capability>>,
  how: 'whole' | 'parts',
): Promise<KeptCapability> {
  await ctx.demand(administerCalendars, undefined, 'write');
  // A capability is a part of the organisation's entry in the cross-tenant access policy.
  if (whom !== undefined && !isPartner(ctx.settings, whom)) throw kernelFaults.notFound();
  const known = how === 'parts' ? (await stored(ctx, whom))[name] : undefined;
  if (how === 'parts' && !known) throw kernelFaults.notFound();
  const value = { isAllowed: false, included: [], excluded: [], ...known, ...given, changedAt: ctx.now.toISOString() };
  await changeSettings(ctx, whom === undefined ? defaultCapabilities : partnerCapabilities, whom, { [name]: value });
  return { name, value };
}

/** @throws not-found when it is not set. */
export async function removeCapability(ctx: Context, whom: ForWhom, name: string): Promise<void> {
  await ctx.demand(administerCalendars, undefined, 'write');
  const known = capabilityNames(whom).find((one) => one === name);
  if (!known || !(await stored(ctx, whom))[known]) throw kernelFaults.notFound();
  await changeSettings(ctx, whom === undefined ? defaultCapabilities : partnerCapabilities, whom, { [known]: null });
}

/** Voids everything that one organisation may, once it has no entry any more (EX-23). Nothing set is nothing to do. */
export async function voidCapabilities(ctx: Context, tenantId: string): Promise<void> {
  if (await readStored(ctx, partnerAccess, tenantId)) return;
  if (await readStored(ctx, partnerCapabilities, tenantId)) await removeSettings(ctx, partnerCapabilities, tenantId);
}

const stored = async (ctx: Context, whom: ForWhom): Promise<Capabilities> =>
  (whom === undefined
    ? await readStored(ctx, defaultCapabilities, '')
    : await readStored(ctx, partnerCapabilities, whom)) ?? {};
