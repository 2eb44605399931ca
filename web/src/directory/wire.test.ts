import { expect, test } from 'vitest';
import { guestState, organisationOf, stateOf } from './wire.ts';

const now = new Date('2026-11-20T12:00:00Z');
const guest = { accountEnabled: true, externalUserState: 'Accepted' as const };

test('the gravest state is the one that is told', () => {
  expect(stateOf({ ...guest }, now).key).toBe('state.accepted');
  expect(stateOf({ ...guest, externalUserState: 'PendingAcceptance' }, now).key).toBe('state.pending');
  expect(stateOf({ ...guest, endDateTime: '2026-11-25T00:00:00Z' }, now).key).toBe('state.endsSoon');
  expect(stateOf({ ...guest, endDateTime: '2026-11-20T11:59:59Z' }, now).key).toBe('state.ended');
  expect(stateOf({ ...guest, accountEnabled: false }, now).key).toBe('state.blocked');
  expect(stateOf({ ...guest, accountEnabled: false, deletedDateTime: '2026-11-01T00:00:00Z' }, now).key).toBe(
    'state.deleted',
  );
  expect(stateOf({ accountEnabled: true }, now).key).toBe('state.active');
});

test('an outsider always has an organisation to show, one of our own never', () => {
  expect(organisationOf({ userType: 'Guest', mail: 'bob@contoso.example' })).toBe('contoso.example');
  expect(organisationOf({ userType: 'Guest', mail: null, companyName: 'Contoso' })).toBe('Contoso');
  expect(organisationOf({ userType: 'Member', mail: 'c@contoso.example', externalUserState: 'Accepted' })).toBe(
    'contoso.example',
  );
  expect(organisationOf({ userType: 'Member', mail: 'ann@fabrikam.example' })).toBeUndefined();
});

test('an active guest whose stay ends within two weeks is told apart; one who never came stays invited', () => {
  expect(guestState({ state: 'active', endsAt: '2026-11-30T00:00:00Z' }, now).key).toBe('state.endsSoon');
  expect(guestState({ state: 'active', endsAt: '2026-12-30T00:00:00Z' }, now).key).toBe('state.guest.active');
  expect(guestState({ state: 'invited', endsAt: '2026-11-30T00:00:00Z' }, now).key).toBe('state.guest.invited');
});
