export const FABRIKAM = 'fabrikam.example';
export const CONTOSO = 'contoso.example';
export const TAILSPIN = 'tailspin.example';

/** Where each organisation's clocks are. */
export const ZONES: Readonly<Record<string, string>> = {
  [FABRIKAM]: 'Europe/Stockholm',
  [CONTOSO]: 'Europe/London',
  [TAILSPIN]: 'America/New_York',
};

type Answer = 'ACCEPTED' | 'TENTATIVE' | 'DECLINED' | 'NEEDS-ACTION';

/** One meeting, absence or plan, as it stands in the calendar of whoever made it and of everybody invited. */
export interface Plan {
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

export const PLANS: readonly Plan[] = [
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

interface Room {
  readonly name: string;
  readonly capacity: number;
  readonly building: string;
}
const room = (name: string, capacity: number, building: string): Room => ({ name, capacity, building });

/** The rooms of each organisation, by the part of their address before the `@`. */
export const ROOMS: Readonly<Record<string, Readonly<Record<string, Room>>>> = {
  [FABRIKAM]: {
    malaren: room('Mälaren', 10, 'Main building'),
    vattern: room('Vättern', 14, 'Main building'),
    vanern: room('Vänern', 6, 'Workshop'),
  },
  [CONTOSO]: { thames: room('Thames', 12, 'London'), severn: room('Severn', 8, 'London') },
};

/** The room that a meeting is in, as an address; undefined for other places. */
export function roomOf({ by, place }: Plan): { address: string; name: string } | undefined {
  const domain = by.split('@')[1] ?? '';
  const found = Object.entries(ROOMS[domain] ?? {}).find(([, { name }]) => name === place);
  return found && { address: `${found[0]}@${domain}`, name: found[1].name };
}
/** What stands in Contoso's calendar of the project. */
export const CONTOSO_WORK: readonly Plan[] = [
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
export const FALCON: readonly Plan[] = [
  { title: 'Housing frozen', by: anders, day: 4, lasts: 1, status: 'FREE', categories: 'Falcon' },
  { title: 'Prototype week', by: anders, day: 7, lasts: 5, status: 'FREE', categories: 'Falcon' },
  { title: 'Test stand booked', by: anders, day: 2, time: '13:00', lasts: 120, place: 'Rig 2', categories: 'Falcon' },
];
