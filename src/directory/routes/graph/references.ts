import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Id, parseId } from '../../../kernel/ids.ts';
import type { Putting } from '../../usecases/members.ts';

/** The body that names an object by its address: `{ "@odata.id": "https://…/v1.0/directoryObjects/{id}" }`. */
export const reference = z.object({ '@odata.id': z.string().max(2048) });

const KINDS: Readonly<Record<string, Putting['kind']>> = {
  users: 'account',
  groups: 'group',
  contacts: 'contact',
  directoryObjects: undefined,
};

/** The object that an address names. Whose server stands before `/v1.0/` does not matter: ids are the tenant's own. */
export function parseReference(address: string): Putting {
  const [, collection = '', id = ''] = /(?:^|\/)([a-zA-Z]+)\/([0-9a-fA-F-]{36})\/?$/.exec(address) ?? [];
  const parsed = parseId(id);
  if (!parsed || !Object.hasOwn(KINDS, collection))
    throw kernelFaults.invalid(`"@odata.id": "${address.slice(0, 200)}" names no directory object.`);
  return { kind: KINDS[collection], id: parsed };
}

/** An id of a path. What is no id names nothing, like one that does not exist. */
export function idOf<Kind extends string>(text: string): Id<Kind> {
  const id = parseId<Kind>(text);
  if (!id) throw kernelFaults.notFound();
  return id;
}

export const idParams = z.object({ id: z.string().max(300) });
