/** A tenant as the operator sees it: what it uses, never what is in it. */
export interface OperatedTenant {
  readonly id: string;
  readonly displayName: string;
  readonly state: 'active' | 'suspended' | 'deleted';
  readonly initialDomain: string;
  readonly createdAt: string;
  readonly deletedAt?: string | null;
  readonly usage: Usage;
}

export interface Usage {
  readonly accounts: number;
  readonly guests: number;
  readonly storage: readonly {
    readonly name: string;
    readonly usedBytes: number;
    readonly limitBytes: number | null;
  }[];
  readonly licences: readonly {
    readonly sku: string;
    readonly units: number | null;
    readonly consumed: number;
    readonly state: string;
  }[];
}

export interface ServerUsage {
  readonly tenants: Readonly<Record<string, number>>;
  readonly storage: Usage['storage'];
  readonly licences: readonly { readonly sku: string; readonly units: number | null }[];
  readonly skus: readonly {
    readonly sku: string;
    readonly skuId: string;
    readonly plans: readonly string[];
    readonly servesEveryone: boolean;
  }[];
}

export interface Health {
  readonly state: 'ok' | 'warning' | 'failed';
  readonly parts: readonly {
    readonly name: string;
    readonly state: 'ok' | 'warning' | 'failed';
    readonly sentence: string;
    readonly facts: Readonly<Record<string, unknown>>;
  }[];
}
