import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId } from '../../../kernel/ids.ts';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import { PARTS } from '../../model/cross-tenant-access.ts';
import { accessDefaults, partnerAccess } from '../../settings.ts';
import {
  type AccessDefaults,
  addPartnerEntry,
  changeAccessDefaults,
  changePartnerEntry,
  getPartnerEntry,
  listPartnerEntries,
  type PartnerAccess,
  type PartnerEntry,
  readAccessDefaults,
  readEffectiveAccess,
  removePartnerEntry,
  resetAccessDefaults,
} from '../../usecases/access-policy.ts';

const BASE = '/v1.0/policies/crossTenantAccessPolicy';

/** Where nothing else is set, in the reference product's words; see chapter 1.4 for what each step is here. */
const REDEMPTION_ORDER = {
  primaryIdentityProviderPrecedenceOrder: ['azureActiveDirectory', 'externalFederation', 'socialIdentityProviders'],
  fallbackIdentityProvider: 'defaultConfiguredIdp',
};

const annotations = { '@odata.type': z.string().optional(), '@odata.context': z.string().optional() };
const { displayName: _named, ...defaultParts } = accessDefaults.shape.shape;
const { identitySynchronization, ...partnerParts } = partnerAccess.shape.shape;

/** The same properties, each of which may be left out, without the defaults of the settings. */
const bare = <Shape extends Record<string, z.ZodDefault<z.ZodType>>>(shape: Shape) =>
  Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, type.unwrap().optional()])) as Record<
    keyof Shape,
    z.ZodOptional<z.ZodType>
  >;

const policyBody = z.strictObject({
  ...annotations,
  displayName: z.string().min(1).max(256).optional(),
  allowedCloudEndpoints: z.array(z.string()).max(0, 'There is no other cloud to name.').optional(),
});
const defaultBody = z.strictObject({ ...annotations, ...bare(defaultParts) });
const partnerBody = z.strictObject({ ...annotations, ...bare(partnerParts) });
const newPartnerBody = partnerBody.extend({ tenantId: z.guid() });
const syncBody = identitySynchronization
  .unwrap()
  .unwrap()
  .extend({ ...annotations, tenantId: z.guid().optional() });

const params = z.object({ tenantId: z.string().max(100) });
const graph = { wire: 'graph', access: 'asks', tags: ['partners'] } as const;

/** Graph: `crossTenantAccessPolicy`, how people work across organisations (CT-1 to CT-6, CT-21). */
export const crossTenantAccessRoutes: readonly Route[] = [
  route({
    ...graph,
    method: 'GET',
    path: BASE,
    summary: 'The cross-tenant access policy.',
    handle: async (ctx, { origin }) => ({
      '@odata.context': `${origin}/v1.0/$metadata#policies/crossTenantAccessPolicy/$entity`,
      displayName: (await readAccessDefaults(ctx)).values.displayName,
      allowedCloudEndpoints: [],
    }),
  }),
  route({
    ...graph,
    method: 'PATCH',
    path: BASE,
    summary: 'Names the cross-tenant access policy.',
    body: policyBody,
    async handle(ctx, { body: { displayName } }) {
      await changeAccessDefaults(ctx, displayName === undefined ? {} : { displayName });
      return noContent();
    },
  }),
  route({
    ...graph,
    method: 'GET',
    path: `${BASE}/default`,
    summary: 'What holds for every organisation without an entry of its own.',
    async handle(ctx, { origin }) {
      const { values, isServiceDefault } = await readAccessDefaults(ctx);
      return {
        '@odata.context': `${origin}/v1.0/$metadata#policies/crossTenantAccessPolicy/default/$entity`,
        isServiceDefault,
        ...Object.fromEntries(PARTS.map((part) => [part, values[part]])),
        invitationRedemptionIdentityProviderConfiguration: REDEMPTION_ORDER,
      };
    },
  }),
  route({
    ...graph,
    method: 'PATCH',
    path: `${BASE}/default`,
    canBeTried: true,
    summary: 'Changes what holds for every organisation without an entry of its own.',
    body: defaultBody,
    async handle(ctx, { body }) {
      await changeAccessDefaults(ctx, plain(body) as Partial<AccessDefaults>);
      return noContent();
    },
  }),
  route({
    ...graph,
    method: 'POST',
    path: `${BASE}/default/resetToSystemDefault`,
    canBeTried: true,
    summary: 'Returns what holds for every organisation to how it was in the beginning.',
    async handle(ctx) {
      await resetAccessDefaults(ctx);
      return noContent();
    },
  }),
  route({
    ...graph,
    method: 'GET',
    path: `${BASE}/partners`,
    summary: 'The organisations that have an entry of their own.',
    handle: async (ctx, { origin }) => ({
      '@odata.context': `${origin}/v1.0/$metadata#policies/crossTenantAccessPolicy/partners`,
      value: (await listPartnerEntries(ctx)).map(presentPartner),
    }),
  }),
  route({
    ...graph,
    method: 'POST',
    path: `${BASE}/partners`,
    canBeTried: true,
    summary: 'Makes an entry for one organisation.',
    body: newPartnerBody,
    async handle(ctx, { body: { tenantId, ...body }, origin }) {
      const made = await addPartnerEntry(ctx, tenantId.toLowerCase(), plain(body) as Partial<PartnerAccess>);
      return created(presentPartner(made), `${origin}${BASE}/partners/${made.tenantId}`);
    },
  }),
  route({
    ...graph,
    method: 'GET',
    path: `${BASE}/partners/:tenantId`,
    summary: 'The entry of one organisation; with `$select=effective` all that holds for it and where that is said.',
    params,
    query: z.object({ $select: z.string().max(500).optional() }),
    async handle(ctx, { params, query }) {
      const tenantId = idOf(params);
      const selected = query.$select?.split(',').map((name) => name.trim());
      if (selected?.includes('effective')) {
        const { parts, ...rest } = await readEffectiveAccess(ctx, tenantId);
        return { tenantId, effective: parts, ...rest };
      }
      const entry = presentPartner(await getPartnerEntry(ctx, tenantId));
      if (!selected) return entry;
      return Object.fromEntries(Object.entries(entry).filter(([name]) => selected.includes(name)));
    },
  }),
  route({
    ...graph,
    method: 'PATCH',
    path: `${BASE}/partners/:tenantId`,
    canBeTried: true,
    summary: 'Changes the entry of one organisation. Null: as for every organisation.',
    params,
    body: partnerBody,
    async handle(ctx, { params, body }) {
      await changePartnerEntry(ctx, idOf(params), plain(body) as Partial<PartnerAccess>);
      return noContent();
    },
  }),
  route({
    ...graph,
    method: 'DELETE',
    path: `${BASE}/partners/:tenantId`,
    canBeTried: true,
    summary: 'Removes the entry of one organisation, and what it alone was given.',
    params,
    async handle(ctx, { params }) {
      await removePartnerEntry(ctx, idOf(params));
      return noContent();
    },
  }),
  route({
    ...graph,
    method: 'GET',
    path: `${BASE}/partners/:tenantId/identitySynchronization`,
    summary: 'Whether the organisation may bring its people here by itself.',
    params,
    async handle(ctx, { params }) {
      const { tenantId, identitySynchronization: found } = await getPartnerEntry(ctx, idOf(params));
      if (!found) throw kernelFaults.notFound();
      return { tenantId, displayName: found.displayName ?? null, userSyncInbound: found.userSyncInbound };
    },
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    route({
      ...graph,
      method,
      path: `${BASE}/partners/:tenantId/identitySynchronization`,
      canBeTried: true,
      summary: 'Decides whether the organisation may bring its people here by itself.',
      params,
      body: syncBody,
      async handle(ctx, { params, body: { displayName, userSyncInbound } }) {
        const identitySynchronization = { displayName: displayName ?? null, userSyncInbound };
        await changePartnerEntry(ctx, idOf(params), { identitySynchronization });
        return noContent();
      },
    }),
  ),
  route({
    ...graph,
    method: 'DELETE',
    path: `${BASE}/partners/:tenantId/identitySynchronization`,
    canBeTried: true,
    summary: 'The organisation brings nobody here by itself any more. Those who are here stay.',
    params,
    async handle(ctx, { params }) {
      await changePartnerEntry(ctx, idOf(params), { identitySynchronization: null });
      return noContent();
    },
  }),
];

function idOf(params: { tenantId: string }): string {
  const id = parseId(params.tenantId);
  if (!id) throw kernelFaults.notFound();
  return id;
}

/** What was said, without the wire's own notes and what was left out. */
const plain = (body: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(body).filter(([name, value]) => !name.startsWith('@') && value !== undefined));

const presentPartner = ({ tenantId, identitySynchronization: _own, isServiceProvider, ...parts }: PartnerEntry) => ({
  tenantId,
  isServiceProvider,
  isInMultiTenantOrganization: false,
  ...Object.fromEntries(PARTS.map((part) => [part, parts[part]])),
});
