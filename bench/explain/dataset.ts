/**
 * An organisation of any size in which about half of what is asked is allowed. With every second partner nothing is open;
 * of the others some are let see the members of a group alone, and with some it was agreed whom they see.
 */

import { createHash } from 'node:crypto';
import pg from 'pg';
import { accessPorts } from '../../src/app/access-ports.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';

export interface Size {
  /** Each with a calendar. */
  readonly accounts: number;
  readonly groups: number;
  readonly grants: number;
  readonly agreements: number;
}

/** One in so many shows nobody when they are busy. */
const SILENT = 5;

type Asked = (ctx: Context, n: number) => Promise<{ readonly actor: Actor; readonly input: unknown }>;

/** Who asks what: for each `n` other people about other things, so that little is remembered. */
export function askedIn({ accounts, agreements }: Size): Readonly<Record<string, Asked>> {
  const visitor = (n: number): Actor => ({
    kind: 'visitor',
    homeTenantId: idOf('partner', n % agreements) as never,
    address: `somebody@partner${n % agreements}.example`,
    displayName: 'Somebody',
  });
  const person = (ctx: Context, n: number) => accessPorts.actorOf(ctx, idOf('person', n % accounts)) as Promise<Actor>;
  const far = (n: number) => (n * 7_919) % accounts;

  return {
    // Their own, one that is shared with them, and two whose owners show nobody anything.
    'calendars.calendar.use': async (ctx, n) => ({
      actor: await person(ctx, n % 4 === 1 ? far(n) + (n % 40) : n),
      input: { calendarId: idOf('calendar', n % 4 < 2 ? n % accounts : (far(n) * SILENT) % accounts) },
    }),
    // Three of four come from partners with whom something is open.
    'calendars.free-busy.read': async (_ctx, n) => ({
      actor: visitor(n % 4 === 3 ? n : n - (n % 2)),
      input: { address: `person${far(n)}@fabrikam.example` },
    }),
    'calendars.free-busy.look-out': async (ctx, n) => ({
      actor: await person(ctx, n),
      input: { domain: `partner${n % agreements}.example` },
    }),
    'directory.guests.invite': async (ctx, n) => ({
      actor: await person(ctx, n),
      input: { domain: `partner${n % agreements}.example`, homeTenantId: null },
    }),
    'partners.people.come-in': async (_ctx, n) => ({
      actor: visitor(n),
      input: { homeTenantId: idOf('partner', n % agreements) },
    }),
    'access.ledger.manage': async (ctx, n) => ({ actor: await person(ctx, n), input: undefined }),
  };
}

/** As the database makes them below, so that nothing need be read back. */
function idOf(kind: string, n: number): string {
  const hex = createHash('md5').update(`${kind}${n}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * People with addresses and calendars, groups, rights on both, and settings as agreements write them. A server that knows
 * the tenant already must be told that it has changed. Returns what is there then.
 */
export async function fill(
  adminUrl: string,
  tenantId: string,
  { accounts, groups, grants, agreements }: Size,
): Promise<Omit<Size, 'groups'>> {
  const database = new pg.Client({ connectionString: adminUrl });
  await database.connect();
  database.on('error', () => {});
  const make = (text: string, ...more: unknown[]) => database.query(text, [tenantId, ...more]);
  await make(
    `insert into directory.accounts (tenant_id, id, user_principal_name, display_name, mail, sessions_valid_from, created_at, version)
     select $1, md5('person' || n)::uuid, 'person' || n || '@fabrikam.example', 'Person ' || n,
            'person' || n || '@fabrikam.example', now(), now(), n
       from generate_series(0, $2::int - 1) n`,
    accounts,
  );
  await make(
    `insert into directory.addresses (tenant_id, address, holder_kind, holder_id)
     select $1, 'person' || n || '@fabrikam.example', 'account', md5('person' || n)::uuid
       from generate_series(0, $2::int - 1) n on conflict do nothing`,
    accounts,
  );
  await make(
    `insert into calendars.mailboxes (tenant_id, owner_kind, owner_id, time_zone, working_hours, created_at, version)
     select $1, 'account', md5('person' || n)::uuid, 'UTC', '{}', now(), n from generate_series(0, $2::int - 1) n`,
    accounts,
  );
  await make(
    `insert into calendars.calendars (tenant_id, id, owner_kind, owner_id, name, slug, components, is_default, created_at, version)
     select $1, md5('calendar' || n)::uuid, 'account', md5('person' || n)::uuid, 'Calendar', 'calendar', '{VEVENT}', true,
            now(), n
       from generate_series(0, $2::int - 1) n`,
    accounts,
  );
  // Half are shares of calendars, each with people of its own; half are memberships of a thousand groups.
  await make(
    `insert into access.grants (tenant_id, id, kind, subject_kind, subject_id, object_kind, object_id, level, given_by, given_at)
     select $1, gen_random_uuid(),
            case when n % 2 = 0 then 'calendars.calendar' else 'directory.group-member' end, 'account',
md5('person' || (n / 2 / of_kind + n / 2 % of_kind * 7919::bigint) % $2)::uuid::text,
            case when n % 2 = 0 then 'calendar' else 'group' end,
            md5(case when n % 2 = 0 then 'calendar' else 'group' end || n / 2 % of_kind)::uuid::text,
            case when n % 2 = 0 then 'read' else 'member' end, 'bench', now()
       from generate_series(0, $3::int - 1) n, lateral (select case when n % 2 = 0 then $2::int else $4::int end) k(of_kind)
         on conflict do nothing`,
    accounts,
    grants - 2 * accounts,
    groups,
  );
  // Most let others see when they are busy, as everybody does who begins, and every second one reads the ledger.
  await make(
    `insert into access.grants (tenant_id, id, kind, subject_kind, subject_id, object_kind, object_id, level, given_by, given_at)
     select $1::uuid, gen_random_uuid(), 'calendars.calendar', 'tenant', $1::uuid::text, 'calendar', md5('calendar' || n)::uuid::text,
            'freeBusyRead', 'bench', now()
       from generate_series(0, $2::int - 1) n where n % $3::int > 0
     union all
     select $1::uuid, gen_random_uuid(), 'directory.role', 'account', md5('person' || n)::uuid::text, 'tenant-role',
            case when n % 2 = 0 then 'security-reader' else 'helpdesk-administrator' end, 'holder', 'bench', now()
       from generate_series(0, $2::int - 1) n`,
    accounts,
    SILENT,
  );
  await make(`insert into tenants.subscriptions (tenant_id, sku, created_at) values ($1, 'ENTENTE_E3', now())
    on conflict (tenant_id, sku) do update set units = null`);
  await make(
    `insert into tenants.licence_assignments (tenant_id, sku, subject_kind, subject_id, assigned_at, assigned_by)
     select $1, 'ENTENTE_E3', 'account', md5('person' || n)::uuid, now(), 'bench' from generate_series(0, $2::int - 1) n`,
    accounts,
  );
  // Not held by an agreement, or the server would look for its signatures: decisions read what it says, not those.
  const set = (declaration: string, name: string, value: string, target = 'partner') =>
    make(
      `insert into tenants.settings (tenant_id, declaration, target, name, value, changed_at, changed_by)
       select $1, $2, md5('${target}' || n)::uuid::text, $3, ${value}, now(), 'bench'
         from generate_series(0, ${agreements} - 1) n`,
      declaration,
      name,
    );
  const group = `md5('group' || n)::uuid::text`;
  const people = `case when n % 16 = 4 then jsonb_build_array(jsonb_build_object('groups', jsonb_build_array(${group})))
    else '["everyone"]' end`;
  const said = `jsonb_build_object(
    'calendars.free-busy', jsonb_build_object('level', 'availability', 'people', ${people}, 'until', null),
    'guests.invitation', jsonb_build_object('level', case when n % 2 = 0 then 'invite' else 'none' end,
                                            'people', '["everyone"]'::jsonb, 'until', null))`;
  const relate = (name: string, value: string) =>
    set('calendars.organization-relationships', name, value, 'relationship');
  await relate('name', "to_jsonb('Partner ' || n)");
  await relate('domainNames', "jsonb_build_array('partner' || n || '.example')");
  await relate('enabled', 'to_jsonb(n % 2 = 0)');
  await relate('freeBusyAccessEnabled', "'true'::jsonb");
  await relate('freeBusyAccessLevel', `to_jsonb('LimitedDetails'::text)`);
  await relate('freeBusyAccessScope', `case when n % 16 = 2 then to_jsonb(${group}) else 'null' end`);
  await set('partners.agreed-terms', 'agreementId', "to_jsonb(md5('agreement' || n)::uuid::text)");
  await set('partners.agreed-terms', 'isInForce', "'true'::jsonb");
  await set('partners.agreed-terms', 'domains', "jsonb_build_array('partner' || n || '.example')");
  await set('partners.agreed-terms', 'ours', said);
  await set('partners.agreed-terms', 'theirs', said);
  const { rows } = await make(
    `select (select count(*) from directory.accounts where tenant_id = $1) as accounts,
            (select count(*) from access.grants where tenant_id = $1) as grants,
            (select count(*) from tenants.settings where tenant_id = $1 and name = 'agreementId') as agreements`,
  );
  await database.query('vacuum analyze');
  await database.end();
  return rows[0];
}
