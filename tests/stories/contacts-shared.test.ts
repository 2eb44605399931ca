import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createDAVClient } from 'tsdav';
import { listOutgoingMails } from '../../src/platform/mail-queue.ts';
import { eventually, unchanging } from '../support/eventually.ts';
import { type Api, type ApiAnswer, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let anders: Api;
let bob: Api;
const passwords = new Map<string, string>();
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  anders = people.api(people.fabrikam.anders);
  bob = people.api(people.contoso.bob);
});
after(() => people.app.close());

const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};

async function setRules(...rules: string[]): Promise<void> {
  const { value } = ok(await ann('GET', '/admin/sharing-policies'));
  const { id } = value.find((one: { isDefault: boolean }) => one.isDefault);
  ok(await ann('PATCH', `/admin/sharing-policies/${id}`, { rules }));
}

/** One request as an address book program of somebody sends it. */
async function dav(person: Person, method: string, path: string, body?: string, depth = '0') {
  const known = passwords.get(person.id);
  const password = known ?? (await people.api(person)('POST', '/me/app-passwords', { name: 'Contacts' })).body.password;
  passwords.set(person.id, password);
  const answer = await fetch(new URL(path, people.app.origin), {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${person.userPrincipalName}:${password}`).toString('base64')}`,
      depth,
      ...(body === undefined ? {} : { 'content-type': body.startsWith('BEGIN') ? 'text/vcard' : 'application/xml' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, body: await answer.text() };
}

const card = (uid: string, name: string) =>
  ['BEGIN:VCARD', 'VERSION:3.0', `UID:${uid}`, `FN:${name}`, 'N:;;;;', 'END:VCARD', ''].join('\r\n');
const home = (person: Person) => `/dav/addressbooks/${person.id}/`;
const LOOK = `<D:propfind xmlns:D="DAV:" xmlns:S="http://calendarserver.org/ns/"><D:prop><D:displayname/><S:getctag/>
  <D:current-user-privilege-set/></D:prop></D:propfind>`;
const QUERY = `<A:addressbook-query xmlns:D="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/>
  <A:address-data/></D:prop><A:filter/></A:addressbook-query>`;

/** The part about one address book of somebody's home. */
async function listed(person: Person, part: string): Promise<string> {
  const { status, body } = await dav(person, 'PROPFIND', home(person), LOOK, '1');
  assert.equal(status, 207, body);
  return body.split('<D:response>').find((one) => one.includes(`/${part}`)) ?? '';
}
const defaultBook = async (api: Api) => ok(await api('GET', '/me/address-books')).own[0].id as string;

test('a colleague reads and changes the contacts that somebody shares with them, and ends up with none of it', async () => {
  const { fabrikam } = people;
  const id = await defaultBook(ann);
  assert.equal(
    (await dav(fabrikam.ann, 'PUT', `${home(fabrikam.ann)}contacts/kim.vcf`, card('kim', 'Kim'))).status,
    201,
  );
  const path = `${home(fabrikam.anders)}shared-${id}/`;
  const unknown = await dav(fabrikam.anders, 'PROPFIND', path, LOOK);
  assert.equal(unknown.status, 404);
  const share = (role: string) =>
    ann('POST', `/me/address-books/${id}/shares`, { address: 'anders@fabrikam.example', role });
  const first = ok(await share('read'), 201);
  assert.deepEqual([first.role, first.isInside, first.address], ['read', true, 'anders@fabrikam.example']);
  assert.match(await listed(fabrikam.anders, 'shared-'), /<D:displayname>Contacts \(Ann[^<]*\)/);
  assert.match((await dav(fabrikam.anders, 'REPORT', path, QUERY, '1')).body, /FN:Kim/);
  assert.equal((await dav(fabrikam.anders, 'PUT', `${path}lee.vcf`, card('lee', 'Lee'))).status, 403);
  assert.doesNotMatch(await listed(fabrikam.anders, 'shared-'), /<D:write/);
  assert.equal(ok(await share('write'), 201).id, first.id, 'given again it is changed');
  assert.equal((await dav(fabrikam.anders, 'PUT', `${path}lee.vcf`, card('lee', 'Lee'))).status, 201);
  assert.match((await dav(fabrikam.ann, 'GET', `${home(fabrikam.ann)}contacts/lee.vcf`)).body, /FN:Lee/);
  assert.equal((await dav(fabrikam.anders, 'DELETE', path)).status, 403, 'it is its owner who removes it');
  assert.equal((await anders('GET', `/me/address-books/${id}/shares`)).status, 403);
  assert.deepEqual(
    ok(await anders('GET', '/me/address-books')).shared.map((one: { id: string; role: string }) => [one.id, one.role]),
    [[id, 'write']],
  );
  const rename = (api: Api, name: string) => api('PATCH', `/me/address-books/${id}`, { name });
  assert.equal(ok(await rename(ann, ' Customers ')).name, 'Customers');
  assert.equal((await rename(ann, '  ')).status, 400);
  assert.equal((await rename(anders, 'Mine')).status, 403, 'it is its owner who names it');
  assert.equal((await rename(bob, 'Mine')).status, 404);
  assert.match(await listed(fabrikam.anders, 'shared-'), /<D:displayname>Customers \(Ann[^<]*\)/);
  ok(await rename(ann, 'Contacts'));
  ok(await ann('DELETE', `/me/address-books/${id}/shares/${first.id}`), 204);
  assert.equal((await dav(fabrikam.anders, 'REPORT', path, QUERY, '1')).status, 404);
  assert.equal(await listed(fabrikam.anders, 'shared-'), '');
});

test('EX-47: a rule about contacts lets them be shared and calendars not, and the reverse', async () => {
  const id = await defaultBook(ann);
  const contacts = () => ann('POST', `/me/address-books/${id}/shares`, { address: 'bob@contoso.example' });
  const calendar = () =>
    ann('POST', '/v1.0/me/calendar/calendarPermissions', {
      emailAddress: { address: 'bob@contoso.example' },
      role: 'freeBusyRead',
    });
  await setRules('contoso.example: CalendarSharingFreeBusySimple');
  const refused = await contacts();
  assert.deepEqual([refused.status, refused.body.responseCode], [403, 'ErrorUserNotAllowedByPolicy']);
  const shared = ok(await calendar(), 201);
  ok(await ann('DELETE', `/v1.0/me/calendar/calendarPermissions/${shared.id}`), 204);
  await setRules('contoso.example: ContactsSharing');
  assert.equal((await calendar()).status, 403);
  const given = ok(await contacts(), 201);
  assert.deepEqual([given.role, given.isInside], ['read', false]);
  const letters = await people.app.run(
    { tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } },
    (ctx) => listOutgoingMails(ctx, { limit: 100 }),
  );
  const letter = letters.find(({ kind }) => kind === 'contacts-shared');
  assert.deepEqual(
    [letter?.to.address, /ann@fabrikam\.example/.test(letter?.text ?? '')],
    ['bob@contoso.example', true],
  );
  const writes = await ann('POST', `/me/address-books/${id}/shares`, { address: 'bob@contoso.example', role: 'write' });
  assert.equal(writes.status, 400);
});

test('Bob of Contoso opens what Ann shares with him by her address, and reads it in his own program', async () => {
  const { contoso } = people;
  for (const owner of ['anders@fabrikam.example', 'nobody@fabrikam.example', 'x@nowhere.example']) {
    const nothing = await bob('POST', '/me/shared-address-books', { owner });
    assert.deepEqual([nothing.status, nothing.body.code], [404, 'calendars.nothing-shared'], owner);
  }
  const stranger = await people.api(contoso.carla)('POST', '/me/shared-address-books', {
    owner: 'ann@fabrikam.example',
  });
  assert.equal(stranger.body.code, 'calendars.nothing-shared');
  const [opened] = ok(await bob('POST', '/me/shared-address-books', { owner: 'Ann@Fabrikam.example' }), 201).value;
  assert.deepEqual([opened.name, opened.organisation.displayName], ['Contacts', 'Fabrikam']);
  const path = `${home(contoso.bob)}abroad-${opened.id}/`;
  const client = await createDAVClient({
    serverUrl: people.app.origin,
    credentials: {
      username: contoso.bob.userPrincipalName,
      password: passwords.get(contoso.bob.id) ?? (await appPassword(contoso.bob)),
    },
    authMethod: 'Basic',
    defaultAccountType: 'carddav',
  });
  const books = await client.fetchAddressBooks();
  const found = books.find(({ url }) => new URL(url).pathname === path);
  assert.match(String(found?.displayName), /^Contacts \(Ann.*Fabrikam\)$/);
  const cards = await client.fetchVCards({ addressBook: found! });
  assert.deepEqual(cards.map(({ data }) => /FN:(\w+)/.exec(data)?.[1]).sort(), ['Kim', 'Lee']);
  assert.match((await dav(contoso.bob, 'GET', `${path}kim.vcf`)).body, /FN:Kim/);
  assert.equal((await dav(contoso.bob, 'GET', `${path}none.vcf`)).status, 404);
  assert.equal((await dav(contoso.bob, 'PUT', `${path}mine.vcf`, card('mine', 'Mine'))).status, 403);
  assert.equal((await dav(contoso.bob, 'DELETE', `${path}kim.vcf`)).status, 403);
  const before = await unchanging(() => listed(contoso.bob, 'abroad-'));
  const { ann: owner } = people.fabrikam;
  await dav(owner, 'PUT', `${home(owner)}contacts/max.vcf`, card('max', 'Max'));
  // Its tag says that something changed, once older transactions anywhere on the database server have ended.
  await eventually(async () => (await listed(contoso.bob, 'abroad-')) !== before, 'another tag');
  assert.match((await dav(contoso.bob, 'REPORT', path, QUERY, '1')).body, /FN:Max/);
});

async function appPassword(person: Person): Promise<string> {
  await dav(person, 'PROPFIND', home(person), LOOK);
  return passwords.get(person.id)!;
}

test('EX-35: contacts that the policy permits no more are told to nobody at once, and the share is gone after the job', async () => {
  const { contoso } = people;
  const [opened] = ok(await bob('GET', '/me/address-books')).opened;
  const path = `${home(contoso.bob)}abroad-${opened.id}/`;
  const { value } = ok(await ann('GET', '/admin/sharing-policies'));
  const policy = value.find((one: { isDefault: boolean }) => one.isDefault);
  const rules = ['contoso.example: CalendarSharingFreeBusySimple'];
  const tried = ok(await ann('POST', '/admin/sharing-policies/dry-run', { id: policy.id, rules })).value;
  assert.deepEqual(
    tried.map((one: Record<string, unknown>) => [one.addressBookName, one.recipient, one.to]),
    [['Contacts', 'bob@contoso.example', 'none']],
  );
  await setRules(...rules);
  const over = await dav(contoso.bob, 'REPORT', path, QUERY, '1');
  assert.deepEqual([over.status, /FN:/.test(over.body)], [403, false]);
  const id = await defaultBook(ann);
  await eventually(async () => ok(await ann('GET', `/me/address-books/${id}/shares`)).value.length === 0);
  await setRules('contoso.example: ContactsSharing');
  assert.equal((await dav(contoso.bob, 'REPORT', path, QUERY, '1')).status, 403, 'nothing comes back by itself');
  assert.ok((await listed(contoso.bob, 'abroad-')).includes(path), 'it stays in his home until he takes it out');
  assert.equal((await dav(contoso.bob, 'DELETE', path)).status, 204);
  assert.equal(await listed(contoso.bob, 'abroad-'), '');
});

test('shared contacts stand in the ledger of what people have, and are taken away there', async () => {
  const id = await defaultBook(ann);
  ok(await ann('POST', `/me/address-books/${id}/shares`, { address: 'anders@fabrikam.example' }), 201);
  const { value } = ok(await ann('GET', '/admin/ledger?kind=calendars.address-book'));
  const row = value.find((one: { kind: string }) => one.kind === 'calendars.address-book');
  assert.ok(row, JSON.stringify(value[0]));
  ok(await ann('DELETE', `/admin/ledger/${row.id}`), 204);
  assert.deepEqual(ok(await ann('GET', `/me/address-books/${id}/shares`)).value, []);
});
