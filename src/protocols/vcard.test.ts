import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CardTextError, pickOfCard, printCard, readCard } from './vcard.ts';

const card = (...lines: string[]) => ['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n');

test('a contact is one vCard of version 3.0 or 4.0 with a UID and a name', () => {
  const { uid, fullName } = readCard(card('VERSION:4.0', 'UID:urn:uuid:1', 'FN:Eva Öberg'));
  assert.deepEqual([uid, fullName], ['urn:uuid:1', 'Eva Öberg']);
  const good = card('VERSION:3.0', 'UID:1', 'FN:Eva');
  for (const text of [
    '',
    'BEGIN:VCARD',
    good + good,
    card('VERSION:2.1', 'UID:1', 'FN:Eva'),
    card('VERSION:3.0', 'FN:Eva'),
    card('VERSION:3.0', 'UID:1'),
    card('VERSION:3.0', 'UID:1', 'FN:Eva', 'UID:2'),
    'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n',
  ]) {
    assert.throws(() => readCard(text), CardTextError, text);
  }
});

test('a card that is printed reads as what it was made of, however long and strange', () => {
  const fullName = `Öberg, Eva; "the long" ${'å'.repeat(90)}`;
  const text = printCard({ uid: 'u', fullName, addresses: ['eva@home.example'], organisation: 'R;D, Inc' });
  assert.ok(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75));
  const read = readCard(text);
  assert.equal(read.fullName, fullName);
  assert.equal(read.component.getFirstPropertyValue('email'), 'eva@home.example');
});

test('of a card that was asked for in part, those parts come as they were sent', () => {
  const text = card('VERSION:3.0', 'UID:1', 'FN:Eva', 'item1.EMAIL:eva@home', ' .example', 'NOTE:secret', '  goes on');
  assert.equal(
    pickOfCard(text, new Set(['fn', 'email'])),
    card('VERSION:3.0', 'FN:Eva', 'item1.EMAIL:eva@home', ' .example'),
  );
});

test('parameters without a name, as old programs write them, are read', () => {
  const text = card(
    'VERSION:3.0',
    'UID:1',
    'FN:Eva',
    'TEL;HOME;VOICE:1',
    'PHOTO;BASE64:',
    '  AAAA',
    'EMAIL;TYPE="a;b":x',
  );
  assert.equal(readCard(text).component.getAllProperties('tel').length, 1);
});
