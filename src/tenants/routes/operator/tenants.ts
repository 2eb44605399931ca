import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { operateServer } from '../../../kernel/administration.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId, type TenantId } from '../../../kernel/ids.ts';
import { isFromThisMachine } from '../../../platform/http/near.ts';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import { SKUS, skuId } from '../../model/licence.ts';
import { STORAGE_POOLS } from '../../model/storage.ts';
import {
  changeTenant,
  closeTenant,
  getHealth,
  getServerUsage,
  getTenantWithUsage,
  isEmptyServer,
  listTenantsWithUsage,
  type OperatorPorts,
  openTenant,
  reopenTenant,
  setUpDemo,
  setUpServer,
  type TenantChanges,
  type TenantUsage,
} from '../../usecases/operate.ts';

const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable();
const units = z.number().int().min(0).max(1_000_000).nullable();
const administrator = z.strictObject({
  displayName: z.string().trim().min(1).max(256),
  userPrincipalName: z.string().trim().max(320),
});
const code = z.string().max(100).optional().describe('The set-up code, from another machine.');
const password = z.string().min(8).max(256);
const newTenant = {
  displayName: z.string().trim().min(1).max(256),
  initialDomain: z.string().trim().min(1).max(256),
};
const storage = z.partialRecord(z.enum(STORAGE_POOLS), bytes);
const subscription = z.strictObject({
  units: units.optional(),
  isSuspended: z.boolean().optional(),
  endsAt: z.coerce.date().nullable().optional(),
});

/** The operator's API: the tenants of this server, what they use, and how the server is. */
export function operatorRoutes(ports: OperatorPorts): readonly Route[] {
  const operator = { wire: 'problem', access: 'asks', tags: ['operator'] } as const;
  const params = z.object({ id: z.string().max(64) });
  // The name too: a page from elsewhere whose name leads to this machine asks under that name.
  const isNear = (request: FastifyRequest) =>
    !ports.isBehindProxy && isFromThisMachine(request) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(request.hostname);
  return [
    route({
      ...operator,
      method: 'GET',
      path: '/operator/tenants',
      summary: 'The tenants of this server by name, each with what it uses.',
      query: z.object({
        search: z.string().max(256).optional(),
        state: z.enum(['active', 'suspended', 'deleted']).optional(),
        after: z.string().max(1024).optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
      }),
      handle: async (ctx, { query: { search, state, after, limit } }) => {
        const { tenants, next } = await listTenantsWithUsage(ctx, ports, {
          limit,
          ...(search ? { search } : {}),
          ...(state ? { state } : {}),
          ...(after ? { after: parsePlace(after) } : {}),
        });
        return { value: tenants.map(presentTenant), next: next && printPlace(next) };
      },
    }),
    route({
      ...operator,
      method: 'POST',
      path: '/operator/tenants',
      summary: 'Creates a tenant and its first administrator.',
      body: z.strictObject({
        ...newTenant,
        subscriptions: z.array(z.strictObject({ sku: z.string(), units })).optional(),
        storage: storage.optional(),
        administrator: administrator.extend({ password: password.optional() }).optional(),
      }),
      handle: async (ctx, { body }) => {
        const opened = await openTenant(ctx, ports, present(body));
        return created(opened, `/operator/tenants/${opened.tenant.id}`);
      },
    }),
    route({
      ...operator,
      method: 'GET',
      path: '/operator/tenants/:id',
      summary: 'One tenant, by its id or any of its domains, with what it uses.',
      params: z.object({ id: z.string().max(256) }),
      handle: async (ctx, request) => presentTenant(await getTenantWithUsage(ctx, ports, request.params.id)),
    }),
    route({
      ...operator,
      method: 'PATCH',
      path: '/operator/tenants/:id',
      summary: 'Renames, suspends or resumes a tenant, or changes its limits and subscriptions.',
      params,
      body: z.strictObject({
        displayName: newTenant.displayName.optional(),
        state: z.enum(['active', 'suspended']).optional(),
        storage: storage.optional(),
        subscriptions: z.record(z.string(), subscription.nullable()).optional(),
      }),
      handle: async (ctx, { params: { id }, body }) => {
        await changeTenant(ctx, ports, idOf(id), present(body) as TenantChanges);
        return presentTenant(await getTenantWithUsage(ctx, ports, id));
      },
    }),
    route({
      ...operator,
      method: 'DELETE',
      path: '/operator/tenants/:id',
      summary: 'Closes a tenant for 30 days and then removes it; with "final=true" removes it at once.',
      params,
      query: z.object({ final: z.enum(['true', 'false']).default('false') }),
      handle: async (ctx, { params: { id }, query }) => {
        await closeTenant(ctx, ports, idOf(id), query.final === 'true');
        return noContent();
      },
    }),
    route({
      ...operator,
      method: 'POST',
      path: '/operator/tenants/:id/restore',
      summary: 'Takes the deletion of a tenant back.',
      params,
      handle: async (ctx, { params: { id } }) => {
        await reopenTenant(ctx, ports, idOf(id));
        return noContent();
      },
    }),
    route({
      ...operator,
      method: 'GET',
      path: '/operator/usage',
      summary: 'What the whole server holds, and which SKUs there are.',
      handle: async (ctx) => ({
        ...(await getServerUsage(ctx)),
        skus: SKUS.map((sku) => ({
          sku: sku.partNumber,
          skuId: skuId(sku.partNumber),
          plans: sku.plans,
          servesEveryone: sku.serves === 'company',
        })),
      }),
    }),
    route({
      ...operator,
      method: 'GET',
      path: '/operator/health',
      summary: 'How the parts of the server are.',
      handle: async (ctx) => {
        const parts = await getHealth(ctx, ports);
        const state = (['failed', 'warning'] as const).find((bad) => parts.some((part) => part.state === bad)) ?? 'ok';
        return { state, parts };
      },
    }),
    route({
      ...operator,
      method: 'GET',
      path: '/operator/abilities',
      summary: 'Whether the asker manages this server, so that screens show what the server would allow.',
      handle: async (ctx) => {
        // Nobody is refused by looking, so nothing is written.
        const { level } = await ctx.ask(operateServer, undefined, { quiet: true });
        return { abilities: { [operateServer.name]: level } };
      },
    }),
    route({
      ...operator,
      method: 'GET',
      path: '/operator/setup',
      summary: 'Whether this server is empty and can be set up, and whether that takes the set-up code from here.',
      access: { public: 'The first visit shows the set-up page before anybody can sign in.' },
      handle: async (ctx, { raw }) => {
        const isEmpty = await isEmptyServer(ctx);
        return { isEmpty, needsCode: isEmpty && !isNear(raw), mayLoadDemo: isEmpty && ports.demo !== undefined };
      },
    }),
    route({
      ...operator,
      method: 'POST',
      path: '/operator/setup',
      summary: 'Sets an empty server up: its first organisation and its administrator, or the demo.',
      access: {
        public: 'Works once, while nobody could sign in: on the server itself, or with the code that it printed.',
      },
      body: z.union([
        z.strictObject({ demo: z.literal(true), code }),
        z.strictObject({ ...newTenant, administrator: administrator.extend({ password }), code }),
      ]),
      handle: async (ctx, { body: { code, ...body }, raw }) => {
        const proof = { isNear: isNear(raw), code };
        return created(
          'demo' in body ? await setUpDemo(ctx, ports, proof) : await setUpServer(ctx, ports, body, proof),
        );
      },
    }),
  ];
}

function presentTenant({ usage, ...tenant }: Awaited<ReturnType<typeof getTenantWithUsage>>) {
  return { ...tenant, usage: presentUsage(usage) };
}

const presentUsage = ({ licences, storage, ...usage }: TenantUsage) => ({
  ...usage,
  storage: storage.map(({ pool, ...rest }) => ({ name: pool, ...rest })),
  licences: licences.map(({ sku, subscription, state, consumed }) => ({
    sku: sku.partNumber,
    units: subscription.units,
    consumed,
    state,
    suspendedAt: subscription.suspendedAt,
    endsAt: subscription.endsAt,
  })),
});

type Present<T> = T extends Date | null
  ? T
  : T extends readonly (infer Item)[]
    ? Present<Item>[]
    : T extends object
      ? { [Name in keyof T]: Present<Exclude<T[Name], undefined>> }
      : T;

/** The same without the names that have no value, which zod leaves in the type of what is optional. */
const present = <T>(parsed: T): Present<T> => parsed as Present<T>;

function idOf(text: string): TenantId {
  const id = parseId<'tenant'>(text);
  if (!id) throw kernelFaults.notFound();
  return id;
}

const printPlace = ({ displayName, id }: { displayName: string; id: string }) =>
  Buffer.from(JSON.stringify([displayName, id])).toString('base64url');

function parsePlace(text: string): { displayName: string; id: string } {
  try {
    const [displayName, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof displayName === 'string' && parseId(String(id))) return { displayName, id };
  } catch {}
  throw kernelFaults.invalid('"after" is not from a page of this list.');
}
