import { LRUCache } from 'lru-cache';
import { findAccount, isFromElsewhere } from '../../directory/index.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';

/** What a person's token opens about themselves, in the words of OpenID Connect Core §5.1. */
export interface Profile {
  readonly name: string;
  readonly preferred_username: string;
  readonly given_name?: string;
  readonly family_name?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
}

const KEPT_AT_MOST = 20_000;
/** Changes are announced; this bounds how long a lost announcement can matter. */
const KEPT_MILLISECONDS = 30_000;

const actor = { kind: 'system', name: 'signin.profiles' } as const;

/** People's profiles, in memory until the account is announced changed. */
export function createProfiles(ports: { readonly run: Run }) {
  const kept = new LRUCache<string, Promise<Profile | undefined>>({ max: KEPT_AT_MOST, ttl: KEPT_MILLISECONDS });

  const read = (tenantId: TenantId, id: AccountId) =>
    ports.run({ tenantId, actor, readOnly: true }, async (ctx): Promise<Profile | undefined> => {
      const account = await findAccount(ctx, id);
      return (
        account && {
          name: account.displayName,
          preferred_username: account.userPrincipalName,
          ...(account.givenName ? { given_name: account.givenName } : {}),
          ...(account.surname ? { family_name: account.surname } : {}),
          // Verified here means: under a domain that the tenant has proven. A guest's address is its home's word.
          ...(account.mail ? { email: account.mail, email_verified: !isFromElsewhere(account) } : {}),
        }
      );
    });

  return {
    /** Undefined for an account that is none. */
    of(tenantId: TenantId, id: AccountId): Promise<Profile | undefined> {
      const key = `${tenantId} ${id}`;
      let profile = kept.get(key);
      if (!profile) {
        const reading = read(tenantId, id);
        const drop = () => kept.peek(key) === reading && kept.delete(key);
        reading.then((found) => found || drop(), drop);
        kept.set(key, reading);
        profile = reading;
      }
      return profile;
    },
    forgetAccount: (tenantId: TenantId, id: string) => void kept.delete(`${tenantId} ${id}`),
    forgetTenant(tenantId: TenantId): void {
      for (const key of [...kept.keys()]) if (key.startsWith(tenantId)) kept.delete(key);
    },
    forgetAll: () => kept.clear(),
  };
}

export type Profiles = ReturnType<typeof createProfiles>;
