import assert from 'node:assert/strict';
import type { Event } from '@microsoft/microsoft-graph-types';
import { putGrant } from '../../src/access/index.ts';
import { GRANTS } from '../../src/calendars/grants.ts';
import { actAs } from './acting.ts';
import type { TestApp } from './app.ts';
import type { Api, Person } from './people.ts';

export const BERLIN = 'W. Europe Standard Time';
export const meeting = {
  subject: 'Plan the week',
  start: { dateTime: '2026-10-19T09:00:00', timeZone: BERLIN },
  end: { dateTime: '2026-10-19T10:00:00', timeZone: BERLIN },
} satisfies Event;

/** Calls, and expects this status. */
export async function ask(api: Api, status: number, method: string, path: string, body?: unknown, headers = {}) {
  const answer = await api(method, path, body, headers);
  assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** The owner lets somebody at home do with a calendar what the level says. */
export const shareCalendar = (app: TestApp, owner: Person, calendar: string, reader: Person, level: string) =>
  actAs(app, owner, (ctx) =>
    putGrant(ctx, {
      kind: GRANTS.calendar.kind,
      subject: { kind: 'account', id: reader.id },
      object: { kind: GRANTS.calendar.objectKind, id: calendar },
      level,
      givenBy: owner.id,
    }),
  );

export const view = (from: string, to: string) => `/v1.0/me/calendarView?startDateTime=${from}&endDateTime=${to}`;
export const startsOf = (page: { value: Event[] }) => page.value.map(({ start }) => start?.dateTime?.slice(0, 16));
