import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { newId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import { type Listable, readPage } from '../../platform/database/page.ts';
import type { ListQuery, Page } from '../../platform/listing.ts';
import type { Contact, ContactChanges, NewContact } from '../model/contact.ts';
import { holdAddresses } from './addresses.ts';
import { columnsOf, fieldsOf } from './columns.ts';
import type { DirectoryTables } from './tables.ts';

const db = (ctx: Pick<Context, 'tx'>) => sqlOf<DirectoryTables>(ctx);

const selectContacts = (ctx: Context) =>
  db(ctx)
    .selectFrom('directory.contacts as c')
    .selectAll('c')
    .where('c.tenant_id', '=', ctx.tenantId)
    .where('c.deleted_at', 'is', null);

const CONTACT_COLUMNS: Listable = {
  id: 'c.id',
  columns: {
    id: { kind: 'guid', column: 'c.id' },
    displayName: {
      kind: 'string',
      column: 'c.display_name',
      lowered: { column: 'c.display_name_lower', isOptional: false },
    },
    givenName: { kind: 'string', column: 'c.given_name' },
    surname: { kind: 'string', column: 'c.surname' },
    mail: { kind: 'string', column: 'c.mail', lowered: { column: 'c.mail_lower', isOptional: true } },
    mailNickname: { kind: 'string', column: 'c.mail_nickname' },
    proxyAddresses: { kind: 'string', column: 'c.proxy_addresses', collection: 'array' },
    jobTitle: { kind: 'string', column: 'c.job_title' },
    department: { kind: 'string', column: 'c.department' },
    companyName: { kind: 'string', column: 'c.company_name' },
    createdAt: { kind: 'instant', column: 'c.created_at' },
  },
};

/** Writes a new contact. @throws address-taken. */
export async function insertContact(ctx: Context, contact: NewContact): Promise<Contact> {
  const id = newId<'contact'>();
  await db(ctx)
    .insertInto('directory.contacts')
    .values({ ...columnsOf(contact), id, tenant_id: ctx.tenantId, created_at: ctx.now } as never)
    .execute();
  await holdAddresses(ctx, { kind: 'contact', id }, contact.proxyAddresses ?? []);
  return (await findContact(ctx, id))!;
}

export async function updateContact(ctx: Context, id: string, changes: ContactChanges): Promise<Contact | undefined> {
  await db(ctx)
    .updateTable('directory.contacts')
    .set({ id, ...columnsOf(changes) } as never)
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .execute();
  if (changes.proxyAddresses) await holdAddresses(ctx, { kind: 'contact', id }, changes.proxyAddresses);
  return findContact(ctx, id);
}

export async function findContact(ctx: Context, id: string): Promise<Contact | undefined> {
  const row = await selectContacts(ctx).where('c.id', '=', id).executeTakeFirst();
  return row && fieldsOf<Contact>(row);
}

export async function listContacts(
  ctx: Context,
  asked: ListQuery,
  options: { ids?: readonly string[] } = {},
): Promise<Page<Contact>> {
  let query = selectContacts(ctx);
  if (options.ids) query = query.where(sql<boolean>`c.id = any(${options.ids}::uuid[])`);
  const page = await readPage(query, CONTACT_COLUMNS, asked);
  return { ...page, rows: page.rows.map((row) => fieldsOf<Contact>(row)) };
}

/** Removes a contact for good: it holds nothing that one would want back. */
export async function deleteContact(ctx: Context, id: string): Promise<Contact | undefined> {
  const row = await db(ctx)
    .deleteFrom('directory.contacts')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (row) await holdAddresses(ctx, { kind: 'contact', id }, []);
  return row && fieldsOf<Contact>(row);
}
