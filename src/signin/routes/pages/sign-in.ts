import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { FastifyRequest } from 'fastify';
import { toDataURL } from 'qrcode';
import { z } from 'zod';
import type { TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import { NETWORK_HEADER } from '../../../partners/index.ts';
import { Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import { signinFaults } from '../../faults.ts';
import type { HomeSignIn } from '../../usecases/home-sign-in.ts';
import { passcodeIdentity, type Redemptions } from '../../usecases/redemption.ts';
import type { SignIn } from '../../usecases/sign-in.ts';
import type { SignInView, Visit } from '../../usecases/visits.ts';
import { browserCookie } from '../oidc/provider.ts';
import { cookie, goOnAs, leaveForHome, redemptionCookie } from './home.ts';
import { demandOwnPage } from './own-page.ts';

const params = z.object({ tenant: z.string(), uid: z.string().max(64) });
const anyBody = z.unknown().optional();

type StepRequest<Body> = Request<z.output<typeof params>, undefined, Body>;

/** The sign-in pages' own API: which step a sign-in is at, and the answer to each. */
export function signInRoutes(ports: {
  run: Run;
  signIn: SignIn;
  home: HomeSignIn;
  redemptions: Redemptions;
  findTenantId: (address: string) => Promise<TenantId | undefined>;
}): Route[] {
  const { signIn } = ports;
  const open = {
    wire: 'problem',
    transaction: 'none',
    tags: ['sign-in'],
    access: { public: 'Whoever signs in has no credential yet; the browser cookie ties each step to its beginning.' },
    params,
  } as const;

  async function visitOf(request: StepRequest<unknown>, clientAddress: string | null): Promise<Visit> {
    const tenantId = await ports.findTenantId(request.params.tenant);
    if (!tenantId) throw signinFaults.interactionOver();
    const { uid } = request.params;
    return {
      tenantId,
      uid,
      browserSecret: request.raw.cookies[browserCookie(uid)],
      address: clientAddress,
      network: request.raw.headers[NETWORK_HEADER],
    };
  }

  const step = <Body extends z.ZodType>(
    path: string,
    summary: string,
    body: Body,
    act: (visit: Visit, body: z.output<Body>) => Promise<SignInView>,
  ): Route =>
    route({
      ...open,
      method: 'POST',
      path: `/:tenant/signin/:uid/${path}`,
      summary,
      body,
      async handle(ctx, request) {
        demandOwnPage(request.raw);
        const visit = await visitOf(request as never, ctx.clientAddress);
        return shown(request.raw, visit.uid, await act(visit, request.body as z.output<Body>));
      },
    });

  return [
    route({
      ...open,
      method: 'GET',
      path: '/:tenant/signin/:uid',
      summary: 'The step that a sign-in is at.',
      async handle(ctx, request) {
        return signIn.view(await visitOf(request as never, ctx.clientAddress));
      },
    }),
    step('username', 'Takes the sign-in name.', z.object({ userName: z.string().min(1).max(320) }), (visit, body) =>
      signIn.takeUserName(visit, body.userName),
    ),
    step('password', 'Checks the password.', z.object({ password: z.string().min(1).max(1000) }), (visit, body) =>
      signIn.takePassword(visit, body.password),
    ),
    step('totp', 'Checks a code of an authenticator app.', z.object({ code: z.string().max(20) }), (visit, body) =>
      signIn.takeCode(visit, 'totp', body.code),
    ),
    step('recovery-code', 'Uses up a recovery code.', z.object({ code: z.string().max(60) }), (visit, body) =>
      signIn.takeCode(visit, 'recovery-code', body.code),
    ),
    step(
      'change-password',
      'Replaces a password that somebody else set.',
      z.object({ newPassword: z.string().max(1000) }),
      (visit, body) => signIn.changePassword(visit, body.newPassword),
    ),
    route({
      ...open,
      method: 'POST',
      path: '/:tenant/signin/:uid/second-factor-options',
      summary: 'A new secret for the authenticator app of somebody who must have one here.',
      body: anyBody,
      async handle(ctx, request) {
        demandOwnPage(request.raw);
        const { secret, uri } = await signIn.offerSecondFactor(await visitOf(request as never, ctx.clientAddress));
        return { secret, uri, image: await toDataURL(uri) };
      },
    }),
    route({
      ...open,
      method: 'POST',
      path: '/:tenant/signin/:uid/home',
      summary: 'Leaves for the organisation where the person is at home.',
      body: anyBody,
      async handle(ctx, request) {
        demandOwnPage(request.raw);
        const visit = await visitOf(request as never, ctx.clientAddress);
        return leaveForHome(ports)(visit, request.origin);
      },
    }),
    route({
      ...open,
      method: 'POST',
      path: '/:tenant/signin/:uid/passcode',
      summary: 'Checks the code that was sent to the address.',
      body: z.object({ code: z.string().max(20) }),
      async handle(ctx, request) {
        demandOwnPage(request.raw);
        const visit = await visitOf(request as never, ctx.clientAddress);
        const address = await signIn.takePasscode(visit, request.body.code);
        const { view, redemption } = await goOnAs(ports, visit, passcodeIdentity(address));
        if (!redemption) return shown(request.raw, visit.uid, view);
        return new Reply(200, view, {
          'set-cookie': cookie(redemptionCookie(redemption.guestId), redemption.id, request.origin),
        });
      },
    }),
    route({
      ...open,
      method: 'POST',
      path: '/:tenant/signin/:uid/passkey-options',
      summary: 'What the browser needs to offer its passkeys.',
      body: anyBody,
      async handle(ctx, request) {
        demandOwnPage(request.raw);
        const visit = await visitOf(request as never, ctx.clientAddress);
        return signIn.offerPasskeys(visit, { origin: request.origin });
      },
    }),
    route({
      ...open,
      method: 'POST',
      path: '/:tenant/signin/:uid/passkey',
      summary: 'Signs in with a passkey.',
      body: z.looseObject({ id: z.string().max(2000) }),
      async handle(ctx, request) {
        demandOwnPage(request.raw);
        const visit = await visitOf(request as never, ctx.clientAddress);
        const response = request.body as unknown as AuthenticationResponseJSON;
        return shown(request.raw, visit.uid, await signIn.takePasskey(visit, response, { origin: request.origin }));
      },
    }),
    step('passcode-again', 'Sends another code to the address.', anyBody, (visit) => signIn.sendPasscodeAgain(visit)),
    step('switch-account', 'Begins again with another name.', anyBody, (visit) => signIn.startOver(visit)),
    step(
      'consent',
      'Agrees to what the application asks for.',
      z.object({ forEveryone: z.boolean().default(false) }).default({ forEveryone: false }),
      (visit, body) => signIn.consent(visit, body.forEveryone),
    ),
    step('cancel', 'Turns back to the application.', anyBody, (visit) => signIn.cancel(visit)),
  ];
}

/** A finished sign-in needs its cookie no more. */
function shown(request: FastifyRequest, uid: string, view: SignInView): SignInView | Reply {
  if (view.step !== 'done') return view;
  const secure = 'encrypted' in request.raw.socket ? '; Secure' : '';
  return new Reply(200, view, {
    'set-cookie': `${browserCookie(uid)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${secure}`,
  });
}
