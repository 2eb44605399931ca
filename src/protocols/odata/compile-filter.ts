import { instantOf, shown } from './reader.ts';
import { type Comparison, type Filter, type Literal, ODataError, type TextMatch } from './syntax.ts';

export type ScalarKind = 'string' | 'number' | 'boolean' | 'guid' | 'instant';

/** A property that may be filtered on. `collection` (any truthy value) makes it a list, reached with any( or /$count. */
export type Property =
  | { kind: ScalarKind; collection?: unknown }
  | { kind: 'complex'; properties: Record<string, Property>; collection?: unknown };

export type Schema = Record<string, Property>;

/** A value checked against its property: text, number, truth, or for an instant its ISO 8601 form in UTC. */
export type Value = string | number | boolean;

/** Where a checked term looks: the declared properties on the way, the last being the one compared. */
export type Target<P> = {
  /** Names from the row, or from the element inside any(; empty for the element itself. */
  path: string[];
  property: P;
  /** How many any( surround the term; 0 is the row. */
  depth: number;
  /** The collection of whose element the innermost any( speaks; undefined for the row. */
  within: P | undefined;
};

/** One method per kind of term; `T` is what a term compiles to. */
export type FilterVisitor<P, T> = {
  all(terms: T[]): T;
  some(terms: T[]): T;
  not(term: T): T;
  isNull(target: Target<P>): T;
  compare(target: Target<P>, kind: ScalarKind, operator: Comparison, value: Value): T;
  /** `values` is not empty and holds no null. */
  in(target: Target<P>, kind: ScalarKind, values: Value[]): T;
  match(target: Target<P>, operator: TextMatch, text: string): T;
  /** The term, when there is one, is about an element; without it the collection just must not be empty. */
  any(target: Target<P>, term: T | undefined): T;
  count(target: Target<P>, operator: Comparison, value: number): T;
};

/**
 * Checks a filter against the declared properties and hands its terms to the visitor, innermost first.
 * Throws ODataError naming the property that is unknown or compared with a value of another type.
 */
export function compileFilter<P extends Property, T>(
  filter: Filter,
  schema: Record<string, P>,
  visitor: FilterVisitor<P, T>,
): T {
  const row = { kind: 'complex', properties: schema } as unknown as P;
  return compile(filter, { root: row, depth: 0, within: undefined }, visitor);
}

/** What paths are relative to: the row, or the element of a collection. */
type Scope<P> = { root: P; depth: number; within: P | undefined };

function compile<P extends Property, T>(filter: Filter, scope: Scope<P>, visitor: FilterVisitor<P, T>): T {
  switch (filter.kind) {
    case 'and':
      return visitor.all(filter.terms.map((term) => compile(term, scope, visitor)));
    case 'or':
      return visitor.some(filter.terms.map((term) => compile(term, scope, visitor)));
    case 'not':
      return visitor.not(compile(filter.term, scope, visitor));
    case 'any': {
      const target = resolve(scope, filter.path);
      if (!target.property.collection) throw wrongType(filter.path, 'is a single value; any( is for collections.');
      // Inside, the element takes the place of the row.
      const root = { ...target.property, collection: undefined } as P;
      const element = { root, depth: scope.depth + 1, within: target.property };
      return visitor.any(target, filter.term && compile(filter.term, element, visitor));
    }
    case 'compare':
      if (filter.path.at(-1) === '$count') return compileCount(filter, scope, visitor);
      break;
  }
  const target = resolve(scope, filter.path);
  const { kind, collection } = target.property;
  if (collection) throw wrongType(filter.path, 'is a collection; compare its elements with any(x:x eq …).');
  if (kind === 'complex') throw wrongType(filter.path, 'has parts; compare one of them, such as property/part.');
  if (filter.kind === 'compare' && filter.value.type === 'null') {
    if (filter.operator === 'eq') return visitor.isNull(target);
    if (filter.operator === 'ne') return visitor.not(visitor.isNull(target));
    throw wrongType(filter.path, `can be compared with null by eq and ne, not by ${filter.operator}.`);
  }
  switch (filter.kind) {
    case 'match':
      if (kind !== 'string') throw wrongType(filter.path, `is no text; ${filter.operator} is for text.`);
      return visitor.match(target, filter.operator, filter.text);
    case 'in': {
      const values = filter.values
        .filter(({ type }) => type !== 'null')
        .map((literal) => checkLiteral(filter.path, kind, literal));
      const terms: T[] = [];
      if (values.length > 0) terms.push(visitor.in(target, kind, values));
      if (values.length < filter.values.length) terms.push(visitor.isNull(target));
      return terms.length === 1 ? (terms[0] as T) : visitor.some(terms);
    }
    case 'compare':
      if (kind === 'boolean' && filter.operator !== 'eq' && filter.operator !== 'ne') {
        throw wrongType(filter.path, `is true or false and can be compared by eq and ne, not by ${filter.operator}.`);
      }
      return visitor.compare(target, kind, filter.operator, checkLiteral(filter.path, kind, filter.value));
  }
}

function compileCount<P extends Property, T>(
  filter: Extract<Filter, { kind: 'compare' }>,
  scope: Scope<P>,
  visitor: FilterVisitor<P, T>,
): T {
  const target = resolve(scope, filter.path.slice(0, -1));
  if (!target.property.collection)
    throw wrongType(filter.path.slice(0, -1), 'is a single value; $count is for collections.');
  if (filter.value.type !== 'number') throw wrongType(filter.path, 'is compared with a number.');
  return visitor.count(target, filter.operator, filter.value.value);
}

function resolve<P extends Property>({ root, depth, within }: Scope<P>, path: string[]): Target<P> {
  let property = root;
  path.forEach((name, index) => {
    // Own properties only: `constructor` must not find its way into a query.
    const parts: Record<string, Property> =
      property.kind === 'complex' && (index === 0 || !property.collection) ? property.properties : {};
    if (!Object.hasOwn(parts, name)) {
      const whole = path.slice(0, index + 1).join('/');
      throw new ODataError(
        'unknown-property',
        '$filter',
        `'${shown(whole)}' is not known here or cannot be filtered on.`,
      );
    }
    property = parts[name] as P;
  });
  return { path, property, depth, within };
}

function wrongType(path: string[], sentence: string): ODataError {
  return new ODataError('wrong-type', '$filter', `'${shown(path.join('/') || 'the element')}' ${sentence}`);
}

const GUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function checkLiteral(path: string[], kind: ScalarKind, literal: Literal): Value {
  switch (kind) {
    case 'string':
      // U+0000 is in no text that PostgreSQL can hold, and its driver refuses it.
      if (literal.type === 'string' && !literal.value.includes('\0')) return literal.value;
      break;
    case 'number':
      if (literal.type === 'number') return literal.value;
      break;
    case 'boolean':
      if (literal.type === 'boolean') return literal.value;
      break;
    case 'guid':
      // Graph writes object ids as quoted text and licence ids bare.
      if (literal.type === 'guid') return literal.value;
      if (literal.type === 'string' && GUID_TEXT.test(literal.value)) return literal.value.toLowerCase();
      break;
    case 'instant':
      if (literal.type === 'instant') return new Date(instantOf(literal.value)).toISOString();
      break;
  }
  throw wrongType(path, `${EXPECTED[kind]}, which '${shown(String(literal.value))}' is not.`);
}

const EXPECTED: Record<ScalarKind, string> = {
  string: 'is compared with a quoted text',
  number: 'is compared with a number',
  boolean: 'is compared with true or false',
  guid: 'is compared with a GUID',
  instant: 'is compared with a date or a date-time with its zone, without quotes',
};
