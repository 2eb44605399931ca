import { useEffect, useState } from 'react';

const DIALOGS = '[role=dialog],[role=alertdialog]';

/**
 * Gives the focus back to what had it when a dialog opened, once the dialog is gone: whoever uses the keyboard goes on
 * where they were. What opened it may be gone as well (a deleted row, a dialog before this one); then the dialog that
 * is still open below gets it, else the title of the page. A dialog that took this one's place keeps it.
 */
export function useFocusBack(): void {
  // While this first renders, the dialog has not yet taken the focus.
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      requestAnimationFrame(() => {
        const holder = document.activeElement;
        if (holder?.closest(DIALOGS)) return;
        // The focus outside of an open dialog would hide that dialog from screen readers.
        const below = [...document.querySelectorAll<HTMLElement>(DIALOGS)].at(-1);
        if (!below && holder !== null && holder !== document.body && holder.isConnected) return;
        const mayTakeIt = opener?.isConnected && opener !== document.body && !opener.matches(':disabled');
        const target = mayTakeIt && (!below || below.contains(opener)) ? opener : below;
        ((target ?? document.getElementById('page-title')) as HTMLElement | null)?.focus();
      });
    },
    [opener],
  );
}
