import type { Module, Partners, Run } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import { administerCalendars } from './questions.ts';
import { placeRoutes } from './routes/admin/places.ts';
import { meetingRoutes } from './routes/me/meetings.ts';
import { calendarDefaults } from './settings.ts';
import { calendarUse, ownCalendars } from './usecases/asked.ts';
import { scheduleRequest, sendMessagesJob, sweepMessages } from './usecases/sending.ts';

export interface CalendarsPorts {
  /** The way to other organisations. */
  readonly partners: Partners;
  readonly run: Run;
}

/** Calendars of people, rooms and groups: who sees what of them, here and in other organisations. */
export function calendarsModule(ports: CalendarsPorts): Module<Route> {
  return {
    name: 'calendars',
    settings: [calendarDefaults],
    questions: [calendarUse, ownCalendars, administerCalendars],
    routes: [...placeRoutes(), ...meetingRoutes()],
    partnerRequests: [scheduleRequest],
    jobs: [sendMessagesJob(ports)],
    sweeps: [{ name: 'calendars.messages', cron: '20 3 * * *', run: sweepMessages }],
  };
}
