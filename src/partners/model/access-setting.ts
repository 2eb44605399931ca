import { z } from 'zod';

/**
 * One cell of the cross-tenant access policy: which people, and which applications (the reference product's
 * `B2BSetting`). The words are those of its API, so that an administrator's scripts and knowledge carry over.
 */
export const ALL_USERS = 'AllUsers';
export const ALL_APPLICATIONS = 'AllApplications';
/** Applications of the product itself, under either of the reference product's names for its own. */
const OWN_APPLICATIONS: readonly string[] = ['Office365', 'AllMicrosoftApps'];

const accessType = z.enum(['allowed', 'blocked']);
const MOST_TARGETS = 1_000;

const person = z.strictObject({
  target: z.union([z.literal(ALL_USERS), z.guid().toLowerCase()], 'A person or group is named by its id.'),
  targetType: z.enum(['user', 'group']),
});
const application = z.strictObject({
  target: z.string().min(1).max(100),
  targetType: z.literal('application'),
});

/** @see permitsAccess for what each of the four combinations means. */
export const accessSetting = z
  .strictObject({
    usersAndGroups: z.strictObject({ accessType, targets: z.array(person).min(1).max(MOST_TARGETS) }),
    applications: z.strictObject({ accessType, targets: z.array(application).min(1).max(MOST_TARGETS) }),
  })
  .superRefine((setting, issues) => {
    const problem = contradictionIn(setting);
    if (problem) issues.addIssue({ code: 'custom', message: problem });
  });

export type AccessSetting = z.output<typeof accessSetting>;

/** What is wrong with a setting as a whole: it must not say one thing of people and another of applications (CT-6). */
function contradictionIn({
  usersAndGroups: people,
  applications,
}: {
  usersAndGroups: { accessType: string; targets: readonly { target: string; targetType: string }[] };
  applications: { accessType: string; targets: readonly { target: string }[] };
}): string | undefined {
  const everybody = people.targets.some(({ target }) => target === ALL_USERS);
  const everything = applications.targets.some(({ target }) => target === ALL_APPLICATIONS);
  if (everybody && people.targets.length > 1) return 'Name all users, or some of them.';
  if (people.targets.some(({ target, targetType }) => target === ALL_USERS && targetType !== 'user'))
    return `"${ALL_USERS}" is of the type user.`;
  if (everything && applications.targets.length > 1) return 'Name all applications, or some of them.';
  const blocksEverything = applications.accessType === 'blocked' && everything;
  if (people.accessType === 'blocked' && everybody && !blocksEverything)
    return 'Blocking all users blocks all applications: say so of the applications, too.';
  if (people.accessType === 'allowed' && blocksEverything)
    return 'Whoever is allowed in needs at least one application that is allowed.';
  return undefined;
}

const everything = (type: 'allowed' | 'blocked'): AccessSetting => ({
  usersAndGroups: { accessType: type, targets: [{ target: ALL_USERS, targetType: 'user' }] },
  applications: { accessType: type, targets: [{ target: ALL_APPLICATIONS, targetType: 'application' }] },
});
export const ALLOW_ALL = everything('allowed');
export const BLOCK_ALL = everything('blocked');

/** A person as a setting meets them. Ids are those of the directory where the person is at home. */
export interface Who {
  /** Null where nobody is known yet: such a one is hit by `AllUsers` alone. */
  readonly userId: string | null;
  /** Of the groups that the setting names, those the person is in. */
  readonly groupIds: readonly string[];
}

export const NOBODY_KNOWN: Who = { userId: null, groupIds: [] };

/** An application by its id; null where none is chosen yet (an invitation): then one that is allowed is enough. */
export type Which = { readonly id: string; readonly isOwn: boolean } | null;

/**
 * Whether a setting lets this person use this application:
 *
 * | people  | applications | allowed if and only if |
 * |---------|--------------|------------------------|
 * | allowed | allowed      | both are named         |
 * | allowed | blocked      | the person is, the application is not |
 * | blocked | allowed      | the person is not, the application is |
 * | blocked | blocked      | not both are named     |
 */
export function permitsAccess(setting: AccessSetting, who: Who, which: Which): boolean {
  const { usersAndGroups: people, applications } = setting;
  const userHit = people.targets.some(
    ({ target, targetType }) =>
      target === ALL_USERS || (targetType === 'user' ? target === who.userId : who.groupIds.includes(target)),
  );
  const permits = (applicationHit: boolean): boolean => {
    if (people.accessType === 'blocked' && applications.accessType === 'blocked') return !(userHit && applicationHit);
    return (people.accessType === 'allowed') === userHit && (applications.accessType === 'allowed') === applicationHit;
  };
  if (which !== null) return permits(applications.targets.some(({ target }) => hits(target, which)));
  const namesAll = applications.targets.some(({ target }) => target === ALL_APPLICATIONS);
  return permits(true) || (!namesAll && permits(false));
}

const hits = (target: string, which: NonNullable<Which>): boolean =>
  target === ALL_APPLICATIONS || target === which.id || (which.isOwn && OWN_APPLICATIONS.includes(target));

/** The people and groups that settings name: what must be known of a person before they can be evaluated. */
export function namedIn(settings: readonly AccessSetting[]): { users: string[]; groups: string[] } {
  const targets = settings
    .flatMap(({ usersAndGroups }) => usersAndGroups.targets)
    .filter(({ target }) => target !== ALL_USERS);
  const of = (type: string) => [
    ...new Set(targets.filter(({ targetType }) => targetType === type).map(({ target }) => target)),
  ];
  return { users: of('user'), groups: of('group') };
}
