import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { GroupId } from '../../kernel/ids.ts';
import type { ListQuery, Page } from '../../platform/listing.ts';
import type { Group } from '../model/group.ts';
import { readDirectory } from '../questions/people.ts';
import { findGroup, listGroups } from '../store/groups.ts';
import { isMemberOf } from './asked.ts';

/** A page of all groups. @throws access.refused to whom may not enumerate. */
export async function readGroups(ctx: Context, asked: ListQuery): Promise<Page<Group>> {
  await ctx.demand(readDirectory, 'groups', 'enumerate');
  return listGroups(ctx, asked);
}

export interface SeenGroup {
  readonly group: Group;
  /** `id`: that it exists and nothing else. */
  readonly view: 'full' | 'id';
}

/** One group. @throws not-found also where the reader may not know that it exists. */
export async function readGroup(ctx: Context, id: GroupId): Promise<SeenGroup> {
  const answer = await ctx.ask(readDirectory, 'groups', { quiet: true });
  const group = await findGroup(ctx, id);
  if (!group) throw kernelFaults.notFound();
  if (atLeast(answer, 'known')) return { group, view: 'full' };
  if (atLeast(answer, 'own') && (await isMemberOf(ctx, id))) return { group, view: 'id' };
  throw kernelFaults.notFound();
}
