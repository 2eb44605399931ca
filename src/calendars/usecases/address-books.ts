/** People's own contacts, and the organisation's address list beside them. */
import { type AddressListEntry, listAddressList } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { CardTextError, readCard } from '../../protocols/vcard.ts';
import { calendarsFaults } from '../faults.ts';
import type { AddressBook, AddressBookId, Card } from '../model/address-book.ts';
import { calendarDefaults } from '../settings.ts';
import {
  type AddressBookChanges,
  eraseAddressBook,
  eraseCard,
  insertAddressBook,
  listAddressBooks,
  listCards,
  lockCard,
  type NewAddressBook,
  updateAddressBook,
  writeCard,
} from '../store/address-books.ts';
import { bookStates, type ChangedCard, type Known, listCardChanges } from '../store/changes.ts';
import { ownContacts, readAddressList } from './asked.ts';
import { endBookShares } from './book-shares.ts';
import { etagOf } from './keeping.ts';
import { type Since, since } from './members.ts';
import type { Condition } from './objects.ts';

export type { AddressBookChanges, AddressListEntry, ChangedCard };

/** The address of everybody's default address book over CardDAV. */
export const DEFAULT_BOOK = 'contacts';
/** More people than a program on a telephone takes at once. */
const PEOPLE_AT_MOST = 5_000;

/** The address books of whoever asks; the default one is made on the first visit. Needs a context that may write. */
export async function ownAddressBooks(ctx: Context): Promise<readonly AddressBook[]> {
  const accountId = await owner(ctx, 'read');
  const books = await listAddressBooks(ctx, { accountId });
  if (books.length > 0) return books;
  const made = await insertAddressBook(ctx, { accountId, name: 'Contacts', slug: DEFAULT_BOOK, isDefault: true });
  return made ? [made] : listAddressBooks(ctx, { accountId });
}

/** One of them. @throws not-found, also for everybody else's. */
export async function ownAddressBook(
  ctx: Context,
  { ownerId, slug }: { ownerId: string; slug: string },
  wanted: 'read' | 'write',
): Promise<AddressBook> {
  const accountId = await owner(ctx, wanted);
  const books = ownerId === accountId ? await ownAddressBooks(ctx) : [];
  const book = books.find((one) => one.slug === slug);
  if (!book) throw kernelFaults.notFound();
  return book;
}

/** @throws calendars.address-book-exists. */
export async function createOwnAddressBook(
  ctx: Context,
  book: Omit<NewAddressBook, 'accountId' | 'isDefault'>,
): Promise<AddressBook> {
  const accountId = await owner(ctx, 'write');
  await ownAddressBooks(ctx);
  const made = await insertAddressBook(ctx, { ...book, accountId });
  if (!made) throw calendarsFaults.bookExists(book.slug);
  record(ctx, 'calendars.address-book-created', made);
  return made;
}

/** `book` is one that the caller holds for writing. */
export async function changeAddressBook(ctx: Context, book: AddressBook, changes: AddressBookChanges): Promise<void> {
  await updateAddressBook(ctx, book.id, changes);
  record(ctx, 'calendars.address-book-changed', book);
}

/** `book` is one that the caller holds for writing. @throws calendars.default-address-book. */
export async function removeAddressBook(ctx: Context, book: AddressBook): Promise<void> {
  if (book.isDefault) throw calendarsFaults.defaultBookStays();
  await endBookShares(ctx, book.id);
  await eraseAddressBook(ctx, book.id);
  record(ctx, 'calendars.address-book-deleted', book);
}

export const readCards = (ctx: Context, book: AddressBook, filter?: { names: readonly string[] }): Promise<Card[]> =>
  listCards(ctx, book.id, filter);

/**
 * Keeps a contact in an address book that the caller holds for writing.
 * @throws calendars.not-a-card, .card-too-large, .card-uid-taken, .card-uid-changed, .object-changed, .object-exists.
 */
export async function putCard(
  ctx: Context,
  book: AddressBook,
  { name, text, ...condition }: { name: string; text: string } & Condition,
): Promise<{ card: Pick<Card, 'etag'>; isNew: boolean }> {
  const largest = ctx.settings.tenant(calendarDefaults).largestObjectKilobytes * 1024;
  if (Buffer.byteLength(text) > largest) throw calendarsFaults.cardTooLarge(largest);
  const read = parse(text);
  const before = await lockCard(ctx, book.id, name);
  check(before, condition);
  if (before && before.uid !== read.uid) throw calendarsFaults.cardUidChanged();
  const id = before?.id ?? newId<'card'>();
  const { uid, fullName } = read;
  const card = { id, bookId: book.id, name, uid, fullName, content: text, etag: etagOf(text) };
  await writeCard(ctx, card, before === undefined);
  recordCard(ctx, before ? 'calendars.contact-changed' : 'calendars.contact-created', book, card);
  return { card, isNew: before === undefined };
}

/** @throws not-found, calendars.object-changed. */
export async function deleteCard(
  ctx: Context,
  book: AddressBook,
  { name, ...condition }: { name: string } & Condition,
): Promise<void> {
  const card = await lockCard(ctx, book.id, name);
  if (!card) throw kernelFaults.notFound();
  check(card, condition);
  await eraseCard(ctx, card);
  recordCard(ctx, 'calendars.contact-deleted', book, card);
}

/** What changed in an address book above a state, the oldest change first, at most `limit`. */
export const cardChangesSince = (ctx: Context, bookId: AddressBookId, known: Known): Promise<Since<ChangedCard>> =>
  since(
    known,
    async () => (await bookStates(ctx, [bookId])).get(bookId) ?? 0,
    (more) => listCardChanges(ctx, bookId, more),
  );

export const statesOfBooks = (ctx: Context, books: readonly AddressBook[]) =>
  bookStates(
    ctx,
    books.map(({ id }) => id),
  );

/** For what is told of the address list before anybody in it is. @throws access.refused. */
export const demandAddressList = (ctx: Context) => ctx.demand(readAddressList, undefined, 'read');

/** Who is in the organisation, as its address list shows them; or those of `ids`. @throws access.refused. */
export async function addressList(ctx: Context, ids?: readonly string[]): Promise<AddressListEntry[]> {
  await demandAddressList(ctx);
  return listAddressList(ctx, { limit: PEOPLE_AT_MOST, ...(ids === undefined ? {} : { ids }) });
}

async function owner(ctx: Context, wanted: 'read' | 'write'): Promise<string> {
  await ctx.demand(ownContacts, undefined, wanted);
  // Nobody else is let through by the question.
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return ctx.actor.accountId;
}

function parse(text: string) {
  try {
    return readCard(text);
  } catch (error) {
    if (error instanceof CardTextError) throw calendarsFaults.notACard(error.message);
    throw error;
  }
}

function check(before: Pick<Card, 'etag'> | undefined, { ifMatch, ifNoneMatch }: Condition): void {
  if (ifNoneMatch && before) throw calendarsFaults.exists();
  if (ifMatch === undefined) return;
  if (!before || (ifMatch !== '*' && ifMatch !== before.etag)) throw calendarsFaults.stale();
}

function record(ctx: Context, action: string, { id, name, accountId }: AddressBook): void {
  const targets = [{ kind: 'address-book', id, displayName: name }];
  ctx.record({ action, category: 'Contacts', targets, facts: { ownerId: accountId } });
}

function recordCard(ctx: Context, action: string, book: AddressBook, { id }: Pick<Card, 'id'>): void {
  const facts = { addressBookId: book.id, ownerId: book.accountId };
  ctx.record({ action, category: 'Contacts', targets: [{ kind: 'contact-card', id }], facts });
}
