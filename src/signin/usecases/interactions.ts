/** The provider that waits for a sign-in, as the steps of one know it. */
import type { AccountId, TenantId } from '../../kernel/ids.ts';

/** What the provider is waiting for. */
export interface Interaction {
  readonly prompt: 'login' | 'consent';
  readonly clientId: string;
  readonly loginHint: string | undefined;
  /** Who is signed in already, at a consent. */
  readonly accountId: AccountId | undefined;
  readonly missingPermissions: readonly string[];
}

export interface Interactions {
  find(tenantId: TenantId, uid: string): Promise<Interaction | undefined>;
  /** Hands the result to the provider. Returns the path at which it goes on. */
  finish(
    tenantId: TenantId,
    uid: string,
    result:
      | { login: { accountId: string; amr: string[]; ts: number } }
      | { consent: object }
      | { error: string; error_description: string },
  ): Promise<string>;
  /** Signs a browser in where no application waits. Returns the secret for the session's cookie. */
  open(tenantId: TenantId, proven: { accountId: string; amr: string[]; ts: number }): Promise<string>;
}
