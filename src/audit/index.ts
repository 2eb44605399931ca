export type { AuditEvent } from './model/event.ts';
export {
  type Checkpoints,
  type Leaf,
  type SealedEvent,
  type Verdict,
  verifyLeaves,
  verifyLog,
} from './model/verification.ts';
export { auditModule } from './module.ts';
export {
  type EventFilter,
  type EventRecord,
  findEvent,
  findRefusalByReference,
  insertEvents,
  listEvents,
} from './store/events.ts';
export { sealEvents } from './usecases/sealing.ts';
export type { NotificationPorts } from './usecases/subscriptions.ts';
