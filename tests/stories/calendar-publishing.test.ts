import assert from 'node:assert/strict';
import { get } from 'node:http';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { eventually } from '../support/eventually.ts';
import { type Api, type ApiAnswer, type People, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
});
after(() => people.app.close());

const PUBLICATION = '/me/calendars/primary/publication';
const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};

/** Sets the rules of the default policy, and waits until the server answers by them. */
async function setRules(...rules: string[]): Promise<void> {
  const { value } = ok(await ann('GET', '/admin/sharing-policies'));
  const { id } = value.find((one: { isDefault: boolean }) => one.isDefault);
  const changed = ok(await ann('PATCH', `/admin/sharing-policies/${id}`, { rules }));
  await eventually(async () => {
    const now = ok(await ann('GET', `/admin/sharing-policies/${id}`));
    return JSON.stringify(now.rules) === JSON.stringify(changed.rules);
  });
}

const at = (days: number, hour = 9) => {
  const day = new Date(people.app.clock.now.getTime() + days * 86_400_000);
  return { dateTime: `${day.toISOString().slice(0, 10)}T${String(hour).padStart(2, '0')}:00:00`, timeZone: 'UTC' };
};
const meet = async (subject: string, days: number, more: Record<string, unknown> = {}) =>
  ok(
    await ann('POST', '/v1.0/me/events', {
      subject,
      start: at(days),
      end: at(days, 10),
      location: { displayName: 'Room 1' },
      body: { contentType: 'text', content: `About ${subject}` },
      ...more,
    }),
    201,
  );

/** Opens an address as a stranger would: it is the public one, which tests reach under another. */
const open = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${people.app.origin}${new URL(url).pathname}${new URL(url).search}`, {
    headers: { 'accept-encoding': 'identity', ...headers },
  });
const read = async (url: string) => {
  const answer = await open(url);
  assert.equal(answer.status, 200);
  return (await answer.text()).replace(/\r\n[ \t]/g, '');
};
const publish = async (body: unknown = {}) => ok(await ann('PUT', PUBLICATION, body));

test('EX-43: publishing needs a rule for everybody, and goes as far as that', async () => {
  const refused = await ann('PUT', PUBLICATION, {});
  assert.deepEqual([refused.status, refused.body.code], [403, 'calendars.external-sharing-not-allowed']);
  assert.match(JSON.stringify(refused.body), /ErrorNotAllowedExternalSharingByPolicy/);
  await setRules('Anonymous: CalendarSharingFreeBusySimple');
  const tooMuch = await ann('PUT', PUBLICATION, { detailLevel: 'FullDetails' });
  assert.deepEqual([tooMuch.status, tooMuch.body.code], [400, 'calendars.permission-not-allowed']);
  const published = await publish();
  assert.deepEqual([published.detailLevel, published.allowedDetailLevels], ['AvailabilityOnly', ['AvailabilityOnly']]);
  assert.equal(
    (await people.api(people.fabrikam.anders)('PUT', `/me/calendars/${people.fabrikam.ann.id}/publication`, {})).status,
    404,
  );
});

test('EX-45: a feed of times alone holds times alone', async () => {
  await meet('Merger with Contoso', 2);
  await meet('Secret', 3, { showAs: 'oof', sensitivity: 'private' });
  const { publishedICalUrl } = await publish();
  const answer = await open(publishedICalUrl);
  assert.equal(answer.headers.get('content-type'), 'text/calendar; charset=utf-8');
  assert.match(answer.headers.get('x-robots-tag') ?? '', /noindex/);
  const text = await read(publishedICalUrl);
  assert.match(text, /METHOD:PUBLISH/);
  assert.match(text, /REFRESH-INTERVAL;VALUE=DURATION:PT1H/);
  const inEvents = text
    .split('BEGIN:VEVENT')
    .slice(1)
    .flatMap((event) => event.split('END:VEVENT')[0]?.trim().split('\r\n') ?? []);
  const names = new Set(inEvents.map((line) => line.split(/[:;]/)[0]));
  assert.deepEqual([...names].sort(), ['DTEND', 'DTSTAMP', 'DTSTART', 'STATUS', 'SUMMARY', 'TRANSP', 'UID']);
  assert.deepEqual(inEvents.filter((line) => line.startsWith('SUMMARY')).sort(), ['SUMMARY:Away', 'SUMMARY:Busy']);
  assert.doesNotMatch(text, /Merger|Secret|Room|@/);
});

test('EX-45: above times, subject and place are told, then all; a private event stays a busy time', async () => {
  await setRules('Anonymous: CalendarSharingFreeBusyReviewer');
  const limited = await read((await publish({ detailLevel: 'LimitedDetails' })).publishedICalUrl);
  assert.match(limited, /SUMMARY:Merger with Contoso/);
  assert.match(limited, /LOCATION:Room 1/);
  assert.doesNotMatch(limited, /About|Secret|@/);
  const full = await read((await publish({ detailLevel: 'FullDetails' })).publishedICalUrl);
  assert.match(full, /DESCRIPTION:About Merger with Contoso/);
  assert.doesNotMatch(full, /Secret/);
});

test('EX-46: what lies outside the window is absent, and a series is unfolded to it', async () => {
  await meet('Far away', 40);
  await meet('Daily', 0, {
    recurrence: {
      pattern: { type: 'daily', interval: 1 },
      range: { type: 'noEnd', startDate: at(0).dateTime.slice(0, 10), recurrenceTimeZone: 'UTC' },
    },
  });
  const { publishedICalUrl } = await publish({ publishDateRangeFrom: 'OneDay', publishDateRangeTo: 'OneWeek' });
  const text = await read(publishedICalUrl);
  assert.doesNotMatch(text, /Far away|RRULE/);
  assert.equal(text.match(/SUMMARY:Daily/g)?.length, 8);
  const uids = text.match(/UID:.+/g) ?? [];
  assert.equal(new Set(uids).size, uids.length);
});

test('a feed that has not changed is not sent again, and is packed for who can unpack it', async () => {
  const { publishedICalUrl } = await publish();
  const first = await open(publishedICalUrl);
  const etag = first.headers.get('etag') as string;
  assert.equal((await open(publishedICalUrl, { 'if-none-match': etag })).status, 304);
  const path = new URL(publishedICalUrl).pathname;
  // Not through fetch, which unpacks by itself.
  const raw = await new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
    get(`${people.app.origin}${path}`, { headers: { 'accept-encoding': 'gzip' } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ encoding: answer.headers['content-encoding'], body: Buffer.concat(parts) }));
    }).on('error', reject);
  });
  assert.equal(raw.encoding, 'gzip');
  assert.match(gunzipSync(raw.body).toString(), /BEGIN:VCALENDAR/);
  await meet('New', 1);
  assert.equal((await open(publishedICalUrl, { 'if-none-match': etag })).status, 200);
});

test('the page says the same without a script, in the language of its reader', async () => {
  await meet('<b>Bold</b> & brave', 1);
  const { publishedCalendarUrl } = await publish();
  const swedish = await open(publishedCalendarUrl, { 'accept-language': 'sv-SE,en;q=0.5' });
  const text = await swedish.text();
  assert.match(text, /<html lang="sv">/);
  assert.match(text, /Prenumerera/);
  assert.doesNotMatch(text, /<script|<b>Bold/);
  assert.match(text, /&lt;b&gt;Bold/);
  assert.match(swedish.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.match(await (await open(`${publishedCalendarUrl}?lang=zh`)).text(), /<html lang="zh">/);
});

test('EX-44: after a reset, and after the end, the old address is gone like one that never was', async () => {
  const before = await publish();
  const after = ok(await ann('POST', `${PUBLICATION}/reset`));
  assert.notEqual(after.publishedICalUrl, before.publishedICalUrl);
  assert.equal(after.detailLevel, before.detailLevel);
  assert.equal((await open(after.publishedICalUrl)).status, 200);
  const gone = await open(before.publishedICalUrl, { 'if-none-match': '*' });
  const never = await open(`http://localhost/calendar/${'x'.repeat(43)}/calendar.ics`);
  const bare = async (answer: Response) => ({ ...((await answer.json()) as object), requestId: '' });
  assert.deepEqual([gone.status, never.status], [404, 404]);
  assert.deepEqual(await bare(gone), await bare(never));
  ok(await ann('DELETE', PUBLICATION), 204);
  assert.equal((await open(after.publishedICalUrl)).status, 404);
  assert.equal(ok(await ann('GET', PUBLICATION)).publishEnabled, false);
});

test('CT-19: a link of one organisation is closed to readers on the network of another that restricts', async () => {
  const { publishedICalUrl } = await publish();
  const from = async (tenantId: string) =>
    (await open(publishedICalUrl, { 'sec-Restrict-Tenant-Access-Policy': `${tenantId}:any` })).status;
  assert.equal(await from(people.tailspin.id), 404);
  assert.equal(await from('nobody'), 404);
  assert.equal(await from(people.fabrikam.id), 200);
  assert.equal((await open(publishedICalUrl)).status, 200);
});

test('a published name can be guessed and indexed; the address of chance still opens', async () => {
  const obscure = await publish();
  const searchable = await publish({ searchableUrlEnabled: true });
  assert.match(searchable.publishedICalUrl, /\/calendar\/ann@fabrikam\.example\/calendar\.ics$/);
  const answer = await open(searchable.publishedICalUrl);
  assert.deepEqual([answer.status, answer.headers.get('x-robots-tag')], [200, null]);
  assert.equal((await open(obscure.publishedICalUrl)).status, 200);
  await publish({ searchableUrlEnabled: false });
  assert.equal((await open(searchable.publishedICalUrl)).status, 404);
});

test('EX-34: a tightened policy counts for what is published, too, and takes it back', async () => {
  const { publishedICalUrl } = await publish({ detailLevel: 'FullDetails' });
  await setRules('Anonymous: CalendarSharingFreeBusySimple');
  assert.doesNotMatch(await read(publishedICalUrl), /Merger/);
  await setRules('*: CalendarSharingFreeBusySimple');
  assert.equal((await open(publishedICalUrl)).status, 404);
  await setRules('Anonymous: CalendarSharingFreeBusyReviewer');
  await eventually(async () => !ok(await ann('GET', PUBLICATION)).publishEnabled);
  assert.equal((await open(publishedICalUrl)).status, 404, 'what was taken back does not come again');
});

test('what is published stands in the ledger, and is ended there', async () => {
  const { publishedICalUrl } = await publish();
  const ledger = ok(await ann('GET', '/admin/ledger'));
  const row = ledger.value.find(
    (one: { kind: string; subject: { kind: string } }) =>
      one.kind === 'calendars.calendar' && one.subject.kind === 'anyone',
  );
  assert.ok(row, JSON.stringify(ledger.value));
  assert.match(row.object.displayName, /^Calendar \(.+\)$/, 'whose it is, since nearly all are called the same');
  assert.ok((await ann('DELETE', `/admin/ledger/${row.id}`)).status < 300);
  assert.equal((await open(publishedICalUrl)).status, 404);
});

test('a link that is read too often rests', async () => {
  const { publishedICalUrl } = await publish();
  const statuses = [];
  for (let n = 0; n < 62; n += 1) statuses.push((await open(publishedICalUrl)).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [200, 429]);
  people.app.clock.advance(61);
  assert.equal((await open(publishedICalUrl)).status, 200);
});
