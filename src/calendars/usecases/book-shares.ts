/** Address books that people share: with colleagues, and outside as far as the sharing policy lets contacts go (EX-47). */
import { deleteGrants, type Grant, listGrants, putGrant } from '../../access/index.ts';
import { findAccount, findAddressHolders, subjectsOf } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { domainOf, findTenantIdByDomain } from '../../tenants/index.ts';
import { calendarsFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import { type AddressBook, type AddressBookId, type BookRole, bookRoleIsAtLeast } from '../model/address-book.ts';
import { contactsLetter } from '../model/sharing-letters.ts';
import { findAddressBook, listAddressBooks } from '../store/address-books.ts';
import { addressBookUse, contactsShare } from './asked.ts';
import { readOwner } from './owners.ts';
import { refusalIn, sharingRefused } from './permissions.ts';

/** An address book with what whoever asks may do with it. */
export interface HeldBook {
  readonly book: AddressBook;
  readonly role: BookRole;
}

/** One row of whom an address book is shared with. */
export interface BookShare {
  readonly id: string;
  readonly role: BookRole;
  readonly name: string;
  readonly address: string | null;
  readonly isInside: boolean;
}

/** @throws not-found to who sees nothing of it; access.refused to who has less than `wanted`. */
export async function holdBook(ctx: Context, id: AddressBookId, wanted: BookRole): Promise<HeldBook> {
  const answer = await ctx.ask(addressBookUse, { bookId: id }, { wanted });
  const book = answer.level === 'none' ? undefined : await findAddressBook(ctx, id);
  if (!book) throw kernelFaults.notFound();
  if (!bookRoleIsAtLeast(answer.level, wanted))
    throw kernelFaults.refused({ decisionId: answer.decisionId, because: answer.because });
  return { book, role: answer.level };
}

/** What colleagues gave whoever asks, by name or through a group. */
export async function booksSharedWith(ctx: Context): Promise<HeldBook[]> {
  if (ctx.actor.kind !== 'account') return [];
  const { accountId } = ctx.actor;
  const subjects = await subjectsOf(ctx, accountId);
  const given = await listGrants(ctx, { kind: GRANTS.addressBook.kind, subjects });
  const ids = [...new Set(given.map(({ object }) => object.id))];
  if (ids.length === 0) return [];
  const held: HeldBook[] = [];
  for (const book of await listAddressBooks(ctx, { ids })) {
    const { level: role } = await ctx.ask(addressBookUse, { bookId: book.id }, { quiet: true });
    if (role !== 'none' && book.accountId !== accountId) held.push({ book, role });
  }
  return held;
}

/** With whom an address book is shared; told to its owner alone. @throws not-found, access.refused. */
export async function listBookShares(ctx: Context, id: AddressBookId): Promise<BookShare[]> {
  await holdBook(ctx, id, 'owner');
  return Promise.all((await grantsOn(ctx, id)).map((grant) => present(ctx, grant)));
}

/**
 * Shares an address book with a person or a group at home, or with somebody of another organisation, who then reads it.
 * Given again it is changed. Somebody outside gets a letter that says so.
 * @throws calendars.external-sharing-not-allowed, .recipient-not-allowed (EX-47), .recipient-unknown; invalid for a role
 *   that cannot be given, and for somebody of no organisation that we reach; not-found, access.refused.
 */
export async function shareBook(
  ctx: Context,
  id: AddressBookId,
  wanted: { readonly address: string; readonly role: 'read' | 'write' },
): Promise<BookShare> {
  const { book } = await holdBook(ctx, id, 'owner');
  const address = wanted.address.trim().toLowerCase();
  const domain = domainOf(address);
  if (domain === undefined) throw kernelFaults.invalid(`"${wanted.address}" is no mail address.`);
  await demandShare(ctx, address);
  const isInside = ctx.tenant.domains.includes(domain);
  if (!isInside && wanted.role !== 'read') throw kernelFaults.invalid('Contacts are changed inside the organisation.');
  const recipient = isInside ? await colleague(ctx, book, address) : await outsider(ctx, address, domain);
  const before = (await grantsOn(ctx, id)).find(({ subject }) => subject.id === recipient.subject.id);
  const { id: grantId } = await putGrant(ctx, {
    kind: GRANTS.addressBook.kind,
    object: { kind: GRANTS.addressBook.objectKind, id },
    level: wanted.role,
    givenBy: book.accountId,
    sponsorId: isInside ? null : book.accountId,
    ...recipient,
  });
  record(ctx, book, recipient.subject, before?.level ?? null, wanted.role);
  if (!isInside && !before) await tellOutsider(ctx, book, grantId, address);
  const [grant] = await listGrants(ctx, { id: grantId });
  return present(ctx, grant!);
}

/** @throws not-found, access.refused. */
export async function endBookShare(ctx: Context, id: AddressBookId, shareId: string): Promise<void> {
  const { book } = await holdBook(ctx, id, 'owner');
  const grant = (await grantsOn(ctx, id)).find((one) => one.id === shareId);
  if (!grant) throw kernelFaults.notFound();
  await deleteGrants(ctx, [grant.id]);
  record(ctx, book, grant.subject, grant.level, null);
}

/** Takes everybody's right in an address book that ends. Asks nothing; its caller has. */
export async function endBookShares(ctx: Context, id: AddressBookId): Promise<void> {
  const grants = await grantsOn(ctx, id);
  await deleteGrants(
    ctx,
    grants.map((grant) => grant.id),
  );
}

/** @throws the refusal of the policy with its reason. */
async function demandShare(ctx: Context, address: string): Promise<void> {
  const { level, decisionId, because } = await ctx.ask(contactsShare, { address });
  if (level === 'share') return;
  const rules = because.map((reason) => ('name' in reason ? reason.name : ''));
  const refusal = refusalIn(rules);
  if (refusal) throw sharingRefused(refusal, { decisionId, because });
  throw kernelFaults.refused({ decisionId, because });
}

async function colleague(ctx: Context, book: AddressBook, address: string) {
  const [holder] = await findAddressHolders(ctx, [address]);
  if (holder?.kind !== 'account' && holder?.kind !== 'group') throw calendarsFaults.recipientUnknown(address);
  if (holder.id === book.accountId) throw kernelFaults.invalid('An address book is not shared with its owner.');
  return { subject: { kind: holder.kind, id: holder.id } as const };
}

async function outsider(ctx: Context, address: string, domain: string) {
  const homeTenantId = await findTenantIdByDomain(ctx, domain);
  if (homeTenantId === undefined)
    throw kernelFaults.invalid(`Nobody knows an organisation behind ${domain}: contacts are read from within one.`);
  return { subject: { kind: 'contact', id: address } as const, homeTenantId, homeDomain: domain };
}

async function tellOutsider(ctx: Context, book: AddressBook, grantId: string, address: string): Promise<void> {
  const owner = await readOwner(ctx, { kind: 'account', id: book.accountId });
  const account = ctx.actor.kind === 'account' ? await findAccount(ctx, ctx.actor.accountId) : undefined;
  if (owner?.address === undefined) return;
  await queueMail(ctx, {
    kind: 'contacts-shared',
    aboutId: grantId,
    to: { address },
    fromName: `${owner.displayName} (${ctx.tenant.displayName})`,
    replyTo: owner.address,
    ...contactsLetter(account?.preferredLanguage, {
      ownerName: owner.displayName,
      ownerAddress: owner.address,
      tenantName: ctx.tenant.displayName,
      tenantDomain: ctx.tenant.defaultDomain,
      book: book.name,
    }),
  });
}

const grantsOn = (ctx: Context, id: AddressBookId): Promise<Grant[]> =>
  listGrants(ctx, { kind: GRANTS.addressBook.kind, object: { kind: GRANTS.addressBook.objectKind, id } });

async function present(ctx: Context, { id, level, subject }: Grant): Promise<BookShare> {
  const { kind } = subject;
  const inside = kind === 'account' || kind === 'group' ? await readOwner(ctx, { kind, id: subject.id }) : undefined;
  const address = inside ? (inside.address ?? null) : subject.id;
  return {
    id,
    role: level as BookRole,
    name: inside?.displayName ?? subject.id,
    address,
    isInside: kind !== 'contact',
  };
}

function record(
  ctx: Context,
  { id, name, accountId }: AddressBook,
  subject: Grant['subject'],
  old: string | null,
  level: string | null,
): void {
  const verb = old === null ? 'added' : level === null ? 'removed' : 'changed';
  const changes = [{ name: 'role', old, new: level }];
  ctx.record({
    action: `calendars.contacts-permission-${verb}`,
    category: 'Contacts',
    targets: [{ kind: 'address-book', id, displayName: name, changes }],
    facts: { subject, level, ownerId: accountId },
  });
}
