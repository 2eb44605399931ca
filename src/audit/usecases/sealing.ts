import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import type { Vault } from '../../platform/vault.ts';
import { appendLeaves, checkpointSigner, rootOf, signCheckpoint } from '../../protocols/merkle.ts';
import { leafOf } from '../model/event.ts';
import { keyName, originOf } from '../model/verification.ts';
import { listUnsealed, placeEvents } from '../store/events.ts';
import { insertCheckpoint, insertLog, lockLog, saveFrontier } from '../store/logs.ts';

/** Events sealed in one transaction; what is left waits for the next, so that no lock is held for long. */
const SEALED_AT_ONCE = 5_000;

/**
 * Gives every event that has none its place in the tenant's log and signs how far it has come. Runs behind the
 * writers: writing an event never waits for it.
 *
 * @returns how many were sealed.
 */
export async function sealEvents(ctx: Context, vault: Vault): Promise<number> {
  const log = (await lockLog(ctx)) ?? (await startLog(ctx, vault));
  const events = await listUnsealed(ctx, SEALED_AT_ONCE);
  if (events.length === 0) return 0;
  const first = log.frontier.size;
  const placed = events.map((event) => ({ id: event.id, leaf: leafOf(event) }));
  const { frontier } = appendLeaves(
    log.frontier,
    placed.map(({ leaf }) => leaf),
  );
  await placeEvents(ctx, first, placed);
  await saveFrontier(ctx, frontier);
  const key = createPrivateKey(vault.open(log.privateKey, keyName(ctx.tenantId)));
  const note = await signCheckpoint(
    { origin: originOf(ctx.tenantId), size: frontier.size, root: rootOf(frontier) },
    checkpointSigner(keyName(ctx.tenantId), key),
  );
  await insertCheckpoint(ctx, { size: frontier.size, at: ctx.now, note });
  return events.length;
}

async function startLog(ctx: Context, vault: Vault) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await insertLog(ctx, {
    privateKey: vault.seal(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, keyName(ctx.tenantId)),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  });
  const log = await lockLog(ctx);
  if (!log) throw new Error('the audit log that was just started is not there');
  return log;
}
