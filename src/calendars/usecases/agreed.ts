import { listMembershipsAmong, subjectsOf } from '../../directory/index.ts';
import {
  type AgreedStanding,
  type AgreementTerm,
  agreedStanding,
  groupsMeant,
  meaning,
  type NamedPerson,
  namesAnybody,
  type PartnerName,
} from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import type { Owner } from '../model/calendar.ts';
import type { PartnerCapability } from '../model/relationship.ts';
import { partnerCapabilities } from '../settings.ts';
import { readOwner } from './owners.ts';

/** Whom it reaches is said by the agreement itself: its own rule holds that. */
const FOR_EVERYBODY = {
  isAllowed: true,
  included: [{ resourceId: 'All', resourceType: 'user' as const }],
  excluded: [],
  changedAt: null,
};

/** A capability of the partner for the level that was agreed. */
const opens =
  (capabilities: Readonly<Record<string, PartnerCapability>>): NonNullable<AgreementTerm['settings']> =>
  ({ tenantId }, { ours }) => {
    const name = capabilities[ours];
    return name ? [{ declaration: partnerCapabilities, target: tenantId, values: { [name]: FOR_EVERYBODY } }] : [];
  };

export const freeBusyTerm: AgreementTerm = {
  name: 'calendars.free-busy',
  workload: 'calendar',
  title: 'When people are free',
  sentence: 'How much is told of when people are free: times alone, or subject and place too.',
  levels: ['none', 'availability', 'limited-details'],
  settings: opens({
    availability: 'crossTenantCalendarAvailabilityBasic',
    'limited-details': 'crossTenantCalendarAvailabilityLimitedDetails',
  }),
};

export const sharingTerm: AgreementTerm = {
  name: 'calendars.sharing',
  workload: 'calendar',
  title: 'Calendars that people share',
  sentence: 'How much of their calendars people may share with people of the other organisation.',
  levels: ['none', 'availability', 'limited-details', 'full'],
  settings: opens({
    availability: 'crossTenantCalendarSharingFreeBusySimple',
    'limited-details': 'crossTenantCalendarSharingFreeBusyDetail',
    full: 'crossTenantCalendarSharingFreeBusyReviewer',
  }),
  grantKinds: ['calendars.calendar'],
};

export const mailTipsTerm: AgreementTerm = {
  name: 'calendars.mail-tips',
  workload: 'mail',
  title: 'Tips on recipients',
  sentence: 'What senders are told of recipients before they send.',
  levels: ['none', 'limited', 'all'],
  settings: opens({ limited: 'crossTenantMailTipsLimited', all: 'crossTenantMailTipsAll' }),
};

/** It sets nothing: whoever brings an invitation is asked about it. */
export const invitationsTerm: AgreementTerm = {
  name: 'calendars.invitations',
  workload: 'calendar',
  title: 'Invitations to meetings',
  sentence: 'Whether people may invite people of the other organisation to meetings, from server to server.',
  levels: ['none', 'invite'],
};

/** How far an agreement lets people of a partner come to one of our mailboxes. */
export const agreedOn = async (
  ctx: Context,
  term: AgreementTerm,
  partner: PartnerName,
  owner: Owner | undefined,
): Promise<AgreedStanding> => {
  const standing = agreedStanding(ctx, term, 'ours', partner);
  return namesAnybody(standing.people) ? meaning(standing, await personOf(ctx, standing, owner)) : standing;
};

/** How far an agreement lets whoever asks come to what is the partner's. */
export async function agreedForAsker(ctx: Context, term: AgreementTerm, partner: PartnerName): Promise<AgreedStanding> {
  const standing = agreedStanding(ctx, term, 'theirs', partner);
  if (!namesAnybody(standing.people)) return standing;
  const { actor } = ctx;
  if (actor.kind !== 'account') return meaning(standing, undefined);
  const groups = (await subjectsOf(ctx, actor.accountId)).filter(({ kind }) => kind === 'group').map(({ id }) => id);
  const addresses = [actor.userPrincipalName.toLowerCase()];
  return meaning(standing, { addresses, groups: new Set(groups) });
}

async function personOf(
  ctx: Context,
  { people }: AgreedStanding,
  owner: Owner | undefined,
): Promise<NamedPerson | undefined> {
  const card = owner && (await readOwner(ctx, owner));
  if (!owner || !card) return undefined;
  const groups = await listMembershipsAmong(ctx, [owner.id], groupsMeant(people));
  return {
    addresses: card.addresses.map((address) => address.toLowerCase()),
    groups: new Set(groups.map(({ groupId }) => groupId)),
  };
}
