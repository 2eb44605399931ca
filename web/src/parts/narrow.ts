import { useSyncExternalStore } from 'react';

/** Phones and narrow windows: the navigation folds away and lists become cards. Pixels. */
export const NARROW = '@media (max-width: 720px)';
const query = window.matchMedia('(max-width: 720px)');

export function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => query.matches,
  );
}
