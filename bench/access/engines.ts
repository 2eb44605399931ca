/** The engines compared: ours, plain Maps as the limit of what JavaScript can do, and three libraries. */

import { AbilityBuilder, createMongoAbility } from '@casl/ability';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { newEnforcer, newModelFromString } from 'casbin';
import { atLeast, decide } from '../../src/kernel/decision.ts';
import { type Action, COVERS, type Dataset, type Grant, type Item, NOW, type Request, type Role } from './dataset.ts';
import { type ItemFacts, reachItem, snapshotOf } from './item-question.ts';

/** Says whether a request is allowed. */
export type Engine = (request: Request) => boolean | Promise<boolean>;

const isLive = (grant: Grant): boolean => grant.expires === 0 || grant.expires > NOW;
const covers = (role: Role, action: Action): boolean => (COVERS[role] as readonly Action[]).includes(action);

/** Ours: facts from the snapshot, a decision with its reason, the level compared with what is asked. */
export function entente(data: Dataset): Engine {
  const snapshot = snapshotOf(data);
  return (request) => {
    const decision = decide(reachItem, reachItem.facts(snapshot, request) as ItemFacts);
    if (decision.because.length === 0) throw new Error('A decision came without a reason.');
    return atLeast(decision, request.action);
  };
}

/** The reference: the rules written out over plain Maps, yes or no and no reason. Its answers are the right ones. */
export function plainMaps(data: Dataset): (request: Request) => boolean {
  const policies = new Map(data.policies.map((policy) => [policy.tenant, policy]));
  const items = new Map(data.items.map((item) => [item.id, item]));
  const grants = Map.groupBy(data.grants, (grant) => `${grant.item}|${grant.subject}`);
  const isGranted = (item: Item, subject: string, action: Action): boolean => {
    const found = grants.get(`${item.id}|${subject}`);
    if (found) for (const grant of found) if (isLive(grant) && covers(grant.role, action)) return true;
    return false;
  };
  return (request) => {
    const policy = policies.get(request.tenant);
    const asked = items.get(request.item);
    if (!policy?.enabled || !asked || !policy.inbound.includes(asked.app)) return false;
    if (policy.blockUsers.includes(request.user)) return false;
    if (policy.allowGroups.length && !policy.allowGroups.some((group) => request.groups.includes(group))) return false;
    if ((policy.requireMfa && !request.mfa) || (policy.requireCompliant && !request.deviceCompliant)) return false;
    if (asked.label === 'restricted' && !policy.trustRestricted) return false;
    for (let item: Item | undefined = asked; item; item = item.parent ? items.get(item.parent) : undefined) {
      if (isGranted(item, request.user, request.action)) return true;
      if (isGranted(item, request.tenant, request.action)) return true;
      for (const group of request.groups) if (isGranted(item, group, request.action)) return true;
    }
    return false;
  };
}

/** Cedar: one permit and five forbids; the partner's policy and the grants in force travel as entity attributes. */
export function cedarData(data: Dataset): Engine {
  const world = indexed(data);
  const parsed = cedar.preparsePolicySet('access', {
    staticPolicies: `
      permit(principal, action, resource) when {
        principal in resource.subjects && principal.tenant.enabled && principal.tenant.inbound.contains(resource.app) };
      forbid(principal, action, resource) when { principal.tenant.blockUsers.contains(principal) };
      forbid(principal, action, resource) when {
        !principal.tenant.allowGroups.isEmpty() && !(principal in principal.tenant.allowGroups) };
      forbid(principal, action, resource) when { principal.tenant.requireMfa && !context.mfa };
      forbid(principal, action, resource) when { principal.tenant.requireCompliant && !context.compliant };
      forbid(principal, action, resource) when {
        resource.label == "restricted" && !principal.tenant.trustRestricted };`,
  });
  if (parsed.type !== 'success') throw new Error(`Cedar refuses the policies: ${JSON.stringify(parsed)}`);

  const uid = (type: string, id: string) => ({ type, id });
  const ref = (type: string, id: string) => ({ __entity: { type, id } });
  const subject = (id: string) => ref(id.includes('/u') ? 'User' : id.includes('/g') ? 'Group' : 'Tenant', id);
  const tenants = new Map(
    data.policies.map(({ id: _, tenant, blockUsers, allowGroups, ...policy }) => [
      tenant,
      { ...policy, blockUsers: blockUsers.map(subject), allowGroups: allowGroups.map(subject) },
    ]),
  );
  return (request) => {
    const item = world.items.get(request.item)!;
    const subjects = world
      .lineage(item)
      .flatMap(({ id }) => world.byItem.get(id) ?? [])
      .filter((grant) => covers(grant.role, request.action))
      .map((grant) => subject(grant.subject));
    const answer = cedar.statefulIsAuthorized({
      principal: uid('User', request.user),
      action: uid('Action', request.action),
      resource: uid('Item', request.item),
      context: { mfa: request.mfa, compliant: request.deviceCompliant },
      preparsedPolicySetId: 'access',
      validateRequest: false,
      entities: [
        {
          uid: uid('User', request.user),
          attrs: { tenant: ref('Tenant', request.tenant) },
          parents: [...request.groups.map((group) => uid('Group', group)), uid('Tenant', request.tenant)],
        },
        { uid: uid('Tenant', request.tenant), attrs: tenants.get(request.tenant)!, parents: [] },
        { uid: uid('Item', request.item), attrs: { app: item.app, label: item.label, subjects }, parents: [] },
      ],
    });
    return answer.type === 'success' && answer.response.decision === 'allow';
  };
}

/** casbin: a policy line for each live grant; the matcher calls functions for subject, ancestry and partner policy. */
export async function casbin(data: Dataset): Promise<Engine> {
  const world = indexed(data);
  const enforcer = await newEnforcer(
    newModelFromString(`
      [request_definition]
      r = request, item, action
      [policy_definition]
      p = subject, item, role
      [policy_effect]
      e = some(where (p.eft == allow))
      [matchers]
      m = isSubject(r.request, p.subject) && isUnder(r.item, p.item) && covers(p.role, r.action) && comesIn(r.request)`),
  );
  await enforcer.addFunction('isSubject', (request: Request, subject: string) => subjectsOf(request).includes(subject));
  await enforcer.addFunction('isUnder', (item: string, folder: string) =>
    world.lineage(world.items.get(item)).some(({ id }) => id === folder),
  );
  await enforcer.addFunction('covers', covers);
  await enforcer.addFunction('comesIn', world.comesIn);
  const lines = new Map([...world.byItem.values()].flat().map((g) => [`${g.subject}|${g.item}|${g.role}`, g]));
  await enforcer.addPolicies([...lines.values()].map((grant) => [grant.subject, grant.item, grant.role]));
  return (request) => enforcer.enforce(request, request.item, request.action);
}

/** CASL: the partner policy in JavaScript, then an ability built from the person's grants, asked for item and folders. */
export function casl(data: Dataset): Engine {
  const world = indexed(data);
  return (request) => {
    if (!world.comesIn(request)) return false;
    const { can, build } = new AbilityBuilder(createMongoAbility);
    for (const subject of subjectsOf(request)) {
      for (const grant of world.bySubject.get(subject) ?? []) can([...COVERS[grant.role]], grant.item);
    }
    const ability = build();
    return world.lineage(world.items.get(request.item)).some(({ id }) => ability.can(request.action, id));
  };
}

const subjectsOf = (request: Request): string[] => [request.user, request.tenant, ...request.groups];

/** What the libraries are given ready-made, so that they are timed for their own work. */
function indexed(data: Dataset) {
  const live = data.grants.filter(isLive);
  const items = new Map(data.items.map((item) => [item.id, item]));
  const policies = new Map(data.policies.map((policy) => [policy.tenant, policy]));
  return {
    items,
    byItem: Map.groupBy(live, (grant) => grant.item),
    bySubject: Map.groupBy(live, (grant) => grant.subject),
    lineage(item: Item | undefined): Item[] {
      const line: Item[] = [];
      for (let at = item; at; at = at.parent ? items.get(at.parent) : undefined) line.push(at);
      return line;
    },
    comesIn(request: Request): boolean {
      const policy = policies.get(request.tenant);
      const item = items.get(request.item);
      return (
        !!policy?.enabled &&
        !!item &&
        policy.inbound.includes(item.app) &&
        !policy.blockUsers.includes(request.user) &&
        (!policy.allowGroups.length || policy.allowGroups.some((group) => request.groups.includes(group))) &&
        (!policy.requireMfa || request.mfa) &&
        (!policy.requireCompliant || request.deviceCompliant) &&
        (item.label !== 'restricted' || policy.trustRestricted)
      );
    },
  };
}

/** Every engine by its name. */
export const engines = { entente, reference: plainMaps, casl, cedar: cedarData, casbin } satisfies Record<
  string,
  (data: Dataset) => Engine | Promise<Engine>
>;
