import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findGuestStanding, type ProvenIdentity } from '../../../directory/index.ts';
import { type AccountId, parseId, type TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import { NETWORK_HEADER } from '../../../partners/index.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { signinFaults } from '../../faults.ts';
import { noteVouched } from '../../usecases/coming-in.ts';
import type { HomeSignIn } from '../../usecases/home-sign-in.ts';
import type { Guesting, Redemptions, RedemptionView } from '../../usecases/redemption.ts';
import type { SignIn } from '../../usecases/sign-in.ts';
import type { SignInView, Visit } from '../../usecases/visits.ts';
import { browserCookie, sessionCookie } from '../oidc/provider.ts';
import { demandOwnPage } from './own-page.ts';

/** The cookie that ties one invitation to the browser in which it was opened. */
export const redemptionCookie = (guestId: string) => `entente-redemption-${guestId}`;

interface Ports {
  readonly run: Run;
  readonly signIn: SignIn;
  readonly home: HomeSignIn;
  readonly redemptions: Redemptions;
  readonly findTenantId: (address: string) => Promise<TenantId | undefined>;
  /** Whether people reach us only over HTTPS, so that the session's cookie is held to that. */
  readonly isHttpsOnly: boolean;
}

const query = z.object({
  t: z.string().describe('The organisation that invites.'),
  u: z.string().describe('The guest.'),
  ticket: z.string().max(200).optional(),
});

/** Coming back from home, and the page on which an invitation is accepted. */
export function homeRoutes(ports: Ports): Route[] {
  const open = {
    wire: 'problem',
    transaction: 'none',
    tags: ['sign-in'],
    access: { public: 'Who comes here is not signed in yet; the link, the cookie or home says who it is.' },
  } as const;

  type Input = { query: z.output<typeof query>; origin: string; raw: Pick<FastifyRequest, 'cookies' | 'headers'> };
  async function guestingOf(input: Input, clientAddress: string | null): Promise<Guesting> {
    const tenantId = await ports.findTenantId(input.query.t);
    const guestId = parseId<'account'>(input.query.u);
    if (!tenantId || !guestId) throw signinFaults.interactionOver();
    const redemptionId = input.raw.cookies[redemptionCookie(guestId)];
    return {
      link: { tenantId, guestId, ticket: input.query.ticket },
      redemptionId,
      origin: input.origin,
      clientAddress,
      network: input.raw.headers[NETWORK_HEADER],
    };
  }

  const act = <Body extends z.ZodType>(
    path: string,
    summary: string,
    body: Body,
    step: (
      at: Guesting,
      body: z.output<Body>,
      cookies: Readonly<Record<string, string | undefined>>,
    ) => Promise<RedemptionView | Reply>,
  ): Route =>
    route({
      ...open,
      method: 'POST',
      path: `/me/redemption/${path}`,
      summary,
      query,
      body,
      async handle(ctx, request) {
        demandOwnPage(request.raw);
        return step(
          await guestingOf(request as never, ctx.clientAddress),
          request.body as z.output<Body>,
          request.raw.cookies,
        );
      },
    });
  const anyBody = z.unknown().optional();
  const leave = async (at: Guesting, anew: boolean) => {
    const { id, view } = await ports.redemptions.start(at, { anew });
    return new Reply(200, view, { 'set-cookie': cookie(redemptionCookie(at.link.guestId), id, at.origin) });
  };

  /** As the provider writes it; it lasts as long as the browser, and the session's own end is kept here. */
  const sessionOf = (tenantId: TenantId, secret: string) =>
    `${sessionCookie(tenantId, ports.isHttpsOnly)}=${secret}; Path=/; HttpOnly; SameSite=Lax${ports.isHttpsOnly ? '; Secure' : ''}`;

  return [
    route({
      ...open,
      method: 'GET',
      path: '/:tenant/signin-home',
      summary: 'Where the home tenant sends its people back to.',
      params: z.object({ tenant: z.string() }),
      async handle(ctx, request) {
        const tenantId = parseId<'tenant'>(request.params.tenant);
        if (!tenantId) throw signinFaults.homeFailed();
        const search = new URL(request.raw.url, request.origin).searchParams;
        const answer = await ports.home.comeBack(tenantId, search, ctx.clientAddress);
        const { cookies } = request.raw;
        if (answer.back.kind === 'redemption') {
          const { redemptionId } = answer.back;
          const redemption = await ports.redemptions.proven(
            tenantId,
            redemptionId,
            answer.identity,
            (guestId) => cookies[redemptionCookie(guestId)],
          );
          const ticket = redemption.ticket === undefined ? '' : `&ticket=${encodeURIComponent(redemption.ticket)}`;
          return redirect(`/redeem?t=${tenantId}&u=${redemption.guestId}${ticket}`);
        }
        const { uid } = answer.back;
        const network = request.raw.headers[NETWORK_HEADER];
        const visit = {
          tenantId,
          uid,
          browserSecret: cookies[browserCookie(uid)],
          address: ctx.clientAddress,
          network,
        };
        return arrived(ports, visit, answer, request.origin);
      },
    }),
    route({
      ...open,
      method: 'GET',
      path: '/me/redemption',
      summary: 'An invitation, to its holder.',
      query,
      handle: async (ctx, request) => ports.redemptions.view(await guestingOf(request as never, ctx.clientAddress)),
    }),
    act('start', 'Sends the invited person home to sign in, or a code to the address.', anyBody, (at) =>
      leave(at, false),
    ),
    act('switch-account', 'Signs in at home as somebody else.', anyBody, (at) => leave(at, true)),
    act('passcode', 'Checks the code sent to the address.', z.object({ code: z.string().max(20) }), (at, body) =>
      ports.redemptions.takePasscode(at, body.code),
    ),
    act('passcode-again', 'Sends another code.', anyBody, (at) => ports.redemptions.sendPasscodeAgain(at)),
    act('consent', 'Accepts the invitation.', z.object({ accepted: z.literal(true) }), async (at, _body, cookies) => {
      const { view, uid, methods, correlationId } = await ports.redemptions.consent(at);
      const { tenantId, guestId: accountId } = at.link;
      if (uid === undefined) {
        // Proven a moment ago: who came by the link alone is in, and is not asked who they are again.
        const { clientAddress: address, network } = at;
        const secret = await ports.signIn.enter(tenantId, { accountId, methods, correlationId, address, network });
        return new Reply(200, view, secret === undefined ? {} : { 'set-cookie': sessionOf(tenantId, secret) });
      }
      const browserSecret = cookies[browserCookie(uid)];
      const visit = { tenantId, uid, browserSecret, address: at.clientAddress, network: at.network };
      const { redirectTo } = await ports.signIn.finishProven(visit, { accountId, methods });
      return { ...view, redirectTo: redirectTo ?? `/signin/${uid}?tenant=${tenantId}` };
    }),
    act('decline', 'Turns back; the invitation stays open.', anyBody, async (at) => ({
      ...(await ports.redemptions.view(at)),
      redirectTo: '/',
    })),
  ];
}

/** The steps of the sign-in page that lead away from it: home, or a code to the address. */
export const leaveForHome = (ports: Pick<Ports, 'home' | 'signIn'>) =>
  async function leave(visit: Visit, origin: string): Promise<SignInView> {
    const { state, interaction } = await ports.signIn.load(visit);
    if (state.step !== 'home' || !state.home) throw signinFaults.wrongStep();
    const redirectTo = await ports.home.leave(visit.tenantId, {
      homeTenantId: state.home.tenantId,
      origin,
      loginHint: state.userName,
      correlationId: state.correlationId,
      back: { kind: 'sign-in', uid: visit.uid, clientId: interaction.clientId },
      // Whoever is asked for a second factor shows it anew; an open session at home has not.
      ...(state.isChallenged ? { prompt: 'login' } : {}),
    });
    return { ...(await ports.signIn.move(visit, interaction, state)), redirectTo };
  };

/** Somebody proven by home, or by a code, at the sign-in page: a guest goes on, an invited person accepts first. */
export async function goOnAs(
  ports: Pick<Ports, 'run' | 'signIn' | 'redemptions'>,
  visit: Visit,
  identity: ProvenIdentity,
): Promise<{ view: SignInView; redemption?: { guestId: AccountId; id: string } }> {
  const { tenantId } = visit;
  const actor = { kind: 'system', name: 'signin.home' } as const;
  const { state, interaction } = await ports.signIn.load(visit);
  const standing = await ports.run({ tenantId, actor, readOnly: true }, (ctx) => findGuestStanding(ctx, identity));
  // Where nobody is asked, the first visit is the acceptance.
  const isIn =
    standing.status === 'accepted' ||
    (standing.status === 'pending' && (await ports.redemptions.acceptUnasked(visit, standing.accountId, identity)));
  if (isIn) {
    const { vouched } = identity;
    if (vouched) await ports.run({ tenantId, actor }, (ctx) => noteVouched(ctx, standing.accountId, vouched));
    return {
      view: await ports.signIn.finishProven(visit, { accountId: standing.accountId, methods: identity.methods }),
    };
  }
  if (standing.status === 'pending') {
    const { accountId: guestId } = standing;
    const id = await ports.redemptions.arrive(tenantId, {
      guestId,
      identity,
      uid: visit.uid,
      correlationId: state.correlationId,
    });
    const view = { step: 'done', redirectTo: `/redeem?t=${tenantId}&u=${guestId}` } as const;
    return { view, redemption: { guestId, id } };
  }
  await ports.signIn.note(visit, 'not-a-guest');
  const { home: _home, ...rest } = state;
  return {
    view: await ports.signIn.move(visit, interaction, { ...rest, step: 'not-a-guest', signedInAs: identity.email }),
  };
}

async function arrived(
  ports: Ports,
  visit: Visit,
  answer: { identity: ProvenIdentity | undefined },
  origin: string,
): Promise<Reply> {
  const page = `/signin/${visit.uid}?tenant=${visit.tenantId}`;
  if (!answer.identity) {
    await ports.signIn.startOver(visit);
    return redirect(page);
  }
  const { view, redemption } = await goOnAs(ports, visit, answer.identity);
  const headers = redemption
    ? { 'set-cookie': cookie(redemptionCookie(redemption.guestId), redemption.id, origin) }
    : {};
  return redirect(view.redirectTo ?? page, headers);
}

/** Lax, since home sends the person here from another page. Two hours, like what it stands for. */
export function cookie(name: string, value: string, origin: string): string {
  return `${name}=${value}; Path=/; Max-Age=7200; HttpOnly; SameSite=Lax${origin.startsWith('https:') ? '; Secure' : ''}`;
}

const redirect = (location: string, headers: Record<string, string> = {}) =>
  new Reply(303, undefined, { location, ...headers });
