import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId } from '../../../kernel/ids.ts';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import type { AddressBook, AddressBookId } from '../../model/address-book.ts';
import { sharedContactsUse } from '../../questions/calendars.ts';
import { changeAddressBook, ownAddressBooks } from '../../usecases/address-books.ts';
import { booksSharedWith, endBookShare, holdBook, listBookShares, shareBook } from '../../usecases/book-shares.ts';
import { readOwner } from '../../usecases/owners.ts';
import { type BookSubscription, closeOpenedBook, listOpenedBooks, openBooksOf } from '../../usecases/shared-books.ts';
import type { SharedPorts } from '../../usecases/shared-calendars.ts';

const own = { wire: 'problem', access: 'asks', tags: ['contacts'] } as const;

const presentBook = ({ id, name, description, isDefault }: AddressBook) => ({ id, name, description, isDefault });
const presentOpened = ({ id, name, ownerName, ownerAddress, partnerTenantId, organisationName }: BookSubscription) => ({
  id,
  name,
  owner: { name: ownerName, address: ownerAddress },
  organisation: { tenantId: partnerTenantId, displayName: organisationName },
});

function bookIdIn(text: string): AddressBookId {
  const id = parseId<'address-book'>(text);
  if (!id) throw kernelFaults.notFound();
  return id;
}

/** My address books, with whom they are shared, and what others share with me. */
export const addressBookRoutes = (ports: SharedPorts): readonly Route[] => [
  route({
    ...own,
    method: 'GET',
    path: '/me/address-books',
    summary: 'My address books, those that colleagues share with me, and those of other organisations that I opened.',
    // The default one is made on the first visit.
    transaction: 'write',
    async handle(ctx) {
      const mine = await ownAddressBooks(ctx);
      const shared = await booksSharedWith(ctx);
      return {
        own: mine.map(presentBook),
        shared: await Promise.all(
          shared.map(async ({ book, role }) => {
            const owner = await readOwner(ctx, { kind: 'account', id: book.accountId });
            const { displayName: name, address = null } = owner ?? { displayName: '' };
            return { ...presentBook(book), owner: { name, address }, role };
          }),
        ),
        opened: (await listOpenedBooks(ctx)).map(presentOpened),
      };
    },
  }),
  route({
    ...own,
    method: 'PATCH',
    path: '/me/address-books/:id',
    summary: 'Names an address book of mine otherwise.',
    params: z.object({ id: z.string().max(100) }),
    body: z.strictObject({ name: z.string().trim().min(1).max(256) }),
    async handle(ctx, { params: { id }, body }) {
      const { book } = await holdBook(ctx, bookIdIn(id), 'owner');
      await changeAddressBook(ctx, book, body);
      return presentBook({ ...book, ...body });
    },
  }),
  route({
    ...own,
    method: 'GET',
    path: '/me/address-books/:id/shares',
    summary: 'With whom an address book of mine is shared.',
    params: z.object({ id: z.string().max(100) }),
    handle: async (ctx, { params: { id } }) => ({ value: await listBookShares(ctx, bookIdIn(id)) }),
  }),
  route({
    ...own,
    method: 'POST',
    path: '/me/address-books/:id/shares',
    summary: 'Shares an address book of mine with somebody at home or in another organisation.',
    params: z.object({ id: z.string().max(100) }),
    body: z.strictObject({ address: z.string().max(320), role: z.enum(['read', 'write']).default('read') }),
    handle: async (ctx, { params: { id }, body }) => created(await shareBook(ctx, bookIdIn(id), body)),
  }),
  route({
    ...own,
    method: 'DELETE',
    path: '/me/address-books/:id/shares/:shareId',
    summary: 'Ends a share of an address book of mine.',
    params: z.object({ id: z.string().max(100), shareId: z.string().max(100) }),
    async handle(ctx, { params: { id, shareId } }) {
      await endBookShare(ctx, bookIdIn(id), shareId);
      return noContent();
    },
  }),
  route({
    ...own,
    method: 'POST',
    path: '/me/shared-address-books',
    summary: 'Opens the address books that somebody of another organisation shares with me.',
    body: z.strictObject({ owner: z.string().max(320) }),
    transaction: 'none',
    async handle(ctx, { body }) {
      await ctx.demand(sharedContactsUse, undefined, 'write');
      return created({ value: (await openBooksOf(ctx, ports, body.owner)).map(presentOpened) });
    },
  }),
  route({
    ...own,
    method: 'DELETE',
    path: '/me/shared-address-books/:id',
    summary: 'Takes an address book of another organisation out of mine.',
    params: z.object({ id: z.guid() }),
    async handle(ctx, { params: { id } }) {
      await closeOpenedBook(ctx, id);
      return noContent();
    },
  }),
];
