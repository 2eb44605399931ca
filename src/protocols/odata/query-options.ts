import { parseFilter } from './filter.ts';
import { shown } from './reader.ts';
import { parseSearch } from './search.ts';
import { type Expand, ODATA_LIMITS, ODataError, type OrderBy, type QueryOptions } from './syntax.ts';

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
