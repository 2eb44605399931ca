export { GRANTS } from './grants.ts';
export { calendarsModule } from './module.ts';
export { calendarDefaults } from './settings.ts';
export { ensureMailbox, ownDefaultCalendar } from './usecases/mailboxes.ts';
export { putObject } from './usecases/objects.ts';
export { calendarsRevokers } from './usecases/revokers.ts';
