/**
 * OData v4 query options as Microsoft Graph clients send them: `$select $filter $expand $top $skip $skiptoken
 * $deltatoken $orderby $count $search`, read into a small typed tree, checked against a declared property map, and
 * compiled through a visitor (a predicate here, SQL in platform/database/odata-filter.ts).
 * Grammar: OData 4.01 part 2 (URL conventions) §5.1.
 *
 * Why our own parser: `@odata/parser` 0.2.14 refuses `id in ('a','b')` and `not(startswith(mail,'x'))`, both of which
 * Graph's documentation uses, has no limits on nesting, and its tree of class instances has to be walked with
 * knowledge of its grammar's rule names.
 */

export {
  compileFilter,
  type FilterVisitor,
  type Property,
  type ScalarKind,
  type Schema,
  type Target,
  type Value,
} from './odata/compile-filter.ts';
export { joinFilters, parseFilter, printFilter } from './odata/filter.ts';
export { toPredicate } from './odata/predicate.ts';
export { parseQueryOptions } from './odata/query-options.ts';
export { parseSearch } from './odata/search.ts';
export {
  type Comparison,
  type Filter,
  type Literal,
  ODATA_LIMITS,
  ODataError,
  type OrderBy,
  type QueryOptions,
  type Search,
} from './odata/syntax.ts';
