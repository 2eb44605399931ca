import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId } from '../../../kernel/ids.ts';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import type { Capability } from '../../model/relationship.ts';
import {
  capabilityNames,
  type ForWhom,
  getCapability,
  type KeptCapability,
  listCapabilities,
  removeCapability,
  setCapability,
} from '../../usecases/capabilities.ts';

const scope = z.object({
  resourceId: z.string().trim().min(1).max(100),
  resourceType: z.enum(['user', 'group']).default('user'),
});
const inboundAccess = z.object({
  isAllowed: z.boolean().optional(),
  resourceScopes: z
    .object({ included: z.array(scope).max(1_000).nullish(), excluded: z.array(scope).max(1_000).nullish() })
    .nullish(),
});
const body = z.object({
  '@odata.type': z.string().max(200).optional(),
  name: z.string().max(100).optional(),
  inboundAccess: inboundAccess.optional(),
});

const BASES = [
  { path: '/v1.0/policies/crossTenantAccessPolicy/partners/:tenantId/m365Capabilities', isPartner: true },
  { path: '/v1.0/policies/crossTenantAccessPolicy/default/m365Capabilities', isPartner: false },
] as const;

/** Graph: what other organisations may look up and be given, for one by its tenant id or for all (`m365Capabilities`). */
export const capabilityRoutes: readonly Route[] = BASES.flatMap(({ path, isPartner }) => {
  const graph = { wire: 'graph', access: 'asks', tags: ['calendars'] } as const;
  const whose = isPartner ? 'one organisation' : 'every organisation';
  const params = isPartner ? z.object({ tenantId: z.string().max(100) }) : z.object({});
  const one = params.extend({ name: z.string().max(100) });
  return [
    route({
      ...graph,
      method: 'GET',
      path,
      summary: `What ${whose} may of calendars and recipients.`,
      params,
      handle: async (ctx, { params, origin }) => ({
        '@odata.context': `${origin}/v1.0/$metadata#policies/crossTenantAccessPolicy/m365Capabilities`,
        value: (await listCapabilities(ctx, whomOf(params))).map(present),
      }),
    }),
    route({
      ...graph,
      method: 'POST',
      path,
      canBeTried: true,
      summary: `Gives ${whose} a capability, or denies it.`,
      params,
      body,
      async handle(ctx, { params, body, origin }) {
        const whom = whomOf(params);
        const made = await setCapability(ctx, whom, nameOf(whom, body), read(body.inboundAccess), 'whole');
        const at = `${origin}${path.replace(':tenantId', whom ?? '')}/${made.name}`;
        return created(present(made), at);
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${path}/:name`,
      summary: 'One capability.',
      params: one,
      handle: async (ctx, { params }) => present(await getCapability(ctx, whomOf(params), params.name)),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: `${path}/:name`,
      canBeTried: true,
      summary: 'Changes a capability.',
      params: one,
      body,
      async handle(ctx, { params, body }) {
        const whom = whomOf(params);
        return present(await setCapability(ctx, whom, nameOf(whom, params), read(body.inboundAccess), 'parts'));
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: `${path}/:name`,
      canBeTried: true,
      summary: 'Takes a capability back.',
      params: one,
      async handle(ctx, { params }) {
        await removeCapability(ctx, whomOf(params), params.name);
        return noContent();
      },
    }),
  ];
});

function whomOf(params: object): ForWhom {
  if (!('tenantId' in params)) return undefined;
  const id = parseId(String(params.tenantId));
  if (!id) throw kernelFaults.notFound();
  return id;
}

/** The capability that a body means, by its type or its name. */
function nameOf(whom: ForWhom, said: { '@odata.type'?: string | undefined; name?: string | undefined }) {
  const wanted = said['@odata.type']?.replace(/^#?microsoft\.graph\./, '') ?? said.name;
  const name = capabilityNames(whom).find((one) => one === wanted);
  if (!name)
    throw kernelFaults.invalid(
      `"${wanted ?? ''}" is no capability here. There are ${capabilityNames(whom).join(', ')}.`,
    );
  return name;
}

function read(access: z.output<typeof inboundAccess> | undefined): Partial<NonNullable<Capability>> {
  const { isAllowed, resourceScopes } = access ?? {};
  return {
    ...(isAllowed === undefined ? {} : { isAllowed }),
    ...(resourceScopes?.included ? { included: resourceScopes.included } : {}),
    ...(resourceScopes?.excluded ? { excluded: resourceScopes.excluded } : {}),
  };
}

const present = ({ name, value: { isAllowed, included, excluded, changedAt } }: KeptCapability) => ({
  '@odata.type': `#microsoft.graph.${name}`,
  name,
  lastModifiedDateTime: changedAt,
  inboundAccess: { isAllowed, resourceScopes: { included, excluded } },
});
