/** Writing down what is between two organisations: by each side for itself, as it sees it. */
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Envoy, PartnerRequest, Run } from '../../kernel/module.ts';
import type { Log } from '../../platform/log.ts';
import { addressesIn, outcomeIn, type SharedRecord, type WrittenRecord } from '../model/shared-record.ts';
import { insertOwnRecords } from '../store/shared-logs.ts';

/** How long a record may be in memory alone. What a change did is written with the change instead. */
const FLUSHED_EVERY_MS = 500;
/** A database that is away this long loses the oldest; the partner's side of them then stays without a counterpart. */
const KEPT_AT_MOST = 50_000;
const WRITTEN_AT_ONCE = 2_000;

export interface Witness {
  /** Keeps a record until the next batch. Waits for nothing. */
  note(tenantId: TenantId, record: SharedRecord): void;
  /** Writes what is kept now. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export function createWitness(ports: { readonly run: Run; readonly log: Log; readonly now: () => Date }): Witness {
  let kept: { tenantId: TenantId; written: WrittenRecord }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const later = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush();
    }, FLUSHED_EVERY_MS);
  };

  async function write(): Promise<void> {
    const batch = kept.splice(0);
    for (const [tenantId, all] of Map.groupBy(batch, (one) => one.tenantId)) {
      for (let first = 0; first < all.length; first += WRITTEN_AT_ONCE) {
        const part = all.slice(first, first + WRITTEN_AT_ONCE);
        try {
          const actor = { kind: 'system', name: 'partners.witness' } as const;
          await ports.run({ tenantId, actor }, (ctx) =>
            insertOwnRecords(
              ctx,
              part.map(({ written }) => written),
            ),
          );
        } catch (error) {
          // A tenant that is gone has nothing to keep; everything else is tried again with the next batch.
          if (error instanceof Fault && error.kind === 'not-found') continue;
          ports.log.warn({ err: error, records: part.length }, 'shared records could not be written yet');
          kept = [...part, ...kept].slice(-KEPT_AT_MOST);
        }
      }
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(write).finally(() => {
      if (kept.length > 0 && !isClosed) later();
    });
    return writing;
  }

  let isClosed = false;
  return {
    note(tenantId, record) {
      kept.push({ tenantId, written: { at: ports.now().toISOString(), record } });
      if (!isClosed) later();
    },
    flush,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await flush();
    },
  };
}

/** The outcome of what was answered or done. */
export const DONE = 'done';

/** Writes a record in the transaction of what it is about. */
export const writeRecord = (ctx: Context, record: SharedRecord): Promise<void> =>
  insertOwnRecords(ctx, [{ at: ctx.now.toISOString(), record }]);

/**
 * What both sides write of one request. Undefined for housekeeping, for a request that nobody knows, and for one whose
 * exchange has no id.
 */
export function recordOfRequest(
  envoy: Envoy,
  to: TenantId,
  request: PartnerRequest | undefined,
  asked: unknown,
  outcome: string,
): SharedRecord | undefined {
  if (!request || request.isRoutine || envoy.exchangeId === undefined) return undefined;
  return {
    v: 1,
    id: envoy.exchangeId,
    correlationId: envoy.correlationId,
    kind: 'request',
    what: request.name,
    from: envoy.tenantId,
    to,
    by: addressesIn([envoy.address])[0] ?? null,
    about: personsIn(request, asked),
    outcome: outcomeIn(outcome),
  };
}

/**
 * How a request ended, as both sides see it. Undefined where no answer was given: the partner was not reached, had no
 * time or failed, or did not believe who asks.
 */
export function outcomeOf(error: unknown): string | undefined {
  if (!(error instanceof Fault)) return undefined;
  if (error.kind === 'internal' || error.kind === 'unavailable' || error.kind === 'throttled') return undefined;
  return NO_ANSWER.has(error.code) ? undefined : error.code;
}

/** Refusals of who asks, or of a request that nobody knows: what was asked was not looked at. */
const NO_ANSWER: ReadonlySet<string> = new Set([
  'partners.unreachable',
  'partners.unknown-request',
  'partners.unknown-sender',
  'partners.forged-address',
  'partners.signature',
  'partners.replayed',
  'partners.clock',
  'partners.too-many',
]);

/** In the words of what was asked alone, so that both sides find the same. */
function personsIn({ concerns, shape }: PartnerRequest, asked: unknown): string[] {
  if (!concerns) return [];
  const parsed = shape.safeParse(asked);
  if (!parsed.success) return [];
  return addressesIn(concerns(parsed.data));
}
