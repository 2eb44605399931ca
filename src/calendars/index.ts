export { GRANTS } from './grants.ts';
export { calendarsModule } from './module.ts';
export { calendarDefaults, organizationRelationships } from './settings.ts';
export { listCalendarNames } from './store/calendars.ts';
export { ensureMailbox, ownDefaultCalendar } from './usecases/mailboxes.ts';
export { putObject } from './usecases/objects.ts';
export { holdCalendarOf } from './usecases/open-calendars.ts';
export { calendarsRevokers } from './usecases/revokers.ts';
