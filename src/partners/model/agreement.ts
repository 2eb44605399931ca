import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AgreementTerm, Whom } from '../../kernel/agreement.ts';
import { parseId } from '../../kernel/ids.ts';
import { canonicalBytes } from '../../protocols/signed-json.ts';
import { parseDomainName } from '../../tenants/index.ts';

/**
 * The text of an agreement: what is signed, byte for byte. Nothing here may change what it reads, so that what was
 * signed prints as it was signed; what people write is brought into this form before (`agreement-text.ts`).
 */
const domain = z.string().refine((text) => parseDomainName(text) === text, 'Write a domain in lower case.');
const id = z.string().refine((text) => parseId(text) === text, 'Write an id in lower case.');
const address = z
  .string()
  .max(320)
  .refine((text) => /^[^\s@]+@[^\s@]+$/.test(text) && text === text.toLowerCase(), 'Write an address in lower case.');
const digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'Write a SHA-256 digest in base64url.');

export const TERMS_AT_MOST = 200;

/** People of the side that says it: each organisation names only its own. */
const whom = z.union([
  z.literal('everyone'),
  z
    .strictObject({
      people: z.array(address).min(1).max(500).optional(),
      groups: z.array(id).min(1).max(500).optional(),
      domains: z.array(domain).min(1).max(100).optional(),
    })
    .refine((names) => Object.keys(names).length > 0, 'Name somebody, or write "everyone".'),
]);

export const reach = z.strictObject({
  level: z.string().min(1).max(60),
  whom,
  /** The end, by the clock of whoever is asked; null: without end. */
  until: z.iso.datetime().nullable(),
});
/** How far one side goes: what it offers of its own, or what it accepts of the other's. */
export type Reach = z.output<typeof reach>;

const party = z.strictObject({
  tenantId: id,
  /** What the party is called in this text. */
  domain,
  displayName: z.string().max(256),
  domains: z.array(domain).min(1).max(1_000),
});
export type Party = z.output<typeof party>;

const agreedTerm = z.strictObject({
  /** `calendars.free-busy` */
  term: z.string().min(1).max(100),
  /** The domain of the party whose things are reached. */
  of: domain,
  /** By that party, about its own people. */
  offers: reach,
  /** By the other one, about its own people. */
  accepts: reach,
});
export type AgreedTerm = z.output<typeof agreedTerm>;

export const agreementText = z
  .strictObject({
    v: z.literal(1),
    kind: z.literal('version'),
    agreementId: id,
    version: z.int().min(1).max(100_000),
    /** The digest of the version before. */
    previous: digest.nullable(),
    title: z
      .string()
      .min(1)
      .max(200)
      .refine((title) => title.trim() === title, 'A title begins and ends with a word.'),
    /** The domain of the party that wrote this version. */
    author: domain,
    parties: z.tuple([party, party]),
    /** How many amendments of each party this version takes into its terms. Those that came later still hold. */
    settles: z.record(domain, z.int().min(0)),
    terms: z.array(agreedTerm).max(TERMS_AT_MOST),
  })
  .superRefine(({ version, previous, author, parties, terms, settles }, check) => {
    const say = (message: string) => check.addIssue({ code: 'custom', message });
    const names = parties.map((one) => one.domain);
    if ((version === 1) !== (previous === null)) say('Every version but the first names the one before.');
    if (parties[0].tenantId === parties[1].tenantId || names[0] === names[1]) say('An agreement has two parties.');
    for (const one of parties) if (!one.domains.includes(one.domain)) say('A party is named by one of its domains.');
    if (!names.includes(author)) say('An agreement is written by one of its parties.');
    if (Object.keys(settles).some((name) => !names.includes(name))) say('Only its parties amend an agreement.');
    if (terms.some(({ of }) => !names.includes(of))) say('A term is about what one of the parties has.');
    if (new Set(terms.map(keyOf)).size < terms.length) say('Each term stands once for each party.');
  });
export type AgreementText = z.output<typeof agreementText>;

export const STANCES = ['active', 'suspended', 'ended'] as const;

/** What one side changes alone, at once: it can only narrow what it offers or accepts, suspend, resume what it suspended, or end. */
export const amendmentText = z.strictObject({
  v: z.literal(1),
  kind: z.literal('amendment'),
  agreementId: id,
  author: domain,
  /** Counted for each author by itself, so that two that cross do not clash. */
  number: z.int().min(1).max(100_000),
  /** The digest of the author's amendment before. */
  previous: digest.nullable(),
  stance: z.enum(STANCES),
  /** The author's offers of its own things and acceptances of the other's, none of them wider than before. */
  narrowed: z.array(z.strictObject({ term: z.string().min(1).max(100), of: domain, to: reach })).max(TERMS_AT_MOST),
  reason: z.string().max(1_000).nullable(),
});
export type AmendmentText = z.output<typeof amendmentText>;

export const keyOf = ({ term, of }: { readonly term: string; readonly of: string }): string => `${term} ${of}`;

/** SHA-256 over the canonical JSON, in base64url. */
export const digestOf = (value: unknown): string =>
  createHash('sha256').update(canonicalBytes(value)).digest('base64url');

export interface Version {
  readonly text: AgreementText;
  readonly digest: string;
  readonly authorTenantId: string;
  readonly signers: readonly string[];
  /** Written by us and sent to nobody. */
  readonly isDraft: boolean;
  /** Another of the same number stands in its place. */
  readonly isSuperseded: boolean;
}

export interface Amendment {
  readonly text: AmendmentText;
  readonly digest: string;
  readonly authorTenantId: string;
}

/** All that was said, in the order of the numbers. What holds follows from it alone, by no clock and no order of arrival. */
export interface Said {
  readonly versions: readonly Version[];
  readonly amendments: readonly Amendment[];
}

export type AgreementState = 'draft' | 'proposed' | 'countered' | 'active' | 'suspended' | 'ended';

export interface Standing {
  readonly state: AgreementState;
  /** The newest version that both signed. */
  readonly inForce: Version | undefined;
  /** What one side has put to the other since. */
  readonly open: Version | undefined;
  readonly draft: Version | undefined;
}

const isSigned = ({ text, signers }: Version) => text.parties.every(({ tenantId }) => signers.includes(tenantId));

export function standingOf({ versions, amendments }: Said): Standing {
  const living = versions.filter(({ isSuperseded }) => !isSuperseded);
  const draft = living.findLast(({ isDraft }) => isDraft);
  const told = living.filter(({ isDraft }) => !isDraft);
  const inForce = told.findLast(isSigned);
  const last = told.at(-1);
  const open = last === inForce ? undefined : last;
  return { state: stateOf(amendments, told, inForce, open), inForce, open, draft };
}

function stateOf(
  amendments: readonly Amendment[],
  told: readonly Version[],
  inForce: Version | undefined,
  open: Version | undefined,
): AgreementState {
  if (amendments.some(({ text }) => text.stance === 'ended')) return 'ended';
  if (inForce) {
    const stances = inForce.text.parties.map(
      ({ domain }) => unsettled(inForce, amendments, domain).at(-1)?.text.stance,
    );
    return stances.includes('suspended') ? 'suspended' : 'active';
  }
  if (!open) return 'draft';
  return told.some(({ authorTenantId }) => authorTenantId !== open.authorTenantId) ? 'countered' : 'proposed';
}

/** The amendments of one party that a version does not take into its terms: they hold over it. */
const unsettled = ({ text }: Version, amendments: readonly Amendment[], author: string): Amendment[] =>
  amendments.filter((one) => one.text.author === author && one.text.number > (text.settles[author] ?? 0));

/** How far one term goes, with all that holds it down. */
export interface EffectiveTerm {
  readonly term: string;
  readonly of: string;
  /** What the two sides signed, and what each has narrowed it to since. */
  readonly offers: Reach;
  readonly accepts: Reach;
  /** Every offer and every acceptance holds: the lowest level, the first end, and only who is in all of them. */
  readonly level: string;
  readonly until: string | null;
  /** People of the party whose things are reached. */
  readonly owners: readonly Whom[];
  /** People of the other party. */
  readonly users: readonly Whom[];
}

/** What holds of the version in force, narrowed by what either side has said since; nothing while it is not active. */
export function effectiveTerms(said: Said, levelsOf: (term: string) => readonly string[]): EffectiveTerm[] {
  const { state, inForce } = standingOf(said);
  if (!inForce || (state !== 'active' && state !== 'suspended')) return [];
  return termsUnder(inForce, said.amendments, levelsOf).map((one) =>
    state === 'active' ? one : { ...one, level: levelsOf(one.term)[0] ?? 'none' },
  );
}

/** The terms of any version as they would be if it were in force now. */
export function termsUnder(
  version: Version,
  amendments: readonly Amendment[],
  levelsOf: (term: string) => readonly string[],
): EffectiveTerm[] {
  return version.text.terms.map((agreed) => {
    const saidBy = (author: string) =>
      unsettled(version, amendments, author).flatMap(({ text }) =>
        text.narrowed.filter((one) => keyOf(one) === keyOf(agreed)).map(({ to }) => to),
      );
    const other = version.text.parties.find((one) => one.domain !== agreed.of)?.domain ?? '';
    const levels = levelsOf(agreed.term);
    const offers = [agreed.offers, ...saidBy(agreed.of)];
    const accepts = [agreed.accepts, ...saidBy(other)];
    return {
      term: agreed.term,
      of: agreed.of,
      offers: narrowest(levels, offers),
      accepts: narrowest(levels, accepts),
      ...narrower(levels, offers, accepts),
    };
  });
}

/** The lowest of several levels. One that nobody here knows gives nothing. */
export function lowestLevel(levels: readonly string[], given: readonly string[]): string {
  const ranks = given.map((level) => levels.indexOf(level));
  return levels[Math.max(0, Math.min(levels.length - 1, ...ranks))] ?? 'none';
}

export function narrower(levels: readonly string[], offers: readonly Reach[], accepts: readonly Reach[]) {
  const all = [...offers, ...accepts];
  return {
    level: lowestLevel(
      levels,
      all.map(({ level }) => level),
    ),
    until: earliest(all),
    owners: namedIn(offers),
    users: namedIn(accepts),
  };
}

const earliest = (all: readonly Reach[]): string | null =>
  all.flatMap(({ until }) => until ?? []).toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;

const namedIn = (all: readonly Reach[]): Whom[] => {
  const named = new Map(
    all.flatMap(({ whom }) => (whom === 'everyone' ? [] : [[JSON.stringify(whom), whom] as const])),
  );
  return [...named.values()];
};

/** What one side says in the end: the last word on who, the lowest level, the first end. */
const narrowest = (levels: readonly string[], said: readonly Reach[]): Reach => ({
  level: lowestLevel(
    levels,
    said.map(({ level }) => level),
  ),
  whom: (namedIn(said).at(-1) ?? 'everyone') as Reach['whom'],
  until: earliest(said),
});

/** Whether `next` goes no further than `before` in anything. */
export function isNarrower(levels: readonly string[], next: Reach, before: Reach): boolean {
  if (levels.indexOf(next.level) < 0 || levels.indexOf(next.level) > levels.indexOf(before.level)) return false;
  if (before.until !== null && (next.until === null || Date.parse(next.until) > Date.parse(before.until))) return false;
  if (before.whom === 'everyone') return true;
  const wide = before.whom;
  const close = next.whom;
  return (
    close !== 'everyone' &&
    (['people', 'groups', 'domains'] as const).every((kind) =>
      (close[kind] ?? []).every((one) => wide[kind]?.includes(one)),
    )
  );
}

/** One place in which two versions differ. */
export interface Difference {
  /** Absent where the agreement itself differs. */
  readonly term?: string;
  readonly of?: string;
  readonly place: 'title' | 'term' | 'offers' | 'accepts';
  readonly name: 'title' | 'term' | keyof Reach;
  readonly old: unknown;
  readonly new: unknown;
}

/** What a version changes of the one before it, place by place. */
export function differencesBetween(
  before: Pick<AgreementText, 'title' | 'terms'> | undefined,
  after: Pick<AgreementText, 'title' | 'terms'>,
): Difference[] {
  const found: Difference[] = [];
  if (before?.title !== after.title)
    found.push({ place: 'title', name: 'title', old: before?.title ?? null, new: after.title });
  const old = new Map((before?.terms ?? []).map((one) => [keyOf(one), one]));
  const kept = new Map(after.terms.map((one) => [keyOf(one), one]));
  for (const { term, of } of [...old.values()].filter((one) => !kept.has(keyOf(one))))
    found.push({ term, of, place: 'term', name: 'term', old: term, new: null });
  for (const one of kept.values()) {
    const { term, of } = one;
    const known = old.get(keyOf(one));
    if (!known) found.push({ term, of, place: 'term', name: 'term', old: null, new: term });
    for (const place of ['offers', 'accepts'] as const) {
      for (const name of ['level', 'whom', 'until'] as const) {
        const value = known?.[place][name] ?? null;
        if (JSON.stringify(value) === JSON.stringify(one[place][name])) continue;
        found.push({ term, of, place, name, old: value, new: one[place][name] });
      }
    }
  }
  return found;
}

/** The levels of a term; of one that no module of this server knows there are none, and it gives nothing. */
export const levelsAmong =
  (terms: readonly AgreementTerm[]) =>
  (name: string): readonly string[] =>
    terms.find((term) => term.name === name)?.levels ?? [];
