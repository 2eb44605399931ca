/** People here, as they would ask from our own web app. */
import type { AccountActor, Context } from '../../kernel/context.ts';
import { personAs } from '../../kernel/person.ts';
import { findPeople, listRolesByHolder, type Person } from '../store/standing.ts';

const rolesKnown = new WeakMap<Context, Promise<ReadonlyMap<string, readonly string[]>>>();

/** The roles of everybody who has any; read once for each context. */
function rolesIn(ctx: Context): Promise<ReadonlyMap<string, readonly string[]>> {
  const roles = rolesKnown.get(ctx) ?? listRolesByHolder(ctx);
  rolesKnown.set(ctx, roles);
  return roles;
}

/** Ids of everybody who holds an administrative role, of their own or by a group. */
export const listRoleHolders = async (ctx: Context): Promise<string[]> => [...(await rolesIn(ctx)).keys()].sort();

/** Those of the ids who are here, as they would ask from our own web app. */
export async function findActors(
  ctx: Context,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly actor: AccountActor; readonly person: Person }>> {
  const roles = await rolesIn(ctx);
  const people = await findPeople(ctx, ids);
  return new Map([...people].map(([id, person]) => [id, { person, actor: actorOf(ctx, person, roles.get(id) ?? []) }]));
}

const actorOf = (ctx: Context, person: Person, roles: readonly string[]): AccountActor =>
  personAs({ ...person, accountId: person.id, roles }, { authenticatedAt: ctx.now });
