import { type Grant, listGrants } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import type { EndedItem, Outsider, Tie } from '../../kernel/module.ts';
import { holdBackMails, listWaitingMailsTo } from '../../platform/mail-queue.ts';
import { changeSettings } from '../../tenants/index.ts';
import { announceAccounts } from '../events.ts';
import { GRANTS } from '../grants.ts';
import { externalCollaboration } from '../settings.ts';
import { findAccount } from '../store/accounts.ts';
import { findGroup } from '../store/groups.ts';
import { listDisplayNames } from '../store/names.ts';
import { endStays, listOutsiders } from '../store/outsiders.ts';
import { removeAccount } from './delete-account.ts';
import { putOwner, takeOwner } from './members.ts';

/** The accounts that people outside have here, and the addresses they are known by. */
export async function outsidersHere(ctx: Context, outsider: Outsider) {
  const found = await listOutsiders(ctx, outsider, { limit: null, except: [] });
  return {
    accountIds: found.map(({ id }) => id as string),
    addresses: outsider.accountId === null ? [] : found.flatMap(({ mail }) => mail ?? []),
  };
}

/** What of the directory ties us to people outside. */
export const directoryTies: readonly Tie[] = [
  {
    name: 'directory.owned-groups',
    titles: { [GRANTS.owner.kind]: 'Owner of group' },
    stage: 'hand-over',
    async list(ctx, outsider, { limit, except }) {
      if (outsider.newOwnerId === null) return [];
      const owned = (await ownedBy(ctx, outsider)).filter(({ id }) => !except.includes(id)).slice(0, limit);
      const names = await listDisplayNames(
        ctx,
        owned.flatMap(({ subject, object }) => [subject.id, object.id]),
      );
      return owned.map(({ id, kind, subject, object }) => ({
        id,
        kind,
        subject: names.get(subject.id) ?? subject.id,
        object: names.get(object.id) ?? object.id,
      }));
    },
    async end(ctx, outsider, items) {
      const newOwner = await findAccount(ctx, outsider.newOwnerId as AccountId);
      const owned = new Map(
        (await listGrants(ctx, { ids: items.map(({ id }) => id) })).map((one) => [one.id as string, one]),
      );
      const ended: EndedItem[] = [];
      for (const { id } of items) {
        const grant = owned.get(id);
        const group = grant && (await findGroup(ctx, grant.object.id as GroupId));
        if (grant && group) {
          if (newOwner) await putOwner(ctx, group, { kind: 'account', id: newOwner.id });
          await takeOwner(ctx, group, grant);
        }
        ended.push(
          newOwner
            ? { id, outcome: 'transferred', detail: `To ${newOwner.userPrincipalName}.` }
            : { id, outcome: 'revoked' },
        );
      }
      return ended;
    },
  },
  {
    name: 'directory.letters',
    isOfPeople: true,
    titles: { 'directory.waiting-letter': 'Letter that had not left' },
    stage: 'revoke',
    async list(ctx, { domains, accountId }, page) {
      if (accountId !== null) return [];
      const waiting = await listWaitingMailsTo(ctx, domains, page);
      return waiting.map(({ id, to, subject }) => ({
        id,
        kind: 'directory.waiting-letter',
        subject: to,
        object: subject,
      }));
    },
    async end(ctx, _outsider, items) {
      await holdBackMails(
        ctx,
        items.map(({ id }) => id),
        'The organisation was parted with.',
      );
      return items.map(({ id }) => ({ id, outcome: 'revoked' }));
    },
  },
  {
    name: 'directory.guests',
    isOfPeople: true,
    titles: { 'directory.guest': 'Guest', 'directory.invitation': 'Invitation nobody has accepted' },
    stage: 'remove',
    async closeAtOnce(ctx, outsider) {
      if (outsider.kinds && !outsider.kinds.includes('directory.guest')) return;
      await announceAccounts(ctx, await endStays(ctx, outsider));
      // An organisation that we know by its id is kept out by the cross-tenant access policy.
      if (outsider.accountId === null && outsider.tenantId === null && !outsider.kinds)
        await keepOut(ctx, outsider.domains);
    },
    async list(ctx, outsider, page) {
      if (outsider.kinds && !outsider.kinds.includes('directory.guest')) return [];
      return (await listOutsiders(ctx, outsider, page)).map(({ id, displayName, mail, isPending }) => ({
        id,
        kind: isPending ? 'directory.invitation' : 'directory.guest',
        subject: displayName,
        object: mail ?? '',
      }));
    },
    async end(ctx, _outsider, items) {
      for (const { id } of items) await removeAccount(ctx, id as AccountId);
      return items.map(({ id }) => ({ id, outcome: 'revoked' }));
    },
  },
];

/** Nobody is invited from these domains any more. */
async function keepOut(ctx: Context, domains: readonly string[]): Promise<void> {
  const { domainRestriction: mode, allowedDomains, blockedDomains } = ctx.settings.tenant(externalCollaboration);
  const others = blockedDomains.filter(({ domain }) => !domains.includes(domain));
  await changeSettings(
    ctx,
    externalCollaboration,
    undefined,
    mode === 'allow'
      ? { allowedDomains: allowedDomains.filter(({ domain }) => !domains.includes(domain)) }
      : {
          domainRestriction: 'deny',
          blockedDomains: [...others, ...domains.map((domain) => ({ domain, includeSubdomains: false }))],
        },
  );
}

async function ownedBy(ctx: Context, outsider: Outsider): Promise<Grant[]> {
  const { accountIds } = await outsidersHere(ctx, outsider);
  const subjects = accountIds.flatMap((id) => [{ kind: 'account', id } as const, { kind: 'guest', id } as const]);
  return listGrants(ctx, { kind: GRANTS.owner.kind, subjects });
}
