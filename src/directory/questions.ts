import { administrative } from '../kernel/administration.ts';

/** People and contacts: create, change, disable, delete. */
export const manageAccounts = administrative({
  name: 'directory.accounts.manage',
  sentence: 'May they manage people and contacts?',
  read: ['helpdesk-administrator', 'user-administrator', 'groups-administrator', 'license-administrator'],
  write: ['user-administrator'],
  permissions: {
    read: ['User.Read.All', 'Directory.Read.All'],
    write: ['User.ReadWrite.All', 'Directory.ReadWrite.All'],
  },
});
