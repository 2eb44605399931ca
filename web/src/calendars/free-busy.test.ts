import { expect, test } from 'vitest';
import { canCome, placeOf, rowOf, statusDuring } from './free-busy.ts';

const item = (status: 'busy' | 'tentative' | 'oof' | 'free', from: string, to: string) => ({
  status,
  start: { dateTime: `2026-03-02T${from}:00.0000000`, timeZone: 'UTC' },
  end: { dateTime: `2026-03-02T${to}:00.0000000`, timeZone: 'UTC' },
});

test('nothing booked, denied, unreachable and unknown are told apart', () => {
  const answer = (responseCode?: string) =>
    rowOf(
      'bob@contoso.example',
      {
        scheduleId: 'bob@contoso.example',
        scheduleItems: [],
        ...(responseCode ? { error: { responseCode, message: 'Because.' } } : {}),
      },
      'UTC',
    ).knowledge;
  expect(answer()).toBe('nothingBooked');
  expect(answer('ErrorNoFreeBusyAccess')).toBe('denied');
  expect(answer('ErrorProxyRequestProcessingFailed')).toBe('unreachable');
  expect(answer('ErrorMailRecipientNotFound')).toBe('unknown');
  expect(answer('SomethingNew')).toBe('unknown');
  expect(rowOf('bob@contoso.example', undefined, 'UTC').knowledge).toBe('unknown');
});

test('who is not known to be free is not called free', () => {
  const denied = rowOf(
    'tom@tailspin.example',
    { scheduleId: 't', error: { responseCode: 'ErrorNoFreeBusyAccess', message: '' } },
    'UTC',
  );
  expect(statusDuring(denied, '2026-03-02T09:00:00', '2026-03-02T10:00:00')).toBe('unknown');
  expect(canCome('unknown')).toBe(false);
});

test('the strongest of what overlaps counts; what only touches does not', () => {
  const row = rowOf(
    'bob@contoso.example',
    { scheduleId: 'b', scheduleItems: [item('tentative', '09:00', '10:00'), item('busy', '09:30', '11:00')] },
    'UTC',
  );
  expect(statusDuring(row, '2026-03-02T09:00:00', '2026-03-02T09:30:00')).toBe('tentative');
  expect(statusDuring(row, '2026-03-02T09:00:00', '2026-03-02T10:00:00')).toBe('busy');
  expect(statusDuring(row, '2026-03-02T11:00:00', '2026-03-02T12:00:00')).toBe('free');
});

test('blocks are shown on the clock of the reader', () => {
  const row = rowOf('b', { scheduleId: 'b', scheduleItems: [item('busy', '09:00', '10:00')] }, 'Asia/Shanghai');
  expect(row.blocks[0]?.start).toBe('2026-03-02T17:00:00');
});

test('a block is cut where the row ends', () => {
  const [from, to] = ['2026-03-02T08:00:00', '2026-03-02T18:00:00'];
  expect(placeOf({ start: '2026-03-02T13:00:00', end: '2026-03-02T14:00:00' }, from, to)).toEqual({
    left: 0.5,
    width: 0.1,
  });
  expect(placeOf({ start: '2026-03-01T13:00:00', end: '2026-03-02T09:00:00' }, from, to)).toEqual({
    left: 0,
    width: 0.1,
  });
  expect(placeOf({ start: '2026-03-02T18:00:00', end: '2026-03-02T19:00:00' }, from, to)).toBeUndefined();
});
