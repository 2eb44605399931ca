import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { GroupId } from '../../kernel/ids.ts';
import { isConsentAutomatic } from '../../partners/index.ts';
import { guestFaults } from '../faults.ts';
import type { Account } from '../model/account.ts';
import { parseAddress } from '../model/address.ts';
import { parseRedirectUrl } from '../model/redirect-url.ts';
import { externalCollaboration } from '../settings.ts';
import { inSavepoint } from '../store/guests.ts';
import { type AdmitGuest, admitGuest } from './admit-guest.ts';
import { type IssuedInvitation, issueInvitation } from './issue-invitation.ts';
import { addMember } from './members.ts';

export interface CreateInvitation extends AdmitGuest {
  readonly redirectUrl: string;
  readonly isMailed?: boolean;
  readonly message?: string | null;
  readonly messageLanguage?: string | null;
  /** One at most. */
  readonly cc?: readonly string[];
  /** Groups the guest is put into at once, each on the inviter's own authority. */
  readonly groupIds?: readonly GroupId[];
  readonly origin: string;
}

export interface AssignResult {
  readonly kind: 'group';
  readonly id: string;
  /** Null: assigned. */
  readonly fault: Fault | null;
}

export interface CreatedInvitation extends IssuedInvitation {
  readonly account: Account;
  readonly address: string;
  readonly redirectUrl: string;
  /** False: the guest was here already, and no mail was sent. */
  readonly isNew: boolean;
  readonly assigned: readonly AssignResult[];
}

/**
 * Invites somebody by mail address. The steps stand in the order in which a failure is told; the account, its sponsors,
 * the groups and the letter come to be together or not at all.
 * @throws not-an-address, redirect-url-invalid, and whatever `admitGuest` throws.
 */
export async function createInvitation(ctx: Context, input: CreateInvitation): Promise<CreatedInvitation> {
  const { address } = parseAddress(input.address);
  const redirectUrl = demandRedirectUrl(ctx, input.redirectUrl);
  const cc = demandCopies(input.cc ?? []);
  const { account, isNew } = await admitGuest(ctx, input);
  const assigned = await assignGroups(ctx, account, input.groupIds ?? []);
  const issued = await issueInvitation(ctx, {
    account,
    purpose: 'invite',
    address,
    redirectUrl,
    origin: input.origin,
    // A guest who is here already is not written to again (ID-22).
    isMailed: isNew && (input.isMailed ?? false),
    isAutomatic: isConsentAutomatic(ctx.settings, input.vouched),
    message: input.message ?? null,
    language: input.messageLanguage ?? null,
    cc,
  });
  return { ...issued, account, address, redirectUrl, isNew, assigned };
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

/** Each group by itself: what is refused is told, and the guest and the other groups stay. */
async function assignGroups(ctx: Context, account: Account, ids: readonly GroupId[]): Promise<AssignResult[]> {
  const results: AssignResult[] = [];
  for (const id of new Set(ids)) {
    try {
      await inSavepoint(ctx, () => addMember(ctx, id, { kind: 'account', id: account.id }));
      results.push({ kind: 'group', id, fault: null });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // Already in it: what was asked for is so.
      results.push({ kind: 'group', id, fault: error.code === 'directory.already-member' ? null : error });
    }
  }
  return results;
}
