/** Who of late came here from elsewhere, and who of ours went there: the one source for whoever tells what a change does. */
import { type AuditEvent, type EventFilter, listEvents } from '../../audit/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Which } from '../model/access-setting.ts';

/** Somebody who signed in, at one organisation, for one application. */
export interface PastSignIns {
  readonly direction: 'inbound' | 'outbound';
  readonly partnerTenantId: TenantId;
  /** Their account here: a guest's, or of one of ours. */
  readonly accountId: string;
  readonly displayName: string;
  readonly userName: string;
  /** Null: what our people use elsewhere was not told to us. */
  readonly applicationId: string | null;
  readonly signIns: number;
  readonly lastAt: Date;
}

/** One of ours who works at another organisation. */
export interface GoesOut {
  readonly partnerTenantId: TenantId;
  readonly accountId: string;
  /** Null: none is known. */
  readonly application: Which;
}

export interface GoingOutPorts {
  readonly isOwnApplication: (clientId: string) => boolean;
  /** Our people who are guests elsewhere, as the organisations there have told us. */
  guestsElsewhere(ctx: Context): Promise<readonly { readonly partnerTenantId: TenantId; readonly accountId: string }[]>;
}

const DAYS = 30;
const PAGE = 1_000;
/** Sign-ins looked at, the latest first. */
const MOST = 50_000;
/** What the line of a sign-in knows of the other organisation, by the way that was gone. */
const OTHER_SIDE = { inbound: 'homeTenantId', outbound: 'resourceTenantId' } as const;

/** From when on sign-ins are of late. */
export const ofLate = (ctx: Context): Date => new Date(ctx.now.getTime() - DAYS * 86_400_000);

/** The latest first; with one organisation, or with all. `isAll`: there were no more than are looked at. */
export async function listPastSignIns(
  ctx: Context,
  direction: PastSignIns['direction'],
  partnerId?: TenantId,
): Promise<{ readonly found: readonly PastSignIns[]; readonly isAll: boolean }> {
  const tallies = new Map<string, Tally>();
  const side = OTHER_SIDE[direction];
  const filter: EventFilter = {
    action: 'signin.signed-in',
    since: ofLate(ctx),
    ...(partnerId === undefined ? { knows: side } : { facts: { [side]: partnerId } }),
  };
  let after: string | undefined;
  for (let looked = 0; ; ) {
    const page = await listEvents(ctx, filter, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const event of page) count(tallies, ctx.tenantId, direction, event);
    looked += page.length;
    after = page.at(-1)?.id;
    if (page.length < PAGE) return { found: [...tallies.values()], isAll: true };
    if (looked >= MOST) return { found: [...tallies.values()], isAll: false };
  }
}

/** Our people who work elsewhere by now: those who signed in there of late, and those who are guests there. */
export async function listGoingOut(ctx: Context, ports: GoingOutPorts): Promise<readonly GoesOut[]> {
  const { found } = await listPastSignIns(ctx, 'outbound');
  const signedIn = new Set(found.map(({ partnerTenantId, accountId }) => `${partnerTenantId} ${accountId}`));
  const others = (await ports.guestsElsewhere(ctx)).filter(
    ({ partnerTenantId, accountId }) => !signedIn.has(`${partnerTenantId} ${accountId}`),
  );
  return [
    ...found.map(({ partnerTenantId, accountId, applicationId: id }) => ({
      partnerTenantId,
      accountId,
      application: id === null ? null : { id, isOwn: ports.isOwnApplication(id) },
    })),
    ...others.map((one) => ({ ...one, application: null })),
  ];
}

type Tally = Omit<PastSignIns, 'signIns'> & { signIns: number };

function count(
  tallies: Map<string, Tally>,
  tenantId: TenantId,
  direction: PastSignIns['direction'],
  { targets, facts, at }: AuditEvent,
): void {
  const { homeTenantId, resourceTenantId, clientId, elsewhere, userName } = facts as Record<string, string | undefined>;
  const accountId = targets[0]?.id;
  const isOut = typeof resourceTenantId === 'string' && resourceTenantId !== tenantId;
  const partnerTenantId = isOut ? resourceTenantId : homeTenantId;
  if (!accountId || !partnerTenantId || isOut !== (direction === 'outbound')) return;
  // At home the client is the organisation visited; what was used there stands beside it.
  const applicationId = (isOut ? elsewhere : clientId) ?? null;
  const key = `${partnerTenantId} ${accountId} ${applicationId}`;
  const known = tallies.get(key);
  if (known) {
    known.signIns += 1;
    return;
  }
  const displayName = targets[0]?.displayName ?? userName ?? '';
  tallies.set(key, {
    direction,
    partnerTenantId: partnerTenantId as TenantId,
    accountId,
    displayName,
    userName: userName ?? displayName,
    applicationId,
    signIns: 1,
    lastAt: at,
  });
}
