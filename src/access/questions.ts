import { administrative } from '../kernel/administration.ts';

/** May they see why somebody else may or may not? The answer shows settings, groups and grants. */
export const explainDecisions = administrative({
  name: 'access.decisions.explain',
  sentence: 'May they see why anybody here may or may not do something?',
  read: ['security-administrator', 'security-reader', 'auditor', 'helpdesk-administrator'],
  permissions: { read: ['Policy.Read.All'], write: [] },
});

/** May they see, or end, what others have been given? */
export const manageLedger = administrative({
  name: 'access.ledger.manage',
  sentence: 'May they see the ledger of rights, and end a right in it?',
  read: ['security-reader', 'auditor'],
  write: ['security-administrator'],
  permissions: { read: ['AccessReview.Read.All'], write: ['AccessReview.ReadWrite.All'] },
});
