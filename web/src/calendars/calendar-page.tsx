import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  OverlayDrawer,
  Spinner,
  Text,
  Tooltip,
  tokens,
} from '@fluentui/react-components';
import {
  AddRegular,
  ChevronLeftRegular,
  ChevronRightRegular,
  ClockRegular,
  KeyboardRegular,
  MoreHorizontalRegular,
  PanelLeftRegular,
  PeopleSearchRegular,
  PrintRegular,
} from '@fluentui/react-icons';
import type { CalendarRef } from '@fullcalendar/react';
import { useRouter, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { NARROW, useIsNarrow } from '../parts/narrow.ts';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useTenant } from '../shell/tenant.ts';
import { CalendarGrid, type Moved, showView } from './calendar-grid.tsx';
import { type Reach, useChanges } from './changes.ts';
import { CALENDAR_COLOURS } from './colours.ts';
import { EventCard } from './event-card.tsx';
import { type Begun, EventForm } from './event-form.tsx';
import { useKept } from './kept.ts';
import { KEYS, nextStop, VIEWS, type View, wishOf } from './keyboard.ts';
import { MiniMonth } from './mini-month.tsx';
import { PeopleField, type Somebody } from './people-field.tsx';
import { ReachDialog } from './reach-dialog.tsx';
import { SourceList } from './source-list.tsx';
import { type Days, type Shown, type Source, useEvents, useMailbox, useSources } from './sources.ts';
import { addDays, allZones, dayOf, nextHalfHour, plus, sayZone, wallAt, weekdayOf } from './times.ts';

const ShareDialog = lazy(async () => ({ default: (await import('./share-dialog.tsx')).ShareDialog }));

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gridTemplateColumns: '252px minmax(0, 1fr)',
    gridTemplateRows: 'auto minmax(0, 1fr)',
    gridTemplateAreas: '"bar bar" "side grid"',
    height: '100%',
    minHeight: '420px',
    [NARROW]: { gridTemplateColumns: 'minmax(0, 1fr)', gridTemplateAreas: '"bar" "grid"' },
  },
  wide: { gridTemplateColumns: 'minmax(0, 1fr)', gridTemplateAreas: '"bar" "grid"' },
  bar: {
    gridArea: 'bar',
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: '8px',
    padding: '12px 16px',
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    [NARROW]: { padding: '8px', gap: '4px' },
  },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
    outlineStyle: 'none',
    '::first-letter': { textTransform: 'uppercase' },
    [NARROW]: { fontSize: tokens.fontSizeBase400, flexBasis: '100%', order: 5, padding: '4px 8px' },
  },
  gap: { flexGrow: 1 },
  side: {
    gridArea: 'side',
    overflowY: 'auto',
    padding: '12px 8px 24px',
    borderInlineEndWidth: '1px',
    borderInlineEndStyle: 'solid',
    borderInlineEndColor: tokens.colorNeutralStroke2,
  },
  grid: { gridArea: 'grid', minHeight: 0, minWidth: 0, position: 'relative', overflow: 'hidden' },
  faults: { display: 'grid', gap: '8px', padding: '8px 16px' },
  keys: { display: 'grid', gridTemplateColumns: 'auto 1fr', gap: '8px 16px', margin: 0, alignItems: 'center' },
  key: {
    display: 'inline-block',
    padding: '2px 8px',
    marginInlineEnd: '4px',
    borderRadius: tokens.borderRadiusMedium,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
  },
  meaning: { margin: 0 },
  busy: { position: 'absolute', insetInlineEnd: '12px', top: '8px', zIndex: 3 },
});

/** What lies open beside the calendar. */
type Open =
  | { readonly what: 'event'; readonly shown: Shown; readonly target: HTMLElement }
  | { readonly what: 'form'; readonly begun: Begun }
  | { readonly what: 'move'; readonly shown: Shown; readonly to: Moved; readonly revert: () => void }
  | { readonly what: 'delete'; readonly shown: Shown }
  | { readonly what: 'help' | 'zones' | 'addCalendar' | 'addPerson' | 'side' }
  | { readonly what: 'share' | 'edit' | 'removeCalendar'; readonly source: Source };

/** One's own calendar, with those of colleagues, groups and people of other organisations beside and over it. */
export function CalendarPage() {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const tenant = useTenant();
  const router = useRouter();
  const isPhone = useIsNarrow();
  const search = useSearch({ strict: false }) as { date?: string; view?: string };
  const [kept, keep] = useKept();
  const mailbox = useMailbox();
  const { zone } = mailbox;
  const today = dayOf(wallAt(new Date(), zone));
  const asked = (search.view ?? kept.view) as View | undefined;
  const allowed: readonly View[] = isPhone ? ['day', 'agenda'] : VIEWS;
  const view: View = asked && allowed.includes(asked) ? asked : isPhone ? 'agenda' : 'workWeek';
  const [date, setDate] = useState(search.date ?? firstShown(today, view));
  const [days, setDays] = useState<Days>();
  const [title, setTitle] = useState('');
  const [open, setOpen] = useState<Open>();
  const [isSideHidden, setIsSideHidden] = useState(false);
  const close = () => setOpen(undefined);
  const calendar = useRef<CalendarRef>(null);
  const grid = useRef<HTMLElement>(null);
  const hidden = new Set(kept.hidden);
  const { sources, isPending, fault, reload } = useSources(kept);
  const changes = useChanges(zone);
  const { events: all, rows, faults, isFetching } = useEvents(sources, days, zone, hidden);
  const events = all.filter((shown) => !changes.isGone(shown));
  const targets = sources.filter(({ canEdit, path }) => canEdit && path !== undefined);

  useEffect(() => {
    document.title = `${t('calendars.name')} · Entente`;
  }, [t]);
  useEffect(() => {
    showView(calendar.current, view);
  }, [view]);

  const goTo = (day: string) => {
    setDate(day);
    calendar.current?.getApi().gotoDate(day);
  };
  const choose = (next: View, day?: string) => {
    keep({ view: next });
    if (day) setDate(day);
    showView(calendar.current, next, day);
  };
  const turn = (by: 1 | -1) => {
    const api = calendar.current?.getApi();
    if (by > 0) api?.next();
    else api?.prev();
  };
  const begin = (place?: Moved) => {
    const now = nextHalfHour(wallAt(new Date(), zone));
    const day = days && (today < days.from || today >= days.to) ? days.from : today;
    const start = day === today ? now : `${day}T09:00:00`;
    setOpen({
      what: 'form',
      begun: place ?? { start, end: plus(start, { minutes: 30 }), isAllDay: false },
    });
  };
  const move = (shown: Shown, to: Moved, revert: () => void = () => {}) => {
    if (shown.event?.seriesMasterId) setOpen({ what: 'move', shown, to, revert });
    else void changes.move(shown, to, 'this');
  };
  const askDelete = (shown: Shown) => {
    if (shown.event?.seriesMasterId || (shown.event?.isOrganizer !== false && shown.event?.attendees?.length))
      setOpen({ what: 'delete', shown });
    else {
      close();
      changes.remove(shown, 'this');
    }
  };

  const keys = useRef<(event: KeyboardEvent) => void>(() => {});
  keys.current = (event) => {
    const target = event.target as HTMLElement;
    if (open && open.what !== 'event') return;
    if (target.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu], [role=combobox]'))
      return;
    const wish = wishOf(event);
    if (!wish) return;
    const element = target.closest<HTMLElement>('[data-key]');
    const shown = events.find(({ key }) => key === element?.dataset.key);
    switch (wish.do) {
      case 'new':
        begin();
        break;
      case 'today':
        goTo(today);
        break;
      case 'help':
        setOpen({ what: 'help' });
        break;
      case 'view':
        if (!allowed.includes(wish.view)) return;
        choose(wish.view);
        break;
      case 'previous':
        turn(-1);
        break;
      case 'next':
        turn(1);
        break;
      case 'delete':
        if (!shown?.event || !shown.source.canEdit) return;
        askDelete(shown);
        break;
      case 'move':
      case 'resize': {
        if (!shown?.isEditable) return;
        const span = wish.do === 'move' ? { days: wish.days, minutes: wish.minutes } : { minutes: wish.minutes };
        if (shown.isAllDay && span.minutes !== 0) return;
        const to = {
          start: wish.do === 'move' ? plus(shown.start, span) : shown.start,
          end: plus(shown.end, span),
          isAllDay: shown.isAllDay,
        };
        if (to.end <= to.start) return;
        move(shown, to);
        focusSoon(grid.current, shown.key);
        break;
      }
      case 'focus': {
        const inside = grid.current?.contains(target) || target === document.body || target.id === 'page-title';
        if (!inside) return;
        const seen = new Set(
          [...(grid.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])].map(({ dataset }) => dataset.key),
        );
        const next = nextStop(
          events.filter(({ key }) => seen.has(key)),
          shown?.key,
          wish.to,
        );
        if (next) focusSoon(grid.current, next.key);
        else turn(wish.to === 'after' || wish.to === 'dayAfter' ? 1 : -1);
        break;
      }
    }
    event.preventDefault();
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => keys.current(event);
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);

  const addCalendar = useAct<{ name: string; color: string }>((api, body) => api.post('/v1.0/me/calendars', body), {
    said: ({ name }) => t('calendars.calendarAdded', { name }),
    done: close,
  });
  const changeCalendar = useAct<{ source: Source; name: string; color: string }>(
    (api, { source, ...body }) => api.patch(source.path ?? '', body),
    { said: () => t('calendars.calendarChanged'), done: close },
  );
  const removeCalendar = useAct<Source>((api, source) => api.delete(source.path ?? ''), {
    said: ({ name }) => t('calendars.calendarDeleted', { name }),
    done: close,
  });

  const side = (
    <>
      <MiniMonth
        shown={days ?? { from: date, to: addDays(date, 1) }}
        today={today}
        onDay={(day) => {
          goTo(day);
          if (isPhone) close();
        }}
      />
      {isPending ? (
        <LoadingRows count={3} />
      ) : (
        <SourceList
          sources={sources}
          hidden={hidden}
          faults={faults}
          rows={rows}
          onToggle={(key, isShown) =>
            keep({ hidden: isShown ? kept.hidden.filter((one) => one !== key) : [...kept.hidden, key] })
          }
          onAddCalendar={() => setOpen({ what: 'addCalendar' })}
          onAddPerson={() => setOpen({ what: 'addPerson' })}
          onShare={(source) => setOpen({ what: 'share', source })}
          onEdit={(source) => setOpen({ what: 'edit', source })}
          onRemove={(source) =>
            source.kind === 'person'
              ? keep({ people: kept.people.filter(({ address }) => address !== source.address) })
              : setOpen({ what: 'removeCalendar', source })
          }
        />
      )}
    </>
  );

  return (
    <div className={`${styles.page} ${isSideHidden ? styles.wide : ''}`}>
      <div className={`${styles.bar} entente-no-print`}>
        <Tooltip content={t('calendars.list')} relationship="label">
          <Button
            appearance="subtle"
            icon={<PanelLeftRegular />}
            aria-expanded={isPhone ? open?.what === 'side' : !isSideHidden}
            onClick={() => (isPhone ? setOpen({ what: 'side' }) : setIsSideHidden(!isSideHidden))}
          />
        </Tooltip>
        <Button
          appearance="primary"
          icon={<AddRegular />}
          disabled={targets.length === 0}
          onClick={() => begin()}
          {...(isPhone ? { 'aria-label': t('calendars.newEvent') } : {})}
        >
          {!isPhone && t('calendars.newEvent')}
        </Button>
        <Button onClick={() => goTo(today)}>{t('calendars.today')}</Button>
        <span>
          <Button
            appearance="subtle"
            icon={<ChevronLeftRegular />}
            aria-label={t('calendars.previous')}
            onClick={() => turn(-1)}
          />
          <Button
            appearance="subtle"
            icon={<ChevronRightRegular />}
            aria-label={t('calendars.next')}
            onClick={() => turn(1)}
          />
        </span>
        <h1 className={styles.title} id="page-title" tabIndex={-1} aria-live="polite">
          {title || t('calendars.name')}
        </h1>
        <span className={styles.gap} />
        {!isPhone && (
          <Button
            icon={<PeopleSearchRegular />}
            onClick={() => router.history.push(`/t/${encodeURIComponent(tenant)}/calendar/find-a-time`)}
          >
            {t('calendars.findTime')}
          </Button>
        )}
        <Choice
          isInline
          label={t('calendars.view.label')}
          value={view}
          onChange={(next: View) => choose(next)}
          options={allowed.map((one) => [one, t(`calendars.view.${one}`)])}
        />
        <Menu>
          <MenuTrigger disableButtonEnhancement>
            <Button appearance="subtle" icon={<MoreHorizontalRegular />} aria-label={t('calendars.more')} />
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              {isPhone && (
                <MenuItem
                  icon={<PeopleSearchRegular />}
                  onClick={() => router.history.push(`/t/${encodeURIComponent(tenant)}/calendar/find-a-time`)}
                >
                  {t('calendars.findTime')}
                </MenuItem>
              )}
              <MenuItem icon={<ClockRegular />} onClick={() => setOpen({ what: 'zones' })}>
                {t('calendars.secondZone')}
              </MenuItem>
              <MenuItem icon={<PrintRegular />} onClick={() => print()}>
                {t('calendars.print')}
              </MenuItem>
              <MenuItem icon={<KeyboardRegular />} onClick={() => setOpen({ what: 'help' })}>
                {t('calendars.keys.title')}
              </MenuItem>
            </MenuList>
          </MenuPopover>
        </Menu>
      </div>
      {!isPhone && !isSideHidden && (
        <aside className={`${styles.side} entente-no-print`} aria-label={t('calendars.list')}>
          {side}
        </aside>
      )}
      <section className={styles.grid} ref={grid} aria-label={t('calendars.name')}>
        {fault ? (
          <div className={styles.faults}>
            <RefusalBar fault={fault} onRetry={reload} />
          </div>
        ) : mailbox.isPending ? (
          <div className={styles.faults}>
            <LoadingRows label={t('calendars.name')} count={12} />
          </div>
        ) : (
          <CalendarGrid
            key={zone}
            calendar={calendar}
            view={view}
            date={date}
            zone={zone}
            secondZone={kept.secondZone}
            workingHours={mailbox.workingHours}
            events={events}
            isPhone={isPhone}
            onDays={(next, text) => {
              setTitle(text);
              if (next.from !== days?.from || next.to !== days.to) setDays(next);
            }}
            onOpen={(shown, target) => setOpen({ what: 'event', shown, target })}
            onCreate={begin}
            onMove={move}
            onDay={(day) => choose('day', day)}
          />
        )}
        {isFetching && days && events.length === 0 && (
          <Spinner className={styles.busy} size="tiny" aria-label={t('list.loading')} />
        )}
      </section>

      {open?.what === 'side' && (
        <OverlayDrawer open position="start" onOpenChange={(_, data) => !data.open && close()} size="small">
          <div style={{ padding: '16px', overflowY: 'auto' }}>
            {side}
            <Button style={{ marginTop: '16px' }} onClick={close}>
              {t('action.close')}
            </Button>
          </div>
        </OverlayDrawer>
      )}
      {open?.what === 'event' && (
        <EventCard
          shown={open.shown}
          target={open.target}
          onClose={close}
          onEdit={() =>
            setOpen({ what: 'form', begun: { ...open.shown, title: open.shown.title ?? '', shown: open.shown } })
          }
          onDelete={() => askDelete(open.shown)}
        />
      )}
      {open?.what === 'form' && <EventForm begun={open.begun} zone={zone} targets={targets} onClose={close} />}
      {open?.what === 'move' && (
        <ReachDialog
          title={t('calendars.moveSeries')}
          confirm={t('calendars.move')}
          onChosen={(reach: Reach) => {
            close();
            void changes.move(open.shown, open.to, reach);
          }}
          onClose={() => {
            open.revert();
            close();
          }}
        />
      )}
      {open?.what === 'delete' &&
        (open.shown.event?.seriesMasterId ? (
          <ReachDialog
            title={t('calendars.deleteSeries')}
            confirm={t('action.delete')}
            onChosen={(reach) => {
              close();
              changes.remove(open.shown, reach);
            }}
            onClose={close}
          />
        ) : (
          <ConfirmDialog
            title={t('calendars.deleteTitle', { name: open.shown.title ?? t('calendars.untitled') })}
            confirm={t('action.delete')}
            act={{
              run: () => {
                close();
                changes.remove(open.shown, 'this');
              },
              isBusy: false,
              fault: null,
            }}
            onClose={close}
          >
            {t('calendars.deleteSentence')}
          </ConfirmDialog>
        ))}
      {open?.what === 'removeCalendar' && (
        <ConfirmDialog
          title={t('calendars.deleteTitle', { name: open.source.name })}
          confirm={t('action.delete')}
          typed={open.source.name}
          act={removeCalendar}
          input={open.source}
          onClose={close}
        >
          {t('calendars.deleteCalendarSentence')}
        </ConfirmDialog>
      )}
      {open?.what === 'share' && (
        <Suspense fallback={null}>
          <ShareDialog source={open.source} onClose={close} />
        </Suspense>
      )}
      {open?.what === 'addCalendar' && (
        <CalendarPanel
          title={t('calendars.add')}
          name=""
          colour="auto"
          act={addCalendar}
          onSave={addCalendar.run}
          onClose={close}
        />
      )}
      {open?.what === 'edit' && (
        <CalendarPanel
          title={t('calendars.editCalendar')}
          name={open.source.name}
          colour={open.source.calendar?.color ?? 'auto'}
          act={changeCalendar}
          onSave={(values) => changeCalendar.run({ source: open.source, ...values })}
          onClose={close}
        />
      )}
      {open?.what === 'addPerson' && (
        <PeoplePanel
          people={kept.people}
          onSave={(people) => {
            keep({ people });
            close();
          }}
          onClose={close}
        />
      )}
      {open?.what === 'zones' && (
        <Dialog open onOpenChange={(_, data) => !data.open && close()}>
          <DialogSurface style={{ maxWidth: '420px' }}>
            <DialogBody>
              <DialogTitle>{t('calendars.secondZone')}</DialogTitle>
              <DialogContent>
                <Text block>{t('calendars.zoneSentence', { zone: sayZone(zone, i18n.language) })}</Text>
                <Choice
                  label={t('calendars.secondZone')}
                  value={kept.secondZone ?? ''}
                  onChange={(secondZone) => keep({ secondZone })}
                  options={[['', t('calendars.noSecondZone')], ...allZones().map((one) => [one, one] as const)]}
                />
              </DialogContent>
              <DialogActions>
                <Button appearance="primary" onClick={close}>
                  {t('action.close')}
                </Button>
              </DialogActions>
            </DialogBody>
          </DialogSurface>
        </Dialog>
      )}
      {open?.what === 'help' && (
        <Dialog open onOpenChange={(_, data) => !data.open && close()}>
          <DialogSurface style={{ maxWidth: '480px' }}>
            <DialogBody>
              <DialogTitle>{t('calendars.keys.title')}</DialogTitle>
              <DialogContent>
                <dl className={styles.keys}>
                  {KEYS.map(({ keys: names, title: meaning }) => (
                    <div key={meaning} style={{ display: 'contents' }}>
                      <dt>
                        {names.map((name) => (
                          <kbd key={name} className={styles.key}>
                            {name}
                          </kbd>
                        ))}
                      </dt>
                      <dd className={styles.meaning}>{t(meaning)}</dd>
                    </div>
                  ))}
                </dl>
              </DialogContent>
              <DialogActions>
                <Button appearance="primary" onClick={close}>
                  {t('action.close')}
                </Button>
              </DialogActions>
            </DialogBody>
          </DialogSurface>
        </Dialog>
      )}
    </div>
  );
}

/** At the weekend, a work week is the one to come. */
const firstShown = (today: string, view: View): string => {
  const weekday = weekdayOf(today);
  return view !== 'workWeek' || (weekday !== 0 && weekday !== 6) ? today : addDays(today, weekday === 6 ? 2 : 1);
};

/** Gives the focus to an event once it is drawn again. */
function focusSoon(grid: HTMLElement | null, key: string): void {
  let tries = 0;
  const look = () => {
    const element = grid?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (element) element.focus();
    else if (++tries < 10) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

function CalendarPanel(props: {
  title: string;
  name: string;
  colour: string;
  act: { isBusy: boolean; fault: ReturnType<typeof useAct>['fault'] };
  onSave: (values: { name: string; color: string }) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState(props.name);
  const [colour, setColour] = useState(props.colour);
  return (
    <FormPanel
      size="small"
      title={props.title}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => name.trim() !== '' && props.onSave({ name: name.trim(), color: colour })}
      isBusy={props.act.isBusy}
      fault={props.act.fault}
    >
      <Field label={t('people.name')} required>
        <Input value={name} onChange={(_, { value }) => setName(value)} autoFocus />
      </Field>
      <Choice
        label={t('calendars.colour.label')}
        value={colour}
        onChange={setColour}
        options={CALENDAR_COLOURS.map((one) => [one, t(`calendars.colour.${one}`)])}
      />
    </FormPanel>
  );
}

function PeoplePanel(props: {
  people: readonly Somebody[];
  onSave: (people: readonly Somebody[]) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [people, setPeople] = useState(props.people);
  return (
    <FormPanel
      size="small"
      title={t('calendars.addPerson')}
      sentence={t('calendars.addPersonSentence')}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => props.onSave(people)}
    >
      <PeopleField label={t('calendars.people')} people={people} onChange={setPeople} />
    </FormPanel>
  );
}
