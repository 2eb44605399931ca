/** What people do about their own sign-in, and helpdesks about others'. */
import { randomBytes } from 'node:crypto';
import { operatesServer } from '../../access/index.ts';
import { findAccount, isFromElsewhere, rolesInReachOf } from '../../directory/index.ts';
import type { AccountActor, Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { signinFaults } from '../faults.ts';
import { hashPassword, verifyPassword, weaknessOf } from '../model/password.ts';
import { manageOwnSignIn, resetAdministrator, resetOperator, resetSignIn } from '../questions.ts';
import { endAppPassword, listAppPasswords } from '../store/app-passwords.ts';
import { deletePasskeys, listPasskeys, type Passkey } from '../store/passkeys.ts';
import { findPassword, putPassword } from '../store/passwords.ts';
import { countRecoveryCodes, deleteTotp, findTotp } from '../store/second-factors.ts';
import { listSessions, type Session } from '../store/sessions.ts';
import { demandFreshProof } from './demand-fresh-proof.ts';
import { endSessionsOf } from './end-sessions.ts';
import { countSignInAttempt, forgetSignInAttempts } from './limit-attempts.ts';

/** The person at their own pages. @throws access.refused for programs and applications in between. */
export async function oneself(ctx: Context): Promise<AccountActor> {
  await ctx.demand(manageOwnSignIn, undefined, 'manage');
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return ctx.actor;
}

/** Who signs in at home elsewhere has nothing to change here. */
export async function atHome(ctx: Context): Promise<AccountActor> {
  const actor = await oneself(ctx);
  const account = await findAccount(ctx, actor.accountId);
  if (!account || isFromElsewhere(account)) throw signinFaults.changeAtHome();
  return actor;
}

/**
 * The person at home, about to change what opens their account: they have just signed in, as strongly as they can.
 * @throws access.sign-in-again where they have not; changeAtHome for guests.
 */
export async function aboutToChange(ctx: Context): Promise<AccountActor> {
  const actor = await atHome(ctx);
  await demandFreshProof(ctx, actor.accountId);
  return actor;
}

export interface SecurityMethods {
  readonly password: { readonly setAt: Date } | null;
  readonly passkeys: readonly Passkey[];
  readonly totp: { readonly addedAt: Date } | null;
  readonly recoveryCodesLeft: number;
}

export async function describeOwnSecurity(ctx: Context): Promise<SecurityMethods> {
  const { accountId } = await oneself(ctx);
  const password = await findPassword(ctx, accountId);
  const totp = await findTotp(ctx, accountId);
  return {
    password: password ? { setAt: password.setAt } : null,
    passkeys: await listPasskeys(ctx, accountId),
    totp: totp?.confirmedAt ? { addedAt: totp.confirmedAt } : null,
    recoveryCodesLeft: await countRecoveryCodes(ctx, accountId),
  };
}

export async function listOwnSessions(ctx: Context): Promise<(Session & { isCurrent: boolean })[]> {
  const { accountId, sessionId } = await oneself(ctx);
  return (await listSessions(ctx, accountId)).map((one) => ({ ...one, isCurrent: one.id === sessionId }));
}

/** Ends one of one's own sessions, or all but the one in use. @throws not-found. */
export async function endOwnSessions(ctx: Context, id?: string): Promise<void> {
  const { accountId, sessionId } = await oneself(ctx);
  const count = await endSessionsOf(
    ctx,
    accountId,
    id === undefined ? { except: sessionId ?? '' } : { ids: [id] },
    'ended-by-person',
  );
  if (id !== undefined && count === 0) throw kernelFaults.notFound();
}

/**
 * Changes one's own password; every other session ends. Whoever holds a stolen token guesses the password here no
 * faster than at the sign-in page, with which the attempts are counted together.
 * @throws too-many-attempts, wrong-current-password, weak-password.
 */
export async function changeOwnPassword(
  ports: { run: Run },
  ctx: Context,
  change: { current: string; next: string },
): Promise<void> {
  const actor = await oneself(ctx);
  const { tenantId, correlationId, clientAddress } = ctx;
  const attempt = { tenantId, name: actor.userPrincipalName, address: clientAddress };
  const work = { tenantId, actor, correlationId, clientAddress };
  // Asked first: who must sign in again has guessed nothing yet.
  await ports.run({ ...work, readOnly: true }, aboutToChange);
  await countSignInAttempt(ports, attempt);
  await ports.run(work, (inside) => replacePassword(inside, change));
  await forgetSignInAttempts(ports, tenantId, attempt.name);
}

async function replacePassword(ctx: Context, change: { current: string; next: string }): Promise<void> {
  const { accountId, userPrincipalName, displayName, sessionId } = await aboutToChange(ctx);
  const stored = await findPassword(ctx, accountId);
  if (!(await verifyPassword(change.current, stored?.hash))) throw signinFaults.wrongCurrentPassword();
  const weakness = weaknessOf(change.next, [...userPrincipalName.split(/[@.]/), ...displayName.split(' ')]);
  if (weakness) throw signinFaults.weakPassword(weakness);
  await putPassword(ctx, accountId, { hash: await hashPassword(change.next), mustChange: false });
  await endSessionsOf(ctx, accountId, { except: sessionId ?? '' }, 'password-changed');
  note(ctx, 'signin.password-changed', accountId);
}

export async function removeOwnPasskey(ctx: Context, id: string): Promise<void> {
  const { accountId } = await aboutToChange(ctx);
  if ((await deletePasskeys(ctx, accountId, id)) === 0) throw kernelFaults.notFound();
  note(ctx, 'signin.passkey-removed', accountId);
}

export async function removeOwnTotp(ctx: Context): Promise<void> {
  const { accountId } = await aboutToChange(ctx);
  await deleteTotp(ctx, accountId);
  note(ctx, 'signin.totp-removed', accountId);
}

/**
 * Gives somebody a temporary password that must be changed at once, takes away what else they could sign in with where
 * asked, and ends their sessions. Who administers is reset only by a global administrator, who operates the server only
 * by an operator.
 * @returns the password, told once.
 */
export async function resetSignInOf(
  ctx: Context,
  accountId: AccountId,
  options: { password?: string; removeSecondFactors: boolean },
): Promise<string> {
  await ctx.demand(resetSignIn, undefined, 'write');
  const account = await findAccount(ctx, accountId);
  if (!account) throw kernelFaults.notFound();
  if (isFromElsewhere(account)) throw signinFaults.changeAtHome();
  if ((await rolesInReachOf(ctx, accountId)).length > 0) await ctx.demand(resetAdministrator, undefined, 'write');
  if (await operatesServer(ctx, accountId)) {
    const askerOperates = ctx.actor.kind === 'account' && (await operatesServer(ctx, ctx.actor.accountId));
    await ctx.demand(resetOperator, { askerOperates }, 'reset');
  }
  const password = options.password ?? randomBytes(12).toString('base64url');
  const weakness = weaknessOf(password, account.userPrincipalName.split(/[@.]/));
  if (weakness) throw signinFaults.weakPassword(weakness);
  await putPassword(ctx, accountId, { hash: await hashPassword(password), mustChange: true });
  if (options.removeSecondFactors) {
    await deleteTotp(ctx, accountId);
    await deletePasskeys(ctx, accountId);
  }
  // Whoever was in may have made one of these to stay in.
  for (const { id } of await listAppPasswords(ctx, accountId)) await endAppPassword(ctx, accountId, id);
  await endSessionsOf(ctx, accountId, { except: null }, 'reset');
  ctx.record({
    action: 'signin.reset',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: accountId, displayName: account.displayName }],
    facts: { removeSecondFactors: options.removeSecondFactors },
  });
  return password;
}

function note(ctx: Context, action: string, accountId: AccountId): void {
  ctx.record({ action, category: 'UserManagement', targets: [{ kind: 'account', id: accountId }] });
}
