/** Doing what was tried out, in the world in which it was tried. */
import type { Context } from '../../kernel/context.ts';
import { parseId } from '../../kernel/ids.ts';
import { accessFaults } from '../faults.ts';
import type { WhatIf } from '../model/what-if.ts';
import { findWhatIf } from '../store/what-ifs.ts';
import { readWhatIf } from './what-if.ts';
import { isRehearsed, trialOf, type WhatIfPorts } from './what-if-ports.ts';
import { worldIn, worldOf } from './world.ts';

/**
 * Makes the changes that were tried out, provided that nothing they were judged by has changed since.
 * @throws not-found; access.what-if-not-done; access.only-by-its-own-request; access.world-changed: then it must be
 * asked again.
 */
export async function carryOut(ctx: Context, ports: WhatIfPorts, id: string): Promise<WhatIf> {
  const found = await readWhatIf(ctx, id);
  if (found.state !== 'done' || found.changes.length === 0) throw accessFaults.whatIfNotDone();
  if (found.changes.some((change) => isRehearsed(ports, change))) throw accessFaults.onlyByItsOwnRequest();
  if (found.world !== (await worldOf(ctx, ports))) throw accessFaults.worldChanged();
  for (const change of found.changes) {
    const { trial, input } = trialOf(ports, change);
    await trial.act(ctx, input);
  }
  recordCarriedOut(ctx, found);
  return found;
}

/**
 * Does what was tried out before, by whatever way it is done, provided that nothing it was judged by has changed since;
 * what was to follow it is done with it, all or nothing where the transaction is one.
 * `isOpen`: the context's transaction is open, and what is done is done in it.
 * @throws access.what-if-not-done; access.world-changed: then it must be tried again. What `act` throws.
 */
export async function doAsTried<T>(
  ctx: Context,
  ports: Pick<WhatIfPorts, 'run' | 'fingerprintOfSettings' | 'trials' | 'settingsNow'>,
  { id, isOpen }: { readonly id: string; readonly isOpen: boolean },
  act: () => Promise<T>,
): Promise<T> {
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  const within = <R>(look: (inside: Context) => Promise<R>): Promise<R> =>
    isOpen ? look(ctx) : ports.run({ tenantId, actor, correlationId, clientAddress }, look);
  const found = await within(async (inside) => {
    const tried = parseId(id) ? await findWhatIf(inside, id) : undefined;
    if (tried?.state !== 'done') throw accessFaults.whatIfNotDone();
    if (tried.world !== (await worldOf(inside, ports))) throw accessFaults.worldChanged();
    return tried;
  });
  const follow = found.changes.filter(({ follows }) => follows);
  if (follow.some((change) => isRehearsed(ports, change))) throw accessFaults.onlyByItsOwnRequest();
  const following = follow.map((change) => trialOf(ports, change));
  const result = await act();
  await within(async (inside) => {
    for (const { trial, input } of following) await trial.act(await worldIn(inside, ports, null), input);
    recordCarriedOut(inside, found);
  });
  return result;
}

const recordCarriedOut = (ctx: Context, { id, summary }: WhatIf): void =>
  ctx.record({
    action: 'access.what-if-carried-out',
    category: 'Policy',
    targets: [{ kind: 'what-if', id }],
    facts: { gained: summary?.gained ?? 0, lost: summary?.lost ?? 0, digest: summary?.digest ?? null },
  });
