import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { parseId } from '../../kernel/ids.ts';
import type { Place } from '../model/place.ts';
import { listPlaces } from '../store/places.ts';
import { addressList } from './address-books.ts';

/** A room or equipment as everybody who may book it finds it: without the rules by which it answers. */
export interface FoundPlace extends Omit<Place, 'booking'> {
  readonly displayName: string;
  readonly emailAddress: string;
}

/** The rooms or the equipment of the organisation, for whoever may look people up in it, by name. @throws access.refused. */
export async function findPlaces(
  ctx: Context,
  filter: { readonly kind?: Place['kind']; readonly accountIds?: readonly string[] },
): Promise<FoundPlace[]> {
  const places = await listPlaces(ctx, filter);
  const named = new Map(
    (
      await addressList(
        ctx,
        places.map(({ accountId }) => accountId),
      )
    ).map((one) => [one.id, one]),
  );
  return places
    .flatMap(({ booking: _, ...place }) => {
      const entry = named.get(place.accountId);
      return entry ? [{ ...place, displayName: entry.displayName, emailAddress: entry.mail }] : [];
    })
    .toSorted((a, b) => a.displayName.localeCompare(b.displayName));
}

/** A room or equipment by its id or its address. @throws not-found, access.refused. */
export async function findPlace(ctx: Context, idOrAddress: string): Promise<FoundPlace> {
  const id = parseId(idOrAddress);
  const wanted = idOrAddress.toLowerCase();
  const places = await findPlaces(ctx, id ? { accountIds: [id] } : {});
  const found = places.find((one) => one.accountId === id || one.emailAddress.toLowerCase() === wanted);
  if (!found) throw kernelFaults.notFound();
  return found;
}
