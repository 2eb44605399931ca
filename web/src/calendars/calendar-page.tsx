import { Button, makeStyles, OverlayDrawer, Spinner, tokens } from '@fluentui/react-components';
import type { CalendarRef } from '@fullcalendar/react';
import { useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../audit/export.ts';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { NARROW, useIsNarrow } from '../parts/narrow.ts';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { CalendarBar } from './calendar-bar.tsx';
import { CalendarGrid, type Moved, showView } from './calendar-grid.tsx';
import { CalendarPanel, KeysDialog, PeoplePanel, ZonesDialog } from './calendar-panels.tsx';
import { CalendarSettingsPanel } from './calendar-settings-panel.tsx';
import { type Reach, useChanges } from './changes.ts';
import { EventCard } from './event-card.tsx';
import { type Begun, EventForm } from './event-form.tsx';
import { ImportPanel } from './import-panel.tsx';
import { useKept } from './kept.ts';
import { VIEWS, type View } from './keyboard.ts';
import { ProposePanel } from './meeting-answers.tsx';
import { MiniMonth } from './mini-month.tsx';
import { ReachDialog } from './reach-dialog.tsx';
import { SourceList } from './source-list.tsx';
import { type Days, type Shown, type Source, useEvents, useMailbox, useSources } from './sources.ts';
import { addDays, dayOf, nextHalfHour, plus, wallAt, weekdayOf } from './times.ts';
import { useCalendarKeys } from './use-calendar-keys.ts';

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
  busy: { position: 'absolute', insetInlineEnd: '12px', top: '8px', zIndex: 3 },
});

/** What lies open beside the calendar. */
type Open =
  | { readonly what: 'event'; readonly shown: Shown; readonly target: HTMLElement }
  | { readonly what: 'form'; readonly begun: Begun }
  | { readonly what: 'move'; readonly shown: Shown; readonly to: Moved; readonly revert: () => void }
  | { readonly what: 'delete' | 'propose'; readonly shown: Shown }
  | { readonly what: 'help' | 'zones' | 'settings' | 'addCalendar' | 'addPerson' | 'side' }
  | { readonly what: 'share' | 'edit' | 'import' | 'removeCalendar'; readonly source: Source };

/** One's own calendar, with those of colleagues, groups and people of other organisations beside and over it. */
export function CalendarPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const isPhone = useIsNarrow();
  const search = useSearch({ strict: false }) as { date?: string; view?: string };
  const [kept, keep] = useKept();
  const mailbox = useMailbox();
  const { zone } = mailbox;
  const today = dayOf(wallAt(new Date(), zone));
  // The address says what is shown first, and not what is chosen then.
  const [chosen, setChosen] = useState(search.view);
  const asked = (chosen ?? kept.view) as View | undefined;
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
    setChosen(next);
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

  useCalendarKeys({
    grid,
    events,
    isElsewhere: open !== undefined && open.what !== 'event',
    onNew: () => begin(),
    onToday: () => goTo(today),
    onHelp: () => setOpen({ what: 'help' }),
    onView: (next) => allowed.includes(next) && choose(next),
    onTurn: turn,
    onDelete: askDelete,
    onMove: move,
  });

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

  const exportCalendar = useAct<Source>(async (api, { calendar: one, name }) => {
    const answer = await api.raw('GET', `/me/calendars/${one?.id ?? 'default'}/export`, { headers: { accept: '*/*' } });
    saveFile(`${name}.ics`, 'text/calendar', await answer.blob());
  });
  const dropShared = useAct<Source>((api, source) => api.delete(source.path ?? ''), {
    said: ({ name }) => t('calendars.dropped', { name }),
  });

  const listFault = exportCalendar.fault ?? dropShared.fault;

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
      {listFault && <RefusalBar fault={listFault} />}
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
          onImport={(source) => setOpen({ what: 'import', source })}
          onExport={exportCalendar.run}
          onRemove={(source) =>
            source.kind === 'person'
              ? keep({ people: kept.people.filter(({ address }) => address !== source.address) })
              : source.isPartners
                ? dropShared.run(source)
                : setOpen({ what: 'removeCalendar', source })
          }
        />
      )}
    </>
  );

  return (
    <div className={`${styles.page} ${isSideHidden ? styles.wide : ''} entente-print`}>
      <CalendarBar
        title={title}
        view={view}
        views={allowed}
        isPhone={isPhone}
        isSideOpen={isPhone ? open?.what === 'side' : !isSideHidden}
        canWrite={targets.length > 0}
        onSide={() => (isPhone ? setOpen({ what: 'side' }) : setIsSideHidden(!isSideHidden))}
        onNew={() => begin()}
        onToday={() => goTo(today)}
        onTurn={turn}
        onView={(next) => choose(next)}
        onOpen={(what) => setOpen({ what })}
      />
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
          // As it is now: others answer while the card is open.
          shown={events.find(({ key }) => key === open.shown.key) ?? open.shown}
          zone={zone}
          target={open.target}
          onClose={close}
          onEdit={() =>
            setOpen({ what: 'form', begun: { ...open.shown, title: open.shown.title ?? '', shown: open.shown } })
          }
          onDelete={() => askDelete(open.shown)}
          onPropose={() => setOpen({ what: 'propose', shown: open.shown })}
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
      {open?.what === 'import' && <ImportPanel source={open.source} onClose={close} />}
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
        <ZonesDialog
          zone={zone}
          second={kept.secondZone}
          onSecond={(secondZone) => keep({ secondZone })}
          onClose={close}
        />
      )}
      {open?.what === 'help' && <KeysDialog onClose={close} />}
      {open?.what === 'settings' && <CalendarSettingsPanel onClose={close} />}
      {open?.what === 'propose' && <ProposePanel shown={open.shown} zone={zone} onClose={close} />}
    </div>
  );
}

/** At the weekend, a work week is the one to come. */
const firstShown = (today: string, view: View): string => {
  const weekday = weekdayOf(today);
  return view !== 'workWeek' || (weekday !== 0 && weekday !== 6) ? today : addDays(today, weekday === 6 ? 2 : 1);
};
