import { expect, test } from 'vitest';
import { type CapabilityDraft, namesNobody, printCapability, readCapability } from './capability-wire.ts';

const ALLOWED: CapabilityDraft = {
  what: 'allowed',
  whose: 'everybody',
  users: [],
  groups: [],
  exceptUsers: [],
  exceptGroups: [],
};
const DRAFTS: readonly CapabilityDraft[] = [
  ALLOWED,
  { ...ALLOWED, what: 'denied' },
  { ...ALLOWED, whose: 'named', users: ['u'], groups: ['g'], exceptUsers: ['v'], exceptGroups: ['h'] },
];

test('what a form says of a capability is read from it again', () => {
  for (const draft of DRAFTS) expect(readCapability(printCapability(draft) ?? undefined)).toEqual(draft);
  expect(printCapability(readCapability(undefined))).toBe(null);
});

test('allowed for nobody is a gap, and denied needs no names', () => {
  expect(namesNobody({ ...ALLOWED, whose: 'named' })).toBe(true);
  expect(namesNobody({ ...ALLOWED, whose: 'named', groups: ['g'] })).toBe(false);
  expect(namesNobody({ ...ALLOWED, what: 'denied', whose: 'named' })).toBe(false);
});
