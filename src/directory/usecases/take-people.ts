/** Another organisation brings its people here by itself, and keeps them as they are at home (CT-14 to CT-17). */
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { PartnerRequest } from '../../kernel/module.ts';
import { organisationOfDomain } from '../../partners/index.ts';
import { announceAccounts } from '../events.ts';
import { directoryFaults, synchronizationFaults } from '../faults.ts';
import { type Account, isFromElsewhere } from '../model/account.ts';
import { parseAddress } from '../model/address.ts';
import { ORGANISATION_ISSUER } from '../model/guest.ts';
import {
  digestOfTold,
  OUTCOMES,
  type SyncOutcome,
  type ToldPerson,
  toldGroup,
  toldPerson,
} from '../model/synchronization.ts';
import { findAccount, insertAccount, updateAccount } from '../store/accounts.ts';
import { findByAddress, findGuestIdAtHome, inSavepoint, insertGuest, lockAddress } from '../store/guests.ts';
import { findBrought, findTakenAway, putBrought } from '../store/synchronization.ts';
import { freePrincipalName } from './admit-guest.ts';
import { bringPeople } from './asked.ts';
import { RESTORABLE_DAYS, removeAccount, returnAccount } from './delete-account.ts';
import { admitsDomain } from './guest-domains.ts';
import { placeIn, takeGroups } from './take-groups.ts';

export const TAKE_PEOPLE = 'directory.take-people';
/** People in one request. */
export const PEOPLE_AT_ONCE = 50;

const asked = z.object({
  v: z.literal(1),
  /** All the groups that are brought, where that is told. */
  groups: z.array(toldGroup).max(200).optional(),
  put: z.array(toldPerson).max(PEOPLE_AT_ONCE),
  remove: z.array(z.guid().toLowerCase()).max(PEOPLE_AT_ONCE),
});
export const taken = z.object({
  people: z
    .array(
      z.object({
        id: z.guid(),
        outcome: z.enum(OUTCOMES),
        /** The object here. */
        objectId: z.guid().nullable(),
        reason: z.string().max(100).nullable(),
      }),
    )
    .max(2 * PEOPLE_AT_ONCE),
});
type Taken = z.output<typeof taken>['people'][number];

/** What is said twice changes nothing the second time. @throws directory.synchronization-not-allowed. */
export const takePeopleRequest: PartnerRequest = {
  name: TAKE_PEOPLE,
  shape: asked,
  transaction: 'write',
  concerns: ({ put }: z.output<typeof asked>) => put.map(({ address }) => address),
  async answer(ctx, { groups, put, remove }: z.output<typeof asked>): Promise<z.input<typeof taken>> {
    if (ctx.actor.kind !== 'visitor') throw synchronizationFaults.notAllowed();
    const home = ctx.actor.homeTenantId;
    const { level } = await ctx.ask(bringPeople, { homeTenantId: home });
    if (level !== 'bring') throw synchronizationFaults.notAllowed();
    if (groups) await takeGroups(ctx, home, groups);
    const people: Taken[] = [];
    for (const person of put) people.push(await within(ctx, person.id, () => takePerson(ctx, home, person)));
    for (const id of remove) people.push(await within(ctx, id, () => letGo(ctx, home, id as AccountId)));
    return { people };
  },
};

/** One who cannot be taken stops none of the others. */
async function within(ctx: Context, id: string, act: () => Promise<Omit<Taken, 'id'>>): Promise<Taken> {
  try {
    return { id, ...(await inSavepoint(ctx, act)) };
  } catch (error) {
    if (!(error instanceof Fault) || error.kind === 'internal') throw error;
    ctx.record({
      action: 'directory.person-brought',
      category: 'UserManagement',
      result: 'failure',
      reason: error.code,
      facts: { homeAccountId: id, outcome: 'refused' },
    });
    return { id, outcome: 'refused', objectId: null, reason: error.code };
  }
}

async function takePerson(ctx: Context, home: TenantId, told: ToldPerson): Promise<Omit<Taken, 'id'>> {
  const { address, domain } = parseAddress(told.address);
  // An organisation speaks for its own domains alone.
  if ((await organisationOfDomain(ctx, domain)) !== home) throw directoryFaults.unverifiedDomain(domain);
  if (!admitsDomain(ctx, domain)) throw synchronizationFaults.domainNotAllowed(domain);
  await lockAddress(ctx, address);
  const digest = digestOfTold(told);
  const { account, how } = await objectOf(ctx, home, told, address, domain);
  const brought = await findBrought(ctx, account.id);
  const before = how === undefined ? brought : undefined;
  if (before?.digest.equals(digest)) return { outcome: 'unchanged', objectId: account.id, reason: null };
  const isOpenHere = account.accountEnabled || (brought?.isDisabledByHome ?? false);
  const isEnabled = told.isEnabled && isOpenHere;
  const outcome = how ?? (before ? changeOf(account, isEnabled) : 'matched');
  await bring(ctx, home, account, { ...told, isEnabled }, { address, domain, isNew: how === 'created' });
  await putBrought(ctx, account.id, home, { digest, isDisabledByHome: !told.isEnabled && isOpenHere });
  note(ctx, account, told.id, outcome);
  return { outcome, objectId: account.id, reason: null };
}

const changeOf = (account: Account, isEnabled: boolean): SyncOutcome =>
  account.accountEnabled === isEnabled ? 'updated' : isEnabled ? 'enabled' : 'disabled';

/** The object of somebody: as they are known already, were known until lately, were invited, or made now. */
async function objectOf(
  ctx: Context,
  home: TenantId,
  told: ToldPerson,
  address: string,
  domain: string,
): Promise<{ account: Account; how?: SyncOutcome }> {
  const homeId = told.id as AccountId;
  const known = await findGuestIdAtHome(ctx, home, homeId);
  if (known) return { account: (await findAccount(ctx, known, { lock: true })) as Account };
  const since = new Date(ctx.now.getTime() - RESTORABLE_DAYS * 86_400_000);
  const gone = await findTakenAway(ctx, home, homeId, since);
  if (gone) {
    // What they held is theirs again, as when an administrator takes somebody back.
    await returnAccount(ctx, gone);
    return { account: (await findAccount(ctx, gone, { lock: true })) as Account, how: 'restored' };
  }
  const holder = await findByAddress(ctx, address);
  if (holder && holder.kind !== 'contact') {
    const account =
      holder.kind === 'account' ? await findAccount(ctx, holder.id as AccountId, { lock: true }) : undefined;
    // Whoever is at home here, or is somebody else's, is never taken over.
    if (!account || !isFromElsewhere(account) || account.homeAccountId !== null) throw directoryFaults.identityTaken();
    return { account, how: 'matched' };
  }
  const userPrincipalName = await freePrincipalName(ctx, address);
  const account = await insertAccount(ctx, {
    userPrincipalName,
    displayName: told.displayName,
    mail: address,
    proxyAddresses: holder ? [] : [`SMTP:${address}`],
    userType: told.userType,
    creationType: 'Invitation',
    externalUserState: 'Accepted',
    externalUserStateChangedAt: ctx.now,
    homeDomain: domain,
    showInAddressList: true,
  });
  await insertGuest(ctx, {
    accountId: account.id,
    invitedAddress: address.toLowerCase(),
    invitedBy: ctx.actor.kind === 'visitor' ? ctx.actor.address : '',
    reason: null,
  });
  return { account, how: 'created' };
}

/** Home's word stands, also over what was changed here since; but for who is blocked here. */
async function bring(
  ctx: Context,
  home: TenantId,
  before: Account,
  told: ToldPerson,
  { address, domain, isNew }: { address: string; domain: string; isNew: boolean },
): Promise<void> {
  const wasBound = before.homeAccountId !== null;
  const { businessPhone, ...attributes } = told.attributes;
  const { managerId } = told;
  const changes = {
    ...attributes,
    ...(businessPhone === undefined ? {} : { businessPhones: businessPhone === null ? [] : [businessPhone] }),
    ...(managerId === undefined
      ? {}
      : { managerId: (managerId && (await findGuestIdAtHome(ctx, home, managerId as AccountId))) || null }),
    displayName: told.displayName,
    accountEnabled: told.isEnabled,
    ...(isNew || told.changesType ? { userType: told.userType } : {}),
    ...(before.mail?.toLowerCase() === address.toLowerCase()
      ? {}
      : { mail: address, proxyAddresses: [`SMTP:${address}`] }),
  };
  const isOut = before.accountEnabled && !told.isEnabled;
  await updateAccount(ctx, before.id, {
    ...changes,
    homeTenantId: home,
    homeAccountId: told.id as AccountId,
    homeDomain: domain,
    externalUserState: 'Accepted',
    identities: [{ signInType: 'federated', issuer: ORGANISATION_ISSUER, issuerAssignedId: `${home}/${told.id}` }],
    ...(wasBound ? {} : { externalUserStateChangedAt: ctx.now }),
    ...(isOut || !wasBound ? { sessionsValidFrom: ctx.now } : {}),
  });
  if (told.groupIds) await placeIn(ctx, home, before, told.groupIds);
  const target = { kind: 'account', id: before.id, displayName: told.displayName };
  const changed = Object.entries(changes)
    .map(([name, value]) => ({ name, old: (before as unknown as Record<string, unknown>)[name], new: value }))
    .filter((one) => JSON.stringify(one.old ?? null) !== JSON.stringify(one.new ?? null));
  if (changed.length > 0)
    ctx.record({
      action: 'directory.account-changed',
      category: 'UserManagement',
      targets: [{ ...target, changes: changed }],
    });
  // As when somebody accepts: from now on home tells of them, and we tell home.
  if (!wasBound)
    ctx.record({
      action: 'directory.guest-redeemed',
      category: 'UserManagement',
      targets: [target],
      facts: { purpose: 'synchronization', issuer: ORGANISATION_ISSUER, homeTenantId: home, isAutomatic: true },
    });
  await announceAccounts(ctx, [before.id]);
}

/** Takes away whom home had brought, for as long as an administrator could bring them back; nobody else. */
async function letGo(ctx: Context, home: TenantId, homeAccountId: AccountId): Promise<Omit<Taken, 'id'>> {
  const id = await findGuestIdAtHome(ctx, home, homeAccountId);
  if (!id || !(await findBrought(ctx, id))) return { outcome: 'unchanged', objectId: id ?? null, reason: null };
  const account = await removeAccount(ctx, id);
  note(ctx, account, homeAccountId, 'deleted');
  return { outcome: 'deleted', objectId: id, reason: null };
}

function note(ctx: Context, account: Account, homeAccountId: string, outcome: SyncOutcome): void {
  ctx.record({
    action: 'directory.person-brought',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: account.id, displayName: account.displayName }],
    facts: { homeAccountId, outcome },
  });
}
