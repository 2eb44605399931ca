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
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What was wrong with a query option, where, and in a sentence for the person who wrote it. */
export class ODataError extends Error {
  override readonly name = 'ODataError';
  readonly code: ODataErrorCode;
  /** The option at fault, `$filter` for instance. */
  readonly option: string;
  /** Offset in characters into the decoded value of the option; undefined when the whole value is meant. */
  readonly position: number | undefined;

  constructor(code: ODataErrorCode, option: string, sentence: string, position?: number) {
    super(position === undefined ? `${option}: ${sentence}` : `${option}, position ${position}: ${sentence}`);
    this.code = code;
    this.option = option;
    this.position = position;
  }
}

export type ODataErrorCode =
  | 'syntax'
  | 'too-large'
  | 'unknown-option'
  | 'unknown-property'
  | 'wrong-type'
  | 'bad-token';

/** Bounds on what a stranger may send. Counts are of characters, nested levels, and comparisons or list values. */
export const ODATA_LIMITS = {
  optionLength: 8_192,
  depth: 24,
  terms: 200,
  selected: 200,
  expandDepth: 3,
  top: 999,
  skip: 1_000_000,
} as const;

// ---------------------------------------------------------------------------------------------------------------
// The tree

export type Literal =
  | { type: 'string'; value: string }
  | { type: 'number'; value: number }
  | { type: 'boolean'; value: boolean }
  | { type: 'null'; value: null }
  | { type: 'guid'; value: string }
  /** A date-time with its zone, or a plain date (its midnight in UTC), in the writer's own form. */
  | { type: 'instant'; value: string };

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type TextMatch = 'startswith' | 'endswith' | 'contains';

/**
 * A filter. Inside `any`, paths are relative to the element: the empty path is the element itself.
 * A path that ends in `$count` is the number of elements of a collection.
 */
export type Filter =
  | { kind: 'and'; terms: Filter[] }
  | { kind: 'or'; terms: Filter[] }
  | { kind: 'not'; term: Filter }
  | { kind: 'compare'; operator: Comparison; path: string[]; value: Literal }
  | { kind: 'in'; path: string[]; values: Literal[] }
  | { kind: 'match'; operator: TextMatch; path: string[]; text: string }
  | { kind: 'any'; path: string[]; term?: Filter };

export type Search =
  | { kind: 'and'; terms: Search[] }
  | { kind: 'or'; terms: Search[] }
  | { kind: 'not'; term: Search }
  /** `"displayName:ann"` names a property; `"ann"` does not. */
  | { kind: 'term'; property?: string; text: string };

export type OrderBy = { path: string[]; descending: boolean };
export type Expand = { property: string; levels?: number | 'max'; options: QueryOptions };

export type QueryOptions = {
  select?: string[][];
  filter?: Filter;
  expand?: Expand[];
  top?: number;
  skip?: number;
  skipToken?: string;
  deltaToken?: string;
  orderBy?: OrderBy[];
  count?: boolean;
  search?: Search;
};

// ---------------------------------------------------------------------------------------------------------------
// Tokens

type Token = {
  kind: 'name' | 'literal' | 'symbol' | 'end';
  text: string;
  at: number;
  literal?: Literal;
};

const SPACE = /[ \t]+/y;

/** The first that fits wins. A GUID, date or number must not run on into a name, hence the look-ahead in each. */
const TOKENS: { pattern: RegExp; symbol?: true; read?: (found: string) => Literal | 'invalid' | undefined }[] = [
  {
    pattern: /'(?:[^']|'')*'/y,
    read: (found) => ({ type: 'string', value: found.slice(1, -1).replaceAll("''", "'") }),
  },
  {
    pattern: /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![\p{L}\p{N}_-])/uy,
    read: (found) => ({ type: 'guid', value: found.toLowerCase() }),
  },
  {
    pattern:
      /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?(?:[zZ]|[+-]\d{2}:\d{2}))?(?![\p{L}\p{N}_:.-])/uy,
    read: (found) => (Number.isNaN(instantOf(found)) ? 'invalid' : { type: 'instant', value: found }),
  },
  {
    pattern: /-?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?(?![\p{L}\p{N}_.:-])/uy,
    read: (found) => {
      const value = Number(found);
      const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
      return exact ? { type: 'number', value: value === 0 ? 0 : value } : 'invalid';
    },
  },
  {
    pattern: /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*|\$count(?![\p{L}\p{N}_])/uy,
    read: (found) => WORDS.get(found),
  },
  { pattern: /[(),/:]/y, symbol: true },
];

const WORDS = new Map<string, Literal>([
  ['true', { type: 'boolean', value: true }],
  ['false', { type: 'boolean', value: false }],
  ['null', { type: 'null', value: null }],
]);

function firstMatch(text: string, at: number) {
  for (const token of TOKENS) {
    const found = matchAt(token.pattern, text, at);
    if (found) return { ...token, found };
  }
  return undefined;
}

function unreadable(option: string, text: string, at: number): ODataError {
  const rest = text.slice(at);
  if (rest.startsWith("'")) {
    return new ODataError('syntax', option, 'the text that opens here has no closing quote.', at);
  }
  if (/^-?\d/.test(rest)) {
    const word = shown(rest.split(/[\s,()]/, 1)[0] as string);
    return new ODataError('syntax', option, `'${word}' is neither a number, a GUID nor a date-time with its zone.`, at);
  }
  const character = String.fromCodePoint(rest.codePointAt(0) as number);
  return new ODataError('syntax', option, `the character '${character}' is not expected here.`, at);
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Milliseconds since 1970 of an instant literal; NaN when the calendar has no such day or hour. */
export function instantOf(value: string): number {
  // Date.parse rolls the 31st of February over into March; a round trip of the day shows it.
  const day = value.slice(0, 10);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return Number.NaN;
  return value.length === 10 ? midnight : Date.parse(value.replace(/z$/, 'Z'));
}

function tokenize(option: string, text: string): Token[] {
  if (text.length > ODATA_LIMITS.optionLength) {
    throw new ODataError('too-large', option, `at most ${ODATA_LIMITS.optionLength} characters are accepted.`);
  }
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    if (space) {
      at += space.length;
      continue;
    }
    const match = firstMatch(text, at);
    if (!match) throw unreadable(option, text, at);
    const literal = match.read?.(match.found);
    if (literal === 'invalid') throw new ODataError('syntax', option, `'${shown(match.found)}' is out of range.`, at);
    const kind = match.symbol ? 'symbol' : literal ? 'literal' : 'name';
    tokens.push({ kind, text: match.found, at, ...(literal && { literal }) });
    at += match.found.length;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

/** What the caller wrote, short enough to be repeated in a sentence. */
function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** Reads tokens one after the other and counts what the limits bound. */
class Reader {
  readonly option: string;
  readonly tokens: Token[];
  private next = 0;
  private terms = 0;

  constructor(option: string, text: string) {
    this.option = option;
    this.tokens = tokenize(option, text);
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.next + ahead, this.tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.peek();
    this.next += 1;
    return token;
  }

  fail(sentence: string, token = this.peek()): never {
    throw new ODataError('syntax', this.option, sentence, token.at);
  }

  isSymbol(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.text === text;
  }

  /** OData 4.01 §5.1.1: operators are accepted in any case. */
  isWord(text: string): boolean {
    const token = this.peek();
    return token.kind === 'name' && token.text.toLowerCase() === text;
  }

  expectSymbol(text: string, where: string): void {
    if (!this.isSymbol(text)) this.fail(`'${text}' is missing ${where}.`);
    this.take();
  }

  expectEnd(): void {
    const token = this.peek();
    if (token.kind !== 'end') this.fail(`'${shown(token.text)}' is not expected here.`);
  }

  countTerm(): void {
    this.terms += 1;
    if (this.terms > ODATA_LIMITS.terms) {
      throw new ODataError(
        'too-large',
        this.option,
        `at most ${ODATA_LIMITS.terms} comparisons and values are accepted.`,
        this.peek().at,
      );
    }
  }

  checkDepth(depth: number): void {
    if (depth > ODATA_LIMITS.depth) {
      throw new ODataError(
        'too-large',
        this.option,
        `at most ${ODATA_LIMITS.depth} levels of nesting are accepted.`,
        this.peek().at,
      );
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------
// $filter

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

// ---------------------------------------------------------------------------------------------------------------
// $search (Graph's form: "property:text" in double quotes, joined by AND, OR, NOT)

const SEARCH_TOKEN = /[ \t]+|"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/uy;

/** Parses the decoded value of `$search`. AND, OR and NOT are words only in capitals, as Graph has it. */
export function parseSearch(text: string): Search {
  const option = '$search';
  if (text.length > ODATA_LIMITS.optionLength) {
    throw new ODataError('too-large', option, `at most ${ODATA_LIMITS.optionLength} characters are accepted.`);
  }
  const tokens: { text: string; at: number }[] = [];
  for (let at = 0; at < text.length; ) {
    const found = matchAt(SEARCH_TOKEN, text, at);
    if (!found)
      throw new ODataError(
        'syntax',
        option,
        text[at] === '"' ? 'the text that opens here has no closing quote.' : 'this character is not expected here.',
        at,
      );
    if (found.trim()) tokens.push({ text: found, at });
    at += found.length;
    if (tokens.length > ODATA_LIMITS.terms)
      throw new ODataError('too-large', option, `at most ${ODATA_LIMITS.terms} words are accepted.`, at);
  }
  let next = 0;
  const peek = () => tokens[next]?.text;
  const fail = (sentence: string): never => {
    throw new ODataError('syntax', option, sentence, tokens[next]?.at ?? text.length);
  };
  const join = (kind: 'and' | 'or', terms: Search[]): Search =>
    terms.length === 1 ? (terms[0] as Search) : { kind, terms };

  const readAlternatives = (depth: number): Search => {
    if (depth > ODATA_LIMITS.depth)
      throw new ODataError('too-large', option, `at most ${ODATA_LIMITS.depth} levels of nesting are accepted.`);
    const terms = [readAll(depth)];
    while (peek() === 'OR') {
      next += 1;
      terms.push(readAll(depth));
    }
    return join('or', terms);
  };
  const readAll = (depth: number): Search => {
    const terms = [readOne(depth)];
    while (peek() !== undefined && peek() !== 'OR' && peek() !== ')') {
      // Two terms side by side are both wanted (OData 4.01 part 2 §5.1.8).
      if (peek() === 'AND') next += 1;
      terms.push(readOne(depth));
    }
    return join('and', terms);
  };
  const readOne = (depth: number): Search => {
    if (depth > ODATA_LIMITS.depth)
      throw new ODataError('too-large', option, `at most ${ODATA_LIMITS.depth} levels of nesting are accepted.`);
    const word = peek();
    if (word === undefined || word === ')' || word === 'AND' || word === 'OR')
      return fail('something to search for is missing.');
    next += 1;
    if (word === 'NOT') return { kind: 'not', term: readOne(depth + 1) };
    if (word === '(') {
      const inner = readAlternatives(depth + 1);
      if (peek() !== ')') fail("')' is missing to close the parenthesis.");
      next += 1;
      return inner;
    }
    const plain = word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/gu, '$1') : word;
    const named = /^([A-Za-z_][\w/]*):(.*)$/su.exec(plain);
    const wanted = (named ? (named[2] as string) : plain).trim();
    if (!wanted) {
      next -= 1;
      fail('something to search for is missing.');
    }
    return named ? { kind: 'term', property: named[1] as string, text: wanted } : { kind: 'term', text: wanted };
  };

  const search = readAlternatives(0);
  if (next < tokens.length) fail(`'${shown(peek() as string)}' is not expected here.`);
  return search;
}

// ---------------------------------------------------------------------------------------------------------------
// All options of a request

/**
 * Reads the query options of a request. `query` is what follows `?`, still percent-encoded, or already parsed
 * parameters. Parameters without `$` are the route's own and are left alone; an unknown or repeated `$` option is
 * refused, since ignoring `$filter` misspelt would answer with more than was asked for. Throws ODataError.
 */
export function parseQueryOptions(query: string | URLSearchParams): QueryOptions {
  const parameters = typeof query === 'string' ? new URLSearchParams(query) : query;
  return readOptions(
    [...parameters].filter(([name]) => name.startsWith('$')),
    0,
  );
}

function readOptions(pairs: Iterable<readonly [string, string]>, depth: number): QueryOptions {
  const options: QueryOptions = {};
  const seen = new Set<string>();
  for (const [rawName, value] of pairs) {
    const name = rawName.trim().toLowerCase();
    if (seen.has(name)) throw new ODataError('syntax', shown(name), 'the option is given more than once.');
    seen.add(name);
    if (value.length > ODATA_LIMITS.optionLength) {
      throw new ODataError('too-large', shown(name), `at most ${ODATA_LIMITS.optionLength} characters are accepted.`);
    }
    switch (name) {
      case '$select':
        options.select = splitOutside(name, value, ',').map((part) => parsePropertyPath(name, part));
        break;
      case '$filter':
        options.filter = parseFilter(value);
        break;
      case '$expand':
        options.expand = splitOutside(name, value, ',').map((part) => readExpand(part, depth));
        break;
      case '$top':
        options.top = parseCount(name, value, ODATA_LIMITS.top);
        break;
      case '$skip':
        options.skip = parseCount(name, value, ODATA_LIMITS.skip);
        break;
      case '$skiptoken':
        options.skipToken = nonEmpty(name, value);
        break;
      case '$deltatoken':
        // Empty, it asks to begin anew: so Graph says where to after a 410.
        options.deltaToken = value;
        break;
      case '$orderby':
        options.orderBy = splitOutside(name, value, ',').map((part) => readOrder(part));
        break;
      case '$count':
        if (!/^(true|false)$/i.test(value)) throw new ODataError('syntax', name, "only 'true' or 'false' is accepted.");
        options.count = value.toLowerCase() === 'true';
        break;
      case '$search':
        options.search = parseSearch(value);
        break;
      case '$format':
        if (!/^(json|application\/json)(;.*)?$/i.test(value))
          throw new ODataError('syntax', name, "only 'json' is offered.");
        break;
      default:
        throw new ODataError('unknown-option', shown(rawName), 'this option is not known.');
    }
  }
  return options;
}

function nonEmpty(name: string, value: string): string {
  if (!value) throw new ODataError('syntax', name, 'a value is missing.');
  return value;
}

function parseCount(name: string, value: string, most: number): number {
  if (!/^\d{1,9}$/.test(value) || Number(value) > most) {
    throw new ODataError('syntax', name, `a whole number from 0 to ${most} is expected.`);
  }
  return Number(value);
}

function parsePropertyPath(option: string, text: string): string[] {
  const path = text.trim();
  if (path === '*') return ['*'];
  // `@odata.type` and its like are asked for by Graph's own clients.
  if (!/^@?[\p{L}_][\p{L}\p{N}_.]*(\/[\p{L}_][\p{L}\p{N}_.]*){0,8}$/u.test(path)) {
    throw new ODataError(
      'syntax',
      option,
      path ? `'${shown(path)}' is no property.` : 'the name of a property is missing.',
    );
  }
  return path.split('/');
}

function readOrder(text: string): OrderBy {
  const [path, direction, ...rest] = text.trim().split(/[ \t]+/);
  const order = direction?.toLowerCase() ?? 'asc';
  if (rest.length > 0 || (order !== 'asc' && order !== 'desc')) {
    throw new ODataError(
      'syntax',
      '$orderby',
      `'${shown(text.trim())}' is not of the form 'property asc' or 'property desc'.`,
    );
  }
  return { path: parsePropertyPath('$orderby', path ?? ''), descending: order === 'desc' };
}

function readExpand(text: string, depth: number): Expand {
  if (depth >= ODATA_LIMITS.expandDepth) {
    throw new ODataError('too-large', '$expand', `at most ${ODATA_LIMITS.expandDepth} levels are accepted.`);
  }
  const item = text.trim();
  const open = item.indexOf('(');
  const [property, ...deeper] = parsePropertyPath('$expand', open < 0 ? item : item.slice(0, open));
  if (deeper.length > 0)
    throw new ODataError('syntax', '$expand', `'${shown(item)}' is no relation; nest with property($expand=…).`);
  const expand: Expand = { property: property as string, options: {} };
  if (open < 0) return expand;
  if (!item.endsWith(')'))
    throw new ODataError('syntax', '$expand', "')' is missing to close the options of a relation.");
  const pairs: [string, string][] = [];
  for (const part of splitOutside('$expand', item.slice(open + 1, -1), ';')) {
    const equals = part.indexOf('=');
    if (equals < 0)
      throw new ODataError('syntax', '$expand', `'${shown(part.trim())}' is not of the form $option=value.`);
    const [name, value] = [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
    if (name.toLowerCase() !== '$levels') pairs.push([name, value]);
    else if (value === 'max') expand.levels = 'max';
    else expand.levels = parseCount('$levels', value, 1000);
  }
  expand.options = readOptions(pairs, depth + 1);
  return expand;
}

/** Splits at a separator that stands outside quotes and parentheses. Double quotes count as well: $search in $expand. */
function splitOutside(option: string, text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (quote) {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if (character === '(') {
      depth += 1;
    } else if (character === ')') {
      depth -= 1;
      if (depth < 0) throw new ODataError('syntax', option, "')' closes nothing.", at);
    } else if (character === separator && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (quote) throw new ODataError('syntax', option, 'a quote is not closed.');
  if (depth > 0) throw new ODataError('syntax', option, "')' is missing.");
  parts.push(text.slice(start));
  if (parts.length > ODATA_LIMITS.selected) {
    throw new ODataError('too-large', option, `at most ${ODATA_LIMITS.selected} entries are accepted.`);
  }
  return parts;
}

// ---------------------------------------------------------------------------------------------------------------
// Checking a filter against declared properties, and compiling it

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

// ---------------------------------------------------------------------------------------------------------------
// Skip tokens

/**
 * Writes an opaque token for the next page: `position` is the sort key of the last row given out (keyset paging),
 * `scope` names what the page belongs to (tenant, path, filter, order), and the two are signed with HMAC-SHA-256, so
 * that nobody can page into what he did not ask for. The content is signed, not hidden: put no secret into it.
 */
export function encodeSkipToken(position: unknown[], scope: string, key: Uint8Array): string {
  const body = Buffer.from(JSON.stringify(position)).toString('base64url');
  return `${body}.${signature(body, scope, key).toString('base64url')}`;
}

/** The position that encodeSkipToken was given. Throws ODataError when the token is not ours, or of another scope. */
export function decodeSkipToken(token: string, scope: string, key: Uint8Array): unknown[] {
  const [body = '', sign = '', ...rest] = token.length <= ODATA_LIMITS.optionLength ? token.split('.') : [];
  const given = Buffer.from(sign, 'base64url');
  const expected = signature(body, scope, key);
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ODataError(
      'bad-token',
      '$skiptoken',
      'the token does not belong to this request; start again without it.',
    );
  }
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as unknown[];
}

function signature(body: string, scope: string, key: Uint8Array): Buffer {
  // The length keeps a scope that ends in what another body begins with apart from it.
  return createHmac('sha256', key).update(`skiptoken:${scope.length}:${scope}:${body}`).digest();
}
