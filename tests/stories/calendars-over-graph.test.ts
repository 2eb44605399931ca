import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Event } from '@microsoft/microsoft-graph-types';
import { type Api, type People, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
});
after(() => people.app.close());

const BERLIN = 'W. Europe Standard Time';
const meeting = {
  subject: 'Plan the week',
  start: { dateTime: '2026-10-19T09:00:00', timeZone: BERLIN },
  end: { dateTime: '2026-10-19T10:00:00', timeZone: BERLIN },
} satisfies Event;

/** Calls, and expects this status. */
async function ask(api: Api, status: number, method: string, path: string, body?: unknown, headers = {}) {
  const answer = await api(method, path, body, headers);
  assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const view = (from: string, to: string) => `/v1.0/me/calendarView?startDateTime=${from}&endDateTime=${to}`;
const startsOf = (page: { value: Event[] }) => page.value.map(({ start }) => start?.dateTime?.slice(0, 16));

test('a weekly series keeps its hour by the clock when summer time ends', async () => {
  const series = await ask(ann, 201, 'POST', '/v1.0/me/events', {
    ...meeting,
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'monday' },
      range: { type: 'numbered', startDate: '2026-10-19', numberOfOccurrences: 3 },
    },
  });
  assert.equal(series.type, 'seriesMaster');
  assert.equal(series.originalStartTimeZone, BERLIN);
  const window = view('2026-10-01T00:00:00Z', '2026-12-01T00:00:00Z');
  const seen = await ask(ann, 200, 'GET', window);
  assert.deepEqual(startsOf(seen), ['2026-10-19T07:00', '2026-10-26T08:00', '2026-11-02T08:00']);
  const here = await ask(ann, 200, 'GET', window, undefined, { prefer: `outlook.timezone="${BERLIN}"` });
  assert.deepEqual(startsOf(here), ['2026-10-19T09:00', '2026-10-26T09:00', '2026-11-02T09:00']);

  const [first, second, third] = seen.value as Event[];
  assert.equal(second?.seriesMasterId, series.id);
  const moved = await ask(ann, 200, 'PATCH', `/v1.0/me/events/${second?.id}`, {
    subject: 'Moved',
    start: { dateTime: '2026-10-27T11:00:00', timeZone: BERLIN },
    end: { dateTime: '2026-10-27T12:00:00', timeZone: BERLIN },
  });
  assert.equal(moved.type, 'exception');
  assert.equal(moved.originalStart, '2026-10-26T08:00:00Z');
  await ask(ann, 204, 'DELETE', `/v1.0/me/events/${third?.id}`);
  const now = await ask(ann, 200, 'GET', window);
  assert.deepEqual(
    now.value.map((one: Event) => [one.subject, one.start?.dateTime?.slice(0, 16), one.type]),
    [
      ['Plan the week', '2026-10-19T07:00', 'occurrence'],
      ['Moved', '2026-10-27T10:00', 'exception'],
    ],
  );
  await ask(ann, 404, 'GET', `/v1.0/me/events/${third?.id}`);
  await ask(ann, 204, 'DELETE', `/v1.0/me/events/${series.id}`);
  await ask(ann, 404, 'GET', `/v1.0/me/events/${first?.id}`);
});
