import { deleteGrants, listGrants } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { ListQuery, Page } from '../../platform/listing.ts';
import { parseAddress } from '../model/address.ts';
import type { Contact, ContactChanges, NewContact } from '../model/contact.ts';
import { manageAccounts, readDirectory } from '../questions/people.ts';
import { deleteContact, findContact, insertContact, listContacts, updateContact } from '../store/contacts.ts';
import { noteRemoval } from '../store/removals.ts';

export async function readContacts(ctx: Context, asked: ListQuery): Promise<Page<Contact>> {
  await ctx.demand(readDirectory, 'contacts', 'enumerate');
  return listContacts(ctx, asked);
}

/** @throws not-found also where the reader may not know that it exists. */
export async function readContact(ctx: Context, id: string): Promise<Contact> {
  const answer = await ctx.ask(readDirectory, 'contacts', { quiet: true });
  const contact = await findContact(ctx, id);
  if (!contact || answer.level !== 'enumerate') throw kernelFaults.notFound();
  return contact;
}

/** Writes an address of somebody outside into the address list. @throws address-taken. */
export async function createContact(ctx: Context, input: Omit<NewContact, 'proxyAddresses'>): Promise<Contact> {
  await ctx.demand(manageAccounts, undefined, 'write');
  const { address } = parseAddress(input.mail);
  const contact = await insertContact(ctx, { ...input, mail: address, proxyAddresses: [`SMTP:${address}`] });
  ctx.record({
    action: 'directory.contact-created',
    category: 'UserManagement',
    targets: [{ kind: 'contact', id: contact.id, displayName: contact.displayName }],
  });
  return contact;
}

export async function changeContact(
  ctx: Context,
  id: string,
  changes: Omit<ContactChanges, 'proxyAddresses'>,
): Promise<Contact> {
  await ctx.demand(manageAccounts, undefined, 'write');
  const address = changes.mail === undefined ? undefined : parseAddress(changes.mail).address;
  const contact = await updateContact(ctx, id, {
    ...changes,
    ...(address === undefined ? {} : { mail: address, proxyAddresses: [`SMTP:${address}`] }),
  });
  if (!contact) throw kernelFaults.notFound();
  ctx.record({
    action: 'directory.contact-changed',
    category: 'UserManagement',
    targets: [{ kind: 'contact', id, displayName: contact.displayName }],
    facts: { fields: Object.keys(changes) },
  });
  return contact;
}

/** Removes a contact and its memberships. */
export async function removeContact(ctx: Context, id: string): Promise<void> {
  await ctx.demand(manageAccounts, undefined, 'write');
  const contact = await deleteContact(ctx, id);
  if (!contact) throw kernelFaults.notFound();
  const grants = await listGrants(ctx, { subjects: [{ kind: 'contact', id }] });
  await deleteGrants(
    ctx,
    grants.map((grant) => grant.id),
  );
  await noteRemoval(ctx, 'contact', id);
  ctx.record({
    action: 'directory.contact-deleted',
    category: 'UserManagement',
    targets: [{ kind: 'contact', id, displayName: contact.displayName }],
  });
}
