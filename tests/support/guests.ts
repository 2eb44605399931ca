import assert from 'node:assert/strict';
import {
  type CreateInvitation,
  createInvitation,
  externalCollaboration,
  type ProvenIdentity,
  redeemInvitation,
} from '../../src/directory/index.ts';
import type { EndPorts } from '../../src/directory/usecases/manage-guests.ts';
import type { AccountId } from '../../src/kernel/ids.ts';
import { listOutgoingMails, type OutgoingMail } from '../../src/platform/mail-queue.ts';
import { changeSettings } from '../../src/tenants/index.ts';
import type { TestApp } from './app.ts';
import type { As, Cast, CastTenant } from './cast.ts';

export const ORIGIN = 'https://fabrikam.example';
export const APPS = 'https://apps.fabrikam.example/';

/** Invites an address with no more said than must be. */
export const invite = (as: As, address: string, rest: Partial<CreateInvitation> = {}) =>
  as((ctx) => createInvitation(ctx, { address, redirectUrl: APPS, origin: ORIGIN, ...rest }));

/** Who Bob of Contoso is, as his home says it. */
export const bobAtHome = ({ contoso }: Cast): ProvenIdentity => ({
  issuer: `https://localhost/${contoso.id}/v2.0`,
  subject: contoso.bobId,
  email: 'bob@contoso.example',
  homeTenantId: contoso.id,
  homeAccountId: contoso.bobId,
  methods: ['pwd'],
});

/** Invites and accepts in one go. */
export async function aGuestOf(as: As, tenant: CastTenant, identity: ProvenIdentity): Promise<AccountId> {
  const made = await invite(as, identity.email);
  await tenant.asNobody((ctx) =>
    redeemInvitation(ctx, {
      guestId: made.account.id,
      ticket: ticketOf(made.redeemUrl),
      identity,
      hasConsented: true,
    }),
  );
  return made.account.id;
}

export const ticketOf = (redeemUrl: string): string => {
  const ticket = new URL(redeemUrl).searchParams.get('ticket');
  assert.ok(ticket);
  return ticket;
};

/** What ending a guest needs of the partners' module. */
export const guestParting = ({ modules }: TestApp): EndPorts['guestParting'] =>
  (modules.find(({ name }) => name === 'partners') as unknown as EndPorts).guestParting;

/** Sets what a tenant allows of guests. */
export const allow = (as: As, values: Record<string, unknown>) =>
  as((ctx) => changeSettings(ctx, externalCollaboration, undefined, values));

/** Every letter the tenant has written, the newest first. */
export const lettersOf = (tenant: CastTenant): Promise<OutgoingMail[]> =>
  tenant.asOperator((ctx) => listOutgoingMails(ctx, { limit: 1000 }));
