import type { Module, Partners, Run } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import { administerCalendars } from './questions.ts';
import { calendarRoutes } from './routes/graph/calendars.ts';
import { type EventPorts, eventRoutes } from './routes/graph/events.ts';
import { mailboxRoutes } from './routes/graph/mailbox-settings.ts';
import { todoRoutes } from './routes/graph/todo.ts';
import { calendarDefaults } from './settings.ts';
import { calendarUse, ownCalendars } from './usecases/asked.ts';
import { forgetGoneInstances } from './usecases/follow-view.ts';
import { placeAnewJob } from './usecases/mailbox-settings.ts';

export interface CalendarsPorts extends EventPorts {
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
    sweeps: [{ name: 'calendars.gone-instances', cron: '41 4 * * *', run: forgetGoneInstances }],
    jobs: [placeAnewJob],
    routes: [...calendarRoutes, ...mailboxRoutes, ...todoRoutes, ...eventRoutes(ports)],
  };
}
