import type { CalendarId } from './calendar.ts';

/** An object of a file that was left out, and why. */
export interface Skipped {
  readonly uid: string | null;
  readonly summary: string | null;
  readonly reason: string;
}

/** A calendar file on its way into a calendar, and what became of it so far. */
export interface FileImport {
  readonly id: string;
  readonly calendarId: CalendarId;
  /** Who sent it. */
  readonly accountId: string;
  /** `waiting` until it is through, part by part. */
  readonly state: 'waiting' | 'done' | 'cancelled' | 'failed';
  /** Why it failed, as a sentence. */
  readonly problem: string | null;
  /** Events and tasks in the file. */
  readonly total: number;
  /** How many of them are through. */
  readonly done: number;
  readonly created: number;
  readonly changed: number;
  /** As they are kept already. */
  readonly unchanged: number;
  readonly skipped: readonly Skipped[];
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}
