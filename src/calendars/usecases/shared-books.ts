/** Address books across organisations: opened by the address of their owner, and read there each time. */
import { z } from 'zod';
import { listGrants } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { heard } from '../../kernel/heard.ts';
import { domainOf } from '../../tenants/index.ts';
import { calendarsFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import type { AddressBookId } from '../model/address-book.ts';
import { listAddressBooks, listCards } from '../store/address-books.ts';
import {
  type BookSubscription,
  eraseBookSubscription,
  listBookSubscriptions,
  putBookSubscription,
} from '../store/book-subscriptions.ts';
import { bookStates } from '../store/changes.ts';
import { addressBookUse, ownContacts } from './asked.ts';
import { holdBook } from './book-shares.ts';
import { envoyOf, within } from './look-up-availability.ts';
import { readOwner } from './owners.ts';
import type { SharedPorts } from './shared-calendars.ts';

export type { BookSubscription };

/** Milliseconds that another organisation has to answer. */
const DEADLINE = 5_000;
const MOST = 10_000;

// ---------------------------------------------------------------------------------------------------------------
// In the organisation that shares

const FIND_BOOKS = 'calendars.contacts.find';
const READ_BOOK = 'calendars.contacts.read';
const findRequest = z.object({ owner: z.string().max(320) });
const readRequest = z.object({
  bookId: z.uuid(),
  names: z.array(z.string().max(255)).max(MOST).exactOptional(),
  withCards: z.boolean(),
});

const foundBooks = z.array(
  z.object({
    bookId: z.uuid().transform((id) => id as AddressBookId),
    name: z.string().max(255),
    ownerName: z.string().max(256),
    organisationName: z.string().max(256),
  }),
);
const dated = z.iso.datetime().transform((text) => new Date(text));
const sharedBook = z.object({
  name: z.string().max(255),
  state: z.number().int(),
  cards: z.array(
    z.object({
      name: z.string().max(255),
      etag: z.string().max(200),
      content: z.string(),
      createdAt: dated,
      changedAt: dated,
    }),
  ),
});
export type SharedBook = z.output<typeof sharedBook>;

/** Shared contacts, as partners ask for them: the visitor is whom their organisation vouched for. */
export const sharedBookRequests = [
  { name: FIND_BOOKS, shape: findRequest, transaction: 'read', answer: answerFind },
  { name: READ_BOOK, shape: readRequest, transaction: 'read', answer: answerRead },
] as const;

/** What somebody of ours shares with the visitor; nothing, alike, for somebody who shares nothing and for nobody. */
async function answerFind(ctx: Context, { owner }: z.output<typeof findRequest>) {
  const { actor } = ctx;
  if (actor.kind !== 'visitor') return [];
  const subjects = [{ kind: 'contact', id: actor.address }] as const;
  const given = await listGrants(ctx, { kind: GRANTS.addressBook.kind, subjects });
  const books = given.length > 0 ? await listAddressBooks(ctx, { ids: given.map(({ object }) => object.id) }) : [];
  const found: z.input<typeof foundBooks> = [];
  for (const book of books) {
    const { level } = await ctx.ask(addressBookUse, { bookId: book.id });
    const card = await readOwner(ctx, { kind: 'account', id: book.accountId });
    if (level === 'none' || !card?.addresses.includes(owner.trim().toLowerCase())) continue;
    const { displayName: ownerName } = card;
    found.push({ bookId: book.id, name: book.name, ownerName, organisationName: ctx.tenant.displayName });
  }
  return found;
}

async function answerRead(ctx: Context, { bookId, names, withCards }: z.output<typeof readRequest>) {
  const { book } = await holdBook(ctx, bookId as AddressBookId, 'read');
  const cards = withCards ? await listCards(ctx, book.id, names ? { names } : {}) : [];
  return {
    name: book.name,
    state: (await bookStates(ctx, [book.id])).get(book.id) ?? 0,
    cards: cards.map(({ name, etag, content, createdAt, changedAt }) => ({
      name,
      etag,
      content,
      createdAt: createdAt.toISOString(),
      changedAt: changedAt.toISOString(),
    })),
  };
}

// ---------------------------------------------------------------------------------------------------------------
// In the organisation of whoever opens them

/** The address books of other organisations that whoever asks opened. */
export async function listOpenedBooks(ctx: Context): Promise<BookSubscription[]> {
  return listBookSubscriptions(ctx, await demandOwn(ctx, 'read'));
}

/**
 * Opens what somebody of another organisation shares with whoever asks. Opens what it needs itself.
 * @throws calendars.nothing-shared, alike for who shares nothing and for nobody; partners.unreachable.
 */
export async function openBooksOf(ctx: Context, ports: SharedPorts, address: string): Promise<BookSubscription[]> {
  const accountId = await inOwn(ctx, ports, (inside) => demandOwn(inside, 'write'));
  const owner = address.trim().toLowerCase();
  const domain = domainOf(owner);
  const partner =
    domain === undefined || ctx.tenant.domains.includes(domain)
      ? undefined
      : await ports.partners.findByDomain(ctx.tenantId, domain);
  if (partner === undefined) throw calendarsFaults.nothingShared();
  const asking = ports.partners.ask(await envoyOf(ctx), partner, FIND_BOOKS, { owner });
  const found = heard(foundBooks, await within(asking, ports.partnerDeadline ?? DEADLINE));
  if (found.length === 0) throw calendarsFaults.nothingShared();
  return inOwn(ctx, ports, async (inside) => {
    const opened: BookSubscription[] = [];
    for (const { bookId: partnerBookId, ...told } of found) {
      const wanted = { ...told, partnerBookId, partnerTenantId: partner, ownerAddress: owner };
      const kept = await putBookSubscription(inside, accountId, wanted);
      record(inside, 'calendars.shared-contacts-opened', kept);
      opened.push(kept);
    }
    return opened;
  });
}

/**
 * One of them as it is there now. Opens what it needs itself.
 * @throws not-found; calendars.sharing-ended, .sharing-synchronization-failed: never an empty one in place of one that
 *   could not be read.
 */
export async function readOpenedBook(
  ctx: Context,
  ports: SharedPorts,
  id: string,
  asked: { readonly names?: readonly string[]; readonly withCards: boolean },
): Promise<SharedBook & { readonly opened: BookSubscription }> {
  const opened = await inOwn(ctx, ports, async (inside) => findOwn(inside, await demandOwn(inside, 'read'), id));
  const request = { ...asked, bookId: opened.partnerBookId };
  try {
    const asking = ports.partners.ask(await envoyOf(ctx), opened.partnerTenantId, READ_BOOK, request);
    return { ...sharedBook.parse(await within(asking, ports.partnerDeadline ?? DEADLINE)), opened };
  } catch (error) {
    const isOver = error instanceof Fault && (error.kind === 'not-found' || error.kind === 'forbidden');
    throw isOver ? calendarsFaults.sharingEnded() : calendarsFaults.sharingSynchronizationFailed(error);
  }
}

/** Takes one out of one's own home. It stays shared there. @throws not-found. */
export async function closeOpenedBook(ctx: Context, id: string): Promise<void> {
  const accountId = await demandOwn(ctx, 'write');
  const opened = await findOwn(ctx, accountId, id);
  await eraseBookSubscription(ctx, accountId, id);
  record(ctx, 'calendars.shared-contacts-closed', opened);
}

async function findOwn(ctx: Context, accountId: string, id: string): Promise<BookSubscription> {
  const [found] = await listBookSubscriptions(ctx, accountId, { id });
  if (!found) throw kernelFaults.notFound();
  return found;
}

/** @throws access.refused; not-found for a program. */
async function demandOwn(ctx: Context, wanted: 'read' | 'write'): Promise<string> {
  await ctx.demand(ownContacts, undefined, wanted);
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return ctx.actor.accountId;
}

function record(ctx: Context, action: string, { id, name, partnerTenantId }: BookSubscription): void {
  const targets = [{ kind: 'shared-address-book', id, displayName: name }];
  ctx.record({ action, category: 'Contacts', targets, facts: { partnerTenantId } });
}

const inOwn = <T>(ctx: Context, { run }: SharedPorts, act: (inside: Context) => Promise<T>): Promise<T> => {
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  return run({ tenantId, actor, correlationId, clientAddress }, act);
};
