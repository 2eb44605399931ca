import type { AccountId } from '../../kernel/ids.ts';
import type { ListedGuest } from './guest.ts';

/** A round in which whoever answers for guests says of each whether they stay. */
export interface Review {
  readonly id: string;
  readonly title: string;
  readonly startedBy: string;
  readonly startedAt: Date;
  readonly dueAt: Date;
  /** What becomes of a guest about whom nobody answers. */
  readonly withoutAnswer: 'keep' | 'end';
  /** The domain whose guests are looked at; null: all. */
  readonly organisation: string | null;
  readonly remindedAt: Date | null;
  readonly closedAt: Date | null;
  readonly state: 'open' | 'closed' | 'cancelled';
}

export type ReviewAnswer = 'keep' | 'end';

export interface ReviewCounts {
  readonly guests: number;
  readonly kept: number;
  readonly ended: number;
  readonly unanswered: number;
}

/** One guest in a review, with what speaks for and against them. */
export interface ReviewItem {
  readonly reviewId: string;
  readonly guestId: AccountId;
  readonly answer: ReviewAnswer | null;
  /** Null where nobody answered and the default was taken. */
  readonly answeredBy: string | null;
  readonly answeredAt: Date | null;
  /** How many rights they hold here, and when one of them was last used. */
  readonly rights: number;
  readonly lastUsedAt: Date | null;
  /** Undefined where the guest is gone for good. */
  readonly guest: ListedGuest | undefined;
}

/** Days before the end of a review at which those who have not answered are reminded. */
const REMINDED_DAYS = [7, 1];

/** Whether those who have not answered are to be reminded now: once for each of the moments. */
export function isReminderDue({ dueAt, remindedAt }: Pick<Review, 'dueAt' | 'remindedAt'>, now: Date): boolean {
  return REMINDED_DAYS.some((days) => {
    const at = dueAt.getTime() - days * 86_400_000;
    return at <= now.getTime() && (remindedAt?.getTime() ?? 0) < at;
  });
}
