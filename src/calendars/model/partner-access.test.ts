import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import type { Actor, TenantFacts } from '../../kernel/context.ts';
import { ceiling, decide } from '../../kernel/decision.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { type FreeBusyFacts, freeBusyReadQuestion } from '../questions/lookups.ts';
import { organizationRelationships } from '../settings.ts';
import { FREE_BUSY_LEVELS, type FreeBusyLevel } from './availability.ts';
import { type PartnerRules, partnerAccess, type Scoped } from './partner-access.ts';
import { type Capability, capabilityFor, FREE_BUSY_ACCESS, reaches, relationshipFor } from './relationship.ts';

const HOME = '00000000-0000-4000-8000-00000000000f';
const SCOPE = '00000000-0000-4000-8000-00000000000a';
const BOB = '00000000-0000-4000-8000-00000000000b';

const question = freeBusyReadQuestion<FreeBusyFacts, object>(
  z.object({}),
  () => Promise.reject(new Error('nothing is gathered here')),
  ceiling('tenants.service-is-licensed:calendar', 'Everybody is.', () => true, {
    setting: () => ({ tenantId: '', module: 'tenants', scope: 'fixed', name: 'licences' }),
    remedy: 'administrator',
  }),
);

const CONTOSO = { id: 'contoso', state: 'active' } as unknown as TenantFacts;
const VISITOR: Actor = {
  kind: 'visitor',
  homeTenantId: HOME as TenantId,
  address: 'ann@fabrikam.example',
  displayName: 'Ann',
};

type Values = Partial<ReturnType<typeof organizationRelationships.shape.parse>>;
const relationship = (values: Values) => ({
  id: '01900000-0000-7000-8000-000000000001',
  values: organizationRelationships.shape.parse({ name: 'Fabrikam', domainNames: ['fabrikam.example'], ...values }),
});

function levelFor(rules: PartnerRules, owner: FreeBusyLevel, groups: readonly string[] = []) {
  const target = { kind: 'account', id: BOB } as const;
  const grant = { id: 'g', level: owner, path: 'direct', subject: { kind: 'tenant', id: 'contoso' } };
  const partner = partnerAccess(rules, { accountId: BOB, groups: new Set(groups) });
  const grants = owner === 'none' ? [] : [grant];
  return decide(question, { actor: VISITOR, tenant: CONTOSO, target, partner, agreement: undefined, grants });
}

const NOTHING = { partner: {}, byDefault: {} };
const related = (values: Values | undefined): PartnerRules => ({
  relationship: values && relationship(values),
  homeTenantId: HOME,
  capabilities: NOTHING,
});

const ON = { enabled: true, freeBusyAccessEnabled: true } as const;

test('EX-7: the decision table, and the rule that stands behind each row', () => {
  const LIMITED = { ...ON, freeBusyAccessLevel: 'LimitedDetails' } as const;
  const rows: [Values | undefined, FreeBusyLevel, string[], FreeBusyLevel, string][] = [
    [undefined, 'limited', [], 'none', 'calendars.partner-may-look-in'],
    [{ ...LIMITED, enabled: false }, 'limited', [], 'none', 'calendars.partner-may-look-in'],
    [{ ...LIMITED, freeBusyAccessEnabled: false }, 'limited', [], 'none', 'calendars.partner-may-look-in'],
    [{ ...ON, freeBusyAccessLevel: 'None' }, 'limited', [], 'none', 'calendars.relationship-level'],
    [{ ...ON, freeBusyAccessLevel: 'AvailabilityOnly' }, 'limited', [], 'busy-only', 'calendars.relationship-level'],
    [LIMITED, 'busy-only', [], 'busy-only', 'grant'],
    [LIMITED, 'limited', [], 'limited', 'calendars.relationship-level'],
    [{ ...LIMITED, freeBusyAccessScope: SCOPE }, 'limited', [], 'none', 'calendars.scope-group'],
    [{ ...LIMITED, freeBusyAccessScope: SCOPE }, 'none', [SCOPE], 'none', 'no-grant'],
    [{ ...LIMITED, freeBusyAccessScope: SCOPE }, 'limited', [SCOPE], 'limited', 'calendars.relationship-level'],
  ];
  for (const [values, owner, groups, level, rule] of rows) {
    const found = levelFor(related(values), owner, groups);
    const names = found.because.map((reason) => ('name' in reason ? reason.name : reason.kind));
    assert.deepEqual([found.level, names.includes(rule)], [level, true], `${JSON.stringify(values)}: ${names}`);
  }
});

const allowed = (isAllowed = true, rest: Partial<NonNullable<Capability>> = {}): Capability => ({
  isAllowed,
  included: [{ resourceId: 'All', resourceType: 'user' }],
  excluded: [],
  changedAt: null,
  ...rest,
});

test("EX-20, EX-21: nothing is open at first; a partner's entry stands in place of everybody's", () => {
  const BASIC = 'crossTenantCalendarAvailabilityBasic';
  const DETAILS = 'crossTenantCalendarAvailabilityLimitedDetails';
  const by = (capabilities: PartnerRules['capabilities']) =>
    levelFor({ relationship: undefined, homeTenantId: HOME, capabilities }, 'full').level;
  assert.equal(by(NOTHING), 'none');
  assert.equal(by({ partner: {}, byDefault: { [BASIC]: allowed() } }), 'busy-only');
  assert.equal(by({ partner: { [BASIC]: allowed(false) }, byDefault: { [BASIC]: allowed() } }), 'none');
  assert.equal(by({ partner: { [BASIC]: allowed(), [DETAILS]: allowed() }, byDefault: {} }), 'limited');
  assert.equal(by({ partner: { [BASIC]: allowed(), [DETAILS]: allowed(false) }, byDefault: {} }), 'busy-only');
  assert.equal(
    capabilityFor(BASIC, { partner: { [BASIC]: null }, byDefault: { [BASIC]: allowed() } })?.isAllowed,
    true,
  );
});

test('an enabled relationship stands in front of the capabilities; one that is off does not', () => {
  const capabilities = { partner: {}, byDefault: { crossTenantCalendarAvailabilityLimitedDetails: allowed() } };
  const level = (values: Values) =>
    levelFor({ relationship: relationship(values), homeTenantId: HOME, capabilities }, 'full').level;
  assert.equal(level({ enabled: true }), 'none');
  assert.equal(level({ enabled: false }), 'limited');
  assert.equal(level({ ...ON, freeBusyAccessLevel: 'AvailabilityOnly' }), 'busy-only');
});

test('a relationship whose domains were confirmed lets nobody else in who holds them later', () => {
  const values: Values = { ...ON, freeBusyAccessLevel: 'AvailabilityOnly' };
  assert.equal(levelFor(related({ ...values, partnerTenantId: HOME }), 'full').level, 'busy-only');
  assert.equal(levelFor(related({ ...values, partnerTenantId: SCOPE }), 'full').level, 'none');
});

test('EX-22: whoever is excluded is excluded, also through a group', () => {
  const at = (groups: string[]): Scoped => ({ accountId: BOB, groups: new Set(groups) });
  const found = (rest: Partial<NonNullable<Capability>>, groups: string[] = []) =>
    reaches(allowed(true, rest)!, at(groups).accountId, at(groups).groups);
  const group = [{ resourceId: SCOPE, resourceType: 'group' as const }];
  assert.equal(found({}), true);
  assert.equal(found({ included: group }), false);
  assert.equal(found({ included: group }, [SCOPE]), true);
  assert.equal(found({ included: group, excluded: group }, [SCOPE]), false);
  assert.equal(found({ excluded: [{ resourceId: BOB, resourceType: 'user' }] }), false);
});

test('of two relationships with one domain the enabled and older counts', () => {
  const { values } = relationship({});
  const off = { ...values, enabled: false };
  const of = (list: [string, typeof values][]) => relationshipFor(new Map(list), 'fabrikam.example')?.id;
  assert.equal(
    of([
      ['2', values],
      ['1', values],
    ]),
    '1',
  );
  assert.equal(
    of([
      ['1', off],
      ['2', values],
      ['3', values],
    ]),
    '2',
  );
  assert.equal(of([['1', off]]), '1');
  assert.equal(relationshipFor(new Map([['1', values]]), 'emea.fabrikam.example'), undefined);
});

test('no answer exceeds the relationship, the capabilities, the scope or what the owner gives', () => {
  const capability = fc.option(
    fc.record({
      isAllowed: fc.boolean(),
      included: fc.subarray([
        { resourceId: 'All', resourceType: 'user' as const },
        { resourceId: SCOPE, resourceType: 'group' as const },
      ]),
      excluded: fc.subarray([{ resourceId: BOB, resourceType: 'user' as const }]),
      changedAt: fc.constant(null),
    }),
  );
  const capabilities = fc.record({
    crossTenantCalendarAvailabilityBasic: capability,
    crossTenantCalendarAvailabilityLimitedDetails: capability,
  });
  const values = fc.option(
    fc.record({
      enabled: fc.boolean(),
      freeBusyAccessEnabled: fc.boolean(),
      freeBusyAccessLevel: fc.constantFrom(...FREE_BUSY_ACCESS),
      freeBusyAccessScope: fc.constantFrom(null, SCOPE),
      partnerTenantId: fc.constantFrom(null, HOME, SCOPE),
    }),
  );
  const rank = (level: FreeBusyLevel) => FREE_BUSY_LEVELS.indexOf(level);
  let open = 0;
  const check = fc.property(
    values,
    capabilities,
    capabilities,
    fc.constantFrom(...FREE_BUSY_LEVELS),
    fc.boolean(),
    (values, partner, byDefault, owner, isMember) => {
      const groups = isMember ? [SCOPE] : [];
      const rules = {
        relationship: values ? relationship(values) : undefined,
        homeTenantId: HOME,
        capabilities: { partner, byDefault },
      };
      const level = rank(levelFor(rules, owner, groups).level);
      assert.ok(level <= rank(owner) && level <= rank('limited'));
      if (level === 0) return;
      open += 1;
      const isLed = values?.enabled && (values.partnerTenantId === null || values.partnerTenantId === HOME);
      if (isLed) {
        assert.ok(values.freeBusyAccessEnabled && values.freeBusyAccessLevel !== 'None');
        assert.ok(level <= FREE_BUSY_ACCESS.indexOf(values.freeBusyAccessLevel));
        assert.ok(values.freeBusyAccessScope === null || isMember);
        return;
      }
      const led = (['LimitedDetails', 'Basic'] as const)
        .map((name) => capabilityFor(`crossTenantCalendarAvailability${name}`, { partner, byDefault }))
        .map((found) => found?.isAllowed && reaches(found, BOB, new Set(groups)));
      assert.ok(level === rank('limited') ? led[0] : led[0] || led[1]);
    },
  );
  fc.assert(check, { numRuns: 2_000, seed: 3 });
  assert.ok(open > 100, `${open} were open`);
});
