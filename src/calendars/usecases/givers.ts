import { findAccount, findAddressHolders } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import type { Giver, Petitioner } from '../../kernel/module.ts';
import type { Calendar, CalendarId } from '../model/calendar.ts';
import type { Role } from '../model/roles.ts';
import { listCalendars } from '../store/calendars.ts';
import { calendarUse } from './asked.ts';
import { freeBusyRead } from './free-busy.ts';
import type { LinkPorts } from './links.ts';
import { changePermission, createPermission, findCalendarOf, listPermissions } from './permissions.ts';

/** The role on the primary calendar that shows as much of somebody's time as was asked for. */
const ROLE_OF: Readonly<Record<string, Role>> = {
  'busy-only': 'freeBusyRead',
  limited: 'limitedRead',
  full: 'delegateWithPrivateEventAccess',
};

/** Who asks to see or change a calendar is given it like anybody with whom it is shared, and by the same questions. */
export const calendarGivers = (ports: LinkPorts): readonly Giver[] => [
  {
    question: calendarUse.name,
    kind: 'right',
    gives: () => true,
    async give(ctx, { asker, input, wanted }) {
      const [calendar] = await listCalendars(ctx, { id: input.calendarId as CalendarId });
      if (!calendar) throw kernelFaults.notFound();
      await share(ctx, ports, calendar, asker, wanted as Role);
    },
  },
  {
    question: freeBusyRead.name,
    kind: 'right',
    // Across a boundary only what the owner gives everybody counts.
    gives: ({ kind }) => kind === 'account',
    async give(ctx, { asker, input, wanted }) {
      const [holder] = await findAddressHolders(ctx, [input.address]);
      const role = ROLE_OF[wanted];
      if (holder?.kind !== 'account' || !role) throw kernelFaults.notFound();
      const calendar = await findCalendarOf(ctx, { kind: 'account', id: holder.id }, undefined);
      await share(ctx, ports, calendar, asker, role);
    },
  },
];

/** Shares anew, or raises what is shared already. */
async function share(ctx: Context, ports: LinkPorts, calendar: Calendar, asker: Petitioner, role: Role): Promise<void> {
  const address = await addressOf(ctx, asker);
  const known = (await listPermissions(ctx, calendar)).find((one) => one.address?.toLowerCase() === address);
  if (known) await changePermission(ctx, calendar, known.id, { role });
  else await createPermission(ctx, ports, calendar, { address, role });
}

async function addressOf(ctx: Context, asker: Petitioner): Promise<string> {
  if (asker.kind === 'visitor') return asker.address;
  const account = await findAccount(ctx, asker.id as AccountId);
  if (!account) throw kernelFaults.notFound();
  return (account.mail ?? account.userPrincipalName).toLowerCase();
}
