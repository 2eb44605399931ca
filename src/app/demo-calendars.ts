import { putGrant } from '../access/index.ts';
import {
  bookingShape,
  calendarDefaults,
  createOwnCalendar,
  createPlace,
  GRANTS,
  holdCalendarOf,
  keepShared,
  organizationRelationships,
  ownDefaultCalendar,
  putObject,
  sharingPolicies,
} from '../calendars/index.ts';
import { findAccountByPrincipalName } from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import { type GroupId, newId } from '../kernel/ids.ts';
import type { Run } from '../kernel/module.ts';
import { changeSettings } from '../tenants/index.ts';
import { accessPorts } from './access-ports.ts';
import { textOf, uidOf } from './demo-calendar-text.ts';
import type { LoadedOrganisation } from './demo-collaboration.ts';
import { CONTOSO, CONTOSO_WORK, FABRIKAM, FALCON, PLANS, ROOMS, roomOf, TAILSPIN, ZONES } from './demo-plans.ts';

/** Everybody's copy is written by itself: no letter waits for anybody. */
const SILENT = { isSilent: true } as const;

/**
 * Gives everybody of the demo a month that looks lived in: series with exceptions, absences, private things, meetings
 * across organisations. Times are reckoned from this week's Monday, so that the demo is never out of date.
 */
export async function loadCalendars(
  run: Run,
  organisations: readonly LoadedOrganisation[],
  { nameOf, falcon }: { nameOf: (address: string) => string; falcon: GroupId | undefined },
): Promise<void> {
  for (const organisation of organisations) {
    await as(run, organisation, administratorOf(organisation), (ctx) =>
      changeSettings(ctx, calendarDefaults, undefined, {
        timeZone: ZONES[organisation.domain] ?? 'UTC',
        defaultPermission: 'limitedRead',
      }),
    );
  }
  for (const organisation of organisations) {
    for (const name of Object.keys(organisation.people)) {
      const address = `${name}@${organisation.domain}`;
      const own = PLANS.filter(({ by, people }) => by === address || people?.includes(address));
      if (own.length === 0) continue;
      await as(run, organisation, name, async (ctx) => {
        const { id } = await ownDefaultCalendar(ctx, 'write');
        for (const plan of own) {
          const uid = uidOf(plan);
          await putObject(ctx, {
            calendarId: id,
            name: `${uid}.ics`,
            text: textOf(plan, { reader: address, now: ctx.now, nameOf }),
            saying: SILENT,
          });
        }
      });
    }
  }
  for (const organisation of organisations) await furnish(run, organisation, nameOf);
  await relate(run, organisations);
  await shareAcross(run, organisations, nameOf);
  const home = organisations.find(({ domain }) => domain === FABRIKAM);
  if (!home || !falcon) return;
  await as(run, home, 'anders', async (ctx) => {
    const { calendar } = await holdCalendarOf(ctx, { kind: 'group', id: falcon }, undefined, 'write');
    for (const plan of FALCON) {
      const text = textOf(plan, { reader: `anders@${FABRIKAM}`, now: ctx.now, nameOf });
      await putObject(ctx, { calendarId: calendar.id, name: `${uidOf(plan)}.ics`, text, saying: SILENT });
    }
  });
}

/** Makes an organisation's rooms, with the meetings that are in them. */
async function furnish(run: Run, organisation: LoadedOrganisation, nameOf: (address: string) => string): Promise<void> {
  const { id: tenantId, domain } = organisation;
  for (const [name, { name: displayName, capacity, building }] of Object.entries(ROOMS[domain] ?? {})) {
    const emailAddress = `${name}@${domain}`;
    await as(run, organisation, administratorOf(organisation), async (ctx) => {
      await createPlace(ctx, {
        ...{ kind: 'room', displayName, emailAddress, capacity, building, booking: bookingShape.parse({}) },
        ...{ floorLabel: null, label: null, phone: null, tags: [], isWheelchairAccessible: true },
        ...{ audioDevice: null, videoDevice: null, displayDevice: null, address: null, geo: null },
      });
    });
    const meetings = PLANS.filter((plan) => roomOf(plan)?.address === emailAddress);
    await run({ tenantId, actor: { kind: 'system', name: 'demo' } }, async (ctx) => {
      const account = await findAccountByPrincipalName(ctx, emailAddress);
      if (!account) return;
      const { calendar } = await holdCalendarOf(ctx, { kind: 'account', id: account.id }, undefined, 'write');
      for (const plan of meetings) {
        const text = textOf(plan, { reader: emailAddress, now: ctx.now, nameOf });
        await putObject(ctx, { calendarId: calendar.id, name: `${uidOf(plan)}.ics`, text, saying: SILENT });
      }
    });
  }
}

/**
 * Contoso tells Fabrikam when its people are free, and about what; Fabrikam tells Contoso only when. Neither has a word
 * for Tailspin, whose people learn nothing.
 */
async function relate(run: Run, organisations: readonly LoadedOrganisation[]): Promise<void> {
  const levels = [
    { of: FABRIKAM, to: CONTOSO, name: 'Contoso', level: 'AvailabilityOnly' },
    { of: CONTOSO, to: FABRIKAM, name: 'Fabrikam', level: 'LimitedDetails' },
  ];
  for (const { of, to, name, level } of levels) {
    const owner = organisations.find(({ domain }) => domain === of);
    const partner = organisations.find(({ domain }) => domain === to);
    if (!owner || !partner) continue;
    await as(run, owner, administratorOf(owner), (ctx) =>
      changeSettings(ctx, organizationRelationships, newId(), {
        name,
        domainNames: [to],
        partnerTenantId: partner.id,
        freeBusyAccessEnabled: true,
        freeBusyAccessLevel: level,
      }),
    );
  }
}

/** Contoso's own calendar of the project, which people of Fabrikam have taken among theirs. */
const CONTOSOS_FALCON = { name: 'Falcon at Contoso', by: 'bob', readers: ['ann', 'anders'], role: 'read' } as const;

/**
 * Bob of Contoso keeps a calendar of what Contoso does for the project and shares it with people of Fabrikam, as far as
 * Contoso's sharing policy lets him.
 */
async function shareAcross(
  run: Run,
  organisations: readonly LoadedOrganisation[],
  nameOf: (address: string) => string,
): Promise<void> {
  const fabrikam = organisations.find(({ domain }) => domain === FABRIKAM);
  const contoso = organisations.find(({ domain }) => domain === CONTOSO);
  if (!fabrikam || !contoso) return;
  const { name, by, readers, role } = CONTOSOS_FALCON;
  const owner = `${by}@${CONTOSO}`;
  await as(run, contoso, administratorOf(contoso), (ctx) =>
    changeSettings(ctx, sharingPolicies, newId(), {
      name: 'With Fabrikam',
      rules: [`${FABRIKAM}: CalendarSharingFreeBusyReviewer`, '*: CalendarSharingFreeBusySimple'],
      isDefault: true,
    }),
  );
  const calendar = await as(run, contoso, by, async (ctx) => {
    const made = await createOwnCalendar(ctx, { name, slug: 'falcon' });
    for (const plan of CONTOSO_WORK) {
      const text = textOf(plan, { reader: owner, now: ctx.now, nameOf });
      await putObject(ctx, { calendarId: made.id, name: `${uidOf(plan)}.ics`, text, saying: SILENT });
    }
    for (const reader of readers) {
      await putGrant(ctx, {
        kind: GRANTS.calendar.kind,
        subject: { kind: 'contact', id: `${reader}@${FABRIKAM}` },
        object: { kind: GRANTS.calendar.objectKind, id: made.id },
        level: role,
        homeTenantId: fabrikam.id,
        homeDomain: FABRIKAM,
        givenBy: contoso.people[by] as string,
        sponsorId: contoso.people[by] as string,
      });
    }
    return made;
  });
  if (!calendar) return;
  for (const reader of readers) {
    await as(run, fabrikam, reader, (ctx) =>
      keepShared(ctx, {
        accountId: fabrikam.people[reader] as string,
        partnerTenantId: contoso.id,
        partnerCalendarId: calendar.id,
        name,
        ownerName: nameOf(owner),
        ownerAddress: owner,
        organisationName: 'Contoso',
        color: null,
        role,
      }),
    );
  }
}

const administratorOf = ({ domain }: LoadedOrganisation) =>
  ({ [FABRIKAM]: 'ann', [CONTOSO]: 'carla', [TAILSPIN]: 'tina' })[domain] ?? '';

async function as<T>(
  run: Run,
  { id, people }: LoadedOrganisation,
  name: string,
  act: (ctx: Context) => Promise<T>,
): Promise<T | undefined> {
  const accountId = people[name];
  if (accountId === undefined) return undefined;
  const work = { tenantId: id, actor: { kind: 'system', name: 'demo' } } as const;
  const actor = await run({ ...work, readOnly: true }, (ctx) => accessPorts.actorOf(ctx, accountId));
  return actor && run({ ...work, actor }, act);
}
