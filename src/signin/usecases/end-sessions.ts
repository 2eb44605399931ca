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

/** What the directory does to somebody that lets nothing go on that they, or whoever had their password, began before. */
export const ENDING_EVENTS = [
  'directory.account-changed',
  'directory.account-deleted',
  'directory.guest-ended',
  'directory.guest-orphaned',
  'directory.password-reset',
  'directory.redemption-reset',
  'directory.sessions-ended',
];

/**
 * Ends the sessions that somebody had when it happened. The API refuses their tokens by then; this keeps the browser
 * that holds such a session from signing in with it elsewhere: at other applications, and as a guest.
 */
export async function endEarlierSessions(ctx: Context, event: PublishedEvent): Promise<void> {
  const { fields } = event.facts;
  // Of all that changes on an account, only being switched off is meant.
  if (event.action === 'directory.account-changed' && !(fields as string[]).includes('accountEnabled')) return;
  const at = new Date(event.at);
  for (const { kind, id } of event.targets) {
    if (kind !== 'account') continue;
    const earlier = (await listSessions(ctx, id as AccountId)).filter((session) => session.authenticatedAt <= at);
    if (earlier.length === 0) continue;
    const ids = earlier.map((session) => session.id);
    await endSessionsOf(ctx, id as AccountId, { ids }, event.action);
  }
}
