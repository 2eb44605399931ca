import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../icalendar/index.ts';
import { readImip } from './imip.ts';

const CRLF = '\r\n';
const lines = (...all: string[]) => all.join(CRLF) + CRLF;

const invitation = (method: string) =>
  lines(
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Outside//EN',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    'UID:plan@outside.example',
    'DTSTAMP:20260430T080000Z',
    'DTSTART:20260504T070000Z',
    'DTEND:20260504T080000Z',
    'SUMMARY:Übersicht',
    'ORGANIZER:mailto:zoe@outside.example',
    'ATTENDEE;RSVP=TRUE:mailto:ann@fabrikam.example',
    'END:VEVENT',
    'END:VCALENDAR',
  );

const head = [
  'From: Zoe <Zoe@Outside.example>',
  'To: ann@fabrikam.example',
  'Subject: Plan',
  'Message-ID: <1@outside.example>',
  'MIME-Version: 1.0',
];
const part = (type: string, body: string, ...headers: string[]) =>
  lines('--b', `Content-Type: ${type}`, ...headers, '', body);
const multipart = (kind: string, ...parts: string[]) =>
  `${lines(...head, `Content-Type: multipart/${kind}; boundary="b"`, '')}${parts.join('')}--b--${CRLF}`;
const base64 = (text: string) =>
  (
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join(CRLF);

/** As Outlook writes it: the calendar as one form of the text, in base64, the method last. */
const outlook = (method = 'REQUEST') =>
  multipart(
    'alternative',
    part('text/plain; charset="utf-8"', 'Plan'),
    part('text/html; charset="utf-8"', '<p>Plan</p>'),
    part(
      `text/calendar; charset="utf-8"; method=${method}`,
      base64(invitation('REQUEST')),
      'Content-Transfer-Encoding: base64',
    ),
  );

/** As Google writes it: the calendar among the forms, and once more as a file. */
const google = multipart(
  'mixed',
  lines(
    '--b',
    'Content-Type: multipart/alternative; boundary="c"',
    '',
    '--c',
    'Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes',
    '',
    'Plan',
    '--c',
    'Content-Type: text/calendar; charset="UTF-8"; method=REQUEST',
    'Content-Transfer-Encoding: 7bit',
    '',
    invitation('REQUEST').replace('Ü', 'U'),
    '--c--',
  ),
  part(
    'application/ics; name="invite.ics"',
    base64(invitation('REQUEST').replace('Ü', 'U')),
    'Content-Disposition: attachment; filename="invite.ics"',
    'Content-Transfer-Encoding: base64',
  ),
);

/** As Apple writes it: quoted-printable, the name and the method in another order, and the same text as a file. */
const apple = multipart(
  'alternative',
  part('text/plain; charset=utf-8', 'Plan'),
  part(
    'text/calendar; method=REPLY; charset=utf-8; name="iCal.ics"',
    invitation('REPLY').replaceAll('=', '=3D').replace('Ü', '=C3=9C'),
    'Content-Transfer-Encoding: quoted-printable',
  ),
);

test('invitations are read as Outlook, Google and Apple write them', async () => {
  for (const [mime, method, summary] of [
    [outlook(), 'REQUEST', 'Übersicht'],
    [google, 'REQUEST', 'Ubersicht'],
    [apple, 'REPLY', 'Übersicht'],
  ] as const) {
    const { from, messageId, message, problems } = await readImip(mime);
    assert.deepEqual([from, messageId, problems], ['zoe@outside.example', '<1@outside.example>', []]);
    assert.equal(message?.method, method);
    assert.equal(textOf(message!.parts[0]!, 'summary'), summary);
  }
});

test('a letter that does not say one thing clearly says nothing to a calendar', async () => {
  const problemsOf = async (mime: string | Uint8Array) => (await readImip(mime)).problems;
  assert.deepEqual(await problemsOf(outlook('CANCEL')), ['methods-differ']);
  const calendar = (method: string, text: string) => part(`text/calendar; charset=utf-8${method}`, text);
  assert.deepEqual(await problemsOf(multipart('mixed', calendar('', invitation('REQUEST')))), ['no-method']);
  const two = [calendar('; method=REQUEST', invitation('REQUEST')), calendar('; method=CANCEL', invitation('CANCEL'))];
  assert.deepEqual(await problemsOf(multipart('mixed', ...two)), ['several-calendars']);
  assert.deepEqual(await problemsOf(multipart('mixed', calendar('; method=REQUEST', 'BEGIN:NOTHING'))), [
    'not-a-message',
  ]);
  assert.deepEqual(await problemsOf(lines(...head, '', 'Hello')), ['no-calendar']);
  const long = invitation('REQUEST').replace('SUMMARY:', `DESCRIPTION:${'x'.repeat(2 * 1024 * 1024)}${CRLF}SUMMARY:`);
  assert.deepEqual(await problemsOf(multipart('mixed', calendar('; method=REQUEST', long))), ['too-large']);
});
