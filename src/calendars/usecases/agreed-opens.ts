/** How far our own settings let a partner's people come, agreements aside: what an agreement is compared with. */
import type { AgreementTerm } from '../../kernel/agreement.ts';
import type { SettingAddress } from '../../kernel/decision.ts';
import { mailTipsAccess, type PartnerAccess, partnerAccess, type Scoped } from '../model/partner-access.ts';
import type { Role } from '../model/roles.ts';
import { capabilityCap } from '../model/sharing-capability.ts';
import { capOf } from '../model/sharing-policy.ts';
import { defaultCapabilities, mailTips, partnerCapabilities, sharingPolicies } from '../settings.ts';
import { freeBusyTerm, invitationsTerm, mailTipsTerm, sharingTerm } from './agreed.ts';
import { partnerRules } from './free-busy.ts';
import { policiesOf } from './policies.ts';

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

type Opens = NonNullable<AgreementTerm['opens']>;

/** The lowest over every domain of the partner: a relationship speaks of one domain alone. */
const opens =
  <Level extends string>(
    levels: Readonly<Record<Level, string>>,
    order: readonly string[],
    access: (rules: ReturnType<typeof partnerRules>) => PartnerAccess<Level>,
  ): Opens =>
  async (ctx, { tenantId, domains }) => {
    const found = domains.map((domain) => {
      const { isOpen, level, settings } = access(
        partnerRules(ctx, { address: `anybody@${domain}`, homeTenantId: tenantId }),
      );
      const at = isOpen ? settings.level : settings.enabled;
      const setting: SettingAddress = { tenantId: ctx.tenantId, module: 'calendars', ...at };
      return { level: !isOpen ? order[0]! : level === true ? order.at(-1)! : levels[level], setting };
    });
    return found.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level))[0];
  };

const opensTips = opens(TIPS, mailTipsTerm.levels, (rules) => mailTipsAccess(rules, ANYBODY));

const opensSharing: Opens = async (ctx, { tenantId, domains }) => {
  const { standard } = policiesOf(ctx.settings);
  const rank = (role: Role) => sharingTerm.levels.indexOf(SHARING[role] ?? 'full');
  const cap = capabilityCap(
    true,
    {
      byDefault: ctx.settings.tenant(defaultCapabilities),
      partner: ctx.settings.partner(partnerCapabilities, tenantId),
    },
    ANYBODY,
  );
  const byPolicy = Math.min(
    ...domains.map((domain) => rank(capOf(standard, { domain, isOrganisation: true, tenantId } as never))),
  );
  const byCapability = cap === undefined ? Number.POSITIVE_INFINITY : rank(cap.role);
  const base = { tenantId: ctx.tenantId, module: 'calendars' };
  return byCapability < byPolicy
    ? {
        level: sharingTerm.levels[byCapability]!,
        setting: { ...base, scope: 'partner', target: tenantId, name: cap!.name },
      }
    : {
        level: sharingTerm.levels[byPolicy]!,
        setting: { ...base, module: sharingPolicies.name, scope: 'container', target: standard.id, name: 'rules' },
      };
};

/** The terms of calendars, each with what our own settings open. */
export const measuredTerms: readonly AgreementTerm[] = [
  { ...freeBusyTerm, opens: opens(FREE_BUSY, freeBusyTerm.levels, (rules) => partnerAccess(rules, ANYBODY)) },
  { ...sharingTerm, opens: opensSharing },
  {
    ...mailTipsTerm,
    async opens(ctx, partner) {
      if (ctx.settings.tenant(mailTips).allTipsEnabled) return opensTips(ctx, partner);
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
