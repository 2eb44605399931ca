/** A licence the organisation holds (`subscribedSku`). */
export interface Sku {
  readonly id: string;
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName?: string;
  readonly consumedUnits: number;
  readonly prepaidUnits: { readonly enabled: number };
  /** Without a limit: the default of those who run their own server. */
  readonly isUnlimited?: boolean;
  readonly capabilityStatus?: string;
  readonly servicePlans: readonly { readonly servicePlanId: string; readonly servicePlanName: string }[];
}

/** A licence's part number as a name: `ENTENTE_BUSINESS_PREMIUM` is "Entente Business Premium", `ENTENTE_E3` "Entente E3". */
export const licenceName = (partNumber: string): string =>
  partNumber
    .split('_')
    .map((word) => (word.length <= 2 ? word : word.charAt(0) + word.slice(1).toLowerCase()))
    .join(' ');

/** A domain of the organisation. */
export interface Domain {
  readonly id: string;
  readonly isVerified: boolean;
  readonly isDefault: boolean;
  readonly isInitial: boolean;
  readonly supportedServices?: readonly string[];
}

/** A record to publish in the domain's name service. */
export interface DnsRecord {
  readonly recordType: string;
  readonly label: string;
  readonly ttl?: number;
  readonly text?: string;
  readonly mailExchange?: string;
  readonly preference?: number;
  readonly canonicalName?: string;
  readonly nameTarget?: string;
  readonly priority?: number;
  readonly weight?: number;
  readonly port?: number;
}

/** One setting of a group, as `GET /admin/settings` writes it. */
export interface Setting {
  readonly name: string;
  readonly sentence: string;
  readonly schema: Schema;
  readonly default: unknown;
  readonly value: unknown;
  readonly isSet: boolean;
  readonly changedAt: string | null;
  readonly changedBy: string | null;
  readonly agreementId: string | null;
}

export interface SettingsGroup {
  readonly name: string;
  readonly scope: 'tenant' | 'partner' | 'container';
  readonly title: string;
  readonly sentence: string;
  readonly mayChange: boolean;
  readonly target: string | null;
  readonly targets: readonly string[];
  readonly settings: readonly Setting[];
}

/** As much of JSON Schema (draft 2020-12) as forms are made from. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface SettingChange {
  readonly id: string;
  readonly name: string;
  readonly target?: string;
  readonly oldValue: unknown;
  readonly newValue: unknown;
  readonly changedAt: string;
  readonly changedBy: string;
}

/** One setting that a text would change, as texts have it. */
export interface PlannedChange {
  readonly group: string;
  readonly title: string;
  readonly target: string | null;
  readonly targetName: string | null;
  readonly name: string;
  /** Null: not set. */
  readonly oldText: string | null;
  readonly newText: string | null;
}

export interface SettingsPlan {
  readonly digest: string;
  readonly changes: readonly PlannedChange[];
  readonly mayApply: boolean;
  readonly whatIf: { readonly id: string } | null;
}

/** A setting that was changed since a text was applied: `oldText` is the text's, `newText` what is set. */
export interface SettingDrift extends PlannedChange {
  readonly changedAt: string | null;
  /** Null: in the database, nobody knows by whom. */
  readonly changedBy: string | null;
}

type Status = 'same' | 'differs' | 'not-applicable';

export interface AgreementCheck {
  readonly what: string;
  readonly title: string;
  readonly status: Status;
  readonly agreed: string | null;
  readonly now: string | null;
  /** Some of those whom the agreement means; others have more. */
  readonly isForSome: boolean;
  readonly reason: string | null;
  readonly setting: { readonly module: string; readonly name: string } | null;
}

export interface SettingsDrift {
  readonly groups: readonly {
    readonly group: string;
    readonly status: Status;
    readonly appliedAt: string | null;
    readonly appliedBy: string | null;
    readonly drifts: readonly SettingDrift[];
  }[];
  readonly agreements: readonly {
    readonly agreementId: string;
    readonly partner: { readonly domain: string; readonly displayName: string };
    readonly checks: readonly AgreementCheck[];
    readonly partnerGives: Readonly<Record<string, string | { readonly some: string }>>;
  }[];
}
