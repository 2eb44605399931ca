import { expect, test } from 'vitest';
import { filterOf } from './sign-ins-page.tsx';

const everything = { who: [], application: '', result: '', from: '', until: '', correlationId: undefined } as const;

test('the sign-in log is asked for exactly what is wanted, and a day lasts until the next begins', () => {
  expect(filterOf(everything)).toBeUndefined();
  expect(filterOf({ ...everything, who: [{ id: '1', displayName: 'Ann' }], result: 'failure' })).toBe(
    "userId eq '1' and status/errorCode ne 0",
  );
  expect(filterOf({ ...everything, application: "o'clock", result: 'success', correlationId: 'c' })).toBe(
    "appId eq 'o''clock' and status/errorCode eq 0 and correlationId eq 'c'",
  );
  const begin = new Date(2026, 10, 20).toISOString();
  const end = new Date(2026, 10, 21).toISOString();
  expect(filterOf({ ...everything, from: '2026-11-20', until: '2026-11-20' })).toBe(
    `createdDateTime ge ${begin} and createdDateTime lt ${end}`,
  );
});
