/**
 * The data set of the access benchmark: may a person of a partner do an action on an item of ours?
 *
 * One home tenant with 1,000 partners of 20 people each, one partner policy a partner, 5,000 items in folders up to
 * four deep, 10,000 grants; 10,000 requests, half of them aimed at something their tenant was granted. Everything is
 * drawn from seeded generators, so that every run and every engine sees the same bytes.
 */

export const APPS = ['files', 'calendar', 'chat'] as const;
export const COVERS = { reader: ['read'], writer: ['read', 'write'], owner: ['read', 'write', 'share'] } as const;
/** The instant at which the data set is asked, in seconds. */
export const NOW = 1_780_000_000;

export type App = (typeof APPS)[number];
export type Action = 'read' | 'write' | 'share';
export type Role = keyof typeof COVERS;

export interface Policy {
  id: string;
  tenant: string;
  enabled: boolean;
  inbound: App[];
  allowGroups: string[];
  blockUsers: string[];
  requireMfa: boolean;
  requireCompliant: boolean;
  trustRestricted: boolean;
}
export interface Item {
  id: string;
  app: App;
  parent: string | null;
  depth: number;
  label: 'restricted' | 'normal';
}
export interface Person {
  id: string;
  tenant: string;
  groups: string[];
}
export interface Grant {
  id: string;
  item: string;
  subject: string;
  kind: 'user' | 'group' | 'tenant';
  role: Role;
  /** Seconds; 0 is without end. */
  expires: number;
}
export interface Request {
  user: string;
  tenant: string;
  groups: string[];
  mfa: boolean;
  deviceCompliant: boolean;
  action: Action;
  item: string;
}
export interface Dataset {
  policies: Policy[];
  items: Item[];
  users: Person[];
  grants: Grant[];
}

const PARTNERS = 1_000;
const PEOPLE = 20;
const GROUPS = 5;
const ITEMS = 5_000;
const ROOTS = 300;
const DEEPEST = 4;
const GRANTS = 10_000;
const REQUESTS = 10_000;

/** mulberry32: a small seeded generator of numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// INVARIANT: the order of the draws below is part of the data set; another order is another data set.

export function generate(): Dataset {
  const random = mulberry32(42);
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const data: Dataset = { policies: [], items: [], users: [], grants: [] };

  for (let t = 1; t <= PARTNERS; t++) {
    const tenant = `t${t}`;
    const groups = Array.from({ length: GROUPS }, (_, g) => `${tenant}/g${g}`);
    const users = Array.from({ length: PEOPLE }, (_, u) => ({
      id: `${tenant}/u${u}`,
      tenant,
      groups: groups.filter(() => random() < 0.35),
    }));
    data.users.push(...users);
    data.policies.push({
      id: `p${t}`,
      tenant,
      enabled: random() > 0.05,
      inbound: APPS.filter(() => random() < 0.8),
      allowGroups: random() < 0.3 ? groups.slice(0, 2) : [],
      blockUsers: random() < 0.3 ? [pick(users).id] : [],
      requireMfa: random() < 0.5,
      requireCompliant: random() < 0.15,
      trustRestricted: random() < 0.2,
    });
  }

  for (let i = 0; i < ITEMS; i++) {
    const parent = i >= ROOTS && random() < 0.9 ? folderBefore(i, data.items, below) : undefined;
    data.items.push({
      id: `i${i}`,
      app: APPS[i % APPS.length]!,
      parent: parent?.id ?? null,
      depth: parent ? parent.depth + 1 : 0,
      label: random() < 0.1 ? 'restricted' : 'normal',
    });
  }

  for (let g = 0; g < GRANTS; g++) {
    const tenant = `t${1 + below(PARTNERS)}`;
    const x = random();
    const kind = x < 0.6 ? 'user' : x < 0.9 ? 'group' : 'tenant';
    const subject =
      kind === 'user' ? `${tenant}/u${below(PEOPLE)}` : kind === 'group' ? `${tenant}/g${below(GROUPS)}` : tenant;
    data.grants.push({
      id: `gr${g}`,
      item: `i${Math.floor(random() * random() * ITEMS)}`,
      subject,
      kind,
      role: pick(['reader', 'reader', 'writer', 'owner'] as const),
      expires: random() < 0.1 ? NOW - 1_000 : random() < 0.5 ? 0 : NOW + 100_000,
    });
  }
  return data;
}

/** An earlier item of the same app that still has room beneath it, if the draw finds one. */
function folderBefore(i: number, items: readonly Item[], below: (n: number) => number): Item | undefined {
  let k = below(i);
  k -= (k - i) % APPS.length;
  if (k >= i) k -= APPS.length;
  if (k < 0) k += APPS.length;
  const folder = items[k];
  return folder && k % APPS.length === i % APPS.length && folder.depth < DEEPEST ? folder : undefined;
}

export function requests(data: Dataset): Request[] {
  const random = mulberry32(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const grantsOf = Map.groupBy(data.grants, (grant) => grant.subject.split('/')[0]!);
  const inside = Map.groupBy(data.items, (item) => item.parent);
  const people = new Map(data.users.map((user) => [user.id, user]));

  return Array.from({ length: REQUESTS }, () => {
    let user = pick(data.users);
    let item = pick(data.items).id;
    const granted = grantsOf.get(user.tenant);
    if (granted && random() < 0.5) {
      const grant = pick(granted);
      item = grant.item;
      if (grant.kind === 'user' && random() < 0.8) user = people.get(grant.subject) ?? user;
      while (random() < 0.5) {
        const children = inside.get(item);
        if (!children) break;
        item = pick(children).id;
      }
    }
    return {
      user: user.id,
      tenant: user.tenant,
      groups: user.groups,
      mfa: random() < 0.8,
      deviceCompliant: random() < 0.5,
      action: random() < 0.7 ? 'read' : random() < 0.7 ? 'write' : 'share',
      item,
    };
  });
}
