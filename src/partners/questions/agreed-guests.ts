import {
  type AgreedStanding,
  type AgreementTerm,
  agreedLevel,
  agreedStanding,
  agreementIsInForce,
  groupsMeant,
  meaning,
  type NamedPerson,
  namesAnybody,
} from '../../kernel/agreement.ts';
import type { Context, TenantFacts } from '../../kernel/context.ts';
import { ALL_USERS, NOBODY_KNOWN, permitsAccess } from '../model/access-setting.ts';
import { inForce } from '../model/cross-tenant-access.ts';
import { accessDefaults, partnerAccess } from '../settings.ts';

/** What agreements can say of guests. It sets nothing: the rules of guests ask it. */
export const guestsTerm: AgreementTerm = {
  name: 'guests.invitation',
  workload: 'guests',
  title: 'Guests',
  sentence: 'Whether people of the other organisation may become guests and use what guests are given.',
  levels: ['none', 'invite'],
  async opens(ctx, { tenantId }, { users }) {
    const part = 'b2bCollaborationInbound';
    const { value, origin } = inForce(ctx.settings, tenantId, part);
    const module = origin === 'partner' ? partnerAccess.name : accessDefaults.name;
    const at = origin === 'partner' ? { scope: 'partner' as const, target: tenantId } : { scope: 'tenant' as const };
    const { targets } = value.usersAndGroups;
    const isForSome = targets.some(({ target }) => target !== ALL_USERS);
    // The setting names people of theirs by ids, the agreement by addresses: whether they are the same only they know.
    if (isForSome && users.length > 0) return undefined;
    // Whoever is named is let in and the others are not, or the other way round: either way somebody is not.
    return {
      level: !isForSome && permitsAccess(value, NOBODY_KNOWN, null) ? 'invite' : 'none',
      setting: { tenantId: ctx.tenantId, module, ...at, name: part },
      isForSome,
    };
  },
  grantKinds: [
    'directory.guest',
    'directory.invitation',
    'directory.group-member',
    'directory.group-owner',
    'directory.role',
  ],
};

/** As our agreement with somebody's home says now, by its tenant where that is known, else by the domain. */
export const agreedToCome = (ctx: Context, who: { domain: string; homeTenantId: string | null }): AgreedStanding =>
  agreedStanding(ctx, guestsTerm, 'ours', who.homeTenantId ? { tenantId: who.homeTenantId } : { domain: who.domain });

/** Whether one of our people may go there. */
export function agreedToGo(ctx: Context, to: { tenantId: string }, person: NamedPerson): AgreedStanding {
  const standing = agreedStanding(ctx, guestsTerm, 'theirs', to);
  return namesAnybody(standing.people) ? meaning(standing, person) : standing;
}

/** The groups that must be known of somebody before it is known whether the agreement means them. */
export const groupsAgreedToGo = (ctx: Context, to: { tenantId: string }): string[] =>
  groupsMeant(agreedStanding(ctx, guestsTerm, 'theirs', to).people);

interface Facts {
  readonly tenant: TenantFacts;
  /** Undefined: nobody is to be a guest. */
  readonly agreement: AgreedStanding | undefined;
}

/** Ceilings on guests, coming and going. */
export const AGREED_GUESTS = [
  agreementIsInForce(({ agreement }: Facts) => agreement),
  agreedLevel<Facts, never>(({ agreement }) => agreement, { none: false, invite: true }),
] as const;
