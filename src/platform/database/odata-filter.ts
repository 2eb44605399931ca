import { type RawBuilder, sql } from 'kysely';
import {
  type Comparison,
  compileFilter,
  type Filter,
  type FilterVisitor,
  ODataError,
  type Property,
  type ScalarKind,
  type Target,
  type Value,
} from '../../protocols/odata.ts';

/** A collection kept as rows of another table. */
export type Rows = {
  /**
   * Wraps the condition on one row of the other table, for instance
   * ``(condition) => sql`exists (select 1 from t.licences l where l.account_id = a.id and ${condition})` ``.
   */
  exists(condition: RawBuilder<boolean>): RawBuilder<boolean>;
  /** The number of rows, for `collection/$count`. Without it such a filter is refused. */
  count?: RawBuilder<number>;
};

/**
 * A stored column with the text in lower case, collated "C". Row-level security keeps conditions with `lower` and `like`
 * from reading an index; on such a column equality, beginnings and order do.
 */
export interface Lowered {
  readonly column: string;
  /** Whether it may be null. */
  readonly isOptional: boolean;
}

/**
 * Where a filterable property is kept. Column names (`accounts.display_name`) are written by the store, never by a
 * caller. `collection` says how a list is kept: a PostgreSQL array, a jsonb array, or rows of another table.
 */
export type FilterColumn =
  | { kind: ScalarKind; column: string; collection?: 'array' | 'jsonb' | Rows | undefined; lowered?: Lowered }
  | { kind: 'complex'; properties: Record<string, FilterColumn>; collection?: Rows | undefined; column?: never }
  /** The parts of an element of a jsonb array are found by their own names. */
  | { kind: 'complex'; properties: Record<string, Property>; collection: 'jsonb'; column: string };

/**
 * Compiles a filter into a condition for `where`. Every word of the caller's is a bound parameter. Text is compared
 * without regard to case (`lower` on both sides, or the column that is kept in lower case), as Graph does; a comparison with a missing
 * value is false and its `not` true, as in toPredicate, except that `lower` follows the database's locale.
 * Throws ODataError for a property that is not in `columns`, or a value of another type.
 */
export function filterToSql(filter: Filter, columns: Record<string, FilterColumn>): RawBuilder<boolean> {
  return compileFilter(
    filter,
    columns as Record<string, Property>,
    conditions as FilterVisitor<Property, RawBuilder<boolean>>,
  );
}

const OPERATORS: Record<Comparison, RawBuilder<unknown>> = {
  eq: sql`=`,
  ne: sql`is distinct from`,
  gt: sql`>`,
  ge: sql`>=`,
  lt: sql`<`,
  le: sql`<=`,
};

/** How the value of the surrounding any( is called: one name for each level, so that nested ones stay apart. */
const element = (depth: number) => sql.ref(`element_${depth}.value`);

/** The stored value as SQL; `jsonb` when it still has to be taken out of JSON. */
function stored({ path, property, depth, within }: Target<FilterColumn>): {
  value: RawBuilder<unknown>;
  jsonb: boolean;
} {
  const kept = within?.collection;
  if (kept === 'array') return { value: element(depth), jsonb: false };
  if (kept === 'jsonb' || (within && !property.column)) {
    return { value: path.length === 0 ? element(depth) : sql`(${element(depth)} #> ${path}::text[])`, jsonb: true };
  }
  return { value: sql.ref(property.column as string), jsonb: property.collection === 'jsonb' };
}

const CASTS: Record<ScalarKind, RawBuilder<unknown>> = {
  string: sql`text`,
  number: sql`numeric`,
  boolean: sql`boolean`,
  guid: sql`uuid`,
  instant: sql`timestamptz`,
};

/** A single stored value, out of JSON when it is kept there, in the type in which it is compared. */
function scalar(target: Target<FilterColumn>, kind: ScalarKind): RawBuilder<unknown> {
  const { lowered } = target.property as { lowered?: Lowered };
  if (lowered) return sql.ref(lowered.column);
  const { value, jsonb } = stored(target);
  const plain = jsonb ? sql`(${value} #>> '{}')::${CASTS[kind]}` : value;
  return kind === 'string' ? sql`lower(${plain})` : plain;
}

function bound(kind: ScalarKind, value: Value): RawBuilder<unknown> {
  if (kind === 'string') return sql`lower(${value}::text)`;
  // A whole number as bigint, so that an index on an integer column serves.
  if (kind === 'number' && Number.isInteger(value)) return sql`${value}::bigint`;
  return sql`${value}::${CASTS[kind]}`;
}

const conditions: FilterVisitor<FilterColumn, RawBuilder<boolean>> = {
  all: (terms) => sql`(${sql.join(terms, sql` and `)})`,
  some: (terms) => sql`(${sql.join(terms, sql` or `)})`,
  // Unknown counts as false before it is turned round; outside `not` it may stay unknown, so that indexes serve.
  not: (term) => sql`not coalesce(${term}, false)`,
  isNull(target) {
    const { value, jsonb } = stored(target);
    return jsonb ? sql`(${value} #>> '{}') is null` : sql`${value} is null`;
  },
  compare(target, kind, operator, value) {
    const left = scalar(target, kind);
    // By code point, whatever the database's locale: the same answer on every server.
    const collation = kind === 'string' && operator !== 'eq' && operator !== 'ne' ? sql` collate "C"` : sql``;
    return sql`${left}${collation} ${OPERATORS[operator]} ${bound(kind, value)}`;
  },
  in: (target, kind, values) =>
    sql`${scalar(target, kind)} in (${sql.join(values.map((value) => bound(kind, value)))})`,
  match(target, operator, text) {
    if (operator === 'startswith') return sql`${scalar(target, 'string')} ^@ lower(${text}::text)`;
    const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}${operator === 'endswith' ? '' : '%'}`;
    return sql`${scalar(target, 'string')} like lower(${pattern}::text) escape '\\'`;
  },
  any(target, term = sql<boolean>`true`) {
    const { collection } = target.property;
    if (typeof collection === 'object') return collection.exists(term);
    return sql`exists (select 1 from ${elements(target)} as ${sql.id(`element_${target.depth + 1}`)}(value) where ${term})`;
  },
  count(target, operator, value) {
    return sql`${count(target)} ${OPERATORS[operator]} ${bound('number', value)}`;
  },
};

function elements(target: Target<FilterColumn>): RawBuilder<unknown> {
  const { value, jsonb } = stored(target);
  return jsonb ? sql`jsonb_array_elements(${jsonList(value)})` : sql`unnest(${value})`;
}

function count(target: Target<FilterColumn>): RawBuilder<unknown> {
  const { collection } = target.property;
  if (typeof collection === 'object') {
    if (collection.count) return collection.count;
    throw new ODataError('wrong-type', '$filter', `'${target.path.join('/')}/$count' cannot be filtered on.`);
  }
  const { value, jsonb } = stored(target);
  return jsonb ? sql`jsonb_array_length(${jsonList(value)})` : sql`coalesce(cardinality(${value}), 0)`;
}

/** A missing list is an empty one. */
function jsonList(value: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when jsonb_typeof(${value}) = 'array' then ${value} else '[]' end`;
}
