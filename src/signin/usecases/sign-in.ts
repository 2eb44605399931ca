/** A sign-in at our pages, one step at a time, until the provider can be told who it is. */
import { randomBytes } from 'node:crypto';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { findAccount, findAccountByPrincipalName, loadActorFacts } from '../../directory/index.ts';
import { type AccountId, newId, type TenantId } from '../../kernel/ids.ts';
import type { Home } from '../../partners/index.ts';
import { signinFaults } from '../faults.ts';
import { hashPassword, isOutdated, verifyPassword, weaknessOf } from '../model/password.ts';
import type { SignInState } from '../model/sign-in.ts';
import { findPassword, putPassword } from '../store/passwords.ts';
import { keepConsent } from './consent.ts';
import { createLettingIn, type LettingInPorts, type Proven } from './letting-in.ts';
import { countSignInAttempt, forgetSignInAttempts } from './limit-attempts.ts';
import type { Lookups } from './lookups.ts';
import { checkCode, sendPasscode } from './passcode.ts';
import { type Place, passkeyRequest, takePasskey } from './passkeys.ts';
import { type SecondFactors, secondFactorsOf, startTotp, takeRecoveryCode, takeTotp } from './second-factors.ts';
import { createVisits, hashHex, type SignInView, type Visit, type VisitPorts } from './visits.ts';

export interface SignInPorts extends VisitPorts, LettingInPorts {
  readonly lookups: Lookups;
}

const actor = { kind: 'system', name: 'signin.pages' } as const;

export function createSignIn(ports: SignInPorts) {
  const { run, interactions } = ports;
  const visits = createVisits(ports);
  const { keep, forget, load, present, move } = visits;
  const { finish, failed, counted, enter } = createLettingIn(ports, visits);

  function demandStep(state: SignInState, ...steps: SignInState['step'][]): void {
    if (!steps.includes(state.step)) throw signinFaults.wrongStep();
  }

  /** What is asked of whoever has this sign-in name. Whether anybody has it is not told. */
  async function stepFor(tenantId: TenantId, name: string): Promise<Pick<SignInState, 'step' | 'home'>> {
    if (!name.includes('@')) return { step: 'password' };
    const domain = name.slice(name.lastIndexOf('@') + 1).toLowerCase();
    const holder =
      (await ports.lookups.tenantAt(domain)) ?? (await ports.homes.find(tenantId, { domain }).then(asHolder));
    // An address of no organisation here may be a guest's who signs in with a code.
    if (!holder) return { step: 'passcode' };
    if (holder.id === tenantId) return { step: 'password' };
    return { step: 'home', home: { tenantId: holder.id, displayName: holder.displayName, domain } };
  }

  const asHolder = (home: Home | undefined) => home && { id: home.tenantId, displayName: home.displayName };

  const attempt = (visit: Visit, name: string) =>
    countSignInAttempt(ports, { tenantId: visit.tenantId, name, address: visit.address });

  return {
    /**
     * Begins: the provider has sent a browser to our page. Returns the secret for its cookie. A name that the
     * application knows already is not asked for again; a code is sent only once somebody asks for it at the page.
     */
    async begin(
      tenantId: TenantId,
      uid: string,
      options: { loginHint?: string; correlationId?: string },
    ): Promise<string> {
      const secret = randomBytes(32).toString('base64url');
      const userName = options.loginHint?.trim();
      const known = userName?.includes('@') ? await stepFor(tenantId, userName) : undefined;
      await keep(tenantId, {
        uid,
        browserHash: hashHex(secret),
        correlationId: options.correlationId ?? newId(),
        methods: [],
        ...(userName ? { userName } : {}),
        ...(known && known.step !== 'passcode' ? known : { step: 'username' }),
      });
      return secret;
    },

    async view(visit: Visit): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      return present(visit, state, interaction);
    },

    /** Takes the sign-in name. Whether anybody has it is not told: every name of ours is asked for a password. */
    async takeUserName(visit: Visit, userName: string): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      const name = userName.trim();
      const { home: _home, accountId: _account, reference: _reference, ...rest } = state;
      const next = await stepFor(visit.tenantId, name);
      if (next.step === 'passcode') await sendPasscode(ports, visit.tenantId, name, visit.address);
      return move(visit, interaction, { ...rest, userName: name, methods: [], ...next });
    },

    async sendPasscodeAgain(visit: Visit): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      demandStep(state, 'passcode');
      await sendPasscode(ports, visit.tenantId, state.userName ?? '', visit.address);
      return present(visit, state, interaction);
    },

    /** Checks the code sent to the address, and returns the address that is proven now. */
    async takePasscode(visit: Visit, code: string): Promise<string> {
      const { state } = await load(visit);
      demandStep(state, 'passcode');
      const address = state.userName ?? '';
      await checkCode(ports, visit.tenantId, address, code, visit.address);
      return address;
    },

    /** Checks the password, in the same time whether or not there is an account (IS-12). */
    async takePassword(visit: Visit, password: string): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      demandStep(state, 'password');
      const userName = state.userName ?? '';
      await attempt(visit, userName);
      const found = await run({ tenantId: visit.tenantId, actor, readOnly: true }, async (ctx) => {
        const account = await findAccountByPrincipalName(ctx, userName);
        // The same is read of nobody, so that a name that is known takes no longer.
        const id = account?.id ?? newId<'account'>();
        const facts = await loadActorFacts(ctx, id);
        const stored = await findPassword(ctx, id);
        const second: SecondFactors = await secondFactorsOf(ctx, id);
        return { account, isEnabled: facts?.isEnabled ?? false, stored, second };
      });
      const isRight = await verifyPassword(password, found.stored?.hash);
      if (!isRight || !found.account || !found.isEnabled || !found.stored) {
        const known = found.account ? { ...state, accountId: found.account.id } : state;
        await failed(visit, known, interaction, isRight ? 'account-disabled' : 'wrong-password');
        throw signinFaults.wrongPassword();
      }
      const { account, stored, second } = found;
      await forgetSignInAttempts(ports, visit.tenantId, userName);
      if (isOutdated(stored.hash)) {
        const hash = await hashPassword(password);
        await run({ tenantId: visit.tenantId, actor }, (ctx) =>
          putPassword(ctx, account.id, { hash, mustChange: stored.mustChange }),
        );
      }
      const proven = { ...state, accountId: account.id, methods: ['pwd'] };
      if (second.length > 0)
        return move(visit, interaction, { ...proven, step: 'second-factor', secondFactors: second });
      if (stored.mustChange) return move(visit, interaction, { ...proven, step: 'change-password' });
      return finish(visit, proven, interaction, { accountId: account.id, methods: ['pwd'] });
    },

    /** Checks a code of an authenticator app, or a recovery code. Each works once. */
    async takeCode(visit: Visit, kind: 'totp' | 'recovery-code', code: string): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      demandStep(state, 'second-factor', 'set-up-second-factor');
      const accountId = state.accountId as AccountId;
      await attempt(visit, `code ${accountId}`);
      const isRight = await run({ tenantId: visit.tenantId, actor, correlationId: state.correlationId }, (ctx) =>
        kind === 'totp' ? takeTotp(ctx, ports.vault, accountId, code) : takeRecoveryCode(ctx, accountId, code),
      );
      if (isRight && state.step === 'set-up-second-factor')
        await run({ tenantId: visit.tenantId, actor, correlationId: state.correlationId }, async (ctx) =>
          ctx.record({
            action: 'signin.totp-added',
            category: 'UserManagement',
            targets: [{ kind: 'account', id: accountId }],
          }),
        );
      if (!isRight) {
        await failed(visit, state, interaction, 'wrong-code');
        throw signinFaults.wrongCode();
      }
      await forgetSignInAttempts(ports, visit.tenantId, `code ${accountId}`);
      // RFC 8176: `otp` for a one-time code, and `mfa` once two kinds were shown.
      const methods = [...state.methods, 'otp', 'mfa'];
      const stored = await run({ tenantId: visit.tenantId, actor, readOnly: true }, (ctx) =>
        findPassword(ctx, accountId),
      );
      if (stored?.mustChange) return move(visit, interaction, { ...state, methods, step: 'change-password' });
      return finish(visit, state, interaction, { accountId, methods });
    },

    /** A new secret for the authenticator app of somebody who must have one here. It counts once a code confirmed it. */
    async offerSecondFactor(visit: Visit): Promise<{ secret: string; uri: string }> {
      const { state } = await load(visit);
      demandStep(state, 'set-up-second-factor');
      const { secret, address } = await run({ tenantId: visit.tenantId, actor }, async (ctx) => {
        const account = await findAccount(ctx, state.accountId as AccountId);
        if (!account) throw signinFaults.interactionOver();
        return startTotp(ctx, ports.vault, account);
      });
      return { secret, uri: address };
    },

    /** What the browser needs to offer its passkeys, whoever they belong to. */
    async offerPasskeys(visit: Visit, place: Place) {
      const { state } = await load(visit);
      const options = await passkeyRequest(place);
      await keep(visit.tenantId, { ...state, passkeyChallenge: options.challenge });
      return options;
    },

    /** Signs in with a passkey: no name was asked, the key says who it is (IS-6). */
    async takePasskey(visit: Visit, response: AuthenticationResponseJSON, place: Place): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      const { passkeyChallenge: challenge, ...rest } = state;
      if (challenge === undefined) throw signinFaults.wrongPasskey();
      // A challenge is good for one answer.
      await keep(visit.tenantId, rest);
      const work = {
        tenantId: visit.tenantId,
        actor,
        correlationId: state.correlationId,
        clientAddress: visit.address,
      };
      const outcome = await run(work, (ctx) => takePasskey(ctx, { response, challenge, place }));
      if (outcome.status === 'proven') return finish(visit, rest, interaction, outcome);
      await failed(
        visit,
        outcome.status === 'cloned' ? { ...rest, accountId: outcome.accountId } : rest,
        interaction,
        `passkey-${outcome.status}`,
      );
      throw outcome.status === 'cloned' ? signinFaults.clonedPasskey() : signinFaults.wrongPasskey();
    },

    /** Replaces a password that somebody else set. */
    async changePassword(visit: Visit, newPassword: string): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      demandStep(state, 'change-password');
      const accountId = state.accountId as AccountId;
      const stored = await run({ tenantId: visit.tenantId, actor, readOnly: true }, (ctx) =>
        findPassword(ctx, accountId),
      );
      const weakness = weaknessOf(newPassword, (state.userName ?? '').split(/[@.]/));
      if (weakness) throw signinFaults.weakPassword(weakness);
      if (await verifyPassword(newPassword, stored?.hash))
        throw signinFaults.weakPassword('That is the password you were given. Choose another.');
      const hash = await hashPassword(newPassword);
      await run({ tenantId: visit.tenantId, actor, correlationId: state.correlationId }, async (ctx) => {
        await putPassword(ctx, accountId, { hash, mustChange: false });
        ctx.record({
          action: 'signin.password-changed',
          category: 'UserManagement',
          targets: [{ kind: 'account', id: accountId }],
        });
      });
      return finish(visit, state, interaction, { accountId, methods: state.methods });
    },

    /** Goes on with an account that was proven in another way: a passkey, at home, by a code to the address. */
    async finishProven(visit: Visit, proven: Proven): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      return finish(visit, state, interaction, await counted(visit.tenantId, proven));
    },

    enter,

    /** Writes down a sign-in that failed for `failure`. */
    async note(visit: Visit, failure: string): Promise<void> {
      const { state, interaction } = await load(visit);
      await failed(visit, state, interaction, failure);
    },

    /** The state of a visit, and a way to change it: for the journeys that leave this page and come back. */
    load,
    move,

    async startOver(visit: Visit): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      const { uid, browserHash, correlationId } = state;
      return move(visit, interaction, { uid, browserHash, correlationId, step: 'username', methods: [] });
    },

    /** Agrees to what the application asks for. */
    async consent(visit: Visit, forEveryone: boolean): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      const { accountId, prompt, clientId } = interaction;
      if (prompt !== 'consent' || !accountId) throw signinFaults.wrongStep();
      const { correlationId } = state;
      const displayName = (await ports.findClient(visit.tenantId, clientId))?.displayName ?? '';
      await keepConsent(
        ports,
        visit.tenantId,
        { ...interaction, accountId },
        { forEveryone, displayName, correlationId },
      );
      const redirectTo = await interactions.finish(visit.tenantId, visit.uid, { consent: {} });
      await forget(visit);
      return { step: 'done', redirectTo };
    },

    /** Gives up: the application is told that access was denied. */
    async cancel(visit: Visit): Promise<SignInView> {
      await load(visit);
      const redirectTo = await interactions.finish(visit.tenantId, visit.uid, {
        error: 'access_denied',
        error_description: 'The person turned back.',
      });
      await forget(visit);
      return { step: 'done', redirectTo };
    },
  };
}

export type SignIn = ReturnType<typeof createSignIn>;
