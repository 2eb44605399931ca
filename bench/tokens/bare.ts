/** The peer: `oidc-provider` as it comes, with its memory for a store. Says where it listens and what opens it. */

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

const RESOURCE = 'https://graph.example';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const server = createServer();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const provider = new Provider(origin, {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'one' }] } as never,
  clients: [
    {
      client_id: 'bench',
      client_secret: 'secret-of-the-bench',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: 'ES256',
    },
  ],
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: 'Ann Beebe', email: 'ann@fabrikam.example' }),
  }),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      getResourceServerInfo: () => ({
        scope: 'api',
        accessTokenFormat: 'jwt' as const,
        accessTokenTTL: 3600,
        jwt: { sign: { alg: 'ES256' as const } },
      }),
    },
  },
});
server.on('request', provider.callback());

// A person's token as signing in would leave it in the store.
const grant = new provider.Grant({ accountId: 'ann', clientId: 'bench' });
grant.addOIDCScope('openid profile email');
const grantId = await grant.save();
const client = await provider.Client.find('bench');
const token = new provider.AccessToken({
  accountId: 'ann',
  client: client as never,
  grantId,
  gty: 'authorization_code',
  scope: 'openid profile email',
} as never);
const userToken = await token.save();

process.send?.({
  token: `${origin}/token`,
  userinfo: `${origin}/me`,
  form: 'grant_type=client_credentials&client_id=bench&client_secret=secret-of-the-bench&scope=api',
  userToken,
});
process.once('disconnect', () => process.exit(0));
