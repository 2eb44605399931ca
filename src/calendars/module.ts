import type { Module, Partners, Run } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import { administerCalendars } from './questions.ts';
import { calendarRoutes } from './routes/graph/calendars.ts';
import { type EventPorts, eventRoutes } from './routes/graph/events.ts';
import { calendarDefaults } from './settings.ts';
import { calendarUse, ownCalendars } from './usecases/asked.ts';

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
    routes: [...calendarRoutes, ...eventRoutes(ports)],
  };
}
