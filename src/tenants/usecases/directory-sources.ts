import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { DirectorySource } from '../model/directory-source.ts';
import { administerDirectorySources } from '../questions.ts';
import { deleteDirectorySource, insertDirectorySource, listDirectorySources } from '../store/directory-sources.ts';
import { authorOf } from './change-settings.ts';

export async function listOwnDirectorySources(ctx: Context): Promise<DirectorySource[]> {
  await ctx.demand(administerDirectorySources, undefined, 'read');
  return listDirectorySources(ctx);
}

/**
 * Binds a source to this tenant, and so to no other (XC-9).
 * @throws tenants.directory-source-taken, whoever has it.
 */
export async function registerDirectorySource(
  ctx: Context,
  input: Pick<DirectorySource, 'kind' | 'displayName' | 'externalId'>,
): Promise<DirectorySource> {
  await ctx.demand(administerDirectorySources, undefined, 'write');
  const source: DirectorySource = {
    id: newId(),
    kind: input.kind,
    displayName: input.displayName.trim(),
    externalId: input.externalId.trim().toLowerCase(),
    createdAt: ctx.now,
    createdBy: authorOf(ctx.actor),
  };
  await insertDirectorySource(ctx, source);
  record(ctx, 'tenants.directory-source-registered', source);
  return source;
}

export async function removeDirectorySource(ctx: Context, id: string): Promise<void> {
  await ctx.demand(administerDirectorySources, undefined, 'write');
  const source = (await listDirectorySources(ctx)).find((one) => one.id === id);
  if (!source || !(await deleteDirectorySource(ctx, id))) throw kernelFaults.notFound();
  record(ctx, 'tenants.directory-source-removed', source);
}

function record(ctx: Context, action: string, { id, displayName, kind, externalId }: DirectorySource): void {
  ctx.record({
    action,
    category: 'DirectoryManagement',
    targets: [{ kind: 'directory-source', id, displayName }],
    facts: { kind, externalId },
  });
}
