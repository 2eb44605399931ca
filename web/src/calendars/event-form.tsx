import { Button, Field, Input, makeStyles, Switch, Tag, TagGroup, Text, Textarea } from '@fluentui/react-components';
import { AttachRegular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Api, ApiFault, Page } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { useMe } from '../shell/me.ts';
import { useApi, useTenant, useThing } from '../shell/tenant.ts';
import { AttachmentList } from './attachment-list.tsx';
import { eventOfOwnerPath, eventPath, type Reach, restOf, splitSeries } from './changes.ts';
import { type Draft, draftOf, eventOf, newDraft, problemsOf, withAllDay, withStart } from './event-draft.ts';
import { canCome, type Row, statusDuring } from './free-busy.ts';
import { PeopleField } from './people-field.tsx';
import type { Somebody } from './people-names.ts';
import { ReachDialog } from './reach-dialog.tsx';
import { RepeatEditor } from './repeat-editor.tsx';
import { onClock, type Shown, type Source, useRows } from './sources.ts';
import { addDays, allZones, clockOf, dayOf, plus, sayZone, type Wall } from './times.ts';
import type { CalendarEvent, Place, ShowAs } from './wire.ts';

const useStyles = makeStyles({
  row: { display: 'flex', gap: '12px', flexWrap: 'wrap', alignItems: 'end', '> *': { flexGrow: 1 } },
  tags: { flexWrap: 'wrap', rowGap: '4px' },
});

const REMINDERS = [0, 5, 15, 30, 60, 1440] as const;
const SHOW_AS: readonly ShowAs[] = ['free', 'tentative', 'busy', 'oof', 'workingElsewhere'];
/** What one file may weigh, in bytes: a larger one does not fit into an event. */
const LARGEST_FILE = 3 * 1024 * 1024;

/** What the form begins with: nothing but a time, or an event that exists. */
export interface Begun {
  readonly start: Wall;
  readonly end: Wall;
  readonly isAllDay: boolean;
  readonly title?: string;
  readonly people?: readonly Somebody[];
  readonly shown?: Shown;
}

/** Writes an event: a new one, one of a series, the rest of a series or all of it. */
export function EventForm(props: {
  begun: Begun;
  zone: string;
  /** Calendars that may be written in; the first is proposed. */
  targets: readonly Source[];
  onClose: () => void;
}) {
  const { shown } = props.begun;
  const isSeries = shown?.event?.seriesMasterId !== undefined && shown.event.seriesMasterId !== null;
  const [reach, setReach] = useState<Reach | undefined>(isSeries ? undefined : 'this');
  const { t } = useTranslation();
  if (reach === undefined) {
    return (
      <ReachDialog
        title={t('calendars.editSeries')}
        confirm={t('action.edit')}
        onChosen={setReach}
        onClose={props.onClose}
      />
    );
  }
  if (!shown?.event) return <NewEvent {...props} />;
  return <KnownEvent {...props} shown={shown} event={shown.event} reach={reach} />;
}

function NewEvent(props: { begun: Begun; zone: string; targets: readonly Source[]; onClose: () => void }) {
  const { t } = useTranslation();
  const { begun } = props;
  /** Made by a try whose files did not follow: the next one makes no second event. */
  const made = useRef<CalendarEvent>(undefined);
  const save = useAct<Saved, CalendarEvent>(
    async (api, { draft, target, files }) => {
      const body = eventOf(draft, { withRepeat: true });
      const headers = onClock(draft.zone);
      made.current = made.current
        ? await api.patch<CalendarEvent>(eventPath(target, made.current.id), body, { headers })
        : await api.post<CalendarEvent>(`${target.path}/events`, body, { headers });
      await attach(api, target, made.current.id, files);
      return made.current;
    },
    {
      said: ({ draft }) => t('calendars.created', { name: draft.title || t('calendars.untitled') }),
      done: props.onClose,
    },
  );
  return (
    <Form
      title={t('calendars.newEvent')}
      draft={{
        ...newDraft(begun.start, begun.end, begun.isAllDay, props.zone),
        title: begun.title ?? '',
        people: begun.people ?? [],
      }}
      targets={props.targets}
      canRepeat
      isBusy={save.isBusy}
      fault={save.fault}
      onSave={save.run}
      onClose={props.onClose}
    />
  );
}

/** The event as the server has it now, and for more than one of a series, their master. */
function KnownEvent(props: { shown: Shown; event: CalendarEvent; reach: Reach; zone: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { shown, event, reach, zone } = props;
  const api = useApi();
  const tenant = useTenant();
  const { source } = shown;
  const id = reach === 'all' ? (event.seriesMasterId ?? event.id) : event.id;
  const read = useQuery<{ event: CalendarEvent; recurrence: CalendarEvent['recurrence'] }, ApiFault>({
    // Apart from all that is read again after a change: what is being changed here may be gone by then.
    queryKey: ['event', tenant, source.path, id, reach, zone],
    staleTime: 0,
    gcTime: 0,
    queryFn: async () => {
      const headers = onClock(zone);
      const found = await api.get<CalendarEvent>(eventPath(source, id), { headers });
      const recurrence =
        reach === 'following' && event.seriesMasterId
          ? await restOf(api, source, event.seriesMasterId, shown, zone)
          : found.recurrence;
      return { event: found, recurrence };
    },
  });
  const save = useAct<Saved, unknown>(
    async (caller, { draft, files }) => {
      const changes = eventOf(draft, { withRepeat: reach !== 'this' || !event.seriesMasterId });
      const etag = read.data?.event['@odata.etag'];
      if (reach === 'following' && event.seriesMasterId) {
        await splitSeries(caller, source, event.seriesMasterId, shown, zone, changes, draft.start);
      } else {
        await caller.patch(eventPath(source, id), changes, etag ? { headers: { 'if-match': etag } } : {});
      }
      await attach(caller, source, id, files);
    },
    {
      said: ({ draft }) => t('calendars.changed', { name: draft.title || t('calendars.untitled') }),
      done: props.onClose,
    },
  );
  if (!read.data) {
    return (
      <FormPanel title={t('calendars.editEvent')} submit="" onClose={props.onClose} fault={read.error}>
        {!read.error && <LoadingRows />}
      </FormPanel>
    );
  }
  return (
    <Form
      title={t('calendars.editEvent')}
      draft={draftOf({ ...read.data.event, recurrence: read.data.recurrence ?? null }, zone)}
      targets={[source]}
      canRepeat={reach !== 'this' || !event.seriesMasterId}
      attachmentsOf={read.data.event.hasAttachments ? eventOfOwnerPath(source, id) : undefined}
      isBusy={save.isBusy}
      fault={save.fault}
      onSave={save.run}
      onClose={props.onClose}
    />
  );
}

interface Saved {
  readonly draft: Draft;
  readonly target: Source;
  readonly files: readonly File[];
}

function Form(props: {
  title: string;
  draft: Draft;
  targets: readonly Source[];
  canRepeat: boolean;
  attachmentsOf?: string | undefined;
  isBusy: boolean;
  fault: ApiFault | null;
  onSave: (saved: Saved) => void;
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const [draft, setDraft] = useState(props.draft);
  const [target, setTarget] = useState(props.targets[0]);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [tooLarge, setTooLarge] = useState<string>();
  const picker = useRef<HTMLInputElement>(null);
  const name = useRef<HTMLInputElement>(null);
  // The panel takes the focus to its first button once it is open; whoever opens it wants to write.
  useEffect(() => {
    const timer = setTimeout(() => name.current?.focus(), 50);
    return () => clearTimeout(timer);
  }, []);
  const places = useThing<Page<Place>>('/v1.0/places/microsoft.graph.room');
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const problems = problemsOf(draft);
  const rooms = places.data?.value ?? [];
  const own = useMe().data;
  const asked = useDeferredValue([
    ...draft.people.map(({ address }) => address),
    ...(draft.room?.emailAddress ? [draft.room.emailAddress] : []),
  ]);
  const days = { from: dayOf(draft.start), to: addDays(dayOf(draft.end), 1) };
  const { rows } = useRows(asked, draft.end > draft.start ? days : undefined, draft.zone);
  const saidOf = (address: string | null | undefined) => {
    const row = rows.find((one) => one.address.toLowerCase() === address?.toLowerCase());
    return row && <Coming row={row} start={draft.start} end={draft.end} />;
  };
  const endDay = draft.isAllDay ? addDays(dayOf(draft.end), -1) : dayOf(draft.end);
  return (
    <FormPanel
      size="medium"
      title={props.title}
      submit={draft.people.length > 0 ? t('calendars.send') : t('action.save')}
      onClose={props.onClose}
      onSubmit={() => {
        if (target && Object.keys(problems).length === 0) props.onSave({ draft, target, files });
      }}
      isBusy={props.isBusy}
      fault={props.fault}
    >
      <Field label={t('calendars.title')}>
        <Input ref={name} value={draft.title} onChange={(_, { value }) => set({ title: value })} />
      </Field>
      {props.targets.length > 1 && (
        <Choice
          label={t('calendars.calendar')}
          value={target?.key ?? ''}
          onChange={(key) => setTarget(props.targets.find((one) => one.key === key))}
          options={props.targets.map(({ key, name }) => [key, name])}
        />
      )}
      <PeopleField
        label={t('calendars.people')}
        people={draft.people}
        onChange={(people) => set({ people: people.filter(({ address }) => address !== own?.mail) })}
        said={({ address }) => saidOf(address)}
      />
      <Switch
        label={t('calendars.allDay')}
        checked={draft.isAllDay}
        onChange={(_, { checked }) => setDraft((before) => withAllDay(before, checked))}
      />
      <div className={styles.row}>
        <Field label={t('calendars.start')}>
          <Input
            type="date"
            value={dayOf(draft.start)}
            onChange={(_, { value }) =>
              value && setDraft((before) => withStart(before, `${value}T${before.start.slice(11)}`))
            }
          />
        </Field>
        {!draft.isAllDay && (
          <Field label={t('calendars.startTime')}>
            <Input
              type="time"
              step={300}
              value={clockOf(draft.start)}
              onChange={(_, { value }) =>
                value && setDraft((before) => withStart(before, `${dayOf(before.start)}T${value}:00`))
              }
            />
          </Field>
        )}
      </div>
      <div className={styles.row}>
        <Field label={t('calendars.end')} validationMessage={problems.end && t(problems.end)}>
          <Input
            type="date"
            value={endDay}
            onChange={(_, { value }) =>
              value &&
              set({
                end: draft.isAllDay ? plus(`${value}T00:00:00`, { days: 1 }) : `${value}T${draft.end.slice(11)}`,
              })
            }
          />
        </Field>
        {!draft.isAllDay && (
          <Field label={t('calendars.endTime')}>
            <Input
              type="time"
              step={300}
              value={clockOf(draft.end)}
              onChange={(_, { value }) => value && set({ end: `${dayOf(draft.end)}T${value}:00` })}
            />
          </Field>
        )}
      </div>
      {!draft.isAllDay && (
        <Choice
          label={t('calendars.zone')}
          value={draft.zone}
          onChange={(zone) => set({ zone })}
          options={allZones(draft.zone).map((zone) => [
            zone,
            zone === draft.zone ? sayZone(zone, i18n.language) : zone,
          ])}
        />
      )}
      {props.canRepeat &&
        (draft.repeat ? (
          <RepeatEditor repeat={draft.repeat} start={draft.start} onChange={(repeat) => set({ repeat })} />
        ) : (
          <Text>{t('calendars.repeat.special')}</Text>
        ))}
      {problems.repeat && <Text role="alert">{t(problems.repeat)}</Text>}
      {rooms.length > 0 && (
        <div>
          <Choice
            label={t('calendars.room')}
            value={draft.room?.emailAddress ?? ''}
            onChange={(address) => set({ room: rooms.find(({ emailAddress }) => emailAddress === address) })}
            options={[
              ['', t('calendars.noRoom')],
              ...rooms.map(
                (room) =>
                  [
                    room.emailAddress ?? room.id,
                    room.capacity
                      ? t('calendars.roomFor', { name: room.displayName, count: room.capacity })
                      : room.displayName,
                  ] as const,
              ),
            ]}
          />
          {saidOf(draft.room?.emailAddress)}
        </div>
      )}
      <Field label={t('calendars.location')}>
        <Input value={draft.location} onChange={(_, { value }) => set({ location: value })} />
      </Field>
      <div className={styles.row}>
        <Choice
          label={t('calendars.reminder')}
          value={String(draft.reminder ?? '')}
          onChange={(value) => set({ reminder: value === '' ? undefined : Number(value) })}
          options={[
            ['', t('calendars.noReminder')],
            ...[...new Set([...REMINDERS, ...(draft.reminder === undefined ? [] : [draft.reminder])])]
              .sort((a, b) => a - b)
              .map((minutes) => [String(minutes), sayLead(minutes, i18n.language, t('calendars.atStart'))] as const),
          ]}
        />
        <Choice
          label={t('calendars.showAs')}
          value={draft.showAs}
          onChange={(showAs: ShowAs) => set({ showAs })}
          options={SHOW_AS.map((one) => [one, t(`calendars.status.${one}`)])}
        />
      </div>
      <Switch
        label={t('calendars.isPrivate')}
        checked={draft.isPrivate}
        onChange={(_, { checked }) => set({ isPrivate: checked })}
      />
      {draft.isPrivate && <Text size={200}>{t('calendars.privateSentence')}</Text>}
      <Field label={t('calendars.categories')} hint={t('calendars.categoriesHint')}>
        <Input value={draft.categories} onChange={(_, { value }) => set({ categories: value })} />
      </Field>
      <Field label={t('calendars.description')}>
        <Textarea rows={5} value={draft.description} onChange={(_, { value }) => set({ description: value })} />
      </Field>
      {props.attachmentsOf && <AttachmentList path={props.attachmentsOf} canRemove />}
      <div>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label={t('calendars.attach')}
          onChange={(event) => {
            const chosen = [...(event.target.files ?? [])];
            setTooLarge(chosen.find(({ size }) => size > LARGEST_FILE)?.name);
            setFiles((before) => [...before, ...chosen.filter(({ size }) => size <= LARGEST_FILE)]);
            event.target.value = '';
          }}
        />
        <Button icon={<AttachRegular />} onClick={() => picker.current?.click()}>
          {t('calendars.attach')}
        </Button>
        {tooLarge && <Text role="alert">{t('calendars.tooLarge', { name: tooLarge })}</Text>}
      </div>
      {files.length > 0 && (
        <TagGroup
          aria-label={t('calendars.attachments')}
          className={styles.tags}
          onDismiss={(_, { value }) => setFiles((before) => before.filter(({ name }) => name !== value))}
        >
          {files.map(({ name }) => (
            <Tag key={name} value={name} size="small" dismissible dismissIcon={{ 'aria-label': t('action.remove') }}>
              {name}
            </Tag>
          ))}
        </TagGroup>
      )}
    </FormPanel>
  );
}

const TONES: Readonly<Record<string, Tone>> = { free: 'good', workingElsewhere: 'good', tentative: 'waiting' };

/** Whether somebody can come, in words; where it is not known, why. */
function Coming({ row, start, end }: { row: Row; start: Wall; end: Wall }) {
  const { t } = useTranslation();
  const status = statusDuring(row, start, end);
  if (status === 'unknown') {
    return <StateText tone="quiet">{t(`calendars.knowledge.${row.knowledge}`)}</StateText>;
  }
  return (
    <StateText tone={TONES[status] ?? 'warning'}>
      {canCome(status) ? t('calendars.isFree') : t(`calendars.status.${status}`)}
    </StateText>
  );
}

async function attach(api: Api, source: Source, id: string, files: readonly File[]): Promise<void> {
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    await api.post(`${eventOfOwnerPath(source, id)}/attachments`, {
      '@odata.type': '#microsoft.graph.fileAttachment',
      name: file.name,
      contentType: file.type || 'application/octet-stream',
      contentBytes: btoa(text),
    });
  }
}

/** "15 minutes", "1 hour", "1 day" before; at the start for none. */
export function sayLead(minutes: number, language: string, atStart: string): string {
  if (minutes === 0) return atStart;
  const [value, unit] =
    minutes % 1440 === 0 ? [minutes / 1440, 'day'] : minutes % 60 === 0 ? [minutes / 60, 'hour'] : [minutes, 'minute'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}
