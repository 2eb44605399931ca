import { z } from 'zod';
import { findAccount, findAccountByPrincipalName, findGroup } from '../../../directory/index.ts';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Id, parseId } from '../../../kernel/ids.ts';
import type { Whose } from '../../usecases/open-calendars.ts';

/** A part of the wire that stands alike below `me`, a person and a group. */
export interface Base {
  readonly path: string;
  /** The parameters that stand in it. */
  readonly params: z.ZodObject;
  /** @throws not-found for a person or group that there is not. */
  whose(ctx: Context, params: unknown): Promise<Whose>;
}

const idParams = z.object({ id: z.string().max(300) });

/** The own calendars; a program acting for itself names a person. */
export const ME: Base = { path: '/v1.0/me', params: z.object({}), whose: async () => undefined };

export const USER: Base = {
  path: '/v1.0/users/:id',
  params: idParams,
  async whose(ctx, params) {
    const { id } = params as z.output<typeof idParams>;
    const parsed = parseId<'account'>(id);
    const account = parsed ? await findAccount(ctx, parsed) : await findAccountByPrincipalName(ctx, id);
    if (!account) throw kernelFaults.notFound();
    return { kind: 'account', id: account.id };
  },
};

export const GROUP: Base = {
  path: '/v1.0/groups/:id',
  params: idParams,
  async whose(ctx, params) {
    const id = parseId<'group'>((params as z.output<typeof idParams>).id);
    const group = id && (await findGroup(ctx, id));
    if (group?.kind !== 'shared') throw kernelFaults.notFound();
    return { kind: 'group', id: group.id };
  },
};

/** An id of a path. What is no id names nothing, like one that does not exist. */
export function idIn<Kind extends string>(text: string | undefined): Id<Kind> | undefined {
  if (text === undefined) return undefined;
  const id = parseId<Kind>(text);
  if (!id) throw kernelFaults.notFound();
  return id;
}
