export type { SignedDocument } from './model/organization-document.ts';
export { PROOF_FORMAT, problemOfProof, type SealedRecord, sharedProof, verifySharedLog } from './model/shared-proof.ts';
export { partnersModule } from './module.ts';
export type { AgreementPorts } from './usecases/agreement-ports.ts';
export { CHECK_ALL, soundAgreements } from './usecases/apply-agreement.ts';
export { organisationOfDomain } from './usecases/organisation-of-domain.ts';
export { serverEnvoy } from './usecases/records.ts';
