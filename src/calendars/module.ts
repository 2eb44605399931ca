import type { Module, Partners, Run } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import { availabilityRequest } from './model/availability.ts';
import { administerCalendars } from './questions.ts';
import { organizationRelationshipRoutes } from './routes/admin/organization-relationships.ts';
import { davRoutes } from './routes/dav/index.ts';
import { calendarRoutes } from './routes/graph/calendars.ts';
import { capabilityRoutes } from './routes/graph/capabilities.ts';
import { type EventPorts, eventRoutes } from './routes/graph/events.ts';
import { meetingTimesRoutes } from './routes/graph/meeting-times.ts';
import { scheduleRoutes } from './routes/graph/schedules.ts';
import { calendarDefaults, defaultCapabilities, organizationRelationships, partnerCapabilities } from './settings.ts';
import { calendarUse, ownCalendars } from './usecases/asked.ts';
import { freeBusyRead } from './usecases/free-busy.ts';
import { AVAILABILITY, answerAvailability, mayLookOut } from './usecases/look-up-availability.ts';
import { answerStanding, STANDING, standingRequest } from './usecases/standing.ts';

export interface CalendarsPorts extends EventPorts {
  /** The way to other organisations. */
  readonly partners: Partners;
  readonly run: Run;
  /** Says what is wrong with an address that a stranger's server may be at; undefined: nothing. */
  readonly problemOfEndpoint: (address: string) => Promise<string | undefined>;
}

/** Calendars of people, rooms and groups: who sees what of them, here and in other organisations. */
export function calendarsModule(ports: CalendarsPorts): Module<Route> {
  return {
    name: 'calendars',
    settings: [calendarDefaults, organizationRelationships, defaultCapabilities, partnerCapabilities],
    questions: [calendarUse, ownCalendars, administerCalendars, freeBusyRead, mayLookOut],
    routes: [
      ...calendarRoutes,
      ...eventRoutes(ports),
      ...scheduleRoutes(ports),
      ...meetingTimesRoutes(ports),
      ...organizationRelationshipRoutes(ports),
      ...capabilityRoutes,
      ...davRoutes,
    ],
    partnerRequests: [
      { name: AVAILABILITY, shape: availabilityRequest, transaction: 'read', answer: answerAvailability },
      { name: STANDING, shape: standingRequest, transaction: 'read', answer: answerStanding },
    ],
  };
}
