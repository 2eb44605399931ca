import { z } from 'zod';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import { bookingShape, type Place } from '../../model/place.ts';
import {
  changePlace,
  createPlace,
  listNamedPlaces,
  type NamedPlace,
  readPlace,
  removePlace,
} from '../../usecases/places.ts';

const text = (length: number) => z.string().trim().max(length).nullable();

const facts = {
  capacity: z.int().min(1).max(100_000).nullable(),
  building: text(256),
  floorLabel: text(256),
  label: text(256),
  phone: text(64),
  tags: z.array(z.string().trim().min(1).max(128)).max(100),
  audioDevice: text(256),
  videoDevice: text(256),
  displayDevice: text(256),
  isWheelchairAccessible: z.boolean(),
  address: z.record(z.string().max(64), z.unknown()).nullable(),
  geo: z.record(z.string().max(64), z.unknown()).nullable(),
};
const NOTHING: Omit<Place, 'accountId' | 'kind' | 'booking'> = {
  ...{ capacity: null, building: null, floorLabel: null, label: null, phone: null, tags: [] },
  ...{ audioDevice: null, videoDevice: null, displayDevice: null, isWheelchairAccessible: false },
  ...{ address: null, geo: null },
};
const changesShape = z.strictObject({ ...facts, booking: bookingShape.partial() }).partial();
const newShape = changesShape.extend({
  kind: z.enum(['room', 'equipment']),
  displayName: z.string().trim().min(1).max(256),
  emailAddress: z.email().max(320),
});
const params = z.object({ id: z.uuid() });

const present = ({ accountId, ...rest }: NamedPlace) => ({ id: accountId, ...rest });

/** Rooms and equipment: what they are, and by which rules they are booked. */
export function placeRoutes(): readonly Route[] {
  const admin = { wire: 'problem', access: 'asks', tags: ['places'] } as const;
  return [
    route({
      ...admin,
      method: 'GET',
      path: '/admin/places',
      summary: 'The rooms and equipment of the organisation, with the rules by which they are booked.',
      handle: async (ctx) => ({ value: (await listNamedPlaces(ctx)).map(present) }),
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/places',
      summary: 'Makes a room or equipment, with an address and a calendar, that nobody signs in to.',
      body: newShape,
      handle: async (ctx, { body }) => {
        const place = await createPlace(ctx, {
          ...NOTHING,
          ...given(body),
          booking: bookingShape.parse(body.booking ?? {}),
        } as never);
        return created(present(place), `/admin/places/${place.accountId}`);
      },
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/places/:id',
      summary: 'One room or piece of equipment.',
      params,
      handle: async (ctx, request) => present(await readPlace(ctx, request.params.id)),
    }),
    route({
      ...admin,
      method: 'PATCH',
      path: '/admin/places/:id',
      summary: 'Changes what it is and how it is booked. What is left out stays.',
      params,
      body: changesShape,
      handle: async (ctx, { params: { id }, body }) => {
        const { booking, ...rest } = body;
        const known = await readPlace(ctx, id);
        const rules = booking && bookingShape.parse({ ...known.booking, ...given(booking) });
        return present(await changePlace(ctx, id, { ...given(rest), ...(rules ? { booking: rules } : {}) }));
      },
    }),
    route({
      ...admin,
      method: 'DELETE',
      path: '/admin/places/:id',
      summary: 'Removes it with its account and calendar.',
      params,
      handle: async (ctx, request) => {
        await removePlace(ctx, request.params.id);
        return noContent();
      },
    }),
  ];
}

/** Without what is undefined, so that it changes nothing. */
const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
