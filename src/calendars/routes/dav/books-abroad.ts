/** Address books of other organisations among one's own, as `abroad.ts` has calendars. */
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Method, Reply } from '../../../platform/http/route.ts';
import { a, multistatus } from '../../../protocols/dav-xml.ts';
import { sharedContactsUse } from '../../questions/calendars.ts';
import { askingAccount } from '../../usecases/reach.ts';
import {
  type BookSubscription,
  closeOpenedBook,
  listOpenedBooks,
  readOpenedBook,
  type SharedBook,
} from '../../usecases/shared-books.ts';
import type { SharedPorts } from '../../usecases/shared-calendars.ts';
import { abroadIdOf, abroadSlug, bookPath, type Place } from './addresses.ts';
import {
  addressbookMultiget,
  addressbookQuery,
  describeBooks,
  describeCards,
  type FoundBook,
  getCardIn,
} from './books.ts';
import { type AbroadRequest, isReading, notAbroad, nothingSettled, printed, whereTold, wishIn } from './elsewhere.ts';
import { davFaults } from './faults.ts';
import { type Asked, askedIn, describe } from './properties.ts';

type AbroadPlace = Extract<Place, { kind: 'book' | 'card' }>;

/** Whether an address is in an address book of another organisation. */
export const isBookAbroad = (place: Place | undefined): place is AbroadPlace =>
  (place?.kind === 'book' || place?.kind === 'card') && abroadIdOf(place.slug) !== undefined;

function foundAbroad(
  ctx: Context,
  ports: SharedPorts,
  { id, name, ownerName, organisationName }: BookSubscription,
  told: SharedBook | undefined,
): FoundBook {
  return {
    path: bookPath(askingAccount(ctx), abroadSlug(id)),
    book: undefined,
    role: 'read',
    abroad: {
      name: `${told?.name ?? name} (${ownerName}, ${organisationName})`,
      tag: told?.state.toString(),
      async cards(names) {
        return (await readOpenedBook(ctx, ports, id, { ...(names && { names }), withCards: true })).cards;
      },
    },
  };
}

/** Those in one's own home, each as far as its organisation answers. The caller has asked whether they may have any. */
export async function describeBooksAbroad(ctx: Context, ports: SharedPorts, ownerId: string, asked: Asked) {
  if (ownerId !== askingAccount(ctx)) return [];
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  const own = { tenantId, actor, correlationId, clientAddress };
  const opened = await ports.run({ ...own, readOnly: true }, listOpenedBooks);
  const found = await Promise.all(
    opened.map(async (one) => {
      const told = await whereTold(readOpenedBook(ctx, ports, one.id, { withCards: false }));
      return foundAbroad(ctx, ports, one, told);
    }),
  );
  return ports.run({ ...own, readOnly: true }, (inside) => describeBooks(inside, found, asked));
}

/**
 * Every method on an address book of another organisation and on what is in it. Opens what it needs itself.
 * @throws not-found for everybody else's; calendars.sharing-ended, .sharing-synchronization-failed; dav.not-here for
 *   whatever writes.
 */
export async function answerBookAbroad(
  ctx: Context,
  ports: SharedPorts,
  method: Method,
  request: AbroadRequest<AbroadPlace>,
): Promise<Reply> {
  const { place, root, headers, depth } = request;
  await ctx.demand(sharedContactsUse, undefined, isReading(method) ? 'read' : 'write');
  if (place.ownerId !== askingAccount(ctx)) throw kernelFaults.notFound();
  const id = abroadIdOf(place.slug) ?? '';
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  const own = { tenantId, actor, correlationId, clientAddress };
  if (place.kind === 'book' && method === 'DELETE') {
    await ports.run(own, (inside) => closeOpenedBook(inside, id));
    return new Reply(204);
  }
  const { opened, ...told } = await readOpenedBook(ctx, ports, id, { withCards: false });
  const found = foundAbroad(ctx, ports, opened, told);
  if (place.kind === 'card' && method === 'GET') return getCardIn(ctx, found, place.name, headers);
  if (place.kind === 'book' && method === 'PROPPATCH') return nothingSettled(found.path, request);
  if (method === 'PROPFIND') {
    const asked = askedIn(root(), headers);
    const isListed = place.kind === 'card' || depth !== '0';
    const cards = isListed
      ? await describeCards(ctx, found, asked, place.kind === 'card' ? [place.name] : undefined)
      : [];
    if (place.kind === 'card' && cards.length === 0) throw kernelFaults.notFound();
    const itself = place.kind === 'book' ? await ports.run(own, (inside) => describeBooks(inside, [found], asked)) : [];
    return printed(
      multistatus([...itself.map((one) => describe(one, asked)), ...cards.map((one) => describe(one, asked))]),
    );
  }
  if (method === 'REPORT' && place.kind === 'book') {
    const wish = wishIn(request);
    if (wish.name === a('addressbook-query')) return printed(await addressbookQuery(ctx, found, wish, headers));
    if (wish.name === a('addressbook-multiget')) return printed(await addressbookMultiget(ctx, found, wish, headers));
    throw davFaults.reportNotSupported();
  }
  return notAbroad(method, 'An address book');
}
