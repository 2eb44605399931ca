import type { AgreementTerm } from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Partners, Run } from '../../kernel/module.ts';
import type { HoldPorts } from '../../tenants/index.ts';
import type { PartnerKeys } from './keys.ts';
import type { KnownPartner } from './records.ts';

/** Whoever is told when something happens to an agreement. */
export interface Administrator {
  readonly address: string;
  readonly displayName: string;
  readonly language: string | null;
}

/** Rights of a partner's people that stood on an agreement. */
export interface StandingOn {
  readonly agreementId: string;
  readonly tenantId: TenantId;
  readonly displayName: string;
  readonly domains: readonly string[];
  readonly kinds: readonly string[];
}

export interface AgreementPorts extends HoldPorts {
  readonly run: Run;
  readonly partners: Partners;
  readonly keys: PartnerKeys;
  /** Opens what it needs itself. @throws not-found for one that ours does not know. */
  partnerOf(ctx: Pick<Context, 'tenantId' | 'correlationId'>, partnerTenantId: TenantId): Promise<KnownPartner>;
  /** Every term that can be agreed, with whether a module enforces it. */
  readonly terms: () => readonly (AgreementTerm & { readonly isEnforced: boolean })[];
  /** Whether the person who asks could show two factors. */
  hasSecondFactor(ctx: Context): Promise<boolean>;
  administratorsOf(ctx: Context): Promise<readonly Administrator[]>;
  /** Takes how far our settings go now for what they are measured from, in the context's transaction. */
  measureFromNow(ctx: Context, agreementId: string): Promise<void>;
  /** Begins to end these rights, with a receipt, in the context's transaction. */
  endStandingOn(ctx: Context, standing: StandingOn): Promise<void>;
}
