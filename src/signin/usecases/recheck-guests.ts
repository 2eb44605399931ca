/** Guests who are signed in stay so only while both organisations let them (CT-13). */
import { findAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Job, Run, Subscriber, Sweep } from '../../kernel/module.ts';
import type { Arrivals } from '../../partners/index.ts';
import { listGuestsSignedIn } from '../store/vouched.ts';
import { askToComeIn, noteVouched } from './coming-in.ts';
import { endSessionsOf } from './end-sessions.ts';

const RECHECK = 'signin.recheck-guests';

export interface RecheckPorts {
  readonly run: Run;
  readonly arrivals: Pick<Arrivals, 'askHome'>;
}

/**
 * Asks the homes of everybody who is signed in here as a guest about them once more. A home that does not answer says
 * nothing: what it said before holds until it does.
 */
export const recheckGuestsJob = ({ run, arrivals }: RecheckPorts): Job => ({
  name: RECHECK,
  transaction: 'none',
  async run(ctx) {
    const { tenantId, actor, correlationId } = ctx;
    const here = <T>(act: (ctx: Context) => Promise<T>) => run({ tenantId, actor, correlationId }, act);
    const byHome = Map.groupBy(await here(listGuests), ({ homeTenantId }) => homeTenantId);
    for (const [homeTenantId, guests] of byHome) {
      const people = guests.map(({ homeAccountId }) => ({ userId: homeAccountId }));
      // Which application they use is not asked: whoever may use none is out.
      const asked = { homeTenantId, application: null, people };
      const answered = await arrivals.askHome(ctx, asked).catch((error) => {
        if (error instanceof Fault) return undefined;
        throw error;
      });
      for (const [index, { accountId }] of guests.entries()) {
        const vouched = answered?.[index];
        await here(async (inside) => {
          if (vouched) await noteVouched(inside, accountId, vouched);
          const account = await findAccount(inside, accountId);
          const entry = account && (await askToComeIn(inside, account, { application: null }));
          if (vouched?.isActive !== false && entry?.level === 'in') return;
          const reason = vouched?.isActive === false ? 'gone-at-home' : `blocked-${entry?.refusedBy ?? 'here'}`;
          await endSessionsOf(inside, accountId, { except: null }, reason);
        });
      }
    }
  },
});

async function listGuests(ctx: Context) {
  const guests: { accountId: AccountId; homeTenantId: TenantId; homeAccountId: string }[] = [];
  for (const { accountId, homeTenantId } of await listGuestsSignedIn(ctx)) {
    const homeAccountId = (await findAccount(ctx, accountId))?.homeAccountId;
    if (homeAccountId) guests.push({ accountId, homeTenantId, homeAccountId });
  }
  return guests;
}

const recheck = (ctx: Context) => ctx.defer(RECHECK, {}, { key: `${RECHECK} ${ctx.tenantId}` });

/** What changes at home is noticed within three minutes, also when nobody tells us. */
export const recheckGuestsSweep: Sweep = {
  name: 'signin.recheck-guests-signed-in',
  cron: '*/3 * * * *',
  async run(ctx) {
    if ((await listGuestsSignedIn(ctx)).length > 0) await recheck(ctx);
  },
};

const POLICIES: ReadonlySet<string> = new Set([
  'partners.access-defaults',
  'partners.partner-access',
  // An agreement that is suspended or narrowed reaches those who are in.
  'partners.agreed-terms',
  'partners.agreement-rules',
]);

/** What changes here is felt at once. */
export const recheckAfterPolicy: Subscriber = {
  name: 'signin.recheck-guests-after-policy',
  to: ['tenants.setting-changed'],
  async handle(ctx, event) {
    if (event.targets.some(({ id }) => POLICIES.has(id))) await recheck(ctx);
  },
};
