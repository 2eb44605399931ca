import { expect, test, vi } from 'vitest';
import { createLive, type Wire } from './live.ts';

interface TestWire extends Wire {
  readonly sent: Record<string, unknown>[];
  hears(message: object): void;
}

function setUp() {
  vi.useFakeTimers();
  const wires: TestWire[] = [];
  let token = 'one';
  const live = createLive({
    open() {
      const sent: Record<string, unknown>[] = [];
      const wire: TestWire = {
        sent,
        send: (text) => sent.push(JSON.parse(text)),
        close: () => wire.onclose?.(),
        hears: (message) => wire.onmessage?.({ data: JSON.stringify(message) }),
        onopen: null,
        onmessage: null,
        onclose: null,
      };
      wires.push(wire);
      return wire;
    },
    token: async () => token,
  });
  const stop = live.start();
  return { live, wires, stop, renew: (next: string) => (token = next) };
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test('a page signs in on its connection, names what it shows, and hears where something changed', async () => {
  const { live, wires, stop } = setUp();
  const heard: (readonly string[])[] = [];
  live.follow(['a', 'b'], (changed) => heard.push(changed));
  const [wire] = wires as [TestWire];
  wire.onopen?.();
  await pass(60);
  expect(wire.sent).toEqual([{ type: 'authenticate', token: 'one' }]);
  wire.hears({ type: 'ready' });
  await pass(60);
  expect(wire.sent.at(-1)).toEqual({ type: 'follow', name: 'calendars', of: ['a', 'b'] });
  expect(live.state().isOn).toBe(false);
  wire.hears({ type: 'following', name: 'calendars', of: ['a'] });
  expect(live.state()).toEqual({ isOn: true, told: new Set(['a']) });
  expect(heard).toEqual([]);
  wire.hears({ type: 'changed', name: 'calendars', of: ['a'] });
  expect(heard).toEqual([['a']]);
  stop();
});

test('a connection that ends is opened again, and what may have been missed is read', async () => {
  const { live, wires, stop } = setUp();
  const heard: (readonly string[])[] = [];
  const notices: string[] = [];
  live.follow(['a'], (changed) => heard.push(changed));
  live.onNotice('reminder', () => notices.push('reminder'));
  const begin = async (wire: TestWire) => {
    wire.onopen?.();
    await pass(60);
    wire.hears({ type: 'ready' });
    await pass(60);
    wire.hears({ type: 'following', name: 'calendars', of: ['a'] });
  };
  await begin(wires[0]!);
  wires[0]?.close();
  expect(live.state().isOn).toBe(false);
  await pass(1_300);
  expect(wires).toHaveLength(2);
  await begin(wires[1]!);
  expect(heard).toEqual([['a']]);
  expect(notices).toEqual(['reminder']);
  stop();
});

test('each new token is shown, and nothing goes on after the page is left', async () => {
  const { wires, stop, renew } = setUp();
  const [wire] = wires as [TestWire];
  wire.onopen?.();
  await pass(10);
  renew('two');
  await pass(31_000);
  expect(wire.sent).toEqual([
    { type: 'authenticate', token: 'one' },
    { type: 'authenticate', token: 'two' },
  ]);
  stop();
  await pass(120_000);
  expect(wires).toHaveLength(1);
});
