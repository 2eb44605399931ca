import type { Context } from '../kernel/context.ts';
import type { GrantId, TenantId } from '../kernel/ids.ts';

/**
 * Every kind of grant, by name. A module adds its own by declaration merging, in its own `grants.ts`:
 *
 *     declare module '../access/grants.ts' { interface GrantKinds { 'directory.role': true } }
 *
 * The composition root must then name its revoker, or it does not compile: nothing can be given that cannot be taken.
 */
// biome-ignore lint/suspicious/noEmptyInterface: modules fill it.
export interface GrantKinds {}

export type GrantKind = keyof GrantKinds & string;

export type SubjectKind =
  | 'account'
  | 'guest'
  | 'group'
  | 'contact'
  | 'domain'
  | 'tenant'
  | 'link'
  | 'anyone'
  | 'application';
export type GrantPath = 'direct' | 'group' | 'team' | 'link' | 'agreement' | 'project';

/** One row of the grants table: who has what, from whom, until when. */
export interface Grant {
  readonly id: GrantId;
  readonly kind: GrantKind;
  readonly subject: { readonly kind: SubjectKind; readonly id: string };
  readonly object: { readonly kind: string; readonly id: string };
  readonly level: string;
  readonly path: GrantPath;
  readonly homeTenantId: TenantId | null;
  readonly homeDomain: string | null;
  readonly givenBy: string;
  readonly givenAt: Date;
  readonly sponsorId: string | null;
  readonly reason: string | null;
  readonly endsAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** A right to be given: only of a kind that can be taken away again. */
export type NewGrant = Pick<Grant, 'kind' | 'subject' | 'object' | 'level' | 'givenBy'> &
  Partial<Pick<Grant, 'path' | 'homeTenantId' | 'homeDomain' | 'sponsorId' | 'reason' | 'endsAt'>>;

/** How grants of one kind are taken away, with all that follows from it. Records its own event. */
export interface Revoker {
  /** What the right is called in the ledger: "Member of group". */
  readonly title: string;
  revoke(ctx: Context, grant: Grant): Promise<void>;
}

export type Revokers = { readonly [Kind in GrantKind]: Revoker };
