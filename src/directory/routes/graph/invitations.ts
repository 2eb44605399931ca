import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { type AccountId, type GroupId, parseId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import type { Arrivals, Vouched } from '../../../partners/index.ts';
import { created, type Route, route } from '../../../platform/http/route.ts';
import { httpStatus } from '../../../platform/http/server.ts';
import { addressField } from '../../model/address.ts';
import { inviteGuest } from '../../usecases/asked.ts';
import { type CreatedInvitation, createInvitation } from '../../usecases/create-invitation.ts';
import { resetRedemption } from '../../usecases/reset-redemption.ts';

const recipient = z.object({ emailAddress: z.object({ address: addressField, name: z.string().optional() }) });
const reference = z.object({ id: z.guid() });

const invitation = z.object({
  invitedUserEmailAddress: addressField,
  inviteRedirectUrl: z.string().max(2048),
  invitedUserDisplayName: z.string().max(256).nullish(),
  invitedUserType: z.enum(['Guest', 'Member']).default('Guest'),
  sendInvitationMessage: z.boolean().default(false),
  invitedUserMessageInfo: z
    .object({
      customizedMessageBody: z.string().max(5000).nullish(),
      messageLanguage: z.string().max(35).nullish(),
      ccRecipients: z.array(recipient).max(1, 'An invitation has one copy recipient at most.').nullish(),
    })
    .nullish(),
  invitedUserSponsors: z.array(reference).max(5, 'A guest has at most five sponsors.').nullish(),
  invitedUser: reference.nullish(),
  resetRedemption: z.boolean().default(false),
  // Ours, beyond the reference product.
  newEmail: z.boolean().optional(),
  endDateTime: z.iso.datetime({ offset: true }).nullish(),
  reason: z.string().max(1000).nullish(),
  assign: z.strictObject({ groups: z.array(z.guid()).max(50).default([]) }).nullish(),
});

/** Graph: `invitations`. `publicUrl`: the address people reach this server by, where it is not the caller's own. */
export function invitationRoutes(ports: {
  readonly publicUrl: string | undefined;
  readonly run: Run;
  readonly arrivals: Pick<Arrivals, 'vouchForAddress'>;
}): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1.0/invitations',
      summary: 'Invites somebody from another organisation, or lets a guest be bound to another identity.',
      wire: 'graph',
      access: 'asks',
      tags: ['guests'],
      // The home of whoever is invited is asked first, and nobody waits for it in a transaction.
      transaction: 'none',
      body: invitation,
      canBeTried: {
        prepare: (ctx, { body }) => askWhetherToCome(ctx, ports.arrivals, body.invitedUserEmailAddress),
        act: (ctx, { body, origin }, vouched: Vouched | undefined) => inviteAs(ctx, body, { origin, vouched }),
      },
      async handle(ctx, { body, origin }) {
        const vouched = await askWhetherToCome(ctx, ports.arrivals, body.invitedUserEmailAddress);
        const { tenantId, actor, correlationId, clientAddress } = ctx;
        const made = await ports.run({ tenantId, actor, correlationId, clientAddress }, (inside) =>
          inviteAs(inside, body, { origin: ports.publicUrl ?? origin, vouched }),
        );
        return created(presentInvitation(made, body, ctx.now));
      },
    }),
  ];
}

/** Invites as the body says, or lets the guest that it names be bound anew. */
function inviteAs(
  ctx: Context,
  body: z.output<typeof invitation>,
  { origin, vouched }: { readonly origin: string; readonly vouched: Vouched | undefined },
): Promise<CreatedInvitation> {
  const info = body.invitedUserMessageInfo;
  const letter = {
    address: body.invitedUserEmailAddress,
    redirectUrl: body.inviteRedirectUrl,
    isMailed: body.sendInvitationMessage,
    message: info?.customizedMessageBody ?? null,
    messageLanguage: info?.messageLanguage ?? null,
    cc: (info?.ccRecipients ?? []).map((one) => one.emailAddress.address),
    origin,
    vouched,
  };
  const accountId = parseId<'account'>(body.invitedUser?.id ?? '') as AccountId | undefined;
  if (accountId) return resetRedemption(ctx, { ...letter, accountId, isNewAddress: body.newEmail ?? false });
  return createInvitation(ctx, {
    ...letter,
    displayName: body.invitedUserDisplayName ?? null,
    userType: body.invitedUserType,
    reason: body.reason ?? null,
    groupIds: (body.assign?.groups ?? []).map((id) => id.toLowerCase() as GroupId),
    ...(body.invitedUserSponsors ? { sponsorIds: body.invitedUserSponsors.map(({ id }) => id) } : {}),
    ...(body.endDateTime === undefined
      ? {}
      : { endsAt: body.endDateTime === null ? null : new Date(body.endDateTime) }),
  });
}

/** What the home of an address says of its holder; it is asked only by those who may invite somebody from there. */
async function askWhetherToCome(ctx: Context, arrivals: Pick<Arrivals, 'vouchForAddress'>, address: string) {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const about = { domain, homeTenantId: null, userId: null, groupIds: [], homeLetsOut: true, homeReference: null };
  const { level } = await ctx.ask(inviteGuest, about, { quiet: true });
  return level === 'none' ? undefined : arrivals.vouchForAddress(ctx, address);
}

function presentInvitation(made: CreatedInvitation, body: z.output<typeof invitation>, now: Date) {
  const { account } = made;
  const isClosed = !account.accountEnabled || (account.endsAt !== null && account.endsAt <= now);
  return {
    '@odata.context': '#invitations/$entity',
    id: made.id,
    inviteRedeemUrl: made.redeemUrl,
    invitedUserDisplayName: account.displayName,
    invitedUserType: account.userType,
    invitedUserEmailAddress: made.address,
    sendInvitationMessage: body.sendInvitationMessage,
    resetRedemption: body.resetRedemption,
    inviteRedirectUrl: made.redirectUrl,
    // A guest who accepted long ago has nothing left to accept; one who was shut out is not let in by an invitation.
    status: isClosed ? 'Error' : account.externalUserState === 'Accepted' ? 'Completed' : 'PendingAcceptance',
    invitedUserMessageInfo: {
      messageLanguage: body.invitedUserMessageInfo?.messageLanguage ?? null,
      customizedMessageBody: body.invitedUserMessageInfo?.customizedMessageBody ?? null,
      ccRecipients: body.invitedUserMessageInfo?.ccRecipients ?? [],
    },
    invitedUser: { id: account.id },
    endDateTime: account.endsAt?.toISOString() ?? null,
    mailSuppressed: made.mailSuppressed,
    ...(body.assign
      ? {
          assignResults: made.assigned.map(({ kind, id, fault }) => ({
            kind,
            id,
            status: fault ? httpStatus(fault) : 201,
            ...(fault ? { error: { code: fault.code, message: fault.sentence } } : {}),
          })),
        }
      : {}),
  };
}
