import { useEffect, useState } from 'react';

const DIALOGS = '[role=dialog],[role=alertdialog]';

/**
 * Gives the focus back to what had it when a dialog opened, once the dialog is gone: whoever uses the keyboard goes on
 * where they were. What opened it may be gone as well (a deleted row, a dialog before this one); then the title of the
 * page gets it. A dialog that took this one's place keeps it.
 */
export function useFocusBack(): void {
  // While this first renders, the dialog has not yet taken the focus.
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      requestAnimationFrame(() => {
        const holder = document.activeElement;
        if (holder?.closest(DIALOGS)) return;
        if (holder !== null && holder !== document.body && holder.isConnected) return;
        const target = opener?.isConnected && opener !== document.body ? opener : document.getElementById('page-title');
        (target as HTMLElement | null)?.focus();
      });
    },
    [opener],
  );
}
