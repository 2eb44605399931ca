import type { Grant } from '../../access/index.ts';
import { findAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { newId, parseId, type TenantId } from '../../kernel/ids.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import type { Calendar } from '../model/calendar.ts';
import type { Role } from '../model/roles.ts';
import { acceptLetter, linkLetter } from '../model/sharing-letters.ts';
import { putInvitation } from '../store/invitations.ts';
import { feedUrl, hashToken, issueLink, type LinkPorts, newToken, pageUrl } from './links.ts';
import { readOwner } from './owners.ts';

/** Days in which an invitation can be accepted. */
const INVITATION_DAYS = 30;

/** What an invitation is called on its way: whose it is, and the secret. */
const printInvitation = (tenantId: TenantId, token: string): string => `${tenantId}.${token}`;

/** Undefined for what is no invitation of ours. */
export function parseInvitation(text: string): { readonly tenantId: TenantId; readonly token: string } | undefined {
  const [id = '', token = '', ...more] = text.trim().split('.');
  const tenantId = parseId<'tenant'>(id);
  return tenantId && more.length === 0 && /^[\w-]{20,100}$/.test(token) ? { tenantId, token } : undefined;
}

/**
 * Writes to somebody outside that a calendar is shared with them. People of an organisation that we reach get an
 * invitation for them alone; anybody else an address at which the calendar is read.
 */
export async function inviteOutside(
  ctx: Context,
  ports: LinkPorts,
  calendar: Calendar,
  grant: Grant,
  options: { readonly isMailed: boolean; readonly sharesBack: boolean },
): Promise<void> {
  const address = grant.subject.id;
  const owner = await readOwner(ctx, calendar.owner);
  const account = ctx.actor.kind === 'account' ? await findAccount(ctx, ctx.actor.accountId) : undefined;
  const about = {
    ownerName: owner?.displayName ?? ctx.tenant.displayName,
    tenantName: ctx.tenant.displayName,
    tenantDomain: ctx.tenant.defaultDomain,
    calendar: calendar.name,
    role: grant.level as Role,
    sharesBack: options.sharesBack,
  };
  const language = account?.preferredLanguage;
  const letter =
    grant.homeTenantId === null
      ? linkLetter(language, { ...about, ...(await openLink(ctx, ports, calendar, grant)) })
      : acceptLetter(language, { ...about, acceptUrl: await openInvitation(ctx, ports, calendar, grant) });
  if (!options.isMailed) return;
  await queueMail(ctx, {
    kind: 'calendar-invitation',
    aboutId: grant.id,
    to: { address },
    fromName: `${about.ownerName} (${ctx.tenant.displayName})`,
    ...(owner?.address === undefined ? {} : { replyTo: owner.address }),
    // Whoever has the letter has the calendar.
    isSecret: true,
    ...letter,
  });
}

async function openLink(ctx: Context, ports: LinkPorts, calendar: Calendar, grant: Grant) {
  const { token } = await issueLink(ctx, ports, {
    calendarId: calendar.id,
    grantId: grant.id,
    publicName: null,
    rangeFrom: 'ThreeMonths',
    rangeTo: 'OneYear',
  });
  return { pageUrl: pageUrl(ports, token), feedUrl: feedUrl(ports, token) };
}

async function openInvitation(ctx: Context, ports: LinkPorts, calendar: Calendar, grant: Grant): Promise<string> {
  const token = newToken();
  await putInvitation(ctx, {
    id: newId(),
    calendarId: calendar.id,
    grantId: grant.id,
    recipientAddress: grant.subject.id,
    tokenHash: hashToken(token),
    expiresAt: new Date(ctx.now.getTime() + INVITATION_DAYS * 86_400_000),
  });
  return `${ports.origin()}/calendar/accept?invitation=${printInvitation(ctx.tenantId, token)}`;
}
