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

/** Opens an organisation; where an invitation waits, signing in there leads to it. */
export const openAddress = ({ domain }: Pick<MyOrganisation, 'domain'>) => `/t/${encodeURIComponent(domain)}`;
