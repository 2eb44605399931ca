import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesIn } from './shared-record.ts';

test('what cannot be read back as it was is in no record, and nobody stands in one twice', () => {
  const long = `${'a'.repeat(320)}@contoso.example`;
  const asked = [
    'Bob@Contoso.example',
    'bob@contoso.example',
    'a\u0000b@contoso.example',
    '\ud800@contoso.example',
    long,
  ];
  assert.deepEqual(addressesIn(['tom@tailspin.example', ...asked]), ['bob@contoso.example', 'tom@tailspin.example']);
});
