import { Temporal } from 'temporal-polyfill';
import { putGrant } from '../access/index.ts';
import {
  bookingShape,
  calendarDefaults,
  createOwnCalendar,
  createPlace,
  GRANTS,
  holdCalendarOf,
  keepShared,
  organizationRelationships,
  ownDefaultCalendar,
  putObject,
  sharingPolicies,
} from '../calendars/index.ts';
import { findAccountByPrincipalName } from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import { type GroupId, newId } from '../kernel/ids.ts';
import type { Run } from '../kernel/module.ts';
import { definitionOf } from '../protocols/icalendar/index.ts';
import { changeSettings } from '../tenants/index.ts';
import { accessPorts } from './access-ports.ts';
import type { LoadedOrganisation } from './demo-collaboration.ts';

const FABRIKAM = 'fabrikam.example';
const CONTOSO = 'contoso.example';
const TAILSPIN = 'tailspin.example';

/** Where each organisation's clocks are. */
const ZONES: Readonly<Record<string, string>> = {
  [FABRIKAM]: 'Europe/Stockholm',
  [CONTOSO]: 'Europe/London',
  [TAILSPIN]: 'America/New_York',
};

type Answer = 'ACCEPTED' | 'TENTATIVE' | 'DECLINED' | 'NEEDS-ACTION';

/** One meeting, absence or plan, as it stands in the calendar of whoever made it and of everybody invited. */
interface Plan {
  readonly title: string;
  /** The address of whose it is. */
  readonly by: string;
  /** Days after the Monday of this week, from 0; of a series, within its first week. */
  readonly day: number;
  /** The wall clock where `by` works; without one, whole days. */
  readonly time?: string;
  /** Minutes, or days of what lasts whole days. */
  readonly lasts: number;
  readonly place?: string;
  readonly people?: readonly string[];
  /** Who has answered what; everybody else accepted. */
  readonly answers?: Readonly<Record<string, Answer>>;
  /** RFC 5545 RRULE without its end; the series began six weeks ago. */
  readonly rule?: string;
  /** Instances that do not happen: days after this Monday. */
  readonly without?: readonly number[];
  /** One instance that happens at another time. */
  readonly moved?: { readonly day: number; readonly toDay: number; readonly toTime: string };
  readonly status?: 'TENTATIVE' | 'OOF' | 'WORKINGELSEWHERE' | 'FREE';
  readonly isPrivate?: boolean;
  readonly words?: string;
  readonly categories?: string;
}

const at = (domain: string, ...names: string[]) => names.map((name) => `${name}@${domain}`);
const fabrikam = (...names: string[]) => at(FABRIKAM, ...names);
const contoso = (...names: string[]) => at(CONTOSO, ...names);
const [ann, anders, helena, ulf, gunilla, sara] = fabrikam('ann', 'anders', 'helena', 'ulf', 'gunilla', 'sara') as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const [erik, maja, oskar, ingrid, nils, karin, li] = fabrikam(
  'erik',
  'maja',
  'oskar',
  'ingrid',
  'nils',
  'karin',
  'li',
) as [string, string, string, string, string, string, string];
const [carla, bob, clara, david, emma, farid, grace, hugo] = contoso(
  'carla',
  'bob',
  'clara',
  'david',
  'emma',
  'farid',
  'grace',
  'hugo',
) as [string, string, string, string, string, string, string, string];
const [tina, tom, uma] = at(TAILSPIN, 'tina', 'tom', 'uma') as [string, string, string];

const WEEKLY = (days: string, interval = 1) => `FREQ=WEEKLY;INTERVAL=${interval};BYDAY=${days}`;
const WORKDAYS = WEEKLY('MO,TU,WE,TH,FR');

const PLANS: readonly Plan[] = [
  // Fabrikam among themselves.
  {
    title: 'Stand-up',
    by: anders,
    day: 0,
    time: '09:00',
    lasts: 15,
    people: [erik, maja, oskar],
    rule: WORKDAYS,
    without: [11],
    moved: { day: 2, toDay: 2, toTime: '11:30' },
    place: 'Vänern',
  },
  {
    title: 'IT weekly',
    by: ann,
    day: 0,
    time: '10:00',
    lasts: 60,
    people: [helena, ulf, sara],
    rule: WEEKLY('MO'),
    place: 'Vättern',
  },
  {
    title: 'Management',
    by: karin,
    day: 1,
    time: '13:00',
    lasts: 120,
    people: [ann, ingrid],
    rule: WEEKLY('TU', 2),
    place: 'Vättern',
  },
  { title: 'Ann and Helena', by: ann, day: 3, time: '15:00', lasts: 30, people: [helena], rule: WEEKLY('TH') },
  { title: 'Security review', by: sara, day: 2, time: '14:00', lasts: 60, people: [ann, ulf], rule: WEEKLY('WE', 2) },
  {
    title: 'All hands',
    by: karin,
    day: 4,
    time: '15:00',
    lasts: 45,
    people: fabrikam(
      'ann',
      'anders',
      'helena',
      'ulf',
      'gunilla',
      'sara',
      'erik',
      'maja',
      'oskar',
      'ingrid',
      'nils',
      'li',
    ),
    answers: { [nils]: 'DECLINED', [erik]: 'NEEDS-ACTION' },
    place: 'Canteen',
    words: 'The quarter in figures, and what comes next.',
  },
  {
    title: 'Interview: network engineer',
    by: ann,
    day: 3,
    time: '10:00',
    lasts: 60,
    people: [ulf],
    status: 'TENTATIVE',
    place: 'Vänern',
  },
  { title: 'Renew certificates', by: ann, day: 1, time: '09:00', lasts: 60 },
  {
    title: 'Budget review',
    by: ingrid,
    day: 3,
    time: '13:00',
    lasts: 90,
    people: [nils, karin, li],
    rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TH',
    place: 'Vättern',
    answers: { [li]: 'TENTATIVE' },
  },
  { title: 'Month end', by: nils, day: 0, time: '08:00', lasts: 240, status: 'TENTATIVE' },
  {
    title: 'Pump test, rig 2',
    by: oskar,
    day: 0,
    time: '12:30',
    lasts: 210,
    rule: 'FREQ=WEEKLY;BYDAY=MO,WE',
    place: 'Rig 2',
  },
  { title: 'Drawings', by: erik, day: 1, time: '13:00', lasts: 180, rule: WEEKLY('TU,TH') },
  {
    title: 'Housing: model review',
    by: maja,
    day: 2,
    time: '09:30',
    lasts: 60,
    people: [erik, oskar],
    place: 'Vänern',
  },
  { title: 'Supplier lunch', by: li, day: 2, time: '12:00', lasts: 90, place: 'Harbour Kitchen' },
  { title: 'Price list', by: li, day: 1, time: '09:00', lasts: 120 },
  { title: 'Helpdesk on duty', by: helena, day: 1, time: '08:00', lasts: 240, rule: WEEKLY('TU,FR') },
  { title: 'Access review', by: ulf, day: 2, time: '09:00', lasts: 90 },
  { title: 'Prepare the tender', by: gunilla, day: 1, time: '09:30', lasts: 150 },
  { title: 'Board papers', by: karin, day: 3, time: '09:00', lasts: 120 },
  { title: 'Audit preparation', by: ingrid, day: 1, time: '09:00', lasts: 120 },
  // What is nobody else's business.
  { title: 'Dentist', by: ann, day: 2, time: '08:00', lasts: 60, isPrivate: true, status: 'OOF' },
  { title: 'Parents’ evening', by: anders, day: 3, time: '16:00', lasts: 90, isPrivate: true },
  { title: 'Physiotherapy', by: gunilla, day: 0, time: '16:00', lasts: 60, isPrivate: true, rule: WEEKLY('MO') },
  { title: 'Collect the children', by: bob, day: 0, time: '15:15', lasts: 45, isPrivate: true, rule: WEEKLY('MO,WE') },
  // Away.
  { title: 'Holiday', by: nils, day: 3, lasts: 2, status: 'OOF' },
  { title: 'Holiday', by: maja, day: 7, lasts: 3, status: 'OOF' },
  { title: 'Working from home', by: ulf, day: 4, lasts: 1, status: 'WORKINGELSEWHERE', rule: WEEKLY('FR') },
  { title: 'Trade fair', by: gunilla, day: 10, lasts: 2, status: 'OOF', place: 'Gothenburg' },
  { title: 'Site visit', by: david, day: 4, lasts: 1, status: 'OOF', place: 'Bristol' },
  // Contoso among themselves.
  {
    title: 'Consulting team',
    by: clara,
    day: 0,
    time: '09:30',
    lasts: 45,
    people: [bob, emma],
    rule: WEEKLY('MO'),
    place: 'Thames',
  },
  {
    title: 'Client workshop',
    by: clara,
    day: 2,
    time: '10:00',
    lasts: 180,
    people: [bob, emma],
    place: 'Client’s office',
  },
  { title: 'Proposal', by: bob, day: 1, time: '13:00', lasts: 120 },
  { title: 'Timesheets', by: bob, day: 4, time: '16:00', lasts: 30, rule: WEEKLY('FR') },
  { title: 'Market figures', by: emma, day: 3, time: '09:00', lasts: 180 },
  { title: 'Calculation review', by: david, day: 3, time: '09:00', lasts: 90, people: [clara] },
  { title: 'Contracts clinic', by: farid, day: 2, time: '14:00', lasts: 60, rule: WEEKLY('WE'), place: 'Severn' },
  {
    title: 'Change board',
    by: carla,
    day: 3,
    time: '15:00',
    lasts: 60,
    people: [hugo],
    rule: WEEKLY('TH'),
    place: 'Severn',
  },
  { title: 'Network maintenance', by: hugo, day: 3, time: '21:00', lasts: 120, place: 'Data centre' },
  { title: 'Pipeline', by: grace, day: 0, time: '11:00', lasts: 60, people: [clara], rule: WEEKLY('MO') },
  { title: 'Budget', by: carla, day: 1, time: '10:00', lasts: 90 },
  // Across.
  {
    title: 'Falcon weekly',
    by: anders,
    day: 1,
    time: '10:00',
    lasts: 60,
    people: [erik, maja, bob, david],
    rule: WEEKLY('TU'),
    answers: { [david]: 'TENTATIVE' },
    place: 'Mälaren',
    words: 'State of the pump, open points, who does what until next week.',
    categories: 'Falcon',
  },
  {
    title: 'Falcon: design review',
    by: maja,
    day: 3,
    time: '13:30',
    lasts: 90,
    people: [anders, oskar, bob, david],
    answers: { [bob]: 'NEEDS-ACTION', [oskar]: 'ACCEPTED' },
    place: 'Mälaren',
    words: 'Please read the drawings before: we go through the housing part by part.',
    categories: 'Falcon',
  },
  { title: 'Partner call', by: grace, day: 2, time: '15:30', lasts: 30, people: [gunilla], rule: WEEKLY('WE', 2) },
  {
    title: 'Partner review',
    by: grace,
    day: 8,
    time: '13:00',
    lasts: 60,
    people: [gunilla, karin, clara],
    answers: { [karin]: 'NEEDS-ACTION' },
  },
  // Tailspin.
  { title: 'Pipeline', by: tom, day: 0, time: '09:00', lasts: 60, people: [tina, uma], rule: WEEKLY('MO') },
  { title: 'Customer demonstration', by: tom, day: 2, time: '11:00', lasts: 60, people: [uma] },
];

/** Everybody's copy is written by itself: no letter waits for anybody. */
const SILENT = { isSilent: true } as const;

interface Room {
  readonly name: string;
  readonly capacity: number;
  readonly building: string;
}
const room = (name: string, capacity: number, building: string): Room => ({ name, capacity, building });

/** The rooms of each organisation, by the part of their address before the `@`. */
const ROOMS: Readonly<Record<string, Readonly<Record<string, Room>>>> = {
  [FABRIKAM]: {
    malaren: room('Mälaren', 10, 'Main building'),
    vattern: room('Vättern', 14, 'Main building'),
    vanern: room('Vänern', 6, 'Workshop'),
  },
  [CONTOSO]: { thames: room('Thames', 12, 'London'), severn: room('Severn', 8, 'London') },
};

/** The room that a meeting is in, as an address; undefined for other places. */
function roomOf({ by, place }: Plan): { address: string; name: string } | undefined {
  const domain = by.split('@')[1] ?? '';
  const found = Object.entries(ROOMS[domain] ?? {}).find(([, { name }]) => name === place);
  return found && { address: `${found[0]}@${domain}`, name: found[1].name };
}

const WEEKS_BEFORE = 6;
/** Endless series would be expanded for years, which a demo has no use for. */
const WEEKS_AFTER = 12;

/**
 * Gives everybody of the demo a month that looks lived in: series with exceptions, absences, private things, meetings
 * across organisations. Times are reckoned from this week's Monday, so that the demo is never out of date.
 */
export async function loadCalendars(
  run: Run,
  organisations: readonly LoadedOrganisation[],
  { nameOf, falcon }: { nameOf: (address: string) => string; falcon: GroupId | undefined },
): Promise<void> {
  for (const organisation of organisations) {
    await as(run, organisation, administratorOf(organisation), (ctx) =>
      changeSettings(ctx, calendarDefaults, undefined, {
        timeZone: ZONES[organisation.domain] ?? 'UTC',
        defaultPermission: 'limitedRead',
      }),
    );
  }
  for (const organisation of organisations) {
    for (const name of Object.keys(organisation.people)) {
      const address = `${name}@${organisation.domain}`;
      const own = PLANS.filter(({ by, people }) => by === address || people?.includes(address));
      if (own.length === 0) continue;
      await as(run, organisation, name, async (ctx) => {
        const { id } = await ownDefaultCalendar(ctx, 'write');
        for (const plan of own) {
          const uid = uidOf(plan);
          await putObject(ctx, {
            calendarId: id,
            name: `${uid}.ics`,
            text: textOf(plan, { reader: address, now: ctx.now, nameOf }),
            saying: SILENT,
          });
        }
      });
    }
  }
  for (const organisation of organisations) await furnish(run, organisation, nameOf);
  await relate(run, organisations);
  await shareAcross(run, organisations, nameOf);
  const home = organisations.find(({ domain }) => domain === FABRIKAM);
  if (!home || !falcon) return;
  await as(run, home, 'anders', async (ctx) => {
    const { calendar } = await holdCalendarOf(ctx, { kind: 'group', id: falcon }, undefined, 'write');
    for (const plan of FALCON) {
      const text = textOf(plan, { reader: anders, now: ctx.now, nameOf });
      await putObject(ctx, { calendarId: calendar.id, name: `${uidOf(plan)}.ics`, text, saying: SILENT });
    }
  });
}

/** Makes an organisation's rooms, with the meetings that are in them. */
async function furnish(run: Run, organisation: LoadedOrganisation, nameOf: (address: string) => string): Promise<void> {
  const { id: tenantId, domain } = organisation;
  for (const [name, { name: displayName, capacity, building }] of Object.entries(ROOMS[domain] ?? {})) {
    const emailAddress = `${name}@${domain}`;
    await as(run, organisation, administratorOf(organisation), async (ctx) => {
      await createPlace(ctx, {
        ...{ kind: 'room', displayName, emailAddress, capacity, building, booking: bookingShape.parse({}) },
        ...{ floorLabel: null, label: null, phone: null, tags: [], isWheelchairAccessible: true },
        ...{ audioDevice: null, videoDevice: null, displayDevice: null, address: null, geo: null },
      });
    });
    const meetings = PLANS.filter((plan) => roomOf(plan)?.address === emailAddress);
    await run({ tenantId, actor: { kind: 'system', name: 'demo' } }, async (ctx) => {
      const account = await findAccountByPrincipalName(ctx, emailAddress);
      if (!account) return;
      const { calendar } = await holdCalendarOf(ctx, { kind: 'account', id: account.id }, undefined, 'write');
      for (const plan of meetings) {
        const text = textOf(plan, { reader: emailAddress, now: ctx.now, nameOf });
        await putObject(ctx, { calendarId: calendar.id, name: `${uidOf(plan)}.ics`, text, saying: SILENT });
      }
    });
  }
}

/**
 * Contoso tells Fabrikam when its people are free, and about what; Fabrikam tells Contoso only when. Neither has a word
 * for Tailspin, whose people learn nothing.
 */
async function relate(run: Run, organisations: readonly LoadedOrganisation[]): Promise<void> {
  const levels = [
    { of: FABRIKAM, to: CONTOSO, name: 'Contoso', level: 'AvailabilityOnly' },
    { of: CONTOSO, to: FABRIKAM, name: 'Fabrikam', level: 'LimitedDetails' },
  ];
  for (const { of, to, name, level } of levels) {
    const owner = organisations.find(({ domain }) => domain === of);
    const partner = organisations.find(({ domain }) => domain === to);
    if (!owner || !partner) continue;
    await as(run, owner, administratorOf(owner), (ctx) =>
      changeSettings(ctx, organizationRelationships, newId(), {
        name,
        domainNames: [to],
        partnerTenantId: partner.id,
        freeBusyAccessEnabled: true,
        freeBusyAccessLevel: level,
      }),
    );
  }
}

/** Contoso's own calendar of the project, which people of Fabrikam have taken among theirs. */
const CONTOSOS_FALCON = { name: 'Falcon at Contoso', by: 'bob', readers: ['ann', 'anders'], role: 'read' } as const;

/**
 * Bob of Contoso keeps a calendar of what Contoso does for the project and shares it with people of Fabrikam, as far as
 * Contoso's sharing policy lets him.
 */
async function shareAcross(
  run: Run,
  organisations: readonly LoadedOrganisation[],
  nameOf: (address: string) => string,
): Promise<void> {
  const fabrikam = organisations.find(({ domain }) => domain === FABRIKAM);
  const contoso = organisations.find(({ domain }) => domain === CONTOSO);
  if (!fabrikam || !contoso) return;
  const { name, by, readers, role } = CONTOSOS_FALCON;
  await as(run, contoso, administratorOf(contoso), (ctx) =>
    changeSettings(ctx, sharingPolicies, newId(), {
      name: 'With Fabrikam',
      rules: [`${FABRIKAM}: CalendarSharingFreeBusyReviewer`, '*: CalendarSharingFreeBusySimple'],
      isDefault: true,
    }),
  );
  const calendar = await as(run, contoso, by, async (ctx) => {
    const made = await createOwnCalendar(ctx, { name, slug: 'falcon' });
    for (const plan of CONTOSO_WORK) {
      const text = textOf(plan, { reader: bob, now: ctx.now, nameOf });
      await putObject(ctx, { calendarId: made.id, name: `${uidOf(plan)}.ics`, text, saying: SILENT });
    }
    for (const reader of readers) {
      await putGrant(ctx, {
        kind: GRANTS.calendar.kind,
        subject: { kind: 'contact', id: `${reader}@${FABRIKAM}` },
        object: { kind: GRANTS.calendar.objectKind, id: made.id },
        level: role,
        homeTenantId: fabrikam.id,
        homeDomain: FABRIKAM,
        givenBy: contoso.people[by] as string,
        sponsorId: contoso.people[by] as string,
      });
    }
    return made;
  });
  if (!calendar) return;
  for (const reader of readers) {
    await as(run, fabrikam, reader, (ctx) =>
      keepShared(ctx, {
        accountId: fabrikam.people[reader] as string,
        partnerTenantId: contoso.id,
        partnerCalendarId: calendar.id,
        name,
        ownerName: nameOf(bob),
        ownerAddress: bob,
        organisationName: 'Contoso',
        color: null,
        role,
      }),
    );
  }
}

/** What stands in Contoso's calendar of the project. */
const CONTOSO_WORK: readonly Plan[] = [
  {
    title: 'Vibration measured',
    by: bob,
    day: 1,
    time: '14:30',
    lasts: 90,
    place: 'Laboratory',
    words: 'Rig 2, all loads.',
  },
  { title: 'Calculation delivered', by: bob, day: 3, lasts: 1, status: 'FREE' },
  { title: 'Report read through', by: bob, day: 4, time: '09:30', lasts: 60, place: 'Thames' },
  { title: 'On site at Fabrikam', by: bob, day: 8, lasts: 2, place: 'Rig 2' },
];

/** What stands in the calendar of Project Falcon itself. */
const FALCON: readonly Plan[] = [
  { title: 'Housing frozen', by: anders, day: 4, lasts: 1, status: 'FREE', categories: 'Falcon' },
  { title: 'Prototype week', by: anders, day: 7, lasts: 5, status: 'FREE', categories: 'Falcon' },
  { title: 'Test stand booked', by: anders, day: 2, time: '13:00', lasts: 120, place: 'Rig 2', categories: 'Falcon' },
];

const administratorOf = ({ domain }: LoadedOrganisation) =>
  ({ [FABRIKAM]: 'ann', [CONTOSO]: 'carla', [TAILSPIN]: 'tina' })[domain] ?? '';

async function as<T>(
  run: Run,
  { id, people }: LoadedOrganisation,
  name: string,
  act: (ctx: Context) => Promise<T>,
): Promise<T | undefined> {
  const accountId = people[name];
  if (accountId === undefined) return undefined;
  const work = { tenantId: id, actor: { kind: 'system', name: 'demo' } } as const;
  const actor = await run({ ...work, readOnly: true }, (ctx) => accessPorts.actorOf(ctx, accountId));
  return actor && run({ ...work, actor }, act);
}

/** The same in every calendar that holds the meeting. */
const uidOf = ({ title, by, day }: Plan) =>
  `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${day}-${by.replace('@', '.')}`;

interface Written {
  /** In whose calendar it stands. */
  readonly reader: string;
  readonly now: Date;
  readonly nameOf: (address: string) => string;
}

/** The event as `reader` has it, in iCalendar (RFC 5545). */
function textOf(plan: Plan, written: Written): string {
  const zone = ZONES[plan.by.split('@')[1] ?? ''] ?? 'UTC';
  const definition = plan.time === undefined ? undefined : definitionOf(zone)?.toString();
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Entente//Demo//EN',
    ...(definition ? definition.split(/\r?\n/) : []),
    ...componentOf(plan, written, zone),
    ...(plan.moved ? componentOf(plan, written, zone, plan.moved) : []),
    'END:VCALENDAR',
  ];
  return `${lines.map(folded).join('\r\n')}\r\n`;
}

function componentOf(plan: Plan, { reader, now, nameOf }: Written, zone: string, moved?: Plan['moved']): string[] {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).toPlainDate();
  // At the weekend, people look at the week to come.
  const monday = today.add({ days: today.dayOfWeek > 5 ? 8 - today.dayOfWeek : 1 - today.dayOfWeek });
  const on = (day: number) => monday.add({ days: day });
  const first = on(plan.day - (plan.rule ? WEEKS_BEFORE * 7 : 0));
  const when = (name: string, day: Temporal.PlainDate, time: string | undefined, more = 0) =>
    time === undefined
      ? `${name};VALUE=DATE:${plainDate(day.add({ days: more }))}`
      : `${name};TZID=${zone}:${plainTime(day.toPlainDateTime(time).add({ minutes: more }))}`;
  const [day, time] = moved ? [on(moved.toDay), moved.toTime] : [first, plan.time];
  const answer = (address: string) => plan.answers?.[address] ?? 'ACCEPTED';
  const mine = answer(reader);
  const status = plan.by === reader || mine !== 'ACCEPTED' ? plan.status : undefined;
  return [
    'BEGIN:VEVENT',
    `UID:${uidOf(plan)}`,
    `DTSTAMP:${stamp(now)}`,
    ...(moved ? [when('RECURRENCE-ID', on(moved.day), plan.time)] : []),
    when('DTSTART', day, time),
    when('DTEND', day, time, plan.lasts),
    ...(plan.rule && !moved
      ? [`RRULE:${plan.rule};UNTIL=${plainDate(on(WEEKS_AFTER * 7))}${plan.time ? 'T000000Z' : ''}`]
      : []),
    ...(moved ? [] : (plan.without ?? []).map((one) => when('EXDATE', on(one), plan.time))),
    `SUMMARY:${escaped(plan.title)}`,
    ...(plan.place ? [`LOCATION:${escaped(plan.place)}`] : []),
    ...(plan.words ? [`DESCRIPTION:${escaped(plan.words)}`] : []),
    ...(plan.categories ? [`CATEGORIES:${escaped(plan.categories)}`] : []),
    ...(plan.isPrivate ? ['CLASS:PRIVATE'] : []),
    ...(plan.status === 'FREE' ? ['TRANSP:TRANSPARENT'] : []),
    ...(status === 'TENTATIVE' ? ['STATUS:TENTATIVE', 'X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE'] : []),
    ...(status === 'OOF' || status === 'WORKINGELSEWHERE' ? [`X-MICROSOFT-CDO-BUSYSTATUS:${status}`] : []),
    ...(plan.people
      ? [
          ...roomLine(plan),
          `ORGANIZER;CN=${nameOf(plan.by)}:mailto:${plan.by}`,
          ...plan.people.map(
            (address) =>
              `ATTENDEE;CUTYPE=INDIVIDUAL;CN=${nameOf(address)};PARTSTAT=${answer(address)}:mailto:${address}`,
          ),
        ]
      : []),
    'SEQUENCE:0',
    'END:VEVENT',
  ];
}

function roomLine(plan: Plan): string[] {
  const found = roomOf(plan);
  return found
    ? [`ATTENDEE;CUTYPE=ROOM;ROLE=NON-PARTICIPANT;CN=${found.name};PARTSTAT=ACCEPTED:mailto:${found.address}`]
    : [];
}

const plainDate = (day: Temporal.PlainDate) => day.toString().replaceAll('-', '');
const plainTime = (at: Temporal.PlainDateTime) => at.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '');
const stamp = (now: Date) => `${now.toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
const escaped = (text: string) => text.replaceAll(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');

const FOLD_AT = 60;

/** RFC 5545 §3.1: no line longer than 75 octets. Letters here take three octets at most where there are few. */
const folded = (line: string) => line.match(new RegExp(`.{1,${FOLD_AT}}`, 'gu'))?.join('\r\n ') ?? line;
