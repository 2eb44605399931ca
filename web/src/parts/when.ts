const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/**
 * "in 3 days", "in 6 weeks", "2 hours ago", "now": rounded. Weeks, months and years are told from two on, since one of
 * them hides how many days it is, and "next month" names another time than a month from now.
 */
export function relativeTime(at: Date, now: Date, language: string): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  for (const [unit, length] of STEPS) {
    const count = Math.round(seconds / length);
    const isLong = length > 86_400;
    // A day that has just begun to pass still counts.
    const least = isLong ? 2 * length - 43_200 : length;
    if (Math.abs(seconds) >= least) return format.format(isLong ? count : Math.trunc(seconds / length), unit);
  }
  return format.format(0, 'second');
}

/** The exact time in the reader's zone and language, with the zone's name. */
export function absoluteTime(at: Date, language: string): string {
  return new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(at);
}

/** `2027-06-30` of a date field as the first moment of that day in the reader's zone; undefined when empty. */
export function startOfDay(day: string): Date | undefined {
  const [year, month, date] = day.split('-').map(Number);
  return year && month && date ? new Date(year, month - 1, date) : undefined;
}

/** `2027-06-30` of a date field as the last second of that day in the reader's zone; undefined when empty. */
export function endOfDay(day: string): Date | undefined {
  const start = startOfDay(day);
  return start && new Date(start.getFullYear(), start.getMonth(), start.getDate(), 23, 59, 59);
}

/** An instant as the value of a date field. */
export function dayField(at: string | Date | null | undefined): string {
  if (!at) return '';
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function daysFromNow(days: number, now = new Date()): string {
  return dayField(new Date(now.getTime() + days * 86_400_000));
}
