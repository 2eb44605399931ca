import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page } from '../api.ts';
import { useSay } from '../parts/act.tsx';
import { useAbilities } from '../shell/me.ts';
import { useApi, useTenant } from '../shell/tenant.ts';
import { dueReminders } from './due-reminders.ts';
import { onClock, useMailbox } from './sources.ts';
import { sayClocks, wallOf } from './times.ts';
import type { CalendarEvent } from './wire.ts';

const AHEAD = 24 * 3_600_000;
const ASKED_EVERY = 5 * 60_000;
const LOOKED_EVERY = 15_000;

/** Reminds of events while the app is open: in the window, and outside it where the person has allowed that. */
export function Reminders() {
  const mayHave = useAbilities().sees('calendar');
  return mayHave ? <Watch /> : null;
}

function Watch() {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const tenant = useTenant();
  const say = useSay();
  const { zone } = useMailbox();
  const told = useRef(new Set<string>());
  const events = useQuery({
    queryKey: [tenant, 'reminders', zone],
    refetchInterval: ASKED_EVERY,
    queryFn: async () => {
      const now = Date.now();
      const { value } = await api.get<Page<CalendarEvent>>('/v1.0/me/calendarView', {
        params: {
          startDateTime: new Date(now).toISOString(),
          endDateTime: new Date(now + AHEAD).toISOString(),
          $top: 100,
        },
        headers: onClock(zone),
      });
      return value
        .filter(({ isCancelled, isAllDay }) => !isCancelled && !isAllDay)
        .map((one) => ({
          id: one.id,
          title: one.subject,
          start: wallOf(one.start, zone),
          end: wallOf(one.end, zone),
          isReminderOn: one.isReminderOn ?? false,
          minutesBefore: one.reminderMinutesBeforeStart ?? 15,
        }));
    },
  });
  useEffect(() => {
    const look = () => {
      for (const due of dueReminders(events.data ?? [], new Date(), zone, told.current)) {
        told.current.add(due.key);
        const title = due.title ?? t('calendars.untitled');
        const when = sayClocks(due.start, due.end, i18n.language);
        say(t('calendars.remind', { title, when }));
        if ('Notification' in window && Notification.permission === 'granted') {
          new Notification(title, { body: when, tag: due.key });
        }
      }
    };
    look();
    const timer = setInterval(look, LOOKED_EVERY);
    return () => clearInterval(timer);
  }, [events.data, zone, say, t, i18n.language]);
  return null;
}
