import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Filter,
  joinFilters,
  type Literal,
  ODATA_LIMITS,
  ODataError,
  parseFilter,
  parseQueryOptions,
  parseSearch,
  printFilter,
  type Schema,
  toPredicate,
} from './odata.ts';

const text = (value: string): Literal => ({ type: 'string', value });

/** Runs `act` and returns the ODataError it must throw. */
function refusal(act: () => unknown): ODataError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof ODataError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'nothing was refused' });
}

test('reads the filters that Graph documents', () => {
  const table: [string, Filter][] = [
    ["displayName eq 'O''Brien'", { kind: 'compare', operator: 'eq', path: ['displayName'], value: text("O'Brien") }],
    ["id in ('a', 'b')", { kind: 'in', path: ['id'], values: [text('a'), text('b')] }],
    ["startswith(mail,'ann')", { kind: 'match', operator: 'startswith', path: ['mail'], text: 'ann' }],
    [
      "NOT(endsWith(mail,'x'))",
      { kind: 'not', term: { kind: 'match', operator: 'endswith', path: ['mail'], text: 'x' } },
    ],
    [
      'accountEnabled eq false',
      { kind: 'compare', operator: 'eq', path: ['accountEnabled'], value: { type: 'boolean', value: false } },
    ],
    [
      'onPremisesSyncEnabled ne null',
      { kind: 'compare', operator: 'ne', path: ['onPremisesSyncEnabled'], value: { type: 'null', value: null } },
    ],
    [
      'createdDateTime ge 2026-11-21T08:00:00.5Z',
      {
        kind: 'compare',
        operator: 'ge',
        path: ['createdDateTime'],
        value: { type: 'instant', value: '2026-11-21T08:00:00.5Z' },
      },
    ],
    ['a/b gt -1.5', { kind: 'compare', operator: 'gt', path: ['a', 'b'], value: { type: 'number', value: -1.5 } }],
    [
      "groupTypes/any(c:c eq 'Unified')",
      {
        kind: 'any',
        path: ['groupTypes'],
        term: { kind: 'compare', operator: 'eq', path: [], value: text('Unified') },
      },
    ],
    [
      'assignedLicenses/any(s:s/skuId eq a84efa21-98c3-4e5d-95ab-d07053a96e67)',
      {
        kind: 'any',
        path: ['assignedLicenses'],
        term: {
          kind: 'compare',
          operator: 'eq',
          path: ['skuId'],
          value: { type: 'guid', value: 'a84efa21-98c3-4e5d-95ab-d07053a96e67' },
        },
      },
    ],
    ['groupTypes/any()', { kind: 'any', path: ['groupTypes'] }],
    [
      'assignedLicenses/$count ne 0',
      { kind: 'compare', operator: 'ne', path: ['assignedLicenses', '$count'], value: { type: 'number', value: 0 } },
    ],
  ];
  for (const [written, tree] of table) assert.deepEqual(parseFilter(written), tree, written);
});

test('not binds closer than and, and closer than or, parentheses closest', () => {
  const is = (name: string): Filter => ({
    kind: 'compare',
    operator: 'eq',
    path: [name],
    value: { type: 'number', value: 1 },
  });
  const not = (term: Filter): Filter => ({ kind: 'not', term });
  const table: [string, Filter][] = [
    ['a eq 1 or b eq 1 and c eq 1', joinFilters('or', [is('a'), joinFilters('and', [is('b'), is('c')])])],
    ['a eq 1 and b eq 1 or c eq 1', joinFilters('or', [joinFilters('and', [is('a'), is('b')]), is('c')])],
    ['(a eq 1 or b eq 1) and c eq 1', joinFilters('and', [joinFilters('or', [is('a'), is('b')]), is('c')])],
    ['not a eq 1 and b eq 1', joinFilters('and', [not(is('a')), is('b')])],
    ['not (a eq 1 and b eq 1)', not(joinFilters('and', [is('a'), is('b')]))],
  ];
  for (const [written, tree] of table) assert.deepEqual(parseFilter(written), tree, written);
});

test('says where a filter is wrong and what is missing', () => {
  const table: [string, number, RegExp][] = [
    ['', 0, /a condition is missing/],
    ['displayName', 11, /needs a comparison/],
    ['displayName eq', 14, /a value is missing after 'eq'/],
    ['displayName eq ann', 15, /text needs quotes: 'ann'/],
    ["displayName eq 'ann", 15, /no closing quote/],
    ["displayName is 'ann'", 12, /'is' is no operator/],
    ["substringof('a',b)", 0, /no known function/],
    ['startswith(mail,1)', 16, /quoted text/],
    ['(a eq 1', 7, /'\)' is missing/],
    ['a eq 1)', 6, /not expected/],
    ['a eq 2026-02-31', 5, /out of range/],
    ['a eq 2026-02-01T10:00:00', 5, /date-time with its zone/],
    ['a eq 99999999999999999999', 5, /out of range/],
    ['a in ()', 6, /a value is missing/],
    ["t/any(x:y eq 'v')", 8, /begins with 'x'/],
    ["t/all(x:x eq 'v')", 5, /known is any/],
    ['t/any(x:x/u/any(x:x eq 1))', 16, /already taken/],
    ['a eq 1; drop', 6, /';' is not expected/],
    ['1 eq a', 0, /begins with a property/],
  ];
  for (const [written, position, sentence] of table) {
    const error = refusal(() => parseFilter(written));
    assert.match(error.message, sentence, written);
    assert.equal(error.position, position, written);
    assert.equal(error.option, '$filter');
    assert.equal(error.code, 'syntax');
  }
});

test('refuses filters that are too long, too deep or too many', () => {
  const deep = ODATA_LIMITS.depth + 1;
  for (const written of [
    `a eq '${'x'.repeat(ODATA_LIMITS.optionLength)}'`,
    `${'('.repeat(deep)}a eq 1${')'.repeat(deep)}`,
    `${'not '.repeat(deep)}a eq 1`,
    `a in (${Array(ODATA_LIMITS.terms + 1)
      .fill('1')
      .join(',')})`,
    Array(ODATA_LIMITS.terms + 1)
      .fill('a eq 1')
      .join(' or '),
    `${Array(deep + 1)
      .fill('a')
      .join('/')} eq 1`,
  ]) {
    assert.equal(refusal(() => parseFilter(written)).code, 'too-large', written.slice(0, 40));
  }
  assert.ok(parseFilter(`a in (${Array(ODATA_LIMITS.terms).fill('1').join(',')})`));
});

// --- properties -------------------------------------------------------------------------------------------------

const name = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/)
  .filter((word) => !/^(true|false|null|not|and|or|in|any|x\d*)$/i.test(word));
const path = fc.array(name, { minLength: 1, maxLength: 3 });
const literal: fc.Arbitrary<Literal> = fc.oneof(
  fc
    .uint8Array({ maxLength: 12 })
    .map((bytes) => Buffer.from(bytes).toString())
    .map(text),
  fc
    .oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, min: -1e9, max: 1e9 }))
    .map((value): Literal => ({ type: 'number', value: value === 0 ? 0 : value })),
  fc.boolean().map((value): Literal => ({ type: 'boolean', value })),
  fc.constant<Literal>({ type: 'null', value: null }),
  fc.uuid().map((value): Literal => ({ type: 'guid', value })),
  fc
    .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
    .map((date): Literal => ({ type: 'instant', value: date.toISOString() })),
);
const plain = { noNullPrototype: true } as const;
const { filter } = fc.letrec<{ filter: Filter; leaf: Filter }>((tie) => ({
  leaf: fc.oneof(
    fc.record(
      {
        kind: fc.constant('compare' as const),
        operator: fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le'),
        path,
        value: literal,
      },
      plain,
    ),
    fc.record(
      {
        kind: fc.constant('in' as const),
        path,
        values: fc.array(literal, { minLength: 1, maxLength: 4 }),
      },
      plain,
    ),
    fc.record(
      {
        kind: fc.constant('match' as const),
        operator: fc.constantFrom('startswith', 'endswith', 'contains'),
        path,
        text: fc.string({ maxLength: 8 }),
      },
      plain,
    ),
    fc.record({ kind: fc.constant('any' as const), path }, plain),
  ) as fc.Arbitrary<Filter>,
  filter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('leaf'),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 }))
      .map(([kind, terms]) => joinFilters(kind as 'and', terms)),
    tie('filter').map((term): Filter => ({ kind: 'not', term })),
    fc.tuple(path, tie('filter')).map(([collection, term]): Filter => ({ kind: 'any', path: collection, term })),
  ),
}));

test('a printed filter reads back as the same tree', () => {
  fc.assert(
    fc.property(filter, (tree) => {
      const written = printFilter(tree);
      fc.pre(written.length < ODATA_LIMITS.optionLength);
      assert.deepEqual(parseFilter(written), tree);
    }),
    { numRuns: 1000 },
  );
});

test('whatever is sent is read or refused with a position inside it, and quickly', () => {
  const words = fc
    .array(
      fc.constantFrom(
        '(',
        ')',
        "'",
        '"',
        ',',
        '/',
        ':',
        'a',
        'x:x',
        'any(',
        ' and ',
        ' or ',
        'not ',
        ' in ',
        ' eq ',
        '1',
        '-',
        '$count',
        'null',
        '\\',
        ';',
        '=',
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      fc.oneof(
        words,
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString()),
      ),
      (written) => {
        for (const parse of [
          parseFilter,
          parseSearch,
          (value: string) =>
            parseQueryOptions(new URLSearchParams({ $expand: value, $select: value, $orderby: value })),
        ]) {
          try {
            parse(written);
          } catch (error) {
            assert.ok(error instanceof ODataError, String(error));
            assert.ok(error.position === undefined || (error.position >= 0 && error.position <= written.length));
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
  // Repetitions that would make a careless pattern or recursion slow.
  const started = performance.now();
  for (const unit of ["'", '(', 'a ', '1-', '-', '"\\', 'not ', 'a/', 'not(', '1234567a-', 'a.']) {
    const written = unit.repeat(ODATA_LIMITS.optionLength / unit.length);
    assert.throws(() => parseFilter(written), ODataError, unit);
    try {
      parseSearch(written);
    } catch (error) {
      assert.ok(error instanceof ODataError, String(error));
    }
  }
  assert.ok(performance.now() - started < 1000);
});

// --- the other options ------------------------------------------------------------------------------------------

test('reads every option as a Graph client encodes it', () => {
  const query =
    '$select=id,displayName&$filter=displayName%20eq%20%27a%26b%27&$top=5&$skip=10&$orderby=displayName%20desc,id' +
    '&$count=true&$search=%22displayName:ann%22%20AND%20%22mail:fabrikam%22&$skiptoken=abc' +
    "&$expand=manager($levels=max;$select=id,displayName),members($filter=displayName eq 'a,b;c)';$top=3;$expand=memberOf)&workspace=1";
  assert.deepEqual(parseQueryOptions(query), {
    select: [['id'], ['displayName']],
    filter: parseFilter("displayName eq 'a&b'"),
    top: 5,
    skip: 10,
    orderBy: [
      { path: ['displayName'], descending: true },
      { path: ['id'], descending: false },
    ],
    count: true,
    search: {
      kind: 'and',
      terms: [
        { kind: 'term', property: 'displayName', text: 'ann' },
        { kind: 'term', property: 'mail', text: 'fabrikam' },
      ],
    },
    skipToken: 'abc',
    expand: [
      { property: 'manager', levels: 'max', options: { select: [['id'], ['displayName']] } },
      {
        property: 'members',
        options: {
          filter: parseFilter("displayName eq 'a,b;c)'"),
          top: 3,
          expand: [{ property: 'memberOf', options: {} }],
        },
      },
    ],
  });
});

test('refuses an option that is unknown, repeated or out of range, naming it', () => {
  const table: [string, string][] = [
    ['$filtr=a eq 1', '$filtr'],
    ['$top=1&$top=2', '$top'],
    ['$top=-1', '$top'],
    ['$top=1000', '$top'],
    ['$skip=x', '$skip'],
    ['$count=yes', '$count'],
    ['$select=a,,b', '$select'],
    ["$select=a';drop", '$select'],
    ['$orderby=a sideways', '$orderby'],
    ['$expand=a(', '$expand'],
    ['$expand=a($expand=b($expand=c($expand=d)))', '$expand'],
    ['$expand=a($filter=b eq)', '$filter'],
    ['$search=', '$search'],
    ['$format=xml', '$format'],
  ];
  for (const [query, option] of table) assert.equal(refusal(() => parseQueryOptions(query)).option, option, query);
});

test('reads searches with quotes, escapes and words', () => {
  assert.deepEqual(parseSearch('"say \\"hi\\"" OR NOT pizza'), {
    kind: 'or',
    terms: [
      { kind: 'term', text: 'say "hi"' },
      { kind: 'not', term: { kind: 'term', text: 'pizza' } },
    ],
  });
  assert.deepEqual(parseSearch('a b'), parseSearch('a AND b'));
  assert.match(refusal(() => parseSearch('"a')).message, /no closing quote/);
});

// --- predicates -------------------------------------------------------------------------------------------------

const schema: Schema = {
  displayName: { kind: 'string' },
  id: { kind: 'guid' },
  accountEnabled: { kind: 'boolean' },
  createdDateTime: { kind: 'instant' },
  size: { kind: 'number' },
  proxyAddresses: { kind: 'string', collection: true },
  identities: {
    kind: 'complex',
    collection: true,
    properties: { issuer: { kind: 'string' }, signInType: { kind: 'string' } },
  },
  employee: { kind: 'complex', properties: { division: { kind: 'string' } } },
};
const ann = {
  id: 'a84efa21-98c3-4e5d-95ab-d07053a96e67',
  displayName: 'Ann Åberg',
  accountEnabled: true,
  createdDateTime: new Date('2026-11-21T08:00:00Z'),
  size: 7,
  proxyAddresses: ['SMTP:ann@fabrikam.example', 'smtp:a@fabrikam.example'],
  identities: [
    { issuer: 'fabrikam.example', signInType: 'userPrincipalName' },
    { issuer: 'contoso.example', signInType: 'federated' },
  ],
  employee: { division: 'Sales' },
};
const nobody = { id: '00000000-0000-4000-8000-000000000000', displayName: null, identities: [] };

test('a filter selects the rows it describes', () => {
  const table: [string, boolean, boolean][] = [
    ["displayName eq 'ann åberg'", true, false],
    ["displayName ne 'ann åberg'", false, true],
    ["not (displayName eq 'ann åberg')", false, true],
    ['displayName eq null', false, true],
    ['displayName ne null', true, false],
    ["displayName in ('x','ANN ÅBERG')", true, false],
    ["displayName in ('x',null)", false, true],
    ["startswith(displayName,'ANN') and endswith(displayName,'berg') and contains(displayName,'n å')", true, false],
    ["contains(displayName,'%')", false, false],
    ["displayName gt 'Anm'", true, false],
    ["id eq 'A84EFA21-98C3-4E5D-95AB-D07053A96E67'", true, false],
    ['accountEnabled eq true', true, false],
    ['createdDateTime ge 2026-11-21T09:00:00+01:00', true, false],
    ['createdDateTime gt 2026-11-21T09:00:00+01:00', false, false],
    ['createdDateTime lt 2026-11-22', true, false],
    ['size ge 7 and size le 7', true, false],
    ['not (size gt 7)', true, true],
    ["proxyAddresses/any(x:x eq 'smtp:ann@fabrikam.example')", true, false],
    ["proxyAddresses/any(x:startswith(x,'smtp:a@'))", true, false],
    ['proxyAddresses/$count eq 2', true, false],
    ['identities/any()', true, false],
    ["identities/any(i:i/issuer eq 'contoso.example' and i/signInType eq 'federated')", true, false],
    ["identities/any(i:i/issuer eq 'fabrikam.example' and i/signInType eq 'federated')", false, false],
    ["employee/division eq 'sales'", true, false],
  ];
  for (const [written, forAnn, forNobody] of table) {
    const selects = toPredicate(parseFilter(written), schema);
    assert.deepEqual([selects(ann), selects(nobody)], [forAnn, forNobody], written);
  }
});

test('a filter on what is not declared, or of another type, is refused by name', () => {
  const table: [string, ODataError['code'], RegExp][] = [
    ["passwordHash eq 'x'", 'unknown-property', /'passwordHash'/],
    ["constructor eq 'x'", 'unknown-property', /'constructor'/],
    ['employee/salary eq 1', 'unknown-property', /'employee\/salary'/],
    ["identities/issuer eq 'x'", 'unknown-property', /'identities\/issuer'/],
    ["identities/any(i:i/password eq 'x')", 'unknown-property', /'password'/],
    ['displayName eq 1', 'wrong-type', /quoted text/],
    ["size eq 'x'", 'wrong-type', /number/],
    ["id eq 'x'", 'wrong-type', /GUID/],
    ["createdDateTime eq '2026-11-21'", 'wrong-type', /without quotes/],
    ['accountEnabled gt true', 'wrong-type', /eq and ne/],
    ['displayName gt null', 'wrong-type', /null/],
    ["startswith(size,'1')", 'wrong-type', /no text/],
    ["proxyAddresses eq 'x'", 'wrong-type', /any\(/],
    ["displayName/any(x:x eq 'x')", 'wrong-type', /single value/],
    ["employee eq 'x'", 'wrong-type', /parts/],
    ["displayName eq 'a\0b'", 'wrong-type', /quoted text/],
  ];
  for (const [written, code, sentence] of table) {
    const error = refusal(() => toPredicate(parseFilter(written), schema));
    assert.equal(error.code, code, written);
    assert.match(error.message, sentence, written);
  }
});
