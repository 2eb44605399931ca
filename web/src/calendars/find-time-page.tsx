import { Button, Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components';
import { CalendarAddRegular, ChevronLeftRegular, ChevronRightRegular } from '@fluentui/react-icons';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Choice } from '../parts/choice.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { Page } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { useMe } from '../shell/me.ts';
import { EventForm } from './event-form.tsx';
import { canCome, statusDuring } from './free-busy.ts';
import { useKept } from './kept.ts';
import { PeopleField } from './people-field.tsx';
import type { Somebody } from './people-names.ts';
import { useNamed } from './people-names.ts';
import { useMailbox, useRows, useSources } from './sources.ts';
import { SuggestionList } from './suggestion-list.tsx';
import { addDays, dayOf, plus, say, sayPeriod, sayZone, type Wall, wallAt } from './times.ts';
import { Legend } from './times-block.tsx';
import { TimesGrid } from './times-grid.tsx';

const DURATIONS = [15, 30, 45, 60, 90, 120, 180, 240] as const;
/** The part of the day that is shown, in hours. Whoever works at night chooses the whole day. */
const DAYTIME = { from: 7, to: 19 } as const;

const useStyles = makeStyles({
  commands: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'end' },
  columns: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) 300px',
    gap: '24px',
    alignItems: 'start',
    '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  bottom: { display: 'flex', gap: '16px', flexWrap: 'wrap', alignItems: 'center', marginTop: '16px' },
  quiet: { color: tokens.colorNeutralForeground3 },
  day: { display: 'flex', alignItems: 'center', gap: '4px' },
});

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
  const named = useNamed(people);
  const everybody = [
    ...(me && own ? [{ name: me.displayName, address: own }] : []),
    ...named.filter(({ address }) => address.toLowerCase() !== own?.toLowerCase()),
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
          <TimesGrid
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

const sayMinutes = (minutes: number, language: string): string =>
  new Intl.NumberFormat(language, {
    style: 'unit',
    unit: minutes % 60 === 0 ? 'hour' : 'minute',
    unitDisplay: 'long',
  }).format(minutes % 60 === 0 ? minutes / 60 : minutes);
