import assert from 'node:assert/strict';
import { test } from 'node:test';
import type ICAL from 'ical.js';
import { readCalendar, textOf } from '../icalendar/index.ts';
import {
  applyMessage,
  attendeesOf,
  messagesOf,
  type Outcome,
  oversteps,
  partStatOf,
  readMessage,
  recurrenceOf,
} from './index.ts';

const ANN = 'ann@fabrikam.example';
const BOB = 'bob@contoso.example';
const TOM = 'tom@tailspin.example';
const now = new Date('2026-05-01T08:00:00Z');

const calendar = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Fabrikam//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');

/** Ann of Fabrikam invites Bob of Contoso. */
const meeting = (...lines: string[]) => [
  'BEGIN:VEVENT',
  'UID:plan@fabrikam.example',
  'DTSTAMP:20260430T080000Z',
  'DTSTART:20260504T070000Z',
  'DTEND:20260504T080000Z',
  'SUMMARY:Plan',
  `ORGANIZER:mailto:${ANN}`,
  `ATTENDEE;PARTSTAT=ACCEPTED:mailto:${ANN}`,
  `ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:${BOB}`,
  ...lines,
  'END:VEVENT',
];
const kept = (...lines: string[]) => readCalendar(calendar(...meeting(...lines)));
const message = (method: string, ...lines: string[]) => readMessage(calendar(`METHOD:${method}`, ...lines));
const reply = (word: string, ...lines: string[]) =>
  message(
    'REPLY',
    'BEGIN:VEVENT',
    'UID:plan@fabrikam.example',
    'DTSTAMP:20260501T080000Z',
    `ATTENDEE;PARTSTAT=${word}:MAILTO:${BOB.toUpperCase()}`,
    ...lines,
    'END:VEVENT',
  );

const parts = (of: ICAL.Component) => of.getAllSubcomponents('vevent');
const changed = (outcome: Outcome) => {
  assert.equal(outcome.kind, 'changed');
  return (outcome as Extract<Outcome, { kind: 'changed' }>).calendar;
};
const wordOf = (of: ICAL.Component, address: string) => partStatOf(attendeesOf(of).get(address)!);
const toBob = { sender: ANN, recipient: [BOB] };
const toAnn = { sender: BOB, recipient: [ANN] };

test('a new meeting asks everybody but its organiser, and says no alarm of theirs', () => {
  const after = kept('BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER:-PT5M', 'DESCRIPTION:x', 'END:VALARM');
  const sent = messagesOf({ before: undefined, after, owner: [ANN], now });
  assert.deepEqual(
    sent.map(({ to, message }) => [to, message.method]),
    [[BOB, 'REQUEST']],
  );
  assert.equal(sent[0]?.message.parts[0]?.getAllSubcomponents('valarm').length, 0);
});

test('an answer alone tells nobody; a new hour tells everybody, with a higher number', () => {
  const answered = kept();
  attendeesOf(parts(answered)[0]!).get(BOB)!.setParameter('partstat', 'ACCEPTED');
  assert.deepEqual(messagesOf({ before: kept(), after: answered, owner: [ANN], now }), []);
  const moved = readCalendar(kept().toString().replace('DTSTART:20260504T070000Z', 'DTSTART:20260504T060000Z'));
  const [sent] = messagesOf({ before: kept(), after: moved, owner: [ANN], now });
  assert.equal(textOf(sent!.message.parts[0]!, 'sequence'), '1');
  assert.equal(textOf(parts(moved)[0]!, 'sequence'), '1', 'the kept one has the number that was sent');
});

test('what somebody keeps for themselves is nobody else’s to change, whoever knows its UID', () => {
  const own = readCalendar(
    calendar(...meeting().filter((line) => !line.startsWith('ORGANIZER') && !line.startsWith('ATTENDEE'))),
  );
  for (const method of ['REQUEST', 'CANCEL', 'ADD', 'PUBLISH']) {
    const receipt = { kept: own, message: message(method, ...meeting('SEQUENCE:7')), ...toBob };
    assert.equal(applyMessage(receipt).kind, 'not-theirs', method);
  }
});

test('who is no longer invited, or whose meeting is gone, is told so', () => {
  const without = readCalendar(
    kept()
      .toString()
      .replace(/ATTENDEE;PARTSTAT=NEEDS-ACTION[^\r]*\r\n/, ''),
  );
  for (const after of [without, undefined]) {
    const sent = messagesOf({ before: kept(), after, owner: [ANN], now });
    assert.deepEqual(
      sent.map(({ to, message }) => [to, message.method, textOf(message.parts[0]!, 'status')]),
      [[BOB, 'CANCEL', 'CANCELLED']],
    );
  }
});

test('a client that tells attendees itself is left to it', () => {
  const own = readCalendar(kept().toString().replace('RSVP=TRUE', 'RSVP=TRUE;SCHEDULE-AGENT=CLIENT'));
  assert.deepEqual(messagesOf({ before: undefined, after: own, owner: [ANN], now }), []);
});

test('an attendee who answers tells the organiser their own word and nothing of others', () => {
  const after = kept();
  attendeesOf(parts(after)[0]!).get(BOB)!.setParameter('partstat', 'TENTATIVE');
  const [sent, ...rest] = messagesOf({ before: kept(), after, owner: [BOB], now });
  assert.deepEqual(rest, []);
  assert.equal(sent?.to, ANN);
  assert.deepEqual([...attendeesOf(sent!.message.parts[0]!).keys()], [BOB]);
  assert.equal(wordOf(sent!.message.parts[0]!, BOB), 'TENTATIVE');
  const [gone] = messagesOf({ before: kept(), after: undefined, owner: [BOB], now });
  assert.equal(wordOf(gone!.message.parts[0]!, BOB), 'DECLINED');
});

test('EX-61: what was said earlier and comes late changes nothing, without an error', () => {
  const newer = kept('SEQUENCE:3');
  assert.equal(
    applyMessage({ kept: newer, message: message('REQUEST', ...meeting('SEQUENCE:2')), ...toBob }).kind,
    'old',
  );
  assert.equal(
    applyMessage({ kept: newer, message: message('REQUEST', ...meeting('SEQUENCE:3')), ...toBob }).kind,
    'old',
  );
});

test('a changed meeting keeps what the attendee put there; one that moved asks for an answer again', () => {
  const mine = readCalendar(
    kept('CATEGORIES:Important', 'BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER:-PT5M', 'DESCRIPTION:x', 'END:VALARM')
      .toString()
      .replace('PARTSTAT=NEEDS-ACTION', 'PARTSTAT=ACCEPTED'),
  );
  const named = meeting().map((line) =>
    line.replace('SUMMARY:Plan', 'SUMMARY:New plan').replace('DTSTAMP:20260430', 'DTSTAMP:20260501'),
  );
  const [renamed] = parts(changed(applyMessage({ kept: mine, message: message('REQUEST', ...named), ...toBob })));
  assert.deepEqual(
    [
      textOf(renamed!, 'summary'),
      textOf(renamed!, 'categories'),
      wordOf(renamed!, BOB),
      renamed!.getAllSubcomponents('valarm').length,
    ],
    ['New plan', 'Important', 'ACCEPTED', 1],
  );
  const later = meeting('SEQUENCE:1').map((line) => line.replace('20260504T07', '20260505T07'));
  const [moved] = parts(changed(applyMessage({ kept: mine, message: message('REQUEST', ...later), ...toBob })));
  assert.equal(wordOf(moved!, BOB), 'NEEDS-ACTION');
});

test('EX-62: only the organiser cancels, and what is cancelled stays to be seen', () => {
  const cancel = message('CANCEL', ...meeting('SEQUENCE:1', 'STATUS:CANCELLED'));
  assert.equal(applyMessage({ kept: kept(), message: cancel, sender: TOM, recipient: [BOB] }).kind, 'not-theirs');
  const [part] = parts(changed(applyMessage({ kept: kept(), message: cancel, ...toBob })));
  assert.equal(textOf(part!, 'status'), 'CANCELLED');
});

test('one instance that is cancelled leaves the others', () => {
  const series = kept('RRULE:FREQ=WEEKLY;COUNT=4');
  const cancel = message('CANCEL', ...meeting('RECURRENCE-ID:20260511T070000Z', 'SEQUENCE:1'));
  const found = parts(changed(applyMessage({ kept: series, message: cancel, ...toBob })));
  assert.deepEqual(
    found.map((part) => [recurrenceOf(part), textOf(part, 'status')]),
    [
      [undefined, null],
      ['2026-05-11T07:00:00Z', 'CANCELLED'],
    ],
  );
});

test('EX-63, EX-64: an answer without its organiser and in capitals counts for who sent it; of a stranger, for nobody', () => {
  const [part] = parts(changed(applyMessage({ kept: kept(), message: reply('ACCEPTED'), ...toAnn })));
  assert.equal(wordOf(part!, BOB), 'ACCEPTED');
  assert.equal(attendeesOf(part!).size, 2);
  assert.equal(
    applyMessage({ kept: kept(), message: reply('ACCEPTED'), sender: TOM, recipient: [ANN] }).kind,
    'not-theirs',
  );
});

test('an answer about one instance is kept for that instance', () => {
  const series = kept('RRULE:FREQ=WEEKLY;COUNT=4');
  const outcome = applyMessage({
    kept: series,
    message: reply('DECLINED', 'RECURRENCE-ID:20260511T070000Z'),
    ...toAnn,
  });
  const [master, exception] = parts(changed(outcome));
  assert.equal(wordOf(master!, BOB), 'NEEDS-ACTION');
  assert.equal(wordOf(exception!, BOB), 'DECLINED');
  assert.equal(textOf(exception!, 'dtend'), '2026-05-11T08:00:00Z');
});

test('a counter-proposal changes nothing until the organiser says so', () => {
  const counter = message('COUNTER', ...meeting());
  assert.equal(applyMessage({ kept: kept(), message: counter, ...toAnn }).kind, 'proposal');
  assert.equal(applyMessage({ kept: kept(), message: counter, sender: TOM, recipient: [ANN] }).kind, 'not-theirs');
});

test('instances added to what is not here are asked for as a whole', () => {
  const add = message('ADD', ...meeting('SEQUENCE:1').map((line) => line.replace('20260504', '20260506')));
  assert.equal(applyMessage({ kept: undefined, message: add, ...toBob }).kind, 'ask-for-whole');
  const [part] = parts(changed(applyMessage({ kept: kept(), message: add, ...toBob })));
  assert.equal(textOf(part!, 'rdate'), '2026-05-06T07:00:00Z');
});

test('nobody invites in the name of another, and nothing of their machine comes along', () => {
  const invitation = message(
    'REQUEST',
    ...meeting('ATTACH:file:///etc/passwd', 'ATTACH:https://fabrikam.example/plan.pdf').slice(0, -1),
    'BEGIN:VALARM',
    'ACTION:AUDIO',
    'TRIGGER:-PT5M',
    'END:VALARM',
    'END:VEVENT',
  );
  assert.equal(
    applyMessage({ kept: undefined, message: invitation, sender: TOM, recipient: [BOB] }).kind,
    'not-theirs',
  );
  const outcome = changed(applyMessage({ kept: undefined, message: invitation, ...toBob }));
  assert.equal(outcome.getFirstPropertyValue('method'), null);
  const [part] = parts(outcome);
  assert.deepEqual(
    part?.getAllProperties('attach').map((one) => one.getFirstValue()),
    ['https://fabrikam.example/plan.pdf'],
  );
  assert.equal(part?.getAllSubcomponents('valarm').length, 0);
});

test('two changes within one second are told in their order, and so are two answers', () => {
  const first = kept();
  messagesOf({ before: undefined, after: first, owner: [ANN], now });
  const second = readCalendar(first.toString().replace('SUMMARY:Plan', 'SUMMARY:New plan'));
  const [told] = messagesOf({ before: first, after: second, owner: [ANN], now });
  assert.equal(applyMessage({ kept: first, message: told!.message, ...toBob }).kind, 'changed');

  const own = kept();
  const say = (word: string, before: ICAL.Component) => {
    const after = readCalendar(before.toString());
    attendeesOf(parts(after)[0]!).get(BOB)!.setParameter('partstat', word);
    const [sent] = messagesOf({ before, after, owner: [BOB], now });
    return { after, message: sent!.message };
  };
  const yes = say('ACCEPTED', own);
  const no = say('DECLINED', yes.after);
  const heardNo = changed(applyMessage({ kept: kept(), message: no.message, ...toAnn }));
  assert.equal(
    applyMessage({ kept: heardNo, message: yes.message, ...toAnn }).kind,
    'old',
    'the earlier one comes late',
  );
});

test('a meeting that moved is asked about again; an instance that somebody is not invited to is not in their series', () => {
  const before = readCalendar(kept('RRULE:FREQ=WEEKLY;COUNT=4').toString().replace('NEEDS-ACTION', 'ACCEPTED'));
  const after = readCalendar(before.toString().replace('DTSTART:20260504T07', 'DTSTART:20260504T06'));
  messagesOf({ before, after, owner: [ANN], now });
  assert.equal(wordOf(parts(after)[0]!, BOB), 'NEEDS-ACTION');
  const alone = meeting('RECURRENCE-ID:20260511T070000Z').filter((line) => !line.includes(BOB));
  const series = readCalendar(calendar(...meeting('RRULE:FREQ=WEEKLY;COUNT=4'), ...alone));
  const [sent] = messagesOf({ before: undefined, after: series, owner: [ANN], now });
  assert.equal(sent!.message.parts.length, 1);
  assert.equal(textOf(sent!.message.parts[0]!, 'exdate'), '2026-05-11T07:00:00Z');
});

test('an attendee who takes an instance out of their copy has declined it', () => {
  const before = readCalendar(kept('RRULE:FREQ=WEEKLY;COUNT=4').toString().replace('NEEDS-ACTION', 'ACCEPTED'));
  const after = readCalendar(before.toString().replace('SUMMARY:', 'EXDATE:20260511T070000Z\r\nSUMMARY:'));
  const [sent, ...more] = messagesOf({ before, after, owner: [BOB], now });
  assert.deepEqual(more, []);
  const [part] = sent!.message.parts;
  assert.deepEqual([recurrenceOf(part!), wordOf(part!, BOB)], ['2026-05-11T07:00:00Z', 'DECLINED']);
});

test('whoever says that they sent it for the organiser is believed about a new meeting, not about a known one', () => {
  const sentBy = (address: string) =>
    meeting('SEQUENCE:1').map((line) => line.replace('ORGANIZER:', `ORGANIZER;SENT-BY="mailto:${address}":`));
  const outcome = (known: ICAL.Component | undefined, address: string) =>
    applyMessage({ kept: known, message: message('REQUEST', ...sentBy(address)), sender: address, recipient: [BOB] })
      .kind;
  assert.equal(outcome(undefined, TOM), 'changed');
  assert.equal(outcome(kept(), TOM), 'not-theirs');
  assert.equal(outcome(kept(), 'anders@fabrikam.example'), 'changed', 'a delegate of the same organisation');
});

test('an attendee keeps what is theirs, and says nothing of what is the organiser’s', () => {
  const copy = kept('RRULE:FREQ=WEEKLY;COUNT=4');
  const changedTo = (from: string, to: string) => readCalendar(copy.toString().replace(from, to));
  assert.equal(oversteps(copy, changedTo('SUMMARY:Plan', 'TRANSP:TRANSPARENT\r\nSUMMARY:Plan')), false);
  assert.equal(oversteps(copy, changedTo('FREQ=WEEKLY;COUNT=4', 'COUNT=4;FREQ=WEEKLY')), false);
  assert.equal(oversteps(copy, changedTo('COUNT=4', 'COUNT=5')), true);
  assert.equal(oversteps(copy, changedTo('DTEND:20260504T08', 'DTEND:20260504T09')), true);
  assert.equal(oversteps(copy, changedTo(`ORGANIZER:mailto:${ANN}`, `ORGANIZER:mailto:${BOB}`)), true);
});
