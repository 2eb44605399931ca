export { GRANTS } from './grants.ts';
export { calendarsModule } from './module.ts';
export { listCalendarNames } from './store/calendars.ts';
export { calendarsRevokers } from './usecases/revokers.ts';
