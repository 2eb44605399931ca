import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { Account } from '../model/account.ts';
import type { Contact } from '../model/contact.ts';
import type { Group } from '../model/group.ts';
import { readDirectory } from '../questions/people.ts';
import { listAccounts } from '../store/accounts.ts';
import { listContacts } from '../store/contacts.ts';
import { listGroups } from '../store/groups.ts';

export type DirectoryObject =
  | { readonly kind: 'account'; readonly account: Account; readonly view: 'full' | 'limited' }
  | { readonly kind: 'group'; readonly group: Group; readonly view: 'full' | 'id' }
  | { readonly kind: 'contact'; readonly contact: Contact };

/**
 * The people, groups and contacts with these ids, in the order of the ids, each as far as the reader may see it. What
 * does not exist or may not be known is left out.
 */
export async function readObjects(ctx: Context, ids: readonly string[]): Promise<DirectoryObject[]> {
  const people = await ctx.ask(readDirectory, 'accounts', { quiet: true });
  const groups = await ctx.ask(readDirectory, 'groups', { quiet: true });
  const contacts = await ctx.ask(readDirectory, 'contacts', { quiet: true });
  const all = { orderBy: [], top: ids.length + 1, count: false };
  const found = new Map<string, DirectoryObject>();
  if (atLeast(people, 'known')) {
    const view = atLeast(people, 'enumerate') ? 'full' : 'limited';
    for (const account of (await listAccounts(ctx, all, { ids })).rows)
      found.set(account.id, { kind: 'account', account, view });
  }
  if (atLeast(groups, 'own')) {
    const view = atLeast(groups, 'known') ? 'full' : 'id';
    for (const group of (await listGroups(ctx, all, { ids })).rows) found.set(group.id, { kind: 'group', group, view });
  }
  if (atLeast(contacts, 'enumerate')) {
    for (const contact of (await listContacts(ctx, all, { ids })).rows)
      found.set(contact.id, { kind: 'contact', contact });
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** One object of any kind. @throws not-found. */
export async function readObject(ctx: Context, id: string): Promise<DirectoryObject> {
  const groups = await ctx.ask(readDirectory, 'groups', { quiet: true });
  const [found] = await readObjects(ctx, [id]);
  // A group's bare id is told to its members alone, by the list of their groups.
  if (!found || (found.kind === 'group' && !atLeast(groups, 'known'))) throw kernelFaults.notFound();
  return found;
}
