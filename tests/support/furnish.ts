import { listGrants, putGrant } from '../../src/access/index.ts';
import { insertSubscription } from '../../src/audit/store/subscriptions.ts';
import { insertAddressBook } from '../../src/calendars/store/address-books.ts';
import { putBookSubscription } from '../../src/calendars/store/book-subscriptions.ts';
import { listCalendars, updateMailbox } from '../../src/calendars/store/calendars.ts';
import { putSubscription } from '../../src/calendars/store/invitations.ts';
import { putLink } from '../../src/calendars/store/links.ts';
import { insertInbox, listInbox } from '../../src/calendars/store/scheduling.ts';
import { ensureMailbox } from '../../src/calendars/usecases/mailboxes.ts';
import { putObject } from '../../src/calendars/usecases/objects.ts';
import { createAccount, createGroup, GRANTS } from '../../src/directory/index.ts';
import { printImportTemplate } from '../../src/directory/model/guest-csv.ts';
import { createContact } from '../../src/directory/usecases/contacts.ts';
import { deleteAccount } from '../../src/directory/usecases/delete-account.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';
import { newId, type TenantId } from '../../src/kernel/ids.ts';
import type { SignedDocument } from '../../src/partners/index.ts';
import { putDiagnosis } from '../../src/partners/store/diagnoses.ts';
import { putIntroduction, putPartner } from '../../src/partners/store/records.ts';
import { insertPasskey } from '../../src/signin/store/passkeys.ts';
import { keepSession } from '../../src/signin/store/sessions.ts';
import { IMPORTED } from './bodies.ts';
import type { Objects } from './paths.ts';
import { askFor, type People, type Person } from './people.ts';
import { registerProgram } from './program.ts';

/** Work in a tenant's name, as the server itself. */
export type Inside = <T>(tenantId: TenantId, act: (ctx: Context) => Promise<T>, actor?: Actor) => Promise<T>;

/** What an organisation elsewhere would publish. Nobody answers there. */
const publishedBy = (tenantId: TenantId, domain: string): SignedDocument => ({
  document: {
    v: 1,
    tenantId,
    displayName: `Partner at ${domain}`,
    domains: [domain],
    endpoint: `https://${domain}/partners/requests`,
    issuer: `https://${domain}/${tenantId}/v2.0`,
    keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'nothing', kid: newId() }],
  },
  signature: { protected: '', signature: '' },
});

/** A file of guests to invite, with one in it. */
const guestsFile = (address: string) =>
  `${printImportTemplate().split(/\r?\n/).slice(0, 2).join('\r\n')}\r\n${address},https://apps.example/\r\n`;

/** An event in the calendar of a member. */
const planOf = (home: string) =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//${home}//EN\r\nBEGIN:VEVENT\r\nUID:plan@${home}\r\n` +
  `DTSTAMP:20260401T000000Z\r\nDTSTART:20260504T070000Z\r\nDURATION:PT1H\r\nSUMMARY:Plan of ${home}\r\n` +
  'END:VEVENT\r\nEND:VCALENDAR\r\n';

/** One object of every kind, made as its administrator and its member would. */
export async function furnish(people: People, inside: Inside, administrator: Person, member: Person): Promise<Objects> {
  const { tenantId } = administrator;
  const asMember = people.api(member);
  const asAdministrator = people.api(administrator);

  const grant = await inside(tenantId, async (ctx) => {
    await putGrant(ctx, {
      kind: GRANTS.role.kind,
      subject: { kind: 'account', id: member.id },
      object: { kind: GRANTS.role.objectKind, id: 'guest-inviter' },
      level: GRANTS.role.level,
      givenBy: administrator.id,
    });
    const [given] = await listGrants(ctx, { subjects: [{ kind: 'account', id: member.id }] });
    return given?.id as string;
  });
  const home = administrator.userPrincipalName.split('@')[1] as string;
  const made = await inside(tenantId, async (ctx) => {
    const person = { displayName: `Gone from ${home}`, userPrincipalName: `gone@${home}` };
    const gone = await createAccount(ctx, person);
    await deleteAccount(ctx, gone.id);
    const contact = await createContact(ctx, {
      displayName: `Friend of ${home}`,
      mail: `friend@${home}.elsewhere.example`,
    });
    const group = await createGroup(ctx, {
      kind: 'security',
      displayName: `Group of ${home}`,
      mailNickname: 'group',
      members: [{ kind: 'account', id: member.id }],
    });
    const [session, passkey] = [newId(), newId()];
    await keepSession(ctx, {
      id: session,
      accountId: administrator.id,
      authenticatedAt: ctx.now,
      endsAt: new Date(ctx.now.getTime() + 86_400_000),
      methods: ['pwd'],
      homeTenantId: null,
      clientAddress: null,
      userAgent: null,
    });
    await insertPasskey(ctx, {
      // Not the administrator's: whoever has one changes nothing of their own without it.
      accountId: member.id,
      id: passkey,
      publicKey: Buffer.from('key'),
      counter: 0,
      transports: [],
      displayName: `Key of ${home}`,
      isBackedUp: false,
      authenticator: '',
    });
    return { passkey, session, contact: contact.id, group: group.id, gone: gone.id };
  });
  const partners = await inside(tenantId, async (ctx) => {
    const [confirmed, introduced] = [newId<'tenant'>(), newId<'tenant'>()];
    const at = (name: string) => `${name}.${home}.elsewhere.example`;
    await putPartner(ctx, {
      tenantId: confirmed,
      foundAt: at('partner'),
      document: publishedBy(confirmed, at('partner')),
      domains: [at('partner')],
      confirmedBy: administrator.id,
    });
    await putIntroduction(ctx, {
      tenantId: introduced,
      foundAt: at('stranger'),
      document: publishedBy(introduced, at('stranger')),
    });
    const made = newId();
    await putDiagnosis(ctx, {
      id: made,
      partnerTenantId: confirmed,
      partnerName: 'Partner',
      askedBy: administrator.id,
      mailbox: null,
      isHealthy: true,
      steps: [],
      told: [],
    });
    return { confirmed, introduced, made };
  });
  const { id: agreement } = await askFor(asAdministrator, 'POST', '/admin/partners/agreements', {
    partner: partners.confirmed,
    terms: [{ term: 'files.sharing', of: home, offers: 'view' }],
  });
  const kept = await inside(tenantId, async (ctx) => {
    const owner = { kind: 'account', id: member.id } as const;
    await ensureMailbox(ctx, owner);
    const [calendar] = await listCalendars(ctx, { owners: [owner], isDefault: true });
    const { object } = await putObject(ctx, { calendarId: calendar!.id, name: 'plan.ics', text: planOf(home) });
    const reader = { kind: 'account', id: administrator.id } as const;
    await ensureMailbox(ctx, reader);
    await insertInbox(ctx, {
      ...{ reader, owner: reader, fingerprint: 'one', sender: `friend@${home}.elsewhere.example`, method: 'COUNTER' },
      ...{ uid: `plan@${home}`, content: planOf(home).replace('BEGIN:VEVENT', 'METHOD:COUNTER\r\nBEGIN:VEVENT') },
      ...{ comment: null, outcome: 'proposal', warning: null, proposal: 'open', objectId: null },
    });
    const [message] = await listInbox(ctx, { reader, limit: 1 });
    const category = { id: newId(), displayName: `Trips of ${home}`, color: 'none' };
    await updateMailbox(ctx, owner, { categories: [category] });
    const { object: task } = await putObject(ctx, {
      calendarId: calendar!.id,
      name: 'task.ics',
      text: planOf(home).replaceAll('VEVENT', 'VTODO').replace('UID:plan', 'UID:task'),
    });
    const { id: permission } = await putGrant(ctx, {
      kind: 'calendars.calendar',
      subject: { kind: 'contact', id: `friend@${home}.elsewhere.example` },
      object: { kind: 'calendar', id: calendar!.id },
      level: 'limitedRead',
      homeDomain: `${home}.elsewhere.example`,
      givenBy: member.id,
    });
    const { id: published } = await putGrant(ctx, {
      kind: 'calendars.calendar',
      subject: { kind: 'anyone', id: 'anyone' },
      object: { kind: 'calendar', id: calendar!.id },
      level: 'freeBusyRead',
      path: 'link',
      givenBy: member.id,
    });
    await putLink(ctx, {
      id: newId(),
      calendarId: calendar!.id,
      grantId: published,
      tokenHash: Buffer.from(`link of ${home}`),
      tokenSealed: Buffer.from('sealed'),
      publicName: `${home}-calendar`,
      rangeFrom: 'OneWeek',
      rangeTo: 'OneWeek',
    });
    const { id: subscription } = await putSubscription(ctx, {
      id: newId(),
      accountId: member.id,
      partnerTenantId: newId(),
      partnerCalendarId: newId(),
      name: `Shared with ${home}`,
      ownerName: 'Somebody',
      ownerAddress: null,
      organisationName: 'Elsewhere',
      color: null,
      role: 'read',
    });
    const book = await insertAddressBook(ctx, { accountId: member.id, name: `Contacts of ${home}`, slug: 'known' });
    const { id: bookShare } = await putGrant(ctx, {
      kind: 'calendars.address-book',
      subject: { kind: 'contact', id: `friend@${home}.elsewhere.example` },
      object: { kind: 'address-book', id: book!.id },
      level: 'read',
      homeDomain: `${home}.elsewhere.example`,
      givenBy: member.id,
    });
    const { id: opened } = await putBookSubscription(ctx, member.id, {
      partnerTenantId: newId(),
      partnerBookId: newId(),
      name: `Opened in ${home}`,
      ownerName: 'Somebody',
      ownerAddress: 'somebody@elsewhere.example',
      organisationName: 'Elsewhere',
    });
    return {
      book: book!.id,
      bookShare,
      opened,
      calendar: calendar!.id,
      event: object.id,
      category: category.id,
      task: task.id,
      permission,
      published,
      subscription,
      message: message!.id,
    };
  });
  const { id: attachment } = await askFor(
    asMember,
    'POST',
    `/v1.0/users/${member.id}/events/${kept.event}/attachments`,
    {
      '@odata.type': '#microsoft.graph.fileAttachment',
      name: 'plan.txt',
      contentBytes: 'cGxhbg==',
    },
  );
  const fileImport = await askFor(asMember, 'POST', `/me/calendars/${kept.calendar}/import`, IMPORTED);
  const make = (path: string, body: unknown) => askFor(asAdministrator, 'POST', path, body);
  const program = await registerProgram(people, administrator, `Program of ${home}`, ['User.Read.All']);
  const consent = await make('/v1.0/oauth2PermissionGrants', {
    clientId: program.servicePrincipalId,
    consentType: 'AllPrincipals',
    scope: 'User.Read',
  });
  const appPassword = await make('/me/app-passwords', { name: `Mail of ${home}` });
  const policy = await make('/admin/sharing-policies', { name: `Sharing of ${home}` });
  const domain = await make('/v1.0/domains', { id: `claimed-by-${home}` });
  const source = await make('/admin/directory-sources', {
    kind: 'ldap',
    displayName: `People of ${home}`,
    externalId: `ldap.${home}`,
  });
  const place = await make('/admin/places', {
    kind: 'room',
    displayName: `Room of ${home}`,
    emailAddress: `room@${home}`,
  });
  const invitation = await make('/v1.0/invitations', {
    invitedUserEmailAddress: `tom@tailspin.example`,
    inviteRedirectUrl: 'https://apps.example/',
  });
  const imported = await asAdministrator(
    'POST',
    '/admin/guest-imports',
    guestsFile(`imported@${home}.elsewhere.example`),
    {
      'content-type': 'text/csv',
    },
  );
  if (imported.status !== 202)
    throw new Error(`The import answered ${imported.status}: ${JSON.stringify(imported.body)}`);
  const relationship = await make('/admin/organization-relationships', {
    name: `Partner of ${home}`,
    domainNames: [`wingtip.${home}`],
  });
  const skus = await asAdministrator('GET', '/v1.0/subscribedSkus');
  // Made by hand: asking for one calls a server outside first.
  const subscription = newId();
  await inside(tenantId, (ctx) =>
    insertSubscription(ctx, {
      id: subscription,
      owner: { kind: 'account', id: administrator.id },
      ownerScopes: null,
      changeTypes: ['updated'],
      resource: '/users',
      collection: 'users',
      objectId: null,
      notificationUrl: `https://hooks.${home}/`,
      lifecycleUrl: null,
      clientState: `of ${home}`,
      expiresAt: new Date(ctx.now.getTime() + 86_400_000),
      secret: Buffer.from('sealed'),
    }),
  );
  const tried = await asAdministrator('POST', '/admin/what-if', {
    changes: [],
    at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const parted = await asAdministrator('POST', '/admin/endings', { partner: `parted-from.${home}` });
  const review = await asAdministrator('POST', '/admin/reviews', { title: 'Sample', withoutAnswer: 'keep' });
  const refused = await asMember('GET', '/admin/audit/events');
  const requested = await askFor(asMember, 'POST', '/me/access-requests', { reference: refused.body.decisionId });
  const events = await asAdministrator('GET', '/admin/audit/events?refusals=false');
  return {
    'access request': requested.id,
    account: member.id,
    'app-password': appPassword.id,
    application: program.id,
    'application permission': program.permissionIds[0] as string,
    attachment,
    calendar: kept.calendar,
    'calendar event': kept.event,
    category: kept.category,
    'calendar permission': kept.permission,
    consent: consent.id,
    contact: made.contact,
    decision: refused.body.decisionId as string,
    'deleted account': made.gone,
    'directory-source': source.id,
    domain: domain.id,
    ending: parted.body.id,
    event: events.body.value[0].id as string,
    'file import': fileImport.id,
    grant,
    group: made.group,
    guest: invitation.invitedUser.id,
    'guest-import': imported.body.id,
    'meeting message': kept.message,
    'outside share': kept.published,
    'service principal': program.servicePrincipalId,
    passkey: made.passkey,
    place: place.id,
    session: made.session,
    'shared calendar': kept.subscription,
    'address book': kept.book,
    'address book share': kept.bookShare,
    'opened address book': kept.opened,
    agreement,
    'partner record': partners.confirmed,
    'partnership test': partners.made,
    introduction: partners.introduced,
    review: review.body.id,
    'sharing policy': policy.id,
    sku: skus.body.value[0].id,
    subscription,
    relationship: relationship.id,
    task: kept.task,
    tenant: tenantId,
    'what-if': tried.body.id,
  };
}
