import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listOutgoingMails } from '../../src/platform/mail-queue.ts';
import { eventually } from '../support/eventually.ts';
import type { Api, ApiAnswer } from '../support/people.ts';
import { becomePartners, startTwoServers, type TwoServers } from '../support/two-servers.ts';

let servers: TwoServers;
let ann: Api;
let carla: Api;
let bob: Api;
let day: string;
before(async () => {
  servers = await startTwoServers();
  const { fabrikam, contoso } = servers;
  ann = fabrikam.api(fabrikam.administrator);
  carla = contoso.api(contoso.administrator);
  bob = contoso.api(contoso.member);
  day = new Date(fabrikam.app.clock.now.getTime() + 86_400_000).toISOString().slice(0, 10);
});
after(() => servers?.close());

const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};
const at = (time: string) => ({ dateTime: `${day}T${time}`, timeZone: 'UTC' });
const meet = async (api: Api, subject: string, hour: string, more: Record<string, unknown> = {}) =>
  ok(
    await api('POST', '/v1.0/me/events', { subject, start: at(`${hour}:00:00`), end: at(`${hour}:30:00`), ...more }),
    201,
  );
const lookUp = async (api: Api, ...schedules: string[]) =>
  ok(
    await api('POST', '/v1.0/me/calendar/getSchedule', {
      schedules,
      startTime: at('00:00:00'),
      endTime: at('23:59:00'),
    }),
  ).value;
const relate = async (api: Api, domain: string, level: string) =>
  ok(
    await api('POST', '/admin/organization-relationships', {
      name: `With ${domain}`,
      domainNames: [domain],
      freeBusy: { enabled: true, level, scopeGroupId: null },
    }),
    201,
  );

test('without a confirmed partner another server is not even looked for', async () => {
  await relate(ann, 'contoso.example', 'AvailabilityOnly');
  const [found] = await lookUp(ann, 'bob@contoso.example');
  assert.equal(found.error.responseCode, 'ErrorServiceDiscoveryFailed');
});

test('EX-12: Fabrikam sees when Bob is busy at Contoso, as far as Contoso says, and the reverse is another matter', async () => {
  await becomePartners(servers);
  await meet(bob, 'Budget', '09');
  const [refused] = await lookUp(ann, 'bob@contoso.example');
  assert.equal(refused.error.responseCode, 'ErrorNoFreeBusyAccess');

  const { id } = await relate(carla, 'fabrikam.example', 'AvailabilityOnly');
  const [seen] = await lookUp(ann, 'bob@contoso.example');
  assert.equal(seen.error, undefined, JSON.stringify(seen));
  assert.equal(seen.scheduleItems.length, 1);
  assert.equal(seen.scheduleItems[0].subject, undefined);
  ok(
    await carla('PATCH', `/admin/organization-relationships/${id}`, {
      freeBusy: { enabled: true, level: 'LimitedDetails', scopeGroupId: null },
    }),
  );
  // What everybody at home sees is still the most that anybody elsewhere sees.
  const [again] = await lookUp(ann, 'bob@contoso.example');
  assert.equal(again.scheduleItems.length, 1);
});

test('a meeting is invited to, accepted and cancelled from one server to the other', async () => {
  const made = await meet(ann, 'Across servers', '13', {
    attendees: [{ emailAddress: { address: 'bob@contoso.example' }, type: 'required' }],
  });
  const inBobs = async () => {
    const { value } = ok(
      await bob('GET', `/v1.0/me/calendarView?startDateTime=${day}T12:00:00Z&endDateTime=${day}T15:00:00Z`),
    );
    return value.find(({ subject }: { subject: string }) => subject.includes('Across servers'));
  };
  const invitation = await eventually(inBobs);
  assert.equal(invitation.organizer.emailAddress.address, 'ann@fabrikam.example');
  ok(await bob('POST', `/v1.0/me/events/${invitation.id}/accept`, { sendResponse: true }), 202);
  await eventually(async () => {
    const own = ok(await ann('GET', `/v1.0/me/events/${made.id}`));
    return own.attendees[0]?.status.response === 'accepted';
  });
  assert.equal((await ann('DELETE', `/v1.0/me/events/${made.id}`)).status, 204);
  await eventually(async () => {
    const theirs = await inBobs();
    return theirs === undefined || theirs.isCancelled;
  });
});

test('a calendar of Fabrikam is shared with Bob, read from his own server, and closed again', async () => {
  const { fabrikam } = servers;
  const { value } = ok(await ann('GET', '/admin/sharing-policies'));
  const policy = value.find((one: { isDefault: boolean }) => one.isDefault);
  ok(
    await ann('PATCH', `/admin/sharing-policies/${policy.id}`, {
      rules: ['contoso.example: CalendarSharingFreeBusyReviewer'],
    }),
  );
  await meet(ann, 'Shown to Bob', '16');
  const share = ok(
    await ann('POST', '/v1.0/me/calendar/calendarPermissions', {
      emailAddress: { address: 'bob@contoso.example' },
      role: 'read',
    }),
    201,
  );
  const letters = await fabrikam.app.run({ tenantId: fabrikam.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    listOutgoingMails(ctx, { limit: 100 }),
  );
  const text = letters.find(
    ({ to, kind }) => to.address === 'bob@contoso.example' && kind === 'calendar-invitation',
  )?.text;
  const invitation = /invitation=(\S+)/.exec(text ?? '')?.[1] ?? '';
  const added = ok(await bob('POST', '/me/shared-calendars/accept', { invitation }), 201);
  const view = () => bob('GET', `/me/shared-calendars/${added.id}/view?start=${day}T00:00:00Z&end=${day}T23:59:59Z`);
  const subjects = ok(await view()).value.map(({ subject }: { subject: string }) => subject);
  assert.ok(subjects.includes('Shown to Bob'), JSON.stringify(subjects));

  assert.equal((await ann('DELETE', `/v1.0/me/calendar/calendarPermissions/${share.id}`)).status, 204);
  await eventually(async () => {
    const { body } = await view();
    return body.calendar?.error ?? body.code;
  });
});
