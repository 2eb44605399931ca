import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  calendarRoleOf,
  parseRule,
  parseRules,
  printRule,
  ruleFor,
  SharingRuleError,
  sharesContacts,
} from './sharing-policy.ts';

test('EX-27: a rule is read however it is spaced, and written one way', () => {
  const read = parseRule(' Contoso.Example :contactssharing,  CalendarSharingFreeBusySimple ');
  assert.equal(printRule(read), 'contoso.example: CalendarSharingFreeBusySimple, ContactsSharing');
  assert.throws(() => parseRule('contoso.example: CalendarSharingAll'), /CalendarSharingAll/);
  assert.throws(() => parseRules(['*: ContactsSharing', '* : CalendarSharingFreeBusySimple']), SharingRuleError);
  for (const text of ['contoso.example', 'contoso: ContactsSharing', '*.contoso.example: ContactsSharing', 'a.b:'])
    assert.throws(() => parseRule(text), SharingRuleError, text);
});

test('EX-28: a domain covers no subdomain; the exact rule counts, even when it permits less', () => {
  const rules = parseRules(['contoso.example: CalendarSharingFreeBusySimple', '*: CalendarSharingFreeBusyReviewer']);
  const to = (domain: string, isOrganisation = true) => calendarRoleOf(ruleFor(rules, { domain, isOrganisation }));
  assert.equal(to('contoso.example'), 'freeBusyRead');
  assert.equal(to('sub.contoso.example'), 'read');
  assert.equal(to('home.example', false), 'none');
});

test('of several calendar actions the highest counts', () => {
  const rule = parseRule('*: CalendarSharingFreeBusySimple, CalendarSharingFreeBusyDetail');
  assert.equal(calendarRoleOf(rule), 'limitedRead');
});

test('EX-47: contacts and calendars are permitted apart', () => {
  const contacts = parseRule('*: ContactsSharing');
  assert.deepEqual([calendarRoleOf(contacts), sharesContacts(contacts)], ['none', true]);
  const calendars = parseRule('*: CalendarSharingFreeBusyDetail');
  assert.deepEqual([calendarRoleOf(calendars), sharesContacts(calendars)], ['limitedRead', false]);
});
