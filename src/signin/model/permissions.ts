/** What an application may ask for on the Graph wire, in words that a person asked for consent understands. */
export interface Permission {
  readonly name: string;
  readonly sentence: string;
  /** Whether only an administrator may agree to it. A program acting for itself always needs one. */
  readonly needsAdministrator: boolean;
  /** Whether a program may hold it for itself, without a person. */
  readonly isForPrograms: boolean;
}

const forPeople = (name: string, sentence: string): Permission => ({
  name,
  sentence,
  needsAdministrator: false,
  isForPrograms: false,
});
/** A person agrees to it for themselves; for a program by itself, and so for everybody, an administrator must. */
const both = (name: string, sentence: string): Permission => ({
  name,
  sentence,
  needsAdministrator: false,
  isForPrograms: true,
});
const administrative = (name: string, sentence: string): Permission => ({
  name,
  sentence,
  needsAdministrator: true,
  isForPrograms: true,
});

/** Of OpenID Connect itself: about the person, not about data. */
export const SIGN_IN_SCOPES: readonly Permission[] = [
  forPeople('openid', 'Sign you in'),
  forPeople('profile', 'See your name'),
  forPeople('email', 'See your mail address'),
  forPeople('offline_access', 'Keep the access you give it until you take it back'),
];

/** Of the Graph wire, with the reference product's names. */
export const API_PERMISSIONS: readonly Permission[] = [
  forPeople('User.Read', 'Read your profile'),
  forPeople('User.ReadWrite', 'Read and change your profile'),
  forPeople('User.ReadBasic.All', "Read everybody's name and address"),
  forPeople('Calendars.ReadBasic', 'Read your calendars without details'),
  both('Calendars.Read', 'Read your calendars'),
  both('Calendars.ReadWrite', 'Read and change your calendars'),
  forPeople('Calendars.Read.Shared', 'Read calendars that you can see'),
  forPeople('Calendars.ReadWrite.Shared', 'Read and change calendars that you can change'),
  administrative('Calendars.ReadBasic.All', "Read everybody's calendars without details"),
  both('MailboxSettings.Read', 'Read your time zone, working hours and automatic replies'),
  both('MailboxSettings.ReadWrite', 'Read and change your time zone, working hours and automatic replies'),
  both('Contacts.Read', 'Read your contacts'),
  both('Contacts.ReadWrite', 'Read and change your contacts'),
  administrative('Place.Read.All', 'Read rooms and equipment'),
  administrative('Place.ReadWrite.All', 'Manage rooms and equipment'),
  administrative('OrganizationSettings.Read.All', 'Read how calendars are shared with other organisations'),
  administrative('OrganizationSettings.ReadWrite.All', 'Change how calendars are shared with other organisations'),
  administrative('User.Read.All', "Read everybody's full profile"),
  administrative('User.ReadWrite.All', 'Create, change and delete accounts'),
  administrative('User.Invite.All', 'Invite guests'),
  administrative('User.RevokeSessions.All', "End people's sessions"),
  administrative('Contacts.Read.All', 'Read contacts'),
  administrative('OrgContact.Read.All', 'Read contacts of the organisation'),
  administrative('Group.Read.All', 'Read all groups'),
  administrative('Group.ReadWrite.All', 'Create, change and delete groups'),
  administrative('Group.Create', 'Create groups'),
  administrative('GroupMember.Read.All', 'Read who is in which group'),
  administrative('GroupMember.ReadWrite.All', 'Change who is in which group'),
  administrative('Directory.Read.All', 'Read the whole directory'),
  administrative('Directory.ReadWrite.All', 'Change the directory'),
  administrative('RoleManagement.Read.Directory', 'Read who administers the organisation'),
  administrative('RoleManagement.ReadWrite.Directory', 'Change who administers the organisation'),
  administrative('Organization.Read.All', "Read the organisation's details and licences"),
  administrative('Organization.ReadWrite.All', "Change the organisation's details"),
  administrative('LicenseAssignment.ReadWrite.All', 'Assign licences'),
  administrative('Domain.Read.All', 'Read domains'),
  administrative('Domain.ReadWrite.All', 'Change domains'),
  administrative('Application.Read.All', 'Read applications'),
  administrative('Application.ReadWrite.All', 'Register and change applications'),
  administrative('DelegatedPermissionGrant.ReadWrite.All', 'Give and take back what applications may do'),
  administrative('AppRoleAssignment.ReadWrite.All', 'Give and take back what programs may do by themselves'),
  administrative('AuditLog.Read.All', 'Read the audit and sign-ins'),
  administrative('SecurityEvents.Read.All', "Read who is told of changes in people's sign-in"),
  administrative('SecurityEvents.ReadWrite.All', "Be told of changes in people's sign-in"),
  administrative('Policy.Read.All', 'Read the policies'),
  administrative('Policy.ReadWrite.Authorization', 'Change the policies on guests and members'),
  administrative('Policy.ReadWrite.CrossTenantAccess', 'Change the policies toward other organisations'),
];

const BY_NAME = new Map([...SIGN_IN_SCOPES, ...API_PERMISSIONS].map((permission) => [permission.name, permission]));

export const findPermission = (name: string): Permission | undefined => BY_NAME.get(name);

/**
 * Our name of a scope as clients write it: they may put the API in front
 * (`https://graph.microsoft.com/User.Read`, `api://entente/User.Read`).
 */
export function plainScope(scope: string): string {
  return scope.replace(/^(https?:\/\/|api:\/\/)[^/]+\/+/, '');
}
