import type { Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { AddressBookId } from '../model/address-book.ts';
import type { CalendarsTables } from './tables.ts';

/** An address book of another organisation in somebody's home. */
export interface BookSubscription {
  readonly id: string;
  readonly partnerTenantId: TenantId;
  readonly partnerBookId: AddressBookId;
  readonly name: string;
  readonly ownerName: string;
  readonly ownerAddress: string;
  readonly organisationName: string;
}

export async function listBookSubscriptions(
  ctx: Context,
  accountId: string,
  filter: { readonly id?: string } = {},
): Promise<BookSubscription[]> {
  let query = sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.book_subscriptions')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .orderBy('id');
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  return (await query.execute()).map(fromRow);
}

/** Adds one to somebody's home, or renews what is known of it there. */
export async function putBookSubscription(
  ctx: Context,
  accountId: string,
  told: Omit<BookSubscription, 'id'>,
): Promise<BookSubscription> {
  const names = {
    name: told.name,
    owner_name: told.ownerName,
    owner_address: told.ownerAddress,
    organisation_name: told.organisationName,
  };
  const row = await sqlOf<CalendarsTables>(ctx)
    .insertInto('calendars.book_subscriptions')
    .values({
      tenant_id: ctx.tenantId,
      id: newId<'book-subscription'>(),
      account_id: accountId,
      partner_tenant_id: told.partnerTenantId,
      partner_book_id: told.partnerBookId,
      created_at: ctx.now,
      ...names,
    })
    .onConflict((conflict) => conflict.constraint('book_subscriptions_once').doUpdateSet(names))
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

/** Whether there was one. */
export async function eraseBookSubscription(ctx: Context, accountId: string, id: string): Promise<boolean> {
  const erased = await sqlOf<CalendarsTables>(ctx)
    .deleteFrom('calendars.book_subscriptions')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  return erased.numDeletedRows > 0n;
}

/** Removes every address book of others that somebody opened. */
export async function eraseBookSubscriptionsOf(ctx: Context, accountId: string): Promise<void> {
  await sqlOf<CalendarsTables>(ctx)
    .deleteFrom('calendars.book_subscriptions')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .execute();
}

const fromRow = (row: Selectable<CalendarsTables['calendars.book_subscriptions']>): BookSubscription => ({
  id: row.id,
  partnerTenantId: row.partner_tenant_id,
  partnerBookId: row.partner_book_id,
  name: row.name,
  ownerName: row.owner_name,
  ownerAddress: row.owner_address,
  organisationName: row.organisation_name,
});
