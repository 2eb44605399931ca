import { answerOne, answerPage } from '../../../platform/http/odata.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import {
  purgeDeleted,
  readDeleted,
  readDeletedAccounts,
  readDeletedGroups,
  restoreDeleted,
} from '../../usecases/deleted-objects.ts';
import { GROUP_WORDING } from './groups.ts';
import { presentObject } from './objects.ts';
import { presentGroup, presentUser, USER_WORDING } from './present.ts';
import { idOf, idParams } from './references.ts';

/** Graph: `directory/deletedItems`. */
export function deletedItemRoutes({ vault }: { vault: Vault }): readonly Route[] {
  const graph = { wire: 'graph', access: 'asks', tags: ['directory'] } as const;
  const base = '/v1.0/directory/deletedItems';
  return [
    route({
      ...graph,
      method: 'GET',
      path: `${base}/microsoft.graph.user`,
      summary: 'People deleted in the last 30 days.',
      handle: (ctx, request) =>
        answerPage(
          ctx,
          request,
          vault,
          USER_WORDING,
          'directory/deletedItems',
          (asked) => readDeletedAccounts(ctx, asked),
          (account) => presentUser(account),
        ),
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${base}/microsoft.graph.group`,
      summary: 'Groups deleted in the last 30 days.',
      handle: (ctx, request) =>
        answerPage(
          ctx,
          request,
          vault,
          GROUP_WORDING,
          'directory/deletedItems',
          (asked) => readDeletedGroups(ctx, asked),
          (group) => presentGroup(group),
        ),
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${base}/:id`,
      summary: 'A deleted person or group.',
      params: idParams,
      handle: async (ctx, request) =>
        answerOne(request, 'directoryObjects', await readDeleted(ctx, idOf(request.params.id)), presentObject),
    }),
    route({
      ...graph,
      method: 'POST',
      path: `${base}/:id/restore`,
      summary: 'Brings a deleted person or group back with everything they held.',
      params: idParams,
      handle: async (ctx, request) =>
        answerOne(request, 'directoryObjects', await restoreDeleted(ctx, idOf(request.params.id)), presentObject),
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: `${base}/:id`,
      summary: 'Removes a deleted person or group for good.',
      params: idParams,
      handle: async (ctx, request) => {
        await purgeDeleted(ctx, idOf(request.params.id));
        return new Reply(204);
      },
    }),
  ];
}
