/** The data set's rules as a question of ours, over an indexed snapshot like the one the product decides from. */

import { ceiling, type GrantFact, question, type Remedy, type SettingAddress } from '../../src/kernel/decision.ts';
import { type Action, type Dataset, type Item, NOW, type Policy, type Request, type Role } from './dataset.ts';

type Level = 'none' | Action;
const LEVEL: Record<Role, Level> = { reader: 'read', writer: 'write', owner: 'share' };

/** What decisions read: settings by partner, items with the folders above them, grants by subject and item. */
export interface Snapshot {
  partners: Map<string, Policy>;
  items: Map<string, PlacedItem>;
  grants: Map<string, GrantsByItem>;
}
type GrantsByItem = Map<string, GrantFact<Level>[]>;
interface PlacedItem extends Item {
  /** The item itself and every folder above it. */
  lineage: string[];
}

export function snapshotOf(data: Dataset): Snapshot {
  const items = new Map<string, PlacedItem>();
  // A parent always comes before its children.
  for (const item of data.items) {
    const above = item.parent === null ? [] : items.get(item.parent)!.lineage;
    items.set(item.id, { ...item, lineage: [item.id, ...above] });
  }
  const grants = new Map<string, GrantsByItem>();
  for (const grant of data.grants) {
    if (grant.expires !== 0 && grant.expires <= NOW) continue;
    const { id, item, role, kind, subject } = grant;
    const fact = { id, level: LEVEL[role], path: kind === 'user' ? 'direct' : kind, subject: { kind, id: subject } };
    const held: GrantsByItem = grants.get(subject) ?? new Map();
    grants.set(subject, held.set(item, [...(held.get(item) ?? []), fact]));
  }
  return { partners: new Map(data.policies.map((policy) => [policy.tenant, policy])), items, grants };
}

export interface ItemFacts {
  request: Request;
  policy: Policy | undefined;
  item: PlacedItem | undefined;
  grants: readonly GrantFact<Level>[];
}

function gatherItemFacts(snapshot: Snapshot, request: Request): ItemFacts {
  const policy = snapshot.partners.get(request.tenant);
  const item = snapshot.items.get(request.item);
  const grants: GrantFact<Level>[] = [];
  if (item) {
    collect(snapshot.grants.get(request.user), item, grants);
    collect(snapshot.grants.get(request.tenant), item, grants);
    for (const group of request.groups) collect(snapshot.grants.get(group), item, grants);
  }
  return { request, policy, item, grants };
}

/** Adds what one subject holds on an item or on a folder above it. */
function collect(held: GrantsByItem | undefined, item: PlacedItem, grants: GrantFact<Level>[]): void {
  if (!held) return;
  for (const place of item.lineage) {
    const here = held.get(place);
    if (here) grants.push(...here);
  }
}

const partnerSetting = (name: keyof Policy, remedy: Remedy = 'administrator') => ({
  setting: ({ request, policy }: ItemFacts): SettingAddress => ({
    tenantId: 't0',
    module: 'partners',
    scope: 'partner',
    target: request.tenant,
    name,
    value: policy?.[name],
  }),
  remedy,
});

const partnerIsKnown = ceiling(
  'partners.enabled',
  'The partner is known and enabled.',
  ({ policy }: ItemFacts) => policy?.enabled === true,
  partnerSetting('enabled'),
);
const appIsOpen = ceiling(
  'partners.inbound',
  'The partner may come in to this application.',
  ({ policy, item }: ItemFacts) => policy !== undefined && item !== undefined && policy.inbound.includes(item.app),
  partnerSetting('inbound'),
);
const personIsNotBlocked = ceiling(
  'partners.block-users',
  'The person is not blocked.',
  ({ policy, request }: ItemFacts) => !policy?.blockUsers.includes(request.user),
  partnerSetting('blockUsers'),
);
const groupIsAllowed = ceiling(
  'partners.allow-groups',
  'Only some groups of the partner may come in, where any are named.',
  ({ policy, request }: ItemFacts) =>
    !policy?.allowGroups.length || policy.allowGroups.some((group) => request.groups.includes(group)),
  partnerSetting('allowGroups', 'partner'),
);
const signInIsStrong = ceiling(
  'partners.require-mfa',
  'A second factor was used at sign-in, where it is required.',
  ({ policy, request }: ItemFacts) => !policy?.requireMfa || request.mfa,
  partnerSetting('requireMfa', 'sign-in-again'),
);
const deviceComplies = ceiling(
  'partners.require-compliant',
  'The device is compliant, where that is required.',
  ({ policy, request }: ItemFacts) => !policy?.requireCompliant || request.deviceCompliant,
  partnerSetting('requireCompliant', 'sign-in-again'),
);
const labelStaysInside = ceiling(
  'partners.trust-restricted',
  'What is labelled restricted stays inside, unless the partner is trusted with it.',
  ({ policy, item }: ItemFacts) => item?.label !== 'restricted' || policy?.trustRestricted === true,
  partnerSetting('trustRestricted'),
);

/** How far may this person of a partner reach into this item? */
export const reachItem = question({
  name: 'bench.item.reach',
  sentence: 'How far may this person of a partner reach into this item?',
  levels: ['none', 'read', 'write', 'share'],
  facts: gatherItemFacts,
  ceilings: [
    partnerIsKnown,
    appIsOpen,
    personIsNotBlocked,
    groupIsAllowed,
    signInIsStrong,
    deviceComplies,
    labelStaysInside,
  ],
  grants: (facts) => facts.grants,
});
