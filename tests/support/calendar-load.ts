import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { ServerProcess } from './server-process.ts';

/** Who writes, who is invited at home and elsewhere. All of them are the demo's. */
const WRITERS = ['anders', 'helena', 'ulf', 'gunilla'] as const;
const DOMAIN = 'fabrikam.example';
const INVITED = ['ann@fabrikam.example', 'bob@contoso.example'] as const;
const INSTANCES = 10;

interface Writer {
  readonly id: string;
  readonly authorization: string;
}

/** What an event must look like, by its UID. */
interface Expected {
  readonly occurrences: number;
  readonly summary: string;
  readonly isMeeting: boolean;
}

/** What the server said yes to, and what it could not say anything about. */
export interface Kept {
  readonly events: Map<string, Expected>;
  readonly unanswered: Map<string, Expected>;
  refused: number;
}

export const nothingKept = (): Kept => ({ events: new Map(), unanswered: new Map(), refused: 0 });

/** Passwords for the calendar programs of some of the demo's people. The server was started with `--demo`. */
export async function settleWriters(server: ServerProcess): Promise<readonly Writer[]> {
  const token = await server.operatorToken();
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${server.origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'entente-tenant': DOMAIN, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Record<string, string>;
  };
  const writers: Writer[] = [];
  for (const name of WRITERS) {
    const user = `${name}@${DOMAIN}`;
    const { password } = await ask('POST', '/operator/demo/app-password', { tenant: DOMAIN, user, name: 'Load' });
    const { id } = await ask('GET', `/v1.0/users/${user}`);
    writers.push({ id: id as string, authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` });
  }
  return writers;
}

function textOf(uid: string, n: number, writer: number, { occurrences, summary, isMeeting }: Expected): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Fabrikam//EN',
    'BEGIN:VEVENT',
    `UID:${uid}`,
    'DTSTAMP:20260401T000000Z',
    `DTSTART:209909${String(1 + (n % 28)).padStart(2, '0')}T${String(n % 24).padStart(2, '0')}0000Z`,
    'DURATION:PT30M',
    `SUMMARY:${summary}`,
    ...(occurrences > 1 ? [`RRULE:FREQ=WEEKLY;COUNT=${occurrences}`] : []),
    ...(isMeeting
      ? [
          `ORGANIZER:mailto:${WRITERS[writer]}@${DOMAIN}`,
          `ATTENDEE;PARTSTAT=ACCEPTED:mailto:${WRITERS[writer]}@${DOMAIN}`,
          ...INVITED.map((address) => `ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:${address}`),
        ]
      : []),
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ];
  return lines.join('\r\n');
}

/**
 * Events put over CalDAV, `atOnce` at a time, until `requests` were sent or the server is gone: single ones, series,
 * meetings with somebody at home and somebody elsewhere, and new versions of what was kept before.
 */
export async function pressCalendars(
  server: ServerProcess,
  writers: readonly Writer[],
  known: Kept,
  options: { round: number; requests: number; atOnce: number; onAnswered?: (count: number) => void },
): Promise<number> {
  let [sent, answered] = [0, 0];
  let isGone = false;
  async function one(n: number): Promise<void> {
    const writer = n % writers.length;
    const turn = Math.floor(n / writers.length) % 4;
    // A new version of what the same writer put some turns ago.
    const isChange = turn === 3;
    const of = isChange ? n - writers.length * 3 : n;
    const uid = `load-${options.round}-${of}`;
    if (isChange && !known.events.has(uid)) return;
    const before = known.events.get(uid);
    const expected: Expected = {
      occurrences: turn === 1 ? INSTANCES : (before?.occurrences ?? 1),
      summary: isChange ? `Changed ${n}` : `Event ${n}`,
      isMeeting: turn === 2,
    };
    const { id, authorization } = writers[writer] as Writer;
    try {
      const answer = await fetch(`${server.origin}/dav/calendars/${id}/calendar/${uid}.ics`, {
        method: 'PUT',
        headers: { authorization, 'content-type': 'text/calendar' },
        body: textOf(uid, of, writer, expected),
      });
      await answer.arrayBuffer();
      if (answer.ok) known.events.set(uid, expected);
      else known.refused += 1;
      answered += 1;
      options.onAnswered?.(answered);
    } catch {
      // The connection broke: the server may have done it, and could not say so.
      known.unanswered.set(uid, expected);
      isGone = true;
    }
  }
  const loop = async () => {
    while (sent < options.requests && !isGone) await one(sent++);
  };
  await Promise.all(Array.from({ length: options.atOnce }, loop));
  return answered;
}

/** What is missing of what was acknowledged, and what is there by half. Waits until invitations have arrived. */
export async function findCalendarLosses(client: pg.Client, known: Kept): Promise<string[]> {
  const losses: string[] = [];
  const { rows } = await client.query<{ uid: string; summary: string; instances: number; told: number }>(
    `
    select o.uid, o.summary,
           (select count(*)::int from calendars.occurrences i where i.tenant_id = o.tenant_id and i.object_id = o.id
             and i.calendar_id = o.calendar_id) as instances,
           (select count(*)::int from audit.events e where e.tenant_id = o.tenant_id
             and e.action = 'calendars.event-created' and e.facts->>'uid' = o.uid
             and e.facts->>'calendarId' = o.calendar_id::text) as told
      from calendars.objects o join calendars.calendars c on c.tenant_id = o.tenant_id and c.id = o.calendar_id
     where o.uid like 'load-%' and not exists (
             select from directory.accounts a where a.tenant_id = c.tenant_id and a.id = c.owner_id
                and lower(a.user_principal_name) = any($1))`,
    [INVITED],
  );
  const there = new Map(rows.map((row) => [row.uid, row]));
  for (const [uid, { occurrences, summary }] of known.events) {
    const found = there.get(uid);
    const later = known.unanswered.get(uid);
    if (!found) losses.push(`${uid} is missing`);
    else if (found.summary !== summary && found.summary !== later?.summary)
      losses.push(`${uid} is "${found.summary}", not "${summary}"`);
    else if (found.instances !== occurrences) losses.push(`${uid} has ${found.instances} instances of ${occurrences}`);
  }
  for (const { uid, instances, told } of rows) {
    const expected = known.events.get(uid) ?? known.unanswered.get(uid);
    if (expected && instances !== expected.occurrences) losses.push(`${uid} is there by half: ${instances} instances`);
    if (told !== 1) losses.push(`${uid} was told of ${told} times`);
  }
  return [...losses, ...(await findLostInvitations(client, known))];
}

async function findLostInvitations(client: pg.Client, known: Kept): Promise<string[]> {
  const meetings = [...known.events].filter(([, { isMeeting }]) => isMeeting).map(([uid]) => uid);
  const missing = async () => {
    const { rows } = await client.query<{ uid: string; address: string; copies: number }>(
      `
      select m.uid, i.address,
             (select count(*)::int from calendars.objects o
                join calendars.calendars c on c.tenant_id = o.tenant_id and c.id = o.calendar_id
                join directory.accounts a on a.tenant_id = c.tenant_id and a.id = c.owner_id
               where o.uid = m.uid and lower(a.user_principal_name) = i.address) as copies
        from unnest($1::text[]) m(uid) cross join unnest($2::text[]) i(address)`,
      [meetings, INVITED],
    );
    return rows.filter(({ copies }) => copies !== 1);
  };
  const end = Date.now() + 90_000;
  let left = await missing();
  while (left.length > 0 && Date.now() < end) {
    await pause(500);
    left = await missing();
  }
  return left.map(({ uid, address, copies }) => `${uid} stands ${copies} times in the calendar of ${address}`);
}

/** Kills the server among writers, starts it again and looks for what is missing. */
export async function killUnderCalendarLoad(
  server: ServerProcess,
  writers: readonly Writer[],
  known: Kept,
  options: { round: number; requests: number; killAfter: number; database: boolean },
): Promise<{ answered: number; losses: readonly string[]; recoverySeconds: number }> {
  let killed: Promise<void> | undefined;
  const answered = await pressCalendars(server, writers, known, {
    round: options.round,
    requests: options.requests,
    atOnce: 16,
    onAnswered(count) {
      if (count >= options.killAfter) killed ??= server.kill({ database: options.database });
    },
  });
  await (killed ?? server.kill({ database: options.database }));
  const { seconds } = await server.start();
  const client = await server.database();
  try {
    return { answered, losses: await findCalendarLosses(client, known), recoverySeconds: Number(seconds.toFixed(1)) };
  } finally {
    await client.end();
  }
}
