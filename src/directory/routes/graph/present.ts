import type { DirectoryRole, Group as GraphGroup, OrgContact, User } from '@microsoft/microsoft-graph-types';
import type { Role } from '../../../kernel/roles.ts';
import type { Row, Wording } from '../../../platform/http/odata.ts';
import type { Account } from '../../model/account.ts';
import type { Contact } from '../../model/contact.ts';
import type { Group } from '../../model/group.ts';
import { etagOf } from './versions.ts';

const iso = (date: Date | null) => date?.toISOString() ?? null;

export const USER_WORDING: Wording = {
  names: {
    createdDateTime: 'createdAt',
    deletedDateTime: 'deletedAt',
    externalUserStateChangeDateTime: 'externalUserStateChangedAt',
    endDateTime: 'endsAt',
  },
  searched: ['displayName', 'mail', 'userPrincipalName', 'givenName', 'surname'],
};

/** A person as Graph's `user`. `limited`: what one may know of somebody whose id one knows (ID-19). */
export function presentUser(account: Account, view: 'full' | 'limited' = 'full'): Row {
  const known = {
    id: account.id,
    displayName: account.displayName,
    mail: account.mail,
    userPrincipalName: account.userPrincipalName,
    userType: account.userType,
  } satisfies User;
  if (view === 'limited') return known;
  const user = {
    ...known,
    accountEnabled: account.accountEnabled,
    businessPhones: [...account.businessPhones],
    city: account.city,
    companyName: account.companyName,
    country: account.country,
    createdDateTime: account.createdAt.toISOString(),
    creationType: account.creationType,
    deletedDateTime: iso(account.deletedAt),
    department: account.department,
    employeeId: account.employeeId,
    externalUserState: account.externalUserState,
    externalUserStateChangeDateTime: iso(account.externalUserStateChangedAt),
    givenName: account.givenName,
    identities: account.identities.map((identity) => ({ ...identity })),
    jobTitle: account.jobTitle,
    mailNickname: account.mailNickname,
    mobilePhone: account.mobilePhone,
    officeLocation: account.officeLocation,
    otherMails: [...account.otherMails],
    postalCode: account.postalCode,
    preferredLanguage: account.preferredLanguage,
    proxyAddresses: [...account.proxyAddresses],
    showInAddressList: account.showInAddressList,
    signInActivity: { lastSignInDateTime: iso(account.lastSignInAt) },
    signInSessionsValidFromDateTime: account.sessionsValidFrom.toISOString(),
    state: account.state,
    streetAddress: account.streetAddress,
    surname: account.surname,
    usageLocation: account.usageLocation,
  } satisfies User;
  // Beyond the reference product: when a guest's stay ends and where they are at home.
  return {
    '@odata.etag': etagOf(account.version),
    ...user,
    endDateTime: iso(account.endsAt),
    homeDomain: account.homeDomain,
  };
}

/** A group as Graph's `group`. `id`: that it exists and nothing more. */
export function presentGroup(group: Group, view: 'full' | 'id' = 'full'): Row {
  if (view === 'id') return { id: group.id };
  const shown = {
    id: group.id,
    classification: group.classification,
    createdDateTime: group.createdAt.toISOString(),
    deletedDateTime: iso(group.deletedAt),
    description: group.description,
    displayName: group.displayName,
    groupTypes: group.kind === 'shared' ? ['Unified'] : [],
    isAssignableToRole: group.isAssignableToRole,
    mail: group.mail,
    mailEnabled: group.mailEnabled,
    mailNickname: group.mailNickname,
    preferredLanguage: group.preferredLanguage,
    proxyAddresses: [...group.proxyAddresses],
    securityEnabled: group.securityEnabled,
    visibility: group.visibility,
  } satisfies GraphGroup;
  return { '@odata.etag': etagOf(group.version), ...shown };
}

export function presentContact(contact: Contact): Row {
  const shown = {
    id: contact.id,
    companyName: contact.companyName,
    department: contact.department,
    displayName: contact.displayName,
    givenName: contact.givenName,
    jobTitle: contact.jobTitle,
    mail: contact.mail,
    mailNickname: contact.mailNickname,
    phones: [
      ...contact.businessPhones.map((number) => ({ type: 'business' as const, number })),
      ...(contact.mobilePhone === null ? [] : [{ type: 'mobile' as const, number: contact.mobilePhone }]),
    ],
    proxyAddresses: [...contact.proxyAddresses],
    surname: contact.surname,
  } satisfies OrgContact;
  return { '@odata.etag': etagOf(contact.version), ...shown };
}

/** An activated role and its template are one thing here. */
export function presentRole(role: Role): Row {
  return {
    id: role.templateId,
    deletedDateTime: null,
    description: role.sentence,
    displayName: role.displayName,
    roleTemplateId: role.templateId,
  } satisfies DirectoryRole;
}

export const GRAPH_TYPES = {
  account: '#microsoft.graph.user',
  group: '#microsoft.graph.group',
  contact: '#microsoft.graph.orgContact',
} as const;
