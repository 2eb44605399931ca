import type { Module, Partners, Run } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import { administerCalendars } from './questions.ts';
import { sharingPolicyRoutes } from './routes/admin/sharing-policies.ts';
import { calendarPermissionRoutes } from './routes/graph/calendar-permissions.ts';
import { calendarRoutes } from './routes/graph/calendars.ts';
import { type EventPorts, eventRoutes } from './routes/graph/events.ts';
import { calendarDefaults, sharingPolicies } from './settings.ts';
import { calendarPermissions, calendarShare, calendarUse, contactsShare, ownCalendars } from './usecases/asked.ts';
import { enforceSharing } from './usecases/enforce-sharing.ts';
import { ENFORCE_SHARING } from './usecases/policies.ts';

export interface CalendarsPorts extends EventPorts {
  /** The way to other organisations. */
  readonly partners: Partners;
  readonly run: Run;
}

/** Calendars of people, rooms and groups: who sees what of them, here and in other organisations. */
export function calendarsModule(ports: CalendarsPorts): Module<Route> {
  return {
    name: 'calendars',
    settings: [calendarDefaults, sharingPolicies],
    questions: [calendarUse, calendarPermissions, calendarShare, contactsShare, ownCalendars, administerCalendars],
    routes: [...calendarRoutes, ...eventRoutes(ports), ...calendarPermissionRoutes, ...sharingPolicyRoutes],
    jobs: [{ name: ENFORCE_SHARING, run: enforceSharing }],
    sweeps: [{ name: ENFORCE_SHARING, cron: '43 2 * * *', run: enforceSharing }],
    subscribers: [
      {
        name: 'calendars.sharing-policy-changed',
        to: ['tenants.setting-changed'],
        async handle(ctx, event) {
          if (event.targets.some(({ id }) => id === sharingPolicies.name)) await enforceSharing(ctx);
        },
      },
    ],
  };
}
