/** One right of somebody outside, as the ledger lists it. */
export interface LedgerRow {
  readonly id: string;
  readonly kind: string;
  /** The kind in words. */
  readonly title: string;
  readonly subject: { readonly kind: string; readonly id: string; readonly displayName: string | null };
  readonly object: { readonly kind: string; readonly id: string; readonly displayName: string | null };
  readonly level: string;
  readonly path: string;
  /** The group it came through, when it is not the person's own. */
  readonly through?: string | null;
  readonly homeDomain?: string | null;
  readonly givenBy?: string | null;
  readonly givenByName?: string | null;
  readonly reason?: string | null;
  readonly givenAt?: string | null;
  readonly lastUsedAt?: string | null;
  readonly endsAt?: string | null;
}
