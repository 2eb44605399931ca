/** Scheduling by iTIP (RFC 5546): what a change of a meeting says to whom, and what a message does to a copy. */

export { applyMessage, exceptionAt, type Outcome, type Receipt } from './apply.ts';
export { type Change, messagesOf, type Outgoing } from './compose.ts';
export { keepAnswers, keepMarks, keepNumber, markStatus, oversteps } from './marks.ts';
export {
  attendeesOf,
  composeMessage,
  copyOf,
  type Message,
  type Method,
  organizerOf,
  partStatOf,
  readMessage,
  recurrenceOf,
  sequenceOf,
} from './message.ts';
