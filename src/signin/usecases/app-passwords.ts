import { findAccountByPrincipalName, loadActorFacts } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { type AccountId, newId } from '../../kernel/ids.ts';
import { TOPICS } from '../events.ts';
import { signinFaults } from '../faults.ts';
import { hashAppPassword, newAppPassword } from '../model/app-password.ts';
import { manageOwnSignIn } from '../questions.ts';
import {
  type AppPassword,
  endAppPassword,
  findAppPasswordByHash,
  insertAppPassword,
  listAppPasswords,
  noteAppPasswordUse,
} from '../store/app-passwords.ts';
import { demandFreshProof } from './demand-fresh-proof.ts';

export type { AppPassword };

/** More than anybody has programs; whoever makes more has lost count. */
const AT_MOST = 25;
/** Noting each use would make every read of a calendar a write. */
const NOTED_EVERY_SECONDS = 3600;

export async function listOwnAppPasswords(ctx: Context): Promise<AppPassword[]> {
  return listAppPasswords(ctx, await own(ctx));
}

/** Makes a password for one program of the person who asks. Its text is told once and kept nowhere. */
export async function createOwnAppPassword(ctx: Context, name: string): Promise<AppPassword & { password: string }> {
  const accountId = await own(ctx);
  await demandFreshProof(ctx, accountId);
  return createAppPassword(ctx, accountId, name);
}

/** @throws not-found when the person has none of this id. */
export async function endOwnAppPassword(ctx: Context, id: string): Promise<void> {
  const accountId = await own(ctx);
  if (!(await endAppPassword(ctx, accountId, id))) throw kernelFaults.notFound();
  ctx.record({
    action: 'signin.app-password-ended',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: accountId }],
    facts: { appPasswordId: id },
  });
  await ctx.announce(TOPICS.accountChanged, { accountId });
}

/**
 * Makes a password for somebody's program. Asks nothing; its callers do.
 * @throws signin.too-many-app-passwords.
 */
export async function createAppPassword(
  ctx: Context,
  accountId: AccountId,
  name: string,
): Promise<AppPassword & { password: string }> {
  if ((await listAppPasswords(ctx, accountId)).length >= AT_MOST) throw signinFaults.tooManyAppPasswords(AT_MOST);
  const password = newAppPassword();
  const made = { id: newId(), accountId, name };
  await insertAppPassword(ctx, { ...made, hash: hashAppPassword(password) });
  ctx.record({
    action: 'signin.app-password-made',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: accountId }],
    facts: { appPasswordId: made.id, name },
  });
  return { ...made, createdAt: ctx.now, lastUsedAt: null, password };
}

/**
 * Whose password a program shows, or undefined: a wrong name, a wrong or ended password, a password from before the
 * person's sessions were ended, and a person who may not sign in all look alike (IS-12). Needs a context that may write.
 */
export async function verifyAppPassword(
  ctx: Context,
  signInName: string,
  password: string,
): Promise<AccountId | undefined> {
  const [account, found] = [
    await findAccountByPrincipalName(ctx, signInName),
    await findAppPasswordByHash(ctx, hashAppPassword(password)),
  ];
  if (!account || found?.accountId !== account.id) return undefined;
  const facts = await loadActorFacts(ctx, account.id);
  if (!facts?.isEnabled || found.createdAt < facts.sessionsValidFrom) return undefined;
  const since = found.lastUsedAt === null ? Number.POSITIVE_INFINITY : ctx.now.getTime() - found.lastUsedAt.getTime();
  if (since >= NOTED_EVERY_SECONDS * 1000) await noteAppPasswordUse(ctx, found.id);
  return account.id;
}

async function own(ctx: Context): Promise<AccountId> {
  await ctx.demand(manageOwnSignIn, undefined, 'manage');
  // Nobody else is let through by the question.
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return ctx.actor.accountId;
}
