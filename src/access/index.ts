export type { GrantKind, GrantKinds, Revoker, Revokers } from './grants.ts';
export { accessModule } from './module.ts';
export {
  deleteGrants,
  type Grant,
  type GrantFilter,
  type GrantPath,
  listGrants,
  type NewGrant,
  putGrant,
  type SubjectKind,
} from './store/grants.ts';
export { type ExplainPorts, type KeptRefusal, noticeOfOwnRefusal } from './usecases/explain.ts';
export type { LedgerPorts } from './usecases/ledger.ts';
