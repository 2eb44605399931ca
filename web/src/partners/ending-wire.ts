/** Partings with other organisations and with guests, as the server says them. */

export interface KindFound {
  readonly kind: string;
  readonly title: string;
  readonly found: number;
}

export interface EndingPreview {
  readonly displayName: string;
  readonly tenantId: string | null;
  readonly domains: readonly string[];
  readonly accountId: string | null;
  readonly kinds: readonly KindFound[];
}

export interface Ending {
  readonly id: string;
  readonly displayName: string;
  readonly domains: readonly string[];
  /** The one guest; null: a whole organisation. */
  readonly accountId: string | null;
  readonly reason: string | null;
  readonly askedBy: string;
  readonly askedAt: string;
  readonly state: 'running' | 'done';
  readonly endedAt: string | null;
  /** Whether the partner knows. */
  readonly notice: 'none' | 'outstanding' | 'confirmed';
  readonly noticeFailure: string | null;
  readonly noticedAt: string | null;
  readonly hasReceipt: boolean;
}

export interface FollowedEnding extends Ending {
  readonly kinds: readonly (KindFound & { readonly ended: number })[];
}

export interface SignedReceipt {
  readonly receipt: {
    readonly kinds: readonly (KindFound & {
      readonly revoked: number;
      readonly transferred: number;
      readonly irrecoverable: number;
    })[];
    readonly items: readonly {
      readonly kind: string;
      readonly id: string;
      readonly subject: string;
      readonly object: string;
      readonly outcome: 'revoked' | 'transferred' | 'irrecoverable';
      readonly detail: string | null;
    }[];
    readonly cannotRecall: readonly string[];
  };
}

export const ENDINGS = '/admin/endings';
