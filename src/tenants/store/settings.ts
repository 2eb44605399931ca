import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { newId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { SettingRow } from '../model/settings-registry.ts';

interface Tables {
  'tenants.settings': SettingRow & {
    tenant_id: string;
    changed_at: Date;
    changed_by: string;
    agreement_id: string | null;
  };
  'tenants.setting_changes': {
    tenant_id: string;
    id: string;
    declaration: string;
    target: string;
    name: string;
    old_value: unknown;
    new_value: unknown;
    changed_at: Date;
    changed_by: string;
  };
}

export interface SettingChange {
  readonly id: string;
  readonly declaration: string;
  readonly target: string;
  readonly name: string;
  /** Null: not set, the default applied. */
  readonly oldValue: unknown;
  readonly newValue: unknown;
  readonly changedAt: Date;
  readonly changedBy: string;
}

type Where = Pick<Context, 'tx' | 'tenantId'>;

/** A value that is set, with the last change of it. */
export interface StoredSetting extends SettingRow {
  readonly changedAt: Date;
  readonly changedBy: string;
  /** The agreement that holds it, through which alone it changes. */
  readonly agreementId: string | null;
}

/** The values set of one declaration, or of all, each with its last change. */
export async function listStoredSettings(
  ctx: Where,
  filter: { declaration?: string; target?: string; agreementId?: string } = {},
): Promise<StoredSetting[]> {
  let query = sqlOf<Tables>(ctx).selectFrom('tenants.settings').selectAll().where('tenant_id', '=', ctx.tenantId);
  if (filter.declaration !== undefined) query = query.where('declaration', '=', filter.declaration);
  if (filter.target !== undefined) query = query.where('target', '=', filter.target);
  if (filter.agreementId !== undefined) query = query.where('agreement_id', '=', filter.agreementId);
  return (await query.execute()).map((row) => ({
    declaration: row.declaration,
    target: row.target,
    name: row.name,
    value: row.value,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
    agreementId: row.agreement_id,
  }));
}

/** Every value the tenant has set, of every module, with the agreement that holds it. */
export async function listSettings(ctx: Where): Promise<(SettingRow & { readonly agreementId: string | null })[]> {
  return sqlOf<Tables>(ctx)
    .selectFrom('tenants.settings')
    .select(['declaration', 'target', 'name', 'value', 'agreement_id as agreementId'])
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('declaration')
    .orderBy('target')
    .orderBy('name')
    .execute();
}

/** Sets (or, with `undefined`, unsets) one value and writes its history. The caller has validated it. */
export async function writeSetting(
  ctx: Context,
  change: {
    declaration: string;
    target: string;
    name: string;
    old: unknown;
    new: unknown;
    by: string;
    agreementId: string | null;
  },
): Promise<void> {
  const db = sqlOf<Tables>(ctx);
  const key = { tenant_id: ctx.tenantId, declaration: change.declaration, target: change.target, name: change.name };
  if (change.new === undefined) {
    await db
      .deleteFrom('tenants.settings')
      .where((where) => where.and(key))
      .execute();
  } else {
    const stamped = {
      value: json(change.new),
      changed_at: ctx.now,
      changed_by: change.by,
      agreement_id: change.agreementId,
    };
    await db
      .insertInto('tenants.settings')
      .values({ ...key, ...stamped })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'declaration', 'target', 'name']).doUpdateSet(stamped))
      .execute();
  }
  await db
    .insertInto('tenants.setting_changes')
    .values({
      ...key,
      id: newId(),
      old_value: change.old === undefined ? null : json(change.old),
      new_value: change.new === undefined ? null : json(change.new),
      changed_at: ctx.now,
      changed_by: change.by,
    })
    .execute();
}

/** The newest changes first, of one declaration or of all; `after` is the id of the last one of the page before. */
export async function listSettingChanges(
  ctx: Where,
  filter: { declaration?: string; target?: string; after?: string; limit: number },
): Promise<SettingChange[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('tenants.setting_changes')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('changed_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit);
  if (filter.declaration !== undefined) query = query.where('declaration', '=', filter.declaration);
  if (filter.target !== undefined) query = query.where('target', '=', filter.target);
  if (filter.after !== undefined) {
    query = query.where(
      sql<boolean>`(changed_at, id) < (select c.changed_at, c.id from tenants.setting_changes c
                                        where c.tenant_id = ${ctx.tenantId} and c.id = ${filter.after}::uuid)`,
    );
  }
  return (await query.execute()).map((row) => ({
    id: row.id,
    declaration: row.declaration,
    target: row.target,
    name: row.name,
    oldValue: row.old_value,
    newValue: row.new_value,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
  }));
}

/** The newest change of one value. */
export async function findLastChange(
  ctx: Where,
  place: { declaration: string; target: string; name: string },
): Promise<Pick<SettingChange, 'newValue' | 'changedAt' | 'changedBy'> | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('tenants.setting_changes')
    .select(['new_value', 'changed_at', 'changed_by'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('declaration', '=', place.declaration)
    .where('target', '=', place.target)
    .where('name', '=', place.name)
    .orderBy('changed_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { newValue: row.new_value, changedAt: row.changed_at, changedBy: row.changed_by };
}

/** A text that changes with anything that is set. */
export async function fingerprintOfSettings(ctx: Where): Promise<string> {
  const { rows } = await sql<{ print: string }>`
    select concat(count(*), '-',
                  sum(hashtextextended(concat_ws(' ', declaration, target, name, value), 0)::numeric)) as print
      from tenants.settings where tenant_id = ${ctx.tenantId}`.execute(sqlOf(ctx));
  return rows[0]?.print ?? '';
}

/** Serialises changes of one tenant's settings, so that rules across several of them see what is really there. */
export async function lockSettings(ctx: Where): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`settings:${ctx.tenantId}`}, 0))`.execute(sqlOf(ctx));
}

const json = (value: unknown) => sql<never>`${JSON.stringify(value)}::jsonb`;
