/** What the clock does to guests: it ends stays, and warns about, blocks and deletes those who no longer come. */
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { letterLanguage } from '../../platform/letter.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { announceAccounts } from '../events.ts';
import type { Account } from '../model/account.ts';
import { staleGuestLetter } from '../model/guest-letters.ts';
import { externalCollaboration, staleGuests } from '../settings.ts';
import { findAccount, updateAccount } from '../store/accounts.ts';
import { listGuests, listInStage, listNewlyEnded, listSponsorMails } from '../store/guest-list.ts';
import { findGuest, updateGuest } from '../store/guests.ts';
import { deleteExpiredPasscodes } from '../store/passcodes.ts';
import { removeAccount } from './delete-account.ts';
import { closeStay, staleBefore } from './manage-guests.ts';
import { recordGuest } from './pass-on-guests.ts';

const DAY_MS = 86_400_000;

/** Ends the sessions of guests whose stay is over. New requests were refused from that moment on already. */
export async function sweepEndedGuests(ctx: Context): Promise<void> {
  for (const id of await listNewlyEnded(ctx)) {
    const account = await findAccount(ctx, id, { lock: true });
    if (account) await closeStay(ctx, account);
  }
  await deleteExpiredPasscodes(ctx);
}

/**
 * Takes each stale guest one stage further, by the tenant's policy (ID-34): the sponsors are warned, sign-in is
 * blocked, the guest is deleted (and can be restored for 30 days). Whoever comes back or is kept starts afresh.
 */
export async function sweepStaleGuests(ctx: Context): Promise<void> {
  const policy = ctx.settings.tenant(staleGuests);
  if (policy.mode === 'off') return;
  const isDryRun = policy.mode === 'dryRun';
  const later = (days: number) => new Date(ctx.now.getTime() + days * DAY_MS);
  const longAgo = (days: number) => new Date(ctx.now.getTime() - days * DAY_MS);

  for (const id of await listInStage(ctx, 'disabled', longAgo(policy.deleteAfterDays))) {
    const account = await findAccount(ctx, id, { lock: true });
    // An administrator let them in again by other means.
    if (!account || account.accountEnabled) await updateGuest(ctx, id, { staleStage: null, staleSince: null });
    else if (isDryRun) recordGuest(ctx, 'directory.stale-guest-deleted', account, [], { isDryRun });
    else {
      await removeAccount(ctx, id);
      recordGuest(ctx, 'directory.stale-guest-deleted', account, []);
    }
  }

  for (const id of await listInStage(ctx, 'warned', ctx.now)) {
    const account = await findAccount(ctx, id, { lock: true });
    const guest = await findGuest(ctx, id);
    if (!account || !guest?.staleSince) continue;
    if (!(await isStillStale(ctx, id))) {
      await updateGuest(ctx, id, { staleStage: null, staleSince: null });
    } else if (guest.staleSince <= longAgo(policy.disableAfterDays)) {
      if (isDryRun) {
        recordGuest(ctx, 'directory.stale-guest-disabled', account, [], { isDryRun });
        continue;
      }
      await updateAccount(ctx, id, { accountEnabled: false, sessionsValidFrom: ctx.now });
      await updateGuest(ctx, id, { staleStage: 'disabled', staleSince: ctx.now });
      await tellSponsors(ctx, account, 'disabled', later(policy.deleteAfterDays));
      recordGuest(ctx, 'directory.stale-guest-disabled', account, [{ name: 'accountEnabled', old: true, new: false }]);
      await announceAccounts(ctx, [id]);
    }
  }

  let before: string | undefined;
  for (;;) {
    const page = await listGuests(
      ctx,
      { isStale: true, limit: 500, ...(before === undefined ? {} : { before }) },
      staleBefore(ctx),
    );
    for (const { id, state } of page) {
      const guest = await findGuest(ctx, id);
      // Blocked or ended ones have no access to lose.
      if (!guest || guest.staleStage !== null || (state !== 'invited' && state !== 'active')) continue;
      const account = await findAccount(ctx, id, { lock: true });
      if (!account) continue;
      if (!isDryRun) {
        await updateGuest(ctx, id, { staleStage: 'warned', staleSince: ctx.now });
        await tellSponsors(ctx, account, 'warned', later(policy.disableAfterDays));
      }
      recordGuest(ctx, 'directory.stale-guest-warned', account, [], isDryRun ? { isDryRun } : {});
    }
    if (page.length < 500) return;
    before = page.at(-1)?.id;
  }
}

async function isStillStale(ctx: Context, id: AccountId): Promise<boolean> {
  return (await listGuests(ctx, { ids: [id], isStale: true, limit: 1 }, staleBefore(ctx))).length > 0;
}

async function tellSponsors(ctx: Context, guest: Account, stage: 'warned' | 'disabled', nextAt: Date): Promise<void> {
  const { notificationLanguage } = ctx.settings.tenant(externalCollaboration);
  for (const sponsor of await listSponsorMails(ctx, guest.id)) {
    await queueMail(ctx, {
      kind: `stale-guest-${stage}`,
      aboutId: guest.id,
      to: { address: sponsor.mail, name: sponsor.displayName },
      fromName: ctx.tenant.displayName,
      ...staleGuestLetter({
        language: letterLanguage(sponsor.preferredLanguage, notificationLanguage),
        stage,
        hasAccepted: guest.externalUserState === 'Accepted',
        guestName: guest.displayName,
        tenantName: ctx.tenant.displayName,
        nextAt,
      }),
    });
  }
}
