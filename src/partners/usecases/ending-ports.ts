import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Partners, Run, Tie } from '../../kernel/module.ts';
import type { SettingsSnapshot } from '../../kernel/settings.ts';
import type { SignedDocument } from '../model/organization-document.ts';
import type { PartnerKeys } from './keys.ts';

export interface EndingPorts {
  readonly run: Run;
  readonly keys: PartnerKeys;
  readonly partners: Partners;
  /** Every way in which we are tied to others, of every module. */
  readonly ties: () => readonly Tie[];
  readonly tenantOfDomain: (domain: string) => Promise<TenantId | undefined>;
  readonly isHere: (tenantId: TenantId) => Promise<boolean>;
  readonly describeHere: (tenantId: TenantId) => Promise<SignedDocument>;
  /** The settings as they stand in the context's transaction. */
  settingsNow(ctx: Context): Promise<SettingsSnapshot>;
  /** Ends what was agreed with an organisation; outside a transaction, unless `run` stays in the one there is. */
  endAgreements(ctx: Context, partner: TenantId, reason: string | null, run?: Run): Promise<void>;
  /** Somebody who is a guest here. */
  findGuest(
    ctx: Context,
    accountId: string,
  ): Promise<{ displayName: string; homeTenantId: TenantId | null; homeDomain: string | null } | undefined>;
}
