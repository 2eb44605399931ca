/** What was wrong with a query option, where, and in a sentence for the person who wrote it. */
export class ODataError extends Error {
  override readonly name = 'ODataError';
  readonly code: ODataErrorCode;
  /** The option at fault, `$filter` for instance. */
  readonly option: string;
  /** Offset in characters into the decoded value of the option; undefined when the whole value is meant. */
  readonly position: number | undefined;

  constructor(code: ODataErrorCode, option: string, sentence: string, position?: number) {
    super(position === undefined ? `${option}: ${sentence}` : `${option}, position ${position}: ${sentence}`);
    this.code = code;
    this.option = option;
    this.position = position;
  }
}

type ODataErrorCode = 'syntax' | 'too-large' | 'unknown-option' | 'unknown-property' | 'wrong-type';

/** Bounds on what a stranger may send. Counts are of characters, nested levels, and comparisons or list values. */
export const ODATA_LIMITS = {
  optionLength: 8_192,
  depth: 24,
  terms: 200,
  selected: 200,
  expandDepth: 3,
  top: 999,
  skip: 1_000_000,
} as const;

export type Literal =
  | { type: 'string'; value: string }
  | { type: 'number'; value: number }
  | { type: 'boolean'; value: boolean }
  | { type: 'null'; value: null }
  | { type: 'guid'; value: string }
  /** A date-time with its zone, or a plain date (its midnight in UTC), in the writer's own form. */
  | { type: 'instant'; value: string };

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type TextMatch = 'startswith' | 'endswith' | 'contains';

/**
 * A filter. Inside `any`, paths are relative to the element: the empty path is the element itself.
 * A path that ends in `$count` is the number of elements of a collection.
 */
export type Filter =
  | { kind: 'and'; terms: Filter[] }
  | { kind: 'or'; terms: Filter[] }
  | { kind: 'not'; term: Filter }
  | { kind: 'compare'; operator: Comparison; path: string[]; value: Literal }
  | { kind: 'in'; path: string[]; values: Literal[] }
  | { kind: 'match'; operator: TextMatch; path: string[]; text: string }
  | { kind: 'any'; path: string[]; term?: Filter };

export type Search =
  | { kind: 'and'; terms: Search[] }
  | { kind: 'or'; terms: Search[] }
  | { kind: 'not'; term: Search }
  /** `"displayName:ann"` names a property; `"ann"` does not. */
  | { kind: 'term'; property?: string; text: string };

export type OrderBy = { path: string[]; descending: boolean };
export type Expand = { property: string; levels?: number | 'max'; options: QueryOptions };

export type QueryOptions = {
  select?: string[][];
  filter?: Filter;
  expand?: Expand[];
  top?: number;
  skip?: number;
  skipToken?: string;
  deltaToken?: string;
  orderBy?: OrderBy[];
  count?: boolean;
  search?: Search;
};
