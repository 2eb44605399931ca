/** Owners are told when what is theirs is shared outside, first used from there, or about to be lost there. */
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { letterLanguage } from '../../platform/letter.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import type { Grant } from '../grants.ts';
import { noticeLetter } from '../model/notice-letters.ts';
import { chooseOwnNotices } from '../questions.ts';
import { listGrants } from '../store/grants.ts';
import { deleteMute, listMutes, listUntold, type Muted, type News, noteTold, putMute } from '../store/notices.ts';
import type { LedgerPorts } from './ledger.ts';

/** Whose something is, and how they are reached. */
export interface OwnerOfThing {
  readonly accountId: string;
  readonly address: string;
  readonly displayName: string;
  readonly language: string | null;
}

export interface NoticePorts extends Pick<LedgerPorts, 'namesOf' | 'revokers'> {
  /** The people whose these things are, by kind and id; what is nobody's is left out. */
  ownersOf(
    ctx: Context,
    things: readonly { readonly kind: string; readonly id: string }[],
  ): Promise<ReadonlyMap<string, readonly OwnerOfThing[]>>;
  /** What somebody owns, as `ownersOf` would say. */
  ownedBy(ctx: Context, accountId: string): Promise<readonly { readonly kind: string; readonly id: string }[]>;
  /** Where people reach this server's pages. */
  readonly addresses: { origin(): string };
}

const DAY_MS = 86_400_000;
/** What is older is not told any more: after an upgrade nobody hears of what was given years ago. */
const FRESH_MS = DAY_MS;
const ENDING_MS = 7 * DAY_MS;
const AT_ONCE = 500;
const keyOf = ({ kind, id }: { readonly kind: string; readonly id: string }) => `${kind}:${id}`;

/** Writes to owners about what is new; one letter each for all of one kind of news. */
export async function sweepNotices(ctx: Context, ports: NoticePorts): Promise<void> {
  for (const news of ['shared', 'opened', 'ending'] as const) await tell(ctx, ports, news);
}

async function tell(ctx: Context, ports: NoticePorts, news: News): Promise<void> {
  const now = ctx.now.getTime();
  const grants = await listUntold(ctx, news, {
    since: new Date(now - FRESH_MS),
    endsBefore: new Date(now + ENDING_MS),
    limit: AT_ONCE,
  });
  if (grants.length === 0) return;
  await noteTold(
    ctx,
    news,
    grants.map(({ id }) => id),
  );
  const owners = await ports.ownersOf(
    ctx,
    grants.map(({ object }) => object),
  );
  const letters = new Map<string, { readonly owner: OwnerOfThing; readonly grants: Grant[] }>();
  const muted = new Map<string, ReadonlySet<string>>();
  for (const grant of grants) {
    for (const owner of owners.get(keyOf(grant.object)) ?? []) {
      const { accountId } = owner;
      // Whoever holds the right is told by whoever gave it.
      if (accountId === grant.subject.id) continue;
      if (!muted.has(accountId)) muted.set(accountId, new Set((await listMutes(ctx, accountId)).map(keyOf)));
      if (muted.get(accountId)?.has(keyOf(grant.object))) continue;
      const letter = letters.get(accountId) ?? { owner, grants: [] };
      letter.grants.push(grant);
      letters.set(accountId, letter);
    }
  }
  const names = await ports.namesOf(
    ctx,
    grants.flatMap(({ subject, object }) => [subject, object]),
  );
  const called = (thing: Grant['subject'] | Grant['object']) => names.get(keyOf(thing)) ?? thing.id;
  for (const { owner, grants: theirs } of letters.values()) {
    await queueMail(ctx, {
      kind: `access-${news}`,
      aboutId: theirs[0]!.object.id,
      to: { address: owner.address, name: owner.displayName },
      fromName: ctx.tenant.displayName,
      ...noticeLetter({
        language: letterLanguage(owner.language),
        news,
        lines: theirs.map(({ subject, object, homeDomain, endsAt }) => ({
          who: `${called(subject)}${homeDomain === null ? '' : ` (${homeDomain})`}`,
          what: called(object),
          endsAt,
        })),
        link: `${ports.addresses.origin()}/t/${encodeURIComponent(ctx.tenant.defaultDomain)}/shared-by-me`,
      }),
    });
  }
}

export interface OwnSharing extends Grant {
  readonly title: string;
  readonly subjectName: string | null;
  readonly objectName: string | null;
}

/** What of somebody's own people outside hold, and of what they wish to hear no more. */
export async function readOwnSharing(
  ctx: Context,
  ports: NoticePorts,
): Promise<{ readonly rows: readonly OwnSharing[]; readonly muted: readonly Muted[] }> {
  const accountId = await self(ctx);
  const rows: Grant[] = [];
  for (const [kind, things] of Map.groupBy(await ports.ownedBy(ctx, accountId), (one) => one.kind))
    rows.push(...(await listGrants(ctx, { object: { kind, ids: things.map(({ id }) => id) } })));
  const outside = rows.filter(({ homeDomain }) => homeDomain !== null);
  const names = await ports.namesOf(
    ctx,
    outside.flatMap(({ subject, object }) => [subject, object]),
  );
  return {
    rows: outside.map((row) => ({
      ...row,
      title: ports.revokers[row.kind]?.title ?? row.kind,
      subjectName: names.get(keyOf(row.subject)) ?? null,
      objectName: names.get(keyOf(row.object)) ?? null,
    })),
    muted: await listMutes(ctx, accountId),
  };
}

/** Whether one hears of a thing of one's own. */
export async function muteOwn(ctx: Context, thing: Muted, isMuted: boolean): Promise<void> {
  const accountId = await self(ctx);
  await (isMuted ? putMute : deleteMute)(ctx, accountId, thing);
}

async function self(ctx: Context): Promise<string> {
  await ctx.demand(chooseOwnNotices, undefined, 'own');
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return ctx.actor.accountId;
}
