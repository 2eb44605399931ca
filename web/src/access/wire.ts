/** Where a setting stands: the organisation, module and name, and its value now. */
export interface SettingAddress {
  readonly tenantId: string;
  readonly module: string;
  readonly scope: string;
  readonly target?: string;
  readonly name: string;
  readonly value?: unknown;
}

export type Remedy = string;

export interface RuleFound {
  readonly name: string;
  readonly sentence: string;
  readonly setting: SettingAddress;
  readonly remedy: Remedy;
  readonly level: string;
  readonly decided: boolean;
  readonly failure?: string;
}

export interface GrantFound {
  readonly id: string;
  readonly level: string;
  readonly path: string;
  readonly subject: { readonly kind: string; readonly id: string; readonly displayName?: string };
  readonly decided: boolean;
}

export type Change =
  | {
      readonly kind: 'ceiling';
      readonly rule: string;
      readonly setting: SettingAddress;
      readonly remedy: Remedy;
      readonly to: string;
      readonly value?: unknown;
    }
  | { readonly kind: 'grant'; readonly remedy: Remedy; readonly to: string };

export type SmallestChange =
  | { readonly none: false; readonly single: boolean; readonly changes: readonly Change[] }
  | { readonly none: true };

/** An answer laid open: every rule and grant, which of them decided, and the smallest change that would flip it. */
export interface Explanation {
  readonly question: string;
  readonly sentence: string;
  readonly level: string;
  readonly levels: readonly string[];
  readonly rules: readonly RuleFound[];
  readonly grants: readonly GrantFound[];
  readonly because?: readonly { readonly kind: string; readonly remedy?: Remedy }[];
  readonly smallestChange: SmallestChange;
}

/** What the person who was refused is shown: a sentence, a reference, whom to ask. */
export interface RefusalNotice {
  readonly sentence: string;
  readonly reference: string;
  readonly askWhom: string;
  /** Whether there is somebody to ask for access. */
  readonly canAsk: boolean;
  /** The organisation that does not permit it, where it is another one. */
  readonly refusedBy: string | null;
}

export interface Explained {
  readonly explanation: Explanation;
  readonly personSees: RefusalNotice | null;
}

/** A refusal as it was kept, and what would be answered now. */
export interface DecisionExplained {
  readonly refusal: {
    readonly at: string;
    readonly question: string;
    readonly level: string;
    readonly wanted?: string;
    readonly actor: { readonly kind: string; readonly id: string | null; readonly displayName: string };
  };
  readonly personSees: RefusalNotice;
  readonly now: Explained | null;
}

/** A question that can be asked, with the shape of what it is asked about. */
export interface Askable {
  readonly name: string;
  readonly sentence: string;
  readonly levels: readonly string[];
  readonly input:
    | (InputSchema & {
        readonly properties?: Readonly<Record<string, InputSchema>>;
        readonly required?: readonly string[];
      })
    | null;
}

/** As much of JSON Schema as the inputs of questions use. */
export interface InputSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
}

export type RequestState = 'open' | 'granted' | 'declined' | 'expired';

interface RequestCommon {
  readonly id: string;
  readonly reference: string;
  readonly state: RequestState;
  readonly message: string;
  readonly times: number;
  readonly note: string | null;
  readonly answeredBy: string | null;
  readonly askedAt: string;
  readonly lastAskedAt: string;
  readonly answeredAt: string | null;
  readonly expiresAt: string;
}

/** What the person of the page has asked for. */
export interface OwnRequest extends RequestCommon {
  /** Null where another organisation answers: what it decides by is its own. */
  readonly question: string | null;
  readonly sentence: string | null;
  /** The other organisation that answers; null: somebody here. */
  readonly askedOf: string | null;
}

/** What others ask for, of the person or of their organisation. */
export interface AskedRequest extends RequestCommon {
  readonly asker: {
    readonly kind: string;
    readonly id: string | null;
    readonly name: string;
    readonly domain: string | null;
  };
  readonly question: string;
  readonly sentence: string;
  readonly wanted: string;
  readonly about: string | null;
}

export interface Giving {
  readonly kind: 'right' | 'group' | 'domain' | 'role';
  readonly ways: readonly { readonly id: string; readonly name: string }[];
}

export interface OpenedRequest extends AskedRequest {
  readonly explanation: Explanation | null;
  /** Whether a yes gives the one right that lacks. */
  /** What a yes gives, and from what whoever answers chooses. */
  readonly giving: Giving | null;
}
