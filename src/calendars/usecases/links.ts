import { createHash, randomBytes } from 'node:crypto';
import { deleteEndedGrants, deleteGrants, type Grant } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { newId } from '../../kernel/ids.ts';
import type { Vault } from '../../platform/vault.ts';
import { GRANTS } from '../grants.ts';
import type { CalendarId } from '../model/calendar.ts';
import type { RangeWord } from '../model/link.ts';
import { listCalendars } from '../store/calendars.ts';
import { eraseLinks, type Link, putLink } from '../store/links.ts';
import { tellShareOver } from './tell-share-over.ts';

export interface LinkPorts {
  readonly vault: Vault;
  /** Where this server is reached: scheme, host and port. */
  readonly origin: () => string;
}

const TOKEN_BYTES = 32;

/** A token that nobody guesses (256 bits), as it stands in an address. */
export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** How tokens are kept. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** What the sealed token of a link is bound to. */
export const sealOf = (linkId: string): string => `calendar-link ${linkId}`;

/** Makes a new address for a grant; the one it had works no more from then on. */
export async function issueLink(
  ctx: Context,
  { vault }: LinkPorts,
  about: {
    readonly id?: string | undefined;
    readonly calendarId: CalendarId;
    readonly grantId: string;
    readonly publicName: string | null;
    readonly rangeFrom: RangeWord;
    readonly rangeTo: RangeWord;
  },
): Promise<Link & { readonly token: string }> {
  const token = newToken();
  const id = about.id ?? newId<'link'>();
  const link = { ...about, id, tokenHash: hashToken(token), tokenSealed: vault.seal(token, sealOf(id)) };
  await putLink(ctx, link);
  return { ...link, token };
}

export const tokenOf = ({ vault }: LinkPorts, link: Link): string => vault.open(link.tokenSealed, sealOf(link.id));

export const pageUrl = ({ origin }: LinkPorts, name: string): string => `${origin()}/calendar/${name}/calendar.html`;
export const feedUrl = ({ origin }: LinkPorts, name: string): string => `${origin()}/calendar/${name}/calendar.ics`;

/** Ends shares with all that stands on them: addresses and invitations work no more. */
export async function endShares(ctx: Context, grantIds: readonly string[]): Promise<Grant[]> {
  await eraseLinks(ctx, grantIds);
  return deleteGrants(ctx, grantIds);
}

/** Shares whose end has come opened nothing since; now they are recorded as over, and what stood on them is destroyed. */
export async function sweepEndedShares(ctx: Context): Promise<void> {
  const ended = await deleteEndedGrants(ctx, GRANTS.calendar.kind);
  await eraseLinks(
    ctx,
    ended.map(({ id }) => id),
  );
  const calendars = await listCalendars(ctx, { ids: ended.map(({ object }) => object.id as CalendarId) });
  for (const calendar of calendars) {
    const those = ended.filter(({ object }) => object.id === calendar.id);
    await tellShareOver(ctx, calendar, those);
  }
  for (const { object, subject, level, endsAt } of ended) {
    ctx.record({
      action: 'calendars.permission-removed',
      category: 'Calendar',
      targets: [{ kind: 'calendar', id: object.id, changes: [{ name: 'role', old: level, new: null }] }],
      reason: 'The share has ended.',
      facts: { subject, level: null, endsAt },
    });
  }
}
