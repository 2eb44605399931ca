/** The end of a sign-in: whoever has proven who they are comes in, or learns what stops them; either is written down. */
import { findAccount, isFromElsewhere, loadActorFacts, noteSignIn } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { type AccountId, newId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Arrivals, Homes, UseFromNetwork } from '../../partners/index.ts';
import { signinFaults } from '../faults.ts';
import { COMPLIANT_DEVICE, isInNetworks } from '../model/device.ts';
import { WEB_CLIENT } from '../model/first-party.ts';
import type { SignInState } from '../model/sign-in.ts';
import { deviceSettings } from '../settings.ts';
import { isClientOfTenant } from './clients.ts';
import { accountInUse, applicationOf, askToComeIn, countedMethods } from './coming-in.ts';
import type { Interaction, Interactions } from './interactions.ts';
import { secondFactorsOf } from './second-factors.ts';
import type { SignInView, Visit, Visits } from './visits.ts';

export interface LettingInPorts {
  readonly run: Run;
  readonly arrivals: Pick<Arrivals, 'mayUseFromNetwork'>;
  readonly homes: Pick<Homes, 'find'>;
  readonly interactions: Interactions;
}

/** Who has proven who they are, and by what. */
export interface Proven {
  readonly accountId: AccountId;
  readonly methods: readonly string[];
}

const actor = { kind: 'system', name: 'signin.pages' } as const;

export function createLettingIn(ports: LettingInPorts, { forget, move }: Visits) {
  const { run, interactions } = ports;

  /** The account is known and proven: tell the provider, the audit and the directory. */
  async function finish(
    visit: Visit,
    state: SignInState,
    interaction: Interaction,
    proven: Proven,
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
    await forget(visit);
    return { step: 'done', redirectTo };
  }

  /** Whether the network that the browser is in lets this account be used here (CT-19). */
  async function mayUseFrom(
    { tenantId, network }: Pick<Visit, 'tenantId' | 'network'>,
    clientId: string,
    accountId: AccountId,
    correlationId: string,
  ): Promise<UseFromNetwork> {
    if (network === undefined) return { isPermitted: true };
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
    { accountId, methods }: Proven,
  ): Promise<Partial<SignInState> | undefined> {
    const { tenantId } = visit;
    const { correlationId } = state;
    const work = { tenantId, actor, correlationId, clientAddress: visit.address, readOnly: true };
    const { isPermitted, refusedBy } = await mayUseFrom(visit, interaction.clientId, accountId, correlationId);
    if (!isPermitted) {
      await failed(visit, { ...state, accountId }, interaction, 'blocked-network');
      const network = refusedBy && (await ports.homes.find(tenantId, { tenantId: refusedBy.tenantId }));
      const reference = network ? { reference: { id: refusedBy.reference, at: network.displayName } } : {};
      return { step: 'blocked', blocked: { why: 'network', organisation: network?.displayName ?? '', ...reference } };
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
    const at = entry.refusedBy === 'home' ? homeName : here;
    const reference = entry.reference === null ? {} : { reference: { id: entry.reference, at } };
    const blocked = async (why: 'policy' | 'device' | 'second-factor', organisation: string) => {
      const known = { ...state, accountId };
      const failure = { policy: `blocked-${entry.refusedBy}`, device: 'device-not-compliant' };
      await failed(visit, known, interaction, why === 'second-factor' ? 'no-second-factor' : failure[why]);
      return { step: 'blocked', blocked: { why, organisation, ...reference } } as const;
    };
    if (entry.level === 'none')
      return blocked(entry.isForDevice ? 'device' : 'policy', entry.refusedBy === 'home' ? homeName : here);
    if (homeTenantId && entry.trustsHome) {
      if (state.isChallenged) return blocked('second-factor', homeName);
      const domain = account.homeDomain ?? '';
      return { step: 'home', isChallenged: true, home: { tenantId: homeTenantId, displayName: homeName, domain } };
    }
    return second.length > 0
      ? { step: 'second-factor', secondFactors: second, ...reference }
      : { step: 'set-up-second-factor', ...reference };
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
  const counted = (tenantId: TenantId, { accountId, methods }: Proven) =>
    run({ tenantId, actor, readOnly: true }, async (ctx) => {
      const account = await findAccount(ctx, accountId);
      return { accountId, methods: account ? countedMethods(ctx, account, methods) : methods };
    });

  /**
   * Signs in somebody who proved who they are at another of our pages, where no application waits. Returns the secret
   * for the session's cookie; nothing where more is asked of them, which the sign-in page then does.
   */
  async function enter(
    tenantId: TenantId,
    proven: Pick<Visit, 'address' | 'network'> & Proven & { correlationId: string },
  ): Promise<string | undefined> {
    const { accountId, correlationId, address, network } = proven;
    const { isPermitted } = await mayUseFrom({ tenantId, network }, WEB_CLIENT, accountId, correlationId);
    if (!isPermitted) return undefined;
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
  }

  return { finish, failed, counted, enter };
}

/**
 * Tells the directory and the audit that somebody is in. Returns all that they have shown: of our own people also whether
 * they use a device of ours. @throws wrong-password when they may not be any more.
 */
async function noteArrival(ctx: Context, arrival: Proven & { readonly clientId: string }): Promise<readonly string[]> {
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
