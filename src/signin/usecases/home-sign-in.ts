/** Asking a person's home who they are, as an OpenID Connect relying party of the tenant where they are at home. */
import { createHash, randomBytes } from 'node:crypto';
import * as oidc from 'openid-client';
import { findAccount, type ProvenIdentity } from '../../directory/index.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Arrivals } from '../../partners/index.ts';
import type { Log } from '../../platform/log.ts';
import type { Vault } from '../../platform/vault.ts';
import { signinFaults } from '../faults.ts';
import { createArtifactAdapter } from './artifacts.ts';
import { clientOfTenant, homeReturnPath } from './clients.ts';
import { applicationOf } from './coming-in.ts';
import { actorOf } from './sign-in.ts';

/** Where somebody goes on after home has answered. */
export type ComeBack =
  | { readonly kind: 'sign-in'; readonly uid: string; readonly clientId: string }
  | { readonly kind: 'redemption'; readonly redemptionId: string };

interface Journey {
  readonly homeTenantId: TenantId;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly correlationId: string;
  readonly back: ComeBack;
}

export interface HomePorts {
  readonly run: Run;
  readonly vault: Vault;
  readonly log: Log;
  readonly arrivals: Pick<Arrivals, 'askHome'>;
  readonly issuerOf: (tenantId: TenantId) => string;
  readonly loopback: () => string;
}

/** The issuer of identities proven by another tenant of this server, in the reference product's word. */
const TENANT_ISSUER = 'ExternalAzureAD';
const MINUTES = 30;
const actor = { kind: 'system', name: 'signin.home' } as const;
const random = () => randomBytes(32).toString('base64url');

/** Somebody at home in another tenant of this server, as a guest is bound to them. */
export const identityOfTenant = (
  homeTenantId: TenantId,
  homeAccountId: AccountId,
  email: string,
  methods: readonly string[],
): ProvenIdentity => ({
  issuer: TENANT_ISSUER,
  subject: `${homeTenantId}/${homeAccountId}`,
  email,
  homeTenantId,
  homeAccountId,
  methods,
});

export function createHomeSignIn(ports: HomePorts) {
  const journeys = (tenantId: TenantId) => createArtifactAdapter({ ...ports, tenantId }, 'Journey');

  /** The home tenant's provider as a client of it sees it. Back-channel calls stay on this machine. */
  function providerOf(homeTenantId: TenantId, visited: TenantId): oidc.Configuration {
    const at = `${ports.loopback()}/${homeTenantId}`;
    const configuration = new oidc.Configuration(
      {
        issuer: ports.issuerOf(homeTenantId),
        token_endpoint: `${at}/oauth2/v2.0/token`,
        jwks_uri: `${at}/discovery/v2.0/keys`,
        authorization_response_iss_parameter_supported: true,
        id_token_signing_alg_values_supported: ['ES256'],
      },
      clientOfTenant(visited),
      { id_token_signed_response_alg: 'ES256' },
      oidc.None(),
    );
    oidc.allowInsecureRequests(configuration);
    oidc.enableNonRepudiationChecks(configuration);
    return configuration;
  }

  return {
    /** Leaves for home. Returns the path of the home tenant's sign-in, at the origin where the person is. */
    async leave(
      visited: TenantId,
      to: {
        homeTenantId: TenantId;
        origin: string;
        loginHint: string | undefined;
        correlationId: string;
        back: ComeBack;
        prompt?: 'login';
      },
    ): Promise<string> {
      const state = random();
      const journey: Journey = {
        homeTenantId: to.homeTenantId,
        nonce: random(),
        verifier: random(),
        redirectUri: `${to.origin}${homeReturnPath(visited)}`,
        correlationId: to.correlationId,
        back: to.back,
      };
      await journeys(visited).upsert(state, { ...journey } as never, MINUTES * 60);
      const query = new URLSearchParams({
        client_id: clientOfTenant(visited),
        response_type: 'code',
        redirect_uri: journey.redirectUri,
        scope: 'openid profile email',
        state,
        nonce: journey.nonce,
        code_challenge: createHash('sha256').update(journey.verifier).digest('base64url'),
        code_challenge_method: 'S256',
        'client-request-id': to.correlationId,
        ...(to.loginHint === undefined ? {} : { login_hint: to.loginHint }),
        ...(to.prompt ? { prompt: to.prompt } : {}),
      });
      return `/${to.homeTenantId}/oauth2/v2.0/authorize?${query}`;
    },

    /**
     * Takes home's answer and finds out who it was. The home tenant writes down that its person went out; the tenant
     * visited writes its own line under the same correlation id (ID-27).
     * @throws home-failed when the answer is none of ours, was used before, or home did not confirm.
     */
    async comeBack(
      visited: TenantId,
      search: URLSearchParams,
      clientAddress: string | null,
    ): Promise<{
      back: ComeBack;
      correlationId: string;
      homeTenantId: TenantId;
      identity: ProvenIdentity | undefined;
    }> {
      const state = search.get('state') ?? '';
      const journey = (await journeys(visited).find(state)) as unknown as Journey | undefined;
      if (!journey) throw signinFaults.homeFailed();
      await journeys(visited).destroy(state);
      const { homeTenantId, back, correlationId } = journey;
      // The person turned back at home.
      if (search.has('error')) return { back, correlationId, homeTenantId, identity: undefined };
      const claims = await oidc
        .authorizationCodeGrant(providerOf(homeTenantId, visited), new URL(`${journey.redirectUri}?${search}`), {
          pkceCodeVerifier: journey.verifier,
          expectedState: state,
          expectedNonce: journey.nonce,
          idTokenExpected: true,
        })
        .then((tokens) => tokens.claims())
        .catch((error) => {
          ports.log.warn({ err: error, correlationId }, 'the home tenant did not confirm a guest');
          throw signinFaults.homeFailed();
        });
      const accountId = claims?.oid as AccountId | undefined;
      if (!claims || !accountId) throw signinFaults.homeFailed();
      const methods = Array.isArray(claims.amr) ? (claims.amr as string[]) : [];

      const person = await ports.run({ tenantId: homeTenantId, actor, readOnly: true }, async (ctx) => ({
        account: await findAccount(ctx, accountId),
        who: await actorOf(ctx, accountId),
      }));
      const { account, who } = person;
      // Whose home is elsewhere again cannot vouch from here: a guest is not brought on by their host.
      if (!account || account.homeTenantId !== null) throw signinFaults.homeFailed();
      const application = back.kind === 'sign-in' ? applicationOf(back.clientId) : null;
      const asked = { homeTenantId, application, people: [{ userId: accountId }] };
      const [vouched] = await ports.arrivals.askHome({ tenantId: visited, correlationId }, asked);
      if (!vouched?.isActive) throw signinFaults.homeFailed();
      await ports.run({ tenantId: homeTenantId, actor: who, correlationId, clientAddress }, async (ctx) => {
        ctx.record({
          action: vouched.homeLetsOut ? 'signin.signed-in' : 'signin.sign-in-failed',
          category: 'SignIn',
          ...(vouched.homeLetsOut ? {} : { result: 'failure', reason: 'blocked-home' }),
          targets: [{ kind: 'account', id: accountId, displayName: account.displayName }],
          facts: {
            userName: account.userPrincipalName,
            userType: account.userType,
            homeTenantId: null,
            resourceTenantId: visited,
            clientId: clientOfTenant(visited),
            elsewhere: application?.id ?? null,
            methods,
            clientAddress,
          },
        });
      });
      const addresses = [account.userPrincipalName, account.mail, ...account.otherMails, ...account.proxyAddresses]
        .filter((address) => address !== null)
        .map((address) => address.replace(/^smtp:/i, ''));
      return {
        back,
        correlationId,
        homeTenantId,
        identity: {
          ...identityOfTenant(homeTenantId, accountId, account.mail ?? account.userPrincipalName, methods),
          displayName: account.displayName,
          aliases: [...new Set(addresses)],
          vouched,
        },
      };
    },
  };
}

export type HomeSignIn = ReturnType<typeof createHomeSignIn>;
