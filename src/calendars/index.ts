export { GRANTS } from './grants.ts';
export { calendarsModule } from './module.ts';
export { calendarsRevokers } from './usecases/revokers.ts';
