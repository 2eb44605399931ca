import { Field, Input, makeStyles, ToggleButton } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { Choice } from '../parts/choice.tsx';
import { DateField } from '../parts/date-field.tsx';
import { indexInMonth, type Repeat, weekdayName } from './recurrence.ts';
import { firstDayOfWeek, say, type Wall } from './times.ts';
import { WEEKDAYS } from './wire.ts';

const useStyles = makeStyles({
  frame: { display: 'grid', gap: '12px' },
  row: { display: 'flex', gap: '12px', flexWrap: 'wrap', alignItems: 'end' },
  days: { display: 'flex', gap: '4px', flexWrap: 'wrap', border: 0, margin: 0, padding: 0 },
  legend: { padding: 0, marginBottom: '4px' },
  number: { width: '96px' },
});

/** A Sunday, from which the names of weekdays are told. */
const SUNDAY = '2026-03-01';

/** How often an event comes back, and until when. */
export function RepeatEditor(props: { repeat: Repeat; start: Wall; onChange: (repeat: Repeat) => void }) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const { repeat, start } = props;
  const set = (change: Partial<Repeat>) => props.onChange({ ...repeat, ...change });
  const weekday = say(start, i18n.language, { weekday: 'long' });
  const first = firstDayOfWeek(i18n.language, navigator.languages);
  const inOrder = [...WEEKDAYS.slice(first), ...WEEKDAYS.slice(0, first)];
  const nameOf = (i: number, style: 'long' | 'short') =>
    say(`${SUNDAY.slice(0, 8)}${String(1 + i).padStart(2, '0')}T00:00:00`, i18n.language, { weekday: style });
  return (
    <div className={styles.frame}>
      <div className={styles.row}>
        <Choice
          label={t('calendars.repeat.label')}
          value={repeat.every}
          onChange={(every) => set({ every, days: [weekdayName(start)] })}
          options={[
            ['never', t('calendars.repeat.never')],
            ['day', t('calendars.repeat.day')],
            ['week', t('calendars.repeat.week')],
            ['month', t('calendars.repeat.month', { day: Number(start.slice(8, 10)) })],
            [
              'monthWeekday',
              t('calendars.repeat.monthWeekday', {
                index: t(`calendars.repeat.index.${indexInMonth(start)}`),
                weekday,
              }),
            ],
            ['year', t('calendars.repeat.year')],
          ]}
        />
        {repeat.every !== 'never' && (
          <Field label={t('calendars.repeat.interval')}>
            <Input
              className={styles.number}
              type="number"
              min={1}
              max={99}
              value={String(repeat.interval)}
              onChange={(_, { value }) => set({ interval: Number(value) })}
            />
          </Field>
        )}
      </div>
      {repeat.every === 'week' && (
        <fieldset className={styles.days}>
          <legend className={styles.legend}>{t('calendars.repeat.on')}</legend>
          {inOrder.map((day) => {
            const isOn = repeat.days.includes(day);
            return (
              <ToggleButton
                key={day}
                size="small"
                checked={isOn}
                aria-label={nameOf(WEEKDAYS.indexOf(day), 'long')}
                onClick={() => set({ days: isOn ? repeat.days.filter((one) => one !== day) : [...repeat.days, day] })}
              >
                {nameOf(WEEKDAYS.indexOf(day), 'short')}
              </ToggleButton>
            );
          })}
        </fieldset>
      )}
      {repeat.every !== 'never' && (
        <div className={styles.row}>
          <Choice
            label={t('calendars.repeat.ends')}
            value={repeat.ends}
            onChange={(ends) => set({ ends })}
            options={[
              ['never', t('calendars.repeat.endsNever')],
              ['on', t('calendars.repeat.endsOn')],
              ['after', t('calendars.repeat.endsAfter')],
            ]}
          />
          {repeat.ends === 'on' && (
            <DateField label={t('calendars.repeat.until')} value={repeat.until} onChange={(until) => set({ until })} />
          )}
          {repeat.ends === 'after' && (
            <Field label={t('calendars.repeat.count')}>
              <Input
                className={styles.number}
                type="number"
                min={1}
                max={999}
                value={String(repeat.count)}
                onChange={(_, { value }) => set({ count: Number(value) })}
              />
            </Field>
          )}
        </div>
      )}
    </div>
  );
}
