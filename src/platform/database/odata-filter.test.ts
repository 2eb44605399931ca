import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import {
  type Filter,
  joinFilters,
  type Literal,
  ODataError,
  parseFilter,
  printFilter,
  type Schema,
  toPredicate,
} from '../../protocols/odata.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { type FilterColumn, filterToSql } from './odata-filter.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'entente-odata-'));
let postgres: EmbeddedPostgres;
let database: Kysely<unknown>;

before(async () => {
  postgres = await startEmbeddedPostgres({ folder });
  database = new Kysely({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: postgres.url, max: 2 }) }),
  });
  await sql`create table people (
    id int primary key, name text, object_id uuid, enabled boolean, created_at timestamptz, size bigint,
    division text, addresses text[], tags jsonb, identities jsonb)`.execute(database);
  await sql`create table licences (person int not null, sku uuid, plan text)`.execute(database);
});

after(async () => {
  await database?.destroy();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const columns: Record<string, FilterColumn> = {
  name: { kind: 'string', column: 'people.name' },
  objectId: { kind: 'guid', column: 'people.object_id' },
  enabled: { kind: 'boolean', column: 'people.enabled' },
  created: { kind: 'instant', column: 'people.created_at' },
  size: { kind: 'number', column: 'people.size' },
  employee: { kind: 'complex', properties: { division: { kind: 'string', column: 'people.division' } } },
  addresses: { kind: 'string', column: 'people.addresses', collection: 'array' },
  tags: { kind: 'number', column: 'people.tags', collection: 'jsonb' },
  identities: {
    kind: 'complex',
    column: 'people.identities',
    collection: 'jsonb',
    properties: {
      issuer: { kind: 'string' },
      since: { kind: 'instant' },
      active: { kind: 'boolean' },
      aliases: { kind: 'string', collection: true },
      origin: { kind: 'complex', properties: { country: { kind: 'string' } } },
    },
  },
  licences: {
    kind: 'complex',
    properties: { sku: { kind: 'guid', column: 'licences.sku' }, plan: { kind: 'string', column: 'licences.plan' } },
    collection: {
      exists: (condition) => sql`exists (select 1 from licences where licences.person = people.id and ${condition})`,
      count: sql<number>`(select count(*) from licences where licences.person = people.id)`,
    },
  },
};

// Text that meets itself often, with every character that LIKE or JSON could take for its own.
const words = fc.stringMatching(/^[aAbÅå%_\\'" ]{0,3}$/);
const guids = fc.constantFrom('a84efa21-98c3-4e5d-95ab-d07053a96e67', '00000000-0000-4000-8000-000000000000');
const instants = fc.constantFrom('2026-11-21T08:00:00.000Z', '2026-11-22T00:00:00.000Z', '1999-01-01T00:00:00.500Z');
const sizes = fc.constantFrom(0, 1, -1, 2 ** 40);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 3 });
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });

const person = record({
  name: maybe(words),
  objectId: maybe(guids),
  enabled: maybe(fc.boolean()),
  created: maybe(instants),
  size: maybe(sizes),
  employee: record({ division: maybe(words) }),
  addresses: maybe(fc.array(words, { maxLength: 2 })),
  tags: maybe(fc.array(sizes, { maxLength: 2 })),
  identities: maybe(
    fc.array(
      record({
        issuer: maybe(words),
        since: maybe(instants),
        active: maybe(fc.boolean()),
        aliases: fc.array(words, { maxLength: 2 }),
        origin: record({ country: maybe(words) }),
      }),
      { maxLength: 2 },
    ),
  ),
  licences: fc.array(record({ sku: maybe(guids), plan: maybe(words) }), { maxLength: 2 }),
});

const literals: Record<string, fc.Arbitrary<Literal>> = {
  string: words.map((value) => ({ type: 'string', value })),
  guid: guids.map((value) => ({ type: 'guid', value })),
  instant: instants.map((value) => ({ type: 'instant', value })),
  boolean: fc.boolean().map((value) => ({ type: 'boolean', value })),
  number: fc.oneof(sizes, fc.constant(0.5)).map((value) => ({ type: 'number', value })),
};
const nothing = fc.constant<Literal>({ type: 'null', value: null });

/** Any filter that the schema allows. */
function filters(schema: Schema, depth: number): fc.Arbitrary<Filter> {
  const leaves = Object.entries(schema).flatMap(([name, property]) =>
    leavesOf([name], property as Schema[string], depth),
  );
  const leaf = fc.oneof(...leaves);
  if (depth === 0) return leaf;
  const inner = filters(schema, depth - 1);
  return fc.oneof(
    leaf,
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(inner, { minLength: 1, maxLength: 3 }))
      .map(([kind, terms]) => joinFilters(kind, terms)),
    inner.map((term): Filter => ({ kind: 'not', term })),
  );
}

function leavesOf(at: string[], property: Schema[string], depth: number): fc.Arbitrary<Filter>[] {
  if (property.collection) {
    const element: Schema[string] = { ...property, collection: undefined };
    const size = fc.tuple(fc.constantFrom('eq', 'ne', 'gt'), fc.constantFrom(0, 1, 2));
    const term =
      property.kind === 'complex'
        ? filters(property.properties, Math.max(0, depth - 1))
        : fc.oneof(...leavesOf([], element, 0));
    return [
      fc.constant<Filter>({ kind: 'any', path: at }),
      term.map((inner): Filter => ({ kind: 'any', path: at, term: inner })),
      size.map(
        ([operator, value]): Filter => ({
          kind: 'compare',
          operator: operator as 'eq',
          path: [...at, '$count'],
          value: { type: 'number', value },
        }),
      ),
    ];
  }
  if (property.kind === 'complex') {
    return Object.entries(property.properties).flatMap(([name, part]) => leavesOf([...at, name], part, depth));
  }
  const literal = literals[property.kind] as fc.Arbitrary<Literal>;
  const operators = property.kind === 'boolean' ? ['eq', 'ne'] : ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
  const found: fc.Arbitrary<Filter>[] = [
    fc
      .tuple(fc.constantFrom(...operators), literal)
      .map(([operator, value]): Filter => ({ kind: 'compare', operator: operator as 'eq', path: at, value })),
    fc
      .tuple(fc.constantFrom('eq', 'ne'), nothing)
      .map(([operator, value]): Filter => ({ kind: 'compare', operator: operator as 'eq', path: at, value })),
    fc
      .array(fc.oneof(literal, nothing), { minLength: 1, maxLength: 3 })
      .map((values): Filter => ({ kind: 'in', path: at, values })),
  ];
  if (property.kind === 'string') {
    found.push(
      fc
        .tuple(fc.constantFrom('startswith', 'endswith', 'contains'), words)
        .map(([operator, text]): Filter => ({ kind: 'match', operator: operator as 'contains', path: at, text })),
    );
  }
  return found;
}

test('the database selects exactly the rows that the predicate selects', async () => {
  const schema = columns as Schema;
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: 4, maxLength: 8 }),
      fc.array(filters(schema, 2), { minLength: 8, maxLength: 8 }),
      async (people, wanted) => {
        await sql`truncate people, licences`.execute(database);
        for (const [id, row] of people.entries()) {
          await sql`insert into people values (${id}, ${row.name}, ${row.objectId}, ${row.enabled}, ${row.created}, ${row.size},
          ${row.employee.division}, ${row.addresses}, ${JSON.stringify(row.tags)}::jsonb,
          ${JSON.stringify(row.identities)}::jsonb)`.execute(database);
          for (const { sku, plan } of row.licences) {
            await sql`insert into licences values (${id}, ${sku}, ${plan})`.execute(database);
          }
        }
        for (const filter of wanted) {
          const found = await sql<{
            id: number;
          }>`select id from people where ${filterToSql(filter, columns)} order by id`.execute(database);
          const expected = people.flatMap((row, id) => (toPredicate(filter, schema)(row) ? [id] : []));
          assert.deepEqual(
            found.rows.map(({ id }) => id),
            expected,
            printFilter(filter),
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("the caller's words are bound, never part of the statement", () => {
  const { sql: statement, parameters } = sql`${filterToSql(
    parseFilter("contains(name,'50%_\\ off''; drop table people') and identities/any(i:i/issuer eq 'x')"),
    columns,
  )}`.compile(database);
  assert.doesNotMatch(statement, /drop|off/);
  assert.deepEqual(parameters, ["%50\\%\\_\\\\ off'; drop table people%", ['issuer'], 'x']);
});

test('an index on the lower case of a column serves a comparison of text', async () => {
  await sql`create index people_name on people (lower(name) text_pattern_ops)`.execute(database);
  const plan = await database.connection().execute(async (connection) => {
    await sql`set enable_seqscan = off`.execute(connection);
    const explain = (written: string) =>
      sql<{
        'QUERY PLAN': string;
      }>`explain select id from people where ${filterToSql(parseFilter(written), columns)}`.execute(connection);
    const plans = [await explain("name eq 'Ann'"), await explain("startswith(name,'Ann')")];
    await sql`reset enable_seqscan`.execute(connection);
    return plans.map(({ rows }) => rows.map((row) => row['QUERY PLAN']).join('\n'));
  });
  for (const text of plan) assert.match(text, /Index Cond/);
});

test('a property without a column is refused by name', () => {
  assert.throws(
    () => filterToSql(parseFilter("passwordHash eq 'x'"), columns),
    (error) =>
      error instanceof ODataError && error.code === 'unknown-property' && error.message.includes("'passwordHash'"),
  );
  assert.throws(() => filterToSql(parseFilter('employee eq null'), columns), ODataError);
});
