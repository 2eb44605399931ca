import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { API_AUDIENCE, signAccessToken } from '../model/access-token.ts';
import { type Client, type Clients, goodSecretHashes, isSecretOf } from './clients.ts';
import type { SigningKeys } from './signing-keys.ts';

export const PROGRAM_TOKEN_SECONDS = 60 * 60;

/** What the access token of a program acting for itself says beyond RFC 9068; see `AccessTokenClaims`. */
export const programClaims = (tenantId: TenantId, client: Client) => ({
  azp: client.id,
  appid: client.id,
  tid: tenantId,
  ver: '2.0' as const,
  oid: client.id,
  idtyp: 'app' as const,
  roles: client.ownPermissions,
});

export interface ProgramTokens {
  /**
   * An access token for the program whose secret this is, or undefined when it cannot have one: whoever asked learns
   * why from the provider. The token is signed from memory, and nothing of it is kept: it ends with what it stands on.
   */
  issue(
    tenantId: TenantId,
    presented: { readonly clientId: string; readonly secret: string; readonly address: string },
  ): Promise<string | undefined>;
  /** Puts the sign-in in the log before its token leaves: the first from an address within each hour. */
  noteSignIn(tenantId: TenantId, client: Client, address: string): Promise<void>;
}

const actor = { kind: 'system', name: 'signin.program-tokens' } as const;
const NOTED_AT_MOST = 10_000;
const NOTED_MILLISECONDS = 60 * 60 * 1000;

/** The client credentials grant (RFC 6749 §4.4) where nothing stands against it. */
export function createProgramTokens(ports: {
  readonly run: Run;
  readonly clients: Clients;
  readonly keys: SigningKeys;
  readonly issuerOf: (tenantId: TenantId) => string;
  readonly now: () => Date;
}): ProgramTokens {
  const noted = new LRUCache<string, Promise<void>>({ max: NOTED_AT_MOST, ttl: NOTED_MILLISECONDS });

  function noteSignIn(tenantId: TenantId, client: Client, address: string): Promise<void> {
    const key = `${tenantId} ${client.id} ${address}`;
    let noting = noted.get(key);
    if (!noting) {
      noting = ports.run({ tenantId, actor, clientAddress: address }, async (ctx) =>
        ctx.record({
          action: 'signin.program-signed-in',
          category: 'SignIn',
          targets: [{ kind: 'application', id: client.id, displayName: client.displayName }],
          facts: { clientId: client.id },
        }),
      );
      noted.set(key, noting);
      noting.catch(() => noted.delete(key));
    }
    return noting;
  }

  return {
    noteSignIn,
    async issue(tenantId, { clientId, secret, address }) {
      const client = await ports.clients.find(tenantId, clientId);
      const now = ports.now();
      if (client?.kind !== 'web' || !client.mayActAlone) return undefined;
      if (!isSecretOf(goodSecretHashes(client, now), secret)) return undefined;
      await noteSignIn(tenantId, client, address);
      const keys = await ports.keys.of(tenantId);
      const iat = Math.floor(now.getTime() / 1000);
      return signAccessToken(
        {
          jti: randomUUID(),
          sub: client.id,
          iat,
          exp: iat + PROGRAM_TOKEN_SECONDS,
          client_id: client.id,
          iss: ports.issuerOf(tenantId),
          aud: API_AUDIENCE,
          ...programClaims(tenantId, client),
        },
        keys.signing(now),
      );
    },
  };
}
