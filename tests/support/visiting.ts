import assert from 'node:assert/strict';
import { type Browser, isSignInPage, type Page, stepsOf } from './browser.ts';
import type { Api, People } from './people.ts';
import { authorizeAddress, exchange, type Started, typePassword } from './sign-in.ts';

export const isRedeem = (url: URL) => url.pathname === '/redeem';
export const isBack = (url: URL) => url.pathname === '/signed-in';

/** Where a browser stands after a sign-in, and how it began. */
export interface Visited {
  readonly started: Started;
  readonly url: URL;
  readonly page: Page;
}

/** What people of other organisations do to become guests of Fabrikam and to sign in there, each with a browser. */
export function visiting(fabrikam: { origin: string; id: string; ann: Api }) {
  const { origin } = fabrikam;
  const offerAt = (page: URL) => `${origin}/me/redemption${page.search}`;
  const act = (browser: Browser, page: URL, step: string, body: unknown = {}) =>
    browser.post(`${origin}/me/redemption/${step}${page.search}`, body);

  return {
    offerAt,
    act,

    async invite(address: string): Promise<{ guestId: string; redeem: URL }> {
      const made = await fabrikam.ann('POST', '/v1.0/invitations', {
        invitedUserEmailAddress: address,
        inviteRedirectUrl: `${origin}/t/fabrikam.example`,
        sendInvitationMessage: true,
      });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      return { guestId: made.body.invitedUser.id, redeem: new URL(made.body.inviteRedeemUrl, origin) };
    },

    /** Signs in at home from the page of an invitation, and is back at that page. */
    async proveAtHome(browser: Browser, redeem: URL, userName: string, start = 'start'): Promise<Page> {
      const left = await act(browser, redeem, start);
      assert.equal(left.status, 200, left.text);
      const home = await browser.open(
        new URL(left.json.redirectTo, origin).href,
        (url) => isSignInPage(url) || isRedeem(url),
      );
      if (isRedeem(home.url)) return browser.send('GET', offerAt(home.url));
      const done = await typePassword(browser, home.url, userName);
      assert.equal(done.json.step, 'done', done.text);
      const back = await browser.open(new URL(done.json.redirectTo, home.url).href, isRedeem);
      assert.ok(isRedeem(back.url), `${back.status} ${back.text}`);
      return browser.send('GET', offerAt(back.url));
    },

    /**
     * A guest signs in to Fabrikam by name, over home. `code` answers where home asks for a second factor.
     */
    async signInAsGuest(browser: Browser, userName: string, code?: () => string): Promise<Visited> {
      const started = authorizeAddress(origin, 'fabrikam.example');
      const page = await browser.open(started.address, (url) => isSignInPage(url) || isBack(url));
      if (isBack(page.url)) return { started, url: page.url, page };
      const named = await browser.post(`${stepsOf(page.url)}/username`, { userName });
      assert.equal(named.json.step, 'home', named.text);
      return { started, ...(await this.goHome(browser, page.url, userName, code)) };
    },

    /** From the sign-in page of the organisation visited to home, and back to wherever that leads. */
    async goHome(
      browser: Browser,
      page: URL,
      userName: string,
      code?: () => string,
    ): Promise<{ url: URL; page: Page }> {
      const stops = (url: URL) => isSignInPage(url) || isBack(url) || isRedeem(url);
      const left = await browser.post(`${stepsOf(page)}/home`);
      assert.equal(left.status, 200, left.text);
      let at = await browser.open(new URL(left.json.redirectTo, origin).href, stops);
      if (isSignInPage(at.url) && at.url.searchParams.get('tenant') !== fabrikam.id) {
        let done = await typePassword(browser, at.url, userName);
        if (done.json.step === 'second-factor' && code)
          done = await browser.post(`${stepsOf(at.url)}/totp`, { code: code() });
        assert.equal(done.json.step, 'done', done.text);
        at = await browser.open(new URL(done.json.redirectTo, at.url).href, stops);
      }
      return { url: at.url, page: at };
    },

    tokensFor: (browser: Browser, { started, url }: { started: Started; url: URL }) =>
      exchange(browser, origin, 'fabrikam.example', {
        grant_type: 'authorization_code',
        code: url.searchParams.get('code') ?? '',
        redirect_uri: started.redirectUri,
        code_verifier: started.verifier,
      }),
  };
}

/** Of the cast on one server. */
export const visitingHere = (people: People) =>
  visiting({ origin: people.app.origin, id: people.fabrikam.id, ann: people.api(people.fabrikam.ann) });
