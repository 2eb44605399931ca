/** An organisation a person belongs to, as that person sees it. */
export interface MyOrganisation {
  readonly tenantId: string;
  readonly displayName: string;
  readonly domain: string;
  readonly isHome: boolean;
  readonly state: 'pending' | 'accepted' | 'ended';
  /** Who invited them, when there is somebody to name. */
  readonly invitedBy?: string | null;
  readonly since?: string | null;
  readonly endsAt?: string | null;
  readonly mayLeave: boolean;
  /** Whom to write to when leaving by oneself is not possible. */
  readonly contact?: string | null;
  readonly isBlocked?: boolean;
}

/** One on another server; `isReached` false: it does not answer now, and no more than its name is known. */
export type OrganisationElsewhere = Pick<MyOrganisation, 'tenantId' | 'displayName' | 'domain'> & {
  /** Where its pages are. */
  readonly address: string;
  readonly isReached: boolean;
} & Partial<Pick<MyOrganisation, 'state' | 'invitedBy' | 'since' | 'endsAt' | 'mayLeave' | 'contact'>>;

/** Opens an organisation; where an invitation waits, signing in there leads to it. */
export const openAddress = ({ domain }: Pick<MyOrganisation, 'domain'>) => `/t/${encodeURIComponent(domain)}`;
