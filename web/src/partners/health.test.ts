import { expect, test } from 'vitest';
import { healthOf, inGroups } from './health.ts';
import type { Health, Partner } from './wire.ts';

const HERE = 'https://home.example/partners';

function partner(health: Partial<Health>, endpoint = 'https://contoso.example/partners'): Partner {
  const published = { displayName: 'Contoso', domains: [], endpoint, issuer: '', keys: [] };
  return {
    id: 'a',
    displayName: 'Contoso',
    foundAt: 'contoso.example',
    domains: ['contoso.example'],
    published,
    keys: [],
    proposed: null,
    proposedAt: null,
    confirmedAt: '2026-01-01T00:00:00Z',
    confirmedBy: 'b',
    health: { answeredAt: null, failedAt: null, failure: null, failures: 0, clockSkewSeconds: 0, ...health },
  };
}

test('a partner that was never asked is neither well nor ill', () => {
  expect(healthOf(partner({}), HERE).state).toBe('partners.health.notAsked');
});

test('a partner on this server answers as long as the server does', () => {
  expect(healthOf(partner({}, HERE), HERE)).toMatchObject({ tone: 'good', state: 'partners.health.here' });
});

test('one failure is a warning, three in a row are a stop, and each says what fails', () => {
  expect(healthOf(partner({ failures: 1, failure: 'certificate' }), HERE)).toEqual({
    tone: 'warning',
    state: 'partners.health.failing',
    reason: 'partners.failure.certificate',
  });
  expect(healthOf(partner({ failures: 3, failure: 'name' }), HERE).tone).toBe('stopped');
});

test('a failure that has no words of its own has some', () => {
  expect(healthOf(partner({ failures: 1, failure: 'constructor' }), HERE).reason).toBe('partners.failure.other');
});

test('a clock that is far off is told before requests are refused for it', () => {
  const found = healthOf(partner({ answeredAt: '2026-01-01T00:00:00Z', clockSkewSeconds: -200 }), HERE);
  expect(found).toMatchObject({ tone: 'warning', reason: 'partners.health.clockOff' });
});

test('keys are read aloud in groups of four', () => {
  expect(inGroups('abcdefghij')).toBe('abcd efgh ij');
});
