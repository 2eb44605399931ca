import { administrative } from '../kernel/administration.ts';
import { ceiling } from '../kernel/question.ts';
import type { SettingsDeclaration } from '../kernel/settings.ts';
import type { LicenceFacts, ServicePlan } from './model/licence.ts';

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
      permissions: {
        read: ['Policy.Read.All', ...(declaration.permissions?.read ?? [])],
        write: ['Policy.ReadWrite.All', ...(declaration.permissions?.write ?? [])],
      },
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

/**
 * An archive holds everything, the hashes of passwords too, so no program takes one; the operator is held by the
 * tenant's word.
 */
export const takeEverything = administrative({
  name: 'tenants.tenant.export',
  sentence: 'May they take an archive of everything the organisation has?',
  permissions: { read: [], write: [] },
});

/** The name of the licence ceiling, with the plan behind it. */
export const LICENSED = 'tenants.service-is-licensed:';

/**
 * A service is used with a licence that holds it: one's own at home, as a guest the resource tenant's, never one from
 * elsewhere (XC-3). In the grace after a subscription is suspended the answer is no higher than `readOnly` (XC-4).
 */
export const serviceIsLicensed = <L extends string>(plan: ServicePlan, readOnly: L) =>
  ceiling<{ readonly licence: LicenceFacts }, L>(
    `${LICENSED}${plan}`,
    `The service "${plan}" is used with a licence that holds it.`,
    ({ licence }) => {
      const level = (licence.isGuest ? licence.tenant : licence.person)[plan] ?? 'none';
      return level === 'read' ? readOnly : level === 'write';
    },
    {
      setting: ({ licence }) => ({
        tenantId: licence.tenantId,
        module: 'tenants',
        scope: 'tenant',
        name: 'licences',
        value: { plan, person: licence.person[plan] ?? 'none', tenant: licence.tenant[plan] ?? 'none' },
      }),
      remedy: 'administrator',
    },
  );
