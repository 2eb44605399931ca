import { z } from 'zod';
import type { TenantId } from '../../../kernel/ids.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { accessSetting } from '../../model/access-setting.ts';
import { demandSupposable, type SupposePorts, supposeAccess } from '../../usecases/suppose-access.ts';

const supposed = accessSetting.nullable().optional();

/** What a change of the cross-tenant access policy would have done to the sign-ins of late. */
export const accessWhatIfRoute = (ports: SupposePorts): Route =>
  route({
    method: 'POST',
    path: '/admin/partners/access/what-if',
    summary: 'Whose sign-ins of the last 30 days a change of the policy would have blocked. Changes nothing.',
    wire: 'problem',
    access: 'asks',
    tags: ['partners'],
    // Homes of other organisations may have to be asked about their people.
    transaction: 'none',
    body: z.strictObject({
      tenantId: z
        .guid()
        .toLowerCase()
        .optional()
        .describe('The organisation whose entry is to change; left out: what holds for everybody.'),
      changes: z.strictObject({ b2bCollaborationInbound: supposed, b2bCollaborationOutbound: supposed }),
    }),
    async handle(ctx, { body }) {
      const partnerId = body.tenantId as TenantId | undefined;
      demandSupposable(partnerId, body.changes);
      const found = await supposeAccess(ctx, ports, { partnerId, supposed: body.changes });
      return {
        since: found.since.toISOString(),
        isComplete: found.isComplete,
        blocked: found.lockedOut.map(({ lastAt, ...one }) => ({ ...one, lastAt: lastAt.toISOString() })),
      };
    },
  });
