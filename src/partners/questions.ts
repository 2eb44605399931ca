import { administrative } from '../kernel/administration.ts';

/** Records of other organisations, and what was agreed with them. */
export const administerPartners = administrative({
  name: 'partners.partners.administer',
  sentence: 'May they manage how the organisation works together with others?',
  read: ['security-reader', 'auditor'],
  write: ['security-administrator'],
  permissions: {
    read: ['Policy.Read.All', 'CrossTenantInformation.ReadBasic.All'],
    write: ['Policy.ReadWrite.CrossTenantAccess'],
  },
});
