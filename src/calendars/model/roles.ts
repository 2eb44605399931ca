/**
 * What one may do with a calendar, lowest first, in the reference product's words (Graph `calendarRoleType`). Also the
 * levels of the question that decides it; `owner` is nobody's grant but follows from owning.
 */
export const ROLES = [
  'none',
  'freeBusyRead',
  'limitedRead',
  'read',
  'write',
  'delegateWithoutPrivateEventAccess',
  'delegateWithPrivateEventAccess',
  'owner',
] as const;
export type Role = (typeof ROLES)[number];

export const rankOf = (role: Role): number => ROLES.indexOf(role);
export const isAtLeast = (role: Role, wanted: Role): boolean => rankOf(role) >= rankOf(wanted);

/** What is told of an event to somebody of a role: nothing, its time, time with subject and place, or all of it. */
export type Detail = 'none' | 'time' | 'limited' | 'full';

/** Private events are busy time to everybody but their owner and the delegates who may see them (EX-40). */
export function detailFor(role: Role, isPrivate: boolean): Detail {
  if (role === 'none') return 'none';
  if (isPrivate && !isAtLeast(role, 'delegateWithPrivateEventAccess')) return 'time';
  if (role === 'freeBusyRead') return 'time';
  return role === 'limitedRead' ? 'limited' : 'full';
}
