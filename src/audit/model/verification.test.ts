import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { appendLeaf, checkpointSigner, EMPTY_FRONTIER, rootOf, signCheckpoint } from '../../protocols/merkle.ts';
import { type AuditEvent, leafOf } from './event.ts';
import { keyName, originOf, type SealedEvent, verifyLog } from './verification.ts';

const TENANT = '0192f000-0000-7000-8000-00000000000a';
const keys = generateKeyPairSync('ed25519');
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }) as string;

function event(sequence: number, action = 'directory.account-created'): AuditEvent {
  return {
    id: `0192f000-0000-7000-8000-${String(sequence).padStart(12, '0')}`,
    at: new Date(1_790_000_000_000 + sequence),
    action,
    category: 'UserManagement',
    actor: { kind: 'account', id: 'ann', displayName: 'ann@fabrikam.example' },
    targets: [],
    result: 'success',
    reason: null,
    facts: { number: sequence },
    correlationId: '0192f000-0000-7000-8000-0000000000ff',
    requestId: 'r',
    clientAddress: null,
    sequence,
  };
}

/** A log of `size` events, signed after every `each` of them and at the end. */
async function aLog(size: number, each: number) {
  const events: SealedEvent[] = [];
  const checkpoints: { size: number; note: string }[] = [];
  let frontier = EMPTY_FRONTIER;
  for (let i = 0; i < size; i += 1) {
    const one = event(i);
    const leaf = leafOf(one);
    events.push({ event: one, leaf });
    frontier = appendLeaf(frontier, leaf).frontier;
    if ((i + 1) % each === 0 || i + 1 === size) {
      const checkpoint = { origin: originOf(TENANT), size: frontier.size, root: rootOf(frontier) };
      const note = await signCheckpoint(checkpoint, checkpointSigner(keyName(TENANT), keys.privateKey));
      checkpoints.push({ size: frontier.size, note });
    }
  }
  return { tenantId: TENANT, publicKey, events, checkpoints };
}

test('IS-15: an untouched log is intact', async () => {
  const verdict = await verifyLog(await aLog(25, 7));
  assert.deepEqual(verdict, { isIntact: true, events: 25, checkpoints: 4 });
});

test('IS-15: a changed, removed, moved or added event is found at its place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      fc.constantFrom('change', 'remove', 'swap', 'add'),
      async (size, each, place, how) => {
        const log = await aLog(size, each);
        const at = place % (size - 1);
        const here = log.events[at]!;
        if (how === 'change')
          log.events[at] = { ...here, event: { ...here.event, action: 'directory.account-deleted' } };
        if (how === 'remove') log.events.splice(at, 1);
        if (how === 'swap') [log.events[at], log.events[at + 1]] = [log.events[at + 1]!, here];
        if (how === 'add')
          log.events.splice(at, 0, { event: event(at, 'made.up'), leaf: leafOf(event(at, 'made.up')) });
        const verdict = await verifyLog(log);
        assert.equal(verdict.isIntact, false);
        if (how === 'change' || how === 'remove' || how === 'swap') assert.equal(verdict.fault?.position, at);
        else assert.ok((verdict.fault?.position ?? Number.POSITIVE_INFINITY) <= at + 1);
      },
    ),
    { numRuns: 200 },
  );
});

test('IS-15: an event changed together with its kept leaf is found between two checkpoints', async () => {
  const log = await aLog(20, 5);
  const forged = { ...event(12), action: 'directory.account-deleted' };
  log.events[12] = { event: forged, leaf: leafOf(forged) };
  const verdict = await verifyLog(log);
  assert.equal(verdict.fault?.position, 10);
  assert.match(verdict.fault?.problem ?? '', /events 10 to 14/);
});

test('IS-15: the newest events cut off are missed', async () => {
  const log = await aLog(20, 5);
  log.events.length = 18;
  const verdict = await verifyLog(log);
  assert.match(verdict.fault?.problem ?? '', /ends here, but 20/);
});

test('IS-15: checkpoints of another key are refused', async () => {
  const log = await aLog(5, 5);
  const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string;
  assert.equal((await verifyLog({ ...log, publicKey: other })).isIntact, false);
});
