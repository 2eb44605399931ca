import type { Context } from '../kernel/context.ts';
import type { Grant } from './store/grants.ts';

/**
 * Every kind of grant, by name. A module adds its own by declaration merging:
 *
 *     declare module '../access/grants.ts' { interface GrantKinds { 'directory.role': true } }
 *
 * The composition root must then name its revoker, or it does not compile: nothing can be given that cannot be taken.
 */
// biome-ignore lint/suspicious/noEmptyInterface: modules fill it.
export interface GrantKinds {}

export type GrantKind = keyof GrantKinds & string;

/** How grants of one kind are taken away, with all that follows from it. Records its own event. */
export interface Revoker {
  /** What the right is called in the ledger: "Member of group". */
  readonly title: string;
  revoke(ctx: Context, grant: Grant): Promise<void>;
}

export type Revokers = { readonly [Kind in GrantKind]: Revoker };
