/** An organisation with every kind of right, for trying changes out on it. */
import { putGrant } from '../../src/access/index.ts';
import { insertCalendar, listCalendars } from '../../src/calendars/store/calendars.ts';
import { putLink } from '../../src/calendars/store/links.ts';
import { ensureMailbox } from '../../src/calendars/usecases/mailboxes.ts';
import { createAccount, createGroup, createInvitation, GRANTS } from '../../src/directory/index.ts';
import { updateAccount } from '../../src/directory/store/accounts.ts';
import type { Context } from '../../src/kernel/context.ts';
import { type AccountId, newId } from '../../src/kernel/ids.ts';
import { findStreamOfPartner, insertStream, insertSubjects } from '../../src/signin/store/signals.ts';
import type { People } from './people.ts';

const DAY = 86_400_000;

export interface World {
  readonly accounts: readonly AccountId[];
  /** Each bound to somebody at home: the first to Bob of Contoso, the second to Tom of Tailspin. */
  readonly guests: readonly AccountId[];
  readonly pending: {
    readonly id: AccountId;
    readonly domain: string;
    readonly homeTenantId: string | null;
  }[];
  readonly groups: readonly string[];
  readonly calendars: readonly string[];
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  /** Our people who work elsewhere, and until when that counts. */
  readonly goers: readonly { readonly id: AccountId; readonly tenantId: string; readonly until: Date | null }[];
  /** A group of Contoso, with Bob in it. */
  readonly groupOfContoso: string;
}

/** Fabrikam with guests, nested groups, calendars that are shared in every way, and rights that will end. */
export async function fillWorld(people: People): Promise<World> {
  const groupOfContoso = await people.app.run(
    { tenantId: people.contoso.id, actor: { kind: 'system', name: 'test' } },
    async (ctx) => {
      const fields = { kind: 'security', displayName: 'Falcon', mailNickname: 'falcon', description: null } as const;
      const { id } = await createGroup(ctx, fields as never);
      const subject = { kind: 'account', id: people.contoso.bob.id };
      const object = { kind: 'group', id };
      const grant = { kind: GRANTS.member.kind, object, subject, level: 'member', givenBy: 'test' };
      await putGrant(ctx, grant as never);
      return id;
    },
  );
  return people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    fillFabrikam(ctx, people, groupOfContoso),
  );
}

async function fillFabrikam(ctx: Context, people: People, groupOfContoso: string): Promise<World> {
  const { ann, anders } = people.fabrikam;
  const accounts: AccountId[] = [ann.id, anders.id];
  for (const name of ['cleo', 'dora', 'emil']) {
    const { id } = await createAccount(ctx, { userPrincipalName: `${name}@fabrikam.example`, displayName: name });
    accounts.push(id);
  }
  const guests: AccountId[] = [];
  const pending: World['pending'][number][] = [];
  for (const [name, domain] of [
    ['gina', 'contoso.example'],
    ['hugo', 'tailspin.example'],
    ['ivo', 'elsewhere.example'],
    ['jan', 'contoso.example'],
  ] as const) {
    const made = await createInvitation(ctx, {
      address: `${name}@${domain}`,
      redirectUrl: 'https://apps.fabrikam.example/',
      origin: 'https://fabrikam.example',
      sponsorIds: [ann.id],
    } as never);
    const { id } = made.account;
    if (name === 'ivo') pending.push({ id, domain, homeTenantId: null });
    else if (name === 'jan') pending.push({ id, domain, homeTenantId: people.contoso.id });
    else {
      const home = name === 'gina' ? people.contoso.bob : people.tailspin.tom;
      await updateAccount(ctx, id, {
        externalUserState: 'Accepted',
        homeTenantId: home.tenantId,
        homeAccountId: home.id,
        endsAt: new Date(ctx.now.getTime() + 40 * DAY),
      });
      guests.push(id);
    }
  }
  const groups: string[] = [];
  for (const [n, kind] of (['security', 'security', 'shared', 'security'] as const).entries()) {
    const visibility = n === 2 ? 'Public' : 'Private';
    const fields = { displayName: `Group ${n}`, mailNickname: `group${n}`, description: null, visibility, kind };
    groups.push((await createGroup(ctx, { ...fields, isAssignableToRole: n === 3 } as never)).id);
  }
  const give = (
    kind: string,
    objectKind: string,
    objectId: string,
    subject: object,
    level: string,
    more: object = {},
  ) =>
    putGrant(ctx, {
      kind,
      object: { kind: objectKind, id: objectId },
      subject,
      level,
      givenBy: ann.id,
      ...more,
    } as never);
  const member = (group: number, kind: string, id: string, more: object = {}) =>
    give(GRANTS.member.kind, 'group', groups[group]!, { kind, id }, 'member', more);
  await member(0, 'account', accounts[1]!);
  await member(0, 'guest', guests[0]!, { homeDomain: 'contoso.example', homeTenantId: people.contoso.id });
  await member(1, 'group', groups[0]!);
  await member(1, 'account', accounts[2]!, { endsAt: new Date(ctx.now.getTime() + 20 * DAY) });
  await member(2, 'guest', guests[1]!, { homeDomain: 'tailspin.example', homeTenantId: people.tailspin.id });
  await member(3, 'account', accounts[3]!);
  await give(GRANTS.owner.kind, 'group', groups[0]!, { kind: 'account', id: accounts[4]! }, 'owner');
  await give(GRANTS.role.kind, 'tenant-role', 'auditor', { kind: 'group', id: groups[3]! }, 'holder');
  await give(GRANTS.role.kind, 'tenant-role', 'user-administrator', { kind: 'account', id: accounts[4]! }, 'holder', {
    endsAt: new Date(ctx.now.getTime() + 30 * DAY),
  });

  const calendars: string[] = [];
  for (const owner of [accounts[0]!, accounts[1]!, accounts[2]!]) {
    await ensureMailbox(ctx, { kind: 'account', id: owner });
    const [calendar] = await listCalendars(ctx, { owners: [{ kind: 'account', id: owner }] });
    calendars.push(calendar!.id);
  }
  const second = { owner: { kind: 'account', id: accounts[1]! }, name: 'Second', slug: 'second' } as const;
  calendars.push((await insertCalendar(ctx, second)).id);
  await ensureMailbox(ctx, { kind: 'group', id: groups[2]! });
  const [shared] = await listCalendars(ctx, { owners: [{ kind: 'group', id: groups[2]! }] });
  calendars.push(shared!.id);
  const share = (n: number, kind: string, id: string, level: string, more: object = {}) =>
    give('calendars.calendar', 'calendar', calendars[n]!, { kind, id }, level, more);
  const contoso = { homeDomain: 'contoso.example', homeTenantId: people.contoso.id };
  const addresses = ['bob@contoso.example', 'gina@contoso.example', 'tom@tailspin.example'];
  await share(0, 'contact', addresses[0]!, 'read', contoso);
  await share(1, 'contact', addresses[1]!, 'limitedRead', contoso);
  await share(1, 'contact', addresses[2]!, 'read', {
    homeDomain: 'tailspin.example',
    homeTenantId: people.tailspin.id,
  });
  await share(2, 'contact', addresses[0]!, 'freeBusyRead', {
    ...contoso,
    endsAt: new Date(ctx.now.getTime() + 10 * DAY),
  });
  await share(3, 'group', groups[1]!, 'write');
  await share(3, 'account', accounts[1]!, 'read');
  await share(2, 'account', accounts[3]!, 'write');
  await share(0, 'guest', guests[0]!, 'read', contoso);
  const links: string[] = [];
  for (const [n, subject] of [
    { kind: 'anyone', id: 'anyone' },
    { kind: 'contact', id: 'x@stranger.example' },
  ].entries()) {
    const grant = await share(n, subject.kind, subject.id, 'limitedRead', {
      path: 'link',
      homeDomain: 'stranger.example',
    });
    const id = newId();
    const [rangeFrom, rangeTo] = ['OneMonth', 'OneMonth'] as never[];
    const token = { tokenHash: Buffer.from(id), tokenSealed: Buffer.from(id), publicName: null };
    await putLink(ctx, {
      id,
      calendarId: calendars[n] as never,
      grantId: grant.id,
      ...token,
      rangeFrom,
      rangeTo,
    } as never);
    links.push(id);
  }
  const goers = await sendOut(ctx, people, accounts);
  return { accounts, guests, pending, groups, calendars, links, addresses, goers, groupOfContoso };
}

/** Two of ours have signed in elsewhere of late, and one is a guest there. */
async function sendOut(ctx: Context, people: People, accounts: readonly AccountId[]): Promise<World['goers']> {
  const [, anders, cleo, dora] = accounts as [AccountId, AccountId, AccountId, AccountId];
  const until = new Date(ctx.now.getTime() + 30 * DAY);
  const signedIn = [
    { id: anders, tenantId: people.contoso.id, until },
    { id: cleo, tenantId: people.tailspin.id, until },
  ];
  for (const { id, tenantId } of signedIn)
    ctx.record({
      action: 'signin.signed-in',
      category: 'SignIn',
      targets: [{ kind: 'account', id, displayName: 'Somebody' }],
      facts: { userName: 'somebody@fabrikam.example', homeTenantId: null, resourceTenantId: tenantId, elsewhere: null },
    });
  const partner = people.contoso.id;
  await insertStream(ctx, { partnerTenantId: partner, applicationId: null, audience: partner, delivery: 'partner' });
  const stream = await findStreamOfPartner(ctx, partner);
  await insertSubjects(ctx, stream!.id, [dora]);
  return [...signedIn, { id: dora, tenantId: partner, until: null }];
}
