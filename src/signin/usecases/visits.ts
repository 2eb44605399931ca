/** One browser at one sign-in: what is kept of it between its steps, and what its page shows. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Vault } from '../../platform/vault.ts';
import { signinFaults } from '../faults.ts';
import type { SignInState } from '../model/sign-in.ts';
import { createArtifactAdapter } from './artifacts.ts';
import type { Client } from './clients.ts';
import { showConsent } from './consent.ts';
import type { Interaction, Interactions } from './interactions.ts';

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
  readonly redirectTo?: string;
  readonly blocked?: SignInState['blocked'];
  readonly reference?: SignInState['reference'];
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

/** What is kept of visits needs. */
export interface VisitPorts {
  readonly run: Run;
  readonly vault: Vault;
  readonly interactions: Interactions;
  readonly findClient: (tenantId: TenantId, clientId: string) => Promise<Client | undefined>;
}

const MINUTES_KEPT = 60;
export const hashHex = (text: string) => createHash('sha256').update(text).digest('hex');

export function createVisits(ports: VisitPorts) {
  const { interactions } = ports;
  const states = (tenantId: TenantId) => createArtifactAdapter({ ...ports, tenantId }, 'SignIn');
  const keep = (tenantId: TenantId, state: SignInState) =>
    states(tenantId).upsert(state.uid, { ...state } as never, MINUTES_KEPT * 60);
  const forget = ({ tenantId, uid }: Visit) => states(tenantId).destroy(uid);

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
    if (interaction.prompt === 'consent')
      return { step: 'consent', application, ...(await showConsent(ports.run, visit.tenantId, interaction)) };
    return {
      step: state.step,
      application,
      ...(state.userName === undefined ? {} : { userName: state.userName }),
      ...(state.step === 'second-factor' ? { methods: state.secondFactors ?? [] } : {}),
      ...(isSecondFactor(state) && state.reference ? { reference: state.reference } : {}),
      // A passkey is offered whoever it is: to offer it only to those who have one would tell who has.
      ...(state.step === 'username' || state.step === 'password' ? { methods: ['password', 'passkey'] } : {}),
      ...(state.home ? { home: { displayName: state.home.displayName, domain: state.home.domain } } : {}),
      ...(state.signedInAs ? { signedInAs: state.signedInAs } : {}),
      ...(state.blocked ? { blocked: state.blocked } : {}),
    };
  }

  async function move(visit: Visit, interaction: Interaction, state: SignInState): Promise<SignInView> {
    await keep(visit.tenantId, state);
    return present(visit, state, interaction);
  }

  return { keep, forget, load, present, move };
}

const isSecondFactor = ({ step }: SignInState) => step === 'second-factor' || step === 'set-up-second-factor';

export type Visits = ReturnType<typeof createVisits>;
