/** The keys of the calendar, in the order the help shows them. Titles are keys of the translations. */
export const KEYS = [
  { keys: ['N'], title: 'calendars.keys.new' },
  { keys: ['T'], title: 'calendars.keys.today' },
  { keys: ['1', '2', '3', '4', '5'], title: 'calendars.keys.views' },
  { keys: ['↑', '↓'], title: 'calendars.keys.events' },
  { keys: ['←', '→'], title: 'calendars.keys.days' },
  { keys: ['PgUp', 'PgDn'], title: 'calendars.keys.pages' },
  { keys: ['Enter'], title: 'calendars.keys.open' },
  { keys: ['Alt', '↑↓←→'], title: 'calendars.keys.move' },
  { keys: ['Alt', 'Shift', '↑↓'], title: 'calendars.keys.resize' },
  { keys: ['Delete'], title: 'calendars.keys.delete' },
  { keys: ['Esc'], title: 'calendars.keys.close' },
  { keys: ['?'], title: 'calendars.keys.help' },
] as const;

export const VIEWS = ['day', 'workWeek', 'week', 'month', 'agenda'] as const;
export type View = (typeof VIEWS)[number];

/** What a key asks for. */
export type Wish =
  | { readonly do: 'new' | 'today' | 'help' | 'delete' | 'previous' | 'next' }
  | { readonly do: 'view'; readonly view: View }
  | { readonly do: 'focus'; readonly to: 'before' | 'after' | 'dayBefore' | 'dayAfter' }
  | { readonly do: 'move'; readonly days: number; readonly minutes: number }
  | { readonly do: 'resize'; readonly minutes: number };

export interface Pressed {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

const STEP_MINUTES = 15;

/** What a key press means for the calendar; undefined for keys that are not its own. */
export function wishOf({ key, altKey, ctrlKey, metaKey, shiftKey }: Pressed): Wish | undefined {
  if (ctrlKey || metaKey) return undefined;
  if (altKey) {
    const minutes = key === 'ArrowUp' ? -STEP_MINUTES : key === 'ArrowDown' ? STEP_MINUTES : 0;
    const days = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0;
    if (shiftKey) return minutes === 0 ? undefined : { do: 'resize', minutes };
    return minutes === 0 && days === 0 ? undefined : { do: 'move', minutes, days };
  }
  switch (key) {
    case 'n':
    case 'N':
      return { do: 'new' };
    case 't':
    case 'T':
      return { do: 'today' };
    case '?':
      return { do: 'help' };
    case 'Delete':
    case 'Backspace':
      return { do: 'delete' };
    case 'PageUp':
      return { do: 'previous' };
    case 'PageDown':
      return { do: 'next' };
    case 'ArrowUp':
      return { do: 'focus', to: 'before' };
    case 'ArrowDown':
      return { do: 'focus', to: 'after' };
    case 'ArrowLeft':
      return { do: 'focus', to: 'dayBefore' };
    case 'ArrowRight':
      return { do: 'focus', to: 'dayAfter' };
  }
  const view = /^[1-5]$/.test(key) ? VIEWS[Number(key) - 1] : undefined;
  return view && { do: 'view', view };
}

interface Stop {
  readonly key: string;
  readonly start: string;
}

/**
 * Which event the arrows lead to: up and down in the order of time, left and right to the first of the nearest day
 * that has any, at the same time of day or later. Undefined at the end, where the page is turned.
 */
export function nextStop<S extends Stop>(
  stops: readonly S[],
  from: string | undefined,
  to: 'before' | 'after' | 'dayBefore' | 'dayAfter',
): S | undefined {
  const inOrder = [...stops].sort((a, b) => a.start.localeCompare(b.start) || a.key.localeCompare(b.key));
  const at = inOrder.findIndex(({ key }) => key === from);
  if (at < 0) return to === 'before' || to === 'dayBefore' ? inOrder.at(-1) : inOrder[0];
  if (to === 'before') return inOrder[at - 1];
  if (to === 'after') return inOrder[at + 1];
  const { start } = inOrder[at]!;
  const day = start.slice(0, 10);
  const others = inOrder.filter((one) =>
    to === 'dayAfter' ? one.start.slice(0, 10) > day : one.start.slice(0, 10) < day,
  );
  const wanted = to === 'dayAfter' ? others[0]?.start.slice(0, 10) : others.at(-1)?.start.slice(0, 10);
  const there = others.filter((one) => one.start.startsWith(wanted ?? ' '));
  return there.find((one) => one.start.slice(11) >= start.slice(11)) ?? there.at(-1);
}
