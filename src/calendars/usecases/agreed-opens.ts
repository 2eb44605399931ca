/** How far our own settings let a partner's people come, agreements aside: what an agreement is compared with. */
import { eachAddress, findAddressHolders, listMembershipsAmong } from '../../directory/index.ts';
import {
  type AgreedPartner,
  type AgreementTerm,
  groupsMeant,
  isMeant,
  type Opening,
  type Whom,
} from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import type { SettingAddress } from '../../kernel/decision.ts';
import { mailTipsAccess, type PartnerAccess, partnerAccess, type Scoped } from '../model/partner-access.ts';
import { groupsNamedIn, namesSome, PARTNER_CAPABILITIES } from '../model/relationship.ts';
import type { Role } from '../model/roles.ts';
import { capabilityCap } from '../model/sharing-capability.ts';
import { capOf } from '../model/sharing-policy.ts';
import { defaultCapabilities, mailTips, partnerCapabilities, sharingPolicies } from '../settings.ts';
import { listMailboxes } from '../store/calendars.ts';
import { countAssigned } from '../store/sharing.ts';
import { freeBusyTerm, invitationsTerm, mailTipsTerm, sharingTerm } from './agreed.ts';
import { partnerRules, scopeGroupsOf } from './free-busy.ts';
import { readOwner } from './owners.ts';
import { policiesOf, policyFor } from './policies.ts';

const PAGE = 1_000;
/** Nobody in particular: reached by what reaches everybody. */
const ANYBODY: Scoped = { accountId: '', groups: new Set() };

const FREE_BUSY = {
  none: 'none',
  'busy-only': 'availability',
  limited: 'limited-details',
  full: 'limited-details',
} as const;
const TIPS = { none: 'none', limited: 'limited', all: 'all' } as const;
const SHARING: Readonly<Partial<Record<Role, string>>> = {
  none: 'none',
  freeBusyRead: 'availability',
  limitedRead: 'limited-details',
};

/** What settings open to a partner of one of our people, told by their account and groups. */
interface Measure {
  readonly levels: readonly string[];
  /** The groups that settings name. */
  readonly groups: readonly string[];
  /** Whether it is not the same of everybody. */
  readonly differs: boolean;
  of(person: Scoped & { readonly sharingPolicyId: string | null }): Opening;
}

/** The least that settings open of anybody whom the agreement means. */
async function least(ctx: Context, measure: Measure, owners: readonly Whom[]): Promise<Opening> {
  const { levels, of } = measure;
  if (!measure.differs) return of({ ...ANYBODY, sharingPolicyId: null });
  const rank = ({ level }: Opening) => levels.indexOf(level);
  let lowest: Opening | undefined;
  let highest: Opening | undefined;
  for await (const ids of meantAmong(ctx, owners)) {
    const people = ids.map((id) => ({ kind: 'account', id }) as const);
    const policies = new Map((await listMailboxes(ctx, people)).map((one) => [one.owner.id, one.sharingPolicyId]));
    const groups = Map.groupBy(await listMembershipsAmong(ctx, ids, measure.groups), ({ accountId }) => accountId);
    for (const id of ids) {
      const inGroups = new Set(groups.get(id)?.map(({ groupId }) => groupId));
      const found = of({ accountId: id, groups: inGroups, sharingPolicyId: policies.get(id) ?? null });
      if (!lowest || rank(found) < rank(lowest)) lowest = found;
      if (!highest || rank(found) > rank(highest)) highest = found;
    }
    if (lowest && highest && rank(lowest) === 0 && rank(highest) > 0) break;
  }
  if (!lowest || !highest) return of({ ...ANYBODY, sharingPolicyId: null });
  return { ...lowest, isForSome: rank(lowest) < rank(highest) };
}

/** Our people whom every one of the lists names, in pages of their ids. */
async function* meantAmong(ctx: Context, lists: readonly Whom[]): AsyncIterable<readonly string[]> {
  const named = lists.flatMap((list) => (list === 'everyone' ? [] : (list.people ?? [])));
  const byName = Map.groupBy(await findAddressHolders(ctx, named), ({ id }) => id);
  const namesDomains = lists.some((list) => list !== 'everyone' && (list.domains?.length ?? 0) > 0);
  for await (const page of eachAddress(ctx, PAGE)) {
    const ids = page.map(({ id }) => id);
    const groups = Map.groupBy(await listMembershipsAmong(ctx, ids, groupsMeant(lists)), ({ accountId }) => accountId);
    const meant: string[] = [];
    for (const { id, address } of page) {
      const more = (namesDomains && (await readOwner(ctx, { kind: 'account', id }))?.addresses) || [];
      const addresses = [address, ...more, ...(byName.get(id) ?? []).map((one) => one.address)];
      if (isMeant(lists, { addresses, groups: new Set(groups.get(id)?.map(({ groupId }) => groupId)) })) meant.push(id);
    }
    yield meant;
  }
}

/** Whether rules about a partner are not the same for all of our people. */
const namesPeople = ({ relationship, capabilities }: ReturnType<typeof partnerRules>): boolean =>
  relationship?.values.freeBusyAccessScope != null ||
  relationship?.values.mailTipsAccessScope != null ||
  [capabilities.partner, capabilities.byDefault].some((set) =>
    PARTNER_CAPABILITIES.some((name) => namesSome(set[name])),
  );

/** What relationships and capabilities open: the lowest over every domain of the partner, as one speaks of one alone. */
function byPartnerRules<Level extends string>(
  ctx: Context,
  { tenantId, domains }: AgreedPartner,
  { levels }: AgreementTerm,
  words: Readonly<Record<Level, string>>,
  access: (rules: ReturnType<typeof partnerRules>, person: Scoped) => PartnerAccess<Level>,
): Measure {
  const all = domains.map((domain) => partnerRules(ctx, { address: `anybody@${domain}`, homeTenantId: tenantId }));
  return {
    levels,
    groups: all.flatMap(scopeGroupsOf),
    differs: all.some(namesPeople),
    of: (person) =>
      all
        .map((rules): Opening => {
          const { isOpen, isInScope, level, settings } = access(rules, person);
          const at = !isOpen ? settings.enabled : isInScope ? settings.level : settings.scope;
          const setting: SettingAddress = { tenantId: ctx.tenantId, module: 'calendars', ...at };
          return { level: !isOpen || !isInScope || level === true ? levels[0]! : words[level], setting };
        })
        .toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level))[0]!,
  };
}

/** What sharing policies and capabilities let people share. */
async function bySharingRules(ctx: Context, { tenantId, domains }: AgreedPartner): Promise<Measure> {
  const { levels } = sharingTerm;
  const policies = policiesOf(ctx.settings);
  const rank = (role: Role) => levels.indexOf(SHARING[role] ?? 'full');
  const set = {
    byDefault: ctx.settings.tenant(defaultCapabilities),
    partner: ctx.settings.partner(partnerCapabilities, tenantId),
  };
  const capabilities = PARTNER_CAPABILITIES.flatMap((name) => [set.partner[name], set.byDefault[name]]);
  const base = { tenantId: ctx.tenantId, module: 'calendars' };
  return {
    levels,
    groups: groupsNamedIn(capabilities),
    differs: capabilities.some(namesSome) || (await countAssigned(ctx)).size > 0,
    of(person) {
      const cap = capabilityCap(true, set, person);
      const policy = policyFor(policies, person.sharingPolicyId);
      const byPolicy = Math.min(
        ...domains.map((domain) => rank(capOf(policy, { domain, isOrganisation: true, tenantId } as never))),
      );
      const byCapability = cap === undefined ? Number.POSITIVE_INFINITY : rank(cap.role);
      if (byCapability < byPolicy) {
        const setting = { ...base, scope: 'partner', target: tenantId, name: cap!.name } as const;
        return { level: levels[byCapability]!, setting };
      }
      const target = policy?.id ?? policies.standard.id;
      const setting = { ...base, module: sharingPolicies.name, scope: 'container', target, name: 'rules' } as const;
      return { level: levels[byPolicy]!, setting };
    },
  };
}

/** The terms of calendars, each with what our own settings open. */
export const measuredTerms: readonly AgreementTerm[] = [
  {
    ...freeBusyTerm,
    opens: (ctx, partner, { owners }) =>
      least(ctx, byPartnerRules(ctx, partner, freeBusyTerm, FREE_BUSY, partnerAccess), owners),
  },
  {
    ...sharingTerm,
    opens: async (ctx, partner, { owners }) => least(ctx, await bySharingRules(ctx, partner), owners),
  },
  {
    ...mailTipsTerm,
    async opens(ctx, partner, { owners }) {
      if (ctx.settings.tenant(mailTips).allTipsEnabled)
        return least(ctx, byPartnerRules(ctx, partner, mailTipsTerm, TIPS, mailTipsAccess), owners);
      const setting = {
        tenantId: ctx.tenantId,
        module: mailTips.name,
        scope: 'tenant',
        name: 'allTipsEnabled',
      } as const;
      return { level: 'none', setting };
    },
  },
  invitationsTerm,
];
