import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import type { Actor, Context } from '../kernel/context.ts';
import type { AccountId, TenantId } from '../kernel/ids.ts';
import type { Module, Run } from '../kernel/module.ts';
import type { Bus } from '../platform/bus.ts';
import type { Database } from '../platform/database/index.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import { findTenantByAddress } from '../tenants/index.ts';
import { TOPICS } from './events.ts';
import { createVault, secretFile } from './model/vault.ts';
import { readCredential } from './routes/credential.ts';
import { demoTokenRoute } from './routes/operator/demo-token.ts';
import { createAuthenticator } from './usecases/authenticator.ts';
import { mintAccessToken } from './usecases/mint-access-token.ts';
import { createSigningKeys } from './usecases/signing-keys.ts';

/** Where the server is reached. Known once it listens. */
export interface Addresses {
  /** For browsers: `http://localhost:8080`. */
  origin(): string;
  /** For programs, and the place of every issuer: `https://localhost:8443`. */
  httpsOrigin(): string;
}

export interface SigninPorts {
  readonly run: Run;
  readonly database: Database;
  readonly bus: Bus;
  readonly log: Log;
  readonly now: () => Date;
  readonly addresses: Addresses;
  /** The data folder: the master key and the operator's token are files in it. */
  readonly data: string;
  readonly demo: boolean;
}

export interface Signin extends Module<Route> {
  /** Who sent a request, for the listener. */
  authenticate(request: FastifyRequest): Promise<{ actor: Actor; tenantId: TenantId } | undefined>;
  mintAccessToken(
    ctx: Context,
    accountId: AccountId,
    options?: { scopes?: readonly string[]; minutes?: number },
  ): Promise<{ token: string; expiresInSeconds: number }>;
}

/** How people and programs prove who they are. Reads its secrets from the data folder, making them the first time. */
export async function openSignin(ports: SigninPorts): Promise<Signin> {
  const masterKey = await secretFile(join(ports.data, 'master.key'));
  const operatorToken = (await secretFile(join(ports.data, 'operator.token'))).toString('base64url');
  const vault = createVault(Buffer.from(hkdfSync('sha256', masterKey, '', 'vault', 32)));
  const subjectSalt = Buffer.from(hkdfSync('sha256', masterKey, '', 'pairwise subjects', 32));

  const issuerOf = (tenantId: TenantId) => `${ports.addresses.httpsOrigin()}/${tenantId}/v2.0`;
  const findTenantId = async (address: string) =>
    (await ports.database.outside((tx) => findTenantByAddress({ tx }, address)))?.id;
  const keys = createSigningKeys({ run: ports.run, vault });
  const authenticator = createAuthenticator({ ...ports, keys, issuerOf, findTenantId, operatorToken });
  const minting = { keys, issuerOf, subjectSalt };

  ports.bus.on(TOPICS.accountChanged, ({ tenantId, payload }) =>
    authenticator.forgetAccount(tenantId as TenantId, String(payload.accountId)),
  );
  ports.bus.on(TOPICS.applicationsChanged, ({ tenantId }) => authenticator.forgetTenant(tenantId as TenantId));
  ports.bus.on(TOPICS.keysChanged, ({ tenantId }) => {
    keys.forget(tenantId as TenantId);
    authenticator.forgetAll();
  });
  ports.bus.onGap(() => {
    keys.forgetAll();
    authenticator.forgetAll();
  });

  return {
    name: 'signin',
    routes: ports.demo ? [demoTokenRoute({ ...minting, run: ports.run, findTenantId })] : [],
    async authenticate(request) {
      const presented = readCredential(request);
      return presented && authenticator.authenticate(presented);
    },
    mintAccessToken: (ctx, accountId, options) => mintAccessToken(minting, ctx, accountId, options),
  };
}
