import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';

/** Somebody as the organisation's address list shows them. */
export interface AddressListEntry {
  readonly id: string;
  readonly kind: 'account' | 'contact';
  readonly displayName: string;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly mail: string;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly mobilePhone: string | null;
  readonly businessPhones: readonly string[];
  /** Changes with every change of them. */
  readonly version: number;
}

/**
 * The people at home and the shared contacts of an organisation, in the order of their names, at most `limit`; or those
 * of `ids`. Asks nothing; its callers do.
 */
export async function listAddressList(
  ctx: Context,
  { ids, limit }: { ids?: readonly string[]; limit: number },
): Promise<AddressListEntry[]> {
  const among = (column: string) => (ids === undefined ? sql`true` : sql`${sql.ref(column)} = any(${ids}::uuid[])`);
  const { rows } = await sql<AddressListEntry>`
    select id, kind, display_name as "displayName", given_name as "givenName", surname, mail, job_title as "jobTitle",
           department, company_name as "companyName", mobile_phone as "mobilePhone",
           business_phones as "businessPhones", version
      from ((
        select display_name_lower, id, 'account' as kind, display_name, given_name, surname,
               coalesce(mail, user_principal_name) as mail, job_title, department, company_name, mobile_phone,
               business_phones, version
          from directory.accounts
         where tenant_id = ${ctx.tenantId} and deleted_at is null and show_in_address_list and user_type = 'Member'
           and ${among('id')}
         order by display_name_lower, id limit ${limit})
        union all (
        select display_name_lower, id, 'contact', display_name, given_name, surname, mail, job_title, department,
               company_name, mobile_phone, business_phones, version
          from directory.contacts
         where tenant_id = ${ctx.tenantId} and deleted_at is null and ${among('id')}
         order by display_name_lower, id limit ${limit})) as listed
     order by display_name_lower, id limit ${limit}`.execute(sqlOf(ctx));
  return rows;
}
