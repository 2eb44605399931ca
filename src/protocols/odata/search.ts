import { matchAt, shown } from './reader.ts';
import { ODATA_LIMITS, ODataError, type Search } from './syntax.ts';

// $search in Graph's form: "property:text" in double quotes, joined by AND, OR, NOT.

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
