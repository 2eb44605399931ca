import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { insertCalendar } from '../../src/calendars/store/calendars.ts';
import { findObject } from '../../src/calendars/store/objects.ts';
import { removeCalendar } from '../../src/calendars/usecases/calendars.ts';
import { putObject } from '../../src/calendars/usecases/objects.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { readCalendar, textOf } from '../../src/protocols/icalendar/index.ts';
import { eventually } from '../support/eventually.ts';
import { answered, attendeeIn, meeting, meetingsOf, startMailServer } from '../support/meetings.ts';
import { type People, type Person, startPeople } from '../support/people.ts';

const ANN = 'ann@fabrikam.example';
const ANDERS = 'anders@fabrikam.example';
const BOB = 'bob@contoso.example';
const STRANGER = 'zoe@outside.example';

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

const refusal = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

test('a meeting at home is in the calendar of who is invited at once, and the answer with its organiser', async () => {
  const { ann, anders } = people.fabrikam;
  const kept = await as.put(ann, 'home.ics', meeting('home', ANN, [ANN, ANDERS]));
  assert.deepEqual(attendeeIn(kept, ANDERS), { word: 'NEEDS-ACTION', status: '1.2' });
  const invitation = await as.copy(anders, 'home');
  assert.equal(invitation?.summary, 'Plan');
  await as.put(anders, invitation!.name, answered(invitation!, ANDERS, 'ACCEPTED'));
  const told = await as.copy(ann, 'home');
  assert.deepEqual(attendeeIn(told, ANDERS), { word: 'ACCEPTED', status: '2.0' });
  assert.equal(told?.scheduleTag, kept.scheduleTag, 'an answer is no change of the meeting');
  assert.notEqual(told?.etag, kept.etag);
});

test('a meeting across organisations is invited to, answered, moved and cancelled', async () => {
  const { ann } = people.fabrikam;
  const { bob } = people.contoso;
  await as.put(ann, 'across.ics', meeting('across', ANN, [ANN, BOB]));
  const invitation = await eventually(() => as.copy(bob, 'across'));
  const delivered = await eventually(async () => {
    const own = await as.copy(ann, 'across');
    return attendeeIn(own, BOB)?.status === '1.2' && own;
  });
  await as.put(bob, invitation.name, answered(invitation, BOB, 'ACCEPTED'));
  const told = await eventually(async () => {
    const own = await as.copy(ann, 'across');
    return attendeeIn(own, BOB)?.word === 'ACCEPTED' && own;
  });
  assert.equal(told.scheduleTag, delivered.scheduleTag);

  await as.put(ann, 'across.ics', told.content.replace('DTSTART:20270504T070000Z', 'DTSTART:20270504T060000Z'));
  const moved = await eventually(async () => {
    const theirs = await as.copy(bob, 'across');
    return theirs?.content.includes('DTSTART:20270504T060000Z') && theirs;
  });
  assert.deepEqual(attendeeIn(moved, BOB)?.word, 'NEEDS-ACTION', 'who accepted the old hour is asked again');
  assert.equal(moved.name, invitation.name);

  await as.remove(ann, 'across.ics');
  await eventually(async () => {
    const theirs = await as.copy(bob, 'across');
    return theirs && textOf(readCalendar(theirs.content).getFirstSubcomponent('vevent')!, 'status') === 'CANCELLED';
  });
});

test('EX-17: what became of an invitation is asked of a partner only where both let it be, and tells that alone', async () => {
  const { ann, anders } = people.fabrikam;
  const { bob, carla } = people.contoso;
  const meetingOf = (uid: string, attendee: string) => as.put(ann, `${uid}.ics`, meeting(uid, ANN, [ANN, attendee]));
  const [told, lost] = [await meetingOf('traced', BOB), await meetingOf('lost', 'nobody@contoso.example')];
  await eventually(async () => attendeeIn(await as.copy(ann, 'traced'), BOB)?.status === '1.2');
  await eventually(async () => attendeeIn(await as.copy(ann, 'lost'), 'nobody@contoso.example')?.status === '3.7');
  const back = await as.put(bob, 'back.ics', meeting('back', BOB, [BOB, ANN]));
  await eventually(async () => attendeeIn(await as.copy(bob, 'back'), ANN)?.status === '1.2');
  const trace = (who: Person, eventId: string, recipient: string) =>
    people.api(who)('POST', '/me/delivery-reports', { eventId, recipient });
  const relate = async (administrator: Person, domain: string, deliveryReportEnabled: boolean) => {
    const body = { name: domain, domainNames: [domain], deliveryReportEnabled };
    const { status, body: made } = await people.api(administrator)('POST', '/admin/organization-relationships', body);
    assert.equal(status, 201, JSON.stringify(made));
    const path = `/admin/organization-relationships/${made.id}`;
    return (changes: object) => people.api(administrator)('PATCH', path, changes);
  };
  const refused = async (from: Person, eventId: string, to: string, code: string) => {
    const answer = await trace(from, eventId, to);
    assert.deepEqual([answer.status, answer.body.code], [403, code], JSON.stringify(answer.body));
  };
  await refused(ann, told.id, BOB, 'access.refused');
  const ours = await relate(ann, 'contoso.example', true);
  // On one side alone: refused in both directions.
  await refused(ann, told.id, BOB, 'calendars.tracing-refused');
  await refused(bob, back.id, ANN, 'access.refused');
  const theirs = await relate(carla, 'fabrikam.example', true);

  const { status, body } = await trace(ann, told.id, BOB);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(Object.keys(body).sort(), ['method', 'recipient', 'sentAt', 'state']);
  assert.deepEqual([body.method, body.recipient, body.state], ['REQUEST', BOB, 'delivered']);
  assert.equal((await trace(bob, back.id, ANN)).body.state, 'delivered');
  assert.equal((await trace(ann, lost.id, 'nobody@contoso.example')).body.state, 'not-found');
  // Once the message is put away there, the calendar still tells.
  for (const { id } of (await people.api(bob)('GET', '/me/meeting-messages')).body.value)
    await people.api(bob)('DELETE', `/me/meeting-messages/${id}`);
  assert.equal((await trace(ann, told.id, BOB)).body.state, 'delivered');
  // Of what others sent, or what was not sent, nothing.
  assert.equal((await trace(anders, told.id, BOB)).status, 404);
  assert.equal((await trace(bob, told.id, ANN)).status, 404);
  assert.equal((await trace(ann, told.id, 'carla@contoso.example')).status, 404);

  assert.equal((await theirs({ deliveryReportEnabled: false })).status, 200);
  await refused(ann, told.id, BOB, 'calendars.tracing-refused');
  await refused(bob, back.id, ANN, 'access.refused');
  assert.equal((await theirs({ deliveryReportEnabled: true, enabled: false })).status, 200);
  await refused(ann, told.id, BOB, 'calendars.tracing-refused');
  assert.equal((await ours({ enabled: false })).status, 200);
});

test('somebody elsewhere gets a letter that people and programs can read', async () => {
  const { ann } = people.fabrikam;
  await as.put(ann, 'letter.ics', meeting('letter', ANN, [ANN, STRANGER], 'LOCATION:Room <1>'));
  const letter = await eventually(async () => mail.received.find(({ to }) => to === STRANGER));
  const parsed = await PostalMime.parse(letter.content);
  assert.equal(parsed.subject, 'Invitation: Plan');
  assert.equal(parsed.replyTo?.[0]?.address, ANN);
  assert.match(parsed.text ?? '', /invites you[\s\S]*Tuesday,? 4 May 2027/);
  assert.match(parsed.html ?? '', /Room &lt;1&gt;/);
  assert.match(letter.content, /multipart\/alternative/);
  assert.match(letter.content, /Content-Type: text\/calendar; charset=utf-8; method=REQUEST/i);
  const files = parsed.attachments.map(({ mimeType, filename, content }) => [
    mimeType,
    filename,
    String(content).length > 0,
  ]);
  assert.deepEqual(
    files.filter(([type]) => type === 'application/ics'),
    [['application/ics', 'invite.ics', true]],
  );
  await eventually(async () => attendeeIn(await as.copy(ann, 'letter'), STRANGER)?.status === '1.1');
  await as.remove(ann, 'letter.ics');
  await eventually(async () => mail.received.some(({ content }) => /method=CANCEL/i.test(content)));
});

test('an address of ours that nobody has, and one of a partner that nobody has, are told as unknown', async () => {
  const { ann } = people.fabrikam;
  const kept = await as.put(ann, 'nobody.ics', meeting('nobody', ANN, ['x@fabrikam.example', 'y@contoso.example']));
  assert.equal(attendeeIn(kept, 'x@fabrikam.example')?.status, '3.7');
  assert.equal(attendeeIn(kept, 'y@contoso.example')?.status, '1.0');
  await eventually(async () => attendeeIn(await as.copy(ann, 'nobody'), 'y@contoso.example')?.status === '3.7');
});

test('whoever is invited by what is no mail address is told as unknown, and written to by nobody', async () => {
  const text = meeting('urn', ANN, ['x']).replace('mailto:x', 'urn:x-uid:40000000-0000-0000-0000-000000000001');
  const kept = await as.put(people.fabrikam.ann, 'urn.ics', text);
  assert.equal(attendeeIn(kept, 'urn:x-uid:40000000-0000-0000-0000-000000000001')?.status, '3.7');
});

test('an attendee says whether they come, and not when it is', async () => {
  const { ann, anders } = people.fabrikam;
  await as.put(ann, 'hour.ics', meeting('hour', ANN, [ANN, ANDERS]));
  const invitation = (await as.copy(anders, 'hour'))!;
  const later = invitation.content.replace('DTSTART:20270504T070000Z', 'DTSTART:20270504T073000Z');
  await assert.rejects(as.put(anders, invitation.name, later), refusal('calendars.not-the-organiser'));
  const alarm = 'BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT';
  const kept = await as.put(anders, invitation.name, invitation.content.replace('END:VEVENT', alarm));
  assert.match(kept.content, /VALARM/);
  assert.doesNotMatch((await as.copy(ann, 'hour'))!.content, /VALARM/);
});

test('somebody who is taken from a meeting and invited again has it again', async () => {
  const { ann, anders } = people.fabrikam;
  const first = await as.put(ann, 'again.ics', meeting('again', ANN, [ANN, ANDERS]));
  const without = first.content.replaceAll('\r\n ', '').replace(/ATTENDEE[^\r]*anders@fabrikam\.example\r\n/, '');
  await as.put(ann, 'again.ics', without);
  assert.match((await as.copy(anders, 'again'))!.content, /STATUS:CANCELLED/);
  const again = (await as.copy(ann, 'again'))!.content;
  await as.put(ann, 'again.ics', again.replace('END:VEVENT', `ATTENDEE:mailto:${ANDERS}\r\nEND:VEVENT`));
  assert.doesNotMatch((await as.copy(anders, 'again'))!.content, /STATUS:CANCELLED/);
});

test('what is no meeting any more has no Schedule-Tag, and is one again with a new one (RFC 6638 §3.2.10)', async () => {
  const { ann, anders } = people.fabrikam;
  const invited = await as.put(ann, 'alone.ics', meeting('alone', ANN, [ANN, ANDERS]));
  const alone = invited.content.replaceAll('\r\n ', '').replace(/(?:ORGANIZER|ATTENDEE)[^\r]*\r\n/g, '');
  assert.equal((await as.put(ann, 'alone.ics', alone)).scheduleTag, null);
  assert.match((await as.copy(anders, 'alone'))!.content, /STATUS:CANCELLED/);
  const again = await as.put(ann, 'alone.ics', meeting('alone', ANN, [ANN, ANDERS]));
  assert.ok(again.scheduleTag !== null && again.scheduleTag !== invited.scheduleTag);
});

test('an invitation with the UID of an event that its reader keeps for themselves stands beside it', async () => {
  const { ann, anders } = people.fabrikam;
  const text = meeting('same', ANN, [ANN, ANDERS]);
  const own = await as.put(
    anders,
    'own.ics',
    text.replace(/(?:ORGANIZER|ATTENDEE)[^\r]*\r\n/g, '').replace('Plan', 'Own'),
  );
  await as.put(ann, 'same.ics', text);
  const invitation = (await as.copy(anders, 'same'))!;
  assert.equal(invitation.summary, 'Plan');
  const kept = await as.as(anders, (ctx) => findObject(ctx, { id: own.id }));
  assert.deepEqual([kept?.summary, kept?.name, kept?.organizer], ['Own', 'own.ics', null]);
  assert.notEqual(kept?.uid, 'same');
  // A cancellation acts on the invitation alone.
  await as.remove(ann, 'same.ics');
  assert.match((await as.copy(anders, 'same'))!.content, /STATUS:CANCELLED/);
  assert.equal((await as.as(anders, (ctx) => findObject(ctx, { id: own.id })))?.etag, kept?.etag);
});

test('a program that forgets the number of a meeting that moved is heard all the same', async () => {
  const { ann, anders } = people.fabrikam;
  const text = meeting('numbered', ANN, [ANN, ANDERS]);
  await as.put(ann, 'numbered.ics', text);
  await as.put(ann, 'numbered.ics', text.replace('T070000Z', 'T060000Z'));
  const invitation = (await as.copy(anders, 'numbered'))!;
  assert.match(invitation.content, /SEQUENCE:1/);
  const forgetful = { ...invitation, content: invitation.content.replace('SEQUENCE:1\r\n', '') };
  const kept = await as.put(anders, invitation.name, answered(forgetful, ANDERS, 'ACCEPTED'));
  assert.match(kept.content, /SEQUENCE:1/);
  assert.equal(attendeeIn(await as.copy(ann, 'numbered'), ANDERS)?.word, 'ACCEPTED');
});

test('a meeting that is moved into another calendar of its owner is news to nobody', async () => {
  const { ann, anders } = people.fabrikam;
  const text = meeting('between', ANN, [ANN, ANDERS]);
  await as.put(ann, 'between.ics', text);
  const invitation = (await as.copy(anders, 'between'))!;
  const other = await as.as(ann, (ctx) =>
    insertCalendar(ctx, { owner: { kind: 'account', id: ann.id }, name: 'Work', slug: 'work' }),
  );
  await as.as(ann, (ctx) => putObject(ctx, { calendarId: other.id, name: 'between.ics', text }));
  await as.remove(ann, 'between.ics');
  assert.equal((await as.copy(anders, 'between'))?.etag, invitation.etag);
  await as.put(anders, invitation.name, answered(invitation, ANDERS, 'ACCEPTED'));
  const own = await as.copy(ann, 'between');
  assert.deepEqual([own?.calendarId, attendeeIn(own, ANDERS)?.word], [other.id, 'ACCEPTED']);
});

test('whoever deletes a calendar cancels their meetings in it, and declines those of others (RFC 6638 §3.2.3.2)', async () => {
  const { ann, anders } = people.fabrikam;
  const calendar = (person: typeof ann, slug: string) =>
    as.as(person, (ctx) => insertCalendar(ctx, { owner: { kind: 'account', id: person.id }, name: slug, slug }));
  const [hers, his] = [await calendar(ann, 'hers'), await calendar(anders, 'his')];
  const put = (person: typeof ann, { id: calendarId }: typeof hers, uid: string, text: string) =>
    as.as(person, (ctx) => putObject(ctx, { calendarId, name: `${uid}.ics`, text }));
  await put(ann, hers, 'called-off', meeting('called-off', ANN, [ANN, ANDERS, STRANGER]));
  await as.put(ann, 'declined.ics', meeting('declined', ANN, [ANN, ANDERS]));
  const invitation = (await as.copy(anders, 'declined'))!;
  await put(anders, his, 'declined', invitation.content);
  await as.remove(anders, invitation.name);
  const letters = () => mail.received.filter(({ to, content }) => to === STRANGER && content.includes('called-off'));
  await eventually(async () => letters().length === 1);

  await as.as(ann, (ctx) => removeCalendar(ctx, hers.id));
  assert.match((await as.copy(anders, 'called-off'))!.content, /STATUS:CANCELLED/);
  await eventually(async () => letters().some(({ content }) => /method=CANCEL/i.test(content)));
  await as.as(anders, (ctx) => removeCalendar(ctx, his.id));
  assert.equal(attendeeIn(await as.copy(ann, 'declined'), ANDERS)?.word, 'DECLINED');
});

test('a group on a meeting brings its people, those of groups within it too, where the organiser may know them', async () => {
  const { ann, anders } = people.fabrikam;
  const api = people.api(ann);
  const made = async (path: string, body: object) => {
    const { status, body: answer } = await api('POST', path, body);
    assert.equal(status, 201, JSON.stringify(answer));
    return answer;
  };
  const user = async (name: string): Promise<Person> => {
    const { id } = await made('/v1.0/users', {
      ...{ accountEnabled: true, displayName: `${name} Nord`, mailNickname: name },
      userPrincipalName: `${name}@fabrikam.example`,
      passwordProfile: { password: 'purple pears ripen late' },
    });
    return { ...ann, id, userPrincipalName: `${name}@fabrikam.example` };
  };
  const [nils, nora] = [await user('nils'), await user('nora')];
  const group = (displayName: string, isShared: boolean, members: readonly string[], more: object = {}) =>
    made('/v1.0/groups', {
      ...{ displayName, mailNickname: displayName, mailEnabled: isShared, securityEnabled: !isShared },
      ...{ groupTypes: isShared ? ['Unified'] : [], ...more },
      'members@odata.bind': members.map((id) => `${people.app.origin}/v1.0/directoryObjects/${id}`),
    });
  const night = await group('night', false, [nils.id]);
  const crew = await group('crew', true, [anders.id, night.id]);
  const secret = await group('secret', true, [nora.id], { visibility: 'HiddenMembership' });
  const { mail: address } = crew;

  await as.put(ann, 'crew.ics', meeting('crew', ANN, [ANN, address, BOB]));
  const own = (await as.copy(ann, 'crew'))!;
  const lines = own.content.replaceAll('\r\n ', '').split('\r\n');
  const line = (of: string) => lines.find((one) => one.startsWith('ATTENDEE') && one.endsWith(`mailto:${of}`)) ?? '';
  assert.match(line(address), /CUTYPE=GROUP/);
  for (const one of [ANDERS, nils.userPrincipalName]) assert.match(line(one), new RegExp(`MEMBER="mailto:${address}"`));
  assert.equal(lines.filter((one) => one.startsWith('ATTENDEE')).length, 5);
  assert.doesNotMatch(line(BOB), /MEMBER/);
  const invitation = (await as.copy(anders, 'crew'))!;
  await as.put(anders, invitation.name, answered(invitation, ANDERS, 'ACCEPTED'));
  assert.equal(attendeeIn(await as.copy(ann, 'crew'), ANDERS)?.word, 'ACCEPTED');
  assert.ok(await as.copy(nils, 'crew'));

  // Who is taken from the meeting stays away, also when the meeting changes; the group is not asked again.
  const now = (await as.copy(ann, 'crew'))!;
  const without = readCalendar(now.content);
  const [part] = without.getAllSubcomponents('vevent');
  const gone = part!.getAllProperties('attendee').find((one) => String(one.getFirstValue()).includes('nils@'));
  part!.removeProperty(gone!);
  await as.put(ann, 'crew.ics', without.toString().replace('SUMMARY:Plan', 'SUMMARY:Night'));
  assert.match((await as.copy(nils, 'crew'))!.content, /STATUS:CANCELLED/);
  assert.equal((await as.copy(anders, 'crew'))?.summary, 'Night');

  // Hidden: from its owner it brings everybody, from others nobody.
  await as.put(ann, 'hidden.ics', meeting('hidden', ANN, [ANN, secret.mail]));
  assert.ok(await as.copy(nora, 'hidden'));
  await as.put(anders, 'unseen.ics', meeting('unseen', ANDERS, [ANDERS, secret.mail]));
  assert.equal(await as.copy(nora, 'unseen'), undefined);
  assert.doesNotMatch((await as.copy(anders, 'unseen'))!.content, /nora/);
  // Of another organisation it is an address like any other.
  const { bob } = people.contoso;
  await as.put(bob, 'abroad.ics', meeting('abroad', BOB, [BOB, address]));
  assert.doesNotMatch((await as.copy(bob, 'abroad'))!.content, /nils|GROUP/);
});
