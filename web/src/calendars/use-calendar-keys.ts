import { type RefObject, useEffect, useRef } from 'react';
import type { Moved } from './calendar-grid.tsx';
import { nextStop, type View, wishOf } from './keyboard.ts';
import type { Shown } from './sources.ts';
import { plus } from './times.ts';

/** What keys do to the calendar: they reach every event, move it, and turn the pages. */
export function useCalendarKeys(props: {
  grid: RefObject<HTMLElement | null>;
  events: readonly Shown[];
  /** Something lies over the calendar and has the keys. */
  isElsewhere: boolean;
  onNew: () => void;
  onToday: () => void;
  onHelp: () => void;
  onView: (view: View) => void;
  onTurn: (by: 1 | -1) => void;
  onDelete: (shown: Shown) => void;
  onMove: (shown: Shown, to: Moved) => void;
}): void {
  const { grid, events } = props;
  const keys = useRef<(event: KeyboardEvent) => void>(() => {});
  keys.current = (event) => {
    const target = event.target as HTMLElement;
    if (props.isElsewhere) return;
    if (target.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu], [role=combobox]'))
      return;
    const wish = wishOf(event);
    if (!wish) return;
    const element = target.closest<HTMLElement>('[data-key]');
    const shown = events.find(({ key }) => key === element?.dataset.key);
    switch (wish.do) {
      case 'new':
        props.onNew();
        break;
      case 'today':
        props.onToday();
        break;
      case 'help':
        props.onHelp();
        break;
      case 'view':
        props.onView(wish.view);
        break;
      case 'previous':
        props.onTurn(-1);
        break;
      case 'next':
        props.onTurn(1);
        break;
      case 'delete':
        if (!shown?.event || !shown.source.canEdit) return;
        props.onDelete(shown);
        break;
      case 'move':
      case 'resize': {
        if (!shown?.isEditable) return;
        const span = wish.do === 'move' ? { days: wish.days, minutes: wish.minutes } : { minutes: wish.minutes };
        if (shown.isAllDay && span.minutes !== 0) return;
        const to = {
          start: wish.do === 'move' ? plus(shown.start, span) : shown.start,
          end: plus(shown.end, span),
          isAllDay: shown.isAllDay,
        };
        if (to.end <= to.start) return;
        props.onMove(shown, to);
        focusSoon(grid.current, shown.key);
        break;
      }
      case 'focus': {
        const inside = grid.current?.contains(target) || target === document.body || target.id === 'page-title';
        if (!inside) return;
        const seen = new Set(
          [...(grid.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])].map(({ dataset }) => dataset.key),
        );
        const next = nextStop(
          events.filter(({ key }) => seen.has(key)),
          shown?.key,
          wish.to,
        );
        if (next) focusSoon(grid.current, next.key);
        else props.onTurn(wish.to === 'after' || wish.to === 'dayAfter' ? 1 : -1);
        break;
      }
    }
    event.preventDefault();
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => keys.current(event);
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}

/** Gives the focus to an event once it is drawn again. */
function focusSoon(grid: HTMLElement | null, key: string): void {
  let tries = 0;
  const look = () => {
    const element = grid?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (element) element.focus();
    else if (++tries < 10) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
