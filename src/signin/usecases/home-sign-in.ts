/** Asking a person's home who they are, as an OpenID Connect relying party of the organisation where they are at home. */
import { createHash, randomBytes } from 'node:crypto';
import { importJWK } from 'jose';
import * as oidc from 'openid-client';
import { z } from 'zod';
import { type Account, ORGANISATION_ISSUER, type ProvenIdentity } from '../../directory/index.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { type Arrivals, type Homes, serverEnvoy } from '../../partners/index.ts';
import type { Log } from '../../platform/log.ts';
import type { Vault } from '../../platform/vault.ts';
import { signinFaults } from '../faults.ts';
import { COMPLIANT_DEVICE } from '../model/device.ts';
import { createArtifactAdapter } from './artifacts.ts';
import { baseOfIssuer, clientOfTenant, homeReturnPath } from './clients.ts';
import { applicationOf } from './coming-in.ts';
import { PERSON_ARRIVED, type PersonArrived } from './person-arrived.ts';

/** Where somebody goes on after home has answered. */
export type ComeBack =
  | { readonly kind: 'sign-in'; readonly uid: string; readonly clientId: string }
  | { readonly kind: 'redemption'; readonly redemptionId: string };

interface Journey {
  readonly homeTenantId: TenantId;
  /** Who was to answer: an answer of anybody else is none, whatever was confirmed meanwhile. */
  readonly issuer: string;
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
  readonly homes: Homes;
  readonly loopback: () => string;
  readonly httpsOrigin: () => string;
}

const MINUTES = 30;
const actor = { kind: 'system', name: 'signin.home' } as const;
const random = () => randomBytes(32).toString('base64url');

/** Somebody at home in another organisation, as a guest is bound to them. */
export const identityOfTenant = (
  homeTenantId: TenantId,
  homeAccountId: AccountId,
  email: string,
  methods: readonly string[],
): ProvenIdentity => ({
  issuer: ORGANISATION_ISSUER,
  subject: `${homeTenantId}/${homeAccountId}`,
  email,
  homeTenantId,
  homeAccountId,
  methods,
});

const address = z.string().min(3).max(320);
/** What home says in its ID token of whom it has signed in. Another organisation's word: read before it is believed. */
const homeToken = z.object({
  tid: z.guid().toLowerCase(),
  oid: z.guid().toLowerCase(),
  amr: z.array(z.string().max(40)).max(20).default([]),
  auth_time: z.number(),
  /** Whose home is elsewhere again cannot be vouched for from there: a guest is not brought on by their host. */
  home_tid: z.never().optional(),
  person: z.object({
    displayName: z.string().max(256),
    address,
    addresses: z.array(address).max(500),
    isDeviceCompliant: z.boolean(),
  }),
});

/** The same as home writes it; nothing of somebody who is only a guest there. */
export function personClaim(account: Account, methods: readonly string[]): z.input<typeof homeToken>['person'] {
  const { displayName, mail, userPrincipalName, otherMails, proxyAddresses } = account;
  const addresses = [userPrincipalName, mail, ...otherMails, ...proxyAddresses]
    .filter((one) => one !== null)
    .map((one) => one.replace(/^smtp:/i, ''));
  return {
    displayName,
    address: mail ?? userPrincipalName,
    addresses: [...new Set(addresses)],
    isDeviceCompliant: methods.includes(COMPLIANT_DEVICE),
  };
}

export function createHomeSignIn(ports: HomePorts) {
  const journeys = (tenantId: TenantId) => createArtifactAdapter({ ...ports, tenantId }, 'Journey');

  /** @throws home-failed for an organisation that ours does not know. */
  async function homeOf(visited: TenantId, homeTenantId: TenantId) {
    const home = await ports.homes.find(visited, { tenantId: homeTenantId });
    const base = home && baseOfIssuer(home.issuer);
    if (!base) throw signinFaults.homeFailed();
    return { ...home, base };
  }

  /**
   * Home's provider as a client of it sees it: below the issuer that was confirmed, and nowhere else. Who we are is
   * shown by the key that home has confirmed of us; there is no secret to hand over.
   */
  async function providerOf(visited: TenantId, { base, issuer, isHere }: Awaited<ReturnType<typeof homeOf>>) {
    const { kid, privateJwk } = await ports.homes.keyOf(visited);
    const key = (await importJWK(privateJwk, 'Ed25519')) as oidc.CryptoKey;
    // Back-channel calls to a home on this server stay on this machine.
    const at = isHere ? `${ports.loopback()}${new URL(base).pathname}` : base;
    const configuration = new oidc.Configuration(
      {
        issuer,
        token_endpoint: `${at}/oauth2/v2.0/token`,
        jwks_uri: `${at}/discovery/v2.0/keys`,
        // Home names itself beside the code, so that no other organisation's answer is taken for it (RFC 9207).
        authorization_response_iss_parameter_supported: true,
        id_token_signing_alg_values_supported: ['ES256'],
      },
      clientOfTenant(visited),
      { id_token_signed_response_alg: 'ES256' },
      oidc.PrivateKeyJwt({ key, kid }),
    );
    if (isHere) oidc.allowInsecureRequests(configuration);
    else configuration[oidc.customFetch] = fetchElsewhere;
    oidc.enableNonRepudiationChecks(configuration);
    return configuration;
  }

  /** As all that goes to servers of others goes: to public addresses alone, in bounded time, without redirects. */
  const fetchElsewhere: oidc.CustomFetch = async (url, { method, headers, body }) => {
    const answer = await ports.homes.fetch(url, {
      method,
      headers,
      ...(body === undefined || body === null ? {} : { body: body instanceof Uint8Array ? body : String(body) }),
    });
    const type = answer.headers['content-type'];
    const isEmpty = [204, 205, 304].includes(answer.status);
    return new Response(isEmpty ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: type === undefined ? {} : { 'content-type': type },
    });
  };

  return {
    /**
     * Leaves for home. Returns where home signs people in: of one on this server the path, at the origin where the
     * person is; of one elsewhere the whole address.
     */
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
      const home = await homeOf(visited, to.homeTenantId);
      const state = random();
      const journey: Journey = {
        homeTenantId: to.homeTenantId,
        issuer: home.issuer,
        nonce: random(),
        verifier: random(),
        // A home elsewhere sends people back to where it knows us, and nowhere else.
        redirectUri: `${home.isHere ? to.origin : ports.httpsOrigin()}${homeReturnPath(visited)}`,
        correlationId: to.correlationId,
        back: to.back,
      };
      await journeys(visited).upsert(state, { ...journey } as never, MINUTES * 60);
      const query = new URLSearchParams({
        client_id: clientOfTenant(visited),
        response_type: 'code',
        redirect_uri: journey.redirectUri,
        scope: 'openid',
        state,
        nonce: journey.nonce,
        code_challenge: createHash('sha256').update(journey.verifier).digest('base64url'),
        code_challenge_method: 'S256',
        'client-request-id': to.correlationId,
        ...(to.loginHint === undefined ? {} : { login_hint: to.loginHint }),
        ...(to.prompt ? { prompt: to.prompt } : {}),
      });
      return `${home.isHere ? new URL(home.base).pathname : home.base}/oauth2/v2.0/authorize?${query}`;
    },

    /**
     * Takes home's answer and finds out who it was. Home writes down that its person went out; the organisation visited
     * writes its own line under the same correlation id (ID-27).
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
      const home = await homeOf(visited, homeTenantId);
      if (home.issuer !== journey.issuer) throw signinFaults.homeFailed();
      // The person turned back at home.
      if (search.has('error')) return { back, correlationId, homeTenantId, identity: undefined };
      const said = await oidc
        .authorizationCodeGrant(await providerOf(visited, home), new URL(`${journey.redirectUri}?${search}`), {
          pkceCodeVerifier: journey.verifier,
          expectedState: state,
          expectedNonce: journey.nonce,
          idTokenExpected: true,
        })
        .then((tokens) => homeToken.parse(tokens.claims()))
        .catch((error) => {
          ports.log.warn({ err: error, correlationId }, 'the home organisation did not confirm a guest');
          throw signinFaults.homeFailed();
        });
      if (said.tid !== homeTenantId) throw signinFaults.homeFailed();
      const accountId = said.oid as AccountId;
      const { person } = said;
      const methods = said.amr.filter((method) => method !== COMPLIANT_DEVICE);
      if (person.isDeviceCompliant) methods.push(COMPLIANT_DEVICE);

      const application = back.kind === 'sign-in' ? applicationOf(back.clientId) : null;
      try {
        const asked = { homeTenantId, application, people: [{ userId: accountId }] };
        const [vouched] = await ports.arrivals.askHome({ tenantId: visited, correlationId }, asked);
        if (!vouched?.isActive) throw signinFaults.homeFailed();
        const envoy = await ports.run({ tenantId: visited, actor, correlationId, readOnly: true }, async (ctx) =>
          serverEnvoy(ctx),
        );
        const arrived: PersonArrived = {
          userId: accountId,
          isLetOut: vouched.homeLetsOut,
          application: application?.id ?? null,
          methods,
          clientAddress,
        };
        await ports.homes.ask(envoy, homeTenantId, PERSON_ARRIVED, arrived);
        return {
          back,
          correlationId,
          homeTenantId,
          identity: {
            ...identityOfTenant(homeTenantId, accountId, person.address, methods),
            displayName: person.displayName,
            aliases: person.addresses,
            vouched,
          },
        };
      } catch (error) {
        // Home has to answer for whoever comes from there, and to know of it.
        if (!(error instanceof Fault) || error.kind === 'internal') throw error;
        ports.log.warn({ err: error, correlationId }, 'the home organisation did not answer for a guest');
        throw signinFaults.homeFailed();
      }
    },
  };
}

export type HomeSignIn = ReturnType<typeof createHomeSignIn>;
