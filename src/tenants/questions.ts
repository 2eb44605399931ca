import { administrative } from '../kernel/administration.ts';
import type { SettingsDeclaration } from '../kernel/settings.ts';

type AdministrativeQuestion = ReturnType<typeof administrative>;

const settingsQuestions = new WeakMap<SettingsDeclaration, AdministrativeQuestion>();

/** May they read or change this group of settings? One question for each declaration, since each has its own area. */
export function administerSettings(declaration: SettingsDeclaration): AdministrativeQuestion {
  let known = settingsQuestions.get(declaration);
  if (!known) {
    known = administrative({
      name: `tenants.settings.administer:${declaration.name}`,
      sentence: `May they read or change the settings "${declaration.title}"?`,
      read: ['security-reader', ...(declaration.administrators ?? [])],
      write: declaration.administrators ?? [],
      permissions: { read: ['Policy.Read.All'], write: ['Policy.ReadWrite.All'] },
    });
    settingsQuestions.set(declaration, known);
  }
  return known;
}

export const administerDomains = administrative({
  name: 'tenants.domains.administer',
  sentence: 'May they read or change the domains of the organisation?',
  write: ['domain-name-administrator'],
  permissions: { read: ['Domain.Read.All', 'Directory.Read.All'], write: ['Domain.ReadWrite.All'] },
  members: 'read',
});

export const administerOrganization = administrative({
  name: 'tenants.organization.administer',
  sentence: 'May they read or change what the organisation says of itself?',
  permissions: {
    read: ['Organization.Read.All', 'Directory.Read.All', 'User.Read'],
    write: ['Organization.ReadWrite.All'],
  },
  members: 'read',
});

export const administerLicenses = administrative({
  name: 'tenants.licences.administer',
  sentence: 'May they see which licences there are, or assign them?',
  read: ['helpdesk-administrator'],
  write: ['license-administrator', 'user-administrator'],
  permissions: {
    read: ['LicenseAssignment.Read.All', 'Organization.Read.All', 'Directory.Read.All'],
    write: ['LicenseAssignment.ReadWrite.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All'],
  },
});

export const administerDirectorySources = administrative({
  name: 'tenants.directory-sources.administer',
  sentence: 'May they read or change where accounts come from?',
  permissions: { read: ['Synchronization.Read.All'], write: ['Synchronization.ReadWrite.All'] },
});
