import { listGrants, type OwnerOfThing } from '../access/index.ts';
import { listAddressBooks, listCalendars } from '../calendars/index.ts';
import { findAccount, GRANTS } from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import type { AccountId } from '../kernel/ids.ts';

interface Thing {
  readonly kind: string;
  readonly id: string;
}

const keyOf = ({ kind, id }: Thing) => `${kind}:${id}`;
const idsOf = (things: readonly Thing[], kind: string) => [
  ...new Set(things.filter((one) => one.kind === kind).map(({ id }) => id)),
];

/** The people whose calendars, contacts and groups these are. What belongs to a group is its owners'. */
export async function ownersOf(
  ctx: Context,
  things: readonly Thing[],
): Promise<ReadonlyMap<string, readonly OwnerOfThing[]>> {
  const accounts = new Map<string, Set<string>>();
  const groups = new Map<string, Thing[]>();
  const put = (thing: Thing, owner: Thing) => {
    if (owner.kind === 'group') groups.set(owner.id, [...(groups.get(owner.id) ?? []), thing]);
    else accounts.set(keyOf(thing), (accounts.get(keyOf(thing)) ?? new Set()).add(owner.id));
  };
  for (const { id, owner } of await listCalendars(ctx, { ids: idsOf(things, 'calendar') as never }))
    put({ kind: 'calendar', id }, owner);
  const books = idsOf(things, 'address-book');
  if (books.length > 0)
    for (const { id, accountId } of await listAddressBooks(ctx, { ids: books }))
      put({ kind: 'address-book', id }, { kind: 'account', id: accountId });
  for (const id of idsOf(things, 'group')) put({ kind: 'group', id }, { kind: 'group', id });
  const object = { kind: GRANTS.owner.objectKind, ids: [...groups.keys()] };
  for (const { object: group, subject } of await listGrants(ctx, { kind: GRANTS.owner.kind, object }))
    for (const thing of groups.get(group.id) ?? []) put(thing, { kind: 'account', id: subject.id });

  const people = await peopleOf(ctx, [...new Set([...accounts.values()].flatMap((ids) => [...ids]))]);
  return new Map([...accounts].map(([key, ids]) => [key, [...ids].flatMap((id) => people.get(id) ?? [])]));
}

/** What somebody owns here: their calendars and contacts, and the groups that they own with the calendars of those. */
export async function ownedBy(ctx: Context, accountId: string): Promise<readonly Thing[]> {
  const subjects = [{ kind: 'account', id: accountId } as const];
  const owned = await listGrants(ctx, { kind: GRANTS.owner.kind, subjects });
  const groups = owned.map(({ object }) => ({ kind: 'group', id: object.id }) as const);
  const calendars = await listCalendars(ctx, { owners: [{ kind: 'account', id: accountId }, ...groups] });
  const books = await listAddressBooks(ctx, { accountId });
  return [
    ...calendars.map(({ id }) => ({ kind: 'calendar', id })),
    ...books.map(({ id }) => ({ kind: 'address-book', id })),
    ...groups,
  ];
}

async function peopleOf(ctx: Context, ids: readonly string[]): Promise<ReadonlyMap<string, OwnerOfThing>> {
  if (ids.length === 0) return new Map();
  const people = new Map<string, OwnerOfThing>();
  for (const id of ids) {
    const account = await findAccount(ctx, id as AccountId);
    if (!account) continue;
    const { mail, userPrincipalName, displayName, preferredLanguage } = account;
    people.set(id, { accountId: id, address: mail ?? userPrincipalName, displayName, language: preferredLanguage });
  }
  return people;
}
