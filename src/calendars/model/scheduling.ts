import type { Id } from '../../kernel/ids.ts';
import type { ObjectId, Owner } from './calendar.ts';

/**
 * What became of a message to one person, as SCHEDULE-STATUS says it (RFC 6638 §3.2.9): 1.0 it waits, 1.1 it left, 1.2 it
 * arrived, 2.0 it was answered, 3.7 there is nobody, 3.8 it was refused, 5.1 it could not be brought, 5.3 they keep no
 * calendar.
 */
export type DeliveryStatus = '1.0' | '1.1' | '1.2' | '2.0' | '3.7' | '3.8' | '5.1' | '5.3';

/** How far a message to another organisation has come, as seen from here. */
export type OutgoingState = 'waiting' | 'sent' | 'delivered' | 'failed';

/** People on one meeting; who invites more sends a letter. */
export const ATTENDEES_AT_MOST = 500;

/** A message that leaves this organisation. */
export interface OutgoingMessage {
  readonly id: string;
  /** Whose meeting or answer it is. */
  readonly owner: Owner;
  readonly uid: string;
  readonly method: string;
  /** Lower case, both. */
  readonly sender: string;
  readonly senderName: string;
  readonly recipient: string;
  /** iTIP. */
  readonly content: string;
  readonly comment: string | null;
  readonly attempts: number;
}

/** A message that came in, for one of its readers. */
export interface InboxMessage {
  readonly id: Id<'inbox-message'>;
  readonly reader: Owner;
  /** Whose calendar it acted on: the reader's own, or that of somebody they stand in for. */
  readonly owner: Owner;
  /** The same message twice has it twice. */
  readonly fingerprint: string;
  readonly sender: string;
  readonly method: string;
  readonly uid: string;
  readonly content: string;
  readonly comment: string | null;
  readonly outcome:
    | 'changed'
    | 'old'
    | 'not-theirs'
    | 'proposal'
    | 'ask-for-whole'
    | 'send-whole'
    // An invitation that is in no calendar until it is answered.
    | 'waiting'
    | 'unknown'
    | 'forwarded';
  /** EX-62: shown with it, as nothing was done. */
  readonly warning: 'sender-is-not-organiser' | 'sender-is-not-invited' | null;
  readonly proposal: 'open' | 'accepted' | 'declined' | null;
  readonly objectId: ObjectId | null;
  readonly receivedAt: Date;
}
