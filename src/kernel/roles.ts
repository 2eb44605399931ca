/** An administrative role, with the reference product's template id so that its clients and scripts know it. */
export interface Role {
  readonly name: string;
  readonly templateId: string;
  readonly displayName: string;
  readonly sentence: string;
}

/** Every administrative role, least privilege first. Nothing outside this list gives administrative rights. */
export const ROLES = [
  role(
    'guest-inviter',
    '95e79109-95c0-4d8e-aee3-d01accf2d47b',
    'Guest Inviter',
    'Invites guests even where members may not.',
  ),
  role(
    'helpdesk-administrator',
    '729827e3-9c14-49f7-bb1b-9608f156bbb8',
    'Helpdesk Administrator',
    'Resets sign-in of people without administrative roles and ends their sessions.',
  ),
  role(
    'user-administrator',
    'fe930be7-5e62-47db-91af-98c3a49a38b1',
    'User Administrator',
    'Manages people, guests and contacts.',
  ),
  role(
    'groups-administrator',
    'fdd7a751-b60b-444a-984c-02652fe8fa1c',
    'Groups Administrator',
    'Manages groups and their settings.',
  ),
  role('license-administrator', '4d6ac14f-3453-41d0-bef9-a3e0c569773a', 'License Administrator', 'Assigns licences.'),
  role(
    'exchange-administrator',
    '29232cdf-9323-42fd-ade2-1d097af3e4de',
    'Exchange Administrator',
    'Manages mail and calendars, and what other organisations see of them.',
  ),
  role(
    'domain-name-administrator',
    '8329153b-31d0-4727-b945-745eb3bc5f31',
    'Domain Name Administrator',
    'Manages domain names.',
  ),
  role(
    'application-administrator',
    '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
    'Application Administrator',
    'Manages app registrations and consents for everyone.',
  ),
  role(
    'teams-administrator',
    '69091246-20e8-4a56-aa4d-066075b2a7a8',
    'Teams Administrator',
    'Manages teams, chat and calls.',
  ),
  role(
    'partner-administrator',
    '3d762c5a-1b6c-493f-843e-55a3b42923d4',
    'Cross-tenant Partner Administrator',
    'Manages partners and agreements.',
  ),
  role(
    'security-administrator',
    '194ae4cb-b126-40b2-bd5b-6091b380977d',
    'Security Administrator',
    'Manages security settings, blocks organisations and ends access.',
  ),
  role(
    'security-reader',
    '5d6b6bb7-de71-4623-b4af-96380a352509',
    'Security Reader',
    'Reads security settings, sign-ins and the audit.',
  ),
  role(
    'auditor',
    'a9a0d6a2-6f3c-4b0e-8a64-6b5c8f0c7d11',
    'Auditor',
    'Reads and exports the sharing ledger and the audit; changes nothing.',
  ),
  role(
    'global-reader',
    'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
    'Global Reader',
    'Reads everything an administrator can, changes nothing.',
  ),
  role(
    'global-administrator',
    '62e90394-69f5-4237-9190-012177145e10',
    'Global Administrator',
    'Manages everything in the tenant.',
  ),
] as const satisfies readonly Role[];

export type RoleName = (typeof ROLES)[number]['name'];

function role<Name extends string>(name: Name, templateId: string, displayName: string, sentence: string) {
  return { name, templateId, displayName, sentence };
}
