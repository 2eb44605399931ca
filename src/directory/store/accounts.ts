import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { type AccountId, newId } from '../../kernel/ids.ts';
import { sqlOf, violatedConstraint } from '../../platform/database/index.ts';
import { directoryFaults } from '../faults.ts';
import type { Account, AccountChanges, Identity, NewAccount } from '../model/account.ts';
import { holdAddresses } from './addresses.ts';
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
    .where(sql<boolean>`lower(a.user_principal_name) = ${name.toLowerCase()}`)
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

/** Those with this address as `mail`, other mail or proxy address. */
export async function listAccountsByAddress(ctx: Context, address: string): Promise<Account[]> {
  const lower = address.toLowerCase();
  const rows = await selectAccounts(ctx)
    .where('a.deleted_at', 'is', null)
    .where(
      sql<boolean>`(lower(a.mail) = ${lower} or a.id in (select holder_id from directory.addresses
        where tenant_id = ${ctx.tenantId} and address = ${lower} and holder_kind = 'account'))`,
    )
    .orderBy('a.id')
    .execute();
  return rows.map(toAccount);
}

/** Notes a sign-in; no change of the person, so no follower of the directory is told. */
export async function noteSignIn(ctx: Context, id: AccountId): Promise<void> {
  await db(ctx)
    .updateTable('directory.accounts')
    .set({ last_sign_in_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
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

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Model names and column names differ in their spelling alone. */
function columnsOf(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[snake(name), value]])),
  );
}

const FIELDS = new Map<string, string>();

/** The account in a row of `selectAccounts`. */
export function toAccount(row: AccountRow): Account {
  const account: Record<string, unknown> = {};
  for (const column in row) {
    if (column === 'tenant_id') continue;
    let field = FIELDS.get(column);
    if (field === undefined) {
      field = camel(column);
      FIELDS.set(column, field);
    }
    account[field] = row[column as keyof AccountRow];
  }
  return account as unknown as Account;
}
