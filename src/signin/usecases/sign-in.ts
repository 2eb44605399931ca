/** A sign-in at our pages, one step at a time, until the provider can be told who it is. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import {
  findAccount,
  findAccountByPrincipalName,
  isFromElsewhere,
  loadActorFacts,
  noteSignIn,
} from '../../directory/index.ts';
import type { AccountActor, Context } from '../../kernel/context.ts';
import { type AccountId, newId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Arrivals, Home, Homes } from '../../partners/index.ts';
import type { Vault } from '../../platform/vault.ts';
import { TOPICS } from '../events.ts';
import { signinFaults } from '../faults.ts';
import { COMPLIANT_DEVICE, isInNetworks } from '../model/device.ts';
import { WEB_CLIENT } from '../model/first-party.ts';
import { hashPassword, isOutdated, verifyPassword, weaknessOf } from '../model/password.ts';
import { findPermission } from '../model/permissions.ts';
import type { SignInState } from '../model/sign-in.ts';
import { giveConsent } from '../questions.ts';
import { deviceSettings } from '../settings.ts';
import { ensureServicePrincipal, putConsent } from '../store/applications.ts';
import { findPassword, putPassword } from '../store/passwords.ts';
import { createArtifactAdapter } from './artifacts.ts';
import { type Client, isClientOfTenant } from './clients.ts';
import { accountInUse, applicationOf, askToComeIn, countedMethods } from './coming-in.ts';
import { countSignInAttempt, forgetSignInAttempts } from './limit-attempts.ts';
import type { Lookups } from './lookups.ts';
import { checkCode, sendPasscode } from './passcode.ts';
import { type Place, passkeyRequest, takePasskey } from './passkeys.ts';
import { type SecondFactors, secondFactorsOf, startTotp, takeRecoveryCode, takeTotp } from './second-factors.ts';

/** What a page shows next. */
export interface SignInView {
  readonly step: SignInState['step'] | 'consent' | 'done';
  readonly userName?: string;
  readonly methods?: readonly string[];
  /** Who asks; `publisher` is the organisation that vouches for it, where that is another one. */
  readonly application?: { readonly displayName: string; readonly publisher?: string };
  readonly permissions?: readonly { readonly name: string; readonly sentence: string }[];
  /** For whom the person may agree to them. */
  readonly mayConsent?: 'none' | 'self' | 'everyone';
  /** Where they may not: what the refusal is called, for asking whoever may. */
  readonly decisionId?: string;
  readonly home?: { readonly displayName: string; readonly domain: string };
  readonly signedInAs?: string;
  readonly expected?: string;
  readonly redirectTo?: string;
  readonly blocked?: SignInState['blocked'];
}

/** What the provider is waiting for. */
export interface Interaction {
  readonly prompt: 'login' | 'consent';
  readonly clientId: string;
  readonly loginHint: string | undefined;
  /** Who is signed in already, at a consent. */
  readonly accountId: AccountId | undefined;
  readonly missingPermissions: readonly string[];
}

export interface Interactions {
  find(tenantId: TenantId, uid: string): Promise<Interaction | undefined>;
  /** Hands the result to the provider. Returns the path at which it goes on. */
  finish(
    tenantId: TenantId,
    uid: string,
    result:
      | { login: { accountId: string; amr: string[]; ts: number } }
      | { consent: object }
      | { error: string; error_description: string },
  ): Promise<string>;
  /** Signs a browser in where no application waits. Returns the secret for the session's cookie. */
  open(tenantId: TenantId, proven: { accountId: string; amr: string[]; ts: number }): Promise<string>;
}

export interface SignInPorts {
  readonly run: Run;
  readonly arrivals: Pick<Arrivals, 'mayUseFromNetwork'>;
  readonly homes: Pick<Homes, 'find'>;
  readonly lookups: Lookups;
  readonly vault: Vault;
  readonly interactions: Interactions;
  readonly findClient: (tenantId: TenantId, clientId: string) => Promise<Client | undefined>;
}

/** One browser at one sign-in. */
export interface Visit {
  readonly tenantId: TenantId;
  readonly uid: string;
  /** From its cookie. */
  readonly browserSecret: string | undefined;
  readonly address: string | null;
  /** The header by which the network that the browser is in restricts it, if it does. */
  readonly network: string | string[] | undefined;
}

const MINUTES_KEPT = 60;
const actor = { kind: 'system', name: 'signin.pages' } as const;
const hashHex = (text: string) => createHash('sha256').update(text).digest('hex');

export function createSignIn(ports: SignInPorts) {
  const { run, interactions } = ports;
  const states = (tenantId: TenantId) => createArtifactAdapter({ ...ports, tenantId }, 'SignIn');
  const keep = (tenantId: TenantId, state: SignInState) =>
    states(tenantId).upsert(state.uid, { ...state } as never, MINUTES_KEPT * 60);

  async function load(visit: Visit): Promise<{ state: SignInState; interaction: Interaction }> {
    const state = (await states(visit.tenantId).find(visit.uid)) as unknown as SignInState | undefined;
    const interaction = state && (await interactions.find(visit.tenantId, visit.uid));
    const shown = Buffer.from(hashHex(visit.browserSecret ?? ''));
    if (!state || !interaction || !timingSafeEqual(shown, Buffer.from(state.browserHash)))
      throw signinFaults.interactionOver();
    return { state, interaction };
  }

  async function present(visit: Visit, state: SignInState, interaction: Interaction): Promise<SignInView> {
    const client = await ports.findClient(visit.tenantId, interaction.clientId);
    const application = {
      displayName: client?.displayName ?? '',
      ...(client?.publisher ? { publisher: client.publisher } : {}),
    };
    if (interaction.prompt === 'consent') {
      const permissions = interaction.missingPermissions.map((name) => ({
        name,
        sentence: findPermission(name)?.sentence ?? name,
      }));
      if (!interaction.accountId) return { step: 'consent', application, permissions, mayConsent: 'none' };
      const who = await actorAt(visit.tenantId, interaction.accountId);
      const { level: mayConsent, decisionId } = await run(
        { tenantId: visit.tenantId, actor: who, readOnly: true },
        (ctx) => ctx.ask(giveConsent, { needsAdministrator: needsAdministrator(interaction) }),
      );
      const refused = mayConsent === 'none' ? { decisionId } : {};
      return { step: 'consent', application, permissions, mayConsent, ...refused, userName: who.userPrincipalName };
    }
    return {
      step: state.step,
      application,
      ...(state.userName === undefined ? {} : { userName: state.userName }),
      ...(state.step === 'second-factor' ? { methods: state.secondFactors ?? [] } : {}),
      // A passkey is offered whoever it is: to offer it only to those who have one would tell who has.
      ...(state.step === 'username' || state.step === 'password' ? { methods: ['password', 'passkey'] } : {}),
      ...(state.home ? { home: { displayName: state.home.displayName, domain: state.home.domain } } : {}),
      ...(state.signedInAs ? { signedInAs: state.signedInAs } : {}),
      ...(state.expected ? { expected: state.expected } : {}),
      ...(state.blocked ? { blocked: state.blocked } : {}),
    };
  }

  const actorAt = (tenantId: TenantId, accountId: AccountId) =>
    run({ tenantId, actor, readOnly: true }, (ctx) => actorOf(ctx, accountId));

  async function move(visit: Visit, interaction: Interaction, state: SignInState): Promise<SignInView> {
    await keep(visit.tenantId, state);
    return present(visit, state, interaction);
  }

  /** The account is known and proven: tell the provider, the audit and the directory. */
  async function finish(
    visit: Visit,
    state: SignInState,
    interaction: Interaction,
    proven: { accountId: AccountId; methods: readonly string[] },
  ): Promise<SignInView> {
    const { tenantId } = visit;
    const next = await whatStopsThem(visit, state, interaction, proven);
    if (next) return move(visit, interaction, { ...state, ...proven, ...next });
    const { now, methods } = await run(
      { tenantId, actor, correlationId: state.correlationId, clientAddress: visit.address },
      async (ctx) => ({
        methods: await noteArrival(ctx, { ...proven, clientId: interaction.clientId }),
        now: ctx.now,
      }),
    );
    const redirectTo = await interactions.finish(tenantId, visit.uid, {
      login: { accountId: proven.accountId, amr: [...methods], ts: Math.floor(now.getTime() / 1000) },
    });
    await states(tenantId).destroy(visit.uid);
    return { step: 'done', redirectTo };
  }

  /** Whether the network that the browser is in lets this account be used here (CT-19). */
  async function mayUseFrom(
    { tenantId, network }: Pick<Visit, 'tenantId' | 'network'>,
    clientId: string,
    accountId: AccountId,
    correlationId: string,
  ): Promise<boolean> {
    if (network === undefined) return true;
    const account = await run({ tenantId, actor, readOnly: true }, (ctx) => findAccount(ctx, accountId));
    return ports.arrivals.mayUseFromNetwork(network, {
      ...accountInUse(tenantId, account),
      application: applicationOf(clientId),
      correlationId,
    });
  }

  /** The step that somebody from elsewhere is sent to instead of in; nothing where they may come in. */
  async function whatStopsThem(
    visit: Visit,
    state: SignInState,
    interaction: Interaction,
    { accountId, methods }: { accountId: AccountId; methods: readonly string[] },
  ): Promise<Partial<SignInState> | undefined> {
    const { tenantId } = visit;
    const { correlationId } = state;
    const work = { tenantId, actor, correlationId, clientAddress: visit.address, readOnly: true };
    if (!(await mayUseFrom(visit, interaction.clientId, accountId, correlationId))) {
      await failed(visit, { ...state, accountId }, interaction, 'blocked-network');
      return { step: 'blocked', blocked: { why: 'network', organisation: '' } };
    }
    const found = await run(work, async (ctx) => {
      const account = await findAccount(ctx, accountId);
      if (!account || !isFromElsewhere(account)) return undefined;
      const entry = await askToComeIn(ctx, account, { application: applicationOf(interaction.clientId), methods });
      return { account, entry, second: await secondFactorsOf(ctx, accountId), here: ctx.tenant.displayName };
    });
    if (!found || found.entry.level === 'in') return undefined;
    const { account, entry, second, here } = found;
    const { homeTenantId } = account;
    const home = homeTenantId ? await ports.homes.find(tenantId, { tenantId: homeTenantId }) : undefined;
    const homeName = home?.displayName ?? account.homeDomain ?? '';
    const blocked = async (why: 'policy' | 'device' | 'second-factor', organisation: string) => {
      const known = { ...state, accountId };
      const failure = { policy: `blocked-${entry.refusedBy}`, device: 'device-not-compliant' };
      await failed(visit, known, interaction, why === 'second-factor' ? 'no-second-factor' : failure[why]);
      const { reference } = entry;
      return { step: 'blocked', blocked: { why, organisation, ...(reference === null ? {} : { reference }) } } as const;
    };
    if (entry.level === 'none')
      return blocked(entry.isForDevice ? 'device' : 'policy', entry.refusedBy === 'home' ? homeName : here);
    if (homeTenantId && entry.trustsHome) {
      if (state.isChallenged) return blocked('second-factor', homeName);
      const domain = account.homeDomain ?? '';
      return { step: 'home', isChallenged: true, home: { tenantId: homeTenantId, displayName: homeName, domain } };
    }
    return second.length > 0 ? { step: 'second-factor', secondFactors: second } : { step: 'set-up-second-factor' };
  }

  async function failed(visit: Visit, state: SignInState, interaction: Interaction, failure: string): Promise<void> {
    await run(
      { tenantId: visit.tenantId, actor, correlationId: state.correlationId, clientAddress: visit.address },
      async (ctx) => {
        const account = await findAccount(ctx, state.accountId ?? newId<'account'>());
        const userName = state.userName ?? '';
        recordSignIn(ctx, interaction.clientId, { account, userName, methods: [], failure });
      },
    );
  }

  /** What somebody has shown elsewhere, as far as it counts here. */
  const counted = (tenantId: TenantId, { accountId, methods }: { accountId: AccountId; methods: readonly string[] }) =>
    run({ tenantId, actor, readOnly: true }, async (ctx) => {
      const account = await findAccount(ctx, accountId);
      return { accountId, methods: account ? countedMethods(ctx, account, methods) : methods };
    });

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
      const { home: _home, accountId: _account, ...rest } = state;
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
    async finishProven(
      visit: Visit,
      proven: { accountId: AccountId; methods: readonly string[] },
    ): Promise<SignInView> {
      const { state, interaction } = await load(visit);
      return finish(visit, state, interaction, await counted(visit.tenantId, proven));
    },

    /**
     * Signs in somebody who proved who they are at another of our pages, where no application waits. Returns the secret
     * for the session's cookie; nothing where more is asked of them, which the sign-in page then does.
     */
    async enter(
      tenantId: TenantId,
      proven: Pick<Visit, 'address' | 'network'> & {
        accountId: AccountId;
        methods: readonly string[];
        correlationId: string;
      },
    ): Promise<string | undefined> {
      const { accountId, correlationId, address, network } = proven;
      if (!(await mayUseFrom({ tenantId, network }, WEB_CLIENT, accountId, correlationId))) return undefined;
      const { methods } = await counted(tenantId, proven);
      const now = await run({ tenantId, actor, correlationId, clientAddress: address }, async (ctx) => {
        const account = await findAccount(ctx, accountId);
        const entry = account && (await askToComeIn(ctx, account, { application: applicationOf(WEB_CLIENT), methods }));
        if (entry?.level !== 'in') return undefined;
        await noteArrival(ctx, { clientId: WEB_CLIENT, accountId, methods });
        return ctx.now;
      });
      if (!now) return undefined;
      const ts = Math.floor(now.getTime() / 1000);
      return interactions.open(tenantId, { accountId, amr: [...methods], ts });
    },

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
      if (interaction.prompt !== 'consent' || !interaction.accountId) throw signinFaults.wrongStep();
      const { tenantId } = visit;
      const accountId = interaction.accountId;
      const wanted = interaction.missingPermissions;
      const registeredAt = await ports.lookups.tenantOfApplication(interaction.clientId);
      const displayName = (await ports.findClient(tenantId, interaction.clientId))?.displayName ?? '';
      const who = await actorAt(tenantId, accountId);
      await run({ tenantId, actor: who, correlationId: state.correlationId }, async (ctx) => {
        const answer = await ctx.ask(giveConsent, { needsAdministrator: needsAdministrator(interaction) });
        if (answer.level === 'none' || (forEveryone && answer.level !== 'everyone') || !registeredAt)
          throw signinFaults.consentNeedsAdministrator(displayName);
        const principal = await ensureServicePrincipal(ctx, {
          id: interaction.clientId,
          tenantId: registeredAt,
          displayName,
        });
        await putConsent(ctx, {
          servicePrincipalId: principal.id,
          kind: forEveryone ? 'everyone' : 'person',
          accountId: forEveryone ? null : accountId,
          permissions: wanted,
          givenBy: who.userPrincipalName,
        });
        ctx.record({
          action: 'signin.consent-given',
          category: 'ApplicationManagement',
          targets: [{ kind: 'service-principal', id: principal.id, displayName }],
          facts: { permissions: wanted, forEveryone, accountId },
        });
        await ctx.announce(TOPICS.applicationsChanged, {});
      });
      const redirectTo = await interactions.finish(tenantId, visit.uid, { consent: {} });
      await states(tenantId).destroy(visit.uid);
      return { step: 'done', redirectTo };
    },

    /** Gives up: the application is told that access was denied. */
    async cancel(visit: Visit): Promise<SignInView> {
      await load(visit);
      const redirectTo = await interactions.finish(visit.tenantId, visit.uid, {
        error: 'access_denied',
        error_description: 'The person turned back.',
      });
      await states(visit.tenantId).destroy(visit.uid);
      return { step: 'done', redirectTo };
    },
  };
}

export type SignIn = ReturnType<typeof createSignIn>;

const needsAdministrator = ({ missingPermissions }: Interaction): boolean =>
  missingPermissions.some((name) => findPermission(name)?.needsAdministrator ?? true);

/** Somebody as an actor at our own pages. @throws wrong-password when they may not sign in any more. */
export async function actorOf(ctx: Context, accountId: AccountId): Promise<AccountActor> {
  const facts = await loadActorFacts(ctx, accountId);
  if (!facts?.isEnabled) throw signinFaults.wrongPassword();
  return {
    kind: 'account',
    accountId,
    displayName: facts.displayName,
    userPrincipalName: facts.userPrincipalName,
    homeTenantId: facts.homeTenantId,
    userType: facts.userType,
    roles: facts.roles,
    scopes: 'all',
    applicationId: null,
    sessionId: null,
    methods: [],
    authenticatedAt: ctx.now,
  };
}

/**
 * Tells the directory and the audit that somebody is in. Returns all that they have shown: of our own people also whether
 * they use a device of ours. @throws wrong-password when they may not be any more.
 */
async function noteArrival(
  ctx: Context,
  arrival: { clientId: string; accountId: AccountId; methods: readonly string[] },
): Promise<readonly string[]> {
  const { clientId, accountId } = arrival;
  const account = await findAccount(ctx, accountId);
  const facts = await loadActorFacts(ctx, accountId);
  if (!account || !facts?.isEnabled) throw signinFaults.wrongPassword();
  await noteSignIn(ctx, accountId);
  const { compliantNetworks } = ctx.settings.tenant(deviceSettings);
  const isOurDevice = !isFromElsewhere(account) && isInNetworks(ctx.clientAddress, compliantNetworks);
  const methods = isOurDevice ? [...arrival.methods, COMPLIANT_DEVICE] : arrival.methods;
  // On the way to another organisation: the line is written when the person arrives there, once (ID-27).
  if (!isClientOfTenant(clientId))
    recordSignIn(ctx, clientId, { account, userName: account.userPrincipalName, methods, failure: undefined });
  return methods;
}

function recordSignIn(
  ctx: Context,
  clientId: string,
  outcome: {
    account:
      | {
          id: AccountId;
          displayName: string;
          userPrincipalName: string;
          userType: string;
          homeTenantId: TenantId | null;
        }
      | undefined;
    userName: string;
    methods: readonly string[];
    failure: string | undefined;
  },
): void {
  const { account } = outcome;
  ctx.record({
    action: outcome.failure === undefined ? 'signin.signed-in' : 'signin.sign-in-failed',
    category: 'SignIn',
    result: outcome.failure === undefined ? 'success' : 'failure',
    ...(outcome.failure === undefined ? {} : { reason: outcome.failure }),
    targets: account ? [{ kind: 'account', id: account.id, displayName: account.displayName }] : [],
    facts: {
      userName: account?.userPrincipalName ?? outcome.userName,
      userType: account?.userType ?? null,
      homeTenantId: account?.homeTenantId ?? null,
      clientId,
      methods: outcome.methods,
      clientAddress: ctx.clientAddress,
    },
  });
}
