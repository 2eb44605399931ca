/** Agreements with other organisations as the server says them. */

export type Whom =
  | 'everyone'
  | { readonly people?: readonly string[]; readonly groups?: readonly string[]; readonly domains?: readonly string[] };

/** How far one side goes. */
export interface Reach {
  readonly level: string;
  readonly whom: Whom;
  readonly until: string | null;
}

/** One term in one direction: both columns, and the narrower of them. */
export interface TermRow {
  readonly term: string;
  readonly title: string;
  readonly workload: string;
  readonly levels: readonly string[];
  /** False: nothing on this server acts on it. */
  readonly isEnforced: boolean;
  /** The domain of the party whose things are reached. */
  readonly of: string;
  readonly ours: Reach & { readonly does: 'offers' | 'accepts' };
  readonly theirs: Reach & { readonly does: 'offers' | 'accepts' };
  readonly effective: { readonly level: string; readonly until: string | null };
  readonly heldByOurRules: boolean;
}

export interface Difference {
  readonly term?: string;
  readonly of?: string;
  readonly place: 'title' | 'term' | 'offers' | 'accepts';
  readonly name: string;
  readonly old: unknown;
  readonly new: unknown;
}

export interface Version {
  readonly version: number;
  readonly title: string;
  readonly digest: string;
  readonly isOurs: boolean;
  readonly receivedAt: string;
  readonly signatures: readonly {
    readonly domain: string | null;
    /** The address of whoever signed for that party, where it says so. */
    readonly signedBy: string | null;
    readonly receivedAt: string;
  }[];
  readonly terms: readonly TermRow[];
  readonly differences: readonly Difference[];
}

export type AgreementState = 'draft' | 'proposed' | 'countered' | 'active' | 'suspended' | 'ended';

export interface ShortAgreement {
  readonly id: string;
  readonly partner: { readonly tenantId: string; readonly displayName: string; readonly domain: string };
  readonly title: string | null;
  readonly state: AgreementState;
  readonly isSound: boolean;
  readonly awaits: 'us' | 'partner' | null;
}

export interface Agreement extends ShortAgreement {
  readonly suspendedBy: readonly ('us' | 'partner')[];
  readonly suspendedFor: Readonly<Record<'us' | 'partner', string | null>>;
  /** What holds now; empty while nothing does. */
  readonly terms: readonly TermRow[];
  readonly inForce: Version | null;
  readonly open: Version | null;
  readonly draft: Version | null;
  readonly messages: readonly { readonly request: string; readonly state: string; readonly lastError: string | null }[];
}

/** All that was said, as it was signed. */
export interface History {
  readonly versions: readonly {
    readonly version: number;
    readonly digest: string;
    /** The domain of whoever wrote it; null where it cannot be read any more. */
    readonly author: string | null;
    readonly isDraft: boolean;
    readonly isSuperseded: boolean;
    readonly receivedAt: string;
    readonly differences: readonly Difference[];
    readonly signatures: readonly {
      readonly tenantId: string;
      readonly signedBy: string | null;
      readonly receivedAt: string;
    }[];
  }[];
  readonly amendments: readonly {
    readonly digest: string;
    readonly author: string | null;
    readonly receivedAt: string;
    readonly signedBy: string | null;
    /** A text where what is stored is no amendment any more. */
    readonly text:
      | string
      | {
          readonly stance: 'active' | 'suspended' | 'ended';
          readonly narrowed: readonly { readonly term: string; readonly of: string; readonly to: Reach }[];
          readonly reason: string | null;
        };
  }[];
}

export interface Verification {
  readonly isSound: boolean;
  readonly problems: readonly string[];
  /** Null: the partner does not answer. */
  readonly partner: { readonly isSound: boolean; readonly isSame: boolean } | null;
}

/** What can be agreed about. */
export interface Term {
  readonly name: string;
  readonly workload: string;
  readonly title: string;
  /** Lowest first; the first one gives nothing. */
  readonly levels: readonly string[];
  readonly isEnforced: boolean;
}

export const AGREEMENTS = '/admin/partners/agreements';

/** Whether the row is about what is ours. */
export const isOurs = (row: TermRow): boolean => row.ours.does === 'offers';
