import '@fullcalendar/react/skeleton.css';
import '@fullcalendar/react/themes/forma/theme.css';
import './calendar.css';
import { ArrowRepeatAllRegular, BuildingRegular, LockClosedRegular } from '@fluentui/react-icons';
import type { CalendarRef, EventApi, EventDisplayInfo } from '@fullcalendar/react';
import FullCalendar from '@fullcalendar/react';
import dayGrid from '@fullcalendar/react/daygrid';
import interaction from '@fullcalendar/react/interaction';
import list from '@fullcalendar/react/list';
import swedish from '@fullcalendar/react/locales/sv';
import chinese from '@fullcalendar/react/locales/zh-cn';
import forma from '@fullcalendar/react/themes/forma';
import timeGrid from '@fullcalendar/react/timegrid';
import { type CSSProperties, type RefObject, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { View } from './keyboard.ts';
import type { Days, Shown } from './sources.ts';
import { clockOf, dayOf, firstDayOfWeek, plus, type Wall, wallAt, wallIn } from './times.ts';
import { WEEKDAYS, type WorkingHours } from './wire.ts';

/** A new place in time for an event: by dragging it, or one of its ends. */
export interface Moved {
  readonly start: Wall;
  readonly end: Wall;
  readonly isAllDay: boolean;
}

const VIEW_TYPES: Readonly<Record<View, string>> = {
  day: 'timeGridDay',
  workWeek: 'workWeek',
  week: 'timeGridWeek',
  month: 'dayGridMonth',
  agenda: 'agenda',
};

const LOCALES: Readonly<Record<string, string>> = { sv: 'sv', 'zh-Hans': 'zh-cn' };

const HALF_HOUR = 30;

/** The calendar itself: days and hours, and the events upon them. All times are on the clock of `zone`. */
export function CalendarGrid(props: {
  calendar: RefObject<CalendarRef | null>;
  view: View;
  date: string;
  zone: string;
  secondZone: string | undefined;
  workingHours: WorkingHours | undefined;
  events: readonly Shown[];
  isPhone: boolean;
  onDays: (days: Days, title: string) => void;
  onOpen: (event: Shown, element: HTMLElement) => void;
  onCreate: (place: Moved) => void;
  onMove: (event: Shown, to: Moved, revert: () => void) => void;
  onDay: (day: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const { zone, secondZone, workingHours } = props;
  const known = new Map(props.events.map((event) => [event.key, event]));
  const workDays = workingHours?.daysOfWeek?.map((day) => WEEKDAYS.indexOf(day)) ?? [1, 2, 3, 4, 5];
  const hours = workingHours?.startTime
    ? { start: workingHours.startTime.slice(0, 5), end: (workingHours.endTime ?? '17:00').slice(0, 5) }
    : { start: '08:00', end: '17:00' };
  const events = useMemo(
    () =>
      props.events.map((one) => ({
        id: one.key,
        title: one.title ?? (one.isPrivate ? t('calendars.private') : t(`calendars.status.${one.status}`)),
        start: one.isAllDay ? dayOf(one.start) : one.start,
        end: one.isAllDay ? dayOf(one.end) : one.end,
        allDay: one.isAllDay,
        editable: one.isEditable,
        extendedProps: { one },
      })),
    [props.events, t],
  );
  const firstDay = firstDayOfWeek(i18n.language, navigator.languages);
  const moved = (event: EventApi): Moved => ({
    start: wallText(event.startStr),
    end: event.endStr ? wallText(event.endStr) : defaultEnd(wallText(event.startStr), event.allDay),
    isAllDay: event.allDay,
  });
  return (
    <div className="entente-calendar">
      <FullCalendar
        ref={props.calendar}
        plugins={[timeGrid, dayGrid, list, interaction, forma]}
        views={{
          workWeek: {
            type: 'timeGridWeek',
            hiddenDays: [0, 1, 2, 3, 4, 5, 6].filter((day) => !workDays.includes(day)),
          },
          agenda: { type: 'list', duration: { days: 14 } },
        }}
        initialView={VIEW_TYPES[props.view]}
        initialDate={props.date}
        timeZone={zone}
        locales={[swedish, chinese]}
        locale={LOCALES[i18n.language] ?? 'en'}
        firstDay={firstDay}
        weekNumbers={!props.isPhone}
        weekNumberCalculation={firstDay === 1 ? 'ISO' : 'local'}
        headerToolbar={false}
        height="100%"
        borderless
        expandRows
        nowIndicator
        navLinks
        navLinkDayClick={(date) => props.onDay(dayOf(wallAt(date, zone)))}
        businessHours={{ daysOfWeek: workDays, startTime: hours.start, endTime: hours.end }}
        scrollTime={`${String(Math.max(0, Number(hours.start.slice(0, 2)) - 1)).padStart(2, '0')}:00:00`}
        slotDuration={{ minutes: HALF_HOUR }}
        snapDuration={{ minutes: 15 }}
        slotHeaderFormat={{ hour: 'numeric', minute: '2-digit' }}
        eventTimeFormat={{ hour: 'numeric', minute: '2-digit' }}
        allDayText={t('calendars.allDay')}
        noEventsContent={t('calendars.nothing')}
        slotHeaderContent={(info) =>
          secondZone && info.isTime && info.date ? (
            <SecondClock text={info.text} at={info.date} day={props.date} zone={zone} second={secondZone} />
          ) : (
            info.text
          )
        }
        dayMaxEvents
        moreLinkClick={({ date }) => props.onDay(dayOf(wallAt(date, zone)))}
        eventInteractive
        editable
        eventStartEditable
        eventDurationEditable
        eventResizableFromStart
        longPressDelay={400}
        selectable
        selectMirror
        selectMinDistance={4}
        unselectAuto
        forceEventDuration
        defaultTimedEventDuration={{ minutes: HALF_HOUR }}
        eventDisplay="block"
        eventMinHeight={20}
        eventShortHeight={36}
        events={events}
        eventClass={(info) => classOf(known.get(info.event.id), info)}
        eventContent={(info) => <EventWords info={info} one={known.get(info.event.id)} />}
        eventDidMount={({ el, event }) => {
          const one = event.extendedProps.one as Shown | undefined;
          if (!one) return;
          el.dataset.key = one.key;
          for (const [name, value] of Object.entries(styleOf(one))) el.style.setProperty(name, value);
        }}
        dayLaneDidMount={({ el }) => {
          // Also a day without events is reached, and scrolled, by keys.
          el.tabIndex = 0;
        }}
        datesSet={({ startStr, endStr, view }) =>
          props.onDays({ from: startStr.slice(0, 10), to: endStr.slice(0, 10) }, view.title)
        }
        eventClick={({ event, el, jsEvent }) => {
          jsEvent.preventDefault();
          const one = known.get(event.id);
          if (one) props.onOpen(one, el);
        }}
        select={({ startStr, endStr, allDay }) =>
          props.onCreate({ start: wallText(startStr), end: wallText(endStr), isAllDay: allDay })
        }
        dateClick={({ dateStr, allDay }) => {
          const start = wallText(dateStr);
          props.onCreate({ start, end: defaultEnd(start, allDay), isAllDay: allDay });
        }}
        eventDrop={({ event, revert }) => {
          const one = known.get(event.id);
          if (one) props.onMove(one, moved(event as unknown as EventApi), revert);
        }}
        eventResize={({ event, revert }) => {
          const one = known.get(event.id);
          if (one) props.onMove(one, moved(event as unknown as EventApi), revert);
        }}
      />
    </div>
  );
}

/** Tells the calendar to show another view or day. */
export const showView = (calendar: CalendarRef | null, view: View, date?: string) =>
  calendar?.getApi().changeView(VIEW_TYPES[view], date);

/** A day or a time as the calendar writes it, without its offset. */
const wallText = (text: string): Wall => (text.length === 10 ? `${text}T00:00:00` : text.slice(0, 19));

const defaultEnd = (start: Wall, isAllDay: boolean): Wall =>
  plus(start, isAllDay ? { days: 1 } : { minutes: HALF_HOUR });

function classOf(one: Shown | undefined, info: EventDisplayInfo): string {
  if (!one) return 'entente-event entente-new';
  const names = ['entente-event', `entente-${one.status}`];
  if (one.isCancelled) names.push('entente-cancelled');
  const response = one.event?.responseStatus?.response;
  if (response === 'notResponded' || (response === 'none' && one.event?.isOrganizer === false))
    names.push('entente-unanswered');
  if (response === 'declined') names.push('entente-cancelled');
  if (info.isPast) names.push('entente-past');
  return names.join(' ');
}

function styleOf({ source: { colour } }: Shown): Record<string, string> {
  return { '--entente-back': colour.back, '--entente-text': colour.text, '--entente-line': colour.line };
}

/** What stands in an event's box: time, title, place, and in words for those who do not see it, whose it is. */
function EventWords({ info, one }: { info: EventDisplayInfo; one: Shown | undefined }) {
  const { t } = useTranslation();
  const { title } = info.event;
  // One line where there is room for one: in a short stretch of a day, and in a month.
  const isRow = info.view.type === 'dayGridMonth' || info.event.allDay;
  const isShort = info.isShort || isRow;
  const isOther = one && one.source.kind !== 'mine' && !isShort;
  const place = isShort ? undefined : one?.event?.location?.displayName;
  return (
    <span
      className={`entente-words ${isShort ? 'entente-short' : ''} ${isRow ? 'entente-row' : ''}`}
      style={one ? (styleOf(one) as CSSProperties) : undefined}
    >
      <span className="entente-first">
        {info.timeText && !isShort && <span className="entente-time">{info.timeText}</span>}
        <span className="entente-title">{title}</span>
        {info.timeText && isShort && <span className="entente-time">{info.timeText}</span>}
        {one?.isPrivate && <LockClosedRegular aria-label={t('calendars.private')} />}
        {one?.isSeries && <ArrowRepeatAllRegular aria-label={t('calendars.repeats')} />}
      </span>
      {place && <span className="entente-second">{place}</span>}
      {isOther && (
        <span className="entente-second">
          {one.source.organisation && <BuildingRegular aria-hidden />}
          {one.source.organisation
            ? t('calendars.ofOrganisation', { name: one.source.name, organisation: one.source.organisation })
            : one.source.name}
        </span>
      )}
    </span>
  );
}

function SecondClock(props: { text: string; at: Date; day: string; zone: string; second: string }) {
  const clock = clockOf(wallAt(props.at, props.zone));
  return (
    <span className="entente-clocks">
      <span className="entente-second-clock">
        {clockOf(wallIn(`${props.day}T${clock}:00`, props.zone, props.second))}
      </span>
      <span>{props.text}</span>
    </span>
  );
}
