import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Api, type ApiAnswer, type People, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let anders: Api;
let bob: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  anders = people.api(people.fabrikam.anders);
  bob = people.api(people.contoso.bob);
});
after(() => people.app.close());

const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};
interface Line {
  readonly address: string;
  readonly recipient: string;
  readonly explanation: { readonly level: string; readonly rules: { name: string; decided: boolean }[] };
}
const deciding = ({ explanation }: Line) => explanation.rules.filter(({ decided }) => decided).map(({ name }) => name);
const mailboxes = async (from: string, more = ''): Promise<Line[]> =>
  ok(await ann('GET', `/admin/partner-view/mailboxes?from=${from}${more}`)).value;
const levels = (lines: readonly Line[]) => Object.fromEntries(lines.map((one) => [one.address, one.explanation.level]));

/** What is really told to Bob. */
async function toldToBob(...schedules: string[]): Promise<Record<string, string>> {
  const { value } = ok(
    await bob('POST', '/v1.0/me/calendar/getSchedule', {
      schedules,
      startTime: { dateTime: '2026-05-04T00:00:00', timeZone: 'UTC' },
      endTime: { dateTime: '2026-05-05T00:00:00', timeZone: 'UTC' },
    }),
  );
  return Object.fromEntries(
    value.map((one: { scheduleId: string; error?: { responseCode: string } }) => [
      one.scheduleId,
      one.error?.responseCode ?? 'told',
    ]),
  );
}

test('an administrator sees what a partner is let see, mailbox by mailbox, as the partner is really told', async () => {
  const before = await mailboxes('bob@contoso.example');
  assert.deepEqual(levels(before), { 'anders@fabrikam.example': 'none', 'ann@fabrikam.example': 'none' });
  assert.deepEqual(deciding(before[0]!), ['calendars.partner-may-look-in']);

  const group = ok(
    await ann('POST', '/v1.0/groups', {
      displayName: 'Open to Contoso',
      mailNickname: 'open',
      mailEnabled: false,
      securityEnabled: true,
      groupTypes: [],
      'members@odata.bind': [`https://graph.microsoft.com/v1.0/directoryObjects/${people.fabrikam.anders.id}`],
    }),
    201,
  );
  ok(
    await ann('POST', '/admin/organization-relationships', {
      name: 'Contoso',
      domainNames: ['contoso.example'],
      freeBusy: { enabled: true, level: 'AvailabilityOnly', scopeGroupId: group.id },
    }),
    201,
  );
  const lines = await mailboxes('contoso.example');
  assert.deepEqual(levels(lines), { 'anders@fabrikam.example': 'busy-only', 'ann@fabrikam.example': 'none' });
  assert.deepEqual(deciding(lines.find(({ address }) => address.startsWith('ann'))!), ['calendars.scope-group']);
  assert.deepEqual(await toldToBob('anders@fabrikam.example', 'ann@fabrikam.example'), {
    'anders@fabrikam.example': 'told',
    'ann@fabrikam.example': 'ErrorNoFreeBusyAccess',
  });
  assert.deepEqual(Object.keys(levels(await mailboxes('contoso.example', '&search=and'))), ['anders@fabrikam.example']);
  // Of another organisation the same is asked, and nothing of it is told.
  assert.ok((await mailboxes('tailspin.example')).every(({ explanation }) => explanation.level === 'none'));
});

test('what is shared with people of a partner is shown as they would get it now', async () => {
  ok(
    await anders('POST', '/v1.0/me/calendar/calendarPermissions', {
      emailAddress: { address: 'bob@contoso.example' },
      role: 'freeBusyRead',
    }),
    201,
  );
  const { value } = ok(await ann('GET', '/admin/known-partners'));
  assert.deepEqual(value, [{ domain: 'contoso.example', relationship: 'Contoso', people: ['bob@contoso.example'] }]);
  const levelFor = async (from: string): Promise<string[]> =>
    ok(await ann('GET', `/admin/partner-view?from=${from}`)).calendars.map((one: Line) => one.explanation.level);
  assert.deepEqual(await levelFor('contoso.example'), ['freeBusyRead']);
  assert.deepEqual(await levelFor('bob@contoso.example'), ['freeBusyRead']);
  assert.deepEqual(await levelFor('carla@contoso.example'), []);

  const policies = ok(await ann('GET', '/admin/sharing-policies')).value;
  ok(await ann('PATCH', `/admin/sharing-policies/${policies[0].id}`, { enabled: false }));
  const { calendars, visitor } = ok(await ann('GET', '/admin/partner-view?from=bob@contoso.example'));
  // Until what is kept is lowered, the rule stands in front of it; afterwards it is gone.
  assert.ok(calendars.length === 0 || calendars[0].explanation.level === 'none');
  assert.equal(visitor.tenantId, people.contoso.id);
  ok(await ann('PATCH', `/admin/sharing-policies/${policies[0].id}`, { enabled: true }));
});

test('only those who administer calendars look as a partner, and never as their own organisation', async () => {
  for (const path of ['/admin/known-partners', '/admin/partner-view?from=contoso.example', '/admin/outside-shares'])
    assert.equal((await anders('GET', path)).status, 403, path);
  for (const from of ['fabrikam.example', 'ann@fabrikam.example', 'no domain'])
    assert.equal((await ann('GET', `/admin/partner-view?from=${encodeURIComponent(from)}`)).status, 400, from);
  assert.equal((await ann('GET', '/admin/partner-view/mailboxes?from=contoso.example&after=x')).status, 400);
});

test('EX-44: an administrator sees what is published, gives it new addresses, and ends it', async () => {
  ok(await ann('PATCH', '/admin/calendar-sharing', { anonymousLinks: true, level: 'limitedRead' }));
  const published = ok(await anders('PUT', '/me/calendars/primary/publication', { detailLevel: 'LimitedDetails' }));
  const open = async (address: string) => (await fetch(address)).status;
  assert.equal(await open(published.publishedICalUrl), 200);
  const shares = async () => ok(await ann('GET', '/admin/outside-shares')).value;
  const [share] = (await shares()).filter((one: { isLink: boolean }) => one.isLink);
  assert.deepEqual(
    [share.owner.name, share.recipient, share.explanation.level, share.lastReadAt],
    ['Anders Langvatn', null, 'limitedRead', people.app.clock.now.toISOString()],
  );
  assert.ok(!JSON.stringify(share).includes(new URL(published.publishedICalUrl).pathname.split('/')[2]!));

  const path = `/admin/outside-shares/${share.grantId}`;
  assert.equal((await anders('DELETE', path)).status, 403);
  ok(await ann('POST', `${path}/reset`));
  assert.equal(await open(published.publishedICalUrl), 404);
  const again = ok(await anders('GET', '/me/calendars/primary/publication'));
  assert.equal(await open(again.publishedICalUrl), 200);
  assert.equal((await ann('DELETE', path)).status, 204);
  assert.equal(await open(again.publishedICalUrl), 404);
  assert.deepEqual(await shares(), []);
  assert.equal((await ann('DELETE', path)).status, 404);
});
