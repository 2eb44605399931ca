import { useState } from 'react';
import { useTenant } from '../shell/tenant.ts';

/** How somebody likes to see calendars in this browser. */
export interface Kept {
  readonly view?: string;
  /** Keys of the calendars whose box is not ticked. */
  readonly hidden: readonly string[];
  /** People whose free/busy times lie over the own calendar. */
  readonly people: readonly { readonly name: string; readonly address: string }[];
  readonly secondZone?: string;
}

const NOTHING: Kept = { hidden: [], people: [] };

/** Reads what was kept; anything damaged is as if nothing were. */
export function readKept(text: string | null): Kept {
  try {
    const kept = JSON.parse(text ?? '{}') as Partial<Kept>;
    return {
      ...NOTHING,
      ...kept,
      hidden: Array.isArray(kept.hidden) ? kept.hidden : [],
      people: Array.isArray(kept.people) ? kept.people.filter((one) => typeof one?.address === 'string') : [],
    };
  } catch {
    return NOTHING;
  }
}

export function useKept(): readonly [Kept, (change: Partial<Kept>) => void] {
  const key = `entente.calendar.${useTenant()}`;
  const [kept, setKept] = useState(() => readKept(localStorage.getItem(key)));
  return [
    kept,
    (change) =>
      setKept((before) => {
        const after = { ...before, ...change };
        localStorage.setItem(key, JSON.stringify(after));
        return after;
      }),
  ];
}
