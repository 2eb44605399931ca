import type { AccessSetting } from './access-wire.ts';

const ALL_USERS = 'AllUsers';
const ALL_APPLICATIONS = 'AllApplications';
/** What the product itself is called, under either of the reference product's names. */
const OWN: readonly string[] = ['Office365', 'AllMicrosoftApps'];

/** A setting as a form has it: whom it lets through, and for what. */
export interface AccessDraft {
  readonly people: 'everybody' | 'nobody' | 'named' | 'others';
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly applications: 'all' | 'own' | 'named' | 'others';
  readonly named: readonly string[];
}

/** Everything that the server keeps can be shown; what says the same in two ways is shown in the plainer one. */
export function readSetting({ usersAndGroups, applications }: AccessSetting): AccessDraft {
  const idsOf = (type: string) =>
    usersAndGroups.targets
      .filter(({ target, targetType }) => targetType === type && target !== ALL_USERS)
      .map(({ target }) => target);
  const isAllowed = usersAndGroups.accessType === 'allowed';
  const isEverybody = usersAndGroups.targets.some(({ target }) => target === ALL_USERS);
  const named = applications.targets.map(({ target }) => target);
  const isAll = named.includes(ALL_APPLICATIONS);
  const isOwn = applications.accessType === 'allowed' && named.length === 1 && OWN.includes(named[0] ?? '');
  return {
    people: isEverybody ? (isAllowed ? 'everybody' : 'nobody') : isAllowed ? 'named' : 'others',
    users: idsOf('user'),
    groups: idsOf('group'),
    applications: isAll ? 'all' : isOwn ? 'own' : applications.accessType === 'allowed' ? 'named' : 'others',
    named: isAll || isOwn ? [] : named,
  };
}

/** The setting that a form says. */
export function printDraft({ people, users, groups, applications, named }: AccessDraft): AccessSetting {
  const whom = [
    ...users.map((target) => ({ target, targetType: 'user' as const })),
    ...groups.map((target) => ({ target, targetType: 'group' as const })),
  ];
  const names = applications === 'all' ? [ALL_APPLICATIONS] : applications === 'own' ? [OWN[0] ?? ''] : named;
  const isNobody = people === 'nobody';
  return {
    usersAndGroups: {
      accessType: people === 'everybody' || people === 'named' ? 'allowed' : 'blocked',
      targets: people === 'named' || people === 'others' ? whom : [{ target: ALL_USERS, targetType: 'user' }],
    },
    applications: {
      accessType: isNobody || applications === 'others' ? 'blocked' : 'allowed',
      targets: (isNobody ? [ALL_APPLICATIONS] : names).map((target) => ({ target, targetType: 'application' })),
    },
  };
}

export type Gap = 'people' | 'applications';

/** What a form still lacks. */
export function gapsIn({ people, users, groups, applications, named }: AccessDraft): readonly Gap[] {
  const namesPeople = people === 'named' || people === 'others';
  const namesApplications = people !== 'nobody' && (applications === 'named' || applications === 'others');
  return [
    ...(namesPeople && users.length + groups.length === 0 ? (['people'] as const) : []),
    ...(namesApplications && named.length === 0 ? (['applications'] as const) : []),
  ];
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isId = (text: string): boolean => ID.test(text.trim().toLowerCase());
export const isApplicationId = (text: string): boolean => /^[\w.:-]{1,100}$/.test(text);

/** Ids written one to a line, and the first line that is none. */
export function readLines(
  text: string,
  isGood: (line: string) => boolean,
): { readonly ids: readonly string[]; readonly badLine: number | undefined } {
  const lines = text.split('\n').map((line) => line.trim());
  const bad = lines.findIndex((line) => line !== '' && !isGood(line));
  const ids = lines.filter((line) => line !== '').map((line) => (isId(line) ? line.toLowerCase() : line));
  return { ids: [...new Set(ids)], badLine: bad === -1 ? undefined : bad + 1 };
}
