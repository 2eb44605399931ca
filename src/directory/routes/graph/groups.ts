import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import {
  answerOne,
  answerPage,
  contextOf,
  countOnly,
  EXPANDED_AT_MOST,
  type Wording,
} from '../../../platform/http/odata.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { assignToGroup } from '../../usecases/assign-licences.ts';
import { changeGroupFields, createGroup, deleteGroup } from '../../usecases/groups.ts';
import {
  addMember,
  addOwner,
  readGroupsOf,
  readMembers,
  readOwners,
  removeMember,
  removeOwner,
} from '../../usecases/members.ts';
import { readGroup, readGroups, type SeenGroup } from '../../usecases/read-groups.ts';
import { readObjects } from '../../usecases/read-objects.ts';
import { licenceChanges } from './licence-changes.ts';
import { answerObjects, presentObject } from './objects.ts';
import { presentGroup } from './present.ts';
import { idOf, idParams, parseReference, reference } from './references.ts';
import { etagOf, versionWanted } from './versions.ts';

export const GROUP_WORDING: Wording = {
  names: { createdDateTime: 'createdAt', deletedDateTime: 'deletedAt' },
  searched: ['displayName', 'mail', 'description'],
};

const VISIBILITIES = ['Public', 'Private', 'HiddenMembership'] as const;
const fields = {
  displayName: z.string().trim().min(1).max(256),
  description: z.string().trim().max(1024).nullable(),
  classification: z.string().max(128).nullable(),
  preferredLanguage: z.string().max(35).nullable(),
  securityEnabled: z.boolean(),
};
const mailNickname = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'Letters, digits, ".", "_" and "-" only.');
const references = z.array(z.string().max(2048)).max(20, 'At most 20 at once.');

const newGroup = z.strictObject({
  ...z.object(fields).partial().shape,
  displayName: fields.displayName,
  mailNickname,
  mailEnabled: z.boolean(),
  securityEnabled: z.boolean(),
  groupTypes: z.array(z.enum(['Unified'], 'Groups are shared ("Unified") or plain.')).default([]),
  visibility: z.enum(VISIBILITIES).optional(),
  isAssignableToRole: z.boolean().optional(),
  'owners@odata.bind': references.optional(),
  'members@odata.bind': references.optional(),
});

const groupChanges = z.strictObject({
  ...z.object(fields).partial().shape,
  visibility: z.enum(VISIBILITIES).optional(),
  'members@odata.bind': references.optional(),
});

const memberParams = z.object({ ...idParams.shape, memberId: z.string().max(300) });
const castParams = z.object({ ...idParams.shape, cast: z.string().max(100) });

/** Graph: `groups`. */
export function groupRoutes({ vault }: { vault: Vault }): readonly Route[] {
  const graph = { wire: 'graph', access: 'asks', tags: ['groups'] } as const;
  const present = ({ group, view }: SeenGroup) => presentGroup(group, view);
  const objects = async (ctx: Context, members: readonly { id: string }[]) =>
    (
      await readObjects(
        ctx,
        members.slice(0, EXPANDED_AT_MOST).map(({ id }) => id),
      )
    ).map(presentObject);
  const expand = (ctx: Context) => ({
    members: async ({ group }: SeenGroup) => objects(ctx, await readMembers(ctx, group.id)),
    owners: async ({ group }: SeenGroup) => objects(ctx, await readOwners(ctx, group.id)),
  });

  const lists = (
    path: string,
    summary: string,
    read: (ctx: Context, id: ReturnType<typeof idOf<'group'>>) => Promise<readonly { id: string }[]>,
  ) => [
    route({
      ...graph,
      method: 'GET',
      path: `/v1.0/groups/:id/${path}`,
      summary,
      params: idParams,
      handle: async (ctx, request) => {
        const members = await read(ctx, idOf(request.params.id));
        return answerObjects(
          ctx,
          request,
          vault,
          members.map(({ id }) => id),
        );
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `/v1.0/groups/:id/${path}/:cast`,
      summary: `${summary} Only those of one kind.`,
      params: castParams,
      handle: async (ctx, request) => {
        const members = await read(ctx, idOf(request.params.id));
        if (request.params.cast === '$count')
          return new Reply(200, String(members.length), { 'content-type': 'text/plain' });
        const ids = members.map(({ id }) => id);
        return answerObjects(ctx, request, vault, ids, { cast: request.params.cast });
      },
    }),
  ];

  return [
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/groups',
      summary: 'The groups of the organisation.',
      handle: (ctx, request) =>
        answerPage(
          ctx,
          request,
          vault,
          GROUP_WORDING,
          'groups',
          async (asked) => {
            const page = await readGroups(ctx, asked);
            return { ...page, rows: page.rows.map((group): SeenGroup => ({ group, view: 'full' })) };
          },
          present,
          expand(ctx),
        ),
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/groups/$count',
      summary: 'How many groups there are.',
      handle: async (ctx, request) =>
        new Reply(200, String(await countOnly(request, GROUP_WORDING, (asked) => readGroups(ctx, asked))), {
          'content-type': 'text/plain',
        }),
    }),
    route({
      ...graph,
      method: 'POST',
      path: '/v1.0/groups',
      summary: 'Creates a group.',
      body: newGroup,
      handle: async (ctx, request) => {
        const {
          groupTypes,
          'owners@odata.bind': owners = [],
          'members@odata.bind': members = [],
          mailEnabled,
          ...rest
        } = request.body;
        const isShared = groupTypes.includes('Unified');
        if (isShared !== mailEnabled)
          throw kernelFaults.invalid('A shared group ("Unified") has "mailEnabled": true; any other group has false.');
        const group = await createGroup(ctx, {
          ...(rest as typeof rest & { description?: string | null }),
          kind: isShared ? 'shared' : 'security',
          owners: owners.map(parseReference),
          members: members.map(parseReference),
        } as Parameters<typeof createGroup>[1]);
        return new Reply(
          201,
          { '@odata.context': contextOf(request, 'groups/$entity'), ...presentGroup(group) },
          { location: `${request.origin}/v1.0/groups/${group.id}`, etag: etagOf(group.version) },
        );
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/groups/:id',
      summary: 'One group.',
      params: idParams,
      handle: async (ctx, request) => {
        const seen = await readGroup(ctx, idOf(request.params.id));
        const body = await answerOne(request, 'groups', seen, present, expand(ctx));
        return new Reply(200, body, seen.view === 'full' ? { etag: etagOf(seen.group.version) } : {});
      },
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: '/v1.0/groups/:id',
      canBeTried: true,
      summary: 'Changes a group, or adds up to 20 members.',
      params: idParams,
      body: groupChanges,
      handle: async (ctx, request) => {
        const { 'members@odata.bind': members = [], ...changes } = request.body;
        const id = idOf<'group'>(request.params.id);
        if (Object.keys(changes).length > 0 || members.length === 0)
          await changeGroupFields(ctx, id, changes as Parameters<typeof changeGroupFields>[2], {
            version: versionWanted(request),
          });
        for (const member of members) await addMember(ctx, id, parseReference(member));
        return new Reply(204);
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: '/v1.0/groups/:id',
      canBeTried: true,
      summary: 'Deletes a group; for 30 days it can be restored.',
      params: idParams,
      handle: async (ctx, request) => {
        await deleteGroup(ctx, idOf(request.params.id), { version: versionWanted(request) });
        return new Reply(204);
      },
    }),
    ...lists('members', 'Who is in a group.', (ctx, id) => readMembers(ctx, id)),
    ...lists('transitiveMembers', 'Who is in a group, also through groups in it.', (ctx, id) =>
      readMembers(ctx, id, { transitive: true }),
    ),
    ...lists('owners', 'Who manages a group.', (ctx, id) => readOwners(ctx, id)),
    route({
      ...graph,
      method: 'POST',
      path: '/v1.0/groups/:id/members/$ref',
      canBeTried: true,
      summary: 'Puts somebody into a group.',
      params: idParams,
      body: reference,
      handle: async (ctx, request) => {
        await addMember(ctx, idOf(request.params.id), parseReference(request.body['@odata.id']));
        return new Reply(204);
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: '/v1.0/groups/:id/members/:memberId/$ref',
      canBeTried: true,
      summary: 'Takes somebody out of a group.',
      params: memberParams,
      handle: async (ctx, request) => {
        await removeMember(ctx, idOf(request.params.id), idOf(request.params.memberId));
        return new Reply(204);
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: '/v1.0/groups/:id/owners/$ref',
      canBeTried: true,
      summary: 'Makes somebody an owner of a group.',
      params: idParams,
      body: reference,
      handle: async (ctx, request) => {
        await addOwner(ctx, idOf(request.params.id), parseReference(request.body['@odata.id']));
        return new Reply(204);
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: '/v1.0/groups/:id/owners/:memberId/$ref',
      canBeTried: true,
      summary: 'Takes ownership of a group away.',
      params: memberParams,
      handle: async (ctx, request) => {
        await removeOwner(ctx, idOf(request.params.id), idOf(request.params.memberId));
        return new Reply(204);
      },
    }),
    ...(['memberOf', 'transitiveMemberOf'] as const).map((path) =>
      route({
        ...graph,
        method: 'GET',
        path: `/v1.0/groups/:id/${path}`,
        summary: 'The groups that a group is in.',
        params: idParams,
        handle: async (ctx, request) => {
          const { group } = await readGroup(ctx, idOf(request.params.id));
          const options = { kind: 'group', transitive: path === 'transitiveMemberOf' } as const;
          return answerObjects(ctx, request, vault, (await readGroupsOf(ctx, group.id, options)).ids);
        },
      }),
    ),
    route({
      ...graph,
      method: 'POST',
      path: '/v1.0/groups/:id/assignLicense',
      summary: 'Gives licences to everybody in a group and takes them.',
      params: idParams,
      body: licenceChanges,
      handle: async (ctx, request) => {
        const id = idOf<'group'>(request.params.id);
        await assignToGroup(ctx, id, request.body);
        const { group } = await readGroup(ctx, id);
        return { '@odata.context': contextOf(request, 'groups/$entity'), ...presentGroup(group) };
      },
    }),
  ];
}
