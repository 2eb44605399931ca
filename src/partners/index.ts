export type { SignedDocument } from './model/organization-document.ts';
export { partnersModule } from './module.ts';
