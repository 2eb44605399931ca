import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AgreedStanding,
  type AgreementTerm,
  agreedLevel,
  agreedStanding,
  agreedTerms,
  agreementIsInForce,
  agreementRules,
  isMeant,
  type Whom,
} from '../../kernel/agreement.ts';
import type { TenantFacts } from '../../kernel/context.ts';
import { decide, question } from '../../kernel/decision.ts';
import type { SettingsSnapshot } from '../../kernel/settings.ts';
import {
  type AgreementText,
  type Amendment,
  type AmendmentText,
  agreementText,
  digestOf,
  effectiveTerms,
  isNarrower,
  type Reach,
  standingOf,
  type Version,
} from './agreement.ts';
import { parseAgreement, printAgreement, readTerms } from './agreement-text.ts';

/** Random agreements that are tried; more where somebody asks for more. */
const CASES = Number(process.env.ENTENTE_AGREEMENT_CASES ?? 10_000);

const LEVELS = ['none', 'availability', 'limited-details', 'full'] as const;
type Level = (typeof LEVELS)[number];
const TERM: AgreementTerm = {
  name: 'calendars.sharing',
  workload: 'calendar',
  title: 'Calendars',
  sentence: 'Calendars.',
  levels: LEVELS,
};
const levelsOf = () => LEVELS;
const rank = (level: string) => LEVELS.indexOf(level as never);

const FABRIKAM = '00000000-0000-4000-8000-00000000000a';
const CONTOSO = '00000000-0000-4000-8000-00000000000b';
const ID = '00000000-0000-4000-8000-000000000001';
const party = (tenantId: string, name: string) => ({
  tenantId,
  domain: `${name}.example`,
  displayName: name,
  domains: [`${name}.example`],
});

const reach = (level: string, rest: Partial<Reach> = {}): Reach => ({ level, whom: 'everyone', until: null, ...rest });

function versionOf(
  terms: AgreementText['terms'],
  rest: Partial<AgreementText> & { signers?: readonly string[] } = {},
): Version {
  const { signers = [FABRIKAM, CONTOSO], ...given } = rest;
  const text = agreementText.parse({
    v: 1,
    kind: 'version',
    agreementId: ID,
    version: 1,
    previous: null,
    title: 'Working together',
    author: 'fabrikam.example',
    parties: [party(FABRIKAM, 'fabrikam'), party(CONTOSO, 'contoso')],
    settles: {},
    terms,
    ...given,
  });
  const authorTenantId = text.author === 'fabrikam.example' ? FABRIKAM : CONTOSO;
  return { text, digest: digestOf(text), authorTenantId, signers, isDraft: false, isSuperseded: false };
}

function amendmentOf(author: 'fabrikam' | 'contoso', number: number, rest: Partial<AmendmentText> = {}): Amendment {
  const text: AmendmentText = {
    v: 1,
    kind: 'amendment',
    agreementId: ID,
    author: `${author}.example`,
    number,
    previous: null,
    stance: 'active',
    narrowed: [],
    reason: null,
    ...rest,
  };
  return { text, digest: digestOf(text), authorTenantId: author === 'fabrikam' ? FABRIKAM : CONTOSO };
}

const agreed = (offers: Reach, accepts: Reach) => ({ term: TERM.name, of: 'fabrikam.example', offers, accepts });

// ---------------------------------------------------------------------------------------------------------------

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T00:00:00Z');
const whoms = fc.oneof(
  fc.constant('everyone' as const),
  fc
    .record({
      people: fc.option(
        fc.uniqueArray(fc.constantFrom('ann@fabrikam.example', 'anders@fabrikam.example'), { minLength: 1 }),
        {
          nil: undefined,
        },
      ),
      groups: fc.option(fc.uniqueArray(fc.constantFrom(FABRIKAM, CONTOSO, ID), { minLength: 1 }), { nil: undefined }),
      domains: fc.option(fc.constant(['fabrikam.example']), { nil: undefined }),
    })
    .map((lists) => Object.fromEntries(Object.entries(lists).filter(([, list]) => list !== undefined)))
    .filter((lists) => Object.keys(lists).length > 0),
) as fc.Arbitrary<Whom>;
const reaches = fc.record({
  level: fc.constantFrom(...LEVELS),
  whom: whoms as fc.Arbitrary<Reach['whom']>,
  until: fc.option(
    fc.integer({ min: -30, max: 30 }).map((days) => new Date(NOW + days * DAY).toISOString()),
    { nil: null },
  ),
});
const people = fc.record({
  addresses: fc.constantFrom(['ann@fabrikam.example'], ['anders@fabrikam.example'], ['x@other.example']),
  groups: fc.subarray([FABRIKAM, CONTOSO, ID]).map((ids) => new Set<string>(ids)),
});
const caps = fc.option(fc.constantFrom(...LEVELS), { nil: undefined });

/** What a tenant's settings are once an agreement has been applied. */
function snapshot(
  reachOfTerm: { level: string; until: string | null; people: readonly Whom[] } | undefined,
  rules: { mostGiven?: string | undefined; requiredFor?: readonly 'calendar'[]; isInForce?: boolean },
): SettingsSnapshot {
  const values = agreedTerms.shape.parse({
    agreementId: ID,
    isInForce: rules.isInForce ?? true,
    domains: ['contoso.example'],
    ours: reachOfTerm ? { [TERM.name]: reachOfTerm } : {},
  });
  const own = agreementRules.shape.parse({
    requiredFor: rules.requiredFor ?? [],
    mostGiven: rules.mostGiven ? { [TERM.name]: rules.mostGiven } : {},
  });
  return {
    tenant: () => own as never,
    partner: () => values as never,
    partners: () => [CONTOSO],
    collection: () => new Map() as never,
  };
}

interface Read {
  readonly tenant: TenantFacts;
  readonly agreement: AgreedStanding;
  readonly own: Level;
}

const reading = question({
  name: 'test.read',
  sentence: 'How much?',
  levels: LEVELS,
  facts: (facts: Read) => facts,
  ceilings: [
    agreementIsInForce(({ agreement }: Read) => agreement),
    agreedLevel<Read, Level>(({ agreement }) => agreement, {
      none: 'none',
      availability: 'availability',
      'limited-details': 'limited-details',
      full: 'full',
    }),
    {
      name: 'test.own',
      sentence: 'The tenant’s own.',
      permits: ({ own }) => own,
      setting: () => ({ tenantId: '', module: 'test', scope: 'fixed', name: 'own' }),
      remedy: 'administrator',
    },
  ],
  *grants() {
    yield { id: 'g', level: 'full', path: 'direct', subject: { kind: 'tenant', id: '' } };
  },
});

test(`beyond 3.1 accept 5: over ${CASES} random agreements nothing effective exceeds any offer, acceptance or ceiling`, () => {
  let open = 0;
  fc.assert(
    fc.property(
      reaches,
      reaches,
      fc.array(fc.tuple(fc.constantFrom('fabrikam', 'contoso') as fc.Arbitrary<'fabrikam' | 'contoso'>, reaches), {
        maxLength: 3,
      }),
      caps,
      fc.constantFrom(...LEVELS),
      people,
      (offers, accepts, narrowings, mostGiven, own, person) => {
        const amendments = narrowings.map(([author, to], n) =>
          amendmentOf(author, n + 1, { narrowed: [{ term: TERM.name, of: 'fabrikam.example', to }] }),
        );
        const [term] = effectiveTerms({ versions: [versionOf([agreed(offers, accepts)])], amendments }, levelsOf);
        assert.ok(term);
        const said = [offers, accepts, ...narrowings.map(([, to]) => to)];
        for (const one of said) {
          assert.ok(rank(term.level) <= rank(one.level));
          if (one.until !== null) assert.ok(term.until !== null && Date.parse(term.until) <= Date.parse(one.until));
        }
        // As the owner's tenant decides it, under its own rule for agreements and a ceiling of the workload.
        const settings = snapshot({ level: term.level, until: term.until, people: term.owners }, { mostGiven });
        const ctx = { settings, now: new Date(NOW) };
        const standing = agreedStanding(ctx, TERM, 'ours', { tenantId: CONTOSO });
        const agreement = { ...standing, isMeant: isMeant(standing.people, person) };
        const { level } = decide(reading, { tenant: { id: FABRIKAM } as TenantFacts, agreement, own });
        const ours = [offers, ...narrowings.filter(([author]) => author === 'fabrikam').map(([, to]) => to)];
        const isClosed =
          said.some(({ until }) => until !== null && Date.parse(until) <= NOW) ||
          ours.some(({ whom }) => !isMeant([whom], person));
        const inputs = [...said.map((one) => one.level), own, ...(mostGiven ? [mostGiven] : [])];
        if (isClosed) assert.equal(level, 'none');
        // Not only never above: exactly the lowest of them.
        else assert.equal(rank(level), Math.min(...inputs.map(rank)));
        if (level !== 'none') open += 1;
      },
    ),
    { numRuns: CASES },
  );
  assert.ok(open > CASES / 40, `${open} were open`);
});

test('what was agreed in another order, by another clock, or heard twice, is the same', () => {
  const first = versionOf([agreed(reach('full'), reach('full'))]);
  const amendments = [
    amendmentOf('fabrikam', 1, {
      narrowed: [{ term: TERM.name, of: 'fabrikam.example', to: reach('limited-details') }],
    }),
    amendmentOf('contoso', 1, { narrowed: [{ term: TERM.name, of: 'fabrikam.example', to: reach('availability') }] }),
    amendmentOf('contoso', 2, { stance: 'suspended' }),
  ];
  const orders = [amendments, amendments.toReversed(), [amendments[1]!, amendments[0]!, amendments[2]!]];
  // Each side keeps its own order between parties; each party's amendments stand in the order of their numbers.
  const sorted = orders.map((order) =>
    order.toSorted((a, b) => (a.authorTenantId === b.authorTenantId ? a.text.number - b.text.number : 0)),
  );
  const found = sorted.map((order) => {
    const said = { versions: [first], amendments: order };
    return [standingOf(said).state, effectiveTerms(said, levelsOf).map(({ level }) => level)];
  });
  for (const one of found) assert.deepEqual(one, ['suspended', ['none']]);
});

test('states follow from versions, signatures and amendments alone', () => {
  const terms = [agreed(reach('full'), reach('full'))];
  const proposed = versionOf(terms, { signers: [FABRIKAM] });
  const state = (versions: readonly Version[], amendments: readonly Amendment[] = []) =>
    standingOf({ versions, amendments }).state;
  assert.equal(state([{ ...proposed, isDraft: true, signers: [] }]), 'draft');
  assert.equal(state([proposed]), 'proposed');
  const counter = versionOf(terms, {
    version: 2,
    previous: proposed.digest,
    author: 'contoso.example',
    signers: [CONTOSO],
  });
  assert.equal(state([proposed, counter]), 'countered');
  const signed = { ...counter, signers: [CONTOSO, FABRIKAM] };
  assert.equal(state([proposed, signed]), 'active');
  assert.equal(state([proposed, signed], [amendmentOf('fabrikam', 1, { stance: 'suspended' })]), 'suspended');
  const resumed = [amendmentOf('fabrikam', 1, { stance: 'suspended' }), amendmentOf('fabrikam', 2)];
  assert.equal(state([proposed, signed], resumed), 'active');
  assert.equal(state([proposed, signed], [amendmentOf('contoso', 1, { stance: 'ended' })]), 'ended');
  // One who has said "ended" is not brought back by a version signed before.
  const next = versionOf(terms, { version: 3, previous: signed.digest, signers: [FABRIKAM] });
  assert.equal(state([proposed, signed, next]), 'active');
  assert.equal(standingOf({ versions: [proposed, signed, next], amendments: [] }).open, next);
});

test('what one side narrowed while a wider version was under way still holds when that one is signed', () => {
  const narrowing = amendmentOf('fabrikam', 1, {
    narrowed: [{ term: TERM.name, of: 'fabrikam.example', to: reach('availability') }],
  });
  const first = versionOf([agreed(reach('limited-details'), reach('full'))]);
  const wider = (settles: Record<string, number>) =>
    versionOf([agreed(reach('full'), reach('full'))], { version: 2, previous: first.digest, settles });
  const level = (second: Version) =>
    effectiveTerms({ versions: [first, second], amendments: [narrowing] }, levelsOf)[0]?.level;
  assert.equal(level(wider({})), 'availability');
  assert.equal(level(wider({ 'fabrikam.example': 1 })), 'full');
});

test('narrower is lower or equal in level, end and people, and nothing else', () => {
  const wide = reach('limited-details', { until: '2026-12-01T00:00:00Z' });
  const rows: [Reach, boolean][] = [
    [wide, true],
    [{ ...wide, level: 'none' }, true],
    [{ ...wide, level: 'full' }, false],
    [{ ...wide, level: 'unknown' }, false],
    [{ ...wide, until: '2026-11-01T00:00:00Z' }, true],
    [{ ...wide, until: null }, false],
    [{ ...wide, whom: { people: ['ann@fabrikam.example'] } }, true],
  ];
  for (const [next, isSo] of rows) assert.equal(isNarrower(LEVELS, next, wide), isSo, JSON.stringify(next));
  const few = reach('full', { whom: { people: ['ann@fabrikam.example'] } });
  assert.equal(isNarrower(LEVELS, reach('full'), few), false);
  assert.equal(isNarrower(LEVELS, { ...few, whom: { people: ['bob@fabrikam.example'] } }, few), false);
});

test('where an agreement is required, silence, suspension and an unknown level are denial', () => {
  const level = (settings: SettingsSnapshot) =>
    decide(reading, {
      tenant: { id: FABRIKAM } as TenantFacts,
      agreement: agreedStanding({ settings, now: new Date(NOW) }, TERM, 'ours', { domain: 'contoso.example' }),
      own: 'full',
    }).level;
  const full = { level: 'full', until: null, people: [] };
  assert.equal(level(snapshot(full, { requiredFor: ['calendar'] })), 'full');
  assert.equal(level(snapshot(undefined, { requiredFor: ['calendar'] })), 'none');
  assert.equal(level(snapshot(undefined, {})), 'full');
  assert.equal(level(snapshot(full, { requiredFor: ['calendar'], isInForce: false })), 'none');
  assert.equal(level(snapshot(full, { isInForce: false })), 'none');
  assert.equal(level(snapshot({ ...full, level: 'everything' }, {})), 'none');
});

test('the text for people is read back as what was signed, to the same digest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(reaches, reaches), { maxLength: 2 }),
      fc.string({ minLength: 1, maxLength: 200 }).filter((title) => title.trim() === title),
      (pairs, title) => {
        const terms = pairs.map(([offers, accepts], n) => ({
          ...agreed(offers, accepts),
          of: n === 0 ? 'fabrikam.example' : 'contoso.example',
        }));
        const { text } = versionOf(terms, { title });
        const remarks = ['A remark\nof two lines'];
        const printed = printAgreement(text, remarks);
        const { signed } = parseAgreement(printed);
        assert.ok(signed);
        assert.deepEqual(signed, text);
        assert.equal(printAgreement(signed, remarks), printed, 'to the last byte');
        assert.equal(digestOf(signed), digestOf(text));
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a text that somebody changed loses its head and keeps its terms; one that is none is refused', () => {
  const { text } = versionOf([agreed(reach('full'), reach('availability'))]);
  const changed = printAgreement(text).replace('level: full', 'level: limited-details');
  const { written } = parseAgreement(changed);
  assert.deepEqual(readTerms(written.terms, [TERM]), [agreed(reach('limited-details'), reach('availability'))]);
  const short = parseAgreement('terms:\n  - {term: calendars.sharing, of: fabrikam.example, offers: full}\n').written;
  assert.deepEqual(readTerms(short.terms, [TERM]), [agreed(reach('full'), reach('full'))]);
  for (const bad of ['- 1', 'terms: 5', 'terms: [', 'a: &a [*a]', 'terms: []\nmore: 1', ''])
    assert.throws(() => parseAgreement(bad), { code: 'request.invalid' }, bad);
});
