import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type Api, type People, startPeople } from '../support/people.ts';
import { type Asked, linesOf, whatIf } from '../support/what-if.ts';
import { randomChange, randomly } from '../support/what-if-changes.ts';
import { differences, inBoth, type Levels, lowest, observe, predictedOf, query } from '../support/what-if-observed.ts';
import { fillWorld, type World } from '../support/what-if-world.ts';

const CASES = Number(process.env.WHAT_IF_CASES ?? 50);

let people: People;
let world: World;
let ann: Api;
before(async () => {
  people = await startPeople();
  // Time passes in these tests, and tokens with it.
  ann = (...call) => people.api(people.fabrikam.ann)(...call);
  world = await fillWorld(people);
});
after(() => people.app.close());

test(`beyond 3.4.1: what is predicted of ${CASES} random changes is exactly what comes to be`, async (t) => {
  const random = randomly(20_261_122);
  let before = await observe(people, world);
  let [changed, lines, refused] = [0, 0, 0];
  for (let n = 0; n < CASES; n += 1) {
    const asked = await randomChange({ people, world, ann }, random);
    let answer = await whatIf(ann, asked);
    if (answer.state === 'failed') {
      refused += 1;
      continue;
    }
    const says = `change ${n}: ${JSON.stringify(asked)}`;
    let made: Made | undefined;
    if (asked.at) people.app.clock.now = new Date(asked.at);
    else
      for (;;) {
        const applied = await carryOut(asked, answer.id);
        made = applied;
        if (applied.status !== 412) break;
        // What follows a change before may still have been under way.
        answer = await whatIf(ann, asked);
      }
    if (made) assert.ok(made.status === 200 || made.status === 201, `${says} ${JSON.stringify(made.body)}`);
    const foretold = await linesOf(ann, answer.id);
    const [arriving] = foretold.filter(({ subject }) => subject.isArriving);
    const predicted = predictedOf(people, foretold).map((line) =>
      arriving && made?.invited ? line.replaceAll(arriving.subject.id, made.invited.id) : line,
    );
    assert.equal(new Set(predicted).size, predicted.length, `${says} foretells something twice`);
    if (made?.invited) {
      world.pending.push(made.invited);
      assert.equal(arriving?.subject.displayName, made.invited.displayName, 'who comes is named');
    }
    const after = await observe(people, world);
    if (made?.invited) before = withNobody(before, after, made.invited.id);
    const observed = differences(before, after);
    assert.deepEqual(predicted.filter(inBoth(before, after)), observed, says);
    // What only one side lists was or is nothing, or somebody's by their role alone.
    for (const line of predicted.filter((one) => !inBoth(before, after)(one))) {
      const key = line.slice(0, line.lastIndexOf(': '));
      const [was, is] = line.slice(line.lastIndexOf(': ') + 2).split(' > ');
      if (before.has(key)) assert.equal(before.get(key), was, `${says}: ${line}`);
      else if (after.has(key)) assert.equal(after.get(key), is, `${says}: ${line}`);
      else assert.fail(`${says} foretells of nobody: ${line}`);
    }
    if (predicted.length > 0) changed += 1;
    lines += predicted.length;
    before = after;
  }
  t.diagnostic(`${CASES} changes, ${refused} refused alike, ${changed} of them moved ${lines} rights`);
  assert.ok(changed > CASES / 5, `${changed} changes moved anything`);
});

interface Made {
  readonly status: number;
  readonly body: unknown;
  readonly invited?: World['pending'][number] & { readonly displayName: string };
}

/** By its answer; an invitation by its own request, since it leaves a letter behind. */
async function carryOut({ changes }: Asked, id: string): Promise<Made> {
  const { path, body } = (changes[0]?.input ?? {}) as { path: string; body: { invitedUserEmailAddress: string } };
  if (path !== '/v1.0/invitations') return ann('POST', `/admin/what-if/${id}/apply`);
  const answer = await ann('POST', path, body, { 'entente-tried': id });
  if (answer.status !== 201) return answer;
  const domain = body.invitedUserEmailAddress.slice(body.invitedUserEmailAddress.indexOf('@') + 1);
  const homes: Record<string, string> = {
    'contoso.example': people.contoso.id,
    'tailspin.example': people.tailspin.id,
  };
  const { invitedUser, invitedUserDisplayName: displayName } = answer.body;
  return { ...answer, invited: { id: invitedUser.id, domain, homeTenantId: homes[domain] ?? null, displayName } };
}

/** Before somebody was here, they had nothing of what is asked about them. */
function withNobody(before: Levels, after: Levels, id: string): Levels {
  const theirs = [...after.keys()].filter((key) => key.split(' ')[1] === id);
  return new Map([...before, ...theirs.map((key) => [key, lowest(people, key.split(' ')[0]!)] as const)]);
}

test('beyond 3.4.3: trying out writes nothing but its own record, whatever is tried', async () => {
  const tables = (
    await query(
      people,
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema in ('tenants', 'access', 'directory', 'calendars', 'signin', 'partners', 'audit')
        and table_name not like 'what_if%' and table_type = 'BASE TABLE'
        and table_schema || '.' || table_name not in ('audit.events', 'audit.logs', 'audit.checkpoints') order by 1`,
    )
  ).map(({ name }) => name as string);
  const sums = async () => {
    const found: Record<string, unknown> = {};
    for (const name of tables) {
      const [row] = await query(
        people,
        `select md5(coalesce(string_agg(t::text, '' order by t::text), '')) as sum from ${name} t`,
      );
      found[name] = row?.sum;
    }
    // What is tried is tried in the name of whoever asked; the clock's own work, and signing in to ask, go on meanwhile.
    found.events = await query(
      people,
      `select action, actor_kind, count(*)::int as n from audit.events
      where action not like 'signin.%' and actor_kind <> 'system' group by 1, 2 order by 1, 2`,
    );
    found.jobs = await query(
      people,
      `select t.identifier, count(*)::int as n from graphile_worker._private_jobs j
      join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier not like 'access.what-if%' and t.identifier not like 'sweep%' group by 1 order by 1`,
    );
    return found;
  };
  // Keys are made when they are first needed.
  await whatIf(ann, await randomChange({ people, world, ann }, randomly(7)));
  // The clock may end something meanwhile. The same is tried each time, so a leak would show each time, too.
  for (let attempt = 1; ; attempt += 1) {
    const random = randomly(7);
    const before = await sums();
    for (let n = 0; n < 20; n += 1) await whatIf(ann, await randomChange({ people, world, ann }, random));
    const after = await sums();
    if (attempt < 3 && !isDeepStrictEqual(after, before)) continue;
    assert.deepEqual(after, before);
    break;
  }
});
