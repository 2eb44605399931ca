import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../../kernel/context.ts';
import type { Subscriber, Sweep } from '../../kernel/module.ts';
import type { SettingsDeclaration } from '../../kernel/settings.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { TENANT_CHANGED } from '../events.ts';
import { driftLetter } from '../model/drift-letter.ts';
import {
  type Difference,
  differencesIn,
  objectName,
  readValue,
  understood,
  type Wanted,
} from '../model/settings-plan.ts';
import { findLastChange, listSettings, lockSettings } from '../store/settings.ts';
import {
  deleteReportedDrift,
  hasReferences,
  listReferences,
  listReportedDrifts,
  putReportedDrift,
} from '../store/settings-references.ts';
import { readable } from './read-settings.ts';
import { readText, settingsTextInvalid } from './read-settings-text.ts';
import { type PlannedChange, show } from './settings-text.ts';
import type { SettingsTextPorts } from './settings-text-ports.ts';

export interface DriftPorts extends SettingsTextPorts {
  /** Who is told when something is not as the text says. */
  administratorsOf(
    ctx: Context,
  ): Promise<readonly { readonly address: string; readonly displayName: string; readonly language: string | null }[]>;
}

/** A value that was changed since, with who did it. `old` is what the text says, `new` what is set. */
export interface Drift extends PlannedChange {
  /** Null: it was changed in the database, and nobody knows when and by whom. */
  readonly changedAt: Date | null;
  readonly changedBy: string | null;
}

/** How one group stands to the text. */
export interface GroupDrift {
  readonly group: string;
  readonly title: string;
  /** `not-applicable`: no text speaks of it, so there is nothing to compare it with. */
  readonly status: 'same' | 'differs' | 'not-applicable';
  readonly appliedAt: Date | null;
  readonly appliedBy: string | null;
  readonly drifts: readonly Drift[];
}

/**
 * How what is set differs from the texts that were applied last, or from another one: each group that the asker may read.
 * @throws tenants.settings-text-invalid.
 */
export async function readDrift(ctx: Context, ports: DriftPorts, text?: string): Promise<GroupDrift[]> {
  const groups = await readable(ctx, ports.registry());
  const given = text === undefined ? undefined : await readText(ctx, ports, text);
  if (given && given.problems.length > 0) throw settingsTextInvalid(given.problems);
  const kept = new Map((given ? [] : await listReferences(ctx)).map((one) => [one.declaration, one]));
  const found: GroupDrift[] = [];
  for (const { declaration } of groups) {
    if (declaration.setBy === 'agreement') continue;
    const { name: group, title } = declaration;
    const reference = kept.get(group);
    const wanted = given ? given.groups.get(declaration) : reference?.wanted;
    const drifts = wanted ? await driftsOf(ctx, ports, declaration, wanted) : [];
    found.push({
      group,
      title,
      status: !wanted ? 'not-applicable' : drifts.length > 0 ? 'differs' : 'same',
      appliedAt: reference?.appliedAt ?? null,
      appliedBy: reference?.appliedBy ?? null,
      drifts,
    });
  }
  return found;
}

async function driftsOf(
  ctx: Context,
  ports: DriftPorts,
  declaration: SettingsDeclaration,
  wanted: readonly Wanted[],
): Promise<Drift[]> {
  const differences = await differencesNow(ctx, declaration, wanted);
  const shown = await show(
    ctx,
    ports,
    differences.map((one) => ({ ...one, old: one.new, new: one.old })),
  );
  const drifts: Drift[] = [];
  for (const [n, one] of shown.entries()) {
    const place = { declaration: declaration.name, target: differences[n]!.target ?? '', name: one.name };
    const last = await findLastChange(ctx, place);
    // Set to something else than the history says: past the product, by whoever can write the database.
    const lastSet = last && last.newValue !== null ? readValue(declaration, one.name, last.newValue) : null;
    const isTheirs = last !== undefined && isDeepStrictEqual(lastSet, one.new);
    drifts.push({
      ...one,
      changedAt: isTheirs ? last.changedAt : null,
      changedBy: isTheirs ? last.changedBy : null,
    });
  }
  return drifts;
}

/** What differs, in both what agreements hold and what they do not. `old` is what is set, `new` what is wanted. */
async function differencesNow(
  ctx: Context,
  declaration: SettingsDeclaration,
  wanted: readonly Wanted[],
): Promise<Difference[]> {
  const rows = (await listSettings(ctx)).filter((row) => row.declaration === declaration.name);
  // An object that was removed and made anew has another id and the same name.
  const objects = [...Map.groupBy(understood(declaration, rows), ({ target }) => target)];
  const there = new Set(objects.map(([target]) => target));
  const placed = wanted.map((one) => {
    if (one.object === null || (one.target !== null && there.has(one.target))) return one;
    const again = objects.find(([, found]) => objectName(found) === one.object)?.[0];
    return again === undefined ? one : { ...one, target: again };
  });
  const { differences, held } = differencesIn(declaration, placed, rows);
  return [...differences, ...held];
}

/** Tells, once each, of every value that is not as the text says that was applied last, and when it is so again. */
async function reportDrift(ctx: Context, ports: DriftPorts): Promise<void> {
  await lockSettings(ctx);
  const told = new Map((await listReportedDrifts(ctx)).map((one) => [placeOf(one), one]));
  const news: Drift[] = [];
  for (const reference of await listReferences(ctx)) {
    const declaration = ports.registry().find(reference.declaration);
    if (!declaration) continue;
    const drifts = await driftsOf(ctx, ports, declaration, reference.wanted);
    for (const drift of drifts) {
      const place = { declaration: declaration.name, target: drift.target ?? drift.targetName ?? '', name: drift.name };
      const before = told.get(placeOf(place));
      told.delete(placeOf(place));
      if (before && isDeepStrictEqual(before.value, drift.new)) continue;
      await putReportedDrift(ctx, { ...place, value: drift.new });
      news.push(drift);
    }
    if (drifts.length === 0) continue;
    const fresh = drifts.filter((one) => news.includes(one));
    for (const [target, changed] of Map.groupBy(fresh, (one) => one.target ?? '')) {
      ctx.record({
        action: 'tenants.settings-drifted',
        category: 'Policy',
        targets: [
          {
            kind: 'settings',
            id: declaration.name,
            displayName: declaration.title,
            changes: changed.map(({ name, old, new: now }) => ({ name, old, new: now })),
          },
        ],
        facts: { target, changedAt: changed[0]?.changedAt ?? null, changedBy: changed[0]?.changedBy ?? null },
      });
    }
  }
  for (const over of told.values()) await deleteReportedDrift(ctx, over);
  if (news.length === 0) return;
  // What was changed in the database stands there and nowhere else yet: decisions go by what is told.
  if (news.some(({ changedBy }) => changedBy === null)) await ctx.announce(TENANT_CHANGED, {});
  for (const { address, displayName, language } of await ports.administratorsOf(ctx)) {
    await queueMail(ctx, {
      kind: 'settings-drift',
      to: { address, name: displayName },
      fromName: ctx.tenant.displayName,
      ...driftLetter(language, ctx.tenant.displayName, news),
    });
  }
}

const placeOf = ({ declaration, target, name }: { declaration: string; target: string; name: string }) =>
  JSON.stringify([declaration, target, name]);

/** Whatever changes a setting by hand is told of as soon as it is done, where a text speaks of settings at all. */
export const driftSubscriber = (ports: DriftPorts): Subscriber => ({
  name: 'tenants.report-drift',
  to: ['tenants.setting-changed'],
  concerns: (ctx) => hasReferences(ctx),
  handle: (ctx) => reportDrift(ctx, ports),
});

/** What no notice told of is found by looking: values that were changed in the database. */
export const driftSweep = (ports: DriftPorts): Sweep => ({
  name: 'tenants.report-drift',
  cron: '*/5 * * * *',
  async run(ctx) {
    if (await hasReferences(ctx)) await reportDrift(ctx, ports);
  },
});
