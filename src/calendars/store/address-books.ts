import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { newId } from '../../kernel/ids.ts';
import { sqlOf, violatedConstraint } from '../../platform/database/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { AddressBook, AddressBookId, Card } from '../model/address-book.ts';
import type { CalendarsTables } from './tables.ts';

const db = (ctx: Context) => sqlOf<CalendarsTables>(ctx);

/** A person's address books, the default one first. */
export async function listAddressBooks(
  ctx: Context,
  filter: { accountId?: string; slug?: string; ids?: readonly string[] },
): Promise<AddressBook[]> {
  let query = db(ctx)
    .selectFrom('calendars.address_books')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('is_default', 'desc')
    .orderBy('id');
  if (filter.accountId !== undefined) query = query.where('account_id', '=', filter.accountId);
  if (filter.ids !== undefined) query = query.where('id', '=', sql<AddressBookId>`any(${filter.ids}::uuid[])`);
  if (filter.slug !== undefined) query = query.where('slug', '=', filter.slug);
  return (await query.execute()).map(bookFromRow);
}

export const findAddressBook = async (ctx: Context, id: AddressBookId): Promise<AddressBook | undefined> =>
  (await listAddressBooks(ctx, { ids: [id] }))[0];

export type NewAddressBook = Pick<AddressBook, 'accountId' | 'name' | 'slug'> &
  Partial<Pick<AddressBook, 'description' | 'isDefault' | 'deadProperties'>>;

/** Undefined: there is one of this slug already. */
export async function insertAddressBook(ctx: Context, book: NewAddressBook): Promise<AddressBook | undefined> {
  const row = await db(ctx)
    .insertInto('calendars.address_books')
    .values({
      tenant_id: ctx.tenantId,
      id: newId<'address-book'>(),
      account_id: book.accountId,
      name: book.name,
      slug: book.slug,
      description: book.description ?? null,
      is_default: book.isDefault ?? false,
      dead_properties: JSON.stringify(book.deadProperties ?? {}),
      created_at: ctx.now,
    })
    .onConflict((conflict) => conflict.constraint('address_books_slug_key').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && bookFromRow(row);
}

export type AddressBookChanges = Partial<Pick<AddressBook, 'name' | 'description' | 'deadProperties'>>;

export async function updateAddressBook(ctx: Context, id: AddressBookId, changes: AddressBookChanges): Promise<void> {
  const { name, description, deadProperties } = changes;
  await db(ctx)
    .updateTable('calendars.address_books')
    .set({
      id,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(deadProperties === undefined ? {} : { dead_properties: JSON.stringify(deadProperties) }),
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

/** Removes an address book with everything in it. */
export async function eraseAddressBook(ctx: Context, id: AddressBookId): Promise<void> {
  await db(ctx)
    .deleteFrom('calendars.address_books')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

/** The contacts of an address book, in the order in which they were made. */
export async function listCards(
  ctx: Context,
  bookId: AddressBookId,
  filter: { names?: readonly string[] } = {},
): Promise<Card[]> {
  let query = db(ctx)
    .selectFrom('calendars.cards')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('book_id', '=', bookId)
    .orderBy('id');
  if (filter.names !== undefined) query = query.where('name', '=', sql<string>`any(${filter.names}::text[])`);
  return (await query.execute()).map(cardFromRow);
}

/** One contact, locked for whoever will change it. */
export async function lockCard(ctx: Context, bookId: AddressBookId, name: string): Promise<Card | undefined> {
  const row = await db(ctx)
    .selectFrom('calendars.cards')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('book_id', '=', bookId)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();
  return row && cardFromRow(row);
}

/** Writes a contact, new or in place of the one of the same id. @throws calendars.uid-taken, calendars.object-exists. */
export async function writeCard(
  ctx: Context,
  card: Omit<Card, 'createdAt' | 'changedAt'>,
  isNew: boolean,
): Promise<void> {
  const values = {
    name: card.name,
    uid: card.uid,
    content: card.content,
    etag: card.etag,
    full_name: card.fullName,
    changed_at: ctx.now,
  };
  try {
    if (isNew) {
      const key = { tenant_id: ctx.tenantId, id: card.id, book_id: card.bookId, created_at: ctx.now };
      await db(ctx)
        .insertInto('calendars.cards')
        .values({ ...key, ...values })
        .execute();
      return;
    }
    await db(ctx)
      .updateTable('calendars.cards')
      .set(values)
      .where('tenant_id', '=', ctx.tenantId)
      .where('id', '=', card.id)
      .execute();
  } catch (error) {
    const constraint = violatedConstraint(error);
    if (constraint === 'cards_uid_key') throw calendarsFaults.cardUidTaken();
    if (constraint === 'cards_name_key') throw calendarsFaults.exists();
    throw error;
  }
}

/** Removes a contact and tells followers. */
export async function eraseCard(ctx: Context, { id, bookId, name }: Card): Promise<void> {
  await db(ctx).deleteFrom('calendars.cards').where('tenant_id', '=', ctx.tenantId).where('id', '=', id).execute();
  await db(ctx)
    .insertInto('calendars.card_removals')
    .values({ tenant_id: ctx.tenantId, book_id: bookId, card_id: id, name, removed_at: ctx.now })
    .execute();
}

const bookFromRow = (row: Selectable<CalendarsTables['calendars.address_books']>): AddressBook => ({
  id: row.id,
  accountId: row.account_id,
  name: row.name,
  slug: row.slug,
  description: row.description,
  isDefault: row.is_default,
  deadProperties: row.dead_properties,
  createdAt: row.created_at,
  version: row.version,
});

const cardFromRow = (row: Selectable<CalendarsTables['calendars.cards']>): Card => ({
  id: row.id,
  bookId: row.book_id,
  name: row.name,
  uid: row.uid,
  content: row.content,
  etag: row.etag,
  fullName: row.full_name,
  createdAt: row.created_at,
  changedAt: row.changed_at,
});
