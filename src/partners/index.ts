export type { SignedDocument } from './model/organization-document.ts';
export { PROOF_FORMAT, problemOfProof, type SealedRecord, sharedProof, verifySharedLog } from './model/shared-proof.ts';
export { partnersModule } from './module.ts';
export { readReceipt } from './usecases/check-receipt.ts';
