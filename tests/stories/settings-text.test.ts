import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { createGroup } from '../../src/directory/index.ts';
import type { Context } from '../../src/kernel/context.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { SettingsDeclaration } from '../../src/kernel/settings.ts';
import { changeSettings } from '../../src/tenants/index.ts';
import { soon } from '../support/eventually.ts';
import { type Api, type People, startPeople } from '../support/people.ts';
import { valuesFor } from '../support/setting-values.ts';

let people: People;
let ann: Api;
let database: pg.Client;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  database = new pg.Client(people.app.adminUrl);
  await database.connect();
});
after(async () => {
  await database?.end();
  await people?.app.close();
});

const inside = <T>(act: (ctx: Context) => Promise<T>) =>
  people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, act);
const ok = async (answering: ReturnType<Api>, status = 200) => {
  const answer = await answering;
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};
const BASE = '/admin/settings-text';
const read = () => ok(ann('GET', BASE)) as Promise<string>;
const plan = (text: string, api = ann, whatIf = false) => ok(api('POST', `${BASE}/plan`, { text, whatIf }));
const apply = async (text: string, api = ann) => {
  const { digest } = await plan(text, api);
  return ok(api('POST', `${BASE}/apply`, { text, digest }));
};
/** The problems of a text that is wrong. */
const problemsOf = async (text: string): Promise<string[]> => {
  const { status, body } = await ann('POST', `${BASE}/plan`, { text });
  assert.deepEqual([status, body.code], [400, 'tenants.settings-text-invalid'], JSON.stringify(body));
  return body.problems.map(({ line, problem }: { line: number; problem: string }) => `${line}: ${problem}`);
};
const emptyOf = (text: string) => {
  const names = [...text.matchAll(/^ {2}([a-z]+\.[a-z-]+):/gm)].map(([, name]) => `  ${name}: {}\n`);
  return `settings:\n${names.join('')}`;
};
const declarations = () =>
  people.app.modules.flatMap(({ settings }) => settings ?? []).filter(({ setBy }) => setBy === undefined);

const CASES = Number(process.env.SETTINGS_TEXT_CASES ?? 1);

test('beyond 3.9 accept 1: what is exported, wiped and applied is exported again byte for byte', async (t) => {
  const { fabrikam, contoso, tailspin } = people;
  const groups = await inside(async (ctx) => {
    const made = [];
    for (const [n, displayName] of ['Sales', 'Försäljning: norr', '123'].entries())
      made.push(
        await createGroup(ctx, {
          displayName,
          mailNickname: `g${n}`,
          description: null,
          visibility: 'Private',
          kind: 'security',
          isAssignableToRole: false,
        } as never),
      );
    return made.map(({ id }) => id as string);
  });
  const nameable = { groups, people: [fabrikam.ann.id, fabrikam.anders.id], partners: [contoso.id, tailspin.id] };
  const everything = fc.record(
    Object.fromEntries(
      declarations().map((one) => {
        const count = one.scope === 'tenant' ? 1 : 2;
        return [one.name, fc.array(valuesFor(one, nameable), { minLength: count, maxLength: count })];
      }),
    ),
  );
  const seed = Number(process.env.SETTINGS_TEXT_SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`SETTINGS_TEXT_SEED=${seed}`);
  for (const all of fc.sample(everything, { numRuns: CASES, seed })) {
    await inside(async (ctx) => {
      for (const declaration of declarations())
        for (const [n, values] of all[declaration.name]!.entries()) await set(ctx, declaration, values, n);
    });
    const before = await read();
    for (const declaration of declarations())
      for (const name of Object.keys(all[declaration.name]![0]!))
        assert.ok(
          before.includes(`${name}:`) || (declaration.scope === 'collection' && name === 'name'),
          `${declaration.name}.${name} is in the text`,
        );
    assert.deepEqual((await plan(before)).changes, [], 'a text that was just exported changes nothing');
    await apply(emptyOf(before));
    const { rows } = await database.query('select declaration from tenants.settings where tenant_id = $1', [
      fabrikam.id,
    ]);
    assert.deepEqual(rows, []);
    await apply(before);
    assert.equal(await read(), before);
    await apply(emptyOf(before));
  }

  async function set(ctx: Context, declaration: SettingsDeclaration, values: Record<string, unknown>, n: number) {
    if (declaration.scope === 'tenant') await changeSettings(ctx, declaration, undefined, values);
    else if (declaration.scope === 'partner')
      await changeSettings(ctx, declaration, n === 0 ? contoso.id : 'partner.example', values);
    else {
      const own = Object.entries(values).map(([name, value]) =>
        name === 'name'
          ? [name, `${value} ${n}`.slice(0, 60)]
          : name === 'domainNames'
            ? [name, (value as string[]).map((one) => `n${n}.${one}`)]
            : name === 'isDefault'
              ? [name, n === 0]
              : [name, value],
      );
      await changeSettings(ctx, declaration, newId(), Object.fromEntries(own));
    }
  }
});

test('beyond 3.9 accept 2: a hundred exports differ by no byte', async () => {
  await ok(ann('PATCH', '/admin/settings/calendars.mail-tips', { values: { largestMessageMegabytes: 50 } }));
  const first = await read();
  assert.match(first, /largestMessageMegabytes: 50/);
  for (let n = 0; n < 100; n += 1) assert.equal(await read(), first);
});

const followWhatIf = async (asked: { id: string; state: string }) => {
  const answer = await soon(async () => {
    const found = await ok(ann('GET', `/admin/what-if/${asked.id}`));
    assert.ok(['done', 'failed'].includes(found.state), found.state);
    return found;
  });
  assert.equal(answer.state, 'done', answer.failure);
  // The digest names what was asked, which was written in two ways.
  const { digest: _, ...summary } = answer.summary;
  return { summary, lines: (await ok(ann('GET', `/admin/what-if/${asked.id}/lines`))).value };
};

test('beyond 3.9 accept 4: a plan says of who gains and loses what what-if says of the same changes by hand', async () => {
  const made = await ok(
    ann('POST', '/v1.0/invitations', {
      invitedUserEmailAddress: 'bob@contoso.example',
      inviteRedirectUrl: 'https://apps.fabrikam.example/',
      sendInvitationMessage: false,
    }),
    201,
  );
  assert.ok(made.id);
  const text = `settings:
  directory.external-collaboration:
    domainRestriction: deny
    blockedDomains:
      - contoso.example
  directory.access:
    membersMayReadOthers: false
`;
  const found = await plan(text, ann, true);
  assert.deepEqual(
    found.changes.map(({ group, name, oldText, newText }: Record<string, unknown>) => [group, name, oldText, newText]),
    [
      [
        'directory.external-collaboration',
        'blockedDomains',
        null,
        '[ { domain: contoso.example, includeSubdomains: false } ]',
      ],
      ['directory.external-collaboration', 'domainRestriction', null, 'deny'],
      ['directory.access', 'membersMayReadOthers', null, 'false'],
    ],
  );
  const byHand = await ok(
    ann('POST', '/admin/what-if', {
      changes: [
        {
          input: {
            method: 'PATCH',
            path: '/admin/settings/directory.external-collaboration',
            body: { values: { domainRestriction: 'deny', blockedDomains: ['contoso.example'] } },
          },
        },
        {
          input: {
            method: 'PATCH',
            path: '/admin/settings/directory.access',
            body: { values: { membersMayReadOthers: false } },
          },
        },
      ],
    }),
    202,
  );
  const answer = await followWhatIf(found.whatIf);
  assert.deepEqual(answer, await followWhatIf(byHand));
  assert.ok(answer.summary.lost > 0, JSON.stringify(answer));
});

test('beyond 3.9 accept 4: one wrong value among twenty changes nothing, and each wrong line is named', async () => {
  const before = await read();
  const good = Array.from({ length: 19 }, (_, n) => `      - d${n}.example`).join('\n');
  const text = `settings:
  directory.external-collaboration:
    domainRestriction: deny
    blockedDomains:
${good}
  calendars.defaults:
    largestObjectKilobytes: 15
  calendars.mail-tips:
    allTipsEnabled: perhaps
    noSuchTip: true
  library.lending: {}
`;
  assert.deepEqual(await problemsOf(text), [
    '25: "largestObjectKilobytes": Too small: expected number to be >=16',
    '27: "allTipsEnabled": Invalid input: expected boolean, received string',
    '28: "noSuchTip": There is no setting of this name in calendars.mail-tips.',
    '29: There is no group of settings "library.lending".',
  ]);
  const { status } = await ann('POST', `${BASE}/apply`, { text, digest: 'x' });
  assert.equal(status, 400);
  assert.equal(await read(), before);

  // Right line by line, and refused by what is no setting: the whole is undone.
  const policies = `settings:
  calendars.mail-tips:
    allTipsEnabled: false
  calendars.organization-relationships:
    Contoso:
      domainNames: [contoso.example]
      freeBusyAccessScope: ${newId()}
`;
  const refused = await ann('POST', `${BASE}/plan`, { text: policies });
  assert.deepEqual([refused.status, refused.body.code], [400, 'calendars.invalid-scope-group']);
  assert.equal(await read(), before);
});

test('a text that is no good YAML, that is a trap or that says a thing twice is refused with its line', async () => {
  const before = await read();
  const group = 'settings:\n  calendars.mail-tips:\n';
  for (const [text, problem] of [
    ['settings: [', /^1: /],
    ['settings:\n\tx: 1', /^2: /],
    ['hello', /^1: The text is a list of names/],
    ['', /^1: The text names no group of settings/],
    ['a: 1\n---\nb: 2', /^\d: /],
    [
      `${group}    allTipsEnabled: false\n    allTipsEnabled: true`,
      /^4: "allTipsEnabled" is there twice: also in line 3/,
    ],
    ['settings:\n  calendars.mail-tips: {}\n  calendars.mail-tips: {}', /^3: "calendars.mail-tips" is there twice/],
    [`${group}    __proto__: {polluted: true}`, /^3: "__proto__" is no name/],
    [`${group}    constructor: {prototype: {polluted: true}}`, /^3: "constructor" is no name/],
    [`${group}    ? [a, b]\n    : 1`, /^3: This is no name/],
    [`${group}    allTipsEnabled: !!js/function "x"`, /^3: /],
    [`${group}    largestMessageMegabytes: .inf`, /^3: ".inf" is no number/],
    [
      `${group}    allTipsEnabled: &a true\n    groupMetricsEnabled: *a`,
      /^3: A text does not refer to parts of itself/,
    ],
    [`${group}    allTipsEnabled: ${'['.repeat(100_000)}`, /^3: The text is nested too deeply/],
    [
      `${group}    allTipsEnabled:\n${Array.from({ length: 200 }, (_, n) => `${' '.repeat(n + 6)}a:`).join('\n')}`,
      /nested too deeply/,
    ],
    [
      'organization: contoso.example\nsettings:\n  calendars.mail-tips: {}',
      /^1: These are the settings of contoso.example/,
    ],
    ['settings:\n  partners.agreed-terms: {}', /^2: "partners.agreed-terms" is written by agreements alone/],
    [
      'settings:\n  calendars.partner-capabilities:\n    nowhere.example: {}',
      /^3: There is no organization "nowhere.example" here/,
    ],
    [
      'settings:\n  directory.external-collaboration:\n    defaultSponsorId: !person carla@contoso.example',
      /^3: There is no person "carla@contoso.example" here/,
    ],
    [
      'settings:\n  directory.external-collaboration:\n    defaultSponsorId: !person nobody@fabrikam.example',
      /^3: There is no person "nobody@fabrikam.example" here/,
    ],
    [
      'settings:\n  calendars.organization-relationships:\n    A:\n      domainNames: [x.example]\n    B:\n      domainNames: [x.example]',
      /^3: .*x\.example/,
    ],
    ['settings:\n  calendars.sharing-policies:\n    A: {}\n    a: {}', /^4: This is the same as in line 3/],
  ] as const) {
    const found = await problemsOf(text);
    assert.ok(
      found.some((one) => problem.test(one)),
      `${text.slice(0, 100)}: ${found.join(' / ')}`,
    );
  }
  // The classic that grows a thousandfold with each line.
  const lols = Array.from({ length: 9 }, (_, n) => `  l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`).join('\n');
  const started = performance.now();
  await problemsOf(`settings:\n  calendars.mail-tips: &l0 {}\n${lols}`);
  assert.ok(performance.now() - started < 2_000);
  const long = await ann('POST', `${BASE}/plan`, { text: `#${'x'.repeat(3 * 1024 * 1024)}` });
  assert.ok([400, 413].includes(long.status), String(long.status));
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.equal(await read(), before);
});

test('what was planned is applied in the world it was planned in, or is planned again', async () => {
  const text = 'settings:\n  calendars.mail-tips:\n    largestMessageMegabytes: 77\n';
  const { digest } = await plan(text);
  await ok(ann('PATCH', '/admin/settings/tenants.branding', { values: { contact: 'Ask Ann.' } }));
  const late = await ann('POST', `${BASE}/apply`, { text, digest });
  assert.deepEqual([late.status, late.body.code], [409, 'tenants.settings-plan-outdated']);
  const other = await ann('POST', `${BASE}/apply`, {
    text: text.replace('77', '78'),
    digest: (await plan(text)).digest,
  });
  assert.equal(other.status, 409);
  assert.equal((await apply(text)).changes.length, 1);
  const { value } = await ok(ann('GET', '/admin/settings/calendars.mail-tips/history'));
  assert.deepEqual([value[0].newValue, value[0].changedBy], [77, 'ann@fabrikam.example']);
});

test('whoever may change some groups exports, plans and applies those alone', async () => {
  const anders = people.api(people.fabrikam.anders);
  for (const [method, path, body] of [
    ['GET', BASE, undefined],
    ['POST', `${BASE}/plan`, { text: 'settings: {}' }],
    ['POST', `${BASE}/apply`, { text: 'settings: {}', digest: 'x' }],
    ['GET', `${BASE}/drift`, undefined],
    ['POST', `${BASE}/drift`, { text: 'settings: {}' }],
  ] as const)
    assert.equal((await anders(method, path, body)).status, 403, `${method} ${path}`);
  await ok(
    ann('POST', '/v1.0/roleManagement/directory/roleAssignments', {
      principalId: people.fabrikam.anders.id,
      roleDefinitionId: '29232cdf-9323-42fd-ade2-1d097af3e4de',
      directoryScopeId: '/',
    }),
    201,
  );
  const exchange = people.api(people.fabrikam.anders);
  const own = await ok(exchange('GET', BASE));
  assert.match(own, /calendars\.mail-tips:/);
  assert.doesNotMatch(own, /tenants\.branding/);
  const text = 'settings:\n  calendars.mail-tips:\n    largestMessageMegabytes: 88\n';
  const found = await plan(text, exchange, true);
  assert.deepEqual([found.mayApply, found.whatIf], [true, null], 'the ledger is not theirs to read');
  assert.equal((await apply(text, exchange)).changes.length, 1);
  const foreign = await exchange('POST', `${BASE}/plan`, { text: 'settings:\n  tenants.branding:\n    contact: me\n' });
  assert.equal(foreign.status, 403);
  await apply('settings:\n  calendars.mail-tips: {}\n');
});

test('beyond 3.9 accept 3: what is changed by hand is told with who, when, old and new, once, and until it is set back', async () => {
  const text = 'settings:\n  calendars.mail-tips:\n    largestMessageMegabytes: 60\n';
  await database.query('delete from tenants.settings_references');
  await apply(text);
  const groupNow = async () =>
    (await ok(ann('GET', `${BASE}/drift`))).groups.find(
      (one: { group: string }) => one.group === 'calendars.mail-tips',
    );
  assert.equal((await groupNow()).status, 'same');
  const never = (await ok(ann('GET', `${BASE}/drift`))).groups.find(
    (one: { group: string }) => one.group === 'signin.guests',
  );
  assert.equal(never.status, 'not-applicable', 'beyond 3.9 accept 5: no text speaks of it');

  const letters = async () =>
    (
      await database.query(
        "select subject, body_text from platform.outgoing_mails where tenant_id = $1 and kind = 'settings-drift' order by created_at",
        [people.fabrikam.id],
      )
    ).rows;
  const before = (await letters()).length;
  const values = { largestMessageMegabytes: 61, allTipsEnabled: false };
  await ok(ann('PATCH', '/admin/settings/calendars.mail-tips', { values }));
  const told = await soon(async () => {
    const found = await letters();
    assert.equal(found.length, before + 1);
    return found.at(-1);
  });
  assert.match(told.body_text, /largestMessageMegabytes: 60 → 61 \(by ann@fabrikam\.example, 20\d\d-/);
  const { drifts, status } = await groupNow();
  assert.equal(status, 'differs');
  assert.deepEqual(
    drifts.map(({ name, oldText, newText, changedBy }: Record<string, unknown>) => [name, oldText, newText, changedBy]),
    [
      ['allTipsEnabled', null, 'false', 'ann@fabrikam.example'],
      ['largestMessageMegabytes', '60', '61', 'ann@fabrikam.example'],
    ],
  );
  const { rows: events } = await database.query(
    "select targets from audit.events where tenant_id = $1 and action = 'tenants.settings-drifted' order by id desc limit 1",
    [people.fabrikam.id],
  );
  assert.deepEqual(
    events[0].targets[0].changes.map(({ name, old, new: now }: Record<string, unknown>) => [name, old, now]),
    [
      ['allTipsEnabled', null, false],
      ['largestMessageMegabytes', 60, 61],
    ],
  );
  // What was told of is not told again, and a file of one's own is compared without being kept.
  await ok(ann('PATCH', '/admin/settings/tenants.branding', { values: { contact: 'Ask Anders.' } }));
  const given = await ok(ann('POST', `${BASE}/drift`, { text: text.replace('60', '61') }));
  const [own] = given.groups.filter((one: { status: string }) => one.status !== 'not-applicable');
  assert.deepEqual(
    [own.group, own.drifts.map(({ name }: { name: string }) => name)],
    ['calendars.mail-tips', ['allTipsEnabled']],
  );
  await apply(text);
  assert.equal((await groupNow()).status, 'same');
  await soon(async () => {
    const { rows } = await database.query('select name from tenants.reported_drifts where tenant_id = $1', [
      people.fabrikam.id,
    ]);
    assert.deepEqual(
      rows.filter(({ name }) => name === 'allTipsEnabled'),
      [],
    );
  });
  assert.equal((await letters()).length, before + 1);

  // Past the product nothing tells of it: it is found by the clock, and nobody is named for it.
  await database.query(
    "update tenants.settings set value = '62' where tenant_id = $1 and name = 'largestMessageMegabytes'",
    [people.fabrikam.id],
  );
  const sweep = () =>
    inside(async (ctx) => {
      const sweeps = people.app.modules.flatMap((one) => one.sweeps ?? []);
      await sweeps.find(({ name, cron }) => name === 'tenants.report-drift' && cron === '*/5 * * * *')?.run(ctx);
    });
  await sweep();
  const found = (await letters()).at(-1);
  assert.match(found.body_text, /largestMessageMegabytes: 60 → 62 \(in the database: nobody knows by whom\)/);
  const [past] = (await groupNow()).drifts;
  assert.deepEqual([past.newText, past.changedBy, past.changedAt], ['62', null, null]);
  const held = async () =>
    (await ok(ann('GET', '/admin/settings/calendars.mail-tips'))).settings.find(
      ({ name }: { name: string }) => name === 'largestMessageMegabytes',
    ).value;
  await soon(async () => assert.equal(await held(), 62));
  await sweep();
  assert.equal((await letters()).length, before + 2);
  await apply(text);
  assert.equal((await groupNow()).status, 'same');
});

test('no setting is a secret, so that a text of settings gives none away', () => {
  for (const declaration of declarations())
    for (const name of Object.keys(declaration.shape.shape))
      assert.doesNotMatch(name, /secret|password|token|credential|privateKey/i, `${declaration.name}.${name}`);
});
