import { createPrivateKey } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { appendLeaves, checkpointSigner, rootOf, signCheckpoint } from '../../protocols/merkle.ts';
import type { PartnerKey } from '../model/key.ts';
import { leafOf, originOf, signerNameOf } from '../model/shared-record.ts';
import { findLog, insertCheckpoint, listUnsealed, placeRecords, saveLog } from '../store/shared-logs.ts';

/** Records sealed in one transaction; the rest waits for the next. */
export const SEALED_AT_ONCE = 5_000;

/**
 * Gives what we wrote about the work with a partner its places in our log of it, and signs how far that has come.
 * @returns how many were sealed; call again while it is not none.
 */
export async function sealSharedLog(ctx: Context, partner: TenantId, key: PartnerKey): Promise<number> {
  const log = { partner, side: 'ours' } as const;
  const before = await findLog(ctx, log, { lock: true });
  const records = await listUnsealed(ctx, partner, SEALED_AT_ONCE);
  if (records.length === 0) return 0;
  const placed = records.map(({ id, at, record }) => ({ id, leaf: leafOf({ at, record }) }));
  const { frontier, completed } = appendLeaves(
    before,
    placed.map(({ leaf }) => leaf),
  );
  await placeRecords(ctx, partner, before.size, placed);
  await saveLog(ctx, log, frontier, completed);
  const signer = checkpointSigner(
    signerNameOf(ctx.tenantId),
    createPrivateKey({ key: key.privateJwk as never, format: 'jwk' }),
  );
  const checkpoint = { origin: originOf(ctx.tenantId, partner), size: frontier.size, root: rootOf(frontier) };
  await insertCheckpoint(ctx, log, { size: frontier.size, note: await signCheckpoint(checkpoint, signer) });
  return records.length;
}
