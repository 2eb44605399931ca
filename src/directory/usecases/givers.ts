/** What of the directory can be given to whoever asks for it: a place in a group, a role, a domain that guests come from. */
import type { Actor, Context } from '../../kernel/context.ts';
import { atLeast, decide } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { GroupId } from '../../kernel/ids.ts';
import type { Giver, Petitioner, Way } from '../../kernel/module.ts';
import { ROLES } from '../../kernel/roles.ts';
import { isListed, permitsDomain } from '../model/domain-list.ts';
import { guestDomainIsAllowed, manageExternalCollaboration } from '../questions/guests.ts';
import { manageRoles } from '../questions/people.ts';
import { externalCollaboration } from '../settings.ts';
import { findGroup } from '../store/groups.ts';
import { listDirectGroups } from '../store/memberships.ts';
import { asMembers, changeGroup, inviteGuest } from './asked.ts';
import { changeGuestDomains } from './guest-domains.ts';
import { addMember, addOwner } from './members.ts';
import { giveRole } from './roles.ts';

const isOurs = ({ kind }: Petitioner): boolean => kind === 'account';

/** What of a group its members may do; whoever asks for more is to own it. */
const AS_MEMBER: readonly string[] = ['leave', 'join'];

const intoGroup: Giver = {
  question: changeGroup.name,
  kind: 'group',
  gives: isOurs,
  async ways(ctx, { input, wanted }): Promise<readonly Way[]> {
    const group = await findGroup(ctx, input as GroupId);
    const needed = AS_MEMBER.includes(wanted) ? 'members' : 'manage';
    if (!group || !atLeast(await ctx.ask(changeGroup, group.id, { quiet: true }), needed)) return [];
    return [{ id: AS_MEMBER.includes(wanted) ? 'member' : 'owner', name: group.displayName }];
  },
  async give(ctx, { asker, input, wanted }) {
    if (asker.kind !== 'account') throw kernelFaults.notFound();
    const who = { kind: 'account', id: asker.id } as const;
    await (AS_MEMBER.includes(wanted) ? addMember : addOwner)(ctx, input as GroupId, who);
  },
  // Who is in a group no longer joins it, and the question would say no for ever.
  async has(ctx, { asker, input, wanted }) {
    if (asker.kind !== 'account' || !AS_MEMBER.includes(wanted)) return false;
    return (await listDirectGroups(ctx, asMembers(asker.id))).includes(input as string);
  },
};

const domainOfGuests: Giver = {
  question: inviteGuest.name,
  rule: guestDomainIsAllowed.name,
  kind: 'domain',
  gives: isOurs,
  async ways(ctx, { input }): Promise<readonly Way[]> {
    const { domain } = input as { domain: string };
    const mayChange = (await ctx.ask(manageExternalCollaboration, undefined, { quiet: true })).level === 'write';
    return mayChange && permitsDomain(withDomain(ctx, domain), domain) ? [{ id: domain, name: domain }] : [];
  },
  async give(ctx, { input }) {
    const { domainRestriction, allowedDomains, blockedDomains } = withDomain(ctx, (input as { domain: string }).domain);
    await changeGuestDomains(ctx, domainRestriction === 'allow' ? { allowedDomains } : { blockedDomains });
  },
};

/** The list in force, with this one domain let in. One that a wider line shuts out stays out. */
function withDomain(ctx: Context, domain: string) {
  const { domainRestriction, allowedDomains, blockedDomains } = ctx.settings.tenant(externalCollaboration);
  return {
    domainRestriction,
    allowedDomains: isListed(allowedDomains, domain)
      ? allowedDomains
      : [...allowedDomains, { domain, includeSubdomains: false }],
    blockedDomains: blockedDomains.filter((one) => one.domain !== domain || one.includeSubdomains),
  };
}

/** Any role that opens what was refused, the least powerful first: for whoever may give roles. */
const role: Giver = {
  kind: 'role',
  gives: isOurs,
  async ways(ctx, { question, actor, input, wanted }): Promise<readonly Way[]> {
    const isAdministrative = question.grantedBy === 'administrator' && actor.kind === 'account';
    if (!isAdministrative || (await ctx.ask(manageRoles, undefined, { quiet: true })).level !== 'write') return [];
    const ways: Way[] = [];
    for (const { name, templateId, displayName } of ROLES) {
      const holder: Actor = { ...actor, roles: [...actor.roles, name] };
      const answer = decide(question, await question.facts({ ...ctx, actor: holder }, input));
      if (atLeast(answer, wanted)) ways.push({ id: templateId, name: displayName });
    }
    return ways;
  },
  async give(ctx, { asker, way, because }) {
    if (asker.kind !== 'account') throw kernelFaults.notFound();
    await giveRole(ctx, { role: way, holderId: asker.id, reason: because });
  },
};

export const directoryGivers: readonly Giver[] = [intoGroup, domainOfGuests, role];
