import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import type { Consent, ServicePrincipal } from '../../model/application.ts';
import { plainScope } from '../../model/permissions.ts';
import { manageApplications } from '../../questions.ts';
import {
  allow,
  listKnownConsents,
  listKnownServicePrincipals,
  removeServicePrincipal,
  servicePrincipalOf,
  switchServicePrincipal,
  takeBack,
} from '../../usecases/applications.ts';

/** This API as a resource that permissions are of; the reference product's id of Graph. */
const RESOURCE_ID = '00000003-0000-0000-c000-000000000000';

const asks = { wire: 'graph', access: 'asks', tags: ['applications'] } as const;
const params = z.object({ id: z.uuid() });

/** Applications as this tenant knows them, and what they were let do, on the Graph wire. */
export function servicePrincipalRoutes(): Route[] {
  return [
    route({
      ...asks,
      method: 'GET',
      path: '/v1.0/servicePrincipals',
      summary: 'The applications known here, registered here or elsewhere.',
      async handle(ctx, { origin }) {
        const value = (await listKnownServicePrincipals(ctx)).map(present);
        return { '@odata.context': `${origin}/v1.0/$metadata#servicePrincipals`, value };
      },
    }),
    route({
      ...asks,
      method: 'GET',
      path: '/v1.0/servicePrincipals/:id',
      summary: 'One application as this tenant knows it.',
      params,
      async handle(ctx, request) {
        await ctx.demand(manageApplications, undefined, 'read');
        return present(await servicePrincipalOf(ctx, request.params.id));
      },
    }),
    route({
      ...asks,
      method: 'PATCH',
      path: '/v1.0/servicePrincipals/:id',
      summary: 'Switches an application on or off here.',
      params,
      body: z.object({ accountEnabled: z.boolean() }),
      async handle(ctx, request) {
        await switchServicePrincipal(ctx, request.params.id, request.body.accountEnabled);
        return noContent();
      },
    }),
    route({
      ...asks,
      method: 'DELETE',
      path: '/v1.0/servicePrincipals/:id',
      summary: 'Removes an application from here with all that it was let do.',
      params,
      async handle(ctx, request) {
        await removeServicePrincipal(ctx, request.params.id);
        return noContent();
      },
    }),
    route({
      ...asks,
      method: 'GET',
      path: '/v1.0/servicePrincipals/:id/appRoleAssignments',
      summary: 'What a program may do by itself.',
      params,
      async handle(ctx, request) {
        const { id } = request.params;
        const consents = await listKnownConsents(ctx, { servicePrincipalId: id });
        const principal = await servicePrincipalOf(ctx, id);
        return {
          value: consents
            .filter((consent) => consent.kind === 'application')
            .flatMap((consent) => consent.permissions.map((name) => presentAssignment(consent, principal, name))),
        };
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/v1.0/servicePrincipals/:id/appRoleAssignments',
      summary: 'Lets a program do something by itself.',
      params,
      body: z.object({ appRoleId: z.string(), principalId: z.uuid(), resourceId: z.string().optional() }),
      async handle(ctx, request) {
        const { id } = request.params;
        if (request.body.principalId !== id)
          throw kernelFaults.invalid('"principalId" is the application that the address names.');
        const permission = plainScope(request.body.appRoleId);
        const made = await allow(ctx, id, { kind: 'application', accountId: null, permissions: [permission] });
        return created(presentAssignment(made.consent, made.principal, permission));
      },
    }),
    route({
      ...asks,
      method: 'DELETE',
      path: '/v1.0/servicePrincipals/:id/appRoleAssignments/:assignment',
      summary: 'Takes back what a program may do by itself.',
      params: params.extend({ assignment: z.string().regex(/^[0-9a-f-]{36}~[A-Za-z.]+$/, 'is no assignment of ours') }),
      async handle(ctx, request) {
        const { id, assignment } = request.params;
        const [consentId = '', permission = ''] = assignment.split('~');
        await takeBack(ctx, consentId, { permission, servicePrincipalId: id });
        return noContent();
      },
    }),
    route({
      ...asks,
      method: 'GET',
      path: '/v1.0/oauth2PermissionGrants',
      summary: 'What applications may do for people.',
      async handle(ctx) {
        const consents = await listKnownConsents(ctx);
        return { value: consents.filter((consent) => consent.kind !== 'application').map(presentGrant) };
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/v1.0/oauth2PermissionGrants',
      summary: 'Lets an application act for everyone, or for one person, without asking them.',
      body: z.object({
        clientId: z.uuid(),
        consentType: z.enum(['AllPrincipals', 'Principal']),
        principalId: z.uuid().nullish(),
        resourceId: z.string().optional(),
        scope: z.string().max(2000),
      }),
      async handle(ctx, { body }) {
        const isForEveryone = body.consentType === 'AllPrincipals';
        if (!isForEveryone && !body.principalId) throw kernelFaults.invalid('"principalId" is missing.');
        const made = await allow(ctx, body.clientId, {
          kind: isForEveryone ? 'everyone' : 'person',
          accountId: isForEveryone ? null : (body.principalId as string),
          permissions: body.scope
            .split(' ')
            .filter((name) => name !== '')
            .map(plainScope),
        });
        return created(presentGrant(made.consent));
      },
    }),
    route({
      ...asks,
      method: 'DELETE',
      path: '/v1.0/oauth2PermissionGrants/:id',
      summary: 'Takes back what an application may do for people; felt at once.',
      params,
      async handle(ctx, request) {
        await takeBack(ctx, request.params.id);
        return noContent();
      },
    }),
  ];
}

const present = (principal: ServicePrincipal) => ({
  id: principal.id,
  appId: principal.applicationId,
  appOwnerOrganizationId: principal.applicationTenantId,
  displayName: principal.displayName,
  accountEnabled: principal.isEnabled,
  servicePrincipalType: 'Application',
  createdDateTime: principal.createdAt.toISOString(),
});

const presentAssignment = (consent: Consent, principal: ServicePrincipal, permission: string) => ({
  id: `${consent.id}~${permission}`,
  appRoleId: permission,
  principalId: principal.id,
  principalDisplayName: principal.displayName,
  principalType: 'ServicePrincipal',
  resourceId: RESOURCE_ID,
  createdDateTime: consent.givenAt.toISOString(),
});

const presentGrant = (consent: Consent) => ({
  id: consent.id,
  clientId: consent.servicePrincipalId,
  consentType: consent.kind === 'everyone' ? 'AllPrincipals' : 'Principal',
  principalId: consent.accountId,
  resourceId: RESOURCE_ID,
  scope: consent.permissions.join(' '),
});
