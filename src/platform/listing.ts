import type { Filter } from '../protocols/odata.ts';

/** Which part of a collection is wanted, in what order. Field names are the model's. */
export interface ListQuery {
  readonly filter?: Filter | undefined;
  readonly orderBy: readonly { readonly field: string; readonly descending: boolean }[];
  /** At most this many. */
  readonly top: number;
  /** The sort key of the last one given out before. */
  readonly after?: readonly unknown[] | undefined;
  /** Whether the number of all matches is wanted too. */
  readonly count: boolean;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: readonly unknown[] | undefined;
  readonly total: number | undefined;
}
