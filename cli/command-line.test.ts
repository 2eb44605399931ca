import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { runCommand } from '../tests/support/command.ts';
import { DnsServer } from '../tests/support/dns-server.ts';
import { type People, startPeople } from '../tests/support/people.ts';

let people: People;
let dns: DnsServer;
let folder: string;
before(async () => {
  dns = await DnsServer.start();
  people = await startPeople({ settings: { demo: true, dnsServers: [dns.address] } });
  folder = await mkdtemp(join(tmpdir(), 'entente-cli-'));
});
after(async () => {
  await people.app.close();
  await dns.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the real command. It finds the server through the data folder unless the environment says otherwise. */
const entente = (words: readonly string[], environment: Record<string, string> = {}) =>
  runCommand(words, { HOME: folder, ENTENTE_DATA: people.app.data, ...environment });

/** Runs it inside Fabrikam and demands success. */
async function inFabrikam(...words: string[]): Promise<string> {
  const { code, out, err } = await entente([...words, '--tenant', 'fabrikam.example']);
  assert.equal(code, 0, err);
  return out;
}

test('the server says in its data folder where it listens, to its owner alone', async () => {
  const file = join(people.app.data, 'server.json');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const { origin, pid } = JSON.parse(await readFile(file, 'utf8'));
  assert.deepEqual({ origin, pid }, { origin: people.app.origin, pid: process.pid });
});

test('settings are a table for people, with numbers to the right and no colour', async () => {
  const lines = (await inFabrikam('settings', 'list')).trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^Group +For +Settings +Set +About$/);
  const operator = lines.find((line) => line.startsWith('tenants.operator'));
  assert.match(operator ?? '', /^tenants\.operator +tenant +1 +0 +Operator access$/);
  const end = (lines[0] ?? '').indexOf('Settings') + 'Settings'.length;
  assert.equal(operator?.[end - 1], '1');
  assert.ok(lines.every((line) => !line.includes('\x1b') && line === line.trimEnd()));
});

test('with --json the answer is exactly what the API gives', async () => {
  const { body } = await people.api(people.fabrikam.ann)('GET', '/admin/settings');
  assert.deepEqual(JSON.parse(await inFabrikam('settings', 'list', '--json')), body.value);
});

test('a setting is changed, read back and in the history', async () => {
  await inFabrikam('settings', 'set', 'tenants.operator', 'operatorAccess=read');
  const refused = await entente(
    ['settings', 'set', 'tenants.operator', 'operatorAccess=write', '--tenant', 'fabrikam.example'],
    {},
  );
  assert.equal(refused.code, 1, 'the operator may only read from now on');
  const environment = { ENTENTE_TOKEN: await people.token(people.fabrikam.ann) };
  const back = await entente(['settings', 'set', 'tenants.operator', 'operatorAccess=null', '--json'], environment);
  assert.equal(back.code, 0, back.err);
  assert.equal(JSON.parse(back.out).settings[0].value, 'write');
  const history = JSON.parse(await inFabrikam('settings', 'history', 'tenants.operator', '--json'));
  assert.equal(history.length, 2);
});

test('a refusal is told in a sentence with code, reference and what to do, and ends with 1', async () => {
  const environment = { ENTENTE_TOKEN: await people.token(people.fabrikam.anders) };
  const { code, out, err } = await entente(['ledger', 'list'], environment);
  assert.equal(code, 1);
  assert.equal(out, '');
  assert.match(err, /^entente: You do not have access to do this\.$/m);
  assert.match(err, /^ {2}code +access\.refused$/m);
  const [, reference = ''] = /^ {2}reference +(\S+)$/m.exec(err) ?? [];
  assert.match(err, new RegExp(`"entente explain ${reference}"`));

  const explained = await inFabrikam('explain', reference);
  const short = reference.slice(-8);
  assert.equal(await inFabrikam('explain', short.toUpperCase()), explained, 'as it is read out on the telephone');
  const elsewhere = await entente(['explain', short, '--tenant', 'contoso.example']);
  assert.notEqual(elsewhere.code, 0);
  assert.match(elsewhere.err, /does not exist, or you may not see it/);
  assert.doesNotMatch(`${elsewhere.out}${elsewhere.err}`, /anders|Fabrikam/i);
  assert.match(explained, /^Who +anders@fabrikam.example$/m);
  assert.match(explained, /^Because +nothing gives it$/m);
});

test('a refusal is JSON on the error output where scripts asked for JSON', async () => {
  const environment = { ENTENTE_TOKEN: await people.token(people.fabrikam.anders) };
  const { code, err } = await entente(['ledger', 'list', '--json'], environment);
  assert.equal(code, 1);
  const { error } = JSON.parse(err);
  assert.equal(error.code, 'access.refused');
  assert.equal(error.status, 403);
});

test('a question is answered with its rules', async () => {
  const out = await inFabrikam('explain', '--question', 'access.ledger.manage');
  assert.match(out, /^Answer +write$/m);
  assert.match(out, /^Decided +Rule +Permits +Setting +Who can change it$/m);
  assert.match(out, /^ +tenants\.operator-access +write +tenants\.operatorAccess = "write" +administrator$/m);
  const list = JSON.parse(await inFabrikam('explain', '--list', '--json'));
  assert.ok(list.length >= 2);
});

test('two organisations propose, counter, sign, verify, narrow and end an agreement by text', async () => {
  const inContoso = async (...words: string[]) => {
    const { code, out, err } = await entente([...words, '--tenant', 'contoso.example']);
    assert.equal(code, 0, err);
    return out;
  };
  const soon = async (look: () => Promise<string>, wanted: RegExp) => {
    const end = Date.now() + 60_000;
    for (let seen = await look(); !wanted.test(seen); seen = await look()) {
      assert.ok(Date.now() < end, seen);
      await pause(200);
    }
  };
  const refuses = async (code: number, wanted: RegExp, ...words: string[]) => {
    const { code: ended, err, out } = await entente([...words, '--tenant', 'fabrikam.example']);
    assert.deepEqual([ended, out], [code, ''], `${words.join(' ')}: ${err}`);
    assert.match(err, wanted);
  };
  const file = join(folder, 'terms.yaml');
  await refuses(2, /no agreement with "contoso.example"/, 'agreement', 'show', 'contoso.example');
  const bad: [string, RegExp][] = [
    ['terms: [', /The text cannot be read/],
    ['terms:\n  - {term: calendars.free-busy, of: fabrikam.example, offers: everything}\n', /limited-details/],
  ];
  for (const [text, wanted] of bad) {
    await writeFile(file, text);
    await refuses(1, wanted, 'agreement', 'propose', 'contoso.example', file);
  }
  await writeFile(file, 'terms:\n  - {term: calendars.free-busy, of: fabrikam.example, offers: limited-details}\n');
  assert.match(await inFabrikam('agreement', 'terms'), /^calendars\.free-busy +calendar +none < availability < /m);
  assert.match(await inFabrikam('agreement', 'propose', 'contoso.example', file), /is signed by us and on its way/);
  await refuses(1, /partners\.agreement-exists/, 'agreement', 'propose', 'contoso.example', file);
  await refuses(1, /partners\.agreement-wrong-state/, 'agreement', 'sign', 'contoso.example');
  await soon(() => inContoso('agreement', 'list'), /fabrikam\.example .* proposed .* us /);
  const text = await inContoso('agreement', 'show', 'fabrikam.example', '--yaml');
  await writeFile(file, text.replace(/(accepts:\s+level: )limited-details/, '$1availability'));
  await inContoso('agreement', 'counter', 'fabrikam.example', file, '--against', '1');
  await soon(() => inFabrikam('agreement', 'show', 'contoso.example'), /accepts level +limited-details +availability/);
  await refuses(1, /partners\.agreement-changed/, 'agreement', 'sign', 'contoso.example', '--version-number', '1');
  await inFabrikam('agreement', 'sign', 'contoso.example', '--version-number', '2');
  await soon(
    () => inContoso('agreement', 'show', 'fabrikam.example'),
    /accepts availability +availability +offers lim/,
  );
  assert.match(await inFabrikam('partner', 'test', 'contoso.example'), /^ok +from there +partners\.agreement /m);
  assert.match(await inFabrikam('agreement', 'verify', 'contoso.example'), /is what was signed\n.*the same as ours/);
  await inFabrikam('agreement', 'narrow', 'contoso.example', 'calendars.free-busy', 'fabrikam.example', 'none');
  const wide = ['agreement', 'narrow', 'contoso.example', 'calendars.free-busy', 'fabrikam.example', 'availability'];
  const { code, err } = await entente([...wide, '--tenant', 'fabrikam.example']);
  assert.deepEqual([code, /Widening takes both signatures/.test(err)], [1, true], err);
  await inFabrikam('agreement', 'suspend', 'contoso.example', '--reason', 'An incident.');
  await soon(() => inContoso('agreement', 'show', 'fabrikam.example'), /Suspended by +partner/);
  assert.equal(await inFabrikam('agreement', 'resume', 'contoso.example'), 'Resumed.\n');
  await inFabrikam('agreement', 'end', 'contoso.example');
  await soon(() => inContoso('agreement', 'list'), /fabrikam\.example .* ended /);
});

test('the ledger shows who holds which role, and a right can be revoked', async () => {
  const rows = JSON.parse(await inFabrikam('ledger', 'list', '--kind', 'directory.role', '--json'));
  assert.equal(rows.length, 1);
  assert.equal(rows[0].object.id, 'global-administrator');
  assert.match(await inFabrikam('ledger', 'list'), /^Who +Home +Level/);
});

test('pages are followed until the end', async () => {
  await inFabrikam('settings', 'set', 'tenants.operator', 'operatorAccess=write');
  const all = JSON.parse(await inFabrikam('audit', 'list', '--limit', '1000', '--json'));
  assert.ok(all.length > 2);
  const { body } = await people.api(people.fabrikam.ann)('GET', '/admin/audit/events?limit=999');
  assert.deepEqual(
    all.map((event: { id: string }) => event.id),
    body.value.map((event: { id: string }) => event.id).slice(-all.length),
  );
  assert.equal(JSON.parse(await inFabrikam('audit', 'list', '--limit', '2', '--json')).length, 2);
});

test('an exported audit log is verified without a server, and a changed one is found out', async () => {
  const { sealEvents } = await import('../src/audit/index.ts');
  const { createVault } = await import('../src/platform/vault.ts');
  const secret = (await readFile(join(people.app.data, 'master.secret'), 'utf8')).trim();
  await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    sealEvents(ctx, createVault(secret)),
  );
  assert.match(await inFabrikam('audit', 'verify'), /^The log is whole: \d+ events under \d+ signed checkpoints?\.$/m);

  const file = join(folder, 'audit.ndjson');
  await inFabrikam('audit', 'export', '-o', file);
  const nowhere = { ENTENTE_DATA: join(folder, 'nothing') };
  const whole = await entente(['audit', 'verify', file], nowhere);
  assert.equal(whole.code, 0, whole.err);

  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  assert.ok(lines.length > 4);
  const damage: Record<string, string[]> = {
    changed: lines.map((line, i) => (i === 2 ? line.replace('"result":"success"', '"result":"failure"') : line)),
    removed: lines.filter((_, i) => i !== 2),
    cut: lines.slice(0, 3),
    reordered: lines.with(2, lines[3]!).with(3, lines[2]!),
    repeated: lines.toSpliced(3, 0, lines[2]!),
  };
  for (const [name, text] of Object.entries(damage)) {
    await writeFile(file, `${text.join('\n')}\n`);
    const { code, err } = await entente(['audit', 'verify', file], nowhere);
    assert.equal(code, 1, `${name} is found out`);
    assert.match(err, /The log is not whole/);
  }
  await writeFile(file, 'hello\n');
  assert.equal((await entente(['audit', 'verify', file], nowhere)).code, 2);
});

test('settings are exported, planned, applied and compared as text', async () => {
  const words = (...more: string[]) => [...more, '--tenant', 'fabrikam.example'];
  await inFabrikam('settings', 'set', 'tenants.operator', 'operatorAccess=write');
  const text = await inFabrikam('export');
  assert.match(text, /^organization: fabrikam\.example$/m);
  assert.match(text, /^ {2}tenants\.operator:\n {4}# How far .*\n {4}operatorAccess: write$/m);
  const file = join(folder, 'settings.yaml');
  await writeFile(file, text);
  const unchanged = await entente(words('plan', file));
  assert.deepEqual([unchanged.code, unchanged.out], [0, 'Nothing would change.\n'], unchanged.err);

  await writeFile(file, 'settings:\n  directory.access:\n    membersMayReadOthers: false\n');
  const planned = await entente(words('plan', file));
  assert.equal(planned.code, 2, planned.err);
  assert.match(planned.out, /^directory\.access +membersMayReadOthers +\(not set\) +false$/m);
  assert.match(planned.out, /^loses +members /m);
  assert.match(planned.err, /\d+ lost, \d+ gained/);
  assert.equal((await entente(words('apply', file))).code, 2, 'without a terminal nobody agrees');
  assert.match(await inFabrikam('apply', file, '--yes'), /^Applied: 1 setting\.$/m);
  assert.match(await inFabrikam('apply', file, '--yes'), /It is all as the text says/);
  assert.equal((await entente(words('drift'))).code, 0);

  await inFabrikam('settings', 'set', 'directory.access', 'membersMayReadOthers=null');
  const drifted = await entente(words('drift'));
  assert.equal(drifted.code, 3, drifted.err);
  assert.match(drifted.out, /^directory\.access +DIFFERS +20\d\d-/m);
  assert.match(drifted.out, /^directory\.access +membersMayReadOthers +false +\(not set\) +20\d\d-/m);
  assert.equal(JSON.parse((await entente(words('drift', file, '--json'))).out).groups.length > 5, true);

  await writeFile(file, 'settings:\n  directory.access:\n    membersMayReadOthers: [\n');
  const broken = await entente(words('plan', file));
  assert.equal(broken.code, 1);
  assert.match(broken.err, /^entente: Line \d+: .*Nothing was changed\.$/m);
  await writeFile(file, 'settings:\n  directory.access: {}\n');
  await inFabrikam('apply', file, '--yes');
});

test('the operator lists, creates, suspends and closes organisations', async () => {
  const ran = async (...words: string[]) => {
    const { code, out, err } = await entente(['tenant', ...words]);
    assert.equal(code, 0, err);
    return out;
  };
  const table = await ran('list');
  assert.match(table, /^Name +Domain +State +People +Guests +Created +Id$/m);
  assert.match(table, /^Fabrikam +fabrikam\.example +active +2 +0 /m);
  const password = join(folder, 'password');
  await writeFile(password, 'green apples ripen slowly\n');
  const words = [
    '--administrator',
    'willa@wingtip.example',
    '--administrator-name',
    'Willa',
    '--password-file',
    password,
  ];
  assert.match(await ran('create', 'Wingtip', 'wingtip.example', ...words), /^Administrator +willa@wingtip\.example$/m);
  await ran('suspend', 'wingtip.example');
  assert.match(await ran('show', 'wingtip.example'), /^State +suspended$/m);
  await ran('resume', 'wingtip.example');
  await ran('delete', 'wingtip.example');
  await ran('restore', 'wingtip.example');
  await ran('delete', 'wingtip.example');
  await ran('delete', 'wingtip.example', '--final');
  const rows = JSON.parse(await ran('list', '--json')) as { displayName: string }[];
  assert.deepEqual(
    rows.map((row) => row.displayName),
    ['Contoso', 'Fabrikam', 'Tailspin'],
  );
});

test('people and groups are made, changed, put together and removed', async () => {
  const password = join(folder, 'password');
  await writeFile(password, 'green apples ripen slowly\n');
  const name = 'erika@fabrikam.example';
  const made = JSON.parse(
    await inFabrikam(
      'user',
      'create',
      name,
      'Erika Holm',
      '--password-file',
      password,
      '--set',
      'department=IT',
      '--json',
    ),
  );
  assert.equal(made.department, 'IT');
  assert.match(await inFabrikam('user', 'list'), /^Erika Holm +erika@fabrikam\.example +IT +yes +\S+$/m);
  assert.match(await inFabrikam('user', 'list', '--filter', "department eq 'IT'"), /Erika Holm/);
  await inFabrikam('user', 'update', name, 'jobTitle=Engineer', 'department=null');
  assert.match(await inFabrikam('user', 'show', name), /^Title +Engineer$/m);

  await inFabrikam('group', 'create', 'Bridge builders', '--nickname', 'bridge');
  await inFabrikam('group', 'add', 'Bridge builders', name);
  assert.match(await inFabrikam('group', 'members', 'Bridge builders'), /Erika Holm/);
  await inFabrikam('group', 'remove', 'Bridge builders', name);
  assert.equal(await inFabrikam('group', 'members', 'Bridge builders'), 'Nobody is in it.\n');
  await inFabrikam('group', 'delete', 'Bridge builders');
  const none = await entente(['group', 'show', 'Bridge builders', '--tenant', 'fabrikam.example']);
  assert.equal(none.code, 2);

  await inFabrikam('user', 'disable', name);
  assert.equal(JSON.parse(await inFabrikam('user', 'show', name, '--json')).accountEnabled, false);
  await inFabrikam('user', 'delete', name);
  assert.match(await inFabrikam('user', 'deleted'), /Erika Holm/);
  await inFabrikam('user', 'restore', made.id);
  await inFabrikam('user', 'show', name);
});

test('somebody is invited and listed as a guest', async () => {
  const out = await inFabrikam(
    'guest',
    'invite',
    'bob@contoso.example',
    '--name',
    'Bob Kelly',
    '--no-mail',
    '--sponsors',
    'anders@fabrikam.example',
  );
  assert.match(out, /^State +PendingAcceptance$/m);
  assert.match(out, /^Accept +https?:\/\//m);
  assert.match(await inFabrikam('guest', 'list'), /^Bob Kelly +bob@contoso\.example +PendingAcceptance/m);
});

test('domains are claimed with the record to publish, and licences counted', async () => {
  const record = await inFabrikam('domain', 'add', 'bridges.example');
  assert.match(record, /^Type +Name +Value/m);
  assert.match(record, /^Txt +bridges\.example +\S+/m);
  assert.match(await inFabrikam('domain', 'list'), /^bridges\.example +no +no +no/m);
  await inFabrikam('domain', 'remove', 'bridges.example');
  assert.match(await inFabrikam('licence', 'list'), /^Licence +Seats +In use +State +Services$/m);
  const unknown = await entente([
    'licence',
    'assign',
    'NOTHING',
    'ann@fabrikam.example',
    '--tenant',
    'fabrikam.example',
  ]);
  assert.equal(unknown.code, 2);
});

test('a domain is proved in DNS, made the default, and tells what uses it before it is given up', async () => {
  const name = 'lakes.example';
  const [, proof = ''] = /^Txt +lakes\.example +(\S+)/m.exec(await inFabrikam('domain', 'add', name)) ?? [];
  dns.setTxt(name, ['v=something else']);
  const early = await entente(['domain', 'verify', name, '--tenant', 'fabrikam.example']);
  assert.equal(early.code, 1);
  assert.match(early.err, /code +tenants\./);
  dns.setTxt(name, [proof]);
  assert.equal(await inFabrikam('domain', 'verify', name), 'lakes.example is verified.\n');

  const records = await inFabrikam('domain', 'records', name);
  assert.match(records, /^Type +Name +Value +Port +TTL$/m);
  assert.match(records, new RegExp(`^Txt +lakes\\.example +${proof}`, 'm'));
  assert.match(records, /^(Mx|Srv|CName) /m);

  assert.equal(await inFabrikam('domain', 'references', name), 'Nothing uses lakes.example.\n');
  const password = join(folder, 'lake-password');
  await writeFile(password, 'blue apples ripen slowly\n');
  await inFabrikam('user', 'create', `lena@${name}`, 'Lena Sjö', '--password-file', password);
  assert.match(await inFabrikam('domain', 'references', name), /^user +Lena Sjö +\S+$/m);

  assert.equal(await inFabrikam('domain', 'default', name), 'lakes.example is the default domain.\n');
  assert.match(await inFabrikam('domain', 'list'), /^lakes\.example +yes +yes +no/m);
  await inFabrikam('domain', 'default', 'fabrikam.example');
  const used = await entente(['domain', 'remove', name, '--tenant', 'fabrikam.example']);
  assert.equal(used.code, 1);
  await inFabrikam('domain', 'remove', name, '--force');
  assert.match(await inFabrikam('user', 'show', 'lena@fabrikam.example'), /Lena Sjö/);
});

test('a new password and a sign-out end what was open, and the password is never a word of the command', async () => {
  const { anders } = people.fabrikam;
  const name = anders.userPrincipalName;
  const asAnders = async (token: string) => (await people.call(token)('GET', '/v1.0/me')).status;
  const ended = async (token: string) => {
    for (let i = 0; i < 50 && (await asAnders(token)) !== 401; i += 1) await pause(100);
    assert.equal(await asAnders(token), 401);
  };
  const first = await people.token(anders);
  assert.equal(await asAnders(first), 200);
  people.app.clock.advance(2);
  assert.equal(await inFabrikam('user', 'sign-out', name), `${name} is signed out everywhere.\n`);
  await ended(first);

  people.app.clock.advance(2);
  const second = await people.token(anders);
  assert.equal(await asAnders(second), 200);
  const password = join(folder, 'new-password');
  await writeFile(password, 'short\n');
  const weak = await entente(['user', 'password', name, '--password-file', password, '--tenant', 'fabrikam.example']);
  assert.equal(weak.code, 1);
  await writeFile(password, 'yellow pears fall in autumn\n');
  people.app.clock.advance(2);
  assert.equal(
    await inFabrikam('user', 'password', name, '--password-file', password),
    `${name} has a new password.\n`,
  );
  await ended(second);
  const asked = await entente(['user', 'password', name, '--tenant', 'fabrikam.example']);
  assert.equal(asked.code, 2);
  assert.match(asked.err, /Use --password-file/);
});

test("a guest's sponsors are shown, and a guest is removed", async () => {
  const invited = JSON.parse(
    await inFabrikam(
      ...['guest', 'invite', 'gail@contoso.example', '--no-mail', '--sponsors', 'anders@fabrikam.example', '--json'],
    ),
  );
  const { id } = invited.invitedUser;
  assert.match(await inFabrikam('guest', 'sponsors', id), /^Anders Langvatn +\S+$/m);
  assert.equal(await inFabrikam('guest', 'remove', id), `${id} is no guest any more.\n`);
  assert.ok(!(await inFabrikam('guest', 'list')).includes('gail@contoso.example'));
  const gone = await entente(['guest', 'sponsors', id, '--tenant', 'fabrikam.example']);
  assert.equal(gone.code, 1);
  assert.match(gone.err, /code +request\.not-found/);
});

test('a licence is given to somebody and taken away', async () => {
  const { anders } = people.fabrikam;
  const held = async () => {
    const { body } = await people.api(people.fabrikam.ann)('GET', `/v1.0/users/${anders.id}/licenseDetails`);
    return body.value.map((one: { skuPartNumber: string }) => one.skuPartNumber);
  };
  const before = await held();
  assert.ok(!before.includes('ENTENTE_E3'));
  const name = anders.userPrincipalName;
  assert.equal(await inFabrikam('licence', 'assign', 'entente_e3', name), `${name} has entente_e3.\n`);
  assert.deepEqual(await held(), ['ENTENTE_E3', ...before].sort());
  assert.match(await inFabrikam('licence', 'list'), /^ENTENTE_E3 +10 +1 +Enabled/m);
  await inFabrikam('licence', 'remove', 'ENTENTE_E3', name);
  assert.deepEqual(await held(), before);
});

test('an organisation is exported as an archive that appears whole', async () => {
  const file = join(folder, 'contoso.tar.gz');
  const environment = { ENTENTE_TOKEN: await people.token(people.contoso.carla) };
  const { code, err } = await entente(['export', '-o', file], environment);
  assert.equal(code, 0, err);
  assert.match(gunzipSync(await readFile(file)).toString('latin1'), /carla@contoso\.example/);
  const refused = await entente(['export', '-o', join(folder, 'no')], {
    ENTENTE_TOKEN: await people.token(people.contoso.bob),
  });
  assert.equal(refused.code, 1);
  await assert.rejects(stat(join(folder, 'no')));
});

test('a demo app password is printed alone', async () => {
  const { code, out, err } = await entente(
    'demo app-password --tenant fabrikam.example --user anders@fabrikam.example --name Thunderbird'.split(' '),
  );
  assert.equal(code, 0, err);
  assert.match(out, /^([a-z2-9]{5}-){4}[a-z2-9]{6}\n$/);
});

test('a demo token is printed alone and opens the API as that person', async () => {
  const { code, out, err } = await entente(
    'demo token --tenant fabrikam.example --user ann@fabrikam.example --minutes 5'.split(' '),
  );
  assert.equal(code, 0, err);
  assert.match(out, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const answer = await people.call(out.trim())('GET', '/admin/settings');
  assert.equal(answer.status, 200);
});

test('the server is reached over HTTPS with the certificate of its local authority', async () => {
  const https = ['settings', 'list', '--tenant', 'fabrikam.example', '--server', people.app.httpsOrigin];
  assert.equal((await entente(https)).code, 0);
  const token = await people.token(people.fabrikam.ann);
  const untrusting = await entente(https, { ENTENTE_DATA: join(folder, 'nothing'), ENTENTE_TOKEN: token });
  assert.equal(untrusting.code, 1);
  assert.match(untrusting.err, /certificate of https:\S+ is not trusted/);
});

test('what cannot be understood ends with 2 and says what to do', async () => {
  const cases: [string[], RegExp][] = [
    [['settings', 'lst'], /Did you mean list\?/],
    [['settings', 'show'], /missing required argument 'group'/],
    [['settings', 'list'], /Which organisation\? Add --tenant/],
    [['settings', 'set', 'tenants.operator', 'read', '--tenant', 'fabrikam.example'], /Write name=value/],
    [['settings', 'list', '--server', 'nowhere'], /is no address of a server/],
    [['tenant', 'list', '--server', 'https://entente.example'], /set ENTENTE_TOKEN/],
    [['config', '--no-such-setting'], /no-such-setting/],
  ];
  for (const [words, sentence] of cases) {
    const { code, err } = await entente(words);
    assert.equal(code, 2, words.join(' '));
    assert.match(err, sentence);
  }
});

test('no server, and a server that is gone, are told apart from a refusal', async () => {
  const none = await entente(['tenant', 'list'], { ENTENTE_DATA: join(folder, 'nothing') });
  assert.equal(none.code, 2);
  assert.match(none.err, /No server runs with the data folder .*nothing/);
  const gone = await entente(['tenant', 'list', '--server', 'http://127.0.0.1:9']);
  assert.equal(gone.code, 1);
  assert.match(gone.err, /No server answers at http:\/\/127\.0\.0\.1:9/);
});

test('an organisation that is none is not found', async () => {
  const { code, err } = await entente(['settings', 'list', '--tenant', 'nobody.example']);
  assert.equal(code, 1);
  assert.match(err, /code +request\.not-found/);
});
