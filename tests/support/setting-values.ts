import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { z } from 'zod';
import type { SettingsDeclaration } from '../../src/kernel/settings.ts';

/** Things that settings may name by their ids. */
export interface Nameable {
  readonly groups: readonly string[];
  readonly people: readonly string[];
  readonly partners: readonly string[];
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Texts that YAML could take for something else. */
const NASTY = [
  'no',
  'null',
  '~',
  '0x10',
  '1e3',
  '2026-11-22',
  '- a',
  '# no',
  'a: b',
  '!group Sales',
  '*all',
  '&a b',
  '---',
  "it's",
  '"quoted"',
  'två  rader',
  '中文',
  '{a: 1}',
  '[x]',
  '| text',
  '<<',
  '=',
  '\u2028',
  'a\\b',
  '%TAG',
  '@x',
  '`x`',
  'true',
];
const text = (most: number) =>
  fc
    .oneof(
      fc.constantFrom(...NASTY),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      fc.string({ maxLength: 30 }),
    )
    .map((one) => one.replaceAll('\0', '').slice(0, Math.min(most, 30)).toWellFormed());
const label = fc.stringMatching(/^[a-z][a-z0-9]{2,9}$/);
const domain = label.map((one) => `${one}.example`);
const https = fc.tuple(domain, label).map(([host, path]) => `https://${host}/${path}`);

/** What no schema says of its values. */
const KNOWN: Readonly<Record<string, (nameable: Nameable) => fc.Arbitrary<unknown>>> = {
  timeZone: () => fc.constantFrom('Europe/Stockholm', 'Asia/Shanghai', 'America/New_York'),
  workingHoursStart: () => fc.constantFrom('06:00', '07:30'),
  workingHoursEnd: () => fc.constantFrom('18:00', '23:59'),
  bannerColor: () => fc.stringMatching(/^#[0-9a-f]{6}$/),
  backgroundColor: () => fc.stringMatching(/^#[0-9a-f]{6}$/),
  countryLetterCode: () => fc.constantFrom('SE', 'CN', 'NO'),
  preferredLanguage: () => fc.constantFrom('sv', 'zh', 'de-AT'),
  domainNames: () => fc.uniqueArray(domain, { minLength: 1, maxLength: 4 }),
  rules: () =>
    fc
      .uniqueArray(domain, { minLength: 1, maxLength: 3 })
      .map((all) => all.map((one) => `${one}: CalendarSharingFreeBusyDetail`)),
  blockedDomains: () => fc.uniqueArray(domain, { minLength: 1, maxLength: 4 }),
  allowedDomains: () => fc.uniqueArray(domain, { minLength: 1, maxLength: 4 }),
  appSchemes: () => fc.uniqueArray(label, { minLength: 1, maxLength: 3 }),
  mostGiven: () => fc.dictionary(label, label, { minKeys: 1, maxKeys: 3 }),
  mostTaken: () => fc.dictionary(label, label, { minKeys: 1, maxKeys: 3 }),
  freeBusyAccessScope: ({ groups }) => fc.constantFrom(...groups),
  mailTipsAccessScope: ({ groups }) => fc.constantFrom(...groups),
  mailboxMovePublishedScopes: ({ groups }) => fc.uniqueArray(fc.constantFrom(...groups), { minLength: 1 }),
  defaultSponsorId: ({ people }) => fc.constantFrom(...people),
  partnerTenantId: ({ partners }) => fc.constantFrom(...partners),
  targetOwaUrl: () => https,
  targetSharingEpr: () => https,
  targetAutodiscoverEpr: () => https,
  identitySynchronization: () =>
    fc.record({ displayName: text(30), userSyncInbound: fc.record({ isSyncAllowed: fc.constant(true) }) }),
};

/** A cell of the cross-tenant access policy: of everybody's people none can be named. */
const cell = (names: readonly string[]) =>
  fc.record({
    usersAndGroups: fc.record({
      accessType: fc.constantFrom('allowed', 'blocked'),
      targets:
        names.length === 0
          ? fc.constant([{ target: 'AllUsers', targetType: 'user' }])
          : fc
              .uniqueArray(fc.constantFrom(...names), { minLength: 1 })
              .map((all) => all.map((target) => ({ target, targetType: 'group' }))),
    }),
    applications: fc.record({
      accessType: fc.constantFrom('allowed', 'blocked'),
      targets: fc.oneof(
        fc.constant([{ target: 'AllApplications', targetType: 'application' }]),
        fc
          .uniqueArray(fc.uuid(), { minLength: 1, maxLength: 3 })
          .map((all) => all.map((target) => ({ target, targetType: 'application' }))),
      ),
    }),
  });

const capabilityOf = ({ groups, people }: Nameable) => {
  const scope = fc.oneof(
    fc.constant({ resourceId: 'All', resourceType: 'user' }),
    fc.constantFrom(...groups).map((resourceId) => ({ resourceId, resourceType: 'group' })),
    fc.constantFrom(...people).map((resourceId) => ({ resourceId, resourceType: 'user' })),
  );
  return fc.record({
    isAllowed: fc.boolean(),
    included: fc.array(scope, { maxLength: 3 }),
    excluded: fc.array(scope, { maxLength: 2 }),
    changedAt: fc.constant('2026-11-22T03:10:00.000Z'),
  });
};

function ofSchema(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return fc.oneof(...either.filter(({ type }) => type !== 'null').map(ofSchema));
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 9_999, 2 ** 31) });
    case 'number':
      return fc.double({ min: 0.5, max: 1_000, noNaN: true });
    case 'array':
      return fc.uniqueArray(ofSchema(schema.items ?? {}), {
        minLength: Math.max(1, schema.minItems ?? 0),
        maxLength: 4,
      });
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, one]) => [name, ofSchema(one)])),
      );
    case 'string':
      if (schema.format === 'email') return fc.tuple(label, domain).map(([name, at]) => `${name}@${at}`);
      if (schema.format === 'uri') return https;
      if (schema.format === 'uuid' || schema.format === 'guid') return fc.uuid();
      return text(schema.maxLength ?? 60);
    default:
      throw new Error(`No value is known for ${JSON.stringify(schema)}.`);
  }
}

function ofSetting(declaration: SettingsDeclaration, name: string, nameable: Nameable): fc.Arbitrary<unknown> {
  const type = (declaration.shape.shape as Record<string, z.ZodType>)[name]!;
  const isCell = /^b2b|^tenantRestrictions$/.test(name);
  const isForAll = declaration.scope === 'tenant' && !name.endsWith('Outbound');
  const values = isCell
    ? cell(isForAll ? [] : nameable.groups)
    : /^(crossTenant|anonymous)[A-Z]/.test(name)
      ? capabilityOf(nameable)
      : (KNOWN[name]?.(nameable) ?? ofSchema(z.toJSONSchema(type, { unrepresentable: 'any', io: 'input' }) as Schema));
  const byDefault = type.parse(undefined);
  return values
    .map((value) => type.safeParse(value))
    .filter((parsed) => parsed.success && !isDeepStrictEqual(parsed.data, byDefault))
    .map(({ data }) => data);
}

/** Of each pair, one can be set. */
const EITHER: Readonly<Record<string, readonly [string, string]>> = {
  'directory.external-collaboration': ['blockedDomains', 'allowedDomains'],
};

/** Every setting of a group with a value that is not its default. */
export function valuesFor(declaration: SettingsDeclaration, nameable: Nameable): fc.Arbitrary<Record<string, unknown>> {
  const names = Object.keys(declaration.shape.shape);
  const all = fc.record(Object.fromEntries(names.map((name) => [name, ofSetting(declaration, name, nameable)])));
  const [one, other] = EITHER[declaration.name] ?? [];
  return fc
    .tuple(all, fc.boolean())
    .map(([values, isFirst]) => {
      if (!one || !other) return values;
      const { [isFirst ? other : one]: _, ...rest } = values;
      return { ...rest, domainRestriction: isFirst ? 'deny' : 'allow' };
    })
    .filter((values) => declaration.check?.({ ...declaration.shape.parse({}), ...values } as never) === undefined);
}
