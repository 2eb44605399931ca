export type { SignedDocument } from './model/organization-document.ts';
export { partnersModule } from './module.ts';
export type { AgreementPorts } from './usecases/agreement-ports.ts';
export { CHECK_ALL, soundAgreements } from './usecases/apply-agreement.ts';
