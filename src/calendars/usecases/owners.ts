import { remembered } from '../../access/index.ts';
import { findAccount, findGroup } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import type { Owner } from '../model/calendar.ts';

/** How an owner is called and reached. */
export interface OwnerCard {
  readonly displayName: string;
  /** Lower case; undefined: nothing can be sent to them. */
  readonly address: string | undefined;
  /** Every address of theirs, that one too, lower case. */
  readonly addresses: readonly string[];
}

const read = new WeakMap<Context, Map<string, Promise<OwnerCard | undefined>>>();

/** An owner as others address it; undefined: there is no such account or group. Read once in each transaction. */
export function readOwner(ctx: Context, owner: Owner): Promise<OwnerCard | undefined> {
  const known = read.get(ctx) ?? new Map<string, Promise<OwnerCard | undefined>>();
  read.set(ctx, known);
  const key = `${owner.kind} ${owner.id}`;
  const card = known.get(key) ?? remembered(ctx, `owner ${key}`, () => readCard(ctx, owner));
  known.set(key, card);
  return card;
}

async function readCard(ctx: Context, { kind, id }: Owner): Promise<OwnerCard | undefined> {
  const found = kind === 'group' ? await findGroup(ctx, id as GroupId) : await findAccount(ctx, id as AccountId);
  if (!found) return undefined;
  const signInName = 'userPrincipalName' in found ? found.userPrincipalName : undefined;
  const address = (found.mail ?? signInName)?.toLowerCase();
  const others = found.proxyAddresses.map((entry) => entry.replace(/^[a-z]+:/i, '').toLowerCase());
  const all = [address, signInName?.toLowerCase(), ...others].filter((one) => one !== undefined);
  return { displayName: found.displayName, address, addresses: [...new Set(all)] };
}
