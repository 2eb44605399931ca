import assert from 'node:assert/strict';
import { putGrant } from '../../src/access/index.ts';
import { GRANTS } from '../../src/calendars/grants.ts';
import { ownDefaultCalendar } from '../../src/calendars/usecases/mailboxes.ts';
import { putObject } from '../../src/calendars/usecases/objects.ts';
import { actAs } from './acting.ts';
import type { Api, People, Person } from './people.ts';

export const DAY = { from: '2026-05-04T00:00:00', to: '2026-05-05T00:00:00' };

/** What a relationship opens of times. */
export const open = (level: string, scopeGroupId: string | null = null) => ({
  freeBusy: { enabled: true, level, scopeGroupId },
});

export const lookUp = (api: Api, schedules: readonly string[], rest: Record<string, unknown> = {}, headers = {}) =>
  api(
    'POST',
    '/v1.0/me/calendar/getSchedule',
    {
      schedules,
      startTime: { dateTime: DAY.from, timeZone: 'UTC' },
      endTime: { dateTime: DAY.to, timeZone: 'UTC' },
      ...rest,
    },
    headers,
  );

/** One mailbox: its error, or its items without their times' zones. */
export async function seenBy(api: Api, address: string) {
  const { status, body } = await lookUp(api, [address]);
  assert.equal(status, 200, JSON.stringify(body));
  const [found] = body.value;
  return found.error ? found.error.responseCode : found.scheduleItems;
}

/** What people plan and let see, and the relationships of their organisations. `people` are there once a test runs. */
export function lookingUp(people: () => People) {
  /** Relationships that a test that failed left open. */
  const standing = new Set<() => Promise<unknown>>();
  let serial = 0;

  return {
    async endStanding(): Promise<void> {
      for (const end of standing) await end();
      standing.clear();
    },

    /** Puts an event into somebody's default calendar. */
    plan: (person: Person, uid: string, ...lines: string[]) =>
      actAs(people().app, person, async (ctx) => {
        const { id } = await ownDefaultCalendar(ctx, 'write');
        const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//T//EN', 'BEGIN:VEVENT', `UID:${uid}`];
        text.push('DTSTAMP:20260401T000000Z', ...lines, 'END:VEVENT', 'END:VCALENDAR');
        await putObject(ctx, { calendarId: id, name: `${uid}.ics`, text: `${text.join('\r\n')}\r\n` });
      }),

    /** What the owner lets everybody at home see, and through it the most that anybody elsewhere sees. */
    everybodySees: (person: Person, level: string) =>
      actAs(people().app, person, async (ctx) => {
        const { id } = await ownDefaultCalendar(ctx, 'write');
        const subject = { kind: 'tenant', id: ctx.tenantId } as const;
        const object = { kind: GRANTS.calendar.objectKind, id };
        await putGrant(ctx, { kind: GRANTS.calendar.kind, subject, object, level, givenBy: person.id });
      }),

    /** A relationship of one organisation with another. */
    async relate(api: Api, domainNames: readonly string[], rest: Record<string, unknown> = {}) {
      serial += 1;
      const answer = await api('POST', '/admin/organization-relationships', {
        name: `Relationship ${serial}`,
        domainNames,
        ...rest,
      });
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      const path = `/admin/organization-relationships/${answer.body.id}`;
      const end = () => {
        standing.delete(end);
        return api('DELETE', path);
      };
      standing.add(end);
      const change = (changes: unknown) => api('PATCH', path, changes);
      return { id: answer.body.id as string, body: answer.body, path, change, end };
    },
  };
}
