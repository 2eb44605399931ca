import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { Actor, Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { parseId } from '../../kernel/ids.ts';
import type { SettingsRule } from '../../kernel/module.ts';
import type { SettingsDeclaration } from '../../kernel/settings.ts';
import { TENANT_CHANGED } from '../events.ts';
import { tenantsFaults } from '../faults.ts';
import { parseDomainName } from '../model/domain-name.ts';
import { applyChanges } from '../model/settings-registry.ts';
import { administerSettings } from '../questions.ts';
import { listStoredSettings, lockSettings, type StoredSetting, writeSetting } from '../store/settings.ts';

export interface ChangeSettingsOptions {
  /** Marks the values as held by this agreement; only a change with the same mark may touch them. */
  readonly agreementId?: string;
}

/**
 * Changes values of one declaration, all or none; `null` returns a name to its default. `target` is undefined for the
 * whole tenant, else the partner (tenant id or domain) or the container.
 * @returns every value of the declaration as it now stands.
 * @throws request.invalid naming each wrong value; tenants.wrong-setting-target; tenants.setting-held-by-agreement,
 *   .setting-set-by-agreement.
 */
export async function changeSettings(
  ctx: Context,
  declaration: SettingsDeclaration,
  target: string | undefined,
  changes: Readonly<Record<string, unknown>>,
  options: ChangeSettingsOptions = {},
): Promise<Record<string, unknown>> {
  const place = await demandPlace(ctx, declaration, target, options);
  // Locked before reading: a rule across several values must see what is really there.
  await lockSettings(ctx);
  const prepared = await prepare(ctx, declaration, place, changes);
  await admit(ctx, declaration, place, prepared.after);
  if (await write(ctx, declaration, place, changes, prepared, options)) await ctx.announce(TENANT_CHANGED, {});
  return prepared.after;
}

/** Changes for one target. `values` undefined: everything that is set there goes. */
export interface SettingsChange {
  readonly declaration: SettingsDeclaration;
  readonly target: string | undefined;
  readonly values: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Makes many changes as one, whatever their order: what each object must be among the others, and with what is no
 * setting, is judged by how all of them stand in the end.
 * @throws as changing one; the modules' own faults.
 */
export async function changeSettingsTogether(
  ctx: Context,
  rules: readonly SettingsRule[],
  changes: readonly SettingsChange[],
): Promise<void> {
  await lockSettings(ctx);
  const after = new Map<SettingsDeclaration, Map<string, Record<string, unknown> | undefined>>();
  for (const { declaration, target, values } of changes) {
    const place = await demandPlace(ctx, declaration, target, {});
    const places = after.get(declaration) ?? new Map<string, Record<string, unknown> | undefined>();
    after.set(declaration, places);
    if (values === undefined) {
      await takeAway(ctx, declaration, place, {});
      places.set(place, undefined);
    } else {
      const prepared = await prepare(ctx, declaration, place, values);
      await write(ctx, declaration, place, values, prepared, {});
      places.set(place, prepared.after);
    }
  }
  for (const [declaration, places] of after) {
    for (const [place, values] of places) if (values) await admit(ctx, declaration, place, values);
    for (const rule of rules) if (rule.declaration === declaration) await rule.verify(ctx, places);
  }
  if (changes.length > 0) await ctx.announce(TENANT_CHANGED, {});
}

interface Prepared {
  readonly stored: ReadonlyMap<string, StoredSetting>;
  /** Every value as it is to stand. */
  readonly after: Record<string, unknown>;
}

async function demandPlace(
  ctx: Context,
  declaration: SettingsDeclaration,
  target: string | undefined,
  options: ChangeSettingsOptions,
): Promise<string> {
  await ctx.demand(administerSettings(declaration), undefined, 'write');
  if (declaration.setBy === 'agreement' && options.agreementId === undefined)
    throw tenantsFaults.setByAgreement(declaration.name);
  return parseTarget(declaration, target);
}

async function prepare(
  ctx: Context,
  declaration: SettingsDeclaration,
  place: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<Prepared> {
  const stored = new Map(
    (await listStoredSettings(ctx, { declaration: declaration.name, target: place })).map((row) => [row.name, row]),
  );
  return { stored, after: applyChanges(declaration, valuesOf(declaration, [...stored.values()]), changes) };
}

async function admit(
  ctx: Context,
  declaration: SettingsDeclaration,
  place: string,
  after: Record<string, unknown>,
): Promise<void> {
  declaration.admits?.(after as never, {
    others: await othersOf(ctx, declaration, place),
    ownDomains: ctx.tenant.domains,
  });
}

/** Writes what differs. Returns whether anything did. */
async function write(
  ctx: Context,
  declaration: SettingsDeclaration,
  place: string,
  changes: Readonly<Record<string, unknown>>,
  { stored, after }: Prepared,
  options: ChangeSettingsOptions,
): Promise<boolean> {
  const agreementId = options.agreementId ?? null;
  const changed: { name: string; old: unknown; new: unknown }[] = [];
  for (const name of Object.keys(changes)) {
    const row = stored.get(name);
    const wanted = changes[name] === null ? undefined : after[name];
    if (same(row?.value, wanted) && (row?.agreementId ?? null) === agreementId) continue;
    if (row?.agreementId && row.agreementId !== agreementId) throw tenantsFaults.heldByAgreement(name, row.agreementId);
    await writeSetting(ctx, {
      declaration: declaration.name,
      target: place,
      name,
      old: row?.value,
      new: wanted,
      by: authorOf(ctx.actor),
      agreementId,
    });
    changed.push({ name, old: row?.value ?? null, new: wanted ?? null });
  }
  if (changed.length === 0) return false;
  ctx.record({
    action: 'tenants.setting-changed',
    category: 'Policy',
    targets: [{ kind: 'settings', id: declaration.name, displayName: declaration.title, changes: changed }],
    facts: { target: place, ...(agreementId ? { agreementId } : {}) },
  });
  return true;
}

/**
 * Removes everything that is set of one declaration for one target: an object of a collection is then gone.
 * @throws not-found when nothing is set there; tenants.setting-held-by-agreement.
 */
export async function removeSettings(
  ctx: Context,
  declaration: SettingsDeclaration,
  target: string,
  options: ChangeSettingsOptions = {},
): Promise<void> {
  await ctx.demand(administerSettings(declaration), undefined, 'write');
  const place = parseTarget(declaration, target);
  await lockSettings(ctx);
  await takeAway(ctx, declaration, place, options);
  await ctx.announce(TENANT_CHANGED, {});
}

async function takeAway(
  ctx: Context,
  declaration: SettingsDeclaration,
  place: string,
  options: ChangeSettingsOptions,
): Promise<void> {
  const stored = await listStoredSettings(ctx, { declaration: declaration.name, target: place });
  if (stored.length === 0) throw kernelFaults.notFound();
  const agreementId = options.agreementId ?? null;
  for (const row of stored) {
    if (row.agreementId && row.agreementId !== agreementId)
      throw tenantsFaults.heldByAgreement(row.name, row.agreementId);
    await writeSetting(ctx, {
      declaration: declaration.name,
      target: place,
      name: row.name,
      old: row.value,
      new: undefined,
      by: authorOf(ctx.actor),
      agreementId,
    });
  }
  const changes = stored.map(({ name, value }) => ({ name, old: value, new: null }));
  ctx.record({
    action: 'tenants.setting-changed',
    category: 'Policy',
    targets: [{ kind: 'settings', id: declaration.name, displayName: declaration.title, changes }],
    facts: { target: place, isRemoved: true },
  });
}

/** What is set of one declaration for one target, defaults included; undefined when nothing is. Asks nothing. */
export async function readStored<Shape extends z.ZodObject>(
  ctx: Context,
  declaration: SettingsDeclaration<Shape>,
  target: string,
): Promise<z.output<Shape> | undefined> {
  const rows = await listStoredSettings(ctx, { declaration: declaration.name, target });
  return rows.length === 0 ? undefined : (valuesOf(declaration, rows) as z.output<Shape>);
}

/** The other objects of a collection, as they are stored; none where a declaration has no rule among them. */
async function othersOf(
  ctx: Context,
  declaration: SettingsDeclaration,
  place: string,
): Promise<ReadonlyMap<string, Record<string, unknown>>> {
  const others = new Map<string, Record<string, unknown>>();
  if (!declaration.admits || declaration.scope !== 'collection') return others;
  const rows = Map.groupBy(await listStoredSettings(ctx, { declaration: declaration.name }), ({ target }) => target);
  for (const [target, stored] of rows) if (target !== place) others.set(target, valuesOf(declaration, stored));
  return others;
}

/** All values of a declaration: what is stored where it still fits, the defaults elsewhere. */
export function valuesOf(
  declaration: SettingsDeclaration,
  rows: readonly { readonly name: string; readonly value: unknown }[],
): Record<string, unknown> {
  const values: Record<string, unknown> = declaration.shape.parse({});
  for (const row of rows) {
    const parsed = declaration.shape.shape[row.name]?.safeParse(row.value);
    if (parsed?.success) values[row.name] = parsed.data;
  }
  return values;
}

/** Where a declaration's values are stored: '' for the tenant, else the one spelling of partner or container. */
export function parseTarget(declaration: SettingsDeclaration, target: string | undefined): string {
  if (declaration.scope === 'tenant') {
    if (target) throw tenantsFaults.wrongTarget(declaration.name, target);
    return '';
  }
  if (!target) throw tenantsFaults.targetMissing(declaration.name, declaration.scope);
  const place =
    declaration.scope === 'container'
      ? target.trim()
      : declaration.scope === 'collection'
        ? parseId(target)
        : (parseId(target) ?? parseDomainName(target));
  if (!place) throw tenantsFaults.wrongTarget(declaration.name, target);
  return place;
}

/** How an author is shown beside a change. */
export function authorOf(actor: Actor): string {
  switch (actor.kind) {
    case 'account':
      return actor.userPrincipalName;
    case 'application':
    case 'operator':
      return actor.displayName;
    case 'system':
      return actor.name;
    case 'visitor':
      return actor.address;
    case 'anonymous':
      return 'anonymous';
  }
}

const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);
