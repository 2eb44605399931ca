import { findAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { ENTITIES_AT_MOST, type Schedule } from '../model/availability.ts';
import { type MeetingSearch, suggestTimes, type TimeSlot } from '../model/meeting-times.ts';
import { listPlaces } from '../store/places.ts';
import { type LookUpPorts, lookUpAvailability, mayLookOut } from './look-up-availability.ts';

export interface FindMeetingTimes extends Omit<MeetingSearch, 'organizer' | 'attendees' | 'locations' | 'slots'> {
  /** Nothing: the week from now. */
  readonly slots: readonly TimeSlot[];
  /** Addresses of those who are to come. */
  readonly attendees: readonly string[];
  readonly locations: readonly MeetingPlace[];
  /** Whether rooms of our own are suggested where no place is named. */
  readonly suggestsRooms: boolean;
}

/** Where people could meet. */
export interface MeetingPlace {
  readonly displayName: string | null;
  readonly address: string | null;
  /** Whether it must be free, and is looked up. */
  readonly isLookedUp: boolean;
}

const HALF_AN_HOUR = 30 * 60_000;
const WEEK = 7 * 86_400_000;

/**
 * When the asker and others can meet, here and in other organisations; of whom nothing is told, nothing is known.
 * Opens what it needs itself.
 * @throws as looking up does; request.invalid for a program, which meets nobody.
 */
export async function findMeetingTimes(ctx: Context, ports: LookUpPorts, asked: FindMeetingTimes) {
  if (ctx.actor.kind !== 'account') throw kernelFaults.invalid('An application has no account: there is no "me".');
  const organizer = ctx.actor.userPrincipalName;
  const begins = Math.ceil(ctx.now.getTime() / HALF_AN_HOUR) * HALF_AN_HOUR;
  const slots = asked.slots.length > 0 ? asked.slots : [{ from: new Date(begins), to: new Date(begins + WEEK) }];
  const { tenantId, actor, correlationId } = ctx;
  const people = new Set([organizer, ...asked.attendees]);
  const places =
    asked.suggestsRooms && asked.locations.length === 0
      ? await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
          listRooms(inside, ENTITIES_AT_MOST - people.size),
        )
      : asked.locations;
  const addressOf = ({ address, isLookedUp }: MeetingPlace) => (isLookedUp ? (address ?? undefined) : undefined);
  const found = await lookUpAvailability(ctx, ports, {
    addresses: [...new Set([...people, ...places.flatMap((place) => addressOf(place) ?? [])])],
    from: new Date(Math.min(...slots.map(({ from }) => from.getTime()))),
    to: new Date(Math.max(...slots.map(({ to }) => to.getTime()))),
    minutes: 30,
  });
  const byAddress = new Map(found.map((schedule) => [schedule.address, schedule] as const));
  const of = (address: string): Schedule => byAddress.get(address)!;
  const suggested = suggestTimes({
    ...asked,
    slots,
    organizer: of(organizer),
    attendees: asked.attendees.map(of),
    locations: places.map((place) => {
      const address = addressOf(place);
      return address === undefined ? undefined : of(address);
    }),
  });
  return { ...suggested, places };
}

/** Rooms at home, the smallest first, as many as a lookup still takes. A guest is shown none. */
async function listRooms(ctx: Context, most: number): Promise<MeetingPlace[]> {
  await ctx.demand(mayLookOut, {}, 'home');
  if (most <= 0 || (ctx.actor.kind === 'account' && ctx.actor.userType !== 'Member')) return [];
  const rooms = (await listPlaces(ctx, { kind: 'room' }))
    .toSorted((a, b) => (a.capacity ?? 0) - (b.capacity ?? 0))
    .slice(0, most);
  const found: MeetingPlace[] = [];
  for (const { accountId } of rooms) {
    const account = await findAccount(ctx, accountId as AccountId);
    if (account) {
      const address = account.mail ?? account.userPrincipalName;
      found.push({ displayName: account.displayName, address, isLookedUp: true });
    }
  }
  return found;
}
