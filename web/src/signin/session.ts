/**
 * Who is signed in, per organisation: OpenID Connect authorization code with PKCE (RFC 7636) as the public client
 * `entente-web`. Tokens live in memory only; a reload goes through the authorize endpoint again, which answers at once
 * while the person's session lasts.
 */
import * as client from 'openid-client';
import { ApiFault } from '../api.ts';

const CLIENT_ID = 'entente-web';
const SCOPE = 'openid profile email offline_access';
/** Renewed this long before it ends, so that no call starts with a token about to expire. */
const MARGIN_SECONDS = 30;

interface Tokens {
  readonly access: string;
  readonly refresh: string | undefined;
  readonly idToken: string | undefined;
  readonly expiresAt: number;
}

interface Started {
  readonly tenant: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
}

const tokens = new Map<string, Tokens>();
const renewals = new Map<string, Promise<Tokens>>();
const providers = new Map<string, Promise<client.Configuration>>();

/** Thrown when only a visit to the sign-in page helps. */
export class SignInNeeded extends Error {}

export const redirectUri = () => `${location.origin}/signed-in`;

/** The provider of a tenant: what it says of itself, at this page's own origin so that its cookies are ours. */
function providerOf(tenant: string): Promise<client.Configuration> {
  const known = providers.get(tenant);
  if (known) return known;
  const reading = readProvider(tenant);
  providers.set(tenant, reading);
  reading.catch(() => providers.delete(tenant));
  return reading;
}

async function readProvider(tenant: string): Promise<client.Configuration> {
  const response = await fetch(`/${encodeURIComponent(tenant)}/v2.0/.well-known/openid-configuration`);
  if (!response.ok) throw new ApiFault(response.status, 'signin.no-such-tenant', '');
  const metadata = (await response.json()) as client.ServerMetadata & Record<string, unknown>;
  const here = Object.fromEntries(
    Object.entries(metadata).map(([name, value]) =>
      typeof value === 'string' && /(_endpoint|jwks_uri)$/.test(name)
        ? [name, location.origin + new URL(value, location.origin).pathname]
        : [name, value],
    ),
  );
  const configuration = new client.Configuration(
    here as unknown as client.ServerMetadata,
    CLIENT_ID,
    undefined,
    client.None(),
  );
  if (location.protocol === 'http:') client.allowInsecureRequests(configuration);
  return configuration;
}

/** Leaves for the sign-in page; comes back to `returnTo`. */
export async function startSignIn(
  tenant: string,
  returnTo: string,
  options: { loginHint?: string; prompt?: 'login' | 'select_account' } = {},
): Promise<void> {
  const configuration = await providerOf(tenant);
  const loginHint = options.loginHint ?? lastPerson();
  const verifier = client.randomPKCECodeVerifier();
  const started: Started = { tenant, state: client.randomState(), nonce: client.randomNonce(), verifier, returnTo };
  const address = client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri(),
    scope: SCOPE,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: started.state,
    nonce: started.nonce,
    ...(loginHint ? { login_hint: loginHint } : {}),
    ...(options.prompt ? { prompt: options.prompt } : {}),
  });
  sessionStorage.setItem('entente.started', JSON.stringify(started));
  location.assign(address.href);
}

/**
 * The rest of a sign-in that an application began without naming an organisation, from the address of the start page.
 * Nothing but the authorize endpoint below an organisation of ours: an address cannot lead anywhere else from here, and
 * where that endpoint sends people back to is held to what the application registered.
 */
export function waitingSignIn(search: string): string | undefined {
  const rest = new URLSearchParams(search).get('continue') ?? '';
  return rest.startsWith('/oauth2/v2.0/authorize?') ? rest : undefined;
}

/** Goes on with it at the organisation that the person named. @throws ApiFault when there is none. */
export async function continueSignIn(tenant: string, waiting: string, loginHint: string | undefined): Promise<void> {
  await providerOf(tenant);
  const address = new URL(`/${encodeURIComponent(tenant)}${waiting}`, location.origin);
  if (loginHint !== undefined) address.searchParams.set('login_hint', loginHint);
  location.assign(address.href);
}

/** Begins the states of a sign-in in a window of its own. */
const AGAIN = 'again.';
/** As long as a sign-in waits for its person. */
const PATIENCE_MS = 60 * 60 * 1000;
const channelOf = (state: string) => new BroadcastChannel(`entente.${state}`);

/** In such a window, back from the sign-in: hands the answer to the page that waits for it. False anywhere else. */
export function handBack(address: URL): boolean {
  const state = address.searchParams.get('state') ?? '';
  if (!state.startsWith(AGAIN)) return false;
  const channel = channelOf(state);
  channel.postMessage(address.href);
  channel.close();
  window.close();
  return true;
}

/**
 * Has the person sign in once more, in a window of its own so that nothing on this page is lost, and goes on with the
 * fresher tokens. Call it while a click is handled: browsers open no window otherwise.
 * @returns why not: no window was opened, or somebody else signed in.
 */
export async function signInAgain(tenant: string): Promise<'done' | 'blocked' | 'somebody-else' | 'failed'> {
  const before = tokens.get(tenant);
  const popup = window.open('', '_blank', 'popup,width=520,height=760');
  if (!popup || !before) return 'blocked';
  const configuration = await providerOf(tenant);
  const state = AGAIN + client.randomState();
  const nonce = client.randomNonce();
  const verifier = client.randomPKCECodeVerifier();
  const loginHint = lastPerson();
  const channel = channelOf(state);
  try {
    const back = new Promise<string>((resolve, reject) => {
      channel.onmessage = ({ data }) => resolve(String(data));
      setTimeout(reject, PATIENCE_MS);
    });
    popup.location.href = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri(),
      scope: SCOPE,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      prompt: 'login',
      ...(loginHint ? { login_hint: loginHint } : {}),
    }).href;
    // Whether the window is still open cannot be seen from here: the sign-in pages let no other window look at theirs.
    const response = await client.authorizationCodeGrant(configuration, new URL(await back), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    if (response.claims()?.sub !== subjectOf(before.idToken)) return 'somebody-else';
    keep(tenant, response);
    return 'done';
  } catch {
    return 'failed';
  } finally {
    channel.close();
  }
}

/** Whom an ID token of ours is about; it came from the token endpoint itself, so its signature is not checked again. */
function subjectOf(idToken: string | undefined): string | undefined {
  const claims = idToken?.split('.')[1];
  if (claims === undefined) return undefined;
  return (JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as { sub: string }).sub;
}

/** Takes the code that came back. Returns where the person wanted to go. */
export async function finishSignIn(address: URL): Promise<{ tenant: string; returnTo: string }> {
  const text = sessionStorage.getItem('entente.started');
  if (!text) throw new SignInNeeded('No sign-in was started here.');
  const started = JSON.parse(text) as Started;
  sessionStorage.removeItem('entente.started');
  const configuration = await providerOf(started.tenant);
  const response = await client.authorizationCodeGrant(configuration, address, {
    pkceCodeVerifier: started.verifier,
    expectedState: started.state,
    expectedNonce: started.nonce,
    idTokenExpected: true,
  });
  keep(started.tenant, response);
  rememberTenant(started.tenant);
  // The name a person is known by at home: it finds the way home from every organisation.
  const claims = response.claims();
  const known = claims?.userType === 'Guest' ? claims.email : claims?.preferred_username;
  if (typeof known === 'string') rememberPerson(known);
  return { tenant: started.tenant, returnTo: started.returnTo };
}

/** A token good for at least half a minute. Renews it when needed; @throws SignInNeeded when it cannot. */
export async function tokenFor(tenant: string, isStale = false): Promise<string> {
  const held = tokens.get(tenant);
  if (!held) throw new SignInNeeded(tenant);
  if (!isStale && held.expiresAt > Date.now() + MARGIN_SECONDS * 1000) return held.access;
  // Many calls at once renew once: a refresh token is good for a single use.
  let renewal = renewals.get(tenant);
  if (!renewal) {
    renewal = renew(tenant, held).finally(() => renewals.delete(tenant));
    renewals.set(tenant, renewal);
  }
  return (await renewal).access;
}

async function renew(tenant: string, held: Tokens): Promise<Tokens> {
  if (!held.refresh) {
    tokens.delete(tenant);
    throw new SignInNeeded(tenant);
  }
  try {
    const configuration = await providerOf(tenant);
    const response = await client.refreshTokenGrant(configuration, held.refresh);
    return keep(tenant, response, held);
  } catch (error) {
    if (error instanceof client.ResponseBodyError || error instanceof client.AuthorizationResponseError) {
      tokens.delete(tenant);
      throw new SignInNeeded(tenant);
    }
    throw error;
  }
}

function keep(
  tenant: string,
  response: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
  before?: Tokens,
) {
  const kept: Tokens = {
    access: response.access_token,
    refresh: response.refresh_token ?? before?.refresh,
    idToken: response.id_token ?? before?.idToken,
    expiresAt: Date.now() + (response.expiresIn() ?? 300) * 1000,
  };
  tokens.set(tenant, kept);
  return kept;
}

export const isSignedIn = (tenant: string) => tokens.has(tenant);

/** Ends the session at the provider and comes back to the first page. */
export async function signOut(tenant: string): Promise<void> {
  const held = tokens.get(tenant);
  const configuration = await providerOf(tenant);
  tokens.clear();
  sessionStorage.removeItem(PERSON);
  const address = client.buildEndSessionUrl(configuration, {
    post_logout_redirect_uri: `${location.origin}/`,
    ...(held?.idToken ? { id_token_hint: held.idToken } : {}),
  });
  location.assign(address.href);
}

const LAST = 'entente.tenant';
export const rememberTenant = (tenant: string) => localStorage.setItem(LAST, tenant);
export const lastTenant = () => localStorage.getItem(LAST) ?? undefined;
export const forgetTenant = () => localStorage.removeItem(LAST);

const PERSON = 'entente.person';
/** Keeps for this tab the address a person gave, so that no other organisation asks for it again. */
export const rememberPerson = (address: string) => sessionStorage.setItem(PERSON, address);
export const lastPerson = () => sessionStorage.getItem(PERSON) ?? undefined;
