import type { TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import type { Arrivals, Homes } from '../../../partners/index.ts';
import type { Log } from '../../../platform/log.ts';
import type { Vault } from '../../../platform/vault.ts';
import type { Authenticator } from '../../usecases/authenticator.ts';
import type { Clients } from '../../usecases/clients.ts';
import type { ProgramTokens } from '../../usecases/program-tokens.ts';
import type { SignIn } from '../../usecases/sign-in.ts';

export interface ProviderPorts {
  readonly run: Run;
  readonly arrivals: Pick<Arrivals, 'askHome' | 'mayUseFromNetwork'>;
  readonly homes: Pick<Homes, 'find'>;
  readonly vault: Vault;
  readonly log: Log;
  readonly now: () => Date;
  readonly clients: Clients;
  readonly subjectSalt: Uint8Array;
  readonly issuerOf: (tenantId: TenantId) => string;
  /** The address of userinfo on the Graph wire, at the origin that the request came to. */
  readonly userinfoAt: (origin: string) => string;
  readonly trustProxy: boolean;
  /** Whether people reach us only over HTTPS, so that cookies can be held to that. */
  readonly isHttpsOnly: boolean;
  readonly signIn: () => SignIn;
  readonly authenticator: () => Authenticator;
  readonly programTokens: () => ProgramTokens;
  /** Called when a code or refresh token was used a second time. */
  readonly onReplay: (tenantId: TenantId, what: { kind: string; clientId: string; grantId: string | null }) => void;
}

/** In whose name the provider reads and writes. */
export const actor = { kind: 'system', name: 'signin.provider' } as const;
