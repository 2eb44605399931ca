/** What becomes of rights: asked of the engine one by one, to be held against what was foretold. */
import pg from 'pg';
import { accessPorts } from '../../src/app/access-ports.ts';
import { personAtHome } from '../../src/directory/index.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';
import { decide } from '../../src/kernel/decision.ts';
import type { People } from './people.ts';
import type { LineBody } from './what-if.ts';
import type { World } from './what-if-world.ts';

/** The level of each right, by question, holder and what it is about. */
export type Levels = ReadonlyMap<string, string>;

/** The database keeps the names of an object in an order of its own. */
export const printed = (input: unknown): string =>
  JSON.stringify(
    typeof input === 'object' && input !== null
      ? Object.entries(input).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : input,
  );

/** Every right there is, asked of the engine one by one as each of them would ask. */
export function observe(people: People, world: World): Promise<Levels> {
  const questions = new Map(
    people.app.modules.flatMap((module) => module.questions ?? []).map((one) => [one.name, one]),
  );
  const { run } = people.app;
  return run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
    const levels = new Map<string, string>();
    const ask = async (name: string, subjectId: string, actor: Actor | undefined, input: unknown, more?: object) => {
      const question = questions.get(name)!;
      // Whoever was parted with is nobody here.
      if (!actor) {
        levels.set(`${name} ${subjectId} ${printed(input)}`, question.levels[0] as string);
        return;
      }
      const about = more ? { ...(input as object), ...more } : input;
      const facts = await question.facts({ ...ctx, actor }, question.input ? question.input.parse(about) : undefined);
      levels.set(`${name} ${subjectId} ${printed(input)}`, decide(question, facts).level as string);
    };
    const here = [...world.accounts, ...world.guests, ...world.pending.map(({ id }) => id)];
    const held = await inGroups(people, ctx);
    for (const id of here) {
      const actor = await accessPorts.actorOf(ctx, id);
      await ask('directory.account.sign-in', id, actor, { accountId: id });
      for (const group of world.groups)
        if (held.has(`${group} ${id}`)) await ask('directory.group.change', id, actor, group);
      for (const calendarId of world.calendars) await ask('calendars.calendar.use', id, actor, { calendarId });
      if (actor?.kind === 'account' && actor.roles.length > 0)
        for (const { name, input } of questions.values()) if (!input) await ask(name, id, actor, null);
    }
    for (const [n, id] of world.guests.entries()) {
      const isHere = (await accessPorts.actorOf(ctx, id)) !== undefined;
      const home = n === 0 ? people.contoso.bob : people.tailspin.tom;
      const input = { homeTenantId: home.tenantId, userId: home.id };
      // What only home knows.
      const groupIds = n === 0 ? [world.groupOfContoso] : [];
      await ask('partners.people.come-in', id, isHere ? { kind: 'anonymous' } : undefined, input, { groupIds });
    }
    for (const { id: userId, tenantId, until } of world.goers) {
      if (until && until < ctx.now) continue;
      const atHome = await personAtHome(ctx, { userId });
      const more = { groupIds: atHome?.groupIds, addresses: atHome?.addresses };
      const asker: Actor | undefined = atHome && { kind: 'anonymous' };
      await ask('partners.people.go-out', userId, asker, { tenantId, userId, application: null }, more);
    }
    for (const { id, domain, homeTenantId } of world.pending) {
      const actor = await accessPorts.actorOf(ctx, id);
      await ask('directory.invitation.accept', id, actor, { domain, homeTenantId, accountId: id });
    }
    const nobody: Actor = { kind: 'anonymous' };
    for (const address of world.addresses) {
      const homeTenantId = address.endsWith('contoso.example') ? people.contoso.id : people.tailspin.id;
      const visitor: Actor = { kind: 'visitor', homeTenantId, address, displayName: address };
      for (const calendarId of world.calendars) await ask('calendars.calendar.use', address, visitor, { calendarId });
    }
    for (const linkId of world.links) await ask('calendars.link.read', linkId, nobody, { linkId });
    for (const [domain, fromTenantId] of [
      ['contoso.example', people.contoso.id],
      ['tailspin.example', people.tailspin.id],
    ])
      for (const name of ['ann', 'anders', 'cleo', 'dora', 'emil']) {
        const input = { address: `${name}@fabrikam.example`, from: `anybody@${domain}`, fromTenantId };
        await ask('calendars.free-busy.read', domain!, nobody, input);
      }
    return levels;
  });
}

/** Who is directly in a group or owns it: to whom the question about the group is more than one about their role. */
async function inGroups(people: People, ctx: Context): Promise<ReadonlySet<string>> {
  const rows = await query(
    people,
    `select object_id || ' ' || subject_id as key from access.grants
      where tenant_id = $1 and object_kind = 'group' and (ends_at is null or ends_at > $2)`,
    [ctx.tenantId, ctx.now],
  );
  return new Set(rows.map(({ key }) => key as string));
}

/** Rows as the owner of the database sees them. */
export async function query({ app }: People, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: app.adminUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** A right that nobody held yet, because they were not here yet. */
export const lowest = (people: People, name: string): string =>
  people.app.modules.flatMap((module) => module.questions ?? []).find((one) => one.name === name)!.levels[0] as string;

/** What differs, as lines; what one side does not list is denied there, or nobody's but by a role. */
export function differences(before: Levels, after: Levels): string[] {
  const found: string[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)];
    if (was !== undefined && is !== undefined && was !== is) found.push(`${key}: ${was} > ${is}`);
  }
  return found.sort();
}

/** A right that one side did not ask about, asked there after all: predictions name both levels. */
export const inBoth = (before: Levels, after: Levels) => (line: string) => {
  const key = line.slice(0, line.lastIndexOf(': '));
  return before.has(key) && after.has(key);
};

/** Lines that were foretold, as the observed ones are written. */
export const predictedOf = (people: People, lines: readonly LineBody[]): string[] =>
  lines
    .filter(({ subject, refusedAt }) => refusedAt === null && subject.kind !== 'tenant')
    .map(({ question, subject, input, before, after }) => {
      const who = question === 'calendars.link.read' ? input.linkId : subject.id;
      return `${question} ${who} ${printed(input)}: ${before} > ${after}`;
    })
    .filter((line) => !line.includes('any-other-organisation'))
    // Named by its id alone: whatever its domain, none of our relationships holds it.
    .map((line) => line.replaceAll(`${people.contoso.id}.invalid`, 'contoso.example'))
    .map((line) => line.replaceAll(`${people.tailspin.id}.invalid`, 'tailspin.example'))
    .sort();
