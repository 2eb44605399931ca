import type { Context } from '../../kernel/context.ts';
import { sqlOf, violatedConstraint } from '../../platform/database/index.ts';
import { tenantsFaults } from '../faults.ts';
import type { DirectorySource, DirectorySourceKind } from '../model/directory-source.ts';

interface Tables {
  'tenants.directory_sources': {
    tenant_id: string;
    id: string;
    kind: DirectorySourceKind;
    display_name: string;
    external_id: string;
    created_at: Date;
    created_by: string;
  };
}

export async function listDirectorySources(ctx: Context): Promise<DirectorySource[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('tenants.directory_sources')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('display_name')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    displayName: row.display_name,
    externalId: row.external_id,
    createdAt: row.created_at,
    createdBy: row.created_by,
  }));
}

/** @throws tenants.directory-source-taken when any tenant has registered it. */
export async function insertDirectorySource(ctx: Context, source: DirectorySource): Promise<void> {
  try {
    await sqlOf<Tables>(ctx)
      .insertInto('tenants.directory_sources')
      .values({
        tenant_id: ctx.tenantId,
        id: source.id,
        kind: source.kind,
        display_name: source.displayName,
        external_id: source.externalId,
        created_at: source.createdAt,
        created_by: source.createdBy,
      })
      .execute();
  } catch (error) {
    if (violatedConstraint(error) === 'directory_sources_one_tenant') throw tenantsFaults.directorySourceTaken();
    throw error;
  }
}

/** Whether there was one of this id. */
export async function deleteDirectorySource(ctx: Context, id: string): Promise<boolean> {
  const { numDeletedRows } = await sqlOf<Tables>(ctx)
    .deleteFrom('tenants.directory_sources')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
