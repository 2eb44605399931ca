import { administrative } from '../kernel/administration.ts';

/** May they read the audit, verify it and take it away as a file? */
export const readAudit = administrative({
  name: 'audit.events.read',
  sentence: 'May they read, verify and export the audit?',
  read: ['security-administrator', 'security-reader', 'auditor'],
  permissions: { read: ['AuditLog.Read.All'], write: [] },
});
