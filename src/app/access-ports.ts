import type { AccessPorts, KeptRefusal, RememberedRefusal, Revokers } from '../access/index.ts';
import { deleteGrants, listGrants } from '../access/index.ts';
import { findEvent, findRefusalByReference, listEvents } from '../audit/index.ts';
import { calendarsRevokers, listCalendarNames } from '../calendars/index.ts';
import {
  GRANTS as DIRECTORY_GRANTS,
  directoryRevokers,
  findAccount,
  findActors,
  GRANTS,
  listDisplayNames,
  listRoleHolders,
  listWorkingAdministrators,
  loadActorFacts,
  outsidersHere,
  subjectsOf,
} from '../directory/index.ts';
import type { Actor, Context } from '../kernel/context.ts';
import { type AccountId, parseId } from '../kernel/ids.ts';
import { personAs } from '../kernel/person.ts';
import { ROLES } from '../kernel/roles.ts';
import { listPartnerNames } from '../partners/index.ts';
import { PERSON_NOTICE, TOPICS } from '../signin/index.ts';
import { ownedBy, ownersOf } from './owners.ts';

/** How each kind of grant is taken away. A kind without an entry does not compile. */
const REVOKERS: Revokers = {
  ...directoryRevokers,
  ...calendarsRevokers,
  'signin.operator': {
    title: 'Operator of this server',
    async revoke(ctx, grant) {
      await deleteGrants(ctx, [grant.id]);
      ctx.record({ action: 'signin.operator-removed', category: 'RoleManagement', targets: [grant.subject] });
      await ctx.announce(TOPICS.accountChanged, { accountId: grant.subject.id });
    },
  },
};

/** What the explainer and the ledger need of the modules above them. */
export const accessPorts: Omit<
  AccessPorts,
  | 'questions'
  | 'run'
  | 'questions'
  | 'run'
  | 'addresses'
  | 'endPeople'
  | 'standing'
  | 'trials'
  | 'admits'
  | 'goingOn'
  | 'settingsNow'
  | 'fingerprintOfSettings'
  | 'partners'
  | 'partnerName'
  | 'askHomes'
  | 'givers'
  | 'withheld'
  | 'origin'
> = {
  actorOf,
  findRefusal,
  subjectsOf,
  namesOf,
  revokers: REVOKERS,
  memberKind: DIRECTORY_GRANTS.member.kind,
  ownersOf,
  ownedBy,
  roleHolders: listRoleHolders,
  actorsOf: findActors,
  outsidersHere,
  refusalsSince,
  ownersOfGroup,
  requestAdministrators,
  personOf,
  tellPerson: (ctx, accountId) => ctx.announce(PERSON_NOTICE, { accountId, about: 'access.requests-changed' }),
};

/** A person as they would ask from our own web app, whether or not they are signed in now. */
async function actorOf(ctx: Context, accountId: string): Promise<Actor | undefined> {
  const facts = await loadActorFacts(ctx, accountId as AccountId);
  return facts && personAs({ ...facts, accountId: accountId as AccountId }, { authenticatedAt: ctx.now });
}

const FIXED_NAMES: ReadonlyMap<string, string> = new Map([
  ...ROLES.map((role) => [`tenant-role:${role.name}`, role.displayName] as const),
  ['server:this', 'This server'],
]);

async function namesOf(
  ctx: Context,
  things: readonly { kind: string; id: string }[],
): Promise<ReadonlyMap<string, string>> {
  const calendars = await listCalendarNames(
    ctx,
    things.filter(({ kind }) => kind === 'calendar').flatMap(({ id }) => parseId(id) ?? []),
  );
  const owners = [...calendars.values()].map(({ ownerId }) => ownerId);
  const ids = [...new Set([...things.map(({ id }) => id), ...owners].flatMap((id) => parseId(id) ?? []))];
  const inDirectory = await listDisplayNames(ctx, ids);
  const calendarName = (id: string) => {
    const { name, ownerId } = calendars.get(id) ?? {};
    const owner = ownerId && inDirectory.get(ownerId);
    // Nearly every calendar is called the same.
    return owner ? `${name} (${owner})` : name;
  };
  const partners = new Map(
    things.some(({ kind }) => kind === 'partner')
      ? (await listPartnerNames(ctx)).map(({ id, domain }) => [id as string, domain] as const)
      : [],
  );
  const names = new Map<string, string>();
  for (const { kind, id } of things) {
    const name =
      partners.get(id) ??
      FIXED_NAMES.get(`${kind}:${id}`) ??
      inDirectory.get(id) ??
      calendarName(id) ??
      addressName(kind, id);
    if (name !== undefined) names.set(`${kind}:${id}`, name);
  }
  return names;
}

/** Somebody outside with whom a calendar is shared is called by their address. */
const addressName = (kind: string, id: string) => (kind === 'contact' && id.includes('@') ? id : undefined);

/** The refusal that a decision's id, or the short reference to it, names: read from the audit. */
async function findRefusal(ctx: Context, reference: string): Promise<KeptRefusal | undefined> {
  const id = parseId(reference);
  const event = await (id ? findEvent(ctx, id) : findRefusalByReference(ctx, reference));
  if (event?.action !== 'access.refused') return undefined;
  const kept = event.facts as unknown as Omit<KeptRefusal, 'id' | 'at' | 'actor'>;
  return { ...kept, id: event.id, at: event.at, actor: event.actor };
}

async function ownersOfGroup(ctx: Context, groupId: string): Promise<string[]> {
  const { kind, objectKind } = GRANTS.owner;
  const grants = await listGrants(ctx, { kind, object: { kind: objectKind, id: groupId } });
  return grants.filter(({ subject }) => subject.kind === 'account').map(({ subject }) => subject.id);
}

/** Who looks after what people ask for, where it is nobody's own. */
async function requestAdministrators(ctx: Context): Promise<string[]> {
  const ids = new Set<string>();
  for (const role of ['global-administrator', 'security-administrator'])
    for (const id of await listWorkingAdministrators(ctx, role)) ids.add(id);
  return [...ids];
}

async function personOf(ctx: Context, accountId: string) {
  const account = await findAccount(ctx, accountId as AccountId);
  if (!account) return undefined;
  const { mail, userPrincipalName, displayName, preferredLanguage } = account;
  return { address: mail ?? userPrincipalName, displayName, language: preferredLanguage };
}

const REFUSALS_READ = 5_000;

/** What people here were refused since then, the latest first; what the same person asked again, once. */
async function refusalsSince(ctx: Context, since: Date, limit: number): Promise<RememberedRefusal[]> {
  const found = new Map<string, RememberedRefusal>();
  const events = await listEvents(ctx, { action: 'access.refused', since }, { limit: REFUSALS_READ });
  for (const { at, actor, facts } of events) {
    if (actor.kind !== 'account' || actor.id === null || found.size >= limit) continue;
    const { question, input } = facts as { question: string; input: unknown };
    const key = JSON.stringify([actor.id, question, input]);
    if (!found.has(key)) found.set(key, { at, question, input: input ?? undefined, accountId: actor.id });
  }
  return [...found.values()];
}
