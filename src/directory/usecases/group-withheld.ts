import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { GroupId } from '../../kernel/ids.ts';
import type { Withheld } from '../../kernel/module.ts';
import { changeGroup } from './asked.ts';
import { readGroup } from './read-groups.ts';

/** What the page of a group does not offer: told to those who see the group. */
export const groupWithheld: readonly Withheld[] = [
  {
    question: changeGroup,
    async mayKnow(ctx: Context, groupId: GroupId) {
      try {
        return (await readGroup(ctx, groupId)).view === 'full';
      } catch (error) {
        if (error instanceof Fault && error.kind === 'not-found') return false;
        throw error;
      }
    },
  },
];
