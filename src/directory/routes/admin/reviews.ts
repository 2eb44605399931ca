import { z } from 'zod';
import type { AccountId } from '../../../kernel/ids.ts';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import {
  answerAsAdministrator,
  answerAsSponsor,
  cancelReview,
  type ReviewPorts,
  readOwnReviews,
  readReview,
  readReviewItems,
  readReviews,
  startReview,
} from '../../usecases/reviews.ts';

const problem = { wire: 'problem', access: 'asks', tags: ['guests'] } as const;
const params = z.object({ reviewId: z.guid().toLowerCase() });
const guestId = z.guid().transform((text) => text.toLowerCase() as AccountId);
const answers = z.strictObject({
  guestIds: z.array(guestId).min(1).max(100),
  answer: z.enum(['keep', 'end']),
});

/** Reviews of guests: begun and followed by administrators, answered by those who answer for the guests. */
export const reviewRoutes = (ports: ReviewPorts): readonly Route[] => [
  route({
    ...problem,
    method: 'POST',
    path: '/admin/reviews',
    summary: 'Begins a review of all guests, or of those of one organisation; whoever answers for them is written to.',
    body: z.strictObject({
      title: z.string().trim().min(1).max(200),
      days: z.number().int().min(1).max(365).default(14),
      withoutAnswer: z.enum(['keep', 'end']),
      organisation: z.string().max(253).nullable().default(null),
    }),
    async handle(ctx, { body }) {
      const review = await startReview(ctx, ports, body);
      return created(review, `/admin/reviews/${review.id}`);
    },
  }),
  route({
    ...problem,
    method: 'GET',
    path: '/admin/reviews',
    summary: 'Reviews of guests, the newest first, with how far they are.',
    query: z.object({ before: z.guid().optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
    async handle(ctx, { query: { before, limit } }) {
      const value = await readReviews(ctx, { limit, ...(before === undefined ? {} : { before }) });
      return { value, next: value.length === limit ? (value.at(-1)?.id ?? null) : null };
    },
  }),
  route({
    ...problem,
    method: 'GET',
    path: '/admin/reviews/:reviewId',
    summary: 'How far a review of guests is.',
    params,
    handle: (ctx, { params: { reviewId } }) => readReview(ctx, reviewId),
  }),
  route({
    ...problem,
    method: 'GET',
    path: '/admin/reviews/:reviewId/guests',
    summary: 'The guests of a review, with their last use and what was answered.',
    params,
    query: z.object({ after: z.guid().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
    async handle(ctx, { params: { reviewId }, query: { after, limit } }) {
      const value = await readReviewItems(ctx, reviewId, { limit, ...(after === undefined ? {} : { after }) });
      return { value, next: value.length === limit ? (value.at(-1)?.guestId ?? null) : null };
    },
  }),
  route({
    ...problem,
    method: 'POST',
    path: '/admin/reviews/:reviewId/cancel',
    summary: 'Ends a review without asking further; what was answered stands.',
    params,
    handle: (ctx, { params: { reviewId } }) => cancelReview(ctx, reviewId),
  }),
  route({
    ...problem,
    method: 'POST',
    path: '/admin/reviews/:reviewId/answers',
    summary: 'Answers in the stead of those who answer for the guests.',
    params,
    body: answers,
    async handle(ctx, { params: { reviewId }, body }) {
      for (const guest of body.guestIds)
        await answerAsAdministrator(ctx, ports, { reviewId, guestId: guest }, body.answer);
      return noContent();
    },
  }),
  route({
    ...problem,
    method: 'GET',
    path: '/me/reviews',
    summary: 'The guests you are asked about: whether each of them stays.',
    query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(200) }),
    handle: async (ctx, { query }) => ({ value: await readOwnReviews(ctx, query) }),
  }),
  route({
    ...problem,
    method: 'POST',
    path: '/me/reviews/:reviewId/answers',
    summary: 'Says of guests whom you answer for whether they stay.',
    params,
    body: answers,
    async handle(ctx, { params: { reviewId }, body }) {
      for (const guest of body.guestIds) await answerAsSponsor(ctx, ports, { reviewId, guestId: guest }, body.answer);
      return noContent();
    },
  }),
];
