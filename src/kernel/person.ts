import type { AccountActor } from './context.ts';
import type { AccountId } from './ids.ts';

type Who = Pick<
  AccountActor,
  'accountId' | 'displayName' | 'userPrincipalName' | 'userType' | 'homeTenantId' | 'roles'
>;
type SignIn = Pick<AccountActor, 'authenticatedAt' | 'scopes' | 'applicationId' | 'sessionId' | 'methods'>;

/** Somebody as they ask. Unless `by` says more: from our own web app, with nothing shown of who they are. */
export const personAs = (
  { accountId, displayName, userPrincipalName, userType, homeTenantId, roles }: Who,
  by: Partial<SignIn> & Pick<SignIn, 'authenticatedAt'>,
): AccountActor => ({
  kind: 'account',
  accountId,
  displayName,
  userPrincipalName,
  userType,
  homeTenantId,
  roles,
  scopes: 'all',
  applicationId: null,
  sessionId: null,
  methods: [],
  ...by,
});

/** Nobody in particular: whoever is of this kind here and holds nothing of their own. */
export const anybody = ({ now }: { readonly now: Date }, userType: AccountActor['userType']): AccountActor =>
  personAs(
    {
      accountId: '00000000-0000-0000-0000-000000000000' as AccountId,
      displayName: '',
      userPrincipalName: '',
      userType,
      homeTenantId: null,
      roles: [],
    },
    { authenticatedAt: now },
  );
