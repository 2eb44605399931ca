import { Button, Toast, ToastBody, ToastFooter, ToastTitle, useToastController } from '@fluentui/react-components';
import { ClockAlarmRegular } from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page } from '../api.ts';
import { TOASTER } from '../parts/act.tsx';
import { useAbilities } from '../shell/me.ts';
import { useApi, useTenant, useThing } from '../shell/tenant.ts';
import { useNotice } from '../shell/use-live.tsx';
import { useMailbox } from './sources.ts';
import { sayClocks, wallAt } from './times.ts';
import type { DueReminder } from './wire.ts';

/** Asked again this often where nothing tells of reminders, and where something does. Milliseconds. */
const ASKED_EVERY = 30_000;
const ASKED_RARELY = 600_000;
const SNOOZE_MINUTES = 5;

/**
 * Reminds of events while the app is open, in the window, and outside it where the person has allowed that; and has the
 * calendar read again when an invitation or an answer has come.
 */
export function Reminders() {
  const mayHave = useAbilities().sees('calendar');
  return mayHave ? <Watch /> : null;
}

function Watch() {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const tenant = useTenant();
  const queries = useQueryClient();
  const { dispatchToast, dismissToast } = useToastController(TOASTER);
  const { zone } = useMailbox();
  const shown = useRef(new Set<string>());
  const { isOn } = useNotice('calendars.reminder-due', () => void due.refetch());
  useNotice('calendars.message-arrived', () => {
    for (const part of ['events', '/me/meeting-messages']) void queries.invalidateQueries({ queryKey: [tenant, part] });
  });
  const due = useThing<Page<DueReminder>>('/me/reminders', { refetchInterval: isOn ? ASKED_RARELY : ASKED_EVERY });

  useEffect(() => {
    const now = new Date();
    const rows = (due.data?.value ?? []).filter(({ endsAt }) => new Date(endsAt) > now);
    const keys = new Set(rows.map(keyOf));
    // Put away in another window, or put off: it goes here, too, and may come again.
    for (const key of shown.current) {
      if (keys.has(key)) continue;
      shown.current.delete(key);
      dismissToast(key);
    }
    for (const row of rows) {
      const key = keyOf(row);
      if (shown.current.has(key)) continue;
      shown.current.add(key);
      const title = row.subject ?? t('calendars.untitled');
      const when = sayClocks(wallAt(new Date(row.startsAt), zone), wallAt(new Date(row.endsAt), zone), i18n.language);
      const event = `/v1.0/me/events/${encodeURIComponent(row.eventId)}`;
      const act = (request: Promise<unknown>) => {
        dismissToast(key);
        void request.finally(() => due.refetch());
      };
      const later = () => ({
        newReminderTime: {
          dateTime: new Date(Date.now() + SNOOZE_MINUTES * 60_000).toISOString().slice(0, 19),
          timeZone: 'UTC',
        },
      });
      dispatchToast(
        <Toast>
          <ToastTitle media={<ClockAlarmRegular />}>{title}</ToastTitle>
          <ToastBody subtitle={row.location ?? undefined}>{when}</ToastBody>
          <ToastFooter>
            <Button size="small" onClick={() => act(api.post(`${event}/dismissReminder`))}>
              {t('calendars.dismiss')}
            </Button>
            <Button size="small" onClick={() => act(api.post(`${event}/snoozeReminder`, later()))}>
              {t('calendars.snooze', { count: SNOOZE_MINUTES })}
            </Button>
          </ToastFooter>
        </Toast>,
        { toastId: key, intent: 'info', timeout: -1 },
      );
      if ('Notification' in window && Notification.permission === 'granted')
        new Notification(title, { body: row.location ? `${when}, ${row.location}` : when, tag: key });
    }
  }, [due.data, due.refetch, zone, api, dispatchToast, dismissToast, t, i18n.language]);
  return null;
}

const keyOf = ({ eventId, startsAt }: DueReminder) => `reminder ${eventId} ${startsAt}`;
