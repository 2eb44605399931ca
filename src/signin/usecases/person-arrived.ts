import { z } from 'zod';
import { findAccount, isFromElsewhere, loadActorFacts } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import type { PartnerRequest } from '../../kernel/module.ts';
import { clientOfTenant } from './clients.ts';

export const PERSON_ARRIVED = 'signin.person-arrived';

const shape = z.object({
  userId: z.guid().toLowerCase(),
  /** What home has answered to the organisation visited; without it, the person did not get in there. */
  isLetOut: z.boolean(),
  /** What they use there; null: nothing in particular. */
  application: z.string().max(100).nullable(),
  methods: z.array(z.string().max(40)).max(20),
  clientAddress: z.string().max(100).nullable(),
});
export type PersonArrived = z.output<typeof shape>;

/** One of our people has come to another organisation: home has its line of it too, under the same id (ID-27). */
export const personArrived: PartnerRequest = {
  name: PERSON_ARRIVED,
  shape,
  transaction: 'write',
  // The sign-in itself is what both note.
  isRoutine: true,
  async answer(ctx: Context, { userId, isLetOut, application, methods, clientAddress }: PersonArrived) {
    const id = userId as AccountId;
    const account = await findAccount(ctx, id);
    const facts = account && (await loadActorFacts(ctx, id));
    if (ctx.actor.kind !== 'visitor' || !account || isFromElsewhere(account) || !facts?.isEnabled)
      throw kernelFaults.notFound();
    const visited = ctx.actor.homeTenantId;
    ctx.record({
      action: isLetOut ? 'signin.signed-in' : 'signin.sign-in-failed',
      category: 'SignIn',
      ...(isLetOut ? {} : { result: 'failure', reason: 'blocked-home' }),
      targets: [{ kind: 'account', id, displayName: account.displayName }],
      facts: {
        userName: account.userPrincipalName,
        userType: account.userType,
        homeTenantId: null,
        resourceTenantId: visited,
        clientId: clientOfTenant(visited),
        elsewhere: application,
        methods,
        clientAddress,
      },
    });
    return {};
  },
};
