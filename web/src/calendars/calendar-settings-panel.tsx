import { Button, Checkbox, Field, Input, makeStyles, Switch, Text } from '@fluentui/react-components';
import { AlertRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Section } from '../parts/page.tsx';
import { StateText } from '../parts/state-text.tsx';
import { useThing } from '../shell/tenant.ts';
import { sayLead } from './event-form.tsx';
import { allZones, knownZone, say } from './times.ts';
import { type MailboxSettings, WEEKDAYS, type Weekday } from './wire.ts';

const useStyles = makeStyles({
  row: { display: 'flex', gap: '12px', flexWrap: 'wrap', '> *': { flexGrow: 1 } },
  days: { border: 0, margin: 0, padding: 0, display: 'flex', flexWrap: 'wrap' },
});

const REMINDERS = [0, 5, 10, 15, 30, 60, 1440] as const;
/** A week that begins on a Sunday, for the names of the days. */
const SUNDAY = '2023-01-01';

interface MeetingSettings {
  readonly reminderMinutes: number | null;
  readonly addNewRequestsTentatively: boolean;
}

/** A person's own clock and hours, when they are reminded, and whether outside this window, too. */
export function CalendarSettingsPanel(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const mailbox = useThing<MailboxSettings>('/v1.0/me/mailboxSettings', { isSubject: true });
  const meetings = useThing<MeetingSettings>('/me/meeting-settings', { isSubject: true });
  if (mailbox.data && meetings.data)
    return <SettingsForm mailbox={mailbox.data} meetings={meetings.data} onClose={props.onClose} />;
  const fault: ApiFault | null = mailbox.error ?? meetings.error;
  return (
    <FormPanel title={t('calendars.settings.title')} submit="" onClose={props.onClose} fault={fault}>
      {!fault && <LoadingRows />}
    </FormPanel>
  );
}

function SettingsForm(props: { mailbox: MailboxSettings; meetings: MeetingSettings; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const { workingHours } = props.mailbox;
  const known = knownZone(props.mailbox.timeZone);
  const [zone, setZone] = useState(known);
  const [days, setDays] = useState<readonly Weekday[]>(workingHours?.daysOfWeek ?? []);
  const [from, setFrom] = useState((workingHours?.startTime ?? '08:00').slice(0, 5));
  const [to, setTo] = useState((workingHours?.endTime ?? '17:00').slice(0, 5));
  const [reminder, setReminder] = useState(String(props.meetings.reminderMinutes ?? ''));
  const [addsRequests, setAddsRequests] = useState(props.meetings.addNewRequestsTentatively);
  const isWrong = days.length === 0 || to <= from;
  const save = useAct(
    async (api) => {
      await api.patch('/v1.0/me/mailboxSettings', {
        timeZone: zone,
        workingHours: { daysOfWeek: days, startTime: `${from}:00`, endTime: `${to}:00`, timeZone: { name: zone } },
      });
      await api.patch('/me/meeting-settings', {
        reminderMinutes: reminder === '' ? null : Number(reminder),
        addNewRequestsTentatively: addsRequests,
      });
    },
    { said: () => t('calendars.settings.saved'), done: props.onClose },
  );
  return (
    <FormPanel
      title={t('calendars.settings.title')}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => !isWrong && save.run()}
      isBusy={save.isBusy}
      fault={save.fault}
    >
      <Choice
        label={t('calendars.zone')}
        value={zone}
        onChange={setZone}
        options={allZones(known).map((one) => [one, one])}
      />
      <fieldset className={styles.days}>
        <legend>{t('calendars.settings.days')}</legend>
        {WEEKDAYS.map((day, i) => (
          <Checkbox
            key={day}
            label={say(`${SUNDAY.slice(0, 8)}0${i + 1}T00:00:00`, i18n.language, { weekday: 'short' })}
            checked={days.includes(day)}
            onChange={(_, { checked }) =>
              setDays(WEEKDAYS.filter((one) => (one === day ? checked === true : days.includes(one))))
            }
          />
        ))}
        {days.length === 0 && <Text role="alert">{t('calendars.settings.noDays')}</Text>}
      </fieldset>
      <div className={styles.row}>
        <Field label={t('calendars.settings.from')}>
          <Input type="time" value={from} onChange={(_, { value }) => value && setFrom(value)} />
        </Field>
        <Field
          label={t('calendars.settings.to')}
          validationMessage={to <= from ? t('calendars.endBeforeStart') : undefined}
        >
          <Input type="time" value={to} onChange={(_, { value }) => value && setTo(value)} />
        </Field>
      </div>
      <Choice
        label={t('calendars.settings.reminder')}
        hint={t('calendars.settings.reminderHint')}
        value={reminder}
        onChange={setReminder}
        options={[
          ['', t('calendars.noReminder')],
          ...[
            ...new Set([
              ...REMINDERS,
              ...(props.meetings.reminderMinutes === null ? [] : [props.meetings.reminderMinutes]),
            ]),
          ]
            .sort((a, b) => a - b)
            .map((minutes) => [String(minutes), sayLead(minutes, i18n.language, t('calendars.atStart'))] as const),
        ]}
      />
      <Field hint={t('calendars.settings.addsRequestsHint')}>
        <Switch
          label={t('calendars.settings.addsRequests')}
          checked={addsRequests}
          onChange={(_, { checked }) => setAddsRequests(checked)}
        />
      </Field>
      <Notifications />
    </FormPanel>
  );
}

/** Whether this browser may remind outside the window. Browsers let that be asked once, and taken back only in theirs. */
function Notifications() {
  const { t } = useTranslation();
  const [permission, setPermission] = useState(() =>
    'Notification' in window ? Notification.permission : ('unsupported' as const),
  );
  return (
    <Section title={t('calendars.settings.outside')} sentence={t('calendars.settings.outsideSentence')}>
      {permission === 'default' ? (
        <div>
          <Button icon={<AlertRegular />} onClick={() => void Notification.requestPermission().then(setPermission)}>
            {t('calendars.settings.allow')}
          </Button>
        </div>
      ) : (
        <StateText tone={permission === 'granted' ? 'good' : 'quiet'}>
          {t(`calendars.settings.permission.${permission}`)}
        </StateText>
      )}
      {permission === 'denied' && <Text size={200}>{t('calendars.settings.deniedHint')}</Text>}
    </Section>
  );
}
