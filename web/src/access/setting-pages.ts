import type { SettingAddress } from './wire.ts';

/** Collections have pages of their own, which open the one that it is about. */
const PAGES: Readonly<Record<string, string>> = {
  enabled: '/sharing-policies',
  rules: '/sharing-policies',
  freeBusyAccessEnabled: '/relationships',
  freeBusyAccessLevel: '/relationships',
  freeBusyAccessScope: '/relationships',
  mailTipsAccessEnabled: '/relationships',
  mailTipsAccessLevel: '/relationships',
  mailTipsAccessScope: '/relationships',
  deliveryReportEnabled: '/relationships',
};

/** What is no setting, and is changed on a page of its own. */
const OTHERS: Readonly<Record<string, string>> = { 'tenants licences': '/licences' };

/** What was agreed stands in the agreement alone. */
const AGREED: readonly string[] = ['ours', 'theirs'];

/** The cross-tenant access policy: of everybody, and of one organisation. */
const POLICIES: readonly string[] = ['partners.access-defaults', 'partners.partner-access'];

/** The page on which a setting is changed. */
export function pageOf({
  module,
  scope,
  name,
  target,
}: Pick<SettingAddress, 'module' | 'scope' | 'name' | 'target'>): string {
  if (module === 'partners' && scope === 'partner' && AGREED.includes(name))
    return target ? `/partners/${encodeURIComponent(target)}/agreement` : '/partners';
  if (POLICIES.includes(module)) return `/cross-tenant-access${target ? `/${encodeURIComponent(target)}` : ''}`;
  const other = OTHERS[`${module} ${name}`];
  if (other) return other;
  const page = module === 'calendars' && scope === 'container' ? PAGES[name] : undefined;
  return page ? `${page}?open=${encodeURIComponent(target ?? '')}` : `/settings?find=${encodeURIComponent(name)}`;
}
