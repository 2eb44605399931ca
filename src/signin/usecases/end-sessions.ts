import { loadActorFacts } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import type { PublishedEvent } from '../../kernel/module.ts';
import { TOPICS } from '../events.ts';
import { LONGEST_TOKEN_SECONDS } from '../model/signing-key.ts';
import { deleteArtifacts, insertRevokedGrants } from '../store/artifacts.ts';
import { endSessions, listSessions } from '../store/sessions.ts';

/**
 * Ends sessions of an account with everything that was issued in them: refresh tokens are gone, access tokens are
 * refused and live connections closed as soon as the commit is announced. Asks nothing: whoever calls has.
 * @returns how many were open.
 */
export async function endSessionsOf(
  ctx: Context,
  accountId: AccountId,
  which: { ids: readonly string[] } | { except: string | null },
  reason: string,
): Promise<number> {
  const ended = await endSessions(ctx, accountId, which, reason);
  // Everything goes, also what was issued without a session of ours.
  const isAll = 'except' in which && which.except === null;
  const grants = isAll ? await deleteArtifacts(ctx, { accountId }) : await deleteArtifacts(ctx, { sessionIds: ended });
  await insertRevokedGrants(ctx, grants, new Date(ctx.now.getTime() + LONGEST_TOKEN_SECONDS * 1000));
  if (ended.length > 0 || grants.length > 0) {
    ctx.record({
      action: 'signin.sessions-ended',
      category: 'UserManagement',
      targets: [{ kind: 'account', id: accountId }],
      facts: { count: ended.length, reason },
    });
  }
  await ctx.announce(TOPICS.accountChanged, { accountId });
  return ended.length;
}

/**
 * Ends the sessions that somebody had when an event of the directory was about them, unless they may go on: not every
 * change is an end. What was begun since is theirs, and stays.
 */
export async function endSessionsAfter(ctx: Context, event: PublishedEvent): Promise<void> {
  const target = event.targets.find((one) => one.kind === 'account' || one.kind === 'guest');
  if (!target) return;
  const accountId = target.id as AccountId;
  if (event.action === 'directory.account-changed') {
    const facts = await loadActorFacts(ctx, accountId);
    if (facts?.isEnabled) return;
  }
  const at = new Date(event.at);
  const earlier = (await listSessions(ctx, accountId)).filter((session) => session.authenticatedAt <= at);
  if (earlier.length > 0) await endSessionsOf(ctx, accountId, { ids: earlier.map(({ id }) => id) }, event.action);
}
