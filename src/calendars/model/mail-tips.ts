import { z } from 'zod';
import type { AutomaticReplies } from './calendar.ts';

/** How much is told of a recipient, lowest first: nothing, what keeps mail from failing, everything (exchange.md §1.6). */
export const MAIL_TIPS_LEVELS = ['none', 'limited', 'all'] as const;
export type MailTipsLevel = (typeof MAIL_TIPS_LEVELS)[number];

/** Of more recipients than these nobody is told of one by one. */
export const TOLD_SINGLY_AT_MOST = 200;
export const RECIPIENTS_AT_MOST = 1_000;

const reply = z.object({
  /** HTML. */
  message: z.string().max(64_000),
  startsAt: z.iso.datetime({ offset: true }).optional(),
  endsAt: z.iso.datetime({ offset: true }).optional(),
});
export type AutomaticReply = z.output<typeof reply>;

const tip = z.object({
  address: z.string().max(320),
  automaticReply: reply.optional(),
  isMailboxFull: z.boolean().optional(),
  customTip: z.string().max(175).optional(),
  totalMembers: z.int().min(0).optional(),
  externalMembers: z.int().min(0).optional(),
  isModerated: z.boolean().optional(),
  isDeliveryRestricted: z.boolean().optional(),
  /** Bytes. */
  largestMessage: z.int().min(0).optional(),
  isUnknown: z.boolean().optional(),
});
/** What a sender is told of one recipient before they send. What may not be told is absent. */
export type MailTip = z.output<typeof tip>;

/** What one organisation's server asks another's about recipients (version 1). */
export const mailTipsRequest = z.object({
  v: z.literal(1),
  requester: z.object({ tenantId: z.string().max(100), user: z.string().max(320) }),
  recipients: z.array(z.string().max(320)).min(1).max(RECIPIENTS_AT_MOST),
});
export type MailTipsRequest = z.output<typeof mailTipsRequest>;
export const mailTipsAnswer = z.object({ value: z.array(tip).max(RECIPIENTS_AT_MOST) });

/** What is known of one recipient here. */
export interface Recipient {
  readonly address: string;
  readonly replies: AutomaticReplies | undefined;
  readonly members: { readonly total: number; readonly external: number } | undefined;
}

/** How far the sender may be told: of the recipient in general, and of this very one. */
export interface Told {
  readonly general: MailTipsLevel;
  readonly personal: MailTipsLevel;
  readonly isOutside: boolean;
  readonly largestMessage: number;
}

/** The tips on one recipient, each where its level is reached. */
export function tipOf({ address, replies, members }: Recipient, told: Told, now: Date): MailTip {
  const { general, personal, largestMessage } = told;
  if (general === 'none') return { address };
  const automaticReply = personal === 'none' || !replies ? undefined : replyNow(replies, told.isOutside, now);
  return {
    address,
    // Nothing here restricts who may write, moderates, fills or has a tip of its own yet: the words for "no".
    isDeliveryRestricted: false,
    largestMessage,
    ...(automaticReply ? { automaticReply } : {}),
    ...(personal === 'all' && !members ? { isMailboxFull: false, customTip: '' } : {}),
    ...(general === 'all' ? { isModerated: false } : {}),
    ...(general === 'all' && members ? { totalMembers: members.total, externalMembers: members.external } : {}),
  };
}

/** The reply that a mailbox gives now: to outside the one for outside, if its owner gives everybody one. */
export function replyNow(replies: AutomaticReplies, isOutside: boolean, now: Date): AutomaticReply | undefined {
  const { status, startsAt, endsAt, externalAudience = 'all' } = replies;
  if (status === 'disabled' || (isOutside && externalAudience !== 'all')) return undefined;
  const isScheduled = status === 'scheduled';
  if (isScheduled && ((startsAt && new Date(startsAt) > now) || (endsAt && new Date(endsAt) <= now))) return undefined;
  const message = isOutside ? replies.externalReplyMessage : replies.internalReplyMessage;
  if (!message) return undefined;
  const times = isScheduled ? { ...(startsAt ? { startsAt } : {}), ...(endsAt ? { endsAt } : {}) } : {};
  return { message, ...times };
}
