export type { AccessSetting, Which, Who } from './model/access-setting.ts';
export { inForce, isPartner } from './model/cross-tenant-access.ts';
export type { SignedDocument } from './model/organization-document.ts';
export { PROOF_FORMAT, problemOfProof, type SealedRecord, sharedProof, verifySharedLog } from './model/shared-proof.ts';
export type { AskHome, PersonAtHome, Vouched } from './model/vouched.ts';
export { partnersModule } from './module.ts';
export { AGREED_GUESTS, agreedToCome } from './questions/agreed-guests.ts';
export {
  type AccessFacts,
  accessFacts,
  bringFacts,
  comeIn,
  comingNames,
  deviceIsCompliant,
  goingNames,
  goOut,
  homeHasLetOut,
  namesAnybodyToCome,
  partnerMayComeIn,
} from './questions/cross-tenant-access.ts';
export { streamed } from './routes/admin/tests.ts';
export { accessDefaults, partnerAccess } from './settings.ts';
export { findPartner, findPartnerIdByDomain, listPartnerNames } from './store/records.ts';
export type { Agreeing } from './usecases/agreeing.ts';
export type { AgreementPorts } from './usecases/agreement-ports.ts';
export { CHECK_ALL, soundAgreements } from './usecases/apply-agreement.ts';
export { readReceipt } from './usecases/check-receipt.ts';
export type { GuestParting } from './usecases/endings.ts';
export type { Home, Homes } from './usecases/homes.ts';
export { type MayUseFromNetwork, NETWORK_HEADER, type UseFromNetwork } from './usecases/networks.ts';
export { organisationOfDomain } from './usecases/organisation-of-domain.ts';
export type { GoesOut } from './usecases/past-sign-ins.ts';
export { serverEnvoy } from './usecases/records.ts';
export type { Tested } from './usecases/test-partnership.ts';
export { type Arrivals, isConsentAutomatic } from './usecases/vouching.ts';
