/** Bringing our people to another organisation: what is told of each, and what may be made of it there. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { canonicalBytes } from '../../protocols/signed-json.ts';

/** What is told of a person beyond who they are; the names are those of the account. */
export const ATTRIBUTES = [
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'companyName',
  'employeeId',
  'officeLocation',
  'streetAddress',
  'city',
  'state',
  'postalCode',
  'country',
  'mobilePhone',
  'businessPhone',
  'preferredLanguage',
] as const;
export type Attribute = (typeof ATTRIBUTES)[number];

const target = z.enum(['displayName', ...ATTRIBUTES]);
const source = z.enum(['displayName', 'userPrincipalName', 'mail', ...ATTRIBUTES]);

/** How one attribute there is made: as it is here, always the same, or several put together. */
export const mapping = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('direct'), target, source }),
  z.strictObject({ kind: z.literal('constant'), target, value: z.string().max(256) }),
  z.strictObject({
    kind: z.literal('join'),
    target,
    sources: z.array(source).min(1).max(10),
    separator: z.string().max(10).default(' '),
  }),
]);
export type Mapping = z.output<typeof mapping>;

export const DEFAULT_MAPPINGS: readonly Mapping[] = (['displayName', ...ATTRIBUTES] as const).map((name) => ({
  kind: 'direct',
  target: name,
  source: name,
}));

/** What must be so of one attribute of a person; letters are compared whatever their case. */
export const filter = z.strictObject({
  attribute: source,
  is: z.enum(['equal', 'notEqual', 'startsWith', 'notEmpty']),
  /** Of no meaning for `notEmpty`. */
  value: z.string().max(256).default(''),
});
export type Filter = z.output<typeof filter>;

/** Whether somebody passes every filter. */
export const passes = (person: SyncSource, filters: readonly Filter[]): boolean =>
  filters.every(({ attribute, is, value }) => {
    const [has, wants] = [(person[attribute] ?? '').toLowerCase(), value.toLowerCase()];
    if (is === 'equal') return has === wants;
    if (is === 'notEqual') return has !== wants;
    return is === 'startsWith' ? has.startsWith(wants) : has !== '';
  });

/** One of our people as the mappings read them. */
export interface SyncSource extends Readonly<Record<Attribute, string | null>> {
  readonly id: AccountId;
  /** Every address of theirs, lower case. */
  readonly addresses: readonly string[];
  readonly managerId: AccountId | null;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly mail: string | null;
  readonly accountEnabled: boolean;
  readonly isFromElsewhere: boolean;
}

const text = z.string().max(256).nullable();
/** What one organisation tells another of one of its people. */
export const toldPerson = z.object({
  id: z.guid().toLowerCase(),
  address: z.string().min(3).max(320),
  displayName: z.string().min(1).max(256),
  isEnabled: z.boolean(),
  userType: z.enum(['Member', 'Guest']),
  /** Whether a guest who is there already becomes what new ones are. */
  changesType: z.boolean(),
  attributes: z.partialRecord(z.enum(ATTRIBUTES), text),
  /** By the id at home; null: nobody who is there. Left out: not told. */
  managerId: z.guid().toLowerCase().nullable().optional(),
  /** Of the groups that are brought, those the person is in, by their ids at home. Left out: none are brought. */
  groupIds: z.array(z.guid().toLowerCase()).max(200).optional(),
});
export const toldGroup = z.object({ id: z.guid().toLowerCase(), displayName: z.string().min(1).max(256) });
export type ToldGroup = z.output<typeof toldGroup>;
export type ToldPerson = z.output<typeof toldPerson>;

/** What a person becomes there. */
export function tellOf(
  person: SyncSource,
  how: { mappings: readonly Mapping[]; createAs: 'Member' | 'Guest'; changesType: boolean },
  ties: Pick<ToldPerson, 'managerId' | 'groupIds'>,
): ToldPerson {
  let { displayName } = person;
  const attributes: Partial<Record<Attribute, string | null>> = {};
  for (const one of how.mappings) {
    const value = mapped(person, one);
    if (one.target !== 'displayName') attributes[one.target] = value;
    else if (value) displayName = value;
  }
  return {
    id: person.id,
    address: (person.mail ?? person.userPrincipalName).toLowerCase(),
    displayName,
    isEnabled: person.accountEnabled,
    userType: how.createAs,
    changesType: how.changesType,
    attributes,
    ...ties,
  };
}

function mapped(person: SyncSource, one: Mapping): string | null {
  if (one.kind === 'constant') return one.value;
  if (one.kind === 'direct') return person[one.source];
  const parts = one.sources.map((name) => person[name]).filter((part) => part !== null && part !== '');
  return parts.length === 0 ? null : parts.join(one.separator).slice(0, 256);
}

export const digestOfTold = (told: ToldPerson | readonly ToldGroup[]): Buffer =>
  createHash('sha256')
    .update(canonicalBytes(JSON.parse(JSON.stringify(told))))
    .digest();

/** What became of one person there. */
export const OUTCOMES = [
  'created',
  'matched',
  'restored',
  'updated',
  'disabled',
  'enabled',
  'unchanged',
  'deleted',
  'refused',
] as const;
export type SyncOutcome = (typeof OUTCOMES)[number];

export type SyncState = 'active' | 'paused' | 'quarantined' | 'stopped';
export type SyncCounts = Partial<Record<SyncOutcome | 'skipped' | 'leaving', number>>;

export interface SyncJob {
  readonly partnerTenantId: TenantId;
  readonly state: SyncState;
  readonly reason: string | null;
  readonly removalsConfirmed: number;
  readonly busyUntil: Date | null;
  readonly busyBy: string | null;
  /** Something changed while a run was at work. */
  readonly isWantedAgain: boolean;
  /** Of the groups that were last told. */
  readonly groupsDigest: Buffer | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly counts: SyncCounts;
  readonly failure: string | null;
}

export interface SyncPerson {
  readonly accountId: AccountId;
  readonly displayName: string;
  readonly state: 'there' | 'skipped' | 'failed';
  readonly reason: string | null;
  readonly digest: Buffer | null;
  readonly remoteId: string | null;
  readonly changedAt: Date;
}
