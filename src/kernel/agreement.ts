/**
 * What two organisations agree about: each module says of its own workload how far that goes, and asks here how far it
 * goes with one partner. What was signed is kept by partners/; decisions read the settings that it wrote.
 */
import { z } from 'zod';
import type { Context, TenantFacts } from './context.ts';
import type { SettingAddress } from './decision.ts';
import { type Ceiling, ceiling } from './question.ts';
import { defineSettings, type SettingsDeclaration } from './settings.ts';

export const WORKLOADS = [
  'calendar',
  'mail',
  'files',
  'chat',
  'guests',
  'groups',
  'communities',
  'teams',
  'reports',
] as const;
export type Workload = (typeof WORKLOADS)[number];

/** The partner of an agreement as it was signed. */
export interface AgreedPartner {
  readonly tenantId: string;
  readonly displayName: string;
  /** Lower case, in A-label form. */
  readonly domains: readonly string[];
}

/** How far one term goes in each direction: the narrower of what one side offers and the other accepts. */
export interface GrantedTerm {
  /** How far the partner's people come to what is ours. */
  readonly ours: string;
  /** How far our people come to what is theirs. */
  readonly theirs: string;
}

/** Values that an agreement holds: they change through it alone, and go when it ends. */
export interface HeldSettings {
  readonly declaration: SettingsDeclaration;
  /** Undefined for the whole tenant. */
  readonly target: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Whom an agreement means by one term; each list holds, and none means everyone. */
export interface Meant {
  /** Our own people. */
  readonly owners: readonly Whom[];
  /** The partner's. */
  readonly users: readonly Whom[];
}

/** How far settings let somebody come, and the setting that says so. */
export interface Opening {
  readonly level: string;
  readonly setting: SettingAddress;
  /** Of some of those who are meant, or for some: others have more. */
  readonly isForSome?: boolean;
}

/** One thing of a workload about which two organisations agree. */
export interface AgreementTerm {
  /** `calendars.free-busy` */
  readonly name: string;
  readonly workload: Workload;
  readonly title: string;
  readonly sentence: string;
  /** Lowest first; the first one gives nothing. */
  readonly levels: readonly string[];
  /** The values that an agreement in force sets in the module; the module's own ceilings still stand above them. */
  settings?(partner: AgreedPartner, granted: GrantedTerm): readonly HeldSettings[];
  /**
   * How far the organisation's own settings let the partner's people come, the agreement aside: the least that holds for
   * anybody of those whom the agreement means. Undefined: they say nothing that could be compared with it.
   */
  opens?(ctx: Context, partner: AgreedPartner, meant: Meant): Promise<Opening | undefined>;
  /** Kinds of grant that stand on it: what the partner's people hold of them is revoked when the agreement ends. */
  readonly grantKinds?: readonly string[];
}

/** People of one side, named by that side: everyone, or those who are in any of the lists. */
export type Whom =
  | 'everyone'
  | {
      readonly people?: readonly string[] | undefined;
      readonly groups?: readonly string[] | undefined;
      readonly domains?: readonly string[] | undefined;
    };

const named = z.array(z.string()).optional();
const goesTo = z.object({
  level: z.string(),
  until: z.string().nullable(),
  people: z.array(z.union([z.literal('everyone'), z.object({ people: named, groups: named, domains: named })])),
});
const goesToByTerm = z.record(z.string(), goesTo);

/** What an agreement in force says of one partner, by the partner's tenant id. Nobody but an agreement writes it. */
export const agreedTerms = defineSettings({
  name: 'partners.agreed-terms',
  scope: 'partner',
  title: 'Agreed with a partner',
  sentence: 'How far each side comes to what the other has, as both signed it.',
  setBy: 'agreement',
  administrators: ['security-administrator'],
  shape: z.object({
    agreementId: z.guid().nullable().default(null).describe('The agreement that says so.'),
    isInForce: z.boolean().default(false).describe('Whether it holds now; a suspended one gives nothing.'),
    domains: z.array(z.string()).default([]).describe('The domains of the partner that were signed.'),
    ours: goesToByTerm.default({}).describe('How far people of the partner come to what is ours, by term.'),
    theirs: goesToByTerm.default({}).describe('How far our people come to what is theirs, by term.'),
  }),
});

const most = z.record(z.string().max(100), z.string().max(60));

/** What an organisation wants of agreements, whatever they say. */
export const agreementRules = defineSettings({
  name: 'partners.agreement-rules',
  scope: 'tenant',
  title: 'Agreements',
  sentence: 'For what an agreement is needed, and how far any of them may go.',
  administrators: ['security-administrator'],
  shape: z.object({
    requiredFor: z
      .array(z.enum(WORKLOADS))
      .default([])
      .describe('Workloads that are closed to every organisation with which no agreement is in force.'),
    mostGiven: most.default({}).describe('The highest level, by term, to which an agreement lets others come in here.'),
    mostTaken: most.default({}).describe('The highest level, by term, to which an agreement lets our people go there.'),
  }),
});

/** Of whom something is asked: another organisation by its id, or by a domain of an address. */
export interface PartnerName {
  readonly tenantId?: string | null | undefined;
  readonly domain?: string | undefined;
}

/** How our agreement with one partner stands to one term, in one direction. */
export interface AgreedStanding {
  readonly workload: Workload;
  readonly isRequired: boolean;
  readonly requiredFor: readonly Workload[];
  /** Undefined: there is none. */
  readonly partnerTenantId: string | undefined;
  readonly isInForce: boolean;
  readonly direction: 'ours' | 'theirs';
  /** Undefined: the agreement does not speak of it. */
  readonly level: string | undefined;
  /** Our own people whom it is about; each list holds. */
  readonly people: readonly Whom[];
  /** Whether the one whom the question is about is among them. */
  readonly isMeant: boolean;
}

/** A person of our own, as agreements name them. */
export interface NamedPerson {
  /** Lower case. */
  readonly addresses: readonly string[];
  readonly groups: ReadonlySet<string>;
}

/**
 * How far an agreement lets somebody come: people of the partner to what is ours, or ours to what is theirs. Tamper with
 * what was signed, let its end pass or suspend it, and it lets nobody.
 */
export function agreedStanding(
  ctx: Pick<Context, 'settings' | 'now'>,
  term: AgreementTerm,
  direction: 'ours' | 'theirs',
  partner: PartnerName,
): AgreedStanding {
  const { requiredFor, mostGiven, mostTaken } = ctx.settings.tenant(agreementRules);
  const { workload, levels } = term;
  const found = findAgreed(ctx, partner);
  const base = {
    workload,
    direction,
    requiredFor,
    isRequired: requiredFor.includes(workload),
    partnerTenantId: found?.partnerTenantId,
    isInForce: found?.agreed.isInForce ?? false,
  };
  const said = found?.agreed[direction][term.name];
  if (!found || !said) return { ...base, level: undefined, people: [], isMeant: true };
  const isOver = !found.agreed.isInForce || (said.until !== null && new Date(said.until) <= ctx.now);
  const cap = (direction === 'ours' ? mostGiven : mostTaken)[term.name];
  const rank = Math.min(...[said.level, ...(cap === undefined ? [] : [cap])].map((level) => levels.indexOf(level)));
  return {
    ...base,
    // A level that nobody here knows, and an agreement that is over, give nothing.
    level: levels[isOver ? 0 : Math.max(0, rank)]!,
    people: said.people,
    isMeant: true,
  };
}

/** The same for one of our own people. `person` undefined: there is nobody of that name, whom no list means. */
export const meaning = (standing: AgreedStanding, person: NamedPerson | undefined): AgreedStanding => ({
  ...standing,
  isMeant: isMeant(standing.people, person),
});

/** Whether somebody is in every list of those who are meant. */
export const isMeant = (lists: readonly Whom[], person: NamedPerson | undefined): boolean =>
  lists.every(
    (list) =>
      list === 'everyone' ||
      (person !== undefined &&
        (list.people?.some((one) => person.addresses.includes(one)) ||
          list.groups?.some((one) => person.groups.has(one)) ||
          list.domains?.some((one) => person.addresses.some((address) => address.endsWith(`@${one}`))))),
  );

/** Whether it must be known who somebody is before it is known whether they are meant. */
export const namesAnybody = (lists: readonly Whom[]): boolean => lists.some((list) => list !== 'everyone');

/** The groups whose members must be known before it is known who is meant. */
export const groupsMeant = (lists: readonly Whom[]): string[] =>
  lists.flatMap((list) => (list === 'everyone' ? [] : (list.groups ?? [])));

function findAgreed({ settings }: Pick<Context, 'settings'>, { tenantId, domain }: PartnerName) {
  const of = (partnerTenantId: string) => ({ partnerTenantId, agreed: settings.partner(agreedTerms, partnerTenantId) });
  if (tenantId) {
    const found = of(tenantId);
    return found.agreed.agreementId === null ? undefined : found;
  }
  if (domain === undefined) return undefined;
  return settings
    .partners(agreedTerms)
    .map(of)
    .find(({ agreed }) => agreed.domains.includes(domain.toLowerCase()));
}

type Crossing<F> = (facts: F) => AgreedStanding | undefined;

/**
 * An organisation may want an agreement for a workload: then nothing of it is open without one, in either direction.
 * `of` undefined: nothing crosses to another organisation.
 */
export const agreementIsInForce = <F extends { readonly tenant: TenantFacts }>(of: Crossing<F>): Ceiling<F, never> =>
  ceiling(
    'partners.agreement-in-force',
    'Where an organisation requires an agreement, nothing is open to others without one in force that speaks of it.',
    (facts: F): boolean => {
      const agreement = of(facts);
      return !agreement?.isRequired || (agreement.isInForce && agreement.level !== undefined);
    },
    {
      setting: (facts) => ({
        tenantId: facts.tenant.id,
        module: 'partners',
        scope: 'tenant',
        name: 'requiredFor',
        value: of(facts)?.requiredFor ?? [],
      }),
      remedy: 'administrator',
      flip: (facts) => of(facts)?.requiredFor.filter((one) => one !== of(facts)?.workload) ?? [],
    },
  );

/** No more is open than both signed. `levels` says what each level of the term is in the question's own. */
export const agreedLevel = <F extends { readonly tenant: TenantFacts }, L extends string>(
  of: Crossing<F>,
  levels: Readonly<Record<string, L | boolean>>,
): Ceiling<F, L> =>
  ceiling<F, L>(
    'partners.agreed-level',
    'No more is open to another organisation, and to no others of our own people, than the agreement with it says.',
    (facts): L | boolean => {
      const agreement = of(facts);
      if (agreement?.level === undefined) return true;
      return agreement.isMeant && (levels[agreement.level] ?? false);
    },
    {
      setting: (facts) => {
        const { partnerTenantId, direction = 'ours', level = null } = of(facts) ?? {};
        return {
          tenantId: facts.tenant.id,
          module: 'partners',
          scope: 'partner',
          ...(partnerTenantId ? { target: partnerTenantId } : {}),
          name: direction,
          value: level,
        };
      },
      remedy: 'partner',
    },
  );
