import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { AccountId } from '../../../kernel/ids.ts';
import {
  answerOne,
  answerPage,
  contextOf,
  countOnly,
  EXPANDED_AT_MOST,
  type Row,
  type Wording,
} from '../../../platform/http/odata.ts';
import { Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { planId, skuId } from '../../../tenants/index.ts';
import type { Account } from '../../model/account.ts';
import { addressField } from '../../model/address.ts';
import { assignToAccount, readLicences } from '../../usecases/assign-licences.ts';
import { changeAccountFields, endSessions } from '../../usecases/change-account.ts';
import { deleteAccount } from '../../usecases/delete-account.ts';
import { readGroupsOf } from '../../usecases/members.ts';
import { createAccountWithPassword, type PasswordPorts, resetPassword } from '../../usecases/passwords.ts';
import {
  readAccount,
  readAccounts,
  readDirectReports,
  readOwnAccount,
  type SeenAccount,
} from '../../usecases/read-accounts.ts';
import { readObjects } from '../../usecases/read-objects.ts';
import { addSponsor, readSponsorsOf, removeSponsor } from '../../usecases/sponsors.ts';
import { answerObjects, presentObject } from './objects.ts';
import { presentUser } from './present.ts';
import { idOf, idParams, parseReference, reference } from './references.ts';
import { etagOf, versionWanted } from './versions.ts';

export const USER_WORDING: Wording = {
  names: {
    createdDateTime: 'createdAt',
    deletedDateTime: 'deletedAt',
    externalUserStateChangeDateTime: 'externalUserStateChangedAt',
    endDateTime: 'endsAt',
  },
  searched: ['displayName', 'mail', 'userPrincipalName', 'givenName', 'surname'],
};

const text = (most: number) => z.string().trim().max(most).nullable();
const line = (most: number) => z.string().trim().min(1).max(most);

const profile = {
  displayName: line(256),
  givenName: text(64),
  surname: text(64),
  mail: addressField.nullable(),
  otherMails: z.array(addressField).max(250),
  proxyAddresses: z.array(z.string().max(260)).max(250),
  mailNickname: text(64),
  jobTitle: text(128),
  department: text(64),
  companyName: text(64),
  employeeId: text(16),
  officeLocation: text(128),
  streetAddress: text(1024),
  city: text(128),
  state: text(128),
  postalCode: text(40),
  country: text(128),
  mobilePhone: text(64),
  businessPhones: z.array(z.string().trim().min(1).max(64)).max(1, 'Only one business phone can be kept.'),
  preferredLanguage: text(35),
  usageLocation: z
    .string()
    .regex(/^[A-Za-z]{2}$/, 'A country is two letters (ISO 3166).')
    .transform((code) => code.toUpperCase())
    .nullable(),
  userType: z.enum(['Member', 'Guest']),
  accountEnabled: z.boolean(),
  showInAddressList: z.boolean().nullable(),
  endDateTime: z.iso.datetime({ offset: true }).nullable(),
};

const passwordProfile = z.object({
  password: z.string().min(1).max(1024),
  forceChangePasswordNextSignIn: z.boolean().default(true),
});

const newUser = z.strictObject({
  ...z.object(profile).partial().shape,
  accountEnabled: profile.accountEnabled,
  displayName: profile.displayName,
  mailNickname: line(64),
  userPrincipalName: z.string().max(256),
  passwordProfile: passwordProfile.optional(),
});

const userChanges = z.strictObject({
  ...z.object(profile).partial().shape,
  userPrincipalName: z.string().max(256).optional(),
  passwordProfile: passwordProfile.optional(),
});

const licenceChanges = z.strictObject({
  addLicenses: z
    .array(z.object({ skuId: z.string().max(100), disabledPlans: z.array(z.string().max(100)).default([]) }))
    .default([]),
  removeLicenses: z.array(z.string().max(100)).default([]),
});

export interface UserPorts extends PasswordPorts {
  readonly vault: Vault;
}

/** The model's words for what a body of the wire says. */
function fromWire<
  T extends { showInAddressList?: boolean | null | undefined; endDateTime?: string | null | undefined },
>(body: T) {
  const { endDateTime, showInAddressList, ...rest } = body;
  return {
    ...rest,
    ...(endDateTime === undefined ? {} : { endsAt: endDateTime === null ? null : new Date(endDateTime) }),
    ...(showInAddressList === undefined ? {} : { showInAddressList: showInAddressList ?? true }),
  };
}

type Whole<T> = { [K in keyof T]: Exclude<T[K], undefined> };
/** Leaves out what was not given, which is not the same as given as nothing. */
const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Whole<T>>;

/** Graph: `users` and `me`. */
export function userRoutes(ports: UserPorts): readonly Route[] {
  const { vault } = ports;
  const graph = { wire: 'graph', access: 'asks', tags: ['users'] } as const;

  const expand = (ctx: Context) => ({
    manager: async ({ account }: SeenAccount) => {
      const [manager] = account.managerId ? await readObjects(ctx, [account.managerId]) : [];
      return manager ? presentObject(manager) : null;
    },
    directReports: async ({ account }: SeenAccount) =>
      (await readDirectReports(ctx, account.id, { orderBy: [], top: EXPANDED_AT_MOST, count: false })).rows.map((one) =>
        presentUser(one),
      ),
    memberOf: async ({ account }: SeenAccount) => {
      const { ids } = await readGroupsOf(ctx, account.id);
      return (await readObjects(ctx, ids.slice(0, EXPANDED_AT_MOST))).map(presentObject);
    },
    sponsors: async ({ account }: SeenAccount) => {
      const sponsors = await readSponsorsOf(ctx, account.id);
      return (
        await readObjects(
          ctx,
          sponsors.map(({ id }) => id),
        )
      ).map(presentObject);
    },
  });
  const present = ({ account, view }: SeenAccount) => presentUser(account, view);
  const answerUser = async (ctx: Context, request: AnyRequest, seen: SeenAccount) =>
    new Reply(200, await answerOne(request, 'users', seen, present, expand(ctx)), {
      ...(seen.view === 'full' ? { etag: etagOf(seen.account.version) } : {}),
    });

  async function change(ctx: Context, request: AnyRequest & { body: z.output<typeof userChanges> }, id: AccountId) {
    const { passwordProfile: password, ...fields } = request.body;
    const changes = given(fromWire(fields));
    if (Object.keys(changes).length > 0 || !password)
      await changeAccountFields(ctx, id, changes, { version: versionWanted(request) });
    if (password)
      await resetPassword(ctx, ports, id, {
        text: password.password,
        mustChange: password.forceChangePasswordNextSignIn,
      });
    return new Reply(204);
  }

  return [
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/users',
      summary: 'People of the organisation, guests among them.',
      handle: (ctx, request) =>
        answerPage(
          ctx,
          request,
          vault,
          USER_WORDING,
          'users',
          async (asked) => {
            const page = await readAccounts(ctx, asked);
            return { ...page, rows: page.rows.map((account): SeenAccount => ({ account, view: 'full' })) };
          },
          present,
          expand(ctx),
        ),
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/users/$count',
      summary: 'How many people there are.',
      handle: async (ctx, request) =>
        new Reply(200, String(await countOnly(request, USER_WORDING, (asked) => readAccounts(ctx, asked))), {
          'content-type': 'text/plain',
        }),
    }),
    route({
      ...graph,
      method: 'POST',
      path: '/v1.0/users',
      summary: 'Creates somebody who is at home here.',
      body: newUser,
      handle: async (ctx, request) => {
        const { passwordProfile: password, ...fields } = request.body;
        const account = await createAccountWithPassword(
          ctx,
          ports,
          given(fromWire(fields)) as { userPrincipalName: string; displayName: string },
          password && { text: password.password, mustChange: password.forceChangePasswordNextSignIn },
        );
        return new Reply(
          201,
          { '@odata.context': contextOf(request, 'users/$entity'), ...presentUser(account) },
          { location: `${request.origin}/v1.0/users/${account.id}`, etag: etagOf(account.version) },
        );
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/users/:id',
      summary: 'One person by id or sign-in name.',
      params: idParams,
      handle: async (ctx, request) => answerUser(ctx, request, await readAccount(ctx, request.params.id)),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: '/v1.0/users/:id',
      canBeTried: true,
      summary: 'Changes a person.',
      params: idParams,
      body: userChanges,
      handle: async (ctx, request) => change(ctx, request, (await readAccount(ctx, request.params.id)).account.id),
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: '/v1.0/users/:id',
      canBeTried: true,
      summary: 'Deletes a person; for 30 days they can be restored.',
      params: idParams,
      handle: async (ctx, request) => {
        const { account } = await readAccount(ctx, request.params.id);
        await deleteAccount(ctx, account.id, { version: versionWanted(request) });
        return new Reply(204);
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/me',
      summary: 'The person who asks.',
      handle: async (ctx, request) => answerUser(ctx, request, { account: await readOwnAccount(ctx), view: 'full' }),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: '/v1.0/me',
      summary: 'Changes the own profile.',
      body: userChanges,
      handle: async (ctx, request) => change(ctx, request, (await readOwnAccount(ctx)).id),
    }),
    ...ofOnePerson({ vault }),
  ];
}

type AnyRequest = Pick<Request<unknown, unknown, unknown>, 'raw' | 'origin' | 'headers'>;

/** What hangs below a person, under `users/{id}` and `me` alike. */
function ofOnePerson({ vault }: { vault: Vault }): readonly Route[] {
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

export { licenceChanges };
