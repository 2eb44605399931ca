import type { Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Invitation } from '../model/guest.ts';

interface InvitationsTable {
  tenant_id: TenantId;
  id: string;
  account_id: AccountId;
  ticket_hash: Buffer;
  purpose: Invitation['purpose'];
  invited_address: string;
  redirect_url: string;
  message: string | null;
  inviter_name: string;
  inviter_id: string | null;
  is_mailed: boolean;
  state: Invitation['state'];
  created_at: Date;
  completed_at: Date | null;
}
const db = (ctx: Pick<Context, 'tx'>) => sqlOf<{ 'directory.invitations': InvitationsTable }>(ctx);

export async function insertInvitation(
  ctx: Context,
  invitation: Omit<Invitation, 'createdAt' | 'completedAt' | 'state'> & { ticketHash: Buffer },
): Promise<void> {
  await db(ctx)
    .insertInto('directory.invitations')
    .values({
      tenant_id: ctx.tenantId,
      id: invitation.id,
      account_id: invitation.accountId,
      ticket_hash: invitation.ticketHash,
      purpose: invitation.purpose,
      invited_address: invitation.invitedAddress,
      redirect_url: invitation.redirectUrl,
      message: invitation.message,
      inviter_name: invitation.inviterName,
      inviter_id: invitation.inviterId,
      is_mailed: invitation.isMailed,
      state: 'PendingAcceptance',
      created_at: ctx.now,
      completed_at: null,
    })
    .execute();
}

/** A guest's invitations with the hashes of their tickets, the newest first. */
export async function listInvitations(
  ctx: Context,
  accountId: AccountId,
): Promise<(Invitation & { readonly ticketHash: Buffer })[]> {
  const rows = await db(ctx)
    .selectFrom('directory.invitations')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    accountId: row.account_id,
    purpose: row.purpose,
    invitedAddress: row.invited_address,
    redirectUrl: row.redirect_url,
    message: row.message,
    inviterName: row.inviter_name,
    inviterId: row.inviter_id,
    isMailed: row.is_mailed,
    state: row.state,
    createdAt: row.created_at,
    completedAt: row.completed_at,
    ticketHash: row.ticket_hash,
  }));
}

/** Ends every open invitation of a guest: accepted, or replaced by a newer one. */
export async function closeInvitations(
  ctx: Context,
  accountId: AccountId,
  state: 'Completed' | 'Error',
): Promise<void> {
  await db(ctx)
    .updateTable('directory.invitations')
    .set({ state, completed_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('state', 'in', ['PendingAcceptance', 'InProgress'])
    .execute();
}
