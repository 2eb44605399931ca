import { OTHER_END, type Step } from './diagnosis.ts';

/** How a partnership that is tested by the clock stands. */
export interface Watch {
  readonly checkedAt: Date;
  /** Steps that failed when it was looked last, as `ours partners.certificate`. */
  readonly failing: readonly string[];
  /** Those that turned bad since it was looked at first; what never worked alerts nobody. */
  readonly alarming: readonly string[];
  /** Whether the partner says that it fails from its end. */
  readonly partnerAlarm: boolean;
  /** What the partner was told last. */
  readonly toldAlarm: boolean;
  /** Since when administrators know; null: they were told that all is well, or never anything. */
  readonly alertedAt: Date | null;
}

/** What administrators are to be told. */
export type WatchNews = 'bad' | 'good';

const keyOf = ({ end, step }: Step) => `${end} ${step}`;
const keysWith = (steps: readonly Step[], status: Step['status']) =>
  steps.filter((one) => one.status === status).map(keyOf);

/**
 * What a new look means. A step that fails for the first time is looked at once more before anybody is alerted
 * (`lookAgain`); one that could not be reached counts as it did before.
 */
export function afterLook(
  before: Watch | undefined,
  steps: readonly Step[],
  { now, isSecondLook }: { now: Date; isSecondLook: boolean },
): { watch: Watch; news: WatchNews | undefined; lookAgain: boolean } {
  const failed = keysWith(steps, 'failed');
  if (!before) {
    const nothing = { alarming: [], partnerAlarm: false, toldAlarm: false, alertedAt: null };
    return { watch: { checkedAt: now, failing: failed, ...nothing }, news: undefined, lookAgain: false };
  }
  const fresh = failed.filter((one) => !before.failing.includes(one));
  if (fresh.length > 0 && !isSecondLook)
    return { watch: { ...before, checkedAt: now }, news: undefined, lookAgain: true };
  const unknown = keysWith(steps, 'not-reached').filter((one) => before.failing.includes(one));
  const failing = [...new Set([...failed, ...unknown])];
  const alarming = [...new Set([...before.alarming.filter((one) => failing.includes(one)), ...fresh])];
  // Its word holds until it takes it back, or until a look from both ends finds nothing of it: then it was lost.
  const isRefuted =
    alarming.length === 0 && steps.some(({ step, status }) => step === OTHER_END && status === 'passed');
  const partnerAlarm = before.partnerAlarm && !isRefuted;
  return { ...alert({ ...before, checkedAt: now, failing, alarming, partnerAlarm }, now), lookAgain: false };
}

/** What the partner says of its end. */
export function afterPartnersWord(
  before: Watch | undefined,
  partnerAlarm: boolean,
  now: Date,
): { watch: Watch; news: WatchNews | undefined } {
  const watch = before ?? { checkedAt: now, failing: [], alarming: [], toldAlarm: false, alertedAt: null };
  return alert({ ...watch, partnerAlarm }, now);
}

/** Each turn is told once, whoever of both saw it first. */
function alert(watch: Watch, now: Date): { watch: Watch; news: WatchNews | undefined } {
  const isBad = watch.alarming.length > 0 || watch.partnerAlarm;
  if (isBad && watch.alertedAt === null) return { watch: { ...watch, alertedAt: now }, news: 'bad' };
  if (!isBad && watch.alertedAt !== null) return { watch: { ...watch, alertedAt: null }, news: 'good' };
  return { watch, news: undefined };
}
