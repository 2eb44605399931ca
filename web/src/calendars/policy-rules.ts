import type { Role } from './wire.ts';

/** One line of a sharing policy: who outside, and the most they may be given. */
export interface Rule {
  /** A domain, `*` for every other organisation, or `Anonymous` for everybody else. */
  readonly domain: string;
  /** Nothing of calendars: the rule is about contacts alone. */
  readonly role: Role | 'none';
  readonly hasContacts: boolean;
}

const ACTIONS = {
  CalendarSharingFreeBusySimple: 'freeBusyRead',
  CalendarSharingFreeBusyDetail: 'limitedRead',
  CalendarSharingFreeBusyReviewer: 'read',
} as const;
export const RULE_ROLES = ['none', 'freeBusyRead', 'limitedRead', 'read'] as const;
const CONTACTS = 'ContactsSharing';

/** Reads `contoso.example: CalendarSharingFreeBusySimple, ContactsSharing`. */
export function readRule(text: string): Rule {
  const [domain = '', actions = ''] = text.split(':').map((part) => part.trim());
  const words = actions.split(',').map((word) => word.trim());
  const found = words.map((word) => ACTIONS[word as keyof typeof ACTIONS]).find((role) => role !== undefined);
  return { domain, role: found ?? 'none', hasContacts: words.includes(CONTACTS) };
}

/** The rule as the server reads it; undefined when it permits nothing. */
export function printRule({ domain, role, hasContacts }: Rule): string | undefined {
  const action = Object.entries(ACTIONS).find(([, one]) => one === role)?.[0];
  const words = [...(action ? [action] : []), ...(hasContacts ? [CONTACTS] : [])];
  return words.length === 0 || domain.trim() === '' ? undefined : `${domain.trim()}: ${words.join(', ')}`;
}
