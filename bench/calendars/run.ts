/**
 * A calendar of 1,000 events in one month over CalDAV, ours beside Cyrus in the same run: durable PUT, the month with
 * data, its ETags, and when its owner is busy (checked against the one right answer); then lookups of 20 people of
 * another organisation, and the same reports while the organisation fills with events of others.
 *
 *   npm run bench -- calendars [--secs N] [--most N]
 *                          --secs: of each measurement (default 6), spread over rounds
 *                          --most: events at the end of the curve (default 1000000)
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { drive, type Load } from '../drive.ts';
import { median, printFigures, printHeader } from '../report.ts';
import type { Contestant } from './contestant.ts';
import { isInstalled, startCyrus } from './cyrus.ts';
import { answeredBusyMinutes, EVENTS, eventText, expectedBusyMinutes, REPORTS, type Report } from './dataset.ts';

interface Ours {
  readonly origin: string;
  readonly home: string;
  readonly authorization: string;
  readonly token: string;
  readonly addresses: readonly string[];
}

const ROUNDS = 3;
const { values } = parseArgs({
  options: { secs: { type: 'string', default: '6' }, most: { type: 'string', default: '1000000' } },
});
const seconds = Number(values.secs);
const CURVE = [100, 10_000, 1_000_000].filter((events) => events <= Number(values.most));
const GOALS = { put: 5, query: 5, etags: 5, freebusy: 10 } as const;
type Kind = keyof typeof GOALS;
const KINDS = Object.keys(GOALS) as Kind[];

printHeader(
  'calendars',
  `${EVENTS} events in May 2026, ${expectedBusyMinutes()} busy minutes; both keep everything on disk`,
);

const child = fork(new URL('server.ts', import.meta.url));
child.once('exit', (code) => code !== 0 && process.exit(code ?? 1));
const [where] = (await once(child, 'message')) as [Ours];
const ours: Contestant = {
  name: 'ours',
  origin: where.origin,
  home: where.home,
  headers: { authorization: where.authorization },
  end: async () => child.disconnect(),
};
const contestants = [ours];
if (isInstalled()) contestants.push(await startCyrus());
else {
  console.log(
    'CYRUS IS NOT MEASURED: it is not installed here (Debian: cyrus-imapd cyrus-caldav), or this is not root.',
  );
  console.log('Nothing below says how we compare.\n');
}

const calendarOf = ({ home }: Contestant, name: string) => `${home}${name}/`;
const putLoad = (contestant: Contestant, calendar: string, prefix: string): Load => ({
  url: `${contestant.origin}${calendarOf(contestant, calendar)}`,
  method: 'PUT',
  path: (n) => `${calendarOf(contestant, calendar)}${prefix}-${n}.ics`,
  body: (n) => eventText(`${prefix}-${n}@bench`, n, prefix === 'seed' ? undefined : n % 20 === 0),
  contentType: 'text/calendar; charset=utf-8',
  headers: contestant.headers,
});
const reportLoad = (contestant: Contestant, kind: Report): Load => ({
  url: `${contestant.origin}${calendarOf(contestant, 'bench')}`,
  method: 'REPORT',
  body: () => REPORTS[kind],
  contentType: 'application/xml; charset=utf-8',
  headers: { ...contestant.headers, depth: '1' },
});

/** Whether an answer is the right one, or what is wrong with it. */
const RIGHT: Record<Report, (body: string) => string | undefined> = {
  freebusy: (body) =>
    answeredBusyMinutes(body) === expectedBusyMinutes() ? undefined : `${answeredBusyMinutes(body)} busy minutes`,
  query: (body) => wrongCount(body.match(/BEGIN:VCALENDAR/g)?.length),
  etags: (body) => wrongCount(body.match(/<(?:\w+:)?getetag>/g)?.length),
};
const wrongCount = (found = 0) => (found === EVENTS ? undefined : `${found} events`);

for (const contestant of contestants) {
  for (const calendar of ['bench', 'put']) {
    await drive({
      url: `${contestant.origin}${calendarOf(contestant, calendar)}`,
      method: 'MKCALENDAR',
      headers: contestant.headers,
      connections: 1,
      requests: 1,
      check: (_n, status, body) => {
        if (status !== 201) throw new Error(`${contestant.name} makes no calendar: ${status} ${body}`);
      },
    });
  }
  await drive({
    ...putLoad(contestant, 'bench', 'seed'),
    requests: EVENTS,
    connections: 4,
    check: (n, status, body) => {
      if (status !== 201) throw new Error(`${contestant.name} does not keep event ${n}: ${status} ${body}`);
    },
  });
  for (const kind of Object.keys(REPORTS) as Report[]) {
    await drive({
      ...reportLoad(contestant, kind),
      connections: 1,
      requests: 3,
      check: (_n, status, body) => {
        const wrong = RIGHT[kind](body);
        if (status > 299 || wrong)
          throw new Error(`${contestant.name} answers ${kind} wrongly: ${status} ${wrong ?? body}`);
      },
    });
  }
}

// They take turns, and ratios are taken within a round: a busy moment of the machine strikes both alike.
const measured = new Map<string, { perSecond: number[]; p50Ms: number[]; p99Ms: number[] }>();
/** Answers outside 200 to 299, by who gave them to what. */
const refused: Record<string, number> = {};
let turn = 0;
for (const connections of [1, 16]) {
  for (const kind of KINDS) {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const contestant of contestants) {
        turn += 1;
        const load = kind === 'put' ? putLoad(contestant, 'put', `turn${turn}`) : reportLoad(contestant, kind);
        const driven = await drive({ ...load, connections, seconds: seconds / ROUNDS });
        const key = `${contestant.name} ${kind} ${connections}`;
        const known = measured.get(key) ?? { perSecond: [], p50Ms: [], p99Ms: [] };
        known.perSecond.push(driven.requests / (seconds / ROUNDS));
        known.p50Ms.push(driven.p50Ms);
        known.p99Ms.push(driven.p99Ms);
        measured.set(key, known);
        if (driven.refused === 0) continue;
        refused[key] = (refused[key] ?? 0) + driven.refused;
        console.log(`refused, ${key}: ${driven.firstRefusal}`);
      }
    }
  }
}
const of = (name: string, kind: Kind, connections: number) => measured.get(`${name} ${kind} ${connections}`);
const figures = KINDS.flatMap((kind) =>
  [1, 16].map((connections) => {
    const [mine, theirs] = [of('ours', kind, connections), of('cyrus', kind, connections)];
    return {
      kind,
      connections,
      perSecond: Math.round(median(mine?.perSecond ?? [])),
      p50Ms: median(mine?.p50Ms ?? []),
      p99Ms: median(mine?.p99Ms ?? []),
      ...(theirs
        ? {
            cyrusPerSecond: Math.round(median(theirs.perSecond)),
            cyrusP50Ms: median(theirs.p50Ms),
            cyrusP99Ms: median(theirs.p99Ms),
            times: Number(
              median((mine?.perSecond ?? []).map((rate, n) => rate / (theirs.perSecond[n] ?? 1))).toFixed(2),
            ),
          }
        : {}),
    };
  }),
);
console.table(figures);

const schedule = {
  url: `${where.origin}/v1.0/me/calendar/getSchedule`,
  body: () =>
    JSON.stringify({
      schedules: where.addresses,
      startTime: { dateTime: '2026-05-04T00:00:00', timeZone: 'UTC' },
      endTime: { dateTime: '2026-05-11T00:00:00', timeZone: 'UTC' },
      availabilityViewInterval: 30,
    }),
  headers: { authorization: `Bearer ${where.token}` },
} satisfies Load;
await drive({
  ...schedule,
  requests: 20,
  connections: 1,
  check: (_n, status, body) => {
    const found = status === 200 ? JSON.parse(body).value : [];
    const told = found.filter(
      (one: { error?: unknown; scheduleItems?: unknown[] }) => !one.error && one.scheduleItems?.length,
    );
    if (told.length < 15)
      throw new Error(
        `getSchedule told of ${told.length} of ${where.addresses.length}: ${status} ${body.slice(0, 500)}`,
      );
  },
});
const schedules = [];
for (const connections of [1, 16]) {
  const { perSecond, p50Ms, p99Ms } = await drive({ ...schedule, connections, seconds });
  schedules.push({ connections, mailboxes: where.addresses.length, perSecond, p50Ms, p99Ms });
}
console.table(schedules);

const curve = [];
for (const events of CURVE) {
  child.send({ fill: events });
  await once(child, 'message');
  const point: Record<string, number> = { events };
  for (const kind of ['freebusy', 'etags', 'query', 'put'] as const) {
    turn += 1;
    const load = kind === 'put' ? putLoad(ours, 'put', `turn${turn}`) : reportLoad(ours, kind);
    await drive({ ...load, connections: 4, requests: 50 });
    // The least of some rounds: whatever else the machine does can only add to it.
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      turn += 1;
      const again = kind === 'put' ? putLoad(ours, 'put', `turn${turn}`) : load;
      rounds.push((await drive({ ...again, connections: 4, seconds: seconds / ROUNDS })).p50Ms);
    }
    point[`${kind} p50 ms`] = Math.min(...rounds);
  }
  curve.push(point);
}
console.table(curve);
for (const { end } of contestants) await end();

const [first, last] = [curve[0], curve.at(-1)];
const grew =
  first && last
    ? Object.keys(first)
        .filter((name) => name !== 'events')
        .map((name) => last[name]! / first[name]!)
    : [];
const hasPeer = contestants.length > 1;
const targets = {
  ...Object.fromEntries(
    KINDS.map((kind) => [
      `${kind} at 16 connections at least ${GOALS[kind]} times Cyrus`,
      hasPeer && (figures.find((one) => one.kind === kind && one.connections === 16)?.times ?? 0) >= GOALS[kind],
    ]),
  ),
  'no report costs twice as much among a million events of others as among a hundred': Math.max(0, ...grew) < 2,
  'we refuse nothing': Object.keys(refused).every((key) => !key.startsWith('ours')),
};
for (const [target, met] of Object.entries(targets)) console.log(`${met ? 'met    ' : 'NOT met'} ${target}`);
printFigures('calendars', { figures, refused, schedules, curve, busyMinutes: expectedBusyMinutes(), targets });
process.exitCode = Object.values(targets).every(Boolean) ? 0 : 1;
