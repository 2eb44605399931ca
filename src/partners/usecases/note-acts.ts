import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Partners, PublishedEvent, SharedAct, SharedConcern, Subscriber } from '../../kernel/module.ts';
import { addressesIn } from '../model/shared-record.ts';
import { writeRecord } from './witness.ts';

export interface ActPorts {
  readonly partners: Partners;
  /** What concerns other organisations, of every module. */
  readonly acts: () => readonly SharedAct[];
}

/** Writes down what we did to others, once it is done. They note it when they read our log next. */
export const actSubscriber = (ports: ActPorts): Subscriber => ({
  name: 'partners.shared-acts',
  // Modules of higher rank say what they do, so this is known once all of them are made.
  get to() {
    return ports.acts().map(({ action }) => action);
  },
  async handle(ctx, event) {
    for (const act of ports.acts().filter(({ action }) => action === event.action)) {
      const concern = await act.concerns(ctx, event);
      const partner = concern && (await partnerIn(ctx, ports, concern));
      if (concern && partner && partner !== ctx.tenantId) await writeAct(ctx, event, partner, concern.about);
    }
  },
});

async function partnerIn(ctx: Context, { partners }: ActPorts, { partner }: SharedConcern) {
  return 'tenantId' in partner ? partner.tenantId : partners.findByDomain(ctx.tenantId, partner.domain);
}

const writeAct = (ctx: Context, event: PublishedEvent, partner: TenantId, about: readonly string[]) =>
  writeRecord(ctx, {
    v: 1,
    // The event's own: a second run of this writes nothing new.
    id: event.id,
    correlationId: ctx.correlationId,
    kind: 'act',
    what: event.action,
    from: ctx.tenantId,
    to: partner,
    by: null,
    about: addressesIn(about),
    outcome: 'done',
  });
