/** The data set's rules as a question of ours, over an indexed snapshot like the one the product decides from. */

import { ceiling, type GrantFact, question, type Remedy, type SettingAddress } from '../../src/kernel/decision.ts';
import { type Action, type Dataset, type Item, NOW, type Policy, type Request, type Role } from './dataset.ts';

type Level = 'none' | Action;
const LEVEL: Record<Role, Level> = { reader: 'read', writer: 'write', owner: 'share' };

/** What decisions read: settings by partner, items with the folders above them, grants by subject. */
export interface Snapshot {
  partners: Map<string, Policy>;
  items: Map<string, PlacedItem>;
  grants: Map<string, HeldGrant[]>;
}
interface PlacedItem extends Item {
  /** The numbers of the item itself and of every folder above it. */
  lineage: number[];
}
interface HeldGrant {
  /** The number of the item it is on. */
  on: number;
  fact: GrantFact<Level>;
}

export function snapshotOf(data: Dataset): Snapshot {
  const items = new Map<string, PlacedItem>();
  // A parent always comes before its children.
  for (const [number, item] of data.items.entries()) {
    const above = item.parent === null ? [] : items.get(item.parent)!.lineage;
    items.set(item.id, { ...item, lineage: [number, ...above] });
  }
  const live = data.grants.filter((grant) => grant.expires === 0 || grant.expires > NOW);
  const held = live.map(({ id, item, role, kind, subject }): HeldGrant => {
    const path = kind === 'user' ? 'direct' : kind;
    return { on: items.get(item)!.lineage[0]!, fact: { id, level: LEVEL[role], path, subject: { kind, id: subject } } };
  });
  return {
    partners: new Map(data.policies.map((policy) => [policy.tenant, policy])),
    items,
    grants: Map.groupBy(held, ({ fact }) => fact.subject.id),
  };
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

/** Adds what one subject holds on an item or on a folder above it. Nobody here holds more than a handful. */
function collect(held: readonly HeldGrant[] | undefined, item: PlacedItem, grants: GrantFact<Level>[]): void {
  if (held) for (const { on, fact } of held) if (item.lineage.includes(on)) grants.push(fact);
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
