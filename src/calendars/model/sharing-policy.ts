import type { Role } from './roles.ts';

/** What a rule of a sharing policy permits, in the reference product's words. Of calendars the highest counts. */
export const SHARING_ACTIONS = [
  'CalendarSharingFreeBusySimple',
  'CalendarSharingFreeBusyDetail',
  'CalendarSharingFreeBusyReviewer',
  'ContactsSharing',
] as const;
export type SharingAction = (typeof SHARING_ACTIONS)[number];

/** The role that each calendar action permits at most. Editing outside the organisation is never available. */
const ROLE_OF: Readonly<Record<SharingAction, Role>> = {
  CalendarSharingFreeBusySimple: 'freeBusyRead',
  CalendarSharingFreeBusyDetail: 'limitedRead',
  CalendarSharingFreeBusyReviewer: 'read',
  ContactsSharing: 'none',
};

/** A rule about one domain, about every other organisation (`*`), or about people reached by an address alone. */
export interface SharingRule {
  /** Lower case; `*` or `Anonymous`. A domain does not cover its subdomains. */
  readonly domain: string;
  readonly actions: readonly SharingAction[];
}

export const ANY_ORGANISATION = '*';
export const ANONYMOUS = 'Anonymous';

/** What is wrong with a rule, as a sentence. */
export class SharingRuleError extends Error {}

const DOMAIN = /^(?=.{4,253}$)([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/**
 * Reads `contoso.example: CalendarSharingFreeBusySimple, ContactsSharing`. Space and letter case do not count.
 * @throws SharingRuleError naming what it does not know.
 */
export function parseRule(text: string): SharingRule {
  const colon = text.indexOf(':');
  if (colon < 0) throw new SharingRuleError(`"${text}" needs a colon between the domain and what it permits.`);
  const name = text.slice(0, colon).trim().toLowerCase();
  const domain = name === 'anonymous' ? ANONYMOUS : name;
  if (domain !== ANONYMOUS && domain !== ANY_ORGANISATION && !DOMAIN.test(domain)) {
    throw new SharingRuleError(`"${name}" is no domain; write a whole domain, * or Anonymous.`);
  }
  const words = text
    .slice(colon + 1)
    .split(',')
    .map((word) => word.trim());
  const actions = words.map((word) => {
    const known = SHARING_ACTIONS.find((action) => action.toLowerCase() === word.toLowerCase());
    if (!known) throw new SharingRuleError(`"${word}" is none of ${SHARING_ACTIONS.join(', ')}.`);
    return known;
  });
  return { domain, actions: SHARING_ACTIONS.filter((action) => actions.includes(action)) };
}

/** Reads the rules of one policy. @throws SharingRuleError, also when two are about the same domain. */
export function parseRules(texts: readonly string[]): SharingRule[] {
  const rules = texts.map(parseRule);
  const twice = rules.find((rule, n) => rules.findIndex(({ domain }) => domain === rule.domain) !== n);
  if (twice) throw new SharingRuleError(`"${twice.domain}" has two rules.`);
  return rules;
}

export const printRule = ({ domain, actions }: SharingRule): string => `${domain}: ${actions.join(', ')}`;

/** With whom somebody wants to share. */
export interface Recipient {
  readonly domain: string;
  /** Whether the domain belongs to an organisation that we can authenticate. */
  readonly isOrganisation: boolean;
  /** That organisation, where it is known. */
  readonly tenantId?: string | null;
}

/** The rule that is about a recipient: the exact domain, even where it permits less than the one about all. */
export function ruleFor(rules: readonly SharingRule[], { domain, isOrganisation }: Recipient): SharingRule | undefined {
  const exact = rules.find((rule) => rule.domain === domain.toLowerCase());
  return exact ?? rules.find((rule) => rule.domain === (isOrganisation ? ANY_ORGANISATION : ANONYMOUS));
}

/** The highest role that a rule permits on a calendar; `none` when it is about contacts alone (EX-47). */
export function calendarRoleOf(rule: SharingRule | undefined): Role {
  const highest = rule?.actions.filter((action) => action !== 'ContactsSharing').at(-1);
  return highest === undefined ? 'none' : ROLE_OF[highest];
}

export const sharesContacts = (rule: SharingRule | undefined): boolean =>
  rule?.actions.includes('ContactsSharing') ?? false;

/** Whether a policy lets somebody outside have contacts; without a policy, or with a disabled one, nobody. */
export const mayHaveContacts = (policy: SharingPolicy | undefined, recipient: Recipient): boolean =>
  policy?.isEnabled === true && sharesContacts(ruleFor(policy.rules, recipient));

/** What an organisation lets its people share outside. */
export interface SharingPolicy {
  readonly id: string;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly rules: readonly SharingRule[];
}

/** The policy that every organisation begins with: an object of the collection as soon as somebody changes it. */
export const BUILT_IN_POLICY: SharingPolicy = {
  id: '00000000-0000-4000-8000-000000000001',
  name: 'Default Sharing Policy',
  isEnabled: true,
  rules: [{ domain: ANY_ORGANISATION, actions: ['CalendarSharingFreeBusySimple'] }],
};

/** Why somebody may not share with a recipient, or not as much, in the reference product's words. */
export type SharingRefusal =
  | 'ErrorNotAllowedExternalSharingByPolicy'
  | 'ErrorUserNotAllowedByPolicy'
  | 'ErrorPermissionNotAllowedByPolicy';

/** The highest role that a policy lets somebody outside have; without a policy, or with a disabled one, `none`. */
export const capOf = (policy: SharingPolicy | undefined, recipient: Recipient): Role =>
  policy?.isEnabled ? calendarRoleOf(ruleFor(policy.rules, recipient)) : 'none';
