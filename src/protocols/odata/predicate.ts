import { compileFilter, type FilterVisitor, type Property, type ScalarKind, type Schema } from './compile-filter.ts';
import type { Comparison, Filter } from './syntax.ts';

/**
 * Compiles a filter into a test of plain objects. Text is compared without regard to case, as Graph does. A missing
 * value equals null alone; every other comparison with it is false, and `not` turns that into true.
 * Instants may be Date or ISO text. Throws ODataError for what the schema does not allow.
 */
export function toPredicate(filter: Filter, schema: Schema): (row: object) => boolean {
  const test = compileFilter<Property, (row: unknown) => boolean>(filter, schema, predicates);
  return (row) => test(row);
}

function read(row: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined,
    row,
  );
}

/** Brings a stored value into the form in which it is compared; undefined when there is none. */
function comparable(kind: ScalarKind, value: unknown): string | number | boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (kind === 'instant') return value instanceof Date ? value.getTime() : Date.parse(String(value));
  if (kind === 'string' || kind === 'guid') return String(value).toLowerCase();
  return value as number | boolean;
}

function order(left: string | number | boolean, right: string | number | boolean): number {
  // By code point, as PostgreSQL's "C" collation does; JavaScript's own order is by UTF-16 unit.
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return left < right ? -1 : left > right ? 1 : 0;
}

function holds(operator: Comparison, difference: number): boolean {
  switch (operator) {
    case 'eq':
      return difference === 0;
    case 'ne':
      return difference !== 0;
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
  }
}

const predicates: FilterVisitor<Property, (row: unknown) => boolean> = {
  all: (terms) => (row) => terms.every((term) => term(row)),
  some: (terms) => (row) => terms.some((term) => term(row)),
  not: (term) => (row) => !term(row),
  isNull:
    ({ path }) =>
    (row) =>
      (read(row, path) ?? null) === null,
  compare({ path }, kind, operator, value) {
    const right = comparable(kind, value) as string | number | boolean;
    return (row) => {
      const left = comparable(kind, read(row, path));
      return left === undefined ? operator === 'ne' : holds(operator, order(left, right));
    };
  },
  in({ path }, kind, values) {
    const wanted = new Set(values.map((value) => comparable(kind, value)));
    return (row) => {
      const left = comparable(kind, read(row, path));
      return left !== undefined && wanted.has(left);
    };
  },
  match({ path }, operator, text) {
    const wanted = text.toLowerCase();
    return (row) => {
      const left = comparable('string', read(row, path)) as string | undefined;
      if (left === undefined) return false;
      if (operator === 'startswith') return left.startsWith(wanted);
      return operator === 'endswith' ? left.endsWith(wanted) : left.includes(wanted);
    };
  },
  any({ path }, term) {
    return (row) => {
      const elements = read(row, path);
      return Array.isArray(elements) && (term ? elements.some(term) : elements.length > 0);
    };
  },
  count({ path }, operator, value) {
    return (row) => {
      const elements = read(row, path);
      return holds(operator, order(Array.isArray(elements) ? elements.length : 0, value));
    };
  },
};
