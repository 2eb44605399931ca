import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { answerOne, answerPage, contextOf, type Row } from '../../../platform/http/odata.ts';
import { Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { planId, skuId } from '../../../tenants/index.ts';
import type { Account } from '../../model/account.ts';
import { assignToAccount, readLicences } from '../../usecases/assign-licences.ts';
import { changeAccountFields, endSessions } from '../../usecases/change-account.ts';
import { readGroupsOf } from '../../usecases/members.ts';
import { readAccount, readDirectReports, readOwnAccount } from '../../usecases/read-accounts.ts';
import { readObjects } from '../../usecases/read-objects.ts';
import { addSponsor, readSponsorsOf, removeSponsor } from '../../usecases/sponsors.ts';
import { licenceChanges } from './licence-changes.ts';
import { answerObjects, presentObject } from './objects.ts';
import { presentUser, USER_WORDING } from './present.ts';
import { idOf, idParams, parseReference, reference } from './references.ts';

export type AnyRequest = Pick<Request<unknown, unknown, unknown>, 'raw' | 'origin' | 'headers'>;

/** What hangs below a person, under `users/{id}` and `me` alike. */
export function ofOnePerson({ vault }: { vault: Vault }): readonly Route[] {
  const graph = { wire: 'graph', access: 'asks', tags: ['users'] } as const;
  const below = (base: string, person: (ctx: Context, request: { params: unknown }) => Promise<Account>) => {
    const params = z.object({ ...(base.includes(':id') ? idParams.shape : {}) });
    const withSponsor = z.object({ ...params.shape, sponsorId: z.string().max(300) });
    const withCast = z.object({ ...params.shape, cast: z.string().max(100) });
    const groups = (path: string, summary: string, transitive: boolean) => [
      route({
        ...graph,
        method: 'GET',
        path: `${base}/${path}`,
        summary,
        params,
        handle: async (ctx, request) => {
          const { ids, view } = await readGroupsOf(ctx, (await person(ctx, request)).id, { transitive });
          return answerObjects(ctx, request, vault, ids, { idsOnly: view === 'id' });
        },
      }),
      route({
        ...graph,
        method: 'GET',
        path: `${base}/${path}/:cast`,
        summary: `${summary} Only those of one kind.`,
        params: withCast,
        handle: async (ctx, request) => {
          const { ids, view } = await readGroupsOf(ctx, (await person(ctx, request)).id, { transitive });
          return answerObjects(ctx, request, vault, ids, { idsOnly: view === 'id', cast: request.params.cast });
        },
      }),
    ];
    return [
      ...groups('memberOf', 'The groups somebody is in.', false),
      ...groups('transitiveMemberOf', 'The groups somebody is in, also through other groups.', true),
      route({
        ...graph,
        method: 'POST',
        path: `${base}/getMemberGroups`,
        summary: 'Ids of the groups somebody is in, also through other groups.',
        transaction: 'read',
        params,
        body: z.object({ securityEnabledOnly: z.boolean().default(false) }),
        handle: async (ctx, request) => {
          const { ids } = await readGroupsOf(ctx, (await person(ctx, request)).id, { transitive: true });
          const objects = request.body.securityEnabledOnly ? await readObjects(ctx, ids) : [];
          const secure = objects.filter((one) => one.kind === 'group' && one.group.securityEnabled);
          return {
            '@odata.context': contextOf(request, 'Collection(Edm.String)'),
            value: request.body.securityEnabledOnly
              ? secure.map((one) => (one.kind === 'group' ? one.group.id : ''))
              : ids,
          };
        },
      }),
      route({
        ...graph,
        method: 'POST',
        path: `${base}/checkMemberGroups`,
        summary: 'Which of these groups somebody is in, also through other groups.',
        transaction: 'read',
        params,
        body: z.object({ groupIds: z.array(z.guid()).max(20) }),
        handle: async (ctx, request) => {
          const { ids } = await readGroupsOf(ctx, (await person(ctx, request)).id, { transitive: true });
          const wanted = new Set(request.body.groupIds.map((id) => id.toLowerCase()));
          return {
            '@odata.context': contextOf(request, 'Collection(Edm.String)'),
            value: ids.filter((id) => wanted.has(id)),
          };
        },
      }),
      route({
        ...graph,
        method: 'GET',
        path: `${base}/manager`,
        summary: "Somebody's manager.",
        params,
        handle: async (ctx, request) => {
          const { managerId } = await person(ctx, request);
          const [manager] = managerId ? await readObjects(ctx, [managerId]) : [];
          if (!manager) throw kernelFaults.notFound();
          return answerOne(request, 'directoryObjects', manager, presentObject);
        },
      }),
      route({
        ...graph,
        method: 'PUT',
        path: `${base}/manager/$ref`,
        summary: "Names somebody's manager.",
        params,
        body: reference,
        handle: async (ctx, request) => {
          const { id } = parseReference(request.body['@odata.id']);
          const manager = await readAccount(ctx, id);
          await changeAccountFields(ctx, (await person(ctx, request)).id, { managerId: manager.account.id });
          return new Reply(204);
        },
      }),
      route({
        ...graph,
        method: 'DELETE',
        path: `${base}/manager/$ref`,
        summary: 'Leaves somebody without a manager.',
        params,
        handle: async (ctx, request) => {
          await changeAccountFields(ctx, (await person(ctx, request)).id, { managerId: null });
          return new Reply(204);
        },
      }),
      route({
        ...graph,
        method: 'GET',
        path: `${base}/directReports`,
        summary: 'Those whose manager somebody is.',
        params,
        handle: async (ctx, request) => {
          const { id } = await person(ctx, request);
          return answerPage(
            ctx,
            request,
            vault,
            USER_WORDING,
            'directoryObjects',
            (asked) => readDirectReports(ctx, id, asked),
            (account): Row => ({ '@odata.type': '#microsoft.graph.user', ...presentUser(account) }),
          );
        },
      }),
      route({
        ...graph,
        method: 'GET',
        path: `${base}/sponsors`,
        summary: 'Who answers for somebody.',
        params,
        handle: async (ctx, request) => {
          const sponsors = await readSponsorsOf(ctx, (await person(ctx, request)).id);
          return answerObjects(
            ctx,
            request,
            vault,
            sponsors.map(({ id }) => id),
          );
        },
      }),
      route({
        ...graph,
        method: 'POST',
        path: `${base}/sponsors/$ref`,
        summary: 'Adds somebody who answers for a guest.',
        params,
        body: reference,
        handle: async (ctx, request) => {
          const { id } = parseReference(request.body['@odata.id']);
          await addSponsor(ctx, (await person(ctx, request)).id, id);
          return new Reply(204);
        },
      }),
      route({
        ...graph,
        method: 'DELETE',
        path: `${base}/sponsors/:sponsorId/$ref`,
        summary: 'Takes away somebody who answers for a guest.',
        params: withSponsor,
        handle: async (ctx, request) => {
          await removeSponsor(ctx, (await person(ctx, request)).id, idOf(request.params.sponsorId));
          return new Reply(204);
        },
      }),
      route({
        ...graph,
        method: 'POST',
        path: `${base}/assignLicense`,
        canBeTried: true,
        summary: 'Gives licences to somebody and takes them.',
        params,
        body: licenceChanges,
        handle: async (ctx, request) => {
          const account = await person(ctx, request);
          await assignToAccount(ctx, account.id, request.body);
          return { '@odata.context': contextOf(request, 'users/$entity'), ...presentUser(account) };
        },
      }),
      route({
        ...graph,
        method: 'GET',
        path: `${base}/licenseDetails`,
        summary: 'The licences that serve somebody, also through groups.',
        params,
        handle: async (ctx, request) => ({
          '@odata.context': contextOf(request, 'users/licenseDetails'),
          value: (await readLicences(ctx, (await person(ctx, request)).id)).map(({ sku, disabledPlans }) => ({
            id: skuId(sku.partNumber),
            skuId: skuId(sku.partNumber),
            skuPartNumber: sku.partNumber,
            servicePlans: sku.plans.map((plan) => ({
              servicePlanId: planId(plan),
              servicePlanName: plan,
              provisioningStatus: disabledPlans.includes(plan) ? 'Disabled' : 'Success',
              appliesTo: sku.serves === 'company' ? 'Company' : 'User',
            })),
          })),
        }),
      }),
      route({
        ...graph,
        method: 'POST',
        path: `${base}/revokeSignInSessions`,
        summary: 'Ends every session and token of somebody.',
        params,
        handle: async (ctx, request) => {
          await endSessions(ctx, (await person(ctx, request)).id);
          return { '@odata.context': contextOf(request, 'Edm.Boolean'), value: true };
        },
      }),
    ];
  };
  return [
    ...below('/v1.0/users/:id', async (ctx, { params }) => {
      return (await readAccount(ctx, (params as { id: string }).id)).account;
    }),
    ...below('/v1.0/me', (ctx) => readOwnAccount(ctx)),
  ];
}
