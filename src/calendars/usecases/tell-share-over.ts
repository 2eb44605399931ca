import type { Grant } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import type { Calendar } from '../model/calendar.ts';
import { shareOverLetter } from '../model/sharing-letters.ts';
import { languageOf } from './letters.ts';
import { readOwner } from './owners.ts';

/**
 * Writes to people outside that a calendar is shared with them no more. Like the invitation, it is not written where an
 * administrator acts in the owner's place.
 */
export async function tellShareOver(
  ctx: Context,
  { owner, name }: Pick<Calendar, 'owner' | 'name'>,
  ended: readonly Grant[],
): Promise<void> {
  const told = ended.filter(({ subject }) => subject.kind === 'contact');
  const isInPlace = ctx.actor.kind === 'account' && owner.kind === 'account' && owner.id !== ctx.actor.accountId;
  if (told.length === 0 || isInPlace) return;
  const card = await readOwner(ctx, owner);
  const letter = shareOverLetter(await languageOf(ctx, owner), {
    ownerName: card?.displayName ?? ctx.tenant.displayName,
    tenantName: ctx.tenant.displayName,
    tenantDomain: ctx.tenant.defaultDomain,
    calendar: name,
  });
  for (const { id, subject } of told) {
    await queueMail(ctx, {
      kind: 'calendar-share-over',
      aboutId: id,
      to: { address: subject.id },
      fromName: `${card?.displayName ?? ''} (${ctx.tenant.displayName})`.trim(),
      ...(card?.address === undefined ? {} : { replyTo: card.address }),
      ...letter,
    });
  }
}
