import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { guestFaults } from '../faults.ts';
import type { Account } from '../model/account.ts';
import { parseAddress } from '../model/address.ts';
import { parseRedirectUrl } from '../model/redirect-url.ts';
import { externalCollaboration } from '../settings.ts';
import { type AdmitGuest, admitGuest } from './admit-guest.ts';
import { type IssuedInvitation, issueInvitation } from './issue-invitation.ts';

export interface CreateInvitation extends AdmitGuest {
  readonly redirectUrl: string;
  readonly isMailed?: boolean;
  readonly message?: string | null;
  readonly messageLanguage?: string | null;
  /** One at most. */
  readonly cc?: readonly string[];
  readonly origin: string;
}

export interface CreatedInvitation extends IssuedInvitation {
  readonly account: Account;
  readonly address: string;
  readonly redirectUrl: string;
  /** False: the guest was here already, and no mail was sent. */
  readonly isNew: boolean;
}

/**
 * Invites somebody by mail address. The steps stand in the order in which a failure is told; the account, its sponsors
 * and the letter come to be together or not at all.
 * @throws not-an-address, redirect-url-invalid, and whatever `admitGuest` throws.
 */
export async function createInvitation(ctx: Context, input: CreateInvitation): Promise<CreatedInvitation> {
  const { address } = parseAddress(input.address);
  const redirectUrl = demandRedirectUrl(ctx, input.redirectUrl);
  const cc = demandCopies(input.cc ?? []);
  const { account, isNew } = await admitGuest(ctx, input);
  const issued = await issueInvitation(ctx, {
    account,
    purpose: 'invite',
    address,
    redirectUrl,
    origin: input.origin,
    // A guest who is here already is not written to again (ID-22).
    isMailed: isNew && (input.isMailed ?? false),
    message: input.message ?? null,
    language: input.messageLanguage ?? null,
    cc,
  });
  return { ...issued, account, address, redirectUrl, isNew };
}

export function demandRedirectUrl(ctx: Context, text: string): string {
  const url = parseRedirectUrl(text, ctx.settings.tenant(externalCollaboration).appSchemes);
  if (url === undefined) throw guestFaults.redirectUrlInvalid();
  return url;
}

export function demandCopies(addresses: readonly string[]): string[] {
  if (addresses.length > 1) throw kernelFaults.invalid('An invitation has one copy recipient at most.');
  return addresses.map((address) => parseAddress(address).address);
}
