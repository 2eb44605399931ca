import { createHash, randomBytes } from 'node:crypto';
import { Browser, isSignInPage, type Page, stepsOf } from './browser.ts';
import { PASSWORD } from './people.ts';

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
}

export interface Started {
  readonly verifier: string;
  readonly address: string;
  readonly redirectUri: string;
}

/** The address at which our own web app begins a sign-in. */
export function authorizeAddress(origin: string, tenant: string, extra: Record<string, string> = {}): Started {
  const verifier = randomBytes(32).toString('base64url');
  const redirectUri = extra.redirect_uri ?? `${origin}/signed-in`;
  const query = new URLSearchParams({
    client_id: 'entente-web',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile email offline_access',
    state: randomBytes(8).toString('hex'),
    nonce: randomBytes(8).toString('hex'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...extra,
  });
  return { verifier, redirectUri, address: `${origin}/${tenant}/oauth2/v2.0/authorize?${query}` };
}

/** Types name and password at the page that the browser stands at. Returns the last step. */
export async function typePassword(browser: Browser, page: URL, userName: string, password = PASSWORD): Promise<Page> {
  const steps = stepsOf(page);
  await browser.post(`${steps}/username`, { userName });
  return browser.post(`${steps}/password`, { password });
}

/** Signs in with a password until the code is at the client. */
export async function signInForCode(
  browser: Browser,
  started: Started,
  userName: string,
  password = PASSWORD,
): Promise<URL> {
  const isBack = (url: URL) => url.href.startsWith(started.redirectUri);
  const page = await browser.open(started.address, (url) => isBack(url) || isSignInPage(url));
  if (isBack(page.url)) return page.url;
  const done = await typePassword(browser, page.url, userName, password);
  if (done.json?.step !== 'done') throw new Error(`The sign-in did not finish: ${done.status} ${done.text}`);
  return (await browser.open(new URL(done.json.redirectTo, page.url).href, (url) => isBack(url) || isSignInPage(url)))
    .url;
}

/** Exchanges the code at the token endpoint. */
export function exchange(
  browser: Browser,
  origin: string,
  tenant: string,
  fields: Record<string, string>,
): Promise<Page> {
  return browser.form(`${origin}/${tenant}/oauth2/v2.0/token`, { client_id: 'entente-web', ...fields });
}

/** The whole way: a browser signs in as somebody to our own web app, and has tokens. */
export async function signIn(
  origin: string,
  tenant: string,
  userName: string,
  browser = new Browser(),
): Promise<Tokens & { browser: Browser }> {
  const started = authorizeAddress(origin, tenant);
  const back = await signInForCode(browser, started, userName);
  const answer = await exchange(browser, origin, tenant, {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: started.redirectUri,
    code_verifier: started.verifier,
  });
  if (answer.status !== 200) throw new Error(`No tokens: ${answer.status} ${answer.text}`);
  return { ...answer.json, browser };
}

/** The whole way with whatever proof `prove` shows at the page, in a browser of its own. */
export async function signInBy(
  origin: string,
  tenant: string,
  prove: (browser: Browser, steps: string) => Promise<Page>,
): Promise<Tokens> {
  const browser = new Browser();
  const started = authorizeAddress(origin, tenant);
  const isBack = (url: URL) => url.href.startsWith(started.redirectUri);
  const page = await browser.open(started.address, isSignInPage);
  const done = await prove(browser, stepsOf(page.url));
  if (done.json?.step !== 'done') throw new Error(`The sign-in did not finish: ${done.status} ${done.text}`);
  const back = await browser.open(new URL(done.json.redirectTo, page.url).href, isBack);
  const answer = await exchange(browser, origin, tenant, {
    grant_type: 'authorization_code',
    code: back.url.searchParams.get('code') ?? '',
    redirect_uri: started.redirectUri,
    code_verifier: started.verifier,
  });
  if (answer.status !== 200) throw new Error(`No tokens: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** What `signInBy` needs to show a password and then the code that an authenticator app shows. */
export const passwordAndCode = (userName: string, code: () => string) => async (browser: Browser, steps: string) => {
  await browser.post(`${steps}/username`, { userName });
  await browser.post(`${steps}/password`, { password: PASSWORD });
  return browser.post(`${steps}/totp`, { code: code() });
};

export const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
