import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId, type TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import { noContent, Reply, type Route, route } from '../../../platform/http/route.ts';
import {
  decideMyInvitations,
  exportMyData,
  leaveMyOrganisation,
  listMyOrganisations,
} from '../../usecases/my-organisations.ts';
import { type ElsewherePorts, leaveElsewhere, listMyOrganisationsElsewhere } from '../../usecases/stays-elsewhere.ts';

const me = { wire: 'problem', access: 'asks', tags: ['guests'] } as const;
const one = z.object({ tenantId: z.string() });

function tenantOf(text: string): TenantId {
  const id = parseId<'tenant'>(text);
  if (!id) throw kernelFaults.notFound();
  return id;
}

/** The signed-in person's organisations. */
export function myOrganisationRoutes({ run }: { readonly run: Run }): readonly Route[] {
  return [
    route({
      ...me,
      method: 'GET',
      path: '/me/organisations',
      summary: 'Where the person is at home, and where they are a guest.',
      handle: async (ctx) => ({ value: await listMyOrganisations(ctx, run) }),
    }),
    route({
      ...me,
      method: 'POST',
      path: '/me/organisations/:tenantId/leave',
      summary: 'Leaves an organisation.',
      params: one,
      async handle(ctx, { params }) {
        await leaveMyOrganisation(ctx, run, tenantOf(params.tenantId));
        return noContent();
      },
    }),
    ...(['block', 'unblock'] as const).map((verb) =>
      route({
        ...me,
        method: 'POST',
        path: `/me/organisations/:tenantId/${verb}`,
        summary: verb === 'block' ? 'Wants no more invitations from an organisation.' : 'Lets it invite again.',
        params: one,
        async handle(ctx, { params }) {
          const tenantId = tenantOf(params.tenantId);
          await decideMyInvitations(ctx, run, { tenantId, isBlocked: verb === 'block' });
          return noContent();
        },
      }),
    ),
    route({
      ...me,
      method: 'GET',
      path: '/me/organisations/:tenantId/export',
      summary: 'What an organisation holds about the person.',
      params: one,
      async handle(ctx, { params }) {
        const archive = await exportMyData(ctx, run, tenantOf(params.tenantId));
        return new Reply(200, archive, { 'content-disposition': 'attachment; filename="my-data.json"' });
      },
    }),
  ];
}

/** The same on other servers. */
export function organisationsElsewhereRoutes(ports: ElsewherePorts): readonly Route[] {
  return [
    route({
      ...me,
      method: 'GET',
      path: '/me/organisations/elsewhere',
      transaction: 'none',
      summary: 'Where the person is a guest on other servers; each is asked what it says of them.',
      handle: async (ctx) => ({ value: await listMyOrganisationsElsewhere(ctx, ports) }),
    }),
    route({
      ...me,
      method: 'POST',
      path: '/me/organisations/elsewhere/:tenantId/leave',
      transaction: 'none',
      summary: 'Leaves an organisation on another server.',
      params: one,
      async handle(ctx, { params }) {
        await leaveElsewhere(ctx, ports, tenantOf(params.tenantId));
        return noContent();
      },
    }),
  ];
}
