import { SMTPServer } from 'smtp-server';
import type { StoredObject } from '../../src/calendars/model/calendar.ts';
import { listCalendars } from '../../src/calendars/store/calendars.ts';
import { listObjects } from '../../src/calendars/store/objects.ts';
import { ownDefaultCalendar } from '../../src/calendars/usecases/mailboxes.ts';
import { deleteObject, type PutObject, putObject } from '../../src/calendars/usecases/objects.ts';
import type { Context } from '../../src/kernel/context.ts';
import { readCalendar } from '../../src/protocols/icalendar/index.ts';
import { attendeesOf, partStatOf } from '../../src/protocols/itip/index.ts';
import { actAs } from './acting.ts';
import type { People, Person } from './people.ts';

/** Lines of a meeting that `organizer` invites `attendees` to; ready for a change by replacing text. */
export function meeting(uid: string, organizer: string, attendees: readonly string[], ...lines: string[]): string {
  return `${[
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Fabrikam//EN',
    'BEGIN:VEVENT',
    `UID:${uid}`,
    'DTSTAMP:20260401T000000Z',
    'DTSTART:20270504T070000Z',
    'DTEND:20270504T080000Z',
    'SUMMARY:Plan',
    `ORGANIZER:mailto:${organizer}`,
    ...attendees.map((one) => `ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:${one}`),
    ...lines,
    'END:VEVENT',
    'END:VCALENDAR',
  ].join('\r\n')}\r\n`;
}

/** Acts in people's names as a wire would, on their default calendars. */
export function meetingsOf(people: People) {
  const as = <T>(person: Person, act: (ctx: Context) => Promise<T>) => actAs(people.app, person, act);
  const put = (person: Person, name: string, text: string, rest: Partial<PutObject> = {}) =>
    as(person, async (ctx) => {
      const { id } = await ownDefaultCalendar(ctx, 'write');
      return (await putObject(ctx, { calendarId: id, name, text, ...rest })).object;
    });
  const remove = (person: Person, name: string) =>
    as(person, async (ctx) => {
      const { id } = await ownDefaultCalendar(ctx, 'write');
      await deleteObject(ctx, { calendarId: id, name });
    });
  /** Somebody's copy of a meeting. */
  const copy = (person: Person, uid: string): Promise<StoredObject | undefined> =>
    people.app.run({ tenantId: person.tenantId, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
      const calendars = await listCalendars(ctx, { owners: [{ kind: 'account', id: person.id }] });
      return (await listObjects(ctx, { calendarIds: calendars.map(({ id }) => id), uid }))[0];
    });
  return { as, put, remove, copy };
}

/** What a copy says of one attendee: their word and what became of the message to them. */
export function attendeeIn(object: Pick<StoredObject, 'content'> | undefined, address: string) {
  const [part] = readCalendar(object?.content ?? '').getAllSubcomponents('vevent');
  const attendee = attendeesOf(part!).get(address);
  return attendee && { word: partStatOf(attendee), status: attendee.getFirstParameter('schedule-status') };
}

/** The object with an attendee's answer in it, as their client sends it. */
export function answered(object: StoredObject, address: string, word: string): string {
  const calendar = readCalendar(object.content);
  for (const part of calendar.getAllSubcomponents('vevent')) {
    attendeesOf(part).get(address)?.setParameter('partstat', word);
  }
  return calendar.toString();
}

/** A mail server that keeps what it gets. */
export async function startMailServer() {
  const received: { to: string; content: string }[] = [];
  const smtp = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part) => parts.push(part));
      stream.on('end', () => {
        const content = Buffer.concat(parts).toString();
        received.push(...session.envelope.rcptTo.map(({ address }) => ({ to: address, content })));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as { port: number };
  return {
    received,
    url: `smtp://127.0.0.1:${port}`,
    close: () => new Promise<void>((resolve) => smtp.close(() => resolve())),
  };
}
