import type { Context } from '../../kernel/context.ts';
import type { EndedItem, Outsider, Tie } from '../../kernel/module.ts';
import { changeSettings, removeSettings } from '../../tenants/index.ts';
import { organizationRelationships, sharingPolicies } from '../settings.ts';
import { settleOutgoing } from '../store/scheduling.ts';
import { eraseSubscriptionsTo, listSubscriptionsTo, listWaitingTo } from '../store/ties.ts';

const isWhole = ({ accountId }: Outsider) => accountId === null;
const names = ({ domains }: Outsider, rule: string) =>
  domains.includes(rule.slice(0, rule.indexOf(':')).trim().toLowerCase());

function relationshipsWith(ctx: Context, outsider: Outsider) {
  const { tenantId, domains } = outsider;
  return [...ctx.settings.collection(organizationRelationships)].filter(
    ([, { domainNames, partnerTenantId }]) =>
      (tenantId !== null && partnerTenantId === tenantId) || domainNames.some((one) => domains.includes(one)),
  );
}

const policiesNaming = (ctx: Context, outsider: Outsider) =>
  [...ctx.settings.collection(sharingPolicies)].filter(([, { rules }]) => rules.some((rule) => names(outsider, rule)));

/** What of calendars ties us to another organisation, besides what is shared with its people one by one. */
export const calendarsTies: readonly Tie[] = [
  {
    name: 'calendars.levels',
    titles: {
      'calendars.relationship': 'Organization relationship',
      'calendars.sharing-rule': 'Sharing policy that names the domain',
    },
    stage: 'revoke',
    closeAtOnce: async (ctx, outsider) => {
      if (isWhole(outsider))
        for (const [id] of relationshipsWith(ctx, outsider))
          await changeSettings(ctx, organizationRelationships, id, { enabled: false });
    },
    async list(ctx, outsider, { limit, except }) {
      if (!isWhole(outsider)) return [];
      const found = [
        ...relationshipsWith(ctx, outsider).map(([id, { name, domainNames }]) => ({
          id,
          kind: 'calendars.relationship',
          subject: domainNames.join(', '),
          object: name,
        })),
        ...policiesNaming(ctx, outsider).map(([id, { name }]) => ({
          id,
          kind: 'calendars.sharing-rule',
          subject: outsider.domains.join(', '),
          object: name,
        })),
      ];
      return found.filter(({ id }) => !except.includes(id)).slice(0, limit);
    },
    async end(ctx, outsider, items) {
      const policies = ctx.settings.collection(sharingPolicies);
      for (const { id, kind } of items) {
        if (kind === 'calendars.relationship') await removeSettings(ctx, organizationRelationships, id);
        else
          await changeSettings(ctx, sharingPolicies, id, {
            rules: policies.get(id)?.rules.filter((rule) => !names(outsider, rule)) ?? null,
          });
      }
      return items.map(({ id }): EndedItem => ({ id, outcome: 'revoked' }));
    },
    cannotRecall: [
      'Invitations to meetings that were delivered, and calendars that were copied, stay where they are.',
      'A calendar published at an address that nobody was named for stays open to whoever knows the address.',
    ],
  },
  {
    name: 'calendars.subscriptions',
    titles: { 'calendars.shared-calendar': 'Calendar of theirs in a list of ours' },
    stage: 'revoke',
    list: async (ctx, outsider, page) =>
      isWhole(outsider) && outsider.tenantId !== null ? listSubscriptionsTo(ctx, outsider.tenantId, page) : [],
    async end(ctx, _outsider, items) {
      await eraseSubscriptionsTo(
        ctx,
        items.map(({ id }) => id),
      );
      return items.map(({ id }) => ({ id, outcome: 'revoked' }));
    },
  },
  {
    name: 'calendars.outgoing',
    titles: { 'calendars.waiting-message': 'Message about a meeting that waited' },
    stage: 'revoke',
    list: async (ctx, outsider, page) => (isWhole(outsider) ? listWaitingTo(ctx, outsider.domains, page) : []),
    async end(ctx, _outsider, items) {
      await settleOutgoing(
        ctx,
        items.map(({ id }) => id),
        { state: 'failed', status: '5.1' },
      );
      return items.map(({ id }) => ({ id, outcome: 'revoked' }));
    },
  },
];
