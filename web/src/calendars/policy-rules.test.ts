import { expect, test } from 'vitest';
import { printRule, readRule } from './policy-rules.ts';

test('rules of a sharing policy are read and written alike', () => {
  for (const rule of [
    'contoso.example: CalendarSharingFreeBusySimple',
    '*: CalendarSharingFreeBusyDetail, ContactsSharing',
    'Anonymous: CalendarSharingFreeBusyReviewer',
    'tailspin.example: ContactsSharing',
  ]) {
    expect(printRule(readRule(rule))).toBe(rule);
  }
  expect(readRule('contoso.example:CalendarSharingFreeBusySimple').role).toBe('freeBusyRead');
});

test('a rule that permits nothing is no rule', () => {
  expect(printRule({ domain: 'contoso.example', role: 'none', hasContacts: false })).toBeUndefined();
  expect(printRule({ domain: ' ', role: 'read', hasContacts: false })).toBeUndefined();
});
