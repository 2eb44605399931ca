import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import {
  type Filter,
  joinFilters,
  ODataError,
  parseQueryOptions,
  type QueryOptions,
  type Search,
} from '../../protocols/odata.ts';
import type { ListQuery, Page } from '../listing.ts';
import type { Vault } from '../vault.ts';
import type { Request } from './route.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Asked = Pick<Request<unknown, unknown, unknown>, 'raw' | 'origin' | 'headers'>;

const PAGE = 100;
const PAGE_AT_MOST = 999;
/** Graph expands members and owners of an answer up to this many each. */
export const EXPANDED_AT_MOST = 20;
/** What a collection's wire calls otherwise than the model, and what `$search` looks into without a property. */
export interface Wording {
  readonly names: Readonly<Record<string, string>>;
  readonly searched: readonly string[];
}

/** Answers a question of a wire; what is wrong with an OData option is the caller's to mend. */
export async function withOptions<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ODataError) throw kernelFaults.invalid(error.message);
    throw error;
  }
}

export const optionsOf = (request: Asked): QueryOptions =>
  parseQueryOptions(new URL(request.raw.url, request.origin).searchParams);

/**
 * One page of a collection that is read from the store: `$filter $search $orderby $top $count $select`, `$skiptoken`
 * from the link to the next page. `expand` adds the properties that `$expand` names.
 */
export function answerPage<T>(
  ctx: Context,
  request: Asked,
  vault: Vault,
  wording: Wording,
  name: string,
  read: (asked: ListQuery) => Promise<Page<T>>,
  present: (row: T) => Row,
  expand: Readonly<Record<string, (row: T) => Promise<unknown>>> = {},
): Promise<Row> {
  return withOptions(async () => {
    const url = new URL(request.raw.url, request.origin);
    const options = optionsOf(request);
    if (options.skip) throw kernelFaults.invalid('$skip: follow "@odata.nextLink" instead.');
    const page = await read({
      filter: filterOf(options, wording),
      orderBy: (options.orderBy ?? []).map(({ path, descending }) => ({
        field: wording.names[path.join('/')] ?? path.join('/'),
        descending,
      })),
      top: Math.min(options.top ?? PAGE, PAGE_AT_MOST),
      after: options.skipToken === undefined ? undefined : openToken(ctx, vault, url, options.skipToken),
      count: options.count ?? false,
    });
    const next = new URL(url);
    if (page.next) next.searchParams.set('$skiptoken', sealToken(ctx, vault, url, page.next));
    const rows: Row[] = [];
    for (const row of page.rows) {
      const presented = select(present(row), options);
      rows.push({ ...presented, ...(await expanded(row, options, expand)) });
    }
    return {
      '@odata.context': contextOf(request, name),
      ...(page.total === undefined ? {} : { '@odata.count': page.total }),
      ...(page.next ? { '@odata.nextLink': next.href } : {}),
      value: rows,
    };
  });
}

/** One object, with `$select` and `$expand`. */
export function answerOne<T>(
  request: Asked,
  name: string,
  row: T,
  present: (row: T) => Row,
  expand: Readonly<Record<string, (row: T) => Promise<unknown>>> = {},
): Promise<Row> {
  return withOptions(async () => {
    const options = optionsOf(request);
    return {
      '@odata.context': contextOf(request, `${name}/$entity`),
      ...select(present(row), options),
      ...(await expanded(row, options, expand)),
    };
  });
}

/** The properties that `$expand` names, each read by its own. @throws request.invalid for one that is not among them. */
export async function expanded<T>(
  row: T,
  options: QueryOptions,
  known: Readonly<Record<string, (row: T) => Promise<unknown>>>,
): Promise<Row> {
  const found: Record<string, unknown> = {};
  for (const { property, options: inner } of options.expand ?? []) {
    const read = Object.hasOwn(known, property) ? known[property] : undefined;
    if (!read) throw kernelFaults.invalid(`$expand: "${property}" cannot be expanded here.`);
    const value = await read(row);
    found[property] = Array.isArray(value)
      ? value.map((one) => select(one, inner))
      : value && select(value as Row, inner);
  }
  return found;
}

export const contextOf = (request: Asked, name: string) => `${request.origin}/v1.0/$metadata#${name}`;

/** The properties that `$select` names; what tells the kind and version of an object always stays. */
export function select(row: Row, options: QueryOptions): Row {
  const wanted = options.select;
  if (!wanted) return row;
  const names = new Set(wanted.map(([first]) => first));
  if (names.has('*')) return row;
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.has(name) || name.startsWith('@')));
}

function filterOf(options: QueryOptions, wording: Wording): Filter | undefined {
  const terms = [
    ...(options.filter ? [renamed(options.filter, wording.names)] : []),
    ...(options.search ? [searchFilter(options.search, wording)] : []),
  ];
  return terms.length === 0 ? undefined : joinFilters('and', terms);
}

/** A search looks for the text anywhere in the properties, as a filter would. */
function searchFilter(search: Search, wording: Wording): Filter {
  switch (search.kind) {
    case 'and':
    case 'or':
      return joinFilters(
        search.kind,
        search.terms.map((term) => searchFilter(term, wording)),
      );
    case 'not':
      return { kind: 'not', term: searchFilter(search.term, wording) };
    case 'term': {
      const fields =
        search.property === undefined ? wording.searched : [wording.names[search.property] ?? search.property];
      return joinFilters(
        'or',
        fields.map((field) => ({ kind: 'match', operator: 'contains', path: [field], text: search.text })),
      );
    }
  }
}

function renamed(filter: Filter, names: Readonly<Record<string, string>>): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, terms: filter.terms.map((term) => renamed(term, names)) };
    case 'not':
      return { ...filter, term: renamed(filter.term, names) };
    default: {
      const whole = names[filter.path.join('/')];
      if (whole !== undefined) return { ...filter, path: [whole] };
      const [first = '', ...rest] = filter.path;
      return { ...filter, path: [names[first] ?? first, ...rest] };
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Tokens: sealed for one tenant and one question, so that nobody can page into what they did not ask for

function scopeOf(ctx: Context, url: URL): string {
  const asked = ['$filter', '$orderby', '$search', 'startDateTime', 'endDateTime'].map(
    (name) => url.searchParams.get(name) ?? '',
  );
  const digest = createHash('sha256')
    .update(JSON.stringify([url.pathname, ...asked]))
    .digest('base64url');
  return `page:${ctx.tenantId}:${digest}`;
}

/** Where the next page begins, for nobody but who asked this question in this tenant. */
export const sealToken = (ctx: Context, vault: Vault, url: URL, position: readonly unknown[]) =>
  vault.seal(JSON.stringify(position), scopeOf(ctx, url)).toString('base64url');

/** @throws request.invalid for a token of another question. */
export function openToken(ctx: Context, vault: Vault, url: URL, token: string): unknown[] {
  try {
    return JSON.parse(vault.open(Buffer.from(token, 'base64url'), scopeOf(ctx, url))) as unknown[];
  } catch {
    throw kernelFaults.invalid('$skiptoken: the token does not belong to this request; start again without it.');
  }
}

/** The number of all that match, as text (OData 4.01 part 1 §11.2.10). */
export async function countOnly(request: Asked, wording: Wording, read: (asked: ListQuery) => Promise<Page<unknown>>) {
  return withOptions(async () => {
    const page = await read({ filter: filterOf(optionsOf(request), wording), orderBy: [], top: 1, count: true });
    return page.total ?? 0;
  });
}
