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
