export { actorColumns, type EventRecord, insertEvents } from './store/events.ts';
