/** Reviews of guests: whoever answers for them says of each whether they stay, in time or by the default. */
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { type AccountId, newId } from '../../kernel/ids.ts';
import type { Job } from '../../kernel/module.ts';
import { letterLanguage } from '../../platform/letter.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { guestFaults } from '../faults.ts';
import { isReminderDue, type Review, type ReviewAnswer, type ReviewItem } from '../model/review.ts';
import { reviewLetter } from '../model/review-letters.ts';
import { manageGuests, seeOneself } from '../questions/guests.ts';
import { externalCollaboration } from '../settings.ts';
import { findAccount, updateAccount } from '../store/accounts.ts';
import { listGuests } from '../store/guest-list.ts';
import { updateGuest } from '../store/guests.ts';
import {
  answerItem,
  findReview,
  insertReview,
  type KeptItem,
  listReviewers,
  listReviewItems,
  listReviews,
  updateReview,
} from '../store/reviews.ts';
import { actorId, stayUntil } from './admit-guest.ts';
import { carryOutEnd, type EndPorts, staleBefore } from './manage-guests.ts';
import { recordGuest } from './pass-on-guests.ts';
import { subjectsOf } from './subjects.ts';

export interface ReviewPorts extends EndPorts {
  /** Where people reach this server's pages. */
  readonly addresses: { origin(): string };
}

const CLOSE = 'directory.close-review';
/** How many guests get the default in one transaction. */
const AT_ONCE = 25;
const DAY_MS = 86_400_000;

/**
 * Begins a review of all guests, or of one organisation's: whoever answers for them gets a letter.
 * @throws nobody-to-review.
 */
export async function startReview(
  ctx: Context,
  ports: ReviewPorts,
  asked: {
    readonly title: string;
    readonly days: number;
    readonly withoutAnswer: 'keep' | 'end';
    readonly organisation: string | null;
  },
) {
  await ctx.demand(manageGuests, undefined, 'write');
  const { actor } = ctx;
  const { title, withoutAnswer } = asked;
  const review: Review = {
    id: newId(),
    title,
    startedBy: actor.kind === 'account' ? actor.displayName : actorId(ctx),
    startedAt: ctx.now,
    dueAt: new Date(ctx.now.getTime() + asked.days * DAY_MS),
    withoutAnswer,
    organisation: asked.organisation?.toLowerCase() ?? null,
    remindedAt: ctx.now,
    closedAt: null,
    state: 'open',
  };
  const guests = await insertReview(ctx, review);
  if (guests === 0) throw guestFaults.nobodyToReview();
  await tellReviewers(ctx, ports, review, false);
  ctx.record({
    action: 'directory.review-started',
    category: 'UserManagement',
    targets: [{ kind: 'review', id: review.id, displayName: title }],
    facts: { guests, dueAt: review.dueAt, withoutAnswer, organisation: review.organisation },
  });
  return requireReview(ctx, review.id);
}

export async function readReviews(ctx: Context, page: { readonly before?: string; readonly limit: number }) {
  await ctx.demand(manageGuests, undefined, 'read');
  return listReviews(ctx, page);
}

/** @throws not-found. */
export async function readReview(ctx: Context, id: string) {
  await ctx.demand(manageGuests, undefined, 'read');
  return requireReview(ctx, id);
}

/** The guests of a review with what was answered. @throws not-found. */
export async function readReviewItems(
  ctx: Context,
  id: string,
  page: { readonly after?: string; readonly limit: number },
): Promise<ReviewItem[]> {
  await readReview(ctx, id);
  return withGuests(ctx, await listReviewItems(ctx, { reviewId: id, ...page }));
}

/** Nobody is asked any more; what was answered stands. @throws not-found; review-is-over. */
export async function cancelReview(ctx: Context, id: string) {
  await ctx.demand(manageGuests, undefined, 'write');
  const review = await openReview(ctx, id);
  await updateReview(ctx, id, { state: 'cancelled', closedAt: ctx.now });
  note(ctx, 'directory.review-cancelled', review);
  return requireReview(ctx, id);
}

/** What an administrator answers in a sponsor's stead. @throws not-found; review-is-over. */
export async function answerAsAdministrator(
  ctx: Context,
  ports: ReviewPorts,
  item: Item,
  answer: ReviewAnswer,
): Promise<void> {
  await ctx.demand(manageGuests, undefined, 'write');
  await take(ctx, ports, item, answer);
}

/** The guests for whom whoever asks has to answer: as a sponsor, a member of a group that is, or the owner of theirs. */
export async function readOwnReviews(ctx: Context, page: { readonly limit: number }): Promise<OwnItem[]> {
  await ctx.demand(seeOneself, undefined, 'self');
  const items = await withGuests(
    ctx,
    await listReviewItems(ctx, { answerableTo: await answeringIds(ctx), isUnanswered: true, ...page }),
  );
  const reviews = new Map((await listReviews(ctx, { isOpen: true, limit: 1_000 })).map((one) => [one.id, one]));
  return items.flatMap((item) => {
    const review = reviews.get(item.reviewId);
    return review ? [{ ...item, review }] : [];
  });
}
export type OwnItem = ReviewItem & { readonly review: Review };

/** @throws not-found where it is somebody else's to answer; review-is-over. */
export async function answerAsSponsor(
  ctx: Context,
  ports: ReviewPorts,
  item: Item,
  answer: ReviewAnswer,
): Promise<void> {
  await ctx.demand(seeOneself, undefined, 'self');
  const [own] = await listReviewItems(ctx, { ...item, answerableTo: await answeringIds(ctx), limit: 1 });
  if (!own) throw kernelFaults.notFound();
  await take(ctx, ports, item, answer);
}

interface Item {
  readonly reviewId: string;
  readonly guestId: AccountId;
}

const answeringIds = async (ctx: Context): Promise<string[]> =>
  ctx.actor.kind === 'account' ? (await subjectsOf(ctx, ctx.actor.accountId)).map(({ id }) => id) : [];

/** Takes one answer, the first that comes. */
async function take(ctx: Context, ports: ReviewPorts, item: Item, answer: ReviewAnswer): Promise<void> {
  const review = await openReview(ctx, item.reviewId);
  const [known] = await listReviewItems(ctx, { ...item, limit: 1 });
  if (!known) throw kernelFaults.notFound();
  await answered(ctx, ports, review, item, answer, actorId(ctx));
}

async function answered(
  ctx: Context,
  ports: EndPorts,
  review: Review,
  item: Item,
  answer: ReviewAnswer,
  by: string | null,
): Promise<void> {
  if (!(await answerItem(ctx, item, answer, by))) return;
  const account = await findAccount(ctx, item.guestId, { lock: true });
  if (!account) return;
  recordGuest(ctx, 'directory.guest-reviewed', account, [], { reviewId: review.id, answer, isDefault: by === null });
  if (answer === 'end') await carryOutEnd(ctx, ports, account, { reason: review.title });
  else if (by !== null) {
    // Whoever is kept stays as long as a guest who is invited today.
    const usual = stayUntil(ctx, undefined);
    if (account.endsAt === null || account.endsAt < usual) await updateAccount(ctx, account.id, { endsAt: usual });
    await updateGuest(ctx, account.id, { keptAt: ctx.now, staleStage: null, staleSince: null });
  }
}

/** Reminds those who have not answered, and closes what is due. */
export async function sweepReviews(ctx: Context, ports: ReviewPorts): Promise<void> {
  for (const review of await listReviews(ctx, { isOpen: true, limit: 100 })) {
    if (review.dueAt <= ctx.now) await ctx.defer(CLOSE, { reviewId: review.id }, { key: `${CLOSE}:${review.id}` });
    else if (review.unanswered > 0 && isReminderDue(review, ctx.now)) {
      await tellReviewers(ctx, ports, review, true);
      await updateReview(ctx, review.id, { remindedAt: ctx.now });
    }
  }
}

/** Gives the default to those about whom nobody answered, some at a time, and closes the review. */
export const closeReviewJob = (ports: ReviewPorts): Job => ({
  name: CLOSE,
  async run(ctx, payload) {
    const review = await findReview(ctx, String(payload.reviewId), { lock: true });
    if (review?.state !== 'open' || review.dueAt > ctx.now) return;
    const waiting = await listReviewItems(ctx, { reviewId: review.id, isUnanswered: true, limit: AT_ONCE });
    for (const item of waiting) await answered(ctx, ports, review, item, review.withoutAnswer, null);
    if (waiting.length === AT_ONCE) {
      await ctx.defer(CLOSE, { reviewId: review.id });
      return;
    }
    await updateReview(ctx, review.id, { state: 'closed', closedAt: ctx.now });
    note(ctx, 'directory.review-closed', review);
  },
});

async function tellReviewers(ctx: Context, ports: ReviewPorts, review: Review, isReminder: boolean): Promise<void> {
  const { notificationLanguage } = ctx.settings.tenant(externalCollaboration);
  const { dueAt, withoutAnswer } = review;
  for (const { mail, displayName, preferredLanguage, guests } of await listReviewers(ctx, review.id)) {
    await queueMail(ctx, {
      kind: isReminder ? 'review-reminder' : 'review',
      aboutId: review.id,
      to: { address: mail, name: displayName },
      fromName: ctx.tenant.displayName,
      ...reviewLetter({
        language: letterLanguage(preferredLanguage, notificationLanguage),
        tenantName: ctx.tenant.displayName,
        guests,
        dueAt,
        withoutAnswer,
        isReminder,
        link: `${ports.addresses.origin()}/t/${encodeURIComponent(ctx.tenant.defaultDomain)}/reviews`,
      }),
    });
  }
}

async function withGuests(ctx: Context, items: readonly KeptItem[]): Promise<ReviewItem[]> {
  if (items.length === 0) return [];
  const ids = items.map(({ guestId }) => guestId);
  const filter = { ids, limit: ids.length };
  const stale = staleBefore(ctx);
  const found = [
    ...(await listGuests(ctx, filter, stale)),
    ...(await listGuests(ctx, { ...filter, state: 'deleted' }, stale)),
  ];
  const guests = new Map(found.map((guest) => [guest.id, guest]));
  return items.map((item) => ({ ...item, guest: guests.get(item.guestId) }));
}

async function requireReview(ctx: Context, id: string) {
  const [review] = await listReviews(ctx, { id, limit: 1 });
  if (!review) throw kernelFaults.notFound();
  return review;
}

async function openReview(ctx: Context, id: string): Promise<Review> {
  const review = await findReview(ctx, id, { lock: true });
  if (!review) throw kernelFaults.notFound();
  if (review.state !== 'open' || review.dueAt <= ctx.now) throw guestFaults.reviewIsOver();
  return review;
}

const note = (ctx: Context, action: string, { id, title }: Review) =>
  ctx.record({ action, category: 'UserManagement', targets: [{ kind: 'review', id, displayName: title }] });
