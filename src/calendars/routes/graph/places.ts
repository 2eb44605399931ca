import type { Room } from '@microsoft/microsoft-graph-types';
import { z } from 'zod';
import { presentCollection } from '../../../platform/http/collection.ts';
import { answerOne, type Row } from '../../../platform/http/odata.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { type FoundPlace, findPlace, findPlaces } from '../../usecases/find-places.ts';
import { changePlace } from '../../usecases/places.ts';

const params = z.object({ id: z.string().max(320) });
const text = z.string().trim().max(256).nullish();

const changes = z.object({
  '@odata.type': z.string().max(100).optional(),
  address: z.object({ street: text, city: text, state: text, countryOrRegion: text, postalCode: text }).nullish(),
  geoCoordinates: z
    .object({
      latitude: z.number().min(-90).max(90).nullish(),
      longitude: z.number().min(-180).max(180).nullish(),
      altitude: z.number().nullish(),
    })
    .nullish(),
  phone: text,
  capacity: z.int().min(1).max(100_000).nullish(),
  building: text,
  floorLabel: text,
  label: text,
  audioDeviceName: text,
  videoDeviceName: text,
  displayDeviceName: text,
  isWheelChairAccessible: z.boolean().optional(),
  tags: z.array(z.string().trim().min(1).max(128)).max(100).optional(),
});

/** The model's words for what the wire says; what was not said changes nothing. */
function fromWire(body: z.output<typeof changes>): Parameters<typeof changePlace>[2] {
  const said = {
    address: body.address,
    geo: body.geoCoordinates,
    phone: body.phone,
    capacity: body.capacity,
    building: body.building,
    floorLabel: body.floorLabel,
    label: body.label,
    audioDevice: body.audioDeviceName,
    videoDevice: body.videoDeviceName,
    displayDevice: body.displayDeviceName,
    isWheelchairAccessible: body.isWheelChairAccessible,
    tags: body.tags,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

/** Graph has no word for equipment: what a projector is told of is what a room is, under a type of our own. */
const present = (place: FoundPlace): Row =>
  place.kind === 'room' ? presentRoom(place) : { ...presentRoom(place), '@odata.type': '#entente.equipment' };

const presentRoom = (place: FoundPlace): Row =>
  ({
    '@odata.type': '#microsoft.graph.room',
    id: place.accountId,
    displayName: place.displayName,
    emailAddress: place.emailAddress,
    nickname: place.displayName,
    address: place.address ?? null,
    geoCoordinates: place.geo ?? null,
    phone: place.phone ?? '',
    building: place.building,
    floorLabel: place.floorLabel,
    label: place.label,
    capacity: place.capacity,
    bookingType: 'standard',
    audioDeviceName: place.audioDevice,
    videoDeviceName: place.videoDevice,
    displayDeviceName: place.displayDevice,
    isWheelChairAccessible: place.isWheelchairAccessible,
    tags: [...place.tags],
  }) satisfies Room & Row;

const ROOMS = {
  displayName: { kind: 'string' },
  emailAddress: { kind: 'string' },
  building: { kind: 'string' },
  capacity: { kind: 'number' },
  isWheelChairAccessible: { kind: 'boolean' },
  tags: { kind: 'string', collection: true },
} as const;

const graph = { wire: 'graph', access: 'asks', tags: ['places'] } as const;

/** Graph: `places`, the rooms that meetings are held in. A list of rooms is a building with what is in it. */
export const roomRoutes: readonly Route[] = [
  route({
    ...graph,
    method: 'GET',
    path: '/v1.0/places/microsoft.graph.room',
    summary: 'The rooms of the organisation.',
    handle: async (ctx, request) =>
      presentCollection(request, 'places/room', (await findPlaces(ctx, { kind: 'room' })).map(presentRoom), ROOMS),
  }),
  route({
    ...graph,
    method: 'GET',
    path: '/v1.0/places/entente.equipment',
    summary: 'The equipment of the organisation: what is booked and is no room.',
    handle: async (ctx, request) =>
      presentCollection(
        request,
        'places/equipment',
        (await findPlaces(ctx, { kind: 'equipment' })).map(present),
        ROOMS,
      ),
  }),
  route({
    ...graph,
    method: 'GET',
    path: '/v1.0/places/microsoft.graph.roomList',
    summary: 'The buildings of the organisation with the rooms in them.',
    async handle(ctx, request) {
      const rooms = (await findPlaces(ctx, { kind: 'room' })).filter(
        ({ building }) => building !== null && building !== '',
      );
      const buildings = [...Map.groupBy(rooms, ({ building }) => building as string)].map(([building, inside]) => ({
        '@odata.type': '#microsoft.graph.roomList',
        id: Buffer.from(building).toString('base64url'),
        displayName: building,
        emailAddress: null,
        rooms: inside.map(presentRoom),
      }));
      return presentCollection(request, 'places/roomList', buildings, { displayName: { kind: 'string' } });
    },
  }),
  route({
    ...graph,
    method: 'GET',
    path: '/v1.0/places/:id',
    summary: 'One room or piece of equipment, by its id or its address.',
    params,
    handle: async (ctx, request) => answerOne(request, 'places', await findPlace(ctx, request.params.id), present),
  }),
  route({
    ...graph,
    method: 'PATCH',
    path: '/v1.0/places/:id',
    summary: 'Changes what is said of a room or of equipment.',
    params,
    body: changes,
    async handle(ctx, request) {
      const { accountId } = await findPlace(ctx, request.params.id);
      await changePlace(ctx, accountId, fromWire(request.body));
      return answerOne(request, 'places', await findPlace(ctx, accountId), present);
    },
  }),
];
