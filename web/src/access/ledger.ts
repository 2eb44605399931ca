/** One right of somebody outside, as the ledger lists it. */
export interface LedgerRow {
  readonly id: string;
  readonly kind: string;
  readonly subject: { readonly kind: string; readonly id: string; readonly displayName?: string; readonly organisation?: string };
  readonly object: { readonly kind: string; readonly id: string; readonly displayName?: string };
  readonly level: string;
  readonly path: string;
  readonly givenBy?: { readonly displayName?: string } | null;
  readonly givenAt?: string | null;
  readonly lastUsedAt?: string | null;
  readonly endsAt?: string | null;
}
