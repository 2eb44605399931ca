import { expect, test } from 'vitest';
import { readAgreedTerms } from './test-wire.ts';

test('what was agreed is read term by term, and what was cut off is left out', () => {
  const said =
    'calendars.free-busy of fabrikam.example: offered availability, accepted limited-details, so availability. ' +
    'guests.invitation of emea.contoso.example: offered none, accepted invite, so none. calendars.sharing of fab';
  expect(readAgreedTerms(said)).toEqual([
    { term: 'calendars.free-busy', of: 'fabrikam.example', level: 'availability' },
    { term: 'guests.invitation', of: 'emea.contoso.example', level: 'none' },
  ]);
  expect(readAgreedTerms('')).toEqual([]);
});
