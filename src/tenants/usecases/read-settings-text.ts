import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import { parseId } from '../../kernel/ids.ts';
import type { SettingsDeclaration } from '../../kernel/settings.ts';
import { tenantsFaults } from '../faults.ts';
import { parseDomainName } from '../model/domain-name.ts';
import { differencesIn, objectName, type PlacedWanted, readTarget, understood } from '../model/settings-plan.ts';
import {
  Named,
  parseSettings,
  replaceNamed,
  type TextProblem,
  type WrittenGroup,
  type WrittenTarget,
  type WrittenText,
} from '../model/settings-text.ts';
import { administerSettings } from '../questions.ts';
import { listSettings } from '../store/settings.ts';
import type { SettingsTextPorts } from './settings-text-ports.ts';

type StoredRow = Awaited<ReturnType<typeof listSettings>>[number];

/** A text with ids in place of names, and every value as its declaration wants it. */
export interface ReadText {
  readonly groups: ReadonlyMap<SettingsDeclaration, readonly PlacedWanted[]>;
  /** Where there are any, nothing of it counts. */
  readonly problems: readonly TextProblem[];
}

/**
 * Reads a text against what is set, and says of everything that is wrong in which line it stands. Only groups that the
 * asker may read may be named.
 */
export async function readText(ctx: Context, ports: SettingsTextPorts, text: string): Promise<ReadText> {
  const registry = ports.registry();
  const written = parseSettings(text, (name) => registry.find(name)?.scope);
  const reader = new TextReader(ctx, ports, await listSettings(ctx));
  reader.problems.push(...written.problems);
  reader.belongsHere(written);
  const groups = new Map<SettingsDeclaration, readonly PlacedWanted[]>();
  for (const group of written.groups) {
    const declaration = registry.find(group.name);
    if (!declaration) continue;
    await ctx.demand(administerSettings(declaration), undefined, 'read');
    groups.set(declaration, await reader.group(declaration, group));
  }
  return { groups, problems: reader.problems.toSorted((a, b) => a.line - b.line) };
}

/** The first hundred things that are wrong with a text, as they are told. */
export function settingsTextInvalid(problems: readonly TextProblem[]): Fault {
  const [first] = problems;
  const sentence =
    problems.length === 1
      ? `Line ${first?.line}: ${first?.problem}`
      : `${problems.length} things are wrong with the text.`;
  const named = problems.slice(0, 100).map(({ line, problem }) => ({ name: `Line ${line}`, line, problem }));
  return tenantsFaults.settingsTextInvalid(sentence, named);
}

class TextReader {
  readonly problems: TextProblem[] = [];
  readonly #ctx: Context;
  readonly #ports: SettingsTextPorts;
  readonly #rows: readonly StoredRow[];
  readonly #known = new Map<string, string | undefined>();

  constructor(ctx: Context, ports: SettingsTextPorts, rows: readonly StoredRow[]) {
    this.#ctx = ctx;
    this.#ports = ports;
    this.#rows = rows;
  }

  belongsHere({ organization }: WrittenText): void {
    if (!organization) return;
    const { domains, initialDomain } = this.#ctx.tenant;
    const name = String(organization.value).toLowerCase();
    if (name !== initialDomain && !domains.includes(name))
      this.#problem(organization.line, `These are the settings of ${name}; here is ${initialDomain}.`);
  }

  async group(declaration: SettingsDeclaration, group: WrittenGroup): Promise<PlacedWanted[]> {
    if (declaration.setBy === 'agreement') {
      this.#problem(group.line, `"${declaration.name}" is written by agreements alone. Change what was agreed.`);
      return [];
    }
    const own = understood(
      declaration,
      this.#rows.filter((row) => row.declaration === declaration.name),
    );
    const wanted: PlacedWanted[] = [];
    for (const target of group.targets) {
      const place = await this.#placeOf(declaration, target, own);
      if (!place) continue;
      const one = await this.#target(declaration, target, place, own);
      const twin = wanted.find((other) =>
        place.target === null
          ? other.object?.toLowerCase() === one.object?.toLowerCase()
          : other.target === place.target,
      );
      if (twin) this.#problem(target.line, `This is the same as in line ${twin.line}.`);
      else wanted.push(one);
    }
    for (const { name, target, object } of differencesIn(declaration, wanted, own).held) {
      const place = wanted.find((one) => one.target === target && one.object === object);
      this.#problem(place?.lines[name] ?? group.line, `"${name}" is held by an agreement. Change it there.`);
    }
    if (this.problems.length === 0) this.#admit(declaration, wanted);
    return wanted;
  }

  async #target(
    declaration: SettingsDeclaration,
    target: WrittenTarget,
    { target: place, object }: { readonly target: string | null; readonly object: string | null },
    own: readonly StoredRow[],
  ): Promise<PlacedWanted> {
    const values: Record<string, unknown> = {};
    for (const [name, { value }] of target.values) values[name] = await this.#resolved(value);
    if (object !== null) {
      const line = target.values.get('name')?.line;
      if (line !== undefined && values.name !== object)
        this.#problem(line, `It is called "${object}" above. Write its name there alone.`);
      values.name = object;
    }
    const held = own.filter((row) => row.target === place && row.agreementId !== null);
    const read = readTarget(declaration, target, values, held);
    this.problems.push(...read.problems);
    const lines = Object.fromEntries([...target.values].map(([name, { line }]) => [name, line]));
    return { target: place, object, values: read.values, line: target.line, lines };
  }

  async #placeOf(
    declaration: SettingsDeclaration,
    { key, line }: WrittenTarget,
    own: readonly StoredRow[],
  ): Promise<{ target: string | null; object: string | null } | undefined> {
    const place = (target: string | null, object: string | null = null) => ({ target, object });
    if (key === undefined) return place('');
    if (declaration.scope === 'collection') {
      if (key instanceof Named) return this.#problem(line, `An object of ${declaration.name} is called by its name.`);
      const objects = [...Map.groupBy(own, ({ target }) => target)];
      const name = key.trim();
      const exact = objects.find(([, rows]) => objectName(rows) === name);
      const found = exact ?? objects.find(([, rows]) => objectName(rows).toLowerCase() === name.toLowerCase());
      return place(found?.[0] ?? null, name);
    }
    if (declaration.scope === 'container') return place(String(await this.#resolved(key)));
    if (key instanceof Named && key.kind === 'domain') {
      const domain = parseDomainName(key.name);
      return domain ? place(domain) : this.#problem(line, `"${key.name}" is not a domain name of an organisation.`);
    }
    const id = key instanceof Named ? undefined : parseId(key);
    if (id) return place(id);
    const named = key instanceof Named ? key : new Named('organization', key, line);
    const found = await this.#resolved(named);
    return typeof found === 'string' ? place(found) : undefined;
  }

  /** The value with ids in place of names. */
  async #resolved(value: unknown): Promise<unknown> {
    const names: Named[] = [];
    replaceNamed(value, (named) => names.push(named));
    for (const { kind, name, line } of names) {
      const text = `${kind} ${name.toLowerCase()}`;
      if (!this.#known.has(text)) {
        const ids = kind === 'domain' ? [] : await this.#ports.names.idsOf(this.#ctx, kind, name);
        this.#known.set(text, ids.length === 1 ? ids[0] : undefined);
        if (ids.length > 1) this.#problem(line, `"${name}" is the name of several here. Write the id of one.`);
        else if (ids.length === 0) this.#problem(line, `There is no ${kind} "${name}" here.`);
      } else if (this.#known.get(text) === undefined) this.#problem(line, `"${name}" names nothing that is meant.`);
    }
    return replaceNamed(value, ({ kind, name }) => this.#known.get(`${kind} ${name.toLowerCase()}`) ?? null);
  }

  /** What each object must be among the others, as all of them are wanted. */
  #admit(declaration: SettingsDeclaration, wanted: readonly PlacedWanted[]): void {
    if (!declaration.admits) return;
    const defaults = declaration.shape.parse({});
    const all = wanted.map(({ values }, n): [string, Record<string, unknown>] => [
      String(n),
      { ...defaults, ...values },
    ]);
    for (const [n, values] of all) {
      const others = new Map(all.filter(([other]) => other !== n));
      try {
        declaration.admits(values as never, { others: others as never, ownDomains: this.#ctx.tenant.domains });
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        this.#problem(wanted[Number(n)]!.line, error.sentence);
      }
    }
  }

  #problem(line: number, problem: string): undefined {
    this.problems.push({ line, problem });
  }
}
