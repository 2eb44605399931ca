import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Api, ApiFault, type Page, samePath } from '../api.ts';
import { useMe, useOrganization } from '../shell/me.ts';
import { useApi, useTenant, useThing } from '../shell/tenant.ts';
import { useFollowed } from '../shell/use-live.tsx';
import { type Colour, colourOf } from './colours.ts';
import { type Row, rowOf } from './free-busy.ts';
import type { Kept } from './kept.ts';
import { useNamed } from './people-names.ts';
import { addDays, dayOf, knownZone, minutesBetween, plus, type Wall, wallAt, wallOf } from './times.ts';
import type {
  Calendar,
  CalendarEvent,
  MailboxSettings,
  Schedule,
  SharedCalendar,
  SharedEvent,
  ShowAs,
} from './wire.ts';

/** Asked again this often where the server does not tell of changes: while there is no connection, and of partners. */
const REFRESH = 30_000;
/** And where it does. Milliseconds. */
const RARELY = 600_000;

/** What the server calls the calendar that everybody begins with. */
const DEFAULT_NAME = 'Calendar';

/** By what the server is asked to tell of changes in the list of calendars itself. */
const HOME = 'home';

/** One line of the list of calendars: somebody's own, one they may open, a group's, or a person laid over. */
export interface Source {
  readonly key: string;
  readonly kind: 'mine' | 'shared' | 'group' | 'person';
  readonly name: string;
  readonly address: string | undefined;
  /** Set when it is another organisation's. */
  readonly organisation: string | undefined;
  readonly colour: Colour;
  readonly canEdit: boolean;
  readonly isDefault: boolean;
  /** Where its events are, below which `/events` and `/calendarView` stand. Undefined for people laid over. */
  readonly path: string | undefined;
  /** By what the server is asked to tell of changes in it. Undefined: it is another organisation's. */
  readonly followed: string | undefined;
  readonly calendar: Calendar | undefined;
  /** Accepted from another organisation: taken out of the list, it stays shared there. */
  readonly isPartners: boolean;
}

/** An event as the views draw it, on the clock of the reader. */
export interface Shown {
  readonly key: string;
  readonly source: Source;
  /** Undefined for a stretch of free/busy. */
  readonly event: CalendarEvent | undefined;
  readonly title: string | undefined;
  readonly start: Wall;
  readonly end: Wall;
  readonly isAllDay: boolean;
  readonly status: ShowAs;
  readonly isPrivate: boolean;
  readonly isCancelled: boolean;
  readonly isSeries: boolean;
  readonly isEditable: boolean;
}

/** Which organisation an address belongs to; undefined for the own one. */
export function useOrganisationOf(): (address: string | null | undefined) => string | undefined {
  const domains = useOrganization()?.verifiedDomains;
  const own = useMe().data?.userPrincipalName.split('@').at(-1);
  return useMemo(() => {
    const ours = new Set([own, ...(domains ?? []).map(({ name }) => name)].map((name) => name?.toLowerCase()));
    return (address) => {
      const domain = address?.split('@').at(-1)?.toLowerCase();
      return domain === undefined || !address?.includes('@') || ours.has(domain) ? undefined : domain;
    };
  }, [domains, own]);
}

/** The zone and working hours of whoever reads. Until they are known, the browser's zone. */
export function useMailbox() {
  const settings = useThing<MailboxSettings>('/v1.0/me/mailboxSettings');
  return {
    zone: knownZone(settings.data?.timeZone),
    workingHours: settings.data?.workingHours,
    isPending: settings.isPending,
  };
}

/** Every calendar that can be shown, in the order of the list. */
export function useSources(kept: Kept) {
  const calendars = useThing<Page<Calendar>>('/v1.0/me/calendars');
  const groups =
    useThing<Page<{ id: string; displayName: string; groupTypes?: string[]; '@odata.type'?: string }>>(
      '/v1.0/me/memberOf',
    );
  const shared = useThing<Page<SharedCalendar>>('/me/shared-calendars');
  const me = useMe().data;
  const organisationOf = useOrganisationOf();
  const people = useNamed(kept.people);
  useFollowed([HOME], () => {
    void calendars.refetch();
    void shared.refetch();
  });
  const sources = useMemo(() => {
    const own = new Set([me?.mail, me?.userPrincipalName].map((one) => one?.toLowerCase()));
    const isMine = ({ owner }: Calendar) => !owner?.address || own.has(owner.address.toLowerCase());
    const list: Source[] = [];
    const all = [...(calendars.data?.value ?? [])];
    const order = (one: Calendar) => (isMine(one) ? (one.isDefaultCalendar ? 0 : 1) : 2);
    for (const one of all.sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name))) {
      list.push({
        key: `calendar:${one.id}`,
        kind: isMine(one) ? 'mine' : 'shared',
        name: isMine(one) ? one.name : (one.owner?.name ?? one.name),
        address: one.owner?.address ?? undefined,
        organisation: organisationOf(one.owner?.address),
        colour: colourOf(one.color, list.length),
        canEdit: one.canEdit ?? isMine(one),
        isDefault: isMine(one) && (one.isDefaultCalendar ?? false),
        path: `/v1.0/me/calendars/${one.id}`,
        followed: one.id,
        calendar: one,
        isPartners: false,
      });
    }
    for (const one of shared.data?.value ?? []) {
      const domain = organisationOf(one.owner.address);
      list.push({
        key: `shared:${one.id ?? one.calendarId}`,
        kind: 'shared',
        // What everybody's first calendar is called says nothing.
        name: one.name === DEFAULT_NAME ? one.owner.name : `${one.name} · ${one.owner.name}`,
        address: one.owner.address ?? undefined,
        organisation: one.isInside ? undefined : domain,
        colour: colourOf(undefined, list.length),
        canEdit: one.isInside && (one.role === 'write' || one.role.startsWith('delegate')),
        isDefault: false,
        path: one.isInside
          ? `/v1.0/${one.ownerKind === 'group' ? 'groups' : 'users'}/${one.ownerId}/calendars/${one.calendarId}`
          : `/me/shared-calendars/${one.id}`,
        followed: one.calendarId,
        calendar: undefined,
        isPartners: !one.isInside,
      });
    }
    for (const group of groups.data?.value ?? []) {
      if (!group.groupTypes?.includes('Unified')) continue;
      list.push({
        key: `group:${group.id}`,
        kind: 'group',
        name: group.displayName,
        address: undefined,
        organisation: undefined,
        colour: colourOf(undefined, list.length),
        canEdit: true,
        isDefault: false,
        path: `/v1.0/groups/${group.id}`,
        followed: group.id,
        calendar: undefined,
        isPartners: false,
      });
    }
    for (const person of people) {
      list.push({
        key: `person:${person.address.toLowerCase()}`,
        kind: 'person',
        name: person.name,
        address: person.address,
        organisation: organisationOf(person.address),
        colour: colourOf(undefined, list.length),
        canEdit: false,
        isDefault: false,
        path: undefined,
        followed: undefined,
        calendar: undefined,
        isPartners: false,
      });
    }
    return list;
  }, [calendars.data, groups.data, shared.data, people, me, organisationOf]);
  return { sources, isPending: calendars.isPending, fault: calendars.error, reload: () => void calendars.refetch() };
}

/** A range of days, the last not included: `YYYY-MM-DD`. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** The header that asks for times on one clock. */
export const onClock = (zone: string) => ({ prefer: `outlook.timezone="${zone}"` });

/** The events of a calendar of another organisation, as that tells them now. */
async function partnersEvents(api: Api, path: string, { from, to }: Days, signal: AbortSignal) {
  const params = { start: `${addDays(from, -1)}T00:00:00Z`, end: `${addDays(to, 1)}T00:00:00Z` };
  const view = await api.get<{ timeZone: string; value: readonly SharedEvent[] }>(`${path}/view`, { params, signal });
  const zone = knownZone(view.timeZone, 'UTC');
  const moment = (at: string) => ({ dateTime: wallAt(new Date(at), zone), timeZone: zone });
  return view.value.map(
    (one): CalendarEvent => ({
      id: one.id,
      subject: one.subject,
      isAllDay: one.isAllDay,
      isCancelled: one.isCancelled,
      showAs: one.showAs,
      start: moment(one.start),
      end: moment(one.end),
      bodyPreview: one.description ?? '',
      location: { displayName: one.location ?? '' },
      sensitivity: one.isPrivate ? 'private' : 'normal',
      isOrganizer: false,
    }),
  );
}

async function allEvents(api: Api, path: string, days: Days, zone: string, signal: AbortSignal) {
  if (path.startsWith('/me/shared-calendars/')) return partnersEvents(api, path, days, signal);
  const { from, to } = days;
  const headers = onClock(zone);
  // A day more on both sides: the range is asked in UTC, the clock may be elsewhere.
  const params = {
    startDateTime: `${addDays(from, -1)}T00:00:00Z`,
    endDateTime: `${addDays(to, 1)}T00:00:00Z`,
    $top: 250,
  };
  const rows: CalendarEvent[] = [];
  let page = await api.get<Page<CalendarEvent>>(`${path}/calendarView`, { params, headers, signal });
  rows.push(...page.value);
  while (page['@odata.nextLink']) {
    page = await api.get<Page<CalendarEvent>>(samePath(page['@odata.nextLink']), { headers, signal });
    rows.push(...page.value);
  }
  return rows;
}

/** The key under which the events of a calendar are kept; changes are made to all that begin with `[tenant, 'events']`. */
export const eventsKey = (tenant: string, path: string, days: Days, zone: string) =>
  [tenant, 'events', path, days.from, days.to, zone] as const;

/** What stands in the shown calendars on these days. */
export function useEvents(
  sources: readonly Source[],
  days: Days | undefined,
  zone: string,
  hidden: ReadonlySet<string>,
) {
  const api = useApi();
  const tenant = useTenant();
  const queryClient = useQueryClient();
  const shown = sources.filter(({ key, path }) => path !== undefined && !hidden.has(key));
  const told = useFollowed(
    shown.flatMap(({ followed }) => followed ?? []),
    (changed) => {
      for (const { followed, path } of shown)
        if (followed !== undefined && changed.includes(followed))
          void queryClient.invalidateQueries({ queryKey: [tenant, 'events', path] });
    },
  );
  const queries = useQueries({
    queries: shown.map(({ path, followed }) => ({
      queryKey: eventsKey(tenant, path!, days ?? { from: '', to: '' }, zone),
      queryFn: ({ signal }: { signal: AbortSignal }) => allEvents(api, path!, days!, zone, signal),
      enabled: days !== undefined,
      refetchInterval: followed !== undefined && told.has(followed) ? RARELY : REFRESH,
      placeholderData: (before: CalendarEvent[] | undefined) => before,
    })),
  });
  const people = sources.filter(({ key, kind }) => kind === 'person' && !hidden.has(key));
  const rows = useRows(
    people.map(({ address }) => address!),
    days,
    zone,
  );
  const events: Shown[] = [];
  for (const [i, source] of shown.entries()) {
    for (const event of queries[i]?.data ?? []) events.push(shownOf(event, source, zone));
  }
  for (const source of people) {
    const row = rows.rows.find(({ address }) => address.toLowerCase() === source.address?.toLowerCase());
    for (const [i, block] of (row?.blocks ?? []).entries()) {
      // Whole days of another zone are whole days here, too.
      const minutes = minutesBetween(block.start, block.end);
      const isAllDay = minutes >= DAY_MINUTES && minutes % DAY_MINUTES === 0;
      const firstDay = `${dayOf(plus(block.start, { minutes: DAY_MINUTES / 2 }))}T00:00:00`;
      events.push({
        key: `${source.key}:${i}`,
        source,
        event: undefined,
        title: block.subject,
        start: isAllDay ? firstDay : block.start,
        end: isAllDay ? plus(firstDay, { minutes }) : block.end,
        isAllDay,
        status: block.status,
        isPrivate: block.isPrivate,
        isCancelled: false,
        isSeries: false,
        isEditable: false,
      });
    }
  }
  return {
    events,
    rows: rows.rows,
    isPending: queries.some(({ isPending }) => isPending),
    isFetching: queries.some(({ isFetching }) => isFetching),
    /** What could not be read, by the calendar's key. */
    faults: new Map(
      shown.flatMap(({ key }, i) => {
        const error = queries[i]?.error;
        return error instanceof ApiFault ? [[key, error] as const] : [];
      }),
    ),
    reload: () => {
      for (const query of queries) void query.refetch();
    },
  };
}

export function shownOf(event: CalendarEvent, source: Source, zone: string): Shown {
  const isAllDay = event.isAllDay ?? false;
  // Whole days are days, on whatever clock.
  const clock = (moment: CalendarEvent['start']) =>
    isAllDay ? `${moment.dateTime.slice(0, 10)}T00:00:00` : wallOf(moment, zone);
  return {
    key: `${source.key}:${event.id}`,
    source,
    event,
    title: event.subject ?? undefined,
    start: clock(event.start),
    end: clock(event.end),
    isAllDay,
    status: event.showAs ?? 'busy',
    isPrivate: event.sensitivity === 'private' || event.sensitivity === 'confidential',
    isCancelled: event.isCancelled ?? false,
    isSeries: event.type === 'occurrence' || event.type === 'exception' || event.type === 'seriesMaster',
    isEditable: source.canEdit && (event.isOrganizer ?? true) && !event.isCancelled,
  };
}

const LARGEST_QUESTION = 20;
const DAY_MINUTES = 1_440;

/** What is known of people's time on these days. More than twenty people are asked for in several questions. */
export function useRows(addresses: readonly string[], days: Days | undefined, zone: string) {
  const api = useApi();
  const tenant = useTenant();
  const organisationOf = useOrganisationOf();
  const atHome = addresses.filter((address) => organisationOf(address) === undefined).map((one) => one.toLowerCase());
  const told = useFollowed(atHome, () => void query.refetch());
  const query = useQuery<readonly Row[], ApiFault>({
    queryKey: [tenant, 'schedules', addresses, days, zone],
    enabled: addresses.length > 0 && days !== undefined,
    refetchInterval: addresses.every((address) => told.has(address.toLowerCase())) ? RARELY : REFRESH,
    placeholderData: (before) => before,
    queryFn: async ({ signal }) => {
      const rows: Row[] = [];
      for (let i = 0; i < addresses.length; i += LARGEST_QUESTION) {
        const schedules = addresses.slice(i, i + LARGEST_QUESTION);
        const answer = await api.post<Page<Schedule>>(
          '/v1.0/me/calendar/getSchedule',
          {
            schedules,
            startTime: { dateTime: `${days!.from}T00:00:00`, timeZone: zone },
            endTime: { dateTime: `${days!.to}T00:00:00`, timeZone: zone },
            availabilityViewInterval: 30,
          },
          { headers: onClock(zone), signal },
        );
        for (const address of schedules) {
          const found = answer.value.find(({ scheduleId }) => scheduleId.toLowerCase() === address.toLowerCase());
          rows.push(rowOf(address, found, zone));
        }
      }
      return rows;
    },
  });
  return { rows: addresses.length === 0 ? [] : (query.data ?? []), isPending: query.isPending, fault: query.error };
}
