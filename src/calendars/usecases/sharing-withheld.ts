import type { Context } from '../../kernel/context.ts';
import type { Withheld } from '../../kernel/module.ts';
import { calendarPermissions, calendarShare, calendarUse, contactsShare } from './asked.ts';

/** What screens do not offer of a calendar: told to those who see something of it, or with whom it is shared. */
export const sharingWithheld: readonly Withheld[] = [
  {
    question: calendarUse,
    async mayKnow(ctx: Context, { calendarId }: { calendarId: string }) {
      return (await ctx.ask(calendarUse, { calendarId }, { quiet: true })).level !== 'none';
    },
  },
  {
    question: calendarShare,
    async mayKnow(ctx: Context, { calendarId }: { calendarId: string }) {
      return (await ctx.ask(calendarPermissions, { calendarId }, { quiet: true })).level !== 'none';
    },
  },
  // About whoever asks and an address that they wrote themselves.
  { question: contactsShare, mayKnow: async () => true },
];
