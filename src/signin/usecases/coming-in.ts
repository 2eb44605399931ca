/** Whether somebody of another organisation may come in now, by our policy and by what their home last said of them. */
import { referenceOf } from '../../access/index.ts';
import { type Account, isFromElsewhere } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { comeIn, deviceIsCompliant, homeHasLetOut, inForce, type Vouched } from '../../partners/index.ts';
import { COMPLIANT_DEVICE } from '../model/device.ts';
import { isFirstParty } from '../model/first-party.ts';
import { guestSignIn } from '../settings.ts';
import { findVouch, putVouch } from '../store/vouched.ts';

type Person = Pick<Account, 'id' | 'homeTenantId' | 'homeAccountId' | 'userType' | 'identities'>;

export interface Entry {
  readonly level: 'none' | 'challenge' | 'in';
  /** Whose administrator could let them in. */
  readonly refusedBy: 'home' | 'here';
  /** Whether a second factor that home asked for counts here. */
  readonly trustsHome: boolean;
  /** Whether they would come in with a device that their home looks after. */
  readonly isForDevice: boolean;
  /** What it is called by whoever lets them in no further: for the person to read out, for its administrators to open. */
  readonly reference: string | null;
}

/** An application as the policy names it. */
export const applicationOf = (clientId: string) => ({ id: clientId, isOwn: isFirstParty(clientId) });

/**
 * Asked each time somebody signs in. `methods`: what they have shown; left out where a session goes on, which is not
 * asked for more than it was begun with.
 */
export async function askToComeIn(
  ctx: Context,
  person: Account,
  by: {
    /** Null: none in particular. */
    readonly application: ReturnType<typeof applicationOf> | null;
    readonly methods?: readonly string[];
    readonly quiet?: boolean;
  },
): Promise<Entry> {
  const trustsHome = isHomeTrusted(ctx, person);
  if (!isFromElsewhere(person))
    return { level: 'in', refusedBy: 'here', trustsHome, isForDevice: false, reference: null };
  const vouched = await findVouch(ctx, person.id);
  const { requireSecondFactor, requireCompliantDevice } = ctx.settings.tenant(guestSignIn);
  const answer = await ctx.ask(
    comeIn,
    {
      homeTenantId: person.homeTenantId,
      userId: person.homeAccountId,
      groupIds: [...(vouched?.groupIds ?? [])],
      application: by.application,
      homeLetsOut: vouched?.homeLetsOut ?? true,
      homeReference: vouched?.homeReference ?? null,
      needsSecondFactor: requireSecondFactor && by.methods !== undefined,
      hasSecondFactor: by.methods?.includes('mfa') ?? false,
      needsCompliantDevice: requireCompliantDevice && by.methods !== undefined,
      hasCompliantDevice: by.methods?.includes(COMPLIANT_DEVICE) ?? false,
    },
    // Whoever is asked for more than they showed learns under which reference, like whoever is turned away.
    { wanted: 'in', quiet: by.quiet ?? false },
  );
  const isBecauseOf = (name: string) => answer.because.some((reason) => 'name' in reason && reason.name === name);
  const isHomes = isBecauseOf(homeHasLetOut.name);
  const decisionId = isHomes ? (vouched?.homeReference ?? null) : answer.decisionId;
  return {
    level: answer.level,
    refusedBy: isHomes ? 'home' : 'here',
    reference: answer.level !== 'in' && decisionId !== null ? referenceOf(decisionId) : null,
    trustsHome,
    isForDevice: answer.because.length === 1 && isBecauseOf(deviceIsCompliant.name),
  };
}

const trusted = (ctx: Context, { homeTenantId }: Person) =>
  homeTenantId === null ? undefined : inForce(ctx.settings, homeTenantId, 'inboundTrust').value;

const isHomeTrusted = (ctx: Context, person: Person): boolean => trusted(ctx, person)?.isMfaAccepted ?? false;

/** Whose account it is, where it is used: a guest's is their home's, everybody else's the organisation's own. */
export const accountInUse = (visited: TenantId, account: Account | undefined) => ({
  visited,
  homeTenantId: account && isFromElsewhere(account) ? account.homeTenantId : visited,
  userId: account ? (account.homeAccountId ?? account.id) : null,
});

/** What was shown at home, as far as it counts here: a second factor of a home that is not trusted is none. */
export function countedMethods(ctx: Context, person: Person, methods: readonly string[]): readonly string[] {
  if (person.homeTenantId === null) return methods.filter((method) => method !== COMPLIANT_DEVICE);
  const { isMfaAccepted = false, isCompliantDeviceAccepted = false } = trusted(ctx, person) ?? {};
  const counts: Readonly<Record<string, boolean>> = {
    mfa: isMfaAccepted,
    [COMPLIANT_DEVICE]: isCompliantDeviceAccepted,
  };
  return methods.filter((method) => counts[method] ?? true);
}

/** Keeps what home said, for as long as the person stays signed in. */
export const noteVouched = (
  ctx: Context,
  accountId: Account['id'],
  { homeLetsOut, homeReference, isActive, who }: Vouched,
) => putVouch(ctx, accountId, { homeLetsOut, homeReference, isActive, groupIds: who.groupIds });
