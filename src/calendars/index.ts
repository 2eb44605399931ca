export { bookingShape } from './model/place.ts';
export { calendarsModule } from './module.ts';
export { calendarDefaults, organizationRelationships } from './settings.ts';
export { listCalendarNames } from './store/calendars.ts';
export { ownDefaultCalendar } from './usecases/mailboxes.ts';
export { putObject } from './usecases/objects.ts';
export { holdCalendarOf } from './usecases/open-calendars.ts';
export { createPlace } from './usecases/places.ts';
export { calendarsRevokers } from './usecases/revokers.ts';
