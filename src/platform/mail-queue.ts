/** Mail that the server itself writes: queued with the change it tells of, sent afterwards, kept until it has left. */
import { type ColumnType, type Selectable, sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import { newId, type TenantId } from '../kernel/ids.ts';
import type { Job } from '../kernel/module.ts';
import { sqlOf } from './database/index.ts';

/** A letter to one person. Addresses are bare (`ann@fabrikam.example`). */
export interface NewMail {
  readonly kind: string;
  /** The guest, import or review it is about, so that it can be found from there. */
  readonly aboutId?: string;
  readonly to: { readonly address: string; readonly name?: string };
  readonly cc?: readonly string[];
  /** Shown beside the server's own sender address: `Ann, on behalf of Fabrikam`. */
  readonly fromName: string;
  readonly replyTo?: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** It carries a code, a ticket or somebody's appointments, meant for its reader alone. */
  readonly isSecret?: boolean;
  readonly calendar?: CalendarPart;
}

/** A calendar message that travels in a letter (RFC 6047). */
export interface CalendarPart {
  /** The METHOD in `text`. */
  readonly method: string;
  /** iCalendar. */
  readonly text: string;
}

export interface OutgoingMail {
  readonly id: string;
  readonly kind: string;
  readonly aboutId: string | null;
  readonly to: { readonly address: string; readonly name: string | null };
  readonly cc: readonly string[];
  readonly fromName: string;
  readonly replyTo: string | null;
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
  readonly isSecret: boolean;
  readonly calendar: CalendarPart | null;
  readonly state: 'waiting' | 'sent' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

export interface DeliveredMail {
  readonly id: string;
  readonly to: string;
  readonly fromName: string;
  readonly replyTo: string | null;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly receivedAt: Date;
}

/** What became of an attempt to hand a letter to a mail server. */
export type Handed =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'try-later' | 'refused'; readonly reason: string };

export interface MailPorts {
  /** Hands one letter to the configured mail server; absent while none is set. Throws nothing. */
  readonly send?: (mail: OutgoingMail) => Promise<Handed>;
  /** The tenant of this server in which mail to `domain` is read, where local delivery is on. */
  readonly findLocalTenant?: (ctx: Context, domain: string) => Promise<TenantId | undefined>;
}

interface Tables {
  'platform.outgoing_mails': {
    tenant_id: string;
    id: string;
    kind: string;
    about_id: string | null;
    to_address: string;
    to_name: string | null;
    cc_addresses: string[];
    from_name: string;
    reply_to: string | null;
    subject: string;
    body_text: string | null;
    body_html: string | null;
    is_secret: boolean;
    calendar: ColumnType<CalendarPart | null, string | null, string | null>;
    state: OutgoingMail['state'];
    attempts: number;
    last_error: string | null;
    created_at: Date;
    settled_at: Date | null;
  };
  'platform.delivered_mails': {
    tenant_id: string;
    id: string;
    to_address: string;
    from_name: string;
    reply_to: string | null;
    subject: string;
    body_text: string;
    body_html: string;
    received_at: Date;
  };
}

/** Minutes until the next attempt, after the first, the second … A letter that is refused for two days has failed. */
const PAUSES_MINUTES = [1, 5, 15, 30, 60, 120, 240, 480, 720, 1440];

/** Queues a letter in the open transaction: it leaves exactly when that commits. Returns its id. */
export async function queueMail(ctx: Context, mail: NewMail): Promise<string> {
  const id = newId<'mail'>();
  await sqlOf<Tables>(ctx)
    .insertInto('platform.outgoing_mails')
    .values({
      tenant_id: ctx.tenantId,
      id,
      kind: mail.kind,
      about_id: mail.aboutId ?? null,
      to_address: mail.to.address,
      to_name: mail.to.name ?? null,
      cc_addresses: [...(mail.cc ?? [])],
      from_name: oneLine(mail.fromName),
      reply_to: mail.replyTo ?? null,
      // A line break in a header starts another header (RFC 5322 §2.2).
      subject: oneLine(mail.subject),
      body_text: mail.text,
      body_html: mail.html,
      is_secret: mail.isSecret ?? false,
      calendar: mail.calendar ? JSON.stringify(mail.calendar) : null,
      state: 'waiting',
      attempts: 0,
      last_error: null,
      created_at: ctx.now,
      settled_at: null,
    })
    .execute();
  await ctx.defer('send-mail', { mailId: id }, { key: `mail:${id}` });
  return id;
}

/** The jobs that carry letters out: `send-mail` here, `deliver-mail` in the recipient's tenant. */
export function mailJobs(ports: MailPorts): readonly Job[] {
  return [
    { name: 'send-mail', run: (ctx, payload) => sendMail(ctx, String(payload.mailId), ports) },
    { name: 'deliver-mail', run: (ctx, payload) => deliver(ctx, payload.mail as Delivery) },
  ];
}

async function sendMail(ctx: Context, mailId: string, ports: MailPorts): Promise<void> {
  const db = sqlOf<Tables>(ctx);
  const row = await db
    .selectFrom('platform.outgoing_mails')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', mailId)
    .where('state', '=', 'waiting')
    // Two runs of one job never send the same letter at the same time.
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (!row) return;
  const mail = fromRow(row);

  const settle = async (state: OutgoingMail['state'], error: string | null) => {
    const isOver = state !== 'waiting';
    await db
      .updateTable('platform.outgoing_mails')
      .set({
        state,
        attempts: mail.attempts + 1,
        last_error: error,
        ...(isOver ? { settled_at: ctx.now } : {}),
        ...(isOver && mail.isSecret ? { body_text: null, body_html: null, calendar: null } : {}),
      })
      .where('tenant_id', '=', ctx.tenantId)
      .where('id', '=', mailId)
      .execute();
    if (isOver) {
      ctx.record({
        action: `platform.mail-${state}`,
        category: 'Mail',
        targets: [{ kind: 'mail', id: mailId, displayName: mail.to.address }],
        facts: { kind: mail.kind, aboutId: mail.aboutId },
        ...(error === null ? {} : { result: 'failure' as const, reason: error }),
      });
    }
  };

  if (ports.send) {
    const handed = await ports.send(mail);
    if (handed.outcome === 'accepted') return settle('sent', null);
    const pause = PAUSES_MINUTES[mail.attempts];
    if (handed.outcome === 'refused' || pause === undefined) return settle('failed', handed.reason);
    await settle('waiting', handed.reason);
    await ctx.defer(
      'send-mail',
      { mailId },
      { key: `mail:${mailId}`, runAt: new Date(ctx.now.getTime() + pause * 60_000) },
    );
    return;
  }

  const local: { address: string; tenantId: TenantId }[] = [];
  for (const address of [mail.to.address, ...mail.cc]) {
    const tenantId = await ports.findLocalTenant?.(ctx, address.slice(address.lastIndexOf('@') + 1));
    if (tenantId) local.push({ address: address.toLowerCase(), tenantId });
  }
  // Without a mail server a letter to somewhere else waits, and the administrator can read and pass it on.
  if (!local.some(({ address }) => address === mail.to.address.toLowerCase())) return;
  for (const { address, tenantId } of local) {
    const { fromName, replyTo, subject, text, html } = mail;
    const delivery: Delivery = {
      id: mailId,
      to: address,
      fromName,
      replyTo,
      subject,
      text: text ?? '',
      html: html ?? '',
    };
    // BOUNDARY: the letter enters the recipient's tenant by a job of that tenant, as it would by mail.
    await ctx.defer('deliver-mail', { tenantId, mail: delivery });
  }
  await settle('delivered', null);
}

type Delivery = Omit<DeliveredMail, 'receivedAt'>;

async function deliver(ctx: Context, mail: Delivery): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('platform.delivered_mails')
    .values({
      tenant_id: ctx.tenantId,
      id: mail.id,
      to_address: mail.to,
      from_name: mail.fromName,
      reply_to: mail.replyTo,
      subject: mail.subject,
      body_text: mail.text,
      body_html: mail.html,
      received_at: ctx.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Letters of this tenant, the newest first. `before`: the id of the last one of the page before. */
export async function listOutgoingMails(
  ctx: Context,
  filter: { state?: OutgoingMail['state']; aboutId?: string; before?: string; limit: number },
): Promise<OutgoingMail[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('platform.outgoing_mails')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('id', 'desc')
    .limit(filter.limit);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.aboutId !== undefined) query = query.where('about_id', '=', filter.aboutId);
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  return (await query.execute()).map(fromRow);
}

/** How many letters about one thing were written to an address since a moment, whatever became of them. */
export async function countLetters(
  ctx: Context,
  aboutId: string,
  { to, since }: { readonly to: string; readonly since: Date },
): Promise<number> {
  const { count } = await sqlOf<Tables>(ctx)
    .selectFrom('platform.outgoing_mails')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('tenant_id', '=', ctx.tenantId)
    .where('about_id', '=', aboutId)
    .where('to_address', '=', to)
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Letters delivered to any of these addresses in this tenant, the newest first. */
export async function listDeliveredMails(ctx: Context, addresses: readonly string[]): Promise<DeliveredMail[]> {
  if (addresses.length === 0) return [];
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('platform.delivered_mails')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('to_address', 'in', [...new Set(addresses.map((address) => address.toLowerCase()))])
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(200)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    to: row.to_address,
    fromName: row.from_name,
    replyTo: row.reply_to,
    subject: row.subject,
    text: row.body_text,
    html: row.body_html,
    receivedAt: row.received_at,
  }));
}

/** Letters that have not left yet, to anybody at these domains. */
export async function listWaitingMailsTo(
  ctx: Context,
  domains: readonly string[],
  page: { readonly limit: number; readonly except: readonly string[] },
): Promise<readonly { readonly id: string; readonly to: string; readonly subject: string }[]> {
  const { rows } = await sql<{ id: string; to: string; subject: string }>`
    select id, to_address as "to", subject from platform.outgoing_mails
     where tenant_id = ${ctx.tenantId} and state = 'waiting'
       and lower(split_part(to_address, '@', -1)) = any(${domains}::text[]) and not (id = any(${page.except}::uuid[]))
     order by id limit ${page.limit}`.execute(sqlOf(ctx));
  return rows;
}

/** Keeps letters that wait from leaving, and says why. */
export async function holdBackMails(ctx: Context, ids: readonly string[], because: string): Promise<void> {
  await sql`update platform.outgoing_mails
       set state = 'failed', last_error = ${because}, settled_at = ${ctx.now},
           body_text = case when is_secret then null else body_text end,
           body_html = case when is_secret then null else body_html end,
           calendar = case when is_secret then null else calendar end
     where tenant_id = ${ctx.tenantId} and id = any(${ids}::uuid[]) and state = 'waiting'`.execute(sqlOf(ctx));
}

/** Erases every letter to an address, waiting or gone: for a person who wants to be forgotten. */
export async function eraseMailsTo(ctx: Context, address: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('platform.outgoing_mails')
    .where('tenant_id', '=', ctx.tenantId)
    .where(sql<string>`lower(to_address)`, '=', address.toLowerCase())
    .execute();
}

const oneLine = (text: string) => text.replace(/[\r\n]+/g, ' ').trim();

function fromRow(row: Selectable<Tables['platform.outgoing_mails']>): OutgoingMail {
  return {
    id: row.id,
    kind: row.kind,
    aboutId: row.about_id,
    to: { address: row.to_address, name: row.to_name },
    cc: row.cc_addresses,
    fromName: row.from_name,
    replyTo: row.reply_to,
    subject: row.subject,
    text: row.body_text,
    html: row.body_html,
    isSecret: row.is_secret,
    calendar: row.calendar,
    state: row.state,
    attempts: row.attempts,
    lastError: row.last_error,
    createdAt: row.created_at,
    settledAt: row.settled_at,
  };
}
