import type { GroupId } from '../../kernel/ids.ts';

export type GroupVisibility = 'Public' | 'Private' | 'HiddenMembership';

/** People, other groups and contacts that are given rights, or written to, together. */
export interface Group {
  readonly id: GroupId;
  /** `shared` has a mailbox, files and conversations of its own. */
  readonly kind: 'security' | 'shared';
  readonly displayName: string;
  readonly description: string | null;
  readonly mail: string | null;
  readonly mailEnabled: boolean;
  readonly mailNickname: string;
  readonly securityEnabled: boolean;
  readonly proxyAddresses: readonly string[];
  readonly visibility: GroupVisibility;
  /** Only such a group can carry an administrative role. Never changed after creation. */
  readonly isAssignableToRole: boolean;
  readonly preferredLanguage: string | null;
  readonly classification: string | null;
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
  readonly version: number;
}

export type GroupChanges = Partial<
  Pick<
    Group,
    | 'displayName'
    | 'description'
    | 'mail'
    | 'mailNickname'
    | 'proxyAddresses'
    | 'visibility'
    | 'preferredLanguage'
    | 'classification'
    | 'securityEnabled'
  >
>;

export type NewGroup = Pick<Group, 'kind' | 'displayName' | 'mailNickname'> &
  Partial<Omit<Group, 'createdAt' | 'deletedAt' | 'version'>>;
