/** Accepting an invitation at our page: see it, show who one is at home, agree. */
import { randomBytes } from 'node:crypto';
import {
  chooseIdentityProvider,
  type DescribedInvitation,
  describeInvitation,
  externalCollaboration,
  findAccount,
  PASSCODE_ISSUER,
  type ProvenIdentity,
  redeemInvitation,
} from '../../directory/index.ts';
import { Fault } from '../../kernel/fault.ts';
import { type AccountId, newId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Homes } from '../../partners/index.ts';
import type { Vault } from '../../platform/vault.ts';
import { signinFaults } from '../faults.ts';
import { createArtifactAdapter } from './artifacts.ts';
import { noteVouched } from './coming-in.ts';
import type { HomeSignIn } from './home-sign-in.ts';
import { checkCode, sendPasscode } from './passcode.ts';

/** What one browser has shown for one invitation. The id is the secret in its cookie. */
interface Redemption {
  readonly guestId: AccountId;
  readonly correlationId: string;
  readonly identity?: ProvenIdentity;
  readonly isWaitingForPasscode?: boolean;
  /** From the link, to come back to it. */
  readonly ticket?: string;
  /** The sign-in that led here, to be gone on with afterwards. */
  readonly uid?: string;
  /** Accepted: what was proven has signed somebody in, and does so once. */
  readonly isDone?: boolean;
}

export interface RedemptionView {
  readonly step: 'sign-in' | 'passcode' | 'wrong-account' | 'consent' | 'done' | 'refused';
  readonly organisation: { readonly displayName: string; readonly domain: string };
  readonly invitedBy?: { readonly displayName: string } | null;
  readonly invitedAddress: string;
  readonly message?: string | null;
  readonly endsAt?: string | null;
  readonly shares: readonly string[];
  readonly signedInAs?: string | null;
  readonly home?: { readonly displayName: string } | null;
  readonly privacyUrl?: string | null;
  readonly contact?: string | null;
  readonly redirectTo?: string | null;
  readonly sentence?: string;
}

export interface Link {
  readonly tenantId: TenantId;
  readonly guestId: AccountId;
  readonly ticket: string | undefined;
}

/** One browser at one invitation. */
export interface Guesting {
  readonly link: Link;
  /** From its cookie. */
  readonly redemptionId: string | undefined;
  readonly origin: string;
  readonly clientAddress: string | null;
  /** The header by which the network that the browser is in restricts it, if it does. */
  readonly network: string | string[] | undefined;
}

const HOURS = 2;
const actor = { kind: 'system', name: 'signin.redemption' } as const;

export function createRedemptions(ports: { run: Run; vault: Vault; home: HomeSignIn; homes: Pick<Homes, 'find'> }) {
  const { run, home } = ports;
  const kept = (tenantId: TenantId) => createArtifactAdapter({ ...ports, tenantId }, 'Redemption');
  const keep = (tenantId: TenantId, id: string, redemption: Redemption) =>
    kept(tenantId).upsert(id, { ...redemption } as never, HOURS * 3600);

  async function load({ link, redemptionId }: Guesting): Promise<Redemption | undefined> {
    if (redemptionId === undefined) return undefined;
    const found = (await kept(link.tenantId).find(redemptionId)) as unknown as Redemption | undefined;
    return found?.guestId === link.guestId ? found : undefined;
  }

  /** What the page says about the invitation. Without the ticket only to the person whom home has proven to be it. */
  async function describe({ link }: Guesting, redemption: Redemption | undefined): Promise<DescribedInvitation> {
    return run({ tenantId: link.tenantId, actor, readOnly: true }, async (ctx) => {
      if (link.ticket !== undefined) return describeInvitation(ctx, { guestId: link.guestId, ticket: link.ticket });
      const guest = redemption?.identity && (await findAccount(ctx, link.guestId));
      if (!guest) throw signinFaults.interactionOver();
      const settings = ctx.settings.tenant(externalCollaboration);
      return {
        tenantId: ctx.tenantId,
        tenantName: ctx.tenant.displayName,
        tenantDomain: ctx.tenant.defaultDomain,
        inviterName: '',
        message: null,
        invitedAddress: guest.mail ?? '',
        redirectUrl: '/',
        endsAt: guest.endsAt,
        privacyStatementUrl: settings.privacyStatementUrl,
        privacyContact: settings.privacyContact,
        hasAccepted: guest.externalUserState === 'Accepted',
      };
    });
  }

  async function present(at: Guesting, redemption: Redemption | undefined): Promise<RedemptionView> {
    const { link } = at;
    const described = await describe(at, redemption);
    const view = {
      organisation: { displayName: described.tenantName, domain: described.tenantDomain },
      invitedBy: described.inviterName ? { displayName: described.inviterName } : null,
      invitedAddress: described.invitedAddress,
      message: described.message,
      endsAt: described.endsAt?.toISOString() ?? null,
      shares: ['name', 'photo', 'mail', 'identifiers'],
      privacyUrl: described.privacyStatementUrl,
      contact: described.privacyContact,
    };
    const identity = redemption?.identity;
    if (identity) {
      // Whether it fits is redemption's own rule: tried without consent, it says so and binds nothing.
      const tried = await redeem(at, redemption, false).then(
        () => 'done' as const,
        (error) => (error instanceof Fault ? error : Promise.reject(error)),
      );
      if (tried === 'done') return { ...view, step: 'done', redirectTo: described.redirectUrl };
      if (tried.code === 'directory.consent-required') return { ...view, step: 'consent', signedInAs: identity.email };
      if (tried.code === 'directory.wrong-account')
        return { ...view, step: 'wrong-account', signedInAs: identity.email };
      return { ...view, step: 'refused', sentence: tried.sentence };
    }
    const provider = await run({ tenantId: link.tenantId, actor, readOnly: true }, (ctx) =>
      chooseIdentityProvider(ctx, described.invitedAddress),
    );
    if (redemption?.isWaitingForPasscode) return { ...view, step: 'passcode' };
    if (provider.kind === 'passcode') return { ...view, step: 'sign-in', home: null };
    const known = await ports.homes.find(link.tenantId, { tenantId: provider.tenantId });
    return { ...view, step: 'sign-in', home: known ? { displayName: known.displayName } : null };
  }

  function redeem(at: Guesting, redemption: Redemption, hasConsented: boolean) {
    const { tenantId, guestId, ticket } = at.link;
    const identity = redemption.identity as ProvenIdentity;
    const work = { tenantId, actor, correlationId: redemption.correlationId, clientAddress: at.clientAddress };
    return run(work, (ctx) =>
      redeemInvitation(ctx, { guestId, identity, hasConsented, ...(ticket === undefined ? {} : { ticket }) }),
    );
  }

  return {
    async view(at: Guesting): Promise<RedemptionView> {
      return present(at, await load(at));
    },

    /** Sends the person home, or a code to the invited address. `id` goes into the browser's cookie. */
    async start(at: Guesting, options: { anew?: boolean } = {}): Promise<{ id: string; view: RedemptionView }> {
      const { tenantId, guestId } = at.link;
      const before = await load(at);
      const described = await describe(at, before);
      const id = randomBytes(32).toString('base64url');
      const { identity: _identity, ...rest } = before ?? {
        guestId,
        correlationId: newId(),
        ...(at.link.ticket === undefined ? {} : { ticket: at.link.ticket }),
      };
      const provider = await run({ tenantId, actor, readOnly: true }, (ctx) =>
        chooseIdentityProvider(ctx, described.invitedAddress),
      );
      if (provider.kind === 'passcode') {
        await sendCode(at, described.invitedAddress);
        const redemption = { ...rest, isWaitingForPasscode: true };
        await keep(tenantId, id, redemption);
        return { id, view: await present(at, redemption) };
      }
      await keep(tenantId, id, rest);
      const redirectTo = await home.leave(tenantId, {
        homeTenantId: provider.tenantId,
        origin: at.origin,
        loginHint: described.invitedAddress,
        correlationId: rest.correlationId,
        back: { kind: 'redemption', redemptionId: id },
        ...(options.anew ? { prompt: 'login' } : {}),
      });
      return { id, view: { ...(await present(at, rest)), redirectTo } };
    },

    async sendPasscodeAgain(at: Guesting): Promise<RedemptionView> {
      const redemption = await load(at);
      if (!redemption?.isWaitingForPasscode) throw signinFaults.wrongStep();
      await sendCode(at, (await describe(at, redemption)).invitedAddress);
      return present(at, redemption);
    },

    async takePasscode(at: Guesting, code: string): Promise<RedemptionView> {
      const redemption = await load(at);
      if (!redemption?.isWaitingForPasscode) throw signinFaults.wrongStep();
      const { invitedAddress } = await describe(at, redemption);
      await checkCode(ports, at.link.tenantId, invitedAddress, code, at.clientAddress);
      const { isWaitingForPasscode: _waiting, ...rest } = redemption;
      const proven = { ...rest, identity: passcodeIdentity(invitedAddress) };
      await keep(at.link.tenantId, at.redemptionId as string, proven);
      return present(at, proven);
    },

    /** Agrees, which makes the guest. Says which sign-in led here, if one did, for it to go on. */
    async consent(at: Guesting): Promise<{
      view: RedemptionView;
      uid: string | undefined;
      methods: readonly string[];
      correlationId: string;
    }> {
      const redemption = await load(at);
      if (!redemption?.identity || redemption.isDone) throw signinFaults.wrongStep();
      await redeem(at, redemption, true);
      const { vouched } = redemption.identity;
      if (vouched)
        await run({ tenantId: at.link.tenantId, actor }, (ctx) => noteVouched(ctx, at.link.guestId, vouched));
      await keep(at.link.tenantId, at.redemptionId as string, { ...redemption, isDone: true });
      const { uid, correlationId, identity } = redemption;
      return { view: await present(at, redemption), uid, methods: identity.methods, correlationId };
    },

    /** Accepts for somebody whom both organisations agreed not to ask. False where they are asked, or may not come. */
    async acceptUnasked(
      { tenantId, address: clientAddress }: { tenantId: TenantId; address: string | null },
      guestId: AccountId,
      identity: ProvenIdentity,
    ): Promise<boolean> {
      return run({ tenantId, actor, clientAddress }, (ctx) =>
        redeemInvitation(ctx, { guestId, identity, hasConsented: false }),
      ).then(
        () => true,
        (error) => (error instanceof Fault ? false : Promise.reject(error)),
      );
    },

    /**
     * Home has answered. Returns where the page is.
     * @throws interaction-over in any other browser than the one that left for home: whoever lured somebody here with
     *   the address of their own journey must not have that person's identity in their hands.
     */
    async proven(
      tenantId: TenantId,
      redemptionId: string,
      identity: ProvenIdentity | undefined,
      cookieOf: (guestId: AccountId) => string | undefined,
    ): Promise<Redemption> {
      const redemption = (await kept(tenantId).find(redemptionId)) as unknown as Redemption | undefined;
      if (!redemption || cookieOf(redemption.guestId) !== redemptionId) throw signinFaults.interactionOver();
      const next = identity ? { ...redemption, identity } : redemption;
      await keep(tenantId, redemptionId, next);
      return next;
    },

    /** Somebody invited came to the sign-in page instead of by the link: they are proven already. */
    async arrive(
      tenantId: TenantId,
      who: { guestId: AccountId; identity: ProvenIdentity; uid: string; correlationId: string },
    ): Promise<string> {
      const id = randomBytes(32).toString('base64url');
      await keep(tenantId, id, who);
      return id;
    },
  };

  async function sendCode(at: Guesting, address: string): Promise<void> {
    await sendPasscode(ports, at.link.tenantId, address, at.clientAddress);
  }
}

export type Redemptions = ReturnType<typeof createRedemptions>;

export const passcodeIdentity = (address: string): ProvenIdentity => ({
  issuer: PASSCODE_ISSUER,
  subject: address.toLowerCase(),
  email: address,
  homeTenantId: null,
  homeAccountId: null,
  methods: ['otp'],
});
