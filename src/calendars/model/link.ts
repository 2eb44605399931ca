/** How far from the present day a link shows a calendar, in the reference product's words; in days. */
export const RANGES = {
  OneDay: 1,
  ThreeDays: 3,
  OneWeek: 7,
  OneMonth: 31,
  ThreeMonths: 92,
  SixMonths: 183,
  OneYear: 366,
} as const;
export type RangeWord = keyof typeof RANGES;
export const RANGE_WORDS = Object.keys(RANGES) as [RangeWord, ...RangeWord[]];

const DAY = 86_400_000;

/** What is shown at a moment: whole days, so that the answer stays the same for one. */
export function windowOf(
  now: Date,
  range: { readonly from: RangeWord; readonly to: RangeWord },
): { from: Date; to: Date } {
  const today = Math.floor(now.getTime() / DAY) * DAY;
  return { from: new Date(today - RANGES[range.from] * DAY), to: new Date(today + (RANGES[range.to] + 1) * DAY) };
}

/** What is published at which role, in the words of the reference product. */
export const DETAIL_LEVELS = {
  AvailabilityOnly: 'freeBusyRead',
  LimitedDetails: 'limitedRead',
  FullDetails: 'read',
} as const;
export type DetailLevel = keyof typeof DETAIL_LEVELS;
export const DETAIL_LEVEL_WORDS = Object.keys(DETAIL_LEVELS) as [DetailLevel, ...DetailLevel[]];
