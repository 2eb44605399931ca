import { Button, Field, Input, makeStyles, mergeClasses, Spinner, Text, tokens } from '@fluentui/react-components';
import {
  CalendarAddRegular,
  ChevronLeftRegular,
  ChevronRightRegular,
  ClockRegular,
  DismissRegular,
  LockClosedRegular,
} from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type PointerEvent as ReactPointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ApiFault, quoted, type Page as Rows } from '../api.ts';
import { Choice } from '../parts/choice.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { NARROW } from '../parts/narrow.ts';
import { Page, Section } from '../parts/page.tsx';
import { RefusalBar, Why } from '../parts/refusal-bar.tsx';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { useMe } from '../shell/me.ts';
import { useApi, useTenant } from '../shell/tenant.ts';
import { EventForm } from './event-form.tsx';
import { canCome, type Knowledge, placeOf, type Row, statusDuring } from './free-busy.ts';
import { useKept } from './kept.ts';
import { PeopleField, type Somebody } from './people-field.tsx';
import { weekdayName } from './recurrence.ts';
import { SomebodyName } from './somebody.tsx';
import { onClock, useMailbox, useRows, useSources } from './sources.ts';
import {
  addDays,
  dayOf,
  knownZone,
  minutesBetween,
  plus,
  say,
  sayClocks,
  sayPeriod,
  sayZone,
  type Wall,
  wallAt,
  wallIn,
  wallOf,
} from './times.ts';
import type { ShowAs, Suggestions } from './wire.ts';

const DURATIONS = [15, 30, 45, 60, 90, 120, 180, 240] as const;
/** The part of the day that is shown, in hours. Whoever works at night chooses the whole day. */
const DAYTIME = { from: 7, to: 19 } as const;
const STEP_MINUTES = 15;

const useStyles = makeStyles({
  commands: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'end' },
  columns: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) 300px',
    gap: '24px',
    alignItems: 'start',
    '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  scroll: {
    overflowX: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    marginTop: '16px',
  },
  table: { minWidth: '760px', position: 'relative', [NARROW]: { minWidth: '620px' } },
  line: {
    display: 'grid',
    gridTemplateColumns: '240px minmax(0, 1fr)',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    [NARROW]: { gridTemplateColumns: '168px minmax(0, 1fr)' },
  },
  who: {
    padding: '8px 12px',
    position: 'sticky',
    insetInlineStart: 0,
    zIndex: 2,
    backgroundColor: tokens.colorNeutralBackground1,
    borderInlineEndWidth: '1px',
    borderInlineEndStyle: 'solid',
    borderInlineEndColor: tokens.colorNeutralStroke2,
    display: 'grid',
    gap: '4px',
    alignContent: 'center',
    minHeight: '56px',
    overflowWrap: 'anywhere',
  },
  name: { display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: '4px' },
  hours: { position: 'relative', height: '32px' },
  hour: {
    position: 'absolute',
    top: '8px',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground3,
    paddingInlineStart: '4px',
  },
  track: {
    position: 'relative',
    minHeight: '56px',
    overflow: 'hidden',
    backgroundImage: `linear-gradient(to right, ${tokens.colorNeutralStroke3} 1px, transparent 1px)`,
  },
  rest: { position: 'absolute', top: 0, bottom: 0, backgroundColor: tokens.colorNeutralBackground3 },
  block: {
    position: 'absolute',
    top: '6px',
    bottom: '6px',
    borderRadius: tokens.borderRadiusMedium,
    padding: '2px 6px',
    overflow: 'hidden',
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    borderInlineStartWidth: '4px',
    borderInlineStartStyle: 'solid',
    whiteSpace: 'nowrap',
    textOverflow: 'ellipsis',
    boxSizing: 'border-box',
    display: 'grid',
    alignContent: 'center',
  },
  busy: {
    backgroundColor: tokens.colorPaletteBlueBackground2,
    color: tokens.colorPaletteBlueForeground2,
    borderInlineStartColor: tokens.colorPaletteBlueBorderActive,
  },
  tentative: {
    color: tokens.colorPaletteBlueForeground2,
    borderInlineStartColor: tokens.colorPaletteBlueBorderActive,
    backgroundImage: `repeating-linear-gradient(135deg, ${tokens.colorPaletteBlueBackground2} 0 8px, ${tokens.colorNeutralBackground1} 8px 16px)`,
  },
  oof: {
    backgroundColor: tokens.colorPaletteBerryBackground2,
    color: tokens.colorPaletteBerryForeground1,
    borderInlineStartColor: tokens.colorPaletteBerryBorderActive,
  },
  workingElsewhere: {
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground2,
    border: `1px dashed ${tokens.colorNeutralStroke1}`,
  },
  unknown: {
    position: 'absolute',
    inset: 0,
    display: 'flex',
    alignItems: 'center',
    gap: '12px',
    flexWrap: 'wrap',
    padding: '4px 12px',
    backgroundImage: `repeating-linear-gradient(45deg, ${tokens.colorNeutralBackground2} 0 10px, ${tokens.colorNeutralBackground3} 10px 20px)`,
  },
  said: {
    backgroundColor: tokens.colorNeutralBackground1,
    padding: '2px 8px',
    borderRadius: tokens.borderRadiusMedium,
  },
  overlay: {
    position: 'absolute',
    top: 0,
    bottom: 0,
    insetInlineEnd: 0,
    insetInlineStart: '240px',
    pointerEvents: 'none',
    [NARROW]: { insetInlineStart: '168px' },
  },
  slot: {
    position: 'absolute',
    top: 0,
    bottom: 0,
    boxSizing: 'border-box',
    border: `2px solid ${tokens.colorCompoundBrandStroke}`,
    backgroundColor: `color-mix(in srgb, ${tokens.colorCompoundBrandBackground} 12%, transparent)`,
    borderRadius: tokens.borderRadiusMedium,
    cursor: 'grab',
    pointerEvents: 'auto',
    touchAction: 'none',
    padding: 0,
    zIndex: 1,
    ':active': { cursor: 'grabbing' },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '2px' },
  },
  clash: {
    border: `2px solid ${tokens.colorStatusWarningBorder2}`,
    backgroundColor: `color-mix(in srgb, ${tokens.colorStatusWarningBackground3} 14%, transparent)`,
  },
  bottom: { display: 'flex', gap: '16px', flexWrap: 'wrap', alignItems: 'center', marginTop: '16px' },
  suggestions: { display: 'grid', gap: '8px' },
  suggestion: { justifyContent: 'start', textAlign: 'start', padding: '8px 12px' },
  quiet: { color: tokens.colorNeutralForeground3 },
  legend: { display: 'flex', flexWrap: 'wrap', gap: '8px 16px', marginTop: '12px' },
  key: { display: 'inline-flex', gap: '6px', alignItems: 'center', fontSize: tokens.fontSizeBase200 },
  swatch: { position: 'static', width: '24px', height: '14px', padding: 0, display: 'inline-block' },
  day: { display: 'flex', alignItems: 'center', gap: '4px' },
});

const TONES: Readonly<Record<Knowledge, Tone>> = {
  booked: 'good',
  nothingBooked: 'good',
  unknown: 'quiet',
  denied: 'stopped',
  unreachable: 'warning',
};

/** A grid of people, of whatever organisation, and when they are free: to find a time and to invite for it. */
export function FindTimePage() {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const { zone } = useMailbox();
  const me = useMe().data;
  const search = useSearch({ strict: false }) as { people?: string; day?: string };
  const [kept] = useKept();
  const { sources } = useSources(kept);
  const today = dayOf(wallAt(new Date(), zone));
  const [day, setDay] = useState(search.day ?? today);
  const [isWhole, setIsWhole] = useState(false);
  const [minutes, setMinutes] = useState(30);
  const [people, setPeople] = useState<readonly Somebody[]>(() =>
    (search.people ?? '')
      .split(',')
      .filter((address) => address.includes('@'))
      .map((address) => ({ name: address, address })),
  );
  const [isWriting, setIsWriting] = useState(false);
  const from = `${day}T${isWhole ? '00' : String(DAYTIME.from).padStart(2, '0')}:00:00`;
  const to = isWhole ? `${addDays(day, 1)}T00:00:00` : `${day}T${DAYTIME.to}:00:00`;
  const [chosen, setChosen] = useState<Wall>();
  const start = chosen && dayOf(chosen) === day ? chosen : `${day}T10:00:00`;
  const end = plus(start, { minutes });
  const own = me?.mail ?? me?.userPrincipalName;
  const names = useNames(people);
  const everybody = [
    ...(me && own ? [{ name: me.displayName, address: own }] : []),
    ...people
      .filter(({ address }) => address.toLowerCase() !== own?.toLowerCase())
      .map((one) => ({ ...one, name: names.get(one.address.toLowerCase()) ?? one.name })),
  ];
  const { rows, fault, isPending } = useRows(
    everybody.map(({ address }) => address),
    { from: day, to: addDays(day, 1) },
    zone,
  );
  const rowFor = (address: string) => rows.find((row) => row.address.toLowerCase() === address.toLowerCase());
  const states = everybody.map(({ address }) => {
    const row = rowFor(address);
    return row ? statusDuring(row, start, end) : 'unknown';
  });
  const coming = states.filter(canCome).length;
  const unsure = states.filter((status) => status === 'unknown').length;
  const choose = (wall: Wall) => {
    setChosen(wall);
    setDay(dayOf(wall));
  };
  return (
    <Page
      title={t('calendars.findTime')}
      sentence={t('calendars.find.sentence')}
      above={<InnerLink path="/calendar">{t('calendars.name')}</InnerLink>}
    >
      <div style={{ maxWidth: '560px', marginBottom: '16px' }}>
        <PeopleField label={t('calendars.find.people')} people={people} onChange={setPeople} isBare />
      </div>
      <div className={styles.commands}>
        <span className={styles.day}>
          <Button
            icon={<ChevronLeftRegular />}
            aria-label={t('calendars.find.dayBefore')}
            onClick={() => setDay(addDays(day, -1))}
          />
          <Field label={t('calendars.find.day')}>
            <Input type="date" value={day} onChange={(_, { value }) => value && setDay(value)} />
          </Field>
          <Button
            icon={<ChevronRightRegular />}
            aria-label={t('calendars.find.dayAfter')}
            onClick={() => setDay(addDays(day, 1))}
          />
        </span>
        <Choice
          label={t('calendars.find.length')}
          value={String(minutes)}
          onChange={(value) => setMinutes(Number(value))}
          options={DURATIONS.map((one) => [String(one), sayMinutes(one, i18n.language)])}
        />
        <Choice
          label={t('calendars.find.hours')}
          value={isWhole ? 'whole' : 'day'}
          onChange={(value) => setIsWhole(value === 'whole')}
          options={[
            ['day', t('calendars.find.daytime')],
            ['whole', t('calendars.find.wholeDay')],
          ]}
        />
        <Text className={styles.quiet}>{t('calendars.find.zone', { zone: sayZone(zone, i18n.language) })}</Text>
      </div>
      <div className={styles.columns}>
        <div style={{ minWidth: 0 }}>
          {fault && <RefusalBar fault={fault} />}
          <Grid
            title={say(`${day}T00:00:00`, i18n.language, { weekday: 'long', day: 'numeric', month: 'long' })}
            everybody={everybody}
            rowFor={rowFor}
            isPending={isPending}
            from={from}
            to={to}
            start={start}
            end={end}
            isClash={states.some((status) => !canCome(status) && status !== 'unknown')}
            zone={zone}
            onStart={choose}
            onRemove={(address) => setPeople(people.filter((one) => one.address !== address))}
          />
          <Legend />
          <div className={styles.bottom}>
            <Text weight="semibold">{sayPeriod(start, end, false, i18n.language)}</Text>
            <StateText tone={coming === everybody.length ? 'good' : 'warning'}>
              {t('calendars.find.coming', { count: coming, of: everybody.length })}
            </StateText>
            {unsure > 0 && <StateText tone="quiet">{t('calendars.find.unsure', { count: unsure })}</StateText>}
            <Button
              appearance="primary"
              icon={<CalendarAddRegular />}
              disabled={people.length === 0}
              onClick={() => setIsWriting(true)}
            >
              {t('calendars.find.invite')}
            </Button>
          </div>
        </div>
        <SuggestionList people={people} day={day} minutes={minutes} zone={zone} start={start} onChoose={choose} />
      </div>
      {isWriting && (
        <EventForm
          begun={{ start, end, isAllDay: false, people }}
          zone={zone}
          targets={sources.filter(({ canEdit, path, kind }) => canEdit && path !== undefined && kind === 'mine')}
          onClose={() => setIsWriting(false)}
        />
      )}
    </Page>
  );
}

function Grid(props: {
  title: string;
  everybody: readonly Somebody[];
  rowFor: (address: string) => Row | undefined;
  isPending: boolean;
  from: Wall;
  to: Wall;
  start: Wall;
  end: Wall;
  isClash: boolean;
  zone: string;
  onStart: (start: Wall) => void;
  onRemove: (address: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const { from, to, start, end } = props;
  const overlay = useRef<HTMLDivElement>(null);
  const grip = useRef(0);
  const whole = minutesBetween(from, to);
  const hours = Array.from({ length: whole / 60 }, (_, i) => plus(from, { minutes: i * 60 }));
  const place = placeOf({ start, end }, from, to);
  const length = minutesBetween(start, end);
  const step = (by: number) => {
    const next = plus(start, { minutes: by });
    if (next >= from && plus(next, { minutes: length }) <= to) props.onStart(next);
  };
  const minuteAt = (x: number) => {
    const box = overlay.current?.getBoundingClientRect();
    if (!box) return 0;
    const part =
      getComputedStyle(overlay.current!).direction === 'rtl' ? (box.right - x) / box.width : (x - box.left) / box.width;
    return part * whole;
  };
  const put = (minute: number) => {
    const snapped = Math.round(minute / STEP_MINUTES) * STEP_MINUTES;
    props.onStart(plus(from, { minutes: Math.min(whole - length, Math.max(0, snapped)) }));
  };
  const drag = (event: ReactPointerEvent<HTMLElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) put(minuteAt(event.clientX) - grip.current);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section className={styles.scroll} aria-label={props.title} tabIndex={0}>
      <div className={styles.table}>
        <div className={styles.line}>
          <div className={styles.who} style={{ minHeight: 0 }}>
            <Text weight="semibold">{props.title}</Text>
          </div>
          <div className={styles.hours} aria-hidden>
            {hours.map((hour, i) =>
              hours.length > 12 && i % 2 === 1 ? null : (
                <span key={hour} className={styles.hour} style={{ insetInlineStart: `${(i / hours.length) * 100}%` }}>
                  {say(hour, i18n.language, { hour: 'numeric' })}
                </span>
              ),
            )}
          </div>
        </div>
        {props.everybody.map((one) => {
          const row = props.rowFor(one.address);
          return (
            <div key={one.address} className={styles.line}>
              <div className={styles.who}>
                <div className={styles.name}>
                  <SomebodyName name={one.name} address={one.address} isShort />
                  {props.everybody[0] !== one && (
                    <Button
                      size="small"
                      appearance="subtle"
                      icon={<DismissRegular />}
                      aria-label={t('calendars.removePerson', { name: one.name })}
                      onClick={() => props.onRemove(one.address)}
                    />
                  )}
                </div>
                {row?.knowledge === 'nothingBooked' && (
                  <StateText tone="good">{t('calendars.knowledge.nothingBooked')}</StateText>
                )}
              </div>
              {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the slot itself is moved by keys. */}
              <div
                className={styles.track}
                style={{ backgroundSize: `${100 / hours.length}% 100%` }}
                onClick={(event) => put(minuteAt(event.clientX) - length / 2)}
              >
                {row ? (
                  <Track row={row} from={from} to={to} zone={props.zone} />
                ) : (
                  props.isPending && (
                    <Spinner size="tiny" aria-label={t('list.loading')} style={{ marginTop: '18px' }} />
                  )
                )}
              </div>
            </div>
          );
        })}
        <div className={styles.overlay} ref={overlay}>
          {place && (
            <div
              className={mergeClasses(styles.slot, props.isClash && styles.clash)}
              style={{ insetInlineStart: `${place.left * 100}%`, width: `${place.width * 100}%` }}
              role="slider"
              tabIndex={0}
              aria-label={t('calendars.find.slot')}
              aria-orientation="horizontal"
              aria-valuemin={0}
              aria-valuemax={whole - length}
              aria-valuenow={minutesBetween(from, start)}
              aria-valuetext={sayPeriod(start, end, false, i18n.language)}
              onPointerDown={(event) => {
                grip.current = minuteAt(event.clientX) - minutesBetween(from, start);
                event.currentTarget.setPointerCapture(event.pointerId);
              }}
              onPointerMove={drag}
              onKeyDown={(event) => {
                const by = { ArrowLeft: -STEP_MINUTES, ArrowRight: STEP_MINUTES, PageUp: -60, PageDown: 60 }[event.key];
                if (by === undefined) return;
                event.preventDefault();
                step(by);
              }}
            />
          )}
        </div>
      </div>
    </section>
  );
}

/** One person's day: the hours they do not work, and what they have booked; or why nothing is known of it. */
function Track({ row, from, to, zone }: { row: Row; from: Wall; to: Wall; zone: string }) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  if (row.knowledge === 'denied' || row.knowledge === 'unknown' || row.knowledge === 'unreachable') {
    return (
      <div className={styles.unknown}>
        <span className={styles.said} title={row.reason}>
          <StateText tone={TONES[row.knowledge]}>{t(`calendars.knowledge.${row.knowledge}`)}</StateText>
        </span>
        {row.reason && <Reason row={row} />}
      </div>
    );
  }
  return (
    <>
      {offHours(row, from, to, zone).map((off) => {
        const at = placeOf(off, from, to);
        return (
          at && (
            <span
              key={off.start}
              className={styles.rest}
              style={{ insetInlineStart: `${at.left * 100}%`, width: `${at.width * 100}%` }}
              aria-hidden
            />
          )
        );
      })}
      {row.blocks.map((block) => {
        const at = placeOf(block, from, to);
        if (!at) return null;
        const title = block.isPrivate
          ? t('calendars.private')
          : (block.subject ?? t(`calendars.status.${block.status}`));
        const period = sayClocks(block.start, block.end, i18n.language);
        return (
          <div
            key={`${block.start}${block.end}${block.subject}`}
            className={mergeClasses(styles.block, classFor(styles, block.status))}
            style={{ insetInlineStart: `${at.left * 100}%`, width: `${at.width * 100}%` }}
            title={`${sayPeriod(block.start, block.end, false, i18n.language)} · ${title}${block.location ? ` · ${block.location}` : ''}`}
          >
            <span style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
              {block.isPrivate && <LockClosedRegular aria-hidden />} {title}
            </span>
            {at.width > 0.09 && <span>{period}</span>}
          </div>
        );
      })}
    </>
  );
}

/** The server's sentence; and "Why?" where it was decided at home, so that the explanation is ours to read. */
function Reason({ row }: { row: Row }) {
  const styles = useStyles();
  const isOurs = row.code === OWN_REFUSAL && row.decisionId !== undefined;
  return (
    <>
      <Text size={200} className={styles.said}>
        {row.reason}
      </Text>
      {isOurs && <Why decisionId={row.decisionId ?? ''} sentence={row.reason ?? ''} />}
    </>
  );
}

/** What our own side says before it asks the other (exchange.md §1.4). */
const OWN_REFUSAL = 'ErrorInvalidOrganizationRelationshipForFreeBusy';

const classFor = (styles: ReturnType<typeof useStyles>, status: ShowAs) =>
  status === 'tentative'
    ? styles.tentative
    : status === 'oof'
      ? styles.oof
      : status === 'workingElsewhere'
        ? styles.workingElsewhere
        : styles.busy;

/** The parts of the shown day outside somebody's working hours, which are told on their own clock. */
function offHours({ workingHours }: Row, from: Wall, to: Wall, zone: string) {
  if (!workingHours?.startTime || !workingHours.endTime) return [];
  const day = dayOf(from);
  const days = workingHours.daysOfWeek;
  if (days && !days.includes(weekdayName(from))) return [{ start: from, end: to }];
  const theirs = knownZone(workingHours.timeZone?.name, zone);
  const here = (clock: string) => wallIn(`${day}T${clock.slice(0, 8)}`, theirs, zone);
  return [
    { start: from, end: here(workingHours.startTime) },
    { start: here(workingHours.endTime), end: to },
  ];
}

function Legend() {
  const { t } = useTranslation();
  const styles = useStyles();
  return (
    <div className={styles.legend}>
      {(['busy', 'tentative', 'oof', 'workingElsewhere'] as const).map((status) => (
        <span key={status} className={styles.key}>
          <span className={mergeClasses(styles.block, styles.swatch, classFor(styles, status))} aria-hidden />
          {t(`calendars.status.${status}`)}
        </span>
      ))}
    </div>
  );
}

/** What people given by their address alone are called, as far as the directory knows them. */
function useNames(people: readonly Somebody[]): ReadonlyMap<string, string> {
  const api = useApi();
  const tenant = useTenant();
  const nameless = people.filter(({ name, address }) => name === address).map(({ address }) => address);
  const found = useQuery({
    queryKey: [tenant, 'names', nameless],
    enabled: nameless.length > 0,
    queryFn: () =>
      api.get<Rows<{ displayName: string; mail: string | null }>>('/v1.0/users', {
        params: {
          $select: 'displayName,mail',
          $filter: nameless.map((address) => `mail eq ${quoted(address)}`).join(' or '),
        },
      }),
  });
  return new Map((found.data?.value ?? []).map(({ displayName, mail }) => [mail?.toLowerCase() ?? '', displayName]));
}

const DAYS_AHEAD = 5;

/** Times the server proposes, the best first. */
function SuggestionList(props: {
  people: readonly Somebody[];
  day: string;
  minutes: number;
  zone: string;
  start: Wall;
  onChoose: (start: Wall) => void;
}) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const api = useApi();
  const tenant = useTenant();
  const { people, day, minutes, zone } = props;
  const found = useQuery<Suggestions, ApiFault>({
    queryKey: [tenant, 'suggestions', people, day, minutes, zone],
    enabled: people.length > 0,
    placeholderData: (before) => before,
    queryFn: ({ signal }) =>
      api.post<Suggestions>(
        '/v1.0/me/findMeetingTimes',
        {
          attendees: people.map(({ name, address }) => ({ type: 'required', emailAddress: { name, address } })),
          timeConstraint: {
            activityDomain: 'work',
            timeSlots: [
              {
                start: { dateTime: `${day}T00:00:00`, timeZone: zone },
                end: { dateTime: `${addDays(day, DAYS_AHEAD)}T00:00:00`, timeZone: zone },
              },
            ],
          },
          meetingDuration: `PT${minutes}M`,
          maxCandidates: 6,
          returnSuggestionReasons: true,
          minimumAttendeePercentage: 50,
        },
        { headers: onClock(zone), signal },
      ),
  });
  const suggestions = found.data?.meetingTimeSuggestions ?? [];
  const none = found.data?.emptySuggestionsReason;
  return (
    <Section title={t('calendars.find.suggestions')}>
      {people.length === 0 ? (
        <EmptyState
          picture={<ClockRegular />}
          title={t('calendars.find.nobody')}
          sentence={t('calendars.find.nobodySentence')}
        />
      ) : found.error ? (
        <RefusalBar fault={found.error} onRetry={() => void found.refetch()} />
      ) : found.isPending ? (
        <Spinner size="tiny" label={t('list.loading')} />
      ) : suggestions.length === 0 ? (
        <Text>{t(`calendars.find.none.${none || 'unknown'}`)}</Text>
      ) : (
        <div className={styles.suggestions}>
          {suggestions.map((one) => {
            const start = wallOf(one.meetingTimeSlot.start, zone);
            const end = wallOf(one.meetingTimeSlot.end, zone);
            return (
              <Button
                key={start}
                className={styles.suggestion}
                aria-pressed={start === props.start}
                appearance={start === props.start ? 'primary' : 'secondary'}
                onClick={() => props.onChoose(start)}
              >
                <span style={{ display: 'grid' }}>
                  <Text weight="semibold">{sayPeriod(start, end, false, i18n.language)}</Text>
                  <Text size={200}>{t('calendars.find.confidence', { percent: Math.round(one.confidence) })}</Text>
                </span>
              </Button>
            );
          })}
        </div>
      )}
    </Section>
  );
}

const sayMinutes = (minutes: number, language: string): string =>
  new Intl.NumberFormat(language, {
    style: 'unit',
    unit: minutes % 60 === 0 ? 'hour' : 'minute',
    unitDisplay: 'long',
  }).format(minutes % 60 === 0 ? minutes / 60 : minutes);
