/** COPY and MOVE of what is in a collection (RFC 4918 §9.8, §9.9). */
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { Reply } from '../../../platform/http/route.ts';
import { deleteCard, putCard, readCards } from '../../usecases/address-books.ts';
import { copyObject, relocateObject } from '../../usecases/relocate.ts';
import { memberPath, type Place, placeAt } from './addresses.ts';
import { bookAt } from './books.ts';
import { conditionOf } from './events.ts';
import { davFaults } from './faults.ts';
import { calendarAt } from './found.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Where to, on this server. @throws dav.bad-request, dav.not-here for another server. */
function destinationIn(headers: Headers, origin: string): Place {
  const { destination } = headers;
  if (typeof destination !== 'string') throw davFaults.badRequest('Say where to in the Destination header.');
  const isOurs =
    destination.startsWith('/') || (URL.canParse(destination) && new URL(destination).host === new URL(origin).host);
  const place = isOurs ? placeAt(destination) : undefined;
  if (!place) throw davFaults.notHere('The destination is not among the calendars and address books of this server.');
  return place;
}

/** @throws what the use cases throw; dav.not-here between a calendar and an address book. */
export async function relocate(
  ctx: Context,
  place: Extract<Place, { kind: 'event' | 'card' }>,
  { headers, origin, isMove }: { headers: Headers; origin: string; isMove: boolean },
): Promise<Reply> {
  const overwrite = String(headers.overwrite ?? 'T').toUpperCase() !== 'F';
  if (place.kind === 'event') {
    const from = await calendarAt(ctx, place, isMove ? 'write' : 'limitedRead');
    const destination = destinationIn(headers, origin);
    if (destination.kind !== 'event') throw davFaults.notHere('An event goes into a calendar.');
    const to = await calendarAt(ctx, destination, 'write');
    const relocation = { from, name: place.name, to, newName: destination.name, overwrite };
    const condition = isMove ? await conditionOf(ctx, from, place.name, headers) : {};
    const { isNew } = await (isMove
      ? relocateObject(ctx, { ...relocation, ...condition })
      : copyObject(ctx, relocation));
    return done(isNew, origin + memberPath(to.path, destination.name));
  }
  const from = await bookAt(ctx, place, isMove ? 'write' : 'read');
  const destination = destinationIn(headers, origin);
  if (destination.kind !== 'card') throw davFaults.notHere('A contact goes into an address book.');
  const to = await bookAt(ctx, destination, 'write');
  const [card] = from.book ? await readCards(ctx, from.book, { names: [place.name] }) : [];
  if (!card || !from.book || !to.book) throw kernelFaults.notFound();
  // Its name and its UID are free for the copy once it is gone.
  if (isMove) await deleteCard(ctx, from.book, { name: place.name });
  const { isNew } = await putCard(ctx, to.book, {
    name: destination.name,
    text: card.content,
    ifNoneMatch: !overwrite,
  });
  return done(isNew, origin + memberPath(to.path, destination.name));
}

const done = (isNew: boolean, location: string) => new Reply(isNew ? 201 : 204, undefined, isNew ? { location } : {});
