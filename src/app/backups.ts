import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { operateServer } from '../kernel/administration.ts';
import type { Context, TenantFacts } from '../kernel/context.ts';
import { kernelFaults } from '../kernel/fault.ts';
import { HOST, type TenantId } from '../kernel/ids.ts';
import type { Run } from '../kernel/module.ts';
import type { BlobStore } from '../platform/blobs/index.ts';
import { writeBackup } from '../platform/database/backup.ts';
import type { Sealing } from '../platform/database/backup-format.ts';
import { readBackup } from '../platform/database/backup-restore.ts';
import { Reply, type Route, route } from '../platform/http/route.ts';
import { TENANT_CHANGED } from '../tenants/index.ts';

export interface BackupPorts {
  /** Logs in as the owner of the database. */
  readonly adminUrl: string;
  readonly data: string;
  readonly blobs: BlobStore;
  readonly run: Run;
  readonly sealing: Sealing;
  findTenant(address: string): Promise<TenantFacts | undefined>;
}

/** Files of the data folder that open what is sealed in the database. A whole server cannot be restored without. */
const SECRET_FILES = ['master.secret'];

const passphraseShape = z.string().min(8, 'A passphrase has at least 8 characters.').max(1024);

/** Backup and restore of one organisation or of the whole server, for the operator. */
export function backupRoutes(ports: BackupPorts): readonly Route[] {
  const operator = { wire: 'problem', access: 'asks', transaction: 'none', tags: ['operator'] } as const;
  return [
    route({
      ...operator,
      method: 'POST',
      path: '/operator/backups',
      summary: 'Streams a backup of one organisation or of the whole server, protected by a passphrase.',
      body: z.strictObject({
        tenant: z
          .string()
          .optional()
          .describe('The organisation: its id or one of its domains. Without: the whole server.'),
        passphrase: passphraseShape,
      }),
      async handle(ctx, { body: { tenant: address, passphrase } }) {
        await ctx.demand(operateServer, undefined, 'operate');
        const tenant = address === undefined ? undefined : await ports.findTenant(address);
        if (address !== undefined && !tenant) throw kernelFaults.invalid(`There is no organisation "${address}".`);
        const { content, done } = writeBackup({
          adminUrl: ports.adminUrl,
          blobs: ports.blobs,
          now: ctx.now,
          protection: { passphrase, sealing: ports.sealing, secrets: await readSecrets(ports.data) },
          ...(tenant ? { tenant: { id: tenant.id, domain: tenant.defaultDomain } } : {}),
        });
        // Written down once it was read to its end; a backup that broke off is none.
        done.then(
          ({ rows, files }) => note(ctx, ports, 'tenants.backup-made', tenant?.id, { rows, files }),
          () => {},
        );
        return new Reply(200, content, {
          'content-type': 'application/gzip',
          'content-disposition': `attachment; filename="${tenant?.defaultDomain ?? 'server'}-${ctx.now.toISOString().slice(0, 10)}.tar.gz"`,
        });
      },
    }),
    route({
      ...operator,
      method: 'POST',
      path: '/operator/restores',
      summary: 'Takes a backup in, all or nothing; the body is its bytes (application/gzip).',
      async handle(ctx, { raw, headers }) {
        await ctx.demand(operateServer, undefined, 'operate');
        const given = headers['entente-passphrase'];
        const passphrase = passphraseShape.safeParse(
          typeof given === 'string' ? Buffer.from(given, 'base64url').toString('utf8') : undefined,
        );
        if (!passphrase.success) {
          throw kernelFaults.invalid('The header "entente-passphrase" holds the passphrase, in base64url.');
        }
        const content = raw.body as Readable | undefined;
        if (typeof content?.pipe !== 'function') {
          throw kernelFaults.invalid('The body is the backup itself, with the content type application/gzip.');
        }
        return restore(ctx, ports, passphrase.data, content);
      },
    }),
  ];
}

async function restore(ctx: Context, ports: BackupPorts, passphrase: string, content: Readable) {
  // Kept first, so that a slow sender holds no transaction open.
  const file = join(ports.data, `restore-${randomUUID()}.part`);
  try {
    await pipeline(content, createWriteStream(file, { mode: 0o600 }));
    const { manifest, tables, rows, files } = await readBackup({
      adminUrl: ports.adminUrl,
      blobs: ports.blobs,
      content: createReadStream(file),
      protection: {
        passphrase,
        sealing: ports.sealing,
        keepSecrets: (secrets) => keepSecrets(ports.data, secrets),
      },
    });
    const { tenant } = manifest;
    await note(ctx, ports, 'tenants.backup-restored', tenant?.id, { rows, files, madeAt: manifest.createdAt });
    // What was sealed is opened with the restored secrets, which are read at the start.
    return {
      tenantId: tenant?.id ?? null,
      tenant: tenant?.domain ?? null,
      tables,
      rows,
      files,
      isRestartNeeded: !tenant,
    };
  } finally {
    await rm(file, { force: true });
  }
}

/** In the server's own audit, and in that of the organisation whose data went out or came in. */
async function note(
  ctx: Context,
  ports: BackupPorts,
  action: string,
  tenantId: TenantId | undefined,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  const event = {
    action,
    category: 'TenantManagement',
    targets: tenantId ? [{ kind: 'tenant', id: tenantId }] : [],
    facts,
  };
  const work = { actor: ctx.actor, correlationId: ctx.correlationId };
  await ports.run({ ...work, tenantId: HOST }, async (inside) => {
    inside.record(event);
    if (tenantId) await inside.announce(TENANT_CHANGED, { tenantId });
  });
  if (tenantId) await ports.run({ ...work, tenantId }, async (inside) => inside.record(event));
}

async function readSecrets(data: string): Promise<Record<string, string>> {
  const entries = SECRET_FILES.map(async (name) => [name, await readFile(join(data, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Puts secrets in the place of the own ones of the server; `undo` brings those back. */
async function keepSecrets(
  data: string,
  secrets: Readonly<Record<string, string>>,
): Promise<{ undo(): Promise<void> }> {
  const before = await readSecrets(data);
  const write = async (all: Readonly<Record<string, string>>) => {
    for (const name of SECRET_FILES) {
      const text = all[name];
      if (text === undefined) continue;
      const draft = join(data, `${name}.part`);
      await writeFile(draft, text, { mode: 0o600, flush: true });
      await rename(draft, join(data, name));
    }
  };
  await write(secrets);
  return { undo: () => write(before) };
}
