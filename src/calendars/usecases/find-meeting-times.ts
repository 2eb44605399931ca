import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { Schedule } from '../model/availability.ts';
import { type MeetingSearch, suggestTimes, type TimeSlot } from '../model/meeting-times.ts';
import { type LookUpPorts, lookUpAvailability } from './look-up-availability.ts';

export interface FindMeetingTimes extends Omit<MeetingSearch, 'organizer' | 'attendees' | 'locations' | 'slots'> {
  /** Nothing: the week from now. */
  readonly slots: readonly TimeSlot[];
  /** Addresses of those who are to come. */
  readonly attendees: readonly string[];
  /** The address of each place that must be free; undefined: nobody has to look. */
  readonly locations: readonly (string | undefined)[];
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
  const places = asked.locations.filter((address) => address !== undefined);
  const found = await lookUpAvailability(ctx, ports, {
    addresses: [...new Set([organizer, ...asked.attendees, ...places])],
    from: new Date(Math.min(...slots.map(({ from }) => from.getTime()))),
    to: new Date(Math.max(...slots.map(({ to }) => to.getTime()))),
    minutes: 30,
  });
  const byAddress = new Map(found.map((schedule) => [schedule.address, schedule] as const));
  const of = (address: string): Schedule => byAddress.get(address)!;
  return suggestTimes({
    ...asked,
    slots,
    organizer: of(organizer),
    attendees: asked.attendees.map(of),
    locations: asked.locations.map((address) => (address === undefined ? undefined : of(address))),
  });
}
