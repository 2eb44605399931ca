import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { createGroup } from '../../src/directory/index.ts';
import type { Context } from '../../src/kernel/context.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { SettingsDeclaration } from '../../src/kernel/settings.ts';
import { changeSettings } from '../../src/tenants/index.ts';
import { type Api, type People, startPeople } from '../support/people.ts';
import { soon } from '../support/agreement-stories.ts';
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
const plan = (text: string, api = ann) => ok(api('POST', `${BASE}/plan`, { text }));
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

const CASES = Number(process.env.SETTINGS_TEXT_CASES ?? 2);

test('beyond 3.9 accept 1: what is exported, wiped and applied is exported again byte for byte', async () => {
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
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record(
        Object.fromEntries(
          declarations().map((one) => {
            const count = one.scope === 'tenant' ? 1 : 2;
            return [one.name, fc.array(valuesFor(one, nameable), { minLength: count, maxLength: count })];
          }),
        ),
      ),
      async (all) => {
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
        const { rows } = await database.query('select declaration from tenants.settings where tenant_id = $1', [fabrikam.id]);
        assert.deepEqual(rows, []);
        await apply(before);
        assert.equal(await read(), before);
        await apply(emptyOf(before));
        seen += 1;
      },
    ),
    { numRuns: CASES },
  );
  assert.equal(seen, CASES);

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
