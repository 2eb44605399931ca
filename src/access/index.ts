export { accessFaults } from './faults.ts';
export type {
  Grant,
  GrantKind,
  GrantKinds,
  GrantPath,
  NewGrant,
  Revoker,
  Revokers,
  SubjectKind,
} from './grants.ts';
export { type AccessPorts, type AsTried, accessModule } from './module.ts';
export {
  deleteEndedGrants,
  deleteGrants,
  type GrantFilter,
  listGrants,
  listGrantsByObject,
  noteUse,
  noteUsesBy,
  operatesServer,
  putGrant,
} from './store/grants.ts';
export { type ExplainPorts, type KeptRefusal, referenceOf } from './usecases/explain.ts';
export type { LedgerPorts } from './usecases/ledger.ts';
export { openUseNotes } from './usecases/note-uses.ts';
export type { OwnerOfThing } from './usecases/notices.ts';
export { remembered } from './usecases/remember.ts';
export { askWhatIf, mayAskWhatIf } from './usecases/what-if.ts';
export type { RememberedRefusal, WhatIfPorts } from './usecases/what-if-ports.ts';
export { worldOf } from './usecases/world.ts';
