import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { putGrant } from '../../src/access/index.ts';
import { listSubscriptions } from '../../src/audit/store/subscriptions.ts';
import { insertOutgoing, listOutgoing } from '../../src/calendars/store/scheduling.ts';
import { GRANTS } from '../../src/directory/index.ts';
import { updateAccount } from '../../src/directory/store/accounts.ts';
import type { Context } from '../../src/kernel/context.ts';
import { HOST, newId, type TenantId } from '../../src/kernel/ids.ts';
import { readReceipt } from '../../src/partners/index.ts';
import { listOutgoingMails, queueMail } from '../../src/platform/mail-queue.ts';
import { GRANTS as SIGNIN_GRANTS } from '../../src/signin/grants.ts';
import { ensureServicePrincipal } from '../../src/signin/store/applications.ts';
import { Browser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type ApiAnswer, type People, startPeople } from '../support/people.ts';
import { exchange, signIn } from '../support/sign-in.ts';
import { visitingHere } from '../support/visiting.ts';

// Fabrikam parts with Contoso. Everything that Contoso's people hold of it is seeded once, of every kind there is, and
// each is tried again with the credential that they still have in their hands.

let people: People;
let ann: Api;
let bobAtHome: Api;
let carla: Api;
const receiver = createServer((request, response) => {
  const token = new URL(request.url ?? '', 'http://receiver').searchParams.get('validationToken');
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-type': 'text/plain' }).end(token ?? ''));
});
before(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  people = await startPeople({ withPasswords: true, settings: { privateNetworks: ['127.0.0.0/8'] } });
  ann = people.api(people.fabrikam.ann);
  bobAtHome = people.api(people.contoso.bob);
  carla = people.api(people.contoso.carla);
});
after(async () => {
  receiver.close();
  await people?.app.close();
});

const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};
const inside = <T>(tenantId: TenantId, act: (ctx: Context) => Promise<T>) =>
  people.app.run({ tenantId, actor: { kind: 'system', name: 'test' } }, act);
const here = <T>(act: (ctx: Context) => Promise<T>) => inside(people.fabrikam.id, act);

/** Seconds after which nothing of a partner may be open any more (beyond 3.3.1). */
const WITHIN_SECONDS = 60;
const DOMAIN = 'contoso.example';
const DAY = '2031-03-03';

/** Whether somebody of Contoso still gets what they got, or something still goes to them. */
type Probe = () => Promise<boolean>;
/** Seeds one thing and answers how it is tried. */
type Seeded = () => Promise<Probe>;

/** Bob, a guest by his own acceptance, with what his sign-in left in his hands. */
interface Guest {
  readonly id: string;
  readonly browser: Browser;
  readonly access: string;
  readonly refresh: string;
  readonly api: Api;
}
let bob: Guest;
async function aGuest(): Promise<Guest> {
  const visits = visitingHere(people);
  const address = people.contoso.bob.userPrincipalName;
  const { redeem, guestId } = await visits.invite(address);
  const browser = new Browser();
  await visits.proveAtHome(browser, redeem, address);
  const accepted = await visits.act(browser, redeem, 'consent', { accepted: true });
  assert.equal(accepted.json.step, 'done', accepted.text);
  const tokens = await visits.tokensFor(browser, await visits.signInAsGuest(browser, address));
  const { access_token: access, refresh_token: refresh } = tokens.json;
  return { id: guestId, browser, access, refresh, api: people.call(access) };
}
const answers =
  (status: number, ask: () => Promise<{ readonly status: number }>): Probe =>
  async () =>
    (await ask()).status === status;

async function aGroup(name: string): Promise<string> {
  const fields = { displayName: name, mailNickname: name.toLowerCase(), mailEnabled: false, securityEnabled: true };
  return ok(await ann('POST', '/v1.0/groups', fields), 201).id;
}
const give = (kind: string, object: { kind: string; id: string }, level: string, tenantId = people.fabrikam.id) =>
  inside(tenantId, (ctx) =>
    putGrant(ctx, {
      kind,
      object,
      level,
      subject: { kind: tenantId === HOST ? 'account' : 'guest', id: bob.id },
      homeTenantId: people.contoso.id,
      homeDomain: DOMAIN,
      givenBy: people.fabrikam.ann.id,
    } as never),
  );

/** What people of a domain may share with another one. */
async function setRules(api: Api, ...rules: string[]): Promise<void> {
  const { value } = ok(await api('GET', '/admin/sharing-policies'));
  const { id } = value.find((one: { isDefault: boolean }) => one.isDefault);
  ok(await api('PATCH', `/admin/sharing-policies/${id}`, { rules }));
}
const PERMISSIONS = '/v1.0/me/calendar/calendarPermissions';

/** One shares their calendar with the other, who takes it into their list. */
async function share(from: Api, fromTenant: TenantId, to: Api, address: string): Promise<string> {
  ok(await from('POST', PERMISSIONS, { emailAddress: { address }, role: 'read' }), 201);
  const letters = await inside(fromTenant, (ctx) => listOutgoingMails(ctx, { limit: 1000 }));
  const letter = letters.find((one) => one.to.address === address && one.kind === 'calendar-invitation');
  const invitation = /invitation=(\S+)/.exec(letter?.text ?? '')?.[1];
  return ok(await to('POST', '/me/shared-calendars/accept', { invitation }), 201).id;
}

/** Every kind that a receipt can name, each with the right of it that is seeded and how it is tried. */
const KINDS: Readonly<Record<string, Seeded>> = {
  'directory.guest': async () => answers(200, () => bob.api('GET', '/v1.0/me')),
  'directory.group-member': async () => {
    const id = await aGroup('Members');
    await give(GRANTS.member.kind, { kind: 'group', id }, 'member');
    return async () => {
      const { status, body } = await bob.api('GET', '/v1.0/me/memberOf');
      return status === 200 && body.value.some((one: { id: string }) => one.id === id);
    };
  },
  'directory.group-owner': async () => {
    const id = await aGroup('Owners');
    await give(GRANTS.owner.kind, { kind: 'group', id }, 'owner');
    return answers(204, () => bob.api('PATCH', `/v1.0/groups/${id}`, { description: 'Of Bob' }));
  },
  'directory.role': async () => {
    await give(GRANTS.role.kind, { kind: GRANTS.role.objectKind, id: 'auditor' }, GRANTS.role.level);
    return answers(200, () => bob.api('GET', '/admin/ledger'));
  },
  'signin.operator': async () => {
    const { kind, objectKind, objectId, level } = SIGNIN_GRANTS.operator;
    await give(kind, { kind: objectKind, id: objectId }, level, HOST);
    return answers(200, () => bob.api('GET', '/operator/tenants'));
  },
  'directory.invitation': async () => {
    const visits = visitingHere(people);
    const { redeem } = await visits.invite(`nora@${DOMAIN}`);
    return async () => (await new Browser().send('GET', visits.offerAt(redeem))).json?.step === 'sign-in';
  },
  'directory.waiting-letter': async () => {
    const id = await here((ctx) =>
      queueMail(ctx, {
        kind: 'test',
        to: { address: `zoe@${DOMAIN}` },
        fromName: 'Ann',
        subject: 'Soon',
        text: '',
        html: '',
      }),
    );
    return async () => {
      const letters = await here((ctx) => listOutgoingMails(ctx, { limit: 1000 }));
      return letters.find((one) => one.id === id)?.state === 'waiting';
    };
  },
  'calendars.calendar': async () => {
    const id = await share(ann, people.fabrikam.id, bobAtHome, people.contoso.bob.userPrincipalName);
    const view = `/me/shared-calendars/${id}/view?start=${DAY}T00:00:00Z&end=${DAY}T23:00:00Z`;
    return answers(200, () => bobAtHome('GET', view));
  },
  'calendars.shared-calendar': async () => {
    const id = await share(bobAtHome, people.contoso.id, ann, people.fabrikam.ann.userPrincipalName);
    return async () => ok(await ann('GET', '/me/shared-calendars')).value.some((one: { id: string }) => one.id === id);
  },
  'calendars.address-book': async () => {
    const [{ id }] = ok(await ann('GET', '/me/address-books')).own;
    ok(await ann('POST', `/me/address-books/${id}/shares`, { address: people.contoso.bob.userPrincipalName }), 201);
    const open = { owner: people.fabrikam.ann.userPrincipalName };
    return answers(201, () => bobAtHome('POST', '/me/shared-address-books', open));
  },
  'calendars.sharing-rule': async () => {
    return async () => {
      const asked = { emailAddress: { address: `zoe@${DOMAIN}` }, role: 'freeBusyRead' };
      const { status, body } = await ann('POST', PERMISSIONS, asked);
      if (status === 201) ok(await ann('DELETE', `${PERMISSIONS}/${body.id}`), 204);
      return status === 201;
    };
  },
  'calendars.relationship': async () => {
    const automaticRepliesSetting = {
      status: 'alwaysEnabled',
      externalAudience: 'all',
      internalReplyMessage: 'Away',
      externalReplyMessage: 'Away',
    };
    ok(await ann('PATCH', '/v1.0/me/mailboxSettings', { automaticRepliesSetting }));
    const mailTips = { enabled: true, level: 'All' };
    ok(
      await ann('POST', '/admin/organization-relationships', { name: 'Contoso', domainNames: [DOMAIN], mailTips }),
      201,
    );
    return async () => {
      const { body } = await bobAtHome('POST', '/v1.0/me/getMailTips', {
        EmailAddresses: [people.fabrikam.ann.userPrincipalName],
        MailTipsOptions: 'automaticReplies',
      });
      return body.value?.[0]?.automaticReplies !== undefined;
    };
  },
  'tenants.partner-setting': async () => {
    const policy = '/v1.0/policies/crossTenantAccessPolicy/partners';
    ok(await ann('POST', policy, { tenantId: people.contoso.id }), 201);
    const allowed = { isAllowed: true, resourceScopes: { included: [{ resourceId: 'All', resourceType: 'user' }] } };
    const capability = { name: 'crossTenantCalendarAvailabilityBasic', inboundAccess: allowed };
    const capabilities = `${policy}/${people.contoso.id}/m365Capabilities`;
    ok(await ann('POST', capabilities, capability), 201);
    // A relationship stands above it: what it lets them do alone is tried where lookups are.
    return async () => (await ann('GET', capabilities)).body.value?.length > 0;
  },
  'calendars.waiting-message': async () => {
    const uid = newId();
    const owner = { kind: 'account', id: people.fabrikam.ann.id } as const;
    const recipient = `zoe@${DOMAIN}`;
    await here((ctx) =>
      insertOutgoing(ctx, newId(), [
        {
          owner,
          uid,
          method: 'REQUEST',
          sender: 'ann@fabrikam.example',
          senderName: 'Ann',
          recipient,
          content: '',
          comment: null,
        },
      ]),
    );
    return async () => {
      const [sent] = await here((ctx) => listOutgoing(ctx, { owner, uid, recipient, limit: 1 }));
      return sent?.state === 'waiting';
    };
  },
  'signin.service-principal': async () => {
    const app = ok(
      await carla('POST', '/v1.0/applications', { displayName: 'Tool', signInAudience: 'AzureADMultipleOrgs' }),
      201,
    );
    const { secretText } = ok(await carla('POST', `/v1.0/applications/${app.id}/addPassword`, {}));
    const application = { id: app.appId, tenantId: people.contoso.id, displayName: 'Tool' };
    const principal = await here((ctx) => ensureServicePrincipal(ctx, application));
    const given = { appRoleId: 'User.Read.All', principalId: principal.id };
    ok(await ann('POST', `/v1.0/servicePrincipals/${principal.id}/appRoleAssignments`, given), 201);
    const asked = () =>
      fetch(`${people.app.origin}/fabrikam.example/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: app.appId,
          client_secret: secretText,
        }),
      });
    const { access_token } = (await (await asked()).json()) as { access_token: string };
    return async () => (await people.call(access_token)('GET', '/v1.0/users')).status === 200 || (await asked()).ok;
  },
  'signin.signal-stream': async () => {
    // Anders is a guest of Contoso: Fabrikam tells Contoso what becomes of him.
    const { anders } = people.fabrikam;
    const asked = { invitedUserEmailAddress: anders.userPrincipalName, inviteRedirectUrl: `${people.app.origin}/` };
    const { invitedUser } = ok(await carla('POST', '/v1.0/invitations', asked), 201);
    await inside(people.contoso.id, async (ctx) => {
      await updateAccount(ctx, invitedUser.id, {
        homeTenantId: people.fabrikam.id,
        homeAccountId: anders.id,
        homeDomain: people.fabrikam.domain,
        externalUserState: 'Accepted',
      });
      ctx.record({
        action: 'directory.guest-redeemed',
        category: 'UserManagement',
        targets: [{ kind: 'account', id: invitedUser.id }],
        facts: { homeTenantId: people.fabrikam.id },
      });
    });
    const streams = async () => ok(await ann('GET', '/ssf/streams')).length > 0;
    await eventually(streams);
    return streams;
  },
  'partners.agreement': async () => {
    const terms = [{ term: 'files.sharing', of: 'fabrikam.example', offers: 'edit', accepts: 'edit' }];
    const base = '/admin/partners/agreements';
    const { id } = ok(await ann('POST', base, { partner: DOMAIN, terms, propose: true }), 201);
    await eventually(async () => (await carla('POST', `${base}/${id}/sign`, {})).status === 200);
    const isActive = async () => ok(await ann('GET', `${base}/${id}`)).state === 'active';
    await eventually(isActive);
    return isActive;
  },
};

/** What is no kind of its own and yet in the hands of somebody of Contoso: it goes with what it stands on. */
const BESIDES: Readonly<Record<string, Seeded>> = {
  'a page that is open': async () => {
    const socket = new WebSocket(`${people.app.origin.replace('http', 'ws')}/live`);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const ready = new Promise((resolve) => socket.addEventListener('message', resolve));
    socket.send(JSON.stringify({ type: 'authenticate', token: bob.access }));
    await ready;
    return async () => socket.readyState === WebSocket.OPEN;
  },
  'a refresh token': async () => {
    let held = bob.refresh;
    return async () => {
      const asked = { grant_type: 'refresh_token', refresh_token: held };
      const { status, json } = await exchange(bob.browser, people.app.origin, 'fabrikam.example', asked);
      if (status === 200) held = json.refresh_token;
      return status === 200;
    };
  },
  'a session at home with which one signs in again': async () => {
    const visits = visitingHere(people);
    return async () => {
      const visited = await visits
        .signInAsGuest(bob.browser, people.contoso.bob.userPrincipalName)
        .catch(() => undefined);
      return visited !== undefined && (await visits.tokensFor(bob.browser, visited)).status === 200;
    };
  },
  'a token of home that is exchanged': async () => {
    const held = await signIn(people.app.origin, DOMAIN, people.contoso.bob.userPrincipalName);
    return async () => {
      const visited = await exchange(new Browser(), people.app.origin, 'fabrikam.example', {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: held.access_token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      });
      return visited.status === 200;
    };
  },
  'a subscription to changes': async () => {
    const asked = {
      changeType: 'updated',
      resource: '/users',
      notificationUrl: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
      expirationDateTime: new Date(people.app.clock.now.getTime() + 86_400_000).toISOString(),
    };
    ok(await bob.api('POST', '/v1.0/subscriptions', asked), 201);
    return async () => {
      // Something happens that it would tell of.
      ok(await ann('PATCH', `/v1.0/users/${people.fabrikam.anders.id}`, { jobTitle: newId() }), 204);
      return (await here((ctx) => listSubscriptions(ctx, { kind: 'account', id: bob.id }))).length > 0;
    };
  },
};

test('beyond 3.3.1: of every kind there is, what a partner still holds is worth nothing within a minute', async (t) => {
  const kinds = new Set(
    people.app.modules.flatMap(({ ties = [] }) => ties.flatMap(({ titles }) => Object.keys(titles))),
  );
  kinds.add('partners.agreement');
  // Whoever adds a kind says here how it is seeded and tried.
  assert.deepEqual(
    [...kinds].filter((kind) => !(kind in KINDS)),
    [],
  );
  assert.deepEqual(
    Object.keys(KINDS).filter((kind) => !kinds.has(kind)),
    [],
  );

  await setRules(ann, `${DOMAIN}: CalendarSharingFreeBusyReviewer, ContactsSharing`);
  await setRules(carla, 'fabrikam.example: CalendarSharingFreeBusyReviewer');
  bob = await aGuest();
  const probes = new Map<string, Probe>();
  for (const [name, seed] of Object.entries({ ...KINDS, ...BESIDES })) probes.set(name, await seed());
  const shut: string[] = [];
  for (const [name, isOpen] of probes) if (!(await isOpen())) shut.push(name);
  assert.deepEqual(shut, [], 'everything is open before');

  const { kinds: found } = ok(await ann('GET', `/admin/endings/preview?partner=${DOMAIN}`));
  const begun = Date.now();
  const { id } = ok(await ann('POST', '/admin/endings', { partner: DOMAIN }), 202);
  for (const [name, isOpen] of probes) {
    await eventually(async () => !(await isOpen()), `${name} is still open`);
    assert.ok(Date.now() - begun < WITHIN_SECONDS * 1_000, `${name} took longer than a minute`);
  }
  await eventually(async () => ok(await ann('GET', `/admin/endings/${id}`)).state === 'done');
  for (const [name, isOpen] of probes) assert.equal(await isOpen(), false, `${name} stays shut`);

  const receipt = await readReceipt(ok(await ann('GET', `/admin/endings/${id}/receipt`)));
  const ended = Object.fromEntries(receipt.kinds.map((one) => [one.kind, one.found]));
  assert.deepEqual(
    ended,
    Object.fromEntries(found.map((one: { kind: string; found: number }) => [one.kind, one.found])),
  );
  for (const { kind, found: count, revoked, transferred, irrecoverable } of receipt.kinds)
    assert.equal(revoked + transferred + irrecoverable, count, kind);
  t.diagnostic(`${kinds.size} kinds and ${Object.keys(BESIDES).length} credentials besides`);
});
