import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { PersonElsewhere } from '../../kernel/module.ts';
import type { Which, Who } from './access-setting.ts';
import type { Mode } from './cross-tenant-access.ts';

/** Who is asked about: by the address that an invitation names, or by the id that their home has signed them in with. */
export type PersonAtHome = { readonly address: string } | { readonly userId: string };

/** What home says of one of its people. */
export interface Vouched {
  readonly homeTenantId: TenantId;
  readonly homeLetsOut: boolean;
  /** What home calls its refusal, where it does not: its administrators find it by that. */
  readonly homeReference: string | null;
  /** Home agrees in its people's name to what a guest is asked: nobody is asked where ours takes that (CT-12). */
  readonly homeConsents: boolean;
  /** False: no longer at home there, or switched off. */
  readonly isActive: boolean;
  readonly who: Who;
}

export interface Vouching {
  readonly homeTenantId: TenantId;
  readonly mode?: Mode;
  readonly application: Which;
  readonly people: readonly PersonAtHome[];
  /** The people and groups that are asked about; those that our settings name, where it is left out. */
  readonly among?: PersonElsewhere['among'];
}

/** Asks the home of people about them, in the name of the organisation they come to. Never in a transaction. */
export type AskHome = (
  ctx: Pick<Context, 'tenantId' | 'correlationId'>,
  asked: Vouching,
) => Promise<readonly Vouched[]>;
