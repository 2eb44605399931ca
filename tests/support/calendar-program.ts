import { createDAVClient } from 'tsdav';
import type { ApiAnswer, People, Person } from './people.ts';

export const basic = (name: string, password: string) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

/** The text of one event as a calendar program writes it. */
export const event = (uid: string, ...lines: string[]) =>
  `${['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Fabrikam//EN', 'BEGIN:VEVENT', `UID:${uid}`, 'DTSTAMP:20260401T000000Z', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n')}\r\n`;

export const home = (person: Person) => `/dav/calendars/${person.id}/`;
export const calendarOf = (person: Person) => `${home(person)}calendar/`;

/** The calendar programs of people, each with an app password of its own. `people` are there once a test runs. */
export function calendarPrograms(people: () => People) {
  const passwords = new Map<string, string>();
  async function appPassword(person: Person): Promise<string> {
    const known = passwords.get(person.id);
    if (known !== undefined) return known;
    const made = await people().api(person)('POST', '/me/app-passwords', { name: 'Calendar' });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    passwords.set(person.id, made.body.password);
    return made.body.password;
  }

  return {
    appPassword,

    async clientOf(person: Person, accountType: 'caldav' | 'carddav' = 'caldav') {
      return createDAVClient({
        serverUrl: people().app.origin,
        credentials: { username: person.userPrincipalName, password: await appPassword(person) },
        authMethod: 'Basic',
        defaultAccountType: accountType,
      });
    },

    /** One request as a calendar program of somebody sends it. */
    async dav(
      person: Person,
      method: string,
      path: string,
      body?: string,
      headers: Record<string, string> = {},
    ): Promise<ApiAnswer<string>> {
      const answer = await fetch(new URL(path, people().app.origin), {
        method,
        redirect: 'manual',
        headers: {
          authorization: basic(person.userPrincipalName, await appPassword(person)),
          ...(body === undefined
            ? {}
            : { 'content-type': body.startsWith('BEGIN') ? 'text/calendar' : 'application/xml' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      });
      return { status: answer.status, headers: answer.headers, body: await answer.text() };
    },
  };
}
