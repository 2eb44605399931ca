import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { kernelFaults } from '../../kernel/fault.ts';
import type { ListQuery, Page } from '../listing.ts';
import { type FilterColumn, filterToSql } from './odata-filter.ts';

/** What a collection can be filtered and sorted by. */
export interface Listable {
  readonly columns: Record<string, FilterColumn>;
  /** Column of the id, the last part of every order. */
  readonly id: string;
}

// biome-ignore lint/suspicious/noExplicitAny: any query over any tables can be paged.
type AnyQuery<Row> = SelectQueryBuilder<any, any, Row>;

/**
 * One page by keyset: the rows after a sort key, so that a page costs the same wherever it lies and rows that come or
 * go in between neither repeat nor hide others.
 * @throws request.invalid when the order names what cannot be sorted by.
 */
export async function readPage<Row extends object>(
  query: AnyQuery<Row>,
  { columns, id }: Listable,
  asked: ListQuery,
): Promise<Page<Row>> {
  const matching = asked.filter ? query.where(filterToSql(asked.filter, columns)) : query;
  const keys = [
    ...asked.orderBy.map(({ field, descending }) => ({ ...sortKey(columns, field), descending })),
    { value: sql`${sql.ref(id)}`, type: sql`uuid`, descending: false },
  ];
  let page = matching.limit(asked.top + 1);
  keys.forEach(({ value, descending }, n) => {
    page = page.orderBy(value, descending ? 'desc' : 'asc').select(sql`${value}::text`.as(`key_${n}`)) as typeof page;
  });
  if (asked.after) page = page.where(isAfter(keys, asked.after));
  const found = (await page.execute()) as Record<string, unknown>[];
  const rows = found.slice(0, asked.top);
  const last = found.length > asked.top ? rows.at(-1) : undefined;
  const next = last && keys.map((_, n) => last[`key_${n}`]);
  for (const row of rows) for (const n of keys.keys()) delete row[`key_${n}`];
  return { rows: rows as Row[], next, total: asked.count ? await countOf(matching) : undefined };
}

interface SortKey {
  readonly value: RawBuilder<unknown>;
  readonly type: RawBuilder<unknown>;
  readonly descending: boolean;
}

/** Nothing sorts as the empty text or the beginning of time, so that every row has a place. */
function sortKey(columns: Record<string, FilterColumn>, field: string): Omit<SortKey, 'descending'> {
  const column = Object.hasOwn(columns, field) ? columns[field] : undefined;
  if (!column || column.kind === 'complex' || column.collection)
    throw kernelFaults.invalid(`$orderby: "${field}" cannot be sorted by.`);
  const ref = sql.ref(column.column);
  if (column.lowered && !column.lowered.isOptional)
    return { value: sql`${sql.ref(column.lowered.column)} collate "C"`, type: sql`text` };
  if (column.kind === 'string') return { value: sql`coalesce(lower(${ref}), '') collate "C"`, type: sql`text` };
  if (column.kind === 'instant') return { value: sql`coalesce(${ref}, '-infinity')`, type: sql`timestamptz` };
  if (column.kind === 'boolean') return { value: ref, type: sql`boolean` };
  return { value: ref, type: sql`text` };
}

/** Lexicographic "after", each key in its own direction. */
function isAfter(keys: readonly SortKey[], after: readonly unknown[]): RawBuilder<boolean> {
  const ladder = keys.map((key, n) => {
    const ties = keys.slice(0, n).map((tie, i) => sql`${tie.value} = ${after[i]}::${tie.type}`);
    const step = sql`${key.value} ${key.descending ? sql`<` : sql`>`} ${after[n]}::${key.type}`;
    return sql`(${sql.join([...ties, step], sql` and `)})`;
  });
  // Said by itself, the first key's part is what an index is read from.
  const [first] = keys as [SortKey];
  const from = sql`${first.value} ${first.descending ? sql`<=` : sql`>=`} ${after[0]}::${first.type}`;
  return sql<boolean>`(${from} and (${sql.join(ladder, sql` or `)}))`;
}

async function countOf(query: AnyQuery<object>): Promise<number> {
  const row = await query
    .clearSelect()
    .clearOrderBy()
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  return Number((row as { total: number }).total);
}
