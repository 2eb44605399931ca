import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Vouched } from '../../partners/index.ts';

/** What is known of a guest beyond the account: how they came, and where the sweep for stale guests stands. */
export interface Guest {
  readonly accountId: AccountId;
  /** As invited, lower case. The account's own addresses may have changed since. */
  readonly invitedAddress: string;
  readonly invitedAt: Date;
  readonly invitedBy: string;
  readonly reason: string | null;
  readonly consentedAt: Date | null;
  readonly staleStage: 'warned' | 'disabled' | null;
  readonly staleSince: Date | null;
  /** When somebody last said that the guest shall stay. */
  readonly keptAt: Date | null;
  /** The last who answered for the guest left, and sign-in waits for a successor. */
  readonly orphanedAt: Date | null;
  /** When the end of the stay was carried out. */
  readonly endedNotedAt: Date | null;
}

/** Who answers for a guest. */
export interface Sponsor {
  readonly kind: 'account' | 'group';
  readonly id: string;
}

export const SPONSORS_AT_MOST = 5;

/** Why an invitation was sent: to a new guest, to bind a guest anew, or to make an account's home elsewhere. */
export type InvitationPurpose = 'invite' | 'reset' | 'convert';

export interface Invitation {
  readonly id: string;
  readonly accountId: AccountId;
  readonly purpose: InvitationPurpose;
  readonly invitedAddress: string;
  readonly redirectUrl: string;
  readonly message: string | null;
  readonly inviterName: string;
  readonly inviterId: string | null;
  readonly isMailed: boolean;
  readonly state: 'PendingAcceptance' | 'InProgress' | 'Completed' | 'Error';
  readonly createdAt: Date;
  readonly completedAt: Date | null;
}

/** How somebody showed, just now, who they are: what a guest is bound to. Issuer and subject, never the address. */
export interface ProvenIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** The address they are known by at home, for showing and for finding their invitation. */
  readonly email: string;
  /** What home calls them. */
  readonly displayName?: string;
  /** Other addresses that their home says are theirs. Binding by one of these needs the ticket. */
  readonly aliases?: readonly string[];
  readonly homeTenantId: TenantId | null;
  readonly homeAccountId: AccountId | null;
  /** RFC 8176. */
  readonly methods: readonly string[];
  /** What home says of them beyond who they are, where they are at home in another organisation. */
  readonly vouched?: Vouched;
}

/**
 * The sign-in name of a guest (ID-7): the address with `_` for `@`, marked as external, under the tenant's initial
 * domain. `suffix` sets it apart from one that is taken.
 */
export function guestPrincipalName(address: string, initialDomain: string, suffix = ''): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}_${address.slice(at + 1)}${suffix}#EXT#@${initialDomain}`;
}

/** What a guest is called as long as nobody has given their name: the address up to the `@`. */
export const nameFromAddress = (address: string) => address.slice(0, address.lastIndexOf('@'));

/** Issuer of those who are proven by another organisation, in the reference product's word. */
export const ORGANISATION_ISSUER = 'ExternalAzureAD';

/** Issuer of those who prove their address by a code sent to it. */
export const PASSCODE_ISSUER = 'mail';

/** A guest's state in one word, as people are shown it. */
export type GuestState = 'invited' | 'active' | 'ended' | 'blocked' | 'stale' | 'orphaned' | 'deleted';

/** One line of the guests' list. */
export interface ListedGuest {
  readonly id: AccountId;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly mail: string | null;
  readonly userType: 'Guest' | 'Member';
  readonly organisation: string | null;
  readonly state: GuestState;
  /** The same in a sentence. */
  readonly stateSentence: string;
  readonly invitedAt: Date | null;
  readonly acceptedAt: Date | null;
  readonly lastSignInAt: Date | null;
  readonly endsAt: Date | null;
  readonly reason: string | null;
  readonly isStale: boolean;
  readonly isOrphaned: boolean;
  readonly sponsors: readonly (Sponsor & { readonly displayName: string })[];
}

export const STATE_SENTENCES: Readonly<Record<GuestState, string>> = {
  invited: 'Invited, has not accepted yet.',
  active: 'Has accepted and can sign in.',
  ended: 'The stay has ended; sign-in is closed.',
  blocked: 'Sign-in is blocked by an administrator.',
  stale: 'Sign-in is blocked because the guest no longer came; the guest will be deleted.',
  orphaned: 'Sign-in is blocked because nobody inside answers for the guest.',
  deleted: 'Deleted; can be restored for 30 days.',
};
