import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergedView, parseAnswer, printAnswer, type Schedule } from './availability.ts';
import type { ShowAs } from './occurrence.ts';

const at = (clock: string) => new Date(`2026-03-16T${clock}:00Z`);
const item = (status: ShowAs, startsAt: string, endsAt: string) => ({
  status,
  startsAt: at(startsAt),
  endsAt: at(endsAt),
});
const day = (minutes: number) => ({ from: at('09:00'), to: at('18:00'), minutes });

test('EX-49: the merged view of the documented examples', () => {
  assert.equal(mergedView([item('busy', '12:00', '14:00')], day(60)), '000220000');
  const morning = [item('busy', '08:30', '09:30'), item('busy', '12:00', '14:00'), item('tentative', '16:00', '17:00')];
  assert.equal(mergedView(morning, { ...day(60) }), '200220010');
  const quarters = mergedView([item('tentative', '09:00', '10:30'), item('busy', '11:00', '13:00')], day(15));
  assert.equal(quarters, `111111${'00'}22222222${'0'.repeat(20)}`);
});

test('of several in one slot the strongest is told: out of office, busy, tentative, elsewhere, free', () => {
  const order: ShowAs[] = ['free', 'workingElsewhere', 'tentative', 'busy', 'oof'];
  const digits = ['0', '4', '1', '2', '3'];
  for (const [i, status] of order.entries()) {
    const below = order.slice(0, i + 1).map((one) => item(one, '09:00', '10:00'));
    const both = [mergedView(below, day(540)), mergedView(below.toReversed(), day(540))];
    assert.deepEqual(both, [digits[i], digits[i]], status);
  }
});

test('what only touches a slot does not mark it, and a last slot may be short', () => {
  assert.equal(mergedView([item('busy', '08:00', '09:00'), item('busy', '18:00', '19:00')], day(60)), '000000000');
  assert.equal(mergedView([item('busy', '17:59', '18:00')], day(120)), '00002');
});

test('what one server writes another reads, and nothing else', () => {
  const schedules: Schedule[] = [
    {
      address: 'bob@contoso.example',
      view: '02',
      items: [{ ...item('busy', '09:00', '10:00'), isPrivate: false, subject: 'Plan' }],
      workingHours: { daysOfWeek: ['monday'], startTime: '08:00', endTime: '17:00', timeZone: 'Europe/London' },
    },
    { address: 'who@contoso.example', error: 'ErrorMailRecipientNotFound', reference: 'r' },
  ];
  const text = JSON.parse(JSON.stringify(printAnswer(schedules)));
  assert.deepEqual(parseAnswer(text), schedules);
  text.value[0].scheduleItems[0].attendees = ['ann@fabrikam.example'];
  assert.equal(JSON.stringify(parseAnswer(text)).includes('ann@'), false);
  text.value[0].availabilityView = 'busy all day';
  assert.throws(() => parseAnswer(text));
});
