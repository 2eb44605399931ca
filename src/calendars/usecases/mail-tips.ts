import { z } from 'zod';
import { findAddressHolders, listMembers, listMembershipsAmong } from '../../directory/index.ts';
import { agreedStanding } from '../../kernel/agreement.ts';
import type { Actor, Context, VisitorActor } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { domainOf } from '../../tenants/index.ts';
import {
  type MailTip,
  type MailTipsLevel,
  type MailTipsRequest,
  mailTipsAnswer,
  RECIPIENTS_AT_MOST,
  type Recipient,
  TOLD_SINGLY_AT_MOST,
  tipOf,
} from '../model/mail-tips.ts';
import { mailTipsAccess, type Scoped } from '../model/partner-access.ts';
import { relationshipFor } from '../model/relationship.ts';
import { type MailTipsFacts, mailTipsReadQuestion } from '../questions/lookups.ts';
import { mailTips, organizationRelationships } from '../settings.ts';
import { listMailboxes } from '../store/calendars.ts';
import { agreedOn, mailTipsTerm } from './agreed.ts';
import { partnerOf, partnerRules, scopeGroupsOf } from './free-busy.ts';
import { envoyOf, type LookUpPorts, within } from './look-up-availability.ts';

/** The request that organisations put to each other. */
export const MAIL_TIPS = 'calendars.mail-tips';

/** How much a sender is told of one recipient; `from` supposes a sender of another organisation, for whoever explains. */
export const mailTipsRead = mailTipsReadQuestion(
  z.object({
    address: z.string().max(320),
    isPersonal: z.boolean().default(false),
    from: z.string().max(320).optional(),
    fromTenantId: z.guid().optional(),
  }),
  async (ctx, { address, isPersonal, from, fromTenantId }): Promise<MailTipsFacts> => {
    const homeTenantId = (fromTenantId ?? '') as TenantId;
    const actor: Actor =
      from === undefined
        ? ctx.actor
        : { kind: 'visitor', homeTenantId, address: from.toLowerCase(), displayName: from };
    const [holder] = await findAddressHolders(ctx, [address]);
    const accountIds = holder?.kind === 'account' ? [holder.id] : [];
    const target = (await scopesOf(ctx, actor, accountIds)).get(accountIds[0] ?? '');
    return factsOf(ctx, actor, target, isPersonal);
  },
);

const factsOf = async (
  ctx: Context,
  actor: Actor,
  target: Scoped | undefined,
  isPersonal: boolean,
): Promise<MailTipsFacts> => ({
  actor,
  tenant: ctx.tenant,
  tipsEnabled: ctx.settings.tenant(mailTips).allTipsEnabled,
  isPersonal,
  partner: actor.kind === 'visitor' ? mailTipsAccess(partnerRules(ctx, actor), target) : undefined,
  agreement: actor.kind === 'visitor' ? await agreedOnTips(ctx, actor, target, isPersonal) : undefined,
});

/** Of writing to somebody in general an agreement tells whoever it is with; of one person, only of those it means. */
const agreedOnTips = async (ctx: Context, actor: VisitorActor, target: Scoped | undefined, isPersonal: boolean) =>
  isPersonal
    ? agreedOn(ctx, mailTipsTerm, partnerOf(actor), target && { kind: 'account', id: target.accountId })
    : agreedStanding(ctx, mailTipsTerm, 'ours', partnerOf(actor));

/** Where accounts stand in the groups that rules about the sender's organisation name. */
async function scopesOf(ctx: Context, actor: Actor, accountIds: readonly string[]): Promise<Map<string, Scoped>> {
  if (actor.kind !== 'visitor') return new Map();
  const found = await listMembershipsAmong(ctx, accountIds, scopeGroupsOf(partnerRules(ctx, actor)));
  const groups = Map.groupBy(found, ({ accountId }) => accountId);
  return new Map(
    accountIds.map((accountId) => [
      accountId,
      { accountId, groups: new Set((groups.get(accountId) ?? []).map(({ groupId }) => groupId)) },
    ]),
  );
}

/** The tips on recipients of this tenant, each as far as the asker may be told. */
async function readMailTips(ctx: Context, addresses: readonly string[], ofAll: number): Promise<MailTip[]> {
  const { actor } = ctx;
  const { groupMetricsEnabled, mailboxSourcedTipsEnabled, largestMessageMegabytes } = ctx.settings.tenant(mailTips);
  const holders = new Map((await findAddressHolders(ctx, addresses)).map((one) => [one.address, one] as const));
  const accounts = [...holders.values()].flatMap(({ kind, id, isMember }) =>
    kind === 'account' && isMember ? [id] : [],
  );
  const scopes = await scopesOf(ctx, actor, accounts);
  const owners = accounts.map((id) => ({ kind: 'account', id }) as const);
  const mailboxes = new Map((await listMailboxes(ctx, owners)).map((one) => [one.owner.id, one] as const));
  const mayKnow = actor.kind === 'application' || (actor.kind === 'account' && actor.userType === 'Member');

  const tips: MailTip[] = [];
  for (const address of addresses) {
    const holder = holders.get(address.toLowerCase());
    const ask = async (isPersonal: boolean): Promise<MailTipsLevel> => {
      const facts = await factsOf(ctx, actor, holder && scopes.get(holder.id), isPersonal);
      return (await ctx.ask({ ...mailTipsRead, facts: async () => facts }, { address, isPersonal })).level;
    };
    if (!holder && mayKnow) {
      tips.push({ address, isUnknown: true });
      continue;
    }
    const general = await ask(false);
    const isToldSingly = ofAll <= TOLD_SINGLY_AT_MOST && mailboxSourcedTipsEnabled && general !== 'none';
    const recipient: Recipient = {
      address,
      replies: holder?.kind === 'account' ? mailboxes.get(holder.id)?.automaticReplies : undefined,
      members:
        holder?.kind === 'group' && groupMetricsEnabled && general === 'all'
          ? await countMembers(ctx, holder.id)
          : undefined,
    };
    const told = {
      general,
      personal: isToldSingly && holder?.kind !== 'group' ? await ask(true) : ('none' as const),
      isOutside: actor.kind === 'visitor' || (actor.kind === 'account' && actor.userType === 'Guest'),
      largestMessage: largestMessageMegabytes * 1024 * 1024,
    };
    tips.push(tipOf(recipient, told, ctx.now));
  }
  return tips;
}

async function countMembers(ctx: Context, groupId: string) {
  const members = (await listMembers(ctx, groupId, { transitive: true })).filter(({ kind }) => kind !== 'group');
  return { total: members.length, external: members.filter(({ kind }) => kind !== 'account').length };
}

/** Where a recipient is, as the sender's own organisation sees it. */
export type RecipientScope = 'internal' | 'partner' | 'elsewhere';

export interface LookedUpTip extends MailTip {
  readonly scope: RecipientScope;
}

/**
 * What a sender is told of recipients, here and in other organisations, before they send. Of recipients whose
 * organisation tells nothing, or does not answer in time, only where they are. Opens what it needs itself.
 * @throws access.refused; request.invalid for more recipients than there may be.
 */
export async function lookUpMailTips(
  ctx: Context,
  ports: LookUpPorts,
  addresses: readonly string[],
  onBehalfOf?: AccountId,
): Promise<LookedUpTip[]> {
  if (addresses.length > RECIPIENTS_AT_MOST)
    throw kernelFaults.invalid(`Ask about at most ${RECIPIENTS_AT_MOST} recipients at a time.`);
  const facts = await factsOf(ctx, ctx.actor, undefined, false);
  await ctx.demand({ ...mailTipsRead, facts: async () => facts }, { address: '', isPersonal: false }, 'limited');

  const isAtHome = (address: string) => ctx.tenant.domains.includes(domainOf(address) ?? '');
  const tips = new Map<string, MailTip>();
  const keep = (found: readonly MailTip[]) => {
    for (const one of found) tips.set(one.address, one);
  };
  const { tenantId, actor, correlationId } = ctx;
  const atHome = [...new Set(addresses.filter(isAtHome))];
  const elsewhere = Map.groupBy(new Set(addresses.filter((one) => !isAtHome(one))), (one) => domainOf(one) ?? '');
  const speaksForUs = actor.kind !== 'account' || actor.userType === 'Member';
  const envoy = await ports.run({ tenantId, actor, correlationId, readOnly: true }, async (inside) => {
    keep(await readMailTips(inside, atHome, addresses.length));
    return elsewhere.size > 0 && speaksForUs ? envoyOf(inside, onBehalfOf) : undefined;
  });

  const partners = new Map<TenantId, string[]>();
  for (const [domain, found] of envoy ? elsewhere : []) {
    const to = domain === '' ? undefined : await ports.partners.findByDomain(tenantId, domain);
    if (to !== undefined) partners.set(to, [...(partners.get(to) ?? []), ...found]);
  }
  const asking = [...partners].map(async ([to, recipients]) => {
    const requester = { tenantId: envoy!.tenantId, user: envoy!.address };
    const request: MailTipsRequest = { v: 1, requester, recipients };
    try {
      const answered = await within(ports.partners.ask(envoy!, to, MAIL_TIPS, request), ports.partnerDeadline ?? 5_000);
      const { value } = mailTipsAnswer.parse(answered);
      // What it says of others than those it was asked about is nobody's business.
      keep(value.filter(({ address }) => recipients.includes(address)));
    } catch {
      // Mail is written without tips, too.
    }
  });
  await Promise.all(asking);

  const relationships = ctx.settings.collection(organizationRelationships);
  const scopeOf = (address: string): RecipientScope => {
    if (isAtHome(address)) return 'internal';
    return relationshipFor(relationships, domainOf(address) ?? '')?.values.enabled ? 'partner' : 'elsewhere';
  };
  return addresses.map((address) => ({ ...(tips.get(address) ?? { address }), scope: scopeOf(address) }));
}

/** Answers another organisation's question about recipients here. @throws partners.forged-address. */
export async function answerMailTips(ctx: Context, { requester, recipients }: MailTipsRequest) {
  const { actor } = ctx;
  if (
    actor.kind !== 'visitor' ||
    actor.homeTenantId !== requester.tenantId ||
    actor.address !== requester.user.toLowerCase()
  )
    throw kernelFaults.partnerForgedAddress();
  return { value: await readMailTips(ctx, recipients, recipients.length) };
}
