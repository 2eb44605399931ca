import { listGrants } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { PublishedEvent } from '../../kernel/module.ts';
import { GRANTS } from '../grants.ts';
import type { Owner } from '../model/calendar.ts';
import { eraseAddressBook, listAddressBooks } from '../store/address-books.ts';
import { eraseBookSubscriptionsOf } from '../store/book-subscriptions.ts';
import { eraseMailbox, listCalendars } from '../store/calendars.ts';
import { eraseSubscriptionsOf } from '../store/invitations.ts';
import { deletePlace } from '../store/places.ts';
import { endBookShares } from './book-shares.ts';
import { endShares } from './links.ts';

/**
 * Removes what somebody kept who was erased for good: mailbox, calendars, address books, and those of others that they
 * followed. Its bytes follow in the daily sweep of files that nothing names.
 */
export async function forgetOwner(ctx: Context, { targets }: PublishedEvent): Promise<void> {
  for (const { kind, id } of targets) {
    if (kind === 'account' || kind === 'group') await forget(ctx, { kind, id });
  }
}

async function forget(ctx: Context, owner: Owner): Promise<void> {
  for (const calendar of await listCalendars(ctx, { owners: [owner] })) {
    const object = { kind: GRANTS.calendar.objectKind, id: calendar.id };
    const given = await listGrants(ctx, { kind: GRANTS.calendar.kind, object });
    await endShares(
      ctx,
      given.map(({ id }) => id),
    );
  }
  await eraseMailbox(ctx, owner);
  if (owner.kind === 'group') return;
  for (const { id } of await listAddressBooks(ctx, { accountId: owner.id })) {
    await endBookShares(ctx, id);
    await eraseAddressBook(ctx, id);
  }
  await eraseBookSubscriptionsOf(ctx, owner.id);
  await eraseSubscriptionsOf(ctx, owner.id);
  await deletePlace(ctx, owner.id);
}
