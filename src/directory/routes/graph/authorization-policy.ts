import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { noContent, type Route, route } from '../../../platform/http/route.ts';
import { changeSettings } from '../../../tenants/index.ts';
import { manageExternalCollaboration } from '../../questions/guests.ts';
import { externalCollaboration } from '../../settings.ts';

/** Graph: `policies/authorizationPolicy`, as far as it is about guests. */
export const authorizationPolicyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1.0/policies/authorizationPolicy',
    summary: 'Who may invite, and what guests see.',
    wire: 'graph',
    access: 'asks',
    tags: ['guests'],
    async handle(ctx: Context) {
      await ctx.demand(manageExternalCollaboration, undefined, 'read');
      const { allowInvitesFrom, guestUserRoleId } = ctx.settings.tenant(externalCollaboration);
      return {
        '@odata.context': '#policies/authorizationPolicy/$entity',
        id: 'authorizationPolicy',
        displayName: 'Authorization Policy',
        description: 'Used to manage authorization related settings across the organisation.',
        allowInvitesFrom,
        guestUserRoleId,
      };
    },
  }),
  route({
    method: 'PATCH',
    path: '/v1.0/policies/authorizationPolicy',
    canBeTried: true,
    summary: 'Changes who may invite, and what guests see.',
    wire: 'graph',
    access: 'asks',
    tags: ['guests'],
    body: z.object({
      allowInvitesFrom: externalCollaboration.shape.shape.allowInvitesFrom.unwrap().optional(),
      guestUserRoleId: externalCollaboration.shape.shape.guestUserRoleId.unwrap().optional(),
    }),
    async handle(ctx, { body }) {
      const changes = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      await changeSettings(ctx, externalCollaboration, undefined, changes);
      return noContent();
    },
  }),
];
