import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import type { AccountId } from '../../../kernel/ids.ts';
import { answerOne, answerPage, contextOf, countOnly, EXPANDED_AT_MOST } from '../../../platform/http/odata.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { addressField } from '../../model/address.ts';
import { changeAccountFields } from '../../usecases/change-account.ts';
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
import { readSponsorsOf } from '../../usecases/sponsors.ts';
import { presentObject } from './objects.ts';
import { type AnyRequest, ofOnePerson } from './one-user.ts';
import { presentUser, USER_WORDING } from './present.ts';
import { idParams } from './references.ts';
import { etagOf, versionWanted } from './versions.ts';

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
