import { type Selectable, sql } from 'kysely';
import { noteUsesBy } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { type AccountId, newId } from '../../kernel/ids.ts';
import { sqlOf, violatedConstraint } from '../../platform/database/index.ts';
import { type Listable, readPage } from '../../platform/database/page.ts';
import type { ListQuery, Page } from '../../platform/listing.ts';
import { directoryFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import type { Account, AccountChanges, Identity, NewAccount } from '../model/account.ts';
import { holdAddresses } from './addresses.ts';
import { columnsOf, fieldsOf } from './columns.ts';
import type { AccountsTable, DirectoryTables } from './tables.ts';

const db = (ctx: Pick<Context, 'tx'>) => sqlOf<DirectoryTables>(ctx);

/** A row with its identities, as every read of accounts returns it. */
export type AccountRow = Selectable<AccountsTable> & { identities: Identity[] };

/** `account` is the name of directory.accounts in the surrounding query. */
export const identitiesOf = (account: string) => sql<Identity[]>`coalesce((
  select jsonb_agg(jsonb_build_object('signInType', i.sign_in_type, 'issuer', i.issuer,
                                      'issuerAssignedId', i.issuer_assigned_id) order by i.issuer, i.issuer_assigned_id)
    from directory.account_identities i
   where i.tenant_id = ${sql.ref(`${account}.tenant_id`)} and i.account_id = ${sql.ref(`${account}.id`)}), '[]')`;

/** Every account of the tenant, deleted ones too. */
export const selectAccounts = (ctx: Context) =>
  db(ctx)
    .selectFrom('directory.accounts as a')
    .selectAll('a')
    .select(identitiesOf('a').as('identities'))
    .where('a.tenant_id', '=', ctx.tenantId);

/**
 * Writes a new account with its identities and addresses.
 * @throws principal-name-taken, address-taken, conflicting-object, id-taken.
 */
export async function insertAccount(ctx: Context, account: NewAccount): Promise<Account> {
  const id = account.id ?? newId<'account'>();
  const { id: _id, identities, ...rest } = account;
  await translated(account.userPrincipalName, () =>
    db(ctx)
      .insertInto('directory.accounts')
      .values({
        ...(columnsOf(rest) as { user_principal_name: string; display_name: string }),
        tenant_id: ctx.tenantId,
        id,
        sessions_valid_from: account.sessionsValidFrom ?? ctx.now,
        created_at: ctx.now,
      } as never)
      .execute(),
  );
  if (account.proxyAddresses) await holdAddresses(ctx, { kind: 'account', id }, account.proxyAddresses);
  if (identities) await writeIdentities(ctx, id, identities);
  return (await findAccount(ctx, id))!;
}

/** Changes what `changes` names. Returns the account as it is then, or undefined when there is none. */
export async function updateAccount(
  ctx: Context,
  id: AccountId,
  changes: AccountChanges & { deletedAt?: Date | null },
): Promise<Account | undefined> {
  const { identities, ...rest } = changes;
  const columns = columnsOf(rest);
  if (Object.keys(columns).length > 0) {
    const updated = await translated(changes.userPrincipalName ?? '', () =>
      db(ctx)
        .updateTable('directory.accounts')
        .set(columns as never)
        .where('tenant_id', '=', ctx.tenantId)
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst(),
    );
    if (!updated) return undefined;
  }
  if (changes.proxyAddresses) await holdAddresses(ctx, { kind: 'account', id }, changes.proxyAddresses);
  if (identities) await writeIdentities(ctx, id, identities);
  return findAccount(ctx, id, { deleted: changes.deletedAt instanceof Date });
}

/** The account with this id; a deleted one only where asked for. `lock` keeps it still until the transaction ends. */
export async function findAccount(
  ctx: Context,
  id: AccountId,
  options: { deleted?: boolean; lock?: boolean } = {},
): Promise<Account | undefined> {
  let query = selectAccounts(ctx).where('a.id', '=', id);
  query = query.where('a.deleted_at', options.deleted ? 'is not' : 'is', null);
  if (options.lock) query = query.forUpdate('a');
  const row = await query.executeTakeFirst();
  return row && toAccount(row);
}

/** The account that signs in by this name, in any case of letters. */
export async function findAccountByPrincipalName(ctx: Context, name: string): Promise<Account | undefined> {
  const row = await selectAccounts(ctx)
    .where('a.user_principal_name_lower', '=', name.toLowerCase())
    .where('a.deleted_at', 'is', null)
    .executeTakeFirst();
  return row && toAccount(row);
}

/** The account that this issuer knows by this id. */
export async function findAccountByIdentity(
  ctx: Context,
  identity: Pick<Identity, 'issuer' | 'issuerAssignedId'>,
): Promise<Account | undefined> {
  const row = await selectAccounts(ctx)
    .innerJoin('directory.account_identities as found', (join) =>
      join
        .onRef('found.tenant_id', '=', 'a.tenant_id')
        .onRef('found.account_id', '=', 'a.id')
        .on('found.is_deleted', '=', false),
    )
    .where('found.issuer', '=', identity.issuer)
    .where('found.issuer_assigned_id', '=', identity.issuerAssignedId)
    .executeTakeFirst();
  return row && toAccount(row);
}

/** Notes a sign-in; no change of the person, so no follower of the directory is told. */
export async function noteSignIn(ctx: Context, id: AccountId): Promise<void> {
  await db(ctx)
    .updateTable('directory.accounts')
    .set({ last_sign_in_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
  // Whoever is here uses what they are in; of other rights it is seen one by one when they are used.
  await noteUsesBy(ctx, id, [GRANTS.member.kind, GRANTS.owner.kind, GRANTS.role.kind]);
}

async function writeIdentities(ctx: Context, id: AccountId, identities: readonly Identity[]): Promise<void> {
  await db(ctx)
    .deleteFrom('directory.account_identities')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', id)
    .execute();
  if (identities.length === 0) return;
  await translated('', () =>
    db(ctx)
      .insertInto('directory.account_identities')
      .values(
        identities.map((identity) => ({
          tenant_id: ctx.tenantId,
          account_id: id,
          sign_in_type: identity.signInType,
          issuer: identity.issuer,
          issuer_assigned_id: identity.issuerAssignedId,
        })),
      )
      .execute(),
  );
}

/** Puts the identities of an account aside (its issuer may then bring somebody new), or back. */
export async function markIdentitiesDeleted(ctx: Context, id: AccountId, isDeleted: boolean): Promise<void> {
  await translated('', () =>
    db(ctx)
      .updateTable('directory.account_identities')
      .set({ is_deleted: isDeleted })
      .where('tenant_id', '=', ctx.tenantId)
      .where('account_id', '=', id)
      .execute(),
  );
}

async function translated<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    switch (violatedConstraint(error)) {
      case 'accounts_user_principal_name_key':
        throw directoryFaults.principalNameTaken(name);
      case 'account_identities_key':
      case 'account_identities_pkey':
        throw directoryFaults.identityTaken();
      case 'accounts_pkey':
        throw directoryFaults.idTaken();
      default:
        throw error;
    }
  }
}

/** The account in a row of `selectAccounts`. */
export const toAccount = (row: AccountRow): Account => fieldsOf<Account>(row);

/** What accounts can be filtered and sorted by, in the model's names. */
export const ACCOUNT_COLUMNS: Listable = {
  id: 'a.id',
  columns: {
    id: { kind: 'guid', column: 'a.id' },
    userPrincipalName: {
      kind: 'string',
      column: 'a.user_principal_name',
      lowered: { column: 'a.user_principal_name_lower', isOptional: false },
    },
    displayName: {
      kind: 'string',
      column: 'a.display_name',
      lowered: { column: 'a.display_name_lower', isOptional: false },
    },
    givenName: { kind: 'string', column: 'a.given_name' },
    surname: { kind: 'string', column: 'a.surname' },
    mail: { kind: 'string', column: 'a.mail', lowered: { column: 'a.mail_lower', isOptional: true } },
    mailNickname: { kind: 'string', column: 'a.mail_nickname' },
    otherMails: { kind: 'string', column: 'a.other_mails', collection: 'array' },
    proxyAddresses: { kind: 'string', column: 'a.proxy_addresses', collection: 'array' },
    jobTitle: { kind: 'string', column: 'a.job_title' },
    department: { kind: 'string', column: 'a.department' },
    companyName: { kind: 'string', column: 'a.company_name' },
    employeeId: { kind: 'string', column: 'a.employee_id' },
    officeLocation: { kind: 'string', column: 'a.office_location' },
    city: { kind: 'string', column: 'a.city' },
    state: { kind: 'string', column: 'a.state' },
    postalCode: { kind: 'string', column: 'a.postal_code' },
    country: { kind: 'string', column: 'a.country' },
    preferredLanguage: { kind: 'string', column: 'a.preferred_language' },
    usageLocation: { kind: 'string', column: 'a.usage_location' },
    userType: { kind: 'string', column: 'a.user_type' },
    accountEnabled: { kind: 'boolean', column: 'a.account_enabled' },
    creationType: { kind: 'string', column: 'a.creation_type' },
    externalUserState: { kind: 'string', column: 'a.external_user_state' },
    externalUserStateChangedAt: { kind: 'instant', column: 'a.external_user_state_changed_at' },
    showInAddressList: { kind: 'boolean', column: 'a.show_in_address_list' },
    homeDomain: { kind: 'string', column: 'a.home_domain' },
    endsAt: { kind: 'instant', column: 'a.ends_at' },
    lastSignInAt: { kind: 'instant', column: 'a.last_sign_in_at' },
    createdAt: { kind: 'instant', column: 'a.created_at' },
    deletedAt: { kind: 'instant', column: 'a.deleted_at' },
    identities: {
      kind: 'complex',
      properties: {
        signInType: { kind: 'string', column: 'i.sign_in_type' },
        issuer: { kind: 'string', column: 'i.issuer' },
        issuerAssignedId: { kind: 'string', column: 'i.issuer_assigned_id' },
      },
      collection: {
        exists: (condition) => sql<boolean>`exists (select 1 from directory.account_identities i
          where i.tenant_id = a.tenant_id and i.account_id = a.id and ${condition})`,
      },
    },
  },
};

/** A page of accounts, deleted ones only where asked for. */
export async function listAccounts(
  ctx: Context,
  asked: ListQuery,
  options: { deleted?: boolean; ids?: readonly string[]; managerId?: AccountId } = {},
): Promise<Page<Account>> {
  let query = selectAccounts(ctx).where('a.deleted_at', options.deleted ? 'is not' : 'is', null);
  if (options.ids) query = query.where(sql<boolean>`a.id = any(${options.ids}::uuid[])`);
  if (options.managerId) query = query.where('a.manager_id', '=', options.managerId);
  const page = await readPage<AccountRow>(query, ACCOUNT_COLUMNS, asked);
  return { ...page, rows: page.rows.map(toAccount) };
}

/** Removes a deleted account for good. */
export async function eraseAccount(ctx: Context, id: AccountId): Promise<boolean> {
  const { numDeletedRows } = await db(ctx)
    .deleteFrom('directory.accounts')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .where('deleted_at', 'is not', null)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
