import type { Context } from '../../kernel/context.ts';
import { decide } from '../../kernel/decision.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { personSubjects } from '../grants.ts';
import type { UserType } from '../model/account.ts';
import { findAccount } from '../store/accounts.ts';
import { listRoleNames } from '../store/memberships.ts';
import { signInHere } from './asked.ts';

/** What sign-in must know of a person at every request. */
export interface ActorFacts {
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly userType: UserType;
  readonly homeTenantId: TenantId | null;
  /** Administrative roles, by name: their own and those of their groups. */
  readonly roles: readonly string[];
  readonly isEnabled: boolean;
  /** Sessions and tokens from before this moment count no more. */
  readonly sessionsValidFrom: Date;
}

/** The facts of an account, or undefined when it does not exist or is deleted. Asks nothing: sign-in comes first. */
export async function loadActorFacts(ctx: Context, id: AccountId): Promise<ActorFacts | undefined> {
  const account = await findAccount(ctx, id);
  if (!account) return undefined;
  return {
    displayName: account.displayName,
    userPrincipalName: account.userPrincipalName,
    userType: account.userType,
    homeTenantId: account.homeTenantId,
    roles: await listRoleNames(ctx, personSubjects(id)),
    isEnabled: decide(signInHere, { tenantId: ctx.tenantId, now: ctx.now, account }).level === 'sign-in',
    sessionsValidFrom: account.sessionsValidFrom,
  };
}
