import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Partners, Run, Tie, TiedItem } from '../../kernel/module.ts';
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
  readonly agreements: {
    /** Every agreement with an organisation that is not over, and that they know of. */
    listOpen(ctx: Context, partner: TenantId): Promise<readonly TiedItem[]>;
    /** Ends them all; outside a transaction, unless `run` stays in the one there is. */
    end(ctx: Context, partner: TenantId, reason: string | null, run?: Run): Promise<void>;
  };
  /** Whether the person who asks could show two factors. */
  hasSecondFactor(ctx: Context): Promise<boolean>;
  /** Somebody who is a guest here. */
  findGuest(
    ctx: Context,
    accountId: string,
  ): Promise<{ displayName: string; homeTenantId: TenantId | null; homeDomain: string | null } | undefined>;
}
