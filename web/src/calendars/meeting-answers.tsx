import { Button, Field, Input, makeStyles, Text, Textarea, tokens } from '@fluentui/react-components';
import { CalendarClockRegular, CheckmarkRegular, DismissRegular, QuestionRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useThing } from '../shell/tenant.ts';
import { eventOfOwnerPath } from './changes.ts';
import type { Shown } from './sources.ts';
import { clockOf, dayOf, minutesBetween, plus, sayPeriod, type Wall, wallAt } from './times.ts';
import type { MeetingMessage } from './wire.ts';

const useStyles = makeStyles({
  actions: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
  proposal: {
    display: 'grid',
    gap: '8px',
    padding: '8px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  row: { display: 'flex', gap: '12px', flexWrap: 'wrap', alignItems: 'end', '> *': { flexGrow: 1 } },
});

const ANSWERS = [
  { act: 'accept', picture: <CheckmarkRegular /> },
  { act: 'tentativelyAccept', picture: <QuestionRegular /> },
  { act: 'decline', picture: <DismissRegular /> },
] as const;
type Answer = (typeof ANSWERS)[number]['act'];

/** Says to the organiser whether one comes, or when one would rather. */
export function Answers(props: { shown: Shown; onDone: () => void; onPropose: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { event, source } = props.shown;
  const answer = useAct<Answer>(
    (api, act) => api.post(`${eventOfOwnerPath(source, event?.id ?? '')}/${act}`, { sendResponse: true }),
    { said: (act) => t(`calendars.answered.${act}`), done: props.onDone },
  );
  return (
    <>
      {answer.fault && <RefusalBar fault={answer.fault} />}
      <div className={styles.actions}>
        {ANSWERS.map(({ act, picture }) => (
          <Button
            key={act}
            size="small"
            icon={picture}
            appearance={act === 'accept' ? 'primary' : 'secondary'}
            disabled={answer.isBusy}
            onClick={() => answer.run(act)}
          >
            {t(`calendars.answer.${act}`)}
          </Button>
        ))}
        <Button size="small" icon={<CalendarClockRegular />} onClick={props.onPropose}>
          {t('calendars.propose.open')}
        </Button>
      </div>
    </>
  );
}

/** Proposes another time to the organiser, with a word. */
export function ProposePanel(props: { shown: Shown; zone: string; onClose: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { shown, zone } = props;
  const length = minutesBetween(shown.start, shown.end);
  const [start, setStart] = useState<Wall>(shown.start);
  const [end, setEnd] = useState<Wall>(shown.end);
  const [act, setAct] = useState<'tentativelyAccept' | 'decline'>('tentativelyAccept');
  const [comment, setComment] = useState('');
  const propose = useAct(
    (api) =>
      api.post(`${eventOfOwnerPath(shown.source, shown.event?.id ?? '')}/${act}`, {
        sendResponse: true,
        comment,
        proposedNewTime: {
          start: { dateTime: start, timeZone: zone },
          end: { dateTime: end, timeZone: zone },
        },
      }),
    { said: () => t('calendars.propose.sent'), done: props.onClose },
  );
  const begin = (next: Wall) => {
    setStart(next);
    setEnd(plus(next, { minutes: length }));
  };
  const isBackwards = end <= start;
  return (
    <FormPanel
      size="small"
      title={t('calendars.propose.title')}
      sentence={shown.title ?? t('calendars.untitled')}
      submit={t('calendars.propose.send')}
      onClose={props.onClose}
      onSubmit={() => !isBackwards && propose.run()}
      isBusy={propose.isBusy}
      fault={propose.fault}
    >
      <div className={styles.row}>
        <Field label={t('calendars.start')}>
          <Input
            type="date"
            value={dayOf(start)}
            onChange={(_, { value }) => value && begin(`${value}T${start.slice(11)}`)}
          />
        </Field>
        <Field label={t('calendars.startTime')}>
          <Input
            type="time"
            step={300}
            value={clockOf(start)}
            onChange={(_, { value }) => value && begin(`${dayOf(start)}T${value}:00`)}
          />
        </Field>
      </div>
      <Field label={t('calendars.endTime')} validationMessage={isBackwards ? t('calendars.endBeforeStart') : undefined}>
        <Input
          type="time"
          step={300}
          value={clockOf(end)}
          onChange={(_, { value }) => value && setEnd(`${dayOf(start)}T${value}:00`)}
        />
      </Field>
      <Choice
        label={t('calendars.propose.meanwhile')}
        value={act}
        onChange={setAct}
        options={[
          ['tentativelyAccept', t('calendars.propose.maybe')],
          ['decline', t('calendars.propose.no')],
        ]}
      />
      <Field label={t('calendars.propose.comment')}>
        <Textarea rows={3} value={comment} onChange={(_, { value }) => setComment(value)} />
      </Field>
    </FormPanel>
  );
}

/** What others proposed for a meeting, for its organiser to decide. */
export function Proposals(props: { shown: Shown; zone: string; onDone: () => void }) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const { shown, zone } = props;
  const open = useThing<Page<MeetingMessage>>('/me/meeting-messages', { params: { proposals: 'open' } });
  const decide = useAct<{ id: string; word: 'accept' | 'decline' }>(
    (api, { id, word }) => api.post(`/me/meeting-messages/${id}/${word}`, {}),
    { said: ({ word }) => t(`calendars.propose.${word === 'accept' ? 'accepted' : 'declined'}`), done: props.onDone },
  );
  const ids = [shown.event?.id, shown.event?.seriesMasterId].map((id) => id?.split('_')[0]);
  const mine = (open.data?.value ?? []).filter(({ eventId }) => eventId !== null && ids.includes(eventId));
  return (
    <>
      {decide.fault && <RefusalBar fault={decide.fault} />}
      {mine.map((one) => (
        <div key={one.id} className={styles.proposal}>
          <Text weight="semibold">{t('calendars.propose.by', { name: one.sender })}</Text>
          {one.start && one.end && (
            <Text>{sayPeriod(onWall(one.start, zone), onWall(one.end, zone), false, i18n.language)}</Text>
          )}
          {one.comment && <Text>{one.comment}</Text>}
          <div className={styles.actions}>
            <Button
              size="small"
              appearance="primary"
              disabled={decide.isBusy}
              onClick={() => decide.run({ id: one.id, word: 'accept' })}
            >
              {t('calendars.propose.accept')}
            </Button>
            <Button size="small" disabled={decide.isBusy} onClick={() => decide.run({ id: one.id, word: 'decline' })}>
              {t('calendars.propose.decline')}
            </Button>
          </div>
        </div>
      ))}
    </>
  );
}

/** A moment of a message on the reader's clock: an instant, or a day. */
const onWall = (text: string, zone: string): Wall =>
  text.length === 10 ? `${text}T00:00:00` : wallAt(new Date(text), zone);
