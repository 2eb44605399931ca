import type { Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { CalendarId } from '../model/calendar.ts';
import type { Role } from '../model/roles.ts';
import type { CalendarsTables } from './tables.ts';

/** A letter that asks somebody of another organisation to add a calendar to their own. */
export interface ShareInvitation {
  readonly id: string;
  readonly calendarId: CalendarId;
  readonly grantId: string;
  readonly recipientAddress: string;
  readonly tokenHash: Buffer;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
}

/** Keeps an invitation in place of the one about the same grant, whose token then opens nothing. */
export async function putInvitation(ctx: Context, invitation: Omit<ShareInvitation, 'acceptedAt'>): Promise<void> {
  const values = {
    id: invitation.id,
    recipient_address: invitation.recipientAddress,
    token_hash: invitation.tokenHash,
    created_at: ctx.now,
    expires_at: invitation.expiresAt,
    accepted_at: null,
  };
  await sqlOf<CalendarsTables>(ctx)
    .insertInto('calendars.invitations')
    .values({
      tenant_id: ctx.tenantId,
      calendar_id: invitation.calendarId,
      grant_id: invitation.grantId,
      ...values,
    })
    .onConflict((conflict) => conflict.constraint('invitations_grant_key').doUpdateSet(values))
    .execute();
}

/** Locked: of two who accept at the same time one comes second. */
export async function findInvitation(ctx: Context, tokenHash: Buffer): Promise<ShareInvitation | undefined> {
  const row = await sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.invitations')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('token_hash', '=', tokenHash)
    .forUpdate()
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      calendarId: row.calendar_id,
      grantId: row.grant_id,
      recipientAddress: row.recipient_address,
      tokenHash: row.token_hash,
      expiresAt: row.expires_at,
      acceptedAt: row.accepted_at,
    }
  );
}

export async function markAccepted(ctx: Context, id: string): Promise<void> {
  await sqlOf<CalendarsTables>(ctx)
    .updateTable('calendars.invitations')
    .set({ accepted_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

/** A calendar of another organisation in somebody's list. */
export interface Subscription {
  readonly id: string;
  readonly accountId: string;
  readonly partnerTenantId: TenantId;
  readonly partnerCalendarId: CalendarId;
  readonly name: string;
  readonly ownerName: string;
  readonly ownerAddress: string | null;
  readonly organisationName: string;
  readonly color: string | null;
  readonly role: Role;
  /** Why it could not be read the last time; null: it could. */
  readonly failure: string | null;
  readonly checkedAt: Date;
}

export async function listSubscriptions(
  ctx: Context,
  accountId: string,
  filter: { readonly id?: string } = {},
): Promise<Subscription[]> {
  let query = sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.subscriptions')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .orderBy('id');
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  return (await query.execute()).map(subscriptionFromRow);
}

/** Adds a calendar to somebody's list, or renews what is known of it there. */
export async function putSubscription(
  ctx: Context,
  subscription: Omit<Subscription, 'failure' | 'checkedAt'>,
): Promise<Subscription> {
  const told = {
    name: subscription.name,
    owner_name: subscription.ownerName,
    owner_address: subscription.ownerAddress,
    organisation_name: subscription.organisationName,
    color: subscription.color,
    role: subscription.role,
    failure: null,
    checked_at: ctx.now,
  };
  const row = await sqlOf<CalendarsTables>(ctx)
    .insertInto('calendars.subscriptions')
    .values({
      tenant_id: ctx.tenantId,
      id: subscription.id,
      account_id: subscription.accountId,
      partner_tenant_id: subscription.partnerTenantId,
      partner_calendar_id: subscription.partnerCalendarId,
      created_at: ctx.now,
      ...told,
    })
    .onConflict((conflict) => conflict.constraint('subscriptions_once').doUpdateSet(told))
    .returningAll()
    .executeTakeFirstOrThrow();
  return subscriptionFromRow(row);
}

/** Keeps what came of reading it: its role as it was told, or why it was not. */
export async function noteReading(
  ctx: Context,
  id: string,
  outcome: { readonly role: Role } | { readonly failure: string },
): Promise<void> {
  await sqlOf<CalendarsTables>(ctx)
    .updateTable('calendars.subscriptions')
    .set({ checked_at: ctx.now, ...('role' in outcome ? { role: outcome.role, failure: null } : outcome) })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

export async function eraseSubscription(ctx: Context, accountId: string, id: string): Promise<boolean> {
  const erased = await sqlOf<CalendarsTables>(ctx)
    .deleteFrom('calendars.subscriptions')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  return erased.numDeletedRows > 0n;
}

/** Removes every calendar of others that somebody followed. */
export async function eraseSubscriptionsOf(ctx: Context, accountId: string): Promise<void> {
  await sqlOf<CalendarsTables>(ctx)
    .deleteFrom('calendars.subscriptions')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .execute();
}

const subscriptionFromRow = (row: Selectable<CalendarsTables['calendars.subscriptions']>): Subscription => ({
  id: row.id,
  accountId: row.account_id,
  partnerTenantId: row.partner_tenant_id,
  partnerCalendarId: row.partner_calendar_id,
  name: row.name,
  ownerName: row.owner_name,
  ownerAddress: row.owner_address,
  organisationName: row.organisation_name,
  color: row.color,
  role: row.role,
  failure: row.failure,
  checkedAt: row.checked_at,
});
