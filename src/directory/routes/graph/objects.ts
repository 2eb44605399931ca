import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import {
  answerOne,
  answerPage,
  optionsOf,
  type Row,
  select,
  type Wording,
  withOptions,
} from '../../../platform/http/odata.ts';
import { type Request, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { type Schema, toPredicate } from '../../../protocols/odata.ts';
import type { ListQuery, Page } from '../../usecases/read-accounts.ts';
import { type DirectoryObject, readObject, readObjects } from '../../usecases/read-objects.ts';
import { GRAPH_TYPES, presentContact, presentGroup, presentUser } from './present.ts';
import { idOf, idParams } from './references.ts';

/** Anything of the directory, with the kind it is. */
export function presentObject(object: DirectoryObject): Row {
  const type = { '@odata.type': GRAPH_TYPES[object.kind] };
  switch (object.kind) {
    case 'account':
      return { ...type, ...presentUser(object.account, object.view) };
    case 'group':
      return { ...type, ...presentGroup(object.group, object.view) };
    case 'contact':
      return { ...type, ...presentContact(object.contact) };
  }
}

/** What people, groups and contacts have in common to filter a mixed list by. */
const COMMON: Schema = {
  id: { kind: 'guid' },
  displayName: { kind: 'string' },
  mail: { kind: 'string' },
  userPrincipalName: { kind: 'string' },
  userType: { kind: 'string' },
  securityEnabled: { kind: 'boolean' },
  mailEnabled: { kind: 'boolean' },
};
const WORDING: Wording = { names: {}, searched: ['displayName'] };

/** The kinds that a cast at the end of a path leaves over: `/members/microsoft.graph.user`. */
export const CASTS: Readonly<Record<string, DirectoryObject['kind']>> = {
  'microsoft.graph.user': 'account',
  'microsoft.graph.group': 'group',
  'microsoft.graph.orgContact': 'contact',
};

/**
 * A list of objects of different kinds whose ids are known. Without a filter only one page of them is read; with one,
 * all are, since each kind keeps its properties elsewhere.
 */
export function answerObjects(
  ctx: Context,
  request: Pick<Request<unknown, unknown, unknown>, 'raw' | 'origin' | 'headers'>,
  vault: Vault,
  ids: readonly string[],
  options: { cast?: string | undefined; idsOnly?: boolean } = {},
): Promise<Row> {
  const kind = options.cast === undefined ? undefined : CASTS[options.cast];
  if (options.cast !== undefined && kind === undefined) throw kernelFaults.notFound();
  const present = (object: DirectoryObject): Row =>
    options.idsOnly && object.kind === 'group'
      ? { '@odata.type': GRAPH_TYPES.group, id: object.group.id }
      : presentObject(object);

  const read = async (asked: ListQuery): Promise<Page<DirectoryObject>> => {
    const { filter, search, orderBy } = optionsOf(request);
    if (orderBy?.some(({ path }) => path.join('/') !== 'displayName'))
      throw kernelFaults.invalid('$orderby: a list of different kinds is sorted by "displayName" alone.');
    const sorted = [...new Set(ids)].sort();
    if (!filter && !search && !orderBy && !kind) {
      const start = asked.after ? sorted.findIndex((id) => id > String(asked.after?.[0])) : 0;
      const slice = start < 0 ? [] : sorted.slice(start, start + asked.top);
      const isMore = start >= 0 && start + asked.top < sorted.length;
      return {
        rows: await readObjects(ctx, slice),
        next: isMore ? [slice.at(-1)] : undefined,
        total: asked.count ? sorted.length : undefined,
      };
    }
    const holds = asked.filter ? toPredicate(asked.filter, COMMON) : () => true;
    const all = (await readObjects(ctx, sorted)).filter((one) => (!kind || one.kind === kind) && holds(present(one)));
    if (orderBy) {
      const sign = orderBy[0]?.descending ? -1 : 1;
      all.sort((a, b) => sign * String(present(a).displayName).localeCompare(String(present(b).displayName)));
    }
    const start = Number(asked.after?.[0] ?? 0);
    const end = start + asked.top;
    return {
      rows: all.slice(start, end),
      next: end < all.length ? [end] : undefined,
      total: asked.count ? all.length : undefined,
    };
  };
  return answerPage(ctx, request, vault, WORDING, 'directoryObjects', read, present);
}

/** Graph: `directoryObjects`. */
export const objectRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1.0/directoryObjects/:id',
    summary: 'A person, group or contact by its id.',
    wire: 'graph',
    access: 'asks',
    tags: ['directory'],
    params: idParams,
    handle: async (ctx, request) =>
      answerOne(request, 'directoryObjects', await readObject(ctx, idOf(request.params.id)), presentObject),
  }),
  route({
    method: 'POST',
    path: '/v1.0/directoryObjects/getByIds',
    summary: 'People, groups and contacts by their ids.',
    wire: 'graph',
    access: 'asks',
    tags: ['directory'],
    transaction: 'read',
    body: z.object({
      ids: z.array(z.guid()).min(1).max(1000),
      types: z.array(z.enum(['user', 'group', 'orgContact', 'directoryObject'])).optional(),
    }),
    handle: async (ctx, request) => {
      const { ids, types = ['directoryObject'] } = request.body;
      const wanted = (object: DirectoryObject) =>
        types.some((type) => type === 'directoryObject' || CASTS[`microsoft.graph.${type}`] === object.kind);
      const objects = await readObjects(
        ctx,
        ids.map((id) => id.toLowerCase()),
      );
      return withOptions(async () => ({
        '@odata.context': `${request.origin}/v1.0/$metadata#directoryObjects`,
        value: objects.filter((one) => wanted(one)).map((one) => select(presentObject(one), optionsOf(request))),
      }));
    },
  }),
];
