import { z } from 'zod';
import { administrative } from '../../kernel/administration.ts';
import type { Context, TenantFacts } from '../../kernel/context.ts';
import { ceiling, type GrantFact, question, type SettingAddress } from '../../kernel/decision.ts';
import type { SettingsSnapshot } from '../../kernel/settings.ts';
import { ALLOW_ALL, namedIn, permitsAccess, type Which, type Who } from '../model/access-setting.ts';
import { type AccessPart, type InForce, inForce, type Mode } from '../model/cross-tenant-access.ts';
import { accessDefaults, partnerAccess } from '../settings.ts';
import { AGREED_GUESTS, agreedToCome, agreedToGo, groupsAgreedToGo } from './agreed-guests.ts';

/** What holds of every other organisation at once: who manages single ones may see it (CT-21). */
export const administerAccessDefaults = administrative({
  name: 'partners.access-defaults.administer',
  sentence: 'May they decide how the organisation works together with everybody else?',
  read: ['security-reader', 'auditor', 'partner-administrator'],
  write: ['security-administrator'],
  permissions: { read: ['Policy.Read.All'], write: ['Policy.ReadWrite.CrossTenantAccess'] },
});

const PART_OF = {
  collaboration: { in: 'b2bCollaborationInbound', out: 'b2bCollaborationOutbound' },
  'direct-connect': { in: 'b2bDirectConnectInbound', out: 'b2bDirectConnectOutbound' },
} as const satisfies Record<Mode, Record<'in' | 'out', AccessPart>>;

export const partOf = (mode: Mode, direction: 'in' | 'out'): AccessPart => PART_OF[mode][direction];

/** One cell of the policy and who meets it, as a ceiling reads them. */
export interface AccessFacts {
  readonly tenantId: string;
  readonly partnerId: string;
  readonly part: AccessPart;
  readonly cell: InForce<AccessPart>;
  readonly who: Who;
  readonly which: Which;
}

export function accessFacts(
  ctx: { readonly tenantId: string; readonly settings: SettingsSnapshot },
  part: AccessPart,
  asked: { readonly partnerId: string; readonly who: Who; readonly which: Which },
): AccessFacts {
  return { tenantId: ctx.tenantId, part, cell: inForce(ctx.settings, asked.partnerId, part), ...asked };
}

const permits = ({ cell, who, which }: AccessFacts) => permitsAccess(cell.value, who, which);

function addressOf({ tenantId, partnerId, part, cell }: AccessFacts): SettingAddress {
  return cell.origin === 'partner'
    ? { tenantId, module: partnerAccess.name, scope: 'partner', target: partnerId, name: part, value: cell.value }
    : { tenantId, module: accessDefaults.name, scope: 'tenant', name: part, value: cell.value };
}

const FIXED = (name: string): SettingAddress => ({ tenantId: '', module: 'partners', scope: 'fixed', name });

/** Cross-tenant access, inbound: read in the organisation that is visited. Null: the person has no organisation. */
export const partnerMayComeIn = ceiling(
  'partners.partner-may-come-in',
  'The organisation decides of each other one which of its people may come, and for what.',
  ({ inbound }: { readonly inbound: AccessFacts | null }) => inbound === null || permits(inbound),
  {
    setting: ({ inbound }) => (inbound ? addressOf(inbound) : FIXED('b2bCollaborationInbound')),
    remedy: 'administrator',
    flip: () => ALLOW_ALL,
  },
);

/** Cross-tenant access, outbound: read at home. */
export const homeLetsPersonOut = ceiling(
  'partners.home-lets-person-out',
  'The home organisation decides where its people may go, and for what.',
  ({ outbound }: { readonly outbound: AccessFacts }) => permits(outbound),
  { setting: ({ outbound }) => addressOf(outbound), remedy: 'administrator', flip: () => ALLOW_ALL },
);

/** What home has answered, where somebody comes. Why it did is home's to know. */
export const homeHasLetOut = ceiling(
  'partners.home-has-let-out',
  'Somebody comes only if their own organisation lets them out.',
  ({ homeLetsOut }: HomeFacts) => homeLetsOut,
  {
    setting: ({ homeTenantId, homeReference, mode }) => ({
      tenantId: homeTenantId ?? '',
      module: partnerAccess.name,
      scope: 'partner',
      name: partOf(mode, 'out'),
      value: homeReference,
    }),
    remedy: 'partner',
  },
);

export interface HomeFacts {
  readonly homeTenantId: string | null;
  readonly homeLetsOut: boolean;
  /** What home calls its refusal. */
  readonly homeReference: string | null;
  readonly mode: Mode;
}

const tenantId = z.guid().toLowerCase();
const which = z
  .object({ id: z.string().max(100), isOwn: z.boolean() })
  .nullable()
  .default(null);
const who = {
  userId: z.guid().toLowerCase().nullable().default(null),
  groupIds: z.array(z.guid().toLowerCase()).default([]),
};
const mode = z.enum(['collaboration', 'direct-connect']).default('collaboration');

const outInput = z.object({
  tenantId,
  mode,
  ...who,
  application: which,
  /** Of the person, lower case: agreements name people by them. Left out: those of whoever asks. */
  addresses: z.array(z.string().max(320)).max(500).optional(),
});
type OutInput = z.output<typeof outInput>;

const addressesOf = ({ actor }: Context) => (actor.kind === 'account' ? [actor.userPrincipalName.toLowerCase()] : []);

/** May somebody at home here go there? Asked at home, of home's own settings (CT-7). */
export const goOut = question({
  name: 'partners.people.go-out',
  sentence: 'May our people work at this organisation?',
  levels: ['none', 'out'] as const,
  input: outInput,
  facts: (ctx: Context, { tenantId: partnerId, mode, userId, groupIds, application, addresses }: OutInput) => ({
    tenant: ctx.tenant,
    agreement:
      mode === 'collaboration'
        ? agreedToGo(
            ctx,
            { tenantId: partnerId },
            { addresses: addresses ?? addressesOf(ctx), groups: new Set(groupIds) },
          )
        : undefined,
    outbound: accessFacts(ctx, partOf(mode, 'out'), { partnerId, who: { userId, groupIds }, which: application }),
  }),
  ceilings: [...AGREED_GUESTS, homeLetsPersonOut],
  *grants({ outbound }): Iterable<GrantFact<'none' | 'out'>> {
    const subject = { kind: 'account', id: outbound.who.userId ?? '' };
    yield { id: 'member', level: 'out', path: 'membership', subject };
  },
  grantedBy: 'administrator',
});

const inInput = z.object({
  /** Null: whoever is at home in no organisation. Then the policy has nothing to say of them. */
  homeTenantId: tenantId.nullable(),
  ...who,
  application: which,
  /** What home has answered. */
  homeLetsOut: z.boolean().default(true),
  homeReference: z.guid().nullable().default(null),
});
type InInput = z.output<typeof inInput>;

const proof = {
  /** Whether what is used wants a second factor, and whether one was shown: here, or at home where that is trusted. */
  needsSecondFactor: z.boolean().default(false),
  hasSecondFactor: z.boolean().default(false),
};
type Proof = { readonly needsSecondFactor: boolean; readonly hasSecondFactor: boolean };

const device = {
  /** Whether a device is wanted that home looks after, and whether home has said so where that is trusted. */
  needsCompliantDevice: z.boolean().default(false),
  hasCompliantDevice: z.boolean().default(false),
};
type Device = { readonly needsCompliantDevice: boolean; readonly hasCompliantDevice: boolean };

/** Where an organisation says what people of others show before they come in: signin's own, which asks us. */
const shownBeforeComingIn = (name: string, { tenant }: { readonly tenant: TenantFacts }, value: boolean) =>
  ({ tenantId: tenant.id, module: 'signin.guests', scope: 'tenant', name, value }) as const;

/** A device is not made compliant at the sign-in page, so whoever has none is turned away (CT-11). */
export const deviceIsCompliant = ceiling(
  'partners.device-is-compliant',
  'Where a device is needed that its organisation looks after, home says so and its word is trusted here.',
  ({ needsCompliantDevice, hasCompliantDevice }: Device & { readonly tenant: TenantFacts }) =>
    !needsCompliantDevice || hasCompliantDevice,
  {
    setting: (facts) => shownBeforeComingIn('requireCompliantDevice', facts, facts.needsCompliantDevice),
    remedy: 'administrator',
  },
);

/** May a guest of ours come in now? Asked where they come, each time (CT-7, CT-10, CT-13). */
export const comeIn = question({
  name: 'partners.people.come-in',
  sentence: 'May a guest from this organisation come in?',
  levels: ['none', 'challenge', 'in'] as const,
  input: inInput.extend({ ...proof, ...device }),
  facts: (
    ctx: Context,
    { homeTenantId, userId, groupIds, application, homeLetsOut, homeReference, ...proven }: InInput & Proof & Device,
  ) => ({
    tenant: ctx.tenant,
    // Also of who is in already: an agreement that is suspended lets nobody of its partner go on (DESIGN §3).
    agreement: homeTenantId === null ? undefined : agreedToCome(ctx, { domain: '', homeTenantId }),
    inbound:
      homeTenantId === null
        ? null
        : accessFacts(ctx, 'b2bCollaborationInbound', {
            partnerId: homeTenantId,
            who: { userId, groupIds },
            which: application,
          }),
    homeTenantId,
    homeLetsOut,
    homeReference,
    mode: 'collaboration' as const,
    ...proven,
  }),
  ceilings: [
    homeHasLetOut,
    partnerMayComeIn,
    ...AGREED_GUESTS,
    deviceIsCompliant,
    ceiling(
      'partners.second-factor-shown',
      'Where a second factor is needed, it is shown: here, or at home where that is trusted.',
      ({ needsSecondFactor, hasSecondFactor }: Proof & { readonly tenant: TenantFacts }): 'challenge' | 'in' =>
        needsSecondFactor && !hasSecondFactor ? 'challenge' : 'in',
      {
        setting: (facts) => shownBeforeComingIn('requireSecondFactor', facts, facts.needsSecondFactor),
        remedy: 'sign-in-again',
      },
    ),
  ],
  // Whoever asks has found the guest.
  *grants({ inbound }): Iterable<GrantFact<'none' | 'challenge' | 'in'>> {
    const subject = { kind: 'guest', id: inbound?.who.userId ?? '' };
    yield { id: 'guest', level: 'in', path: 'direct', subject };
  },
  grantedBy: 'administrator',
});

const connectInput = inInput.extend({ homeTenantId: tenantId, ...proof });
type ConnectInput = z.output<typeof connectInput>;

interface ConnectFacts extends HomeFacts, Proof {
  readonly inbound: AccessFacts;
  readonly tenant: TenantFacts;
  readonly trust: InForce<'inboundTrust'>;
}

/**
 * May somebody without an object here use what is shared with them? Both sides must allow it (CT-8). A second factor is
 * shown at home or not at all: there is no account here to register one for (CT-9).
 */
export const useDirectConnect = question({
  name: 'partners.direct-connect.use',
  sentence: 'May people of this organisation use what is shared with them, without being guests?',
  levels: ['none', 'challenge', 'use'] as const,
  input: connectInput,
  facts: (ctx: Context, input: ConnectInput): ConnectFacts => ({
    inbound: accessFacts(ctx, 'b2bDirectConnectInbound', {
      partnerId: input.homeTenantId,
      who: { userId: input.userId, groupIds: input.groupIds },
      which: input.application,
    }),
    tenant: ctx.tenant,
    homeTenantId: input.homeTenantId,
    homeLetsOut: input.homeLetsOut,
    homeReference: input.homeReference,
    mode: 'direct-connect',
    trust: inForce(ctx.settings, input.homeTenantId, 'inboundTrust'),
    needsSecondFactor: input.needsSecondFactor,
    hasSecondFactor: input.hasSecondFactor,
  }),
  ceilings: [
    homeHasLetOut,
    partnerMayComeIn,
    ceiling(
      'partners.second-factor-is-trusted',
      'Where a second factor is needed, the one shown at home must be trusted.',
      ({ needsSecondFactor, trust }: ConnectFacts) => !needsSecondFactor || trust.value.isMfaAccepted,
      {
        setting: ({ tenant, trust, inbound }) => ({
          ...addressOf({ ...inbound, tenantId: tenant.id }),
          module: trust.origin === 'partner' ? partnerAccess.name : accessDefaults.name,
          scope: trust.origin === 'partner' ? 'partner' : 'tenant',
          name: 'inboundTrust',
          value: trust.value,
        }),
        remedy: 'administrator',
      },
    ),
    ceiling(
      'partners.second-factor-shown-at-home',
      'Where a second factor is needed, it is shown at home.',
      ({ needsSecondFactor, hasSecondFactor }: ConnectFacts): 'challenge' | 'use' =>
        needsSecondFactor && !hasSecondFactor ? 'challenge' : 'use',
      {
        setting: (facts) => shownBeforeComingIn('requireSecondFactor', facts, facts.needsSecondFactor),
        remedy: 'sign-in-again',
      },
    ),
  ],
  *grants({ homeTenantId }): Iterable<GrantFact<'none' | 'challenge' | 'use'>> {
    yield { id: 'shared', level: 'use', path: 'direct', subject: { kind: 'tenant', id: homeTenantId ?? '' } };
  },
  grantedBy: 'owner',
});

const networkInput = z.object({ homeTenantId: tenantId, ...who, application: which });
type NetworkInput = z.output<typeof networkInput>;

/**
 * May an account of another organisation be used from our network, at another organisation? Asked of the organisation
 * whose network it is (CT-19).
 */
export const useFromNetwork = question({
  name: 'partners.network.use-elsewhere',
  sentence: 'May accounts of this organisation be used from our network?',
  levels: ['none', 'use'] as const,
  input: networkInput,
  facts: (ctx: Context, { homeTenantId, userId, groupIds, application }: NetworkInput) => ({
    restriction: accessFacts(ctx, 'tenantRestrictions', {
      partnerId: homeTenantId,
      who: { userId, groupIds },
      which: application,
    }),
  }),
  ceilings: [
    ceiling(
      'partners.network-permits-account',
      'The organisation decides which accounts of others are used from its network.',
      ({ restriction }: { readonly restriction: AccessFacts }) => permits(restriction),
      { setting: ({ restriction }) => addressOf(restriction), remedy: 'administrator', flip: () => ALLOW_ALL },
    ),
  ],
  *grants({ restriction }): Iterable<GrantFact<'none' | 'use'>> {
    yield { id: 'network', level: 'use', path: 'direct', subject: { kind: 'tenant', id: restriction.partnerId } };
  },
  grantedBy: 'administrator',
});

/** What our policy says of one organisation that brings its people by itself. */
export interface BringFacts {
  readonly homeTenantId: string;
  readonly isSyncAllowed: boolean;
  readonly isConsentAutomatic: boolean;
}

export const bringFacts = ({ settings }: Context, homeTenantId: string): BringFacts => ({
  homeTenantId,
  isSyncAllowed:
    settings.partner(partnerAccess, homeTenantId).identitySynchronization?.userSyncInbound.isSyncAllowed ?? false,
  isConsentAutomatic: inForce(settings, homeTenantId, 'automaticUserConsentSettings').value.inboundAllowed,
});

/**
 * The groups that must be known of our people before it is known who of them may go there as a guest. Undefined where
 * neither the policy nor the agreement names anybody: then one answer is everybody's.
 */
export function goingNames(ctx: Context, partnerId: string): { readonly groups: readonly string[] } | undefined {
  const { users, groups } = namedIn([inForce(ctx.settings, partnerId, 'b2bCollaborationOutbound').value]);
  const { people } = agreedToGo(ctx, { tenantId: partnerId }, { addresses: [], groups: new Set() });
  if (users.length + groups.length === 0 && people.every((list) => list === 'everyone')) return undefined;
  return { groups: [...groups, ...groupsAgreedToGo(ctx, { tenantId: partnerId })] };
}

/** The people and groups at home that decide whether somebody may come from there; undefined where nobody is named. */
export function comingNames(settings: SettingsSnapshot, partnerId: string): ReturnType<typeof namedIn> | undefined {
  const named = namedIn([inForce(settings, partnerId, 'b2bCollaborationInbound').value]);
  return named.users.length + named.groups.length > 0 ? named : undefined;
}

/** Whether the policy names anybody at any home. */
export const namesAnybodyToCome = (settings: SettingsSnapshot): boolean =>
  ['', ...settings.partners(partnerAccess)].some((partner) => comingNames(settings, partner) !== undefined);
