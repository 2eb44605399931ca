import type { SubjectKind } from '../access/index.ts';

declare module '../access/grants.ts' {
  interface GrantKinds {
    'directory.group-member': true;
    'directory.group-owner': true;
    'directory.role': true;
  }
}

/** The directory's kinds of grant, as they stand in the grants table. */
export const GRANTS = {
  /** Subject is in the group `object.id`. */
  member: { kind: 'directory.group-member', objectKind: 'group', level: 'member' },
  /** Subject manages the group `object.id`. */
  owner: { kind: 'directory.group-owner', objectKind: 'group', level: 'owner' },
  /** Subject holds the administrative role whose name is `object.id`. */
  role: { kind: 'directory.role', objectKind: 'tenant-role', level: 'holder' },
} as const;

/** A person's own subject is written as one of these two; a conversion changes which, so readers look for both. */
export const personSubjects = (accountId: string): { kind: SubjectKind; id: string }[] => [
  { kind: 'account', id: accountId },
  { kind: 'guest', id: accountId },
];
