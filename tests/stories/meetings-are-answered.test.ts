import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { putGrant } from '../../src/access/index.ts';
import { listInbox } from '../../src/calendars/store/scheduling.ts';
import { ownDefaultCalendar } from '../../src/calendars/usecases/mailboxes.ts';
import { putObject } from '../../src/calendars/usecases/objects.ts';
import { receiveMail } from '../../src/calendars/usecases/receiving.ts';
import { remind } from '../../src/calendars/usecases/reminders.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { resumeTenant, suspendTenant } from '../../src/tenants/index.ts';
import { eventually } from '../support/eventually.ts';
import { attendeeIn, meeting, meetingsOf, startMailServer } from '../support/meetings.ts';
import { type People, type Person, startPeople } from '../support/people.ts';

const ANN = 'ann@fabrikam.example';
const ANDERS = 'anders@fabrikam.example';
const BOB = 'bob@contoso.example';
const ZOE = 'zoe@outside.example';

let people: People;
let mail: Awaited<ReturnType<typeof startMailServer>>;
let as: ReturnType<typeof meetingsOf>;
before(async () => {
  mail = await startMailServer();
  people = await startPeople({ settings: { smtpUrl: mail.url, mailFrom: 'no-reply@entente.example' } });
  as = meetingsOf(people);
});
after(async () => {
  await people?.app.close();
  await mail?.close();
});

const inboxOf = (person: Person, uid: string) =>
  people.app.run({ tenantId: person.tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    listInbox(ctx, { reader: { kind: 'account', id: person.id }, uid, limit: 50 }),
  );
const act = (person: Person, id: string, action: string, body: unknown = {}) =>
  people.api(person)('POST', `/v1.0/me/events/${id}/${action}`, body);

test('an invitation is accepted over Graph with a word to the organiser, who alone may cancel', async () => {
  const { ann } = people.fabrikam;
  const { bob } = people.contoso;
  const own = await as.put(ann, 'graph.ics', meeting('graph', ANN, [ANN, BOB]));
  const invitation = await eventually(() => as.copy(bob, 'graph'));
  const answer = await act(bob, invitation.id, 'accept', { comment: 'I shall be there', sendResponse: true });
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  await eventually(async () => attendeeIn(await as.copy(ann, 'graph'), BOB)?.word === 'ACCEPTED');
  const [reply] = (await inboxOf(ann, 'graph')).filter(({ method }) => method === 'REPLY');
  assert.deepEqual([reply?.sender, reply?.comment], [BOB, 'I shall be there']);

  assert.equal((await act(bob, invitation.id, 'cancel')).status, 400);
  assert.equal((await act(ann, own.id, 'accept')).status, 400);
  assert.equal((await act(ann, own.id, 'cancel', { Comment: 'No time' })).status, 202);
  await eventually(async () => (await as.copy(bob, 'graph'))?.content.includes('STATUS:CANCELLED'));
  assert.equal(await as.copy(ann, 'graph'), undefined);
});

test('an answer that is kept for oneself tells nobody', async () => {
  const { ann, anders } = people.fabrikam;
  await as.put(ann, 'quiet.ics', meeting('quiet', ANN, [ANN, ANDERS]));
  const invitation = (await as.copy(anders, 'quiet'))!;
  assert.equal((await act(anders, invitation.id, 'decline', { sendResponse: false })).status, 202);
  assert.equal(attendeeIn(await as.copy(anders, 'quiet'), ANDERS)?.word, 'DECLINED');
  assert.equal(attendeeIn(await as.copy(ann, 'quiet'), ANDERS)?.word, 'NEEDS-ACTION');
  await act(anders, invitation.id, 'decline', { sendResponse: true });
  assert.equal(attendeeIn(await as.copy(ann, 'quiet'), ANDERS)?.word, 'DECLINED', 'the same answer, said aloud');
});

test('another time is proposed across organisations, and moves the meeting only when the organiser says so', async () => {
  const { ann } = people.fabrikam;
  const { bob } = people.contoso;
  await as.put(ann, 'counter.ics', meeting('counter', ANN, [ANN, BOB]));
  const invitation = await eventually(() => as.copy(bob, 'counter'));
  const proposedNewTime = {
    start: { dateTime: '2027-05-04T09:00:00', timeZone: 'UTC' },
    end: { dateTime: '2027-05-04T10:00:00', timeZone: 'UTC' },
  };
  const propose = () => act(bob, invitation.id, 'tentativelyAccept', { comment: 'Later?', proposedNewTime });
  assert.equal((await propose()).status, 202);
  const ask = people.api(ann);
  const open = async () => (await ask('GET', '/me/meeting-messages?proposals=open')).body.value;
  const proposal = await eventually(async () => (await open())[0]);
  assert.deepEqual([proposal.sender, proposal.comment, proposal.proposal], [BOB, 'Later?', 'open']);
  assert.match((await as.copy(ann, 'counter'))!.content, /DTSTART:20270504T070000Z/);
  const declined = await ask('POST', `/me/meeting-messages/${proposal.id}/decline`, { comment: 'Too late' });
  assert.equal(declined.status, 204, JSON.stringify(declined.body));
  await eventually(async () => (await inboxOf(bob, 'counter')).some(({ method }) => method === 'DECLINECOUNTER'));

  await propose();
  const again = await eventually(async () => (await open())[0]);
  assert.equal((await ask('POST', `/me/meeting-messages/${again.id}/accept`)).status, 204);
  await eventually(async () => (await as.copy(bob, 'counter'))?.content.includes('DTSTART:20270504T090000Z'));
  assert.equal((await ask('POST', `/me/meeting-messages/${again.id}/accept`)).status, 404, 'it is decided once');
});

test('an invitation is passed on, and its organiser is told by whom and to whom', async () => {
  const { ann, anders } = people.fabrikam;
  const { bob } = people.contoso;
  await as.put(ann, 'pass.ics', meeting('pass', ANN, [ANN, ANDERS]));
  const invitation = (await as.copy(anders, 'pass'))!;
  const toRecipients = [BOB, ZOE].map((address) => ({ emailAddress: { address } }));
  const passed = await act(anders, invitation.id, 'forward', { ToRecipients: toRecipients, Comment: 'You too' });
  assert.equal(passed.status, 202, JSON.stringify(passed.body));
  const theirs = await eventually(() => as.copy(bob, 'pass'));
  assert.equal(theirs.organizer, ANN);
  await eventually(async () => mail.received.some(({ to }) => to === ZOE));
  const [told] = (await inboxOf(ann, 'pass')).filter(({ outcome }) => outcome === 'forwarded');
  assert.deepEqual([told?.sender, told?.comment], [ANDERS, `${BOB}, ${ZOE}`]);
});

test('one instance of a series is declined, and another cancelled, and the rest stays', async () => {
  const { ann, anders } = people.fabrikam;
  const own = await as.put(ann, 'series.ics', meeting('series', ANN, [ANN, ANDERS], 'RRULE:FREQ=DAILY;COUNT=4'));
  const invitation = (await as.copy(anders, 'series'))!;
  assert.equal((await act(anders, `${invitation.id}_20270505T070000Z`, 'decline')).status, 202);
  const told = (await as.copy(ann, 'series'))!.content.replaceAll('\r\n ', '');
  assert.match(told, /RECURRENCE-ID:20270505T070000Z/);
  assert.match(told, /PARTSTAT=DECLINED[^\r]*anders@fabrikam/);
  assert.equal(attendeeIn(await as.copy(ann, 'series'), ANDERS)?.word, 'NEEDS-ACTION');
  assert.equal((await act(ann, `${own.id}_20270506T070000Z`, 'cancel')).status, 202);
  const theirs = (await as.copy(anders, 'series'))!.content;
  assert.match(theirs, /EXDATE:20270506T070000Z/);
  assert.match(theirs, /RECURRENCE-ID:20270505T070000Z/, 'their own answer to the other day stays');
});

test('a delegate invites and answers for the owner and is named; somebody who may only write does not', async () => {
  const { ann, anders, id: tenantId } = people.fabrikam;
  const { bob } = people.contoso;
  const calendar = await as.as(ann, (ctx) => ownDefaultCalendar(ctx, 'write'));
  const give = (level: string) =>
    people.app.run({ tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) =>
      putGrant(ctx, {
        kind: 'calendars.calendar',
        subject: { kind: 'account', id: anders.id },
        object: { kind: 'calendar', id: calendar.id },
        level,
        givenBy: ann.id,
      }),
    );
  const text = meeting('delegate', ANN, [ANN, BOB]);
  const put = () => as.as(anders, (ctx) => putObject(ctx, { calendarId: calendar.id, name: 'delegate.ics', text }));
  await give('write');
  await assert.rejects(put(), (error: unknown) => error instanceof Fault && error.code === 'calendars.not-a-delegate');
  await give('delegateWithoutPrivateEventAccess');
  await put();
  const invitation = await eventually(() => as.copy(bob, 'delegate'));
  assert.match(invitation.content.replaceAll('\r\n ', ''), /SENT-BY="?mailto:anders@fabrikam\.example/);
  await act(bob, invitation.id, 'accept');
  await eventually(async () => (await inboxOf(anders, 'delegate')).some(({ method }) => method === 'REPLY'));
  assert.ok((await inboxOf(ann, 'delegate')).some(({ method }) => method === 'REPLY'));

  await people.api(ann)('PATCH', '/me/meeting-settings', { deliverTo: 'sendToDelegateOnly' });
  await act(bob, invitation.id, 'decline');
  await eventually(
    async () => (await inboxOf(anders, 'delegate')).filter(({ method }) => method === 'REPLY').length === 2,
  );
  assert.equal((await inboxOf(ann, 'delegate')).filter(({ method }) => method === 'REPLY').length, 1);
  await people.api(ann)('PATCH', '/me/meeting-settings', { deliverTo: 'sendToDelegateAndPrincipal' });
});

/** A letter as a stranger's program sends it. */
const letter = (method: string, sender: string, ...lines: string[]) =>
  [
    `From: <${sender}>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'Plan',
    '--b',
    `Content-Type: text/calendar; charset=utf-8; method=${method}`,
    '',
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Outside//EN',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    'UID:mailed',
    ...lines,
    'END:VEVENT',
    'END:VCALENDAR',
    '--b--',
    '',
  ].join('\r\n');

test('EX-61, EX-62: of what comes by mail the organiser alone is believed, and the newest alone counts', async () => {
  const { ann } = people.fabrikam;
  const receive = (sender: string, mime: string) =>
    people.app.run({ tenantId: ann.tenantId, actor: { kind: 'system', name: 'mail' } }, (ctx) =>
      receiveMail(ctx, { recipient: ANN, sender, mime }),
    );
  const asked = (hour: string, sequence: number, ...more: string[]) => [
    'DTSTAMP:20260501T080000Z',
    `DTSTART:20270504T${hour}0000Z`,
    `SEQUENCE:${sequence}`,
    `ORGANIZER:mailto:${ZOE}`,
    `ATTENDEE:mailto:${ANN}`,
    ...more,
  ];
  const first = letter(
    'REQUEST',
    ZOE,
    ...asked('07', 2, 'X-ALT-DESC;FMTTYPE=text/html:<p onclick="x()">Hi<script>x()</script></p>'),
  );
  assert.deepEqual(await receive(ZOE, first), { kind: 'received', outcome: 'changed', warning: null });
  const kept = await as.copy(ann, 'mailed');
  assert.doesNotMatch(kept!.content, /script|onclick/);
  assert.match(kept!.content, /TRIGGER:-PT15M/, 'the reader is reminded as they like');
  assert.deepEqual(await receive(ZOE, first), { kind: 'received', outcome: 'changed', warning: null });
  assert.equal((await as.copy(ann, 'mailed'))?.etag, kept?.etag, 'the same letter twice acts once');

  const late = await receive(ZOE, letter('REQUEST', ZOE, ...asked('06', 1)));
  assert.deepEqual(late, { kind: 'received', outcome: 'old', warning: null });
  const forged = await receive(BOB, letter('CANCEL', BOB, ...asked('07', 3)));
  assert.deepEqual(forged, { kind: 'received', outcome: 'not-theirs', warning: 'sender-is-not-organiser' });
  assert.equal((await as.copy(ann, 'mailed'))?.etag, kept?.etag);
  const [shown] = (await inboxOf(ann, 'mailed')).filter(({ method }) => method === 'CANCEL');
  assert.equal(shown?.warning, 'sender-is-not-organiser');
});

test('EX-63, EX-64: an answer by mail counts for whoever sent it, however they write their address', async () => {
  const { ann } = people.fabrikam;
  await as.put(ann, 'mailed-reply.ics', meeting('mailed', ANN, [ANN, ZOE]).replace('UID:mailed', 'UID:answered'));
  const receive = (sender: string) => {
    const mime = letter(
      'REPLY',
      sender,
      'DTSTAMP:20261201T080000Z',
      `ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:${ZOE.toUpperCase()}`,
    );
    return people.app.run({ tenantId: ann.tenantId, actor: { kind: 'system', name: 'mail' } }, (ctx) =>
      receiveMail(ctx, { recipient: ANN, sender, mime: mime.replace('UID:mailed', 'UID:answered') }),
    );
  };
  assert.deepEqual(await receive('eve@outside.example'), {
    kind: 'received',
    outcome: 'not-theirs',
    warning: 'sender-is-not-invited',
  });
  assert.equal(attendeeIn(await as.copy(ann, 'answered'), ZOE)?.word, 'NEEDS-ACTION');
  await receive(ZOE);
  const own = await as.copy(ann, 'answered');
  assert.deepEqual(attendeeIn(own, ZOE), { word: 'ACCEPTED', status: '2.0' });
  assert.equal(own!.content.match(/^ATTENDEE/gm)?.length, 2);
});

test('a batch that was interrupted and is run again tells everybody once', async () => {
  const { ann } = people.fabrikam;
  const { bob } = people.contoso;
  const guests = Array.from({ length: 5 }, (_, at) => `guest${at}@outside.example`);
  await as.put(ann, 'once.ics', meeting('once', ANN, [ANN, BOB, ...guests]));
  await eventually(async () => attendeeIn(await as.copy(ann, 'once'), guests[4]!)?.status === '1.1');
  await eventually(async () => attendeeIn(await as.copy(ann, 'once'), BOB)?.status === '1.2');
  await rerun('once');
  await eventually(async () => guests.every((guest) => mail.received.some(({ to }) => to === guest)));
  for (const guest of guests) assert.equal(mail.received.filter(({ to }) => to === guest).length, 1);
  assert.equal((await inboxOf(bob, 'once')).length, 1);
});

/** Runs every job of sending anew, with the messages to partners waiting again as if nobody had written their end. */
async function rerun(uid: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  const { rows } = await client.query(
    "update calendars.outgoing set state = 'waiting' where uid = $1 and recipient like '%contoso%' returning tenant_id, batch_id",
    [uid],
  );
  for (const { tenant_id: tenantId, batch_id: batchId } of rows) {
    const payload = JSON.stringify({ tenantId, batchId, correlationId: batchId });
    await client.query("select platform.add_job('calendars.send-messages', $1::json, null, 3, null, null)", [payload]);
  }
  await eventually(async () => {
    const left = await client.query("select 1 from calendars.outgoing where uid = $1 and state = 'waiting'", [uid]);
    return left.rowCount === 0;
  });
  await client.end();
}

test('what is over concerns nobody: neither its import nor its end is told', async () => {
  const { ann, anders } = people.fabrikam;
  const past = meeting('past', ANN, [ANN, ANDERS, ZOE]).replaceAll(':2027', ':2020');
  await as.put(ann, 'past.ics', past);
  assert.equal(await as.copy(anders, 'past'), undefined);
  await as.put(ann, 'past.ics', past.replaceAll(':2020', ':2027'));
  assert.ok(await as.copy(anders, 'past'), 'moved to what is to come, it concerns them');
});

test('a partner that cannot take messages now has them once it can', async () => {
  const { ann } = people.fabrikam;
  const { bob, id } = people.contoso;
  const operate = (act: typeof suspendTenant) =>
    people.app.run({ tenantId: id, actor: { kind: 'operator', displayName: 'Operator', accountId: null } }, act);
  await operate(suspendTenant);
  await as.put(ann, 'down.ics', meeting('down', ANN, [ANN, BOB]));
  await eventually(async () => attendeeIn(await as.copy(ann, 'down'), BOB)?.status === '5.1');
  await operate(resumeTenant);
  await rerun('down');
  await eventually(async () => attendeeIn(await as.copy(ann, 'down'), BOB)?.status === '1.2');
  assert.ok(await as.copy(bob, 'down'));
});

test('who wants no unanswered invitations in the calendar (AddNewRequestsTentatively) answers them from the inbox', async () => {
  const { ann, anders } = people.fabrikam;
  const api = people.api(anders);
  const { body: before } = await api('GET', '/me/meeting-settings');
  assert.equal(before.addNewRequestsTentatively, true);
  assert.equal((await api('PATCH', '/me/meeting-settings', { addNewRequestsTentatively: false })).status, 200);
  const waiting = async (uid: string) =>
    (await api('GET', '/me/meeting-messages')).body.value.find(
      (one: { subject: string; outcome: string }) => one.subject === uid && one.outcome === 'waiting',
    );
  const invite = (uid: string) =>
    as.put(ann, `${uid}.ics`, meeting(uid, ANN, [ANN, ANDERS]).replace(':Plan', `:${uid}`));
  const answer = (id: string, word: string) => api('POST', `/me/meeting-messages/${id}/answer`, { answer: word });

  const kept = await invite('not-yet');
  assert.deepEqual(attendeeIn(kept, ANDERS), { word: 'NEEDS-ACTION', status: '1.2' });
  assert.equal(await as.copy(anders, 'not-yet'), undefined, 'nothing takes their time');
  // Moved before it is answered: what they accept is what it is by now.
  await as.put(ann, 'not-yet.ics', kept.content.replace('DTSTART:20270504T070000Z', 'DTSTART:20270504T060000Z'));
  assert.equal(await as.copy(anders, 'not-yet'), undefined);
  const { id } = await waiting('not-yet');
  assert.equal((await people.api(ann)('POST', `/me/meeting-messages/${id}/answer`, { answer: 'accept' })).status, 404);
  assert.equal((await answer(id, 'accept')).status, 204);
  assert.match((await as.copy(anders, 'not-yet'))!.content, /DTSTART:20270504T060000Z/);
  assert.equal(attendeeIn(await as.copy(ann, 'not-yet'), ANDERS)?.word, 'ACCEPTED');
  assert.equal((await answer(id, 'decline')).status, 404, 'it waits no more');
  // Known by now, it changes in the calendar.
  const own = (await as.copy(ann, 'not-yet'))!;
  await as.put(ann, 'not-yet.ics', own.content.replace('SUMMARY:not-yet', 'SUMMARY:not-yet again'));
  assert.equal((await as.copy(anders, 'not-yet'))?.summary, 'not-yet again');

  await invite('no-thanks');
  assert.equal((await answer((await waiting('no-thanks')).id, 'decline')).status, 204);
  assert.equal(await as.copy(anders, 'no-thanks'), undefined);
  assert.equal(attendeeIn(await as.copy(ann, 'no-thanks'), ANDERS)?.word, 'DECLINED');

  await invite('called-off');
  const { id: offId } = await waiting('called-off');
  await as.remove(ann, 'called-off.ics');
  assert.equal((await answer(offId, 'accept')).status, 404);
  assert.equal(await as.copy(anders, 'called-off'), undefined);
  await api('PATCH', '/me/meeting-settings', { addNewRequestsTentatively: true });
  await invite('as-ever');
  assert.ok(await as.copy(anders, 'as-ever'));
});

test('a meeting takes five hundred people and no more', async () => {
  const { ann } = people.fabrikam;
  const many = Array.from({ length: 501 }, (_, at) => `guest${at}@outside.example`);
  await assert.rejects(
    as.put(ann, 'many.ics', meeting('many', ANN, many)),
    (error: unknown) => error instanceof Fault && error.code === 'calendars.too-many-attendees',
  );
  assert.equal(await as.copy(ann, 'many'), undefined);
});

test('a reminder is shown once, put off, put away, and comes for each instance of a series', async () => {
  const { ann } = people.fabrikam;
  const { clock } = people.app;
  // A new token each time, as days go by.
  const shown = async () =>
    (await people.api(ann)('GET', '/me/reminders')).body.value as {
      eventId: string;
      startsAt: string;
      subject: string;
    }[];
  const run = () => people.app.run({ tenantId: ann.tenantId, actor: { kind: 'system', name: 'test' } }, remind);
  const at = (minutes: number) => new Date(clock.now.getTime() + minutes * 60_000);
  const stamp = (date: Date) => date.toISOString().replace(/[-:]|\.\d+/g, '');
  const alarm = (action: string) => [
    'BEGIN:VALARM',
    `ACTION:${action}`,
    'TRIGGER:-PT10M',
    'DESCRIPTION:x',
    'END:VALARM',
  ];
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//F//EN',
    'BEGIN:VEVENT',
    'UID:remind',
    'DTSTAMP:20260101T000000Z',
  ];
  const text = [
    ...[...lines, `DTSTART:${stamp(at(30))}`, 'DURATION:PT30M', 'SUMMARY:Remind', 'RRULE:FREQ=DAILY;COUNT=2'],
    ...[...alarm('DISPLAY'), ...alarm('EMAIL'), 'END:VEVENT', 'END:VCALENDAR', ''],
  ].join('\r\n');
  const object = await as.put(ann, 'remind.ics', text);
  await run();
  assert.deepEqual(await shown(), []);
  clock.advance(21 * 60);
  await run();
  await run();
  const [first, ...more] = await shown();
  assert.deepEqual(more, []);
  await eventually(async () =>
    mail.received.some(({ to, content }) => to === ANN && content.includes('Reminder: Remind')),
  );
  assert.equal(mail.received.filter(({ to }) => to === ANN).length, 1);
  await as.put(ann, 'remind.ics', text.replace('SUMMARY:Remind', 'SUMMARY:Remembered'));
  await run();
  assert.equal((await shown()).length, 1, 'a new title is no new reminder');

  const later = { newReminderTime: { dateTime: at(5).toISOString().slice(0, 19), timeZone: 'UTC' } };
  assert.equal((await act(ann, first!.eventId, 'snoozeReminder', later)).status, 200);
  assert.deepEqual(await shown(), []);
  await as.put(ann, 'remind.ics', text.replace('SUMMARY:Remind', 'SUMMARY:Recalled'));
  await run();
  assert.deepEqual(await shown(), [], 'what was put off stays so when the event is edited');
  clock.advance(6 * 60);
  await run();
  const again = await shown();
  assert.deepEqual(
    again.map(({ subject }) => subject),
    ['Recalled'],
  );
  assert.equal((await act(ann, first!.eventId, 'dismissReminder')).status, 200);
  assert.deepEqual(await shown(), []);
  await run();
  assert.deepEqual(await shown(), []);
  clock.advance(24 * 3600);
  await run();
  const [second] = await shown();
  assert.notEqual(second?.startsAt, first?.startsAt);
  // Moved out of reach of the one that was put off: the alarm counts from the new time.
  assert.equal((await act(ann, second!.eventId, 'snoozeReminder', later)).status, 200);
  const moved = text.replace(/DTSTART:\w+/, `DTSTART:${stamp(at(24 * 60))}`);
  await as.put(ann, 'remind.ics', moved);
  await run();
  assert.deepEqual(await shown(), []);
  clock.advance((24 * 60 - 9) * 60);
  await run();
  assert.equal((await shown()).length, 1);
  await as.remove(ann, object.name);
  assert.deepEqual(await shown(), []);
});
