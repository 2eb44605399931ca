import { Reader, shown } from './reader.ts';
import { type Comparison, type Filter, type Literal, ODATA_LIMITS, type TextMatch } from './syntax.ts';

/** Parses the decoded value of `$filter`. Throws ODataError. */
export function parseFilter(text: string, option = '$filter'): Filter {
  const reader = new Reader(option, text);
  const filter = readOr(reader, [], 0);
  reader.expectEnd();
  return filter;
}

/** `and` and `or` of one term are that term, and nested ones of the same kind are one: a tree has one form only. */
export function joinFilters(kind: 'and' | 'or', terms: Filter[]): Filter {
  const flat = terms.flatMap((term) => (term.kind === kind ? term.terms : [term]));
  return flat.length === 1 ? (flat[0] as Filter) : { kind, terms: flat };
}

// Precedence, loosest first (OData 4.01 part 2 §5.1.1.16): or, and, not, comparison.
function readOr(reader: Reader, variables: string[], depth: number): Filter {
  reader.checkDepth(depth);
  const terms = [readAnd(reader, variables, depth)];
  while (reader.isWord('or')) {
    reader.take();
    terms.push(readAnd(reader, variables, depth));
  }
  return joinFilters('or', terms);
}

function readAnd(reader: Reader, variables: string[], depth: number): Filter {
  const terms = [readTerm(reader, variables, depth)];
  while (reader.isWord('and')) {
    reader.take();
    terms.push(readTerm(reader, variables, depth));
  }
  return joinFilters('and', terms);
}

const COMPARISONS = new Set<string>(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const TEXT_MATCHES = new Set<string>(['startswith', 'endswith', 'contains']);

function readTerm(reader: Reader, variables: string[], depth: number): Filter {
  reader.checkDepth(depth);
  if (reader.isSymbol('(')) {
    reader.take();
    const inner = readOr(reader, variables, depth + 1);
    reader.expectSymbol(')', 'to close the parenthesis');
    return inner;
  }
  if (reader.isWord('not')) {
    reader.take();
    return { kind: 'not', term: readTerm(reader, variables, depth + 1) };
  }
  const first = reader.peek();
  if (first.kind === 'end') reader.fail('a condition is missing.');
  if (first.kind === 'literal') reader.fail('a condition begins with a property, not with a value.');
  if (first.kind === 'symbol') reader.fail(`'${first.text}' is not expected here.`);

  if (reader.isSymbol('(', 1)) return readTextMatch(reader, variables);

  const path = readPath(reader, variables);
  if (reader.isSymbol('(')) return readAny(reader, path, variables, depth);

  const operator = reader.peek();
  const word = operator.text.toLowerCase();
  if (operator.kind !== 'name') {
    reader.fail(`'${shown(path.join('/') || first.text)}' needs a comparison, such as eq 'value'.`);
  }
  reader.take();
  if (word === 'in') return { kind: 'in', path, values: readList(reader) };
  if (!COMPARISONS.has(word))
    reader.fail(
      `'${shown(operator.text)}' is no operator; known are eq, ne, gt, ge, lt, le, in, and, or, not.`,
      operator,
    );
  reader.countTerm();
  return {
    kind: 'compare',
    operator: word as Comparison,
    path,
    value: readLiteral(reader, `after '${operator.text}'`),
  };
}

function readTextMatch(reader: Reader, variables: string[]): Filter {
  const name = reader.take();
  const operator = name.text.toLowerCase();
  if (!TEXT_MATCHES.has(operator)) {
    reader.fail(`'${shown(name.text)}' is no known function; known are startswith, endswith, contains.`, name);
  }
  reader.countTerm();
  reader.expectSymbol('(', `after '${name.text}'`);
  const path = readPath(reader, variables);
  reader.expectSymbol(',', `between the two parts of ${operator}(property,'text')`);
  const at = reader.peek();
  const value = readLiteral(reader, `in ${operator}(property,'text')`);
  if (value.type !== 'string') reader.fail(`${operator} compares with a quoted text.`, at);
  reader.expectSymbol(')', `to close ${operator}(`);
  return { kind: 'match', operator: operator as TextMatch, path, text: value.value };
}

/** `path/any(x:…)`; the path has been read including its last segment `any`. */
function readAny(reader: Reader, path: string[], variables: string[], depth: number): Filter {
  const lambda = path.at(-1);
  if (lambda !== 'any') reader.fail(`'${shown(lambda ?? '')}' is no known function of a collection; known is any.`);
  const collection = path.slice(0, -1);
  if (collection.length === 0) reader.fail('any( needs the collection before it: property/any(x:x eq 1).');
  reader.countTerm();
  reader.take();
  if (reader.isSymbol(')')) {
    reader.take();
    return { kind: 'any', path: collection };
  }
  const variable = reader.take();
  if (variable.kind !== 'name') reader.fail('any( needs a name and a condition: any(x:x eq 1).', variable);
  if (variables.includes(variable.text))
    reader.fail(`the name '${shown(variable.text)}' is already taken further out.`, variable);
  reader.expectSymbol(':', `after '${shown(variable.text)}'`);
  const term = readOr(reader, [...variables, variable.text], depth + 1);
  reader.expectSymbol(')', 'to close any(');
  return { kind: 'any', path: collection, term };
}

/** A property path; inside `any` it starts with the innermost variable, which is left out of the result. */
function readPath(reader: Reader, variables: string[]): string[] {
  const first = reader.peek();
  const path: string[] = [];
  do {
    if (path.length > 0) reader.take();
    const segment = reader.take();
    if (segment.kind !== 'name') reader.fail('the name of a property is missing.', segment);
    path.push(segment.text);
    if (path.length > ODATA_LIMITS.depth) reader.checkDepth(path.length);
  } while (reader.isSymbol('/'));
  if (path.slice(0, -1).includes('$count')) reader.fail("'$count' ends a path.", first);
  if (path[0] === '$count') reader.fail("'$count' needs a collection before it.", first);
  const variable = variables.at(-1);
  if (variable === undefined) return path;
  if (path[0] !== variable) reader.fail(`inside any( a path begins with '${variable}'.`, first);
  return path.slice(1);
}

function readLiteral(reader: Reader, where: string): Literal {
  const token = reader.peek();
  if (!token.literal) {
    reader.fail(
      token.kind === 'name'
        ? `'${shown(token.text)}' is no value; text needs quotes: '${shown(token.text)}'.`
        : `a value is missing ${where}.`,
    );
  }
  reader.take();
  return token.literal;
}

function readList(reader: Reader): Literal[] {
  reader.expectSymbol('(', "after 'in'");
  const values: Literal[] = [];
  do {
    if (values.length > 0) reader.take();
    reader.countTerm();
    values.push(readLiteral(reader, "in the list after 'in'"));
  } while (reader.isSymbol(','));
  reader.expectSymbol(')', "to close the list after 'in'");
  return values;
}

/** Writes a filter so that parseFilter reads the same tree again. */
export function printFilter(filter: Filter): string {
  return printTerm(filter, 0);
}

function printTerm(filter: Filter, lambdas: number): string {
  const path = (segments: string[]) => (lambdas === 0 ? segments : [`x${lambdas}`, ...segments]).join('/');
  const inner = (term: Filter) =>
    term.kind === 'and' || term.kind === 'or' ? `(${printTerm(term, lambdas)})` : printTerm(term, lambdas);
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.terms.map(inner).join(` ${filter.kind} `);
    case 'not':
      return `not ${inner(filter.term)}`;
    case 'compare':
      return `${path(filter.path)} ${filter.operator} ${printLiteral(filter.value)}`;
    case 'in':
      return `${path(filter.path)} in (${filter.values.map(printLiteral).join(',')})`;
    case 'match':
      return `${filter.operator}(${path(filter.path)},${printLiteral({ type: 'string', value: filter.text })})`;
    case 'any':
      return `${path(filter.path)}/any(${filter.term ? `x${lambdas + 1}:${printTerm(filter.term, lambdas + 1)}` : ''})`;
  }
}

function printLiteral(literal: Literal): string {
  return literal.type === 'string' ? `'${literal.value.replaceAll("'", "''")}'` : String(literal.value);
}
