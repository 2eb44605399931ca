import ICAL from 'ical.js';
import { findAddressHolders, listAddressList, listMembers } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { attendeesOf, organizerOf } from '../../protocols/itip/index.ts';
import { calendarsFaults } from '../faults.ts';
import { ATTENDEES_AT_MOST } from '../model/scheduling.ts';
import { expandGroup } from './asked.ts';
import { type OwnerCard, readOwner } from './owners.ts';

interface Invited {
  readonly address: string;
  readonly name: string;
}

/**
 * Adds the people of the groups that a meeting newly invites, each with the group that brings them (RFC 5545 §3.2.11),
 * and marks the groups as such (§3.2.3). A group is expanded once, when it is invited: who is taken from the meeting
 * later stays away. One whose members the organiser may not know stays an address like any other.
 * @throws calendars.too-many-attendees.
 */
export async function expandGroups(
  ctx: Context,
  { before, after, owner }: { before: ICAL.Component | undefined; after: ICAL.Component; owner: OwnerCard },
): Promise<boolean> {
  const known = new Set(partsOf(before).flatMap((part) => [...attendeesOf(part).keys()]));
  const fresh = partsOf(after).flatMap((part) => [...attendeesOf(part).keys()]);
  const asked = [...new Set(fresh)].filter((one) => !known.has(one) && !owner.addresses.includes(one));
  const groups = (await findAddressHolders(ctx, asked)).filter(({ kind }) => kind === 'group');
  let isExpanded = false;
  for (const { id, address } of groups) {
    const people = await peopleOf(ctx, id);
    if (!people) continue;
    isExpanded = true;
    for (const part of partsOf(after)) invite(part, address, people, owner);
  }
  return isExpanded;
}

/** Whether a meeting names an address as a group. */
export const isGroupIn = (calendar: ICAL.Component, address: string): boolean =>
  partsOf(calendar).some((part) => cutypeOf(attendeesOf(part).get(address)) === 'GROUP');

const cutypeOf = (attendee: ICAL.Property | undefined) =>
  String(attendee?.getFirstParameter('cutype') ?? '').toUpperCase();

const partsOf = (calendar: ICAL.Component | undefined): ICAL.Component[] =>
  calendar?.getAllSubcomponents('vevent') ?? [];

/** Everybody in a group and in the groups within it; undefined: the asker may not know. */
async function peopleOf(ctx: Context, groupId: string): Promise<Invited[] | undefined> {
  const mayKnow = async (id: string) => atLeast(await ctx.ask(expandGroup, { groupId: id }, { quiet: true }), 'read');
  if (!(await mayKnow(groupId))) return undefined;
  const all = await listMembers(ctx, groupId, { transitive: true });
  const closed: string[] = [];
  for (const { kind, id } of all) if (kind === 'group' && !(await mayKnow(id))) closed.push(id);
  const members = closed.length === 0 ? all : await listMembers(ctx, groupId, { transitive: true, closed });
  if (members.length > ATTENDEES_AT_MOST) throw calendarsFaults.tooManyAttendees(ATTENDEES_AT_MOST);
  const people: Invited[] = [];
  for (const { kind, id } of members) {
    const card = kind === 'account' || kind === 'guest' ? await readOwner(ctx, { kind: 'account', id }) : undefined;
    if (card?.address !== undefined) people.push({ address: card.address, name: card.displayName });
  }
  const contacts = members.filter(({ kind }) => kind === 'contact').map(({ id }) => id);
  if (contacts.length > 0) {
    for (const { mail, displayName } of await listAddressList(ctx, { ids: contacts, limit: ATTENDEES_AT_MOST })) {
      people.push({ address: mail.toLowerCase(), name: displayName });
    }
  }
  return people;
}

function invite(part: ICAL.Component, group: string, people: readonly Invited[], owner: OwnerCard): void {
  const invited = attendeesOf(part);
  const brings = invited.get(group);
  if (!brings) return;
  brings.setParameter('cutype', 'GROUP');
  brings.removeParameter('rsvp');
  const role = brings.getFirstParameter('role');
  const there = new Set([...invited.keys(), ...owner.addresses, organizerOf(part)]);
  for (const { address, name } of people) {
    if (there.has(address)) continue;
    there.add(address);
    const attendee = new ICAL.Property('attendee');
    attendee.setValue(`mailto:${address}`);
    attendee.setParameter('cn', name.replace(/["\r\n]/g, ''));
    if (role) attendee.setParameter('role', role);
    attendee.setParameter('partstat', 'NEEDS-ACTION');
    attendee.setParameter('rsvp', 'TRUE');
    attendee.setParameter('member', `mailto:${group}`);
    part.addProperty(attendee);
  }
}
