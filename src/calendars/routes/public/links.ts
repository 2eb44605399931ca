import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { HOST } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import { type MayUseFromNetwork, NETWORK_HEADER } from '../../../partners/index.ts';
import { Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import { letterLanguage } from '../../../platform/letter.ts';
import { calendarsFaults } from '../../faults.ts';
import { printFeed } from '../../model/feed.ts';
import { printPage } from '../../model/feed-page.ts';
import { noteReadingOfLink, organisationOfLink, type ReadLink, readLink } from '../../usecases/read-link.ts';

const compress = promisify(gzip);

/** Readings of one link in a window. Programs look hourly; this is for those that do not. */
const READINGS_AT_MOST = 60;
const WINDOW_MS = 60_000;
/** Links of which readings are counted at a time. */
const COUNTED_AT_MOST = 10_000;

const params = z.object({ name: z.string().min(3).max(600) });
const query = z.looseObject({ lang: z.string().max(20).optional() });
const open = { public: 'Whoever holds the link reads the calendar at the level its owner published.' } as const;

/** Calendars at addresses that need no sign-in: a feed for programs and a page for people. */
export function linkRoutes({
  run,
  mayUseFromNetwork,
}: {
  run: Run;
  mayUseFromNetwork: MayUseFromNetwork;
}): readonly Route[] {
  const readings = new Map<string, { count: number; endsAt: number }>();

  /** @throws calendars.link-read-too-often. */
  function count(name: string, now: number): void {
    const known = readings.get(name);
    if (!known || known.endsAt <= now) {
      if (readings.size >= COUNTED_AT_MOST) readings.clear();
      readings.set(name, { count: 1, endsAt: now + WINDOW_MS });
      return;
    }
    known.count += 1;
    if (known.count > READINGS_AT_MOST) throw calendarsFaults.tooManyReadings(Math.ceil((known.endsAt - now) / 1000));
  }

  /** @throws not-found, also where the network that the reader is in does not let them (CT-19). */
  async function read(
    ctx: Context,
    name: string,
    headers: Request<unknown, unknown, unknown>['headers'],
  ): Promise<ReadLink> {
    const work = { actor: { kind: 'anonymous' }, correlationId: ctx.correlationId } as const;
    const tenantId = await run({ ...work, tenantId: HOST, readOnly: true }, (inside) =>
      organisationOfLink(inside, name),
    );
    if (!tenantId) throw kernelFaults.notFound();
    count(name, ctx.now.getTime());
    const { correlationId } = ctx;
    const reader = { visited: tenantId, homeTenantId: null, userId: null, application: null, correlationId };
    if (!(await mayUseFromNetwork(headers[NETWORK_HEADER], reader)).isPermitted) throw kernelFaults.notFound();
    const inTenant = { ...work, tenantId, clientAddress: ctx.clientAddress };
    const link = await run({ ...inTenant, readOnly: true }, (inside) => readLink(inside, name));
    const { usedGrantId } = link;
    if (usedGrantId !== undefined) await run(inTenant, (inside) => noteReadingOfLink(inside, usedGrantId));
    return link;
  }

  const common = { method: 'GET', wire: 'problem', access: open, transaction: 'none', tags: ['calendars'] } as const;
  return [
    route({
      ...common,
      path: '/calendar/:name/calendar.ics',
      summary: 'A published calendar as an iCalendar feed.',
      params,
      async handle(ctx, request) {
        const { feed, isSearchable } = await read(ctx, request.params.name, request.headers);
        return answer(request, printFeed(feed), 'text/calendar; charset=utf-8', isSearchable);
      },
    }),
    route({
      ...common,
      path: '/calendar/:name/calendar.html',
      summary: 'A published calendar as a page.',
      params,
      query,
      async handle(ctx, request) {
        const { feed, isSearchable } = await read(ctx, request.params.name, request.headers);
        const accepted = String(request.headers['accept-language'] ?? '').split(',');
        const language = letterLanguage(request.query.lang, ...accepted.map((one) => one.trim().split(';')[0]));
        return answer(request, printPage(language, feed), 'text/html; charset=utf-8', isSearchable);
      },
    }),
  ];
}

async function answer(
  { headers }: Pick<Request<unknown, unknown, unknown>, 'headers'>,
  text: string,
  type: string,
  isSearchable: boolean,
): Promise<Reply> {
  const etag = `W/"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`;
  const shared = {
    etag,
    vary: 'accept-encoding, accept-language',
    // Kept, and asked about each time: an address that was reset shows nothing any more, from nowhere.
    'cache-control': 'private, no-cache',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    ...(isSearchable ? {} : { 'x-robots-tag': 'noindex, nofollow' }),
  };
  const known = String(headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim());
  if (known.includes(etag) || known.includes('*')) return new Reply(304, undefined, shared);
  const isZipped = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(String(headers['accept-encoding'] ?? ''));
  const body = isZipped ? await compress(text) : Buffer.from(text);
  return new Reply(200, body, {
    ...shared,
    'content-type': type,
    ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
  });
}
