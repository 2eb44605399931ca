import type { UnifiedRoleAssignment, UnifiedRoleDefinition } from '@microsoft/microsoft-graph-types';
import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { ROLES, type Role } from '../../../kernel/roles.ts';
import { presentCollection, presentEntity } from '../../../platform/http/collection.ts';
import { contextOf } from '../../../platform/http/odata.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { getRole, giveRole, readRoleGrants, takeRole } from '../../usecases/roles.ts';
import { answerObjects } from './objects.ts';
import { presentRole } from './present.ts';
import { idOf, idParams, parseReference, reference } from './references.ts';

const ROLE_SCHEMA = {
  id: { kind: 'guid' },
  displayName: { kind: 'string' },
  roleTemplateId: { kind: 'guid' },
} as const;

type RoleGrant = Awaited<ReturnType<typeof readRoleGrants>>[number];

const presentAssignment = (grant: RoleGrant) =>
  ({
    id: grant.id,
    principalId: grant.subject.id,
    roleDefinitionId: getRole(grant.object.id).templateId,
    directoryScopeId: '/',
  }) satisfies UnifiedRoleAssignment;

const presentDefinition = (role: Role) =>
  ({
    id: role.templateId,
    templateId: role.templateId,
    displayName: role.displayName,
    description: role.sentence,
    isBuiltIn: true,
    isEnabled: true,
    resourceScopes: ['/'],
  }) satisfies UnifiedRoleDefinition;

/** Graph: `directoryRoles`, `directoryRoleTemplates` and `roleManagement/directory`. */
export function roleRoutes({ vault }: { vault: Vault }): readonly Route[] {
  const graph = { wire: 'graph', access: 'asks', tags: ['roles'] } as const;
  const memberParams = z.object({ ...idParams.shape, memberId: z.string().max(300) });

  const bases = ['/v1.0/directoryRoles/:id', '/v1.0/directoryRoles:id'];
  return [
    ...(['directoryRoles', 'directoryRoleTemplates'] as const).map((name) =>
      route({
        ...graph,
        method: 'GET',
        path: `/v1.0/${name}`,
        summary: 'The administrative roles.',
        handle: async (ctx, request) => {
          await readRoleGrants(ctx);
          return presentCollection(request, name, ROLES.map(presentRole), ROLE_SCHEMA);
        },
      }),
    ),
    // `directoryRoles/{id}` and `directoryRoles(roleTemplateId='{id}')` name the same.
    ...bases.flatMap((path) => [
      route({
        ...graph,
        method: 'GET',
        path,
        summary: 'One administrative role.',
        params: idParams,
        handle: async (ctx, request) => {
          await readRoleGrants(ctx);
          return presentEntity(request, 'directoryRoles', presentRole(getRole(keyOf(request.params.id))));
        },
      }),
      route({
        ...graph,
        method: 'GET',
        path: `${path}/members`,
        summary: 'Who holds an administrative role.',
        params: idParams,
        handle: async (ctx, request) => {
          const grants = await readRoleGrants(ctx, { role: getRole(keyOf(request.params.id)).name });
          return answerObjects(
            ctx,
            request,
            vault,
            grants.map(({ subject }) => subject.id),
          );
        },
      }),
      route({
        ...graph,
        method: 'POST',
        path: `${path}/members/$ref`,
        canBeTried: true,
        summary: 'Gives an administrative role.',
        params: idParams,
        body: reference,
        handle: async (ctx, request) => {
          const { id } = parseReference(request.body['@odata.id']);
          await giveRole(ctx, { role: keyOf(request.params.id), holderId: id });
          return new Reply(204);
        },
      }),
      route({
        ...graph,
        method: 'DELETE',
        path: `${path}/members/:memberId/$ref`,
        canBeTried: true,
        summary: 'Takes an administrative role away.',
        params: memberParams,
        handle: async (ctx, request) => {
          await takeRole(ctx, { role: keyOf(request.params.id), holderId: idOf(request.params.memberId) });
          return new Reply(204);
        },
      }),
    ]),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/roleManagement/directory/roleDefinitions',
      summary: 'The administrative roles.',
      handle: async (ctx, request) => {
        await readRoleGrants(ctx);
        return presentCollection(request, 'roleManagement/directory/roleDefinitions', ROLES.map(presentDefinition), {
          ...ROLE_SCHEMA,
          templateId: { kind: 'guid' },
        });
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/roleManagement/directory/roleDefinitions/:id',
      summary: 'One administrative role.',
      params: idParams,
      handle: async (ctx, request) => {
        await readRoleGrants(ctx);
        const definition = presentDefinition(getRole(request.params.id));
        return presentEntity(request, 'roleManagement/directory/roleDefinitions', definition);
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/roleManagement/directory/roleAssignments',
      summary: 'Who holds which administrative role.',
      handle: async (ctx, request) =>
        presentCollection(
          request,
          'roleManagement/directory/roleAssignments',
          (await readRoleGrants(ctx)).map(presentAssignment),
          {
            id: { kind: 'guid' },
            principalId: { kind: 'guid' },
            roleDefinitionId: { kind: 'guid' },
            directoryScopeId: { kind: 'string' },
          },
        ),
    }),
    route({
      ...graph,
      method: 'POST',
      path: '/v1.0/roleManagement/directory/roleAssignments',
      canBeTried: true,
      summary: 'Gives an administrative role.',
      body: z.object({
        principalId: z.guid(),
        roleDefinitionId: z.guid(),
        directoryScopeId: z.literal('/', 'Roles are given for the whole organisation: "/".').default('/'),
        justification: z.string().max(1000).nullish(),
      }),
      handle: async (ctx, request) => {
        const grant = await giveRole(ctx, {
          role: request.body.roleDefinitionId,
          holderId: request.body.principalId.toLowerCase(),
          reason: request.body.justification ?? null,
        });
        const context = contextOf(request, 'roleManagement/directory/roleAssignments/$entity');
        return new Reply(201, { '@odata.context': context, ...presentAssignment(grant) });
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/roleManagement/directory/roleAssignments/:id',
      summary: 'One assignment of an administrative role.',
      params: idParams,
      handle: async (ctx, request) => {
        const [grant] = await readRoleGrants(ctx, { id: idOf(request.params.id) });
        if (!grant) throw kernelFaults.notFound();
        return presentEntity(request, 'roleManagement/directory/roleAssignments', presentAssignment(grant));
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: '/v1.0/roleManagement/directory/roleAssignments/:id',
      canBeTried: true,
      summary: 'Takes an administrative role away.',
      params: idParams,
      handle: async (ctx, request) => {
        const [grant] = await readRoleGrants(ctx, { id: idOf(request.params.id) });
        if (!grant) throw kernelFaults.notFound();
        await takeRole(ctx, { role: grant.object.id, holderId: grant.subject.id });
        return new Reply(204);
      },
    }),
  ];
}

/** The key in `(roleTemplateId='…')`, or the text itself. */
function keyOf(text: string): string {
  return /^\((?:roleTemplateId=)?'([^']+)'\)$/.exec(text)?.[1] ?? text;
}
