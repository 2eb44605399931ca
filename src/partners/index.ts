export type { AccessSetting, Which, Who } from './model/access-setting.ts';
export { inForce, isPartner } from './model/cross-tenant-access.ts';
export type { SignedDocument } from './model/organization-document.ts';
export { PROOF_FORMAT, problemOfProof, type SealedRecord, sharedProof, verifySharedLog } from './model/shared-proof.ts';
export { partnersModule } from './module.ts';
export {
  type AccessFacts,
  accessFacts,
  comeIn,
  homeHasLetOut,
  partnerMayComeIn,
} from './questions.ts';
export { partnerAccess } from './settings.ts';
export {
  type Arrivals,
  type AskHome,
  isConsentAutomatic,
  type PersonAtHome,
  type Vouched,
} from './usecases/vouching.ts';
