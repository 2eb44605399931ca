import type { Tone } from '../parts/state-text.tsx';

/** A person as the Graph wire shows one. Guests carry what is said of their stay. */
export interface Person {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly mail: string | null;
  readonly givenName?: string | null;
  readonly surname?: string | null;
  readonly jobTitle?: string | null;
  readonly department?: string | null;
  readonly companyName?: string | null;
  readonly mobilePhone?: string | null;
  readonly officeLocation?: string | null;
  readonly preferredLanguage?: string | null;
  readonly usageLocation?: string | null;
  readonly userType: 'Member' | 'Guest';
  readonly accountEnabled: boolean;
  readonly createdDateTime?: string | null;
  readonly deletedDateTime?: string | null;
  readonly externalUserState?: 'PendingAcceptance' | 'Accepted' | null;
  readonly externalUserStateChangeDateTime?: string | null;
  readonly identities?: readonly {
    readonly signInType: string;
    readonly issuer: string;
    readonly issuerAssignedId: string;
  }[];
  readonly signInActivity?: { readonly lastSignInDateTime?: string | null } | null;
  readonly otherMails?: readonly string[];
  readonly assignedLicenses?: readonly { readonly skuId: string }[];
  readonly endDateTime?: string | null;
  readonly homeDomain?: string | null;
  readonly sponsors?: readonly { readonly id: string; readonly displayName: string }[];
}

export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly mail: string | null;
  readonly mailNickname?: string | null;
  readonly groupTypes: readonly string[];
  readonly securityEnabled: boolean;
  readonly visibility: string | null;
  readonly createdDateTime?: string | null;
}

/** A member of something: an account, a guest or a group. */
export interface Member {
  readonly '@odata.type'?: string;
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName?: string;
  readonly mail?: string | null;
  readonly userType?: 'Member' | 'Guest';
}

/** The organisation to show beside a name, or undefined for one's own people. */
export function organisationOf(
  person: Pick<Person, 'userType' | 'mail'> & Partial<Pick<Person, 'homeDomain' | 'companyName' | 'externalUserState'>>,
): string | undefined {
  const isOutsider = person.userType === 'Guest' || Boolean(person.externalUserState);
  if (!isOutsider) return undefined;
  return person.companyName || person.homeDomain || person.mail?.split('@').at(-1) || '?';
}

/** What to say of an account's state: a key of the translations and its tone. The first that is true wins. */
export function stateOf(
  person: Pick<Person, 'accountEnabled' | 'deletedDateTime' | 'externalUserState' | 'endDateTime'>,
  now = new Date(),
): { key: string; tone: Tone } {
  const soon = new Date(now.getTime() + 14 * 86_400_000);
  const ends = person.endDateTime ? new Date(person.endDateTime) : undefined;
  if (person.deletedDateTime) return { key: 'state.deleted', tone: 'stopped' };
  if (ends && ends <= now) return { key: 'state.ended', tone: 'stopped' };
  if (!person.accountEnabled) return { key: 'state.blocked', tone: 'stopped' };
  if (person.externalUserState === 'PendingAcceptance') return { key: 'state.pending', tone: 'waiting' };
  if (ends && ends <= soon) return { key: 'state.endsSoon', tone: 'warning' };
  if (person.externalUserState === 'Accepted') return { key: 'state.accepted', tone: 'good' };
  return { key: 'state.active', tone: 'good' };
}

/** One guest as `GET /admin/guests` lists them. */
export interface Guest {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly mail: string | null;
  readonly organisation: string | null;
  readonly state: 'invited' | 'active' | 'ended' | 'blocked' | 'stale' | 'orphaned' | 'deleted';
  readonly invitedAt: string | null;
  readonly acceptedAt: string | null;
  readonly lastSignInAt: string | null;
  readonly endsAt: string | null;
  readonly reason: string | null;
  readonly sponsors: readonly {
    readonly kind: 'account' | 'group';
    readonly id: string;
    readonly displayName: string;
  }[];
}

const GUEST_TONES: Record<Guest['state'], Tone> = {
  invited: 'waiting',
  active: 'good',
  ended: 'stopped',
  blocked: 'stopped',
  stale: 'warning',
  orphaned: 'warning',
  deleted: 'stopped',
};

/** A guest's state in words, and that their stay ends within two weeks while it lasts. */
export function guestState(guest: Pick<Guest, 'state' | 'endsAt'>, now = new Date()): { key: string; tone: Tone } {
  const soon = now.getTime() + 14 * 86_400_000;
  const isOpen = guest.state === 'active';
  if (isOpen && guest.endsAt !== null && new Date(guest.endsAt).getTime() <= soon) {
    return { key: 'state.endsSoon', tone: 'warning' };
  }
  return { key: `state.guest.${guest.state}`, tone: GUEST_TONES[guest.state] };
}
