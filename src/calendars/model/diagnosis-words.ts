import type { FindingWords } from '../../kernel/diagnosis.ts';

/** What a test of a partnership finds of looking up times. `us` is the organisation that looked, `them` the other one. */
export const LOOKUP_WORDS: Readonly<Record<string, FindingWords>> = {
  'look-out-open': { seen: '{us} lets its people look up when people of {them} are free.' },
  'look-out-closed': {
    seen: '{us} does not let its people look up times at {domain}.',
    todo: 'Enable free/busy in the relationship of {us} with {domain}, or look at what the agreement accepts.',
    who: 'our-administrator',
  },
  'times-open': { seen: '{us} tells people of {them} when its people are free, up to {level}.' },
  'times-closed': {
    seen: '{us} tells people of {them} nothing of when its people are free: {rules}',
    todo: 'Make a relationship with {them} that has free/busy enabled, or agree on it.',
    who: 'our-administrator',
  },
  'times-not-meant': { seen: '{us} tells people of {them} nothing of when its people are free.' },
  'mailbox-not-named': { seen: 'No mailbox of {them} was named to be looked up.' },
  'mailbox-found': { seen: '{them} has the mailbox {mailbox}.' },
  'mailbox-missing': {
    seen: '{them} has no mailbox {mailbox}.',
    todo: 'Check the address.',
    who: 'our-administrator',
  },
  'permission-given': { seen: 'The times of {mailbox} are told.' },
  'permission-denied': {
    seen: '{them} does not permit that the times of {mailbox} are told. Reference {reference}.',
    todo: 'Ask the administrator of {them}, who finds the reason under Explain by the reference.',
    who: 'their-administrator',
  },
  'not-told-mailbox': {
    seen: '{them} did not tell the times of the mailbox that was asked for. Reference {reference}.',
    todo: 'The administrator of {them} finds the reason under Explain by the reference.',
    who: 'their-administrator',
  },
  'lookup-told': { seen: '{them} answered the lookup of the mailbox that was asked for.' },
  'data-booked': { seen: '{count} entries in the next 7 days came back.' },
  'data-nothing': { seen: 'The answer came back: nothing is booked in the next 7 days.' },
  'data-unreachable': {
    seen: '{them} did not answer the lookup.',
    todo: 'Try again in a minute; then look at the log of the server of {them}.',
    who: 'their-operator',
  },
  'data-failed': {
    seen: '{them} could not read the calendar ({reason}).',
    todo: 'Look at the log of the server of {them}.',
    who: 'their-operator',
  },
};
