/** A person's own list of organisations on other servers: where home is told of them, and what is said of them there. */
import { z } from 'zod';
import type { AccountActor, Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { heard } from '../../kernel/heard.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { PartnerRequest, Partners, Run } from '../../kernel/module.ts';
import type { Homes } from '../../partners/index.ts';
import { type Account, isFromElsewhere } from '../model/account.ts';
import { seeOneself } from '../questions/guests.ts';
import { findAccount } from '../store/accounts.ts';
import { findGuestIdOfHome } from '../store/guests.ts';
import { describeStay, endOwnStay, type MyOrganisation } from './my-organisations.ts';

export interface ElsewherePorts {
  readonly run: Run;
  readonly partners: Pick<Partners, 'ask'>;
  readonly homes: () => Pick<Homes, 'find'>;
  /** The organisations that have said that somebody of ours is a guest of theirs. */
  readonly toldOf: (ctx: Context, accountId: AccountId) => Promise<readonly TenantId[]>;
}

/** One that is on another server. `isReached` false: it does not answer now, and no more than its name is known. */
export type OrganisationElsewhere = Pick<MyOrganisation, 'tenantId' | 'displayName' | 'domain'> & {
  /** Where its pages are. */
  readonly address: string;
  readonly isReached: boolean;
} & Partial<z.output<typeof stay>>;

const STAY = 'directory.stay';
const LEAVE = 'directory.leave-stay';

const asked = z.object({ v: z.literal(1), userId: z.guid().toLowerCase() });
const when = z.iso.datetime().nullable();
const stay = z.object({
  state: z.enum(['pending', 'accepted', 'ended']),
  invitedBy: z.string().max(256).nullable(),
  since: when,
  endsAt: when,
  lastSignInAt: when,
  mayLeave: z.boolean(),
  contact: z.string().max(320).nullable(),
});

/** What another organisation asks in the name of one of its people, who is a guest here. */
export const stayRequests: readonly PartnerRequest[] = [
  {
    name: STAY,
    shape: asked,
    transaction: 'read',
    // Looking at one's own list; both write down when somebody leaves.
    isRoutine: true,
    async answer(ctx, { userId }: z.output<typeof asked>): Promise<z.input<typeof stay>> {
      const { account, home } = await guestOf(ctx, userId);
      const { state, invitedBy, since, endsAt, lastSignInAt, mayLeave, contact } = await describeStay(
        ctx,
        account,
        home,
      );
      const text = (date: Date | null) => date?.toISOString() ?? null;
      return {
        state,
        invitedBy,
        since: text(since),
        endsAt: text(endsAt),
        lastSignInAt: text(lastSignInAt),
        mayLeave,
        contact,
      };
    },
  },
  {
    name: LEAVE,
    shape: asked,
    transaction: 'write',
    async answer(ctx, { userId }: z.output<typeof asked>) {
      await endOwnStay(ctx, (await guestOf(ctx, userId)).account);
      return {};
    },
  },
];

/** The guest here that somebody of the organisation that asks is. @throws not-found, as for one who never was here. */
async function guestOf(ctx: Context, userId: string) {
  const { actor } = ctx;
  if (actor.kind !== 'visitor') throw kernelFaults.notFound();
  const home = { tenantId: actor.homeTenantId, accountId: userId as AccountId, addresses: [] };
  const id = await findGuestIdOfHome(ctx, home);
  const account = id && (await findAccount(ctx, id));
  if (!account) throw kernelFaults.notFound();
  return { account, home };
}

/** Where the signed-in person is a guest on other servers. Call it outside a transaction. */
export async function listMyOrganisationsElsewhere(
  ctx: Context,
  ports: ElsewherePorts,
): Promise<OrganisationElsewhere[]> {
  await ctx.demand(seeOneself, undefined, 'self');
  const { account, tenantIds } = await ports.run(asMyself(ctx), (inside) => whereAmI(inside, ports));
  if (!account) return [];
  const found = await Promise.all(
    tenantIds.map(async (tenantId) => {
      const home = await ports.homes().find(ctx.tenantId, { tenantId });
      // Those of this server are listed with the person's home.
      if (!home || home.isHere) return undefined;
      const { displayName, domains, issuer } = home;
      const domain = domains[0] ?? displayName;
      const address = `${new URL(issuer).origin}/t/${encodeURIComponent(domain)}`;
      const known = { tenantId, displayName, domain, address };
      try {
        const said = await ports.partners.ask(envoyOf(ctx, account), tenantId, STAY, { v: 1, userId: account.id });
        return { ...known, isReached: true, ...heard(stay, said) };
      } catch (error) {
        if (!(error instanceof Fault) || error.kind === 'internal') throw error;
        return error.kind === 'not-found' ? undefined : { ...known, isReached: false };
      }
    }),
  );
  return found
    .filter((one) => one !== undefined)
    .toSorted((a, b) => a.displayName.localeCompare(b.displayName) || (a.tenantId < b.tenantId ? -1 : 1));
}

/**
 * Leaves an organisation on another server, as far as it lets its guests. Call it outside a transaction.
 * @throws not-found; the other's own refusal; partners.unreachable.
 */
export async function leaveElsewhere(ctx: Context, ports: ElsewherePorts, tenantId: TenantId): Promise<void> {
  await ctx.demand(seeOneself, undefined, 'self');
  const { account, tenantIds } = await ports.run(asMyself(ctx), (inside) => whereAmI(inside, ports));
  if (!account || !tenantIds.includes(tenantId)) throw kernelFaults.notFound();
  await ports.partners.ask(envoyOf(ctx, account), tenantId, LEAVE, { v: 1, userId: account.id });
}

const asMyself = ({ tenantId, actor, correlationId }: Context) =>
  ({ tenantId, actor, correlationId, readOnly: true }) as const;

/** Nobody, where the person is a guest here: their home alone is told where else they are. */
async function whereAmI(ctx: Context, { toldOf }: ElsewherePorts) {
  const account = await findAccount(ctx, (ctx.actor as AccountActor).accountId);
  if (!account || isFromElsewhere(account)) return { account: undefined, tenantIds: [] };
  return { account, tenantIds: await toldOf(ctx, account.id) };
}

const envoyOf = ({ tenantId, correlationId }: Context, { userPrincipalName, displayName }: Account) => ({
  tenantId,
  address: userPrincipalName.toLowerCase(),
  displayName,
  correlationId,
});
