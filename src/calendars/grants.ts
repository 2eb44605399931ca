declare module '../access/grants.ts' {
  interface GrantKinds {
    'calendars.calendar': true;
    'calendars.address-book': true;
  }
}

/** The calendars' kinds of grant, as they stand in the grants table. */
export const GRANTS = {
  /**
   * Subject has the calendar `object.id` at the level, which is a role. The subject `tenant` with the organisation's own
   * id is "My Organization": everybody at home there who is not named. Somebody of another organisation, or of none,
   * is a `contact` whose id is the address in lower case.
   */
  calendar: { kind: 'calendars.calendar', objectKind: 'calendar' },
  /** The same of an address book; nobody has everybody's. */
  addressBook: { kind: 'calendars.address-book', objectKind: 'address-book' },
} as const;
