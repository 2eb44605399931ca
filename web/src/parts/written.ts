import { useState } from 'react';
import { useTenant } from '../shell/tenant.ts';

/**
 * What is being written in a long form, kept in this window until it is sent: a form that was closed by mistake opens
 * with it again. `from`: what it was begun on; once that is another one, what was written is nothing any more.
 */
export function useWritten<Value>(form: string, from: string, initial: Value) {
  const key = `entente.written.${useTenant()}.${form}`;
  const [found] = useState(() => read<Value>(sessionStorage.getItem(key), from));
  const [value, setValue] = useState(found ?? initial);
  const [isFound, setIsFound] = useState(found !== undefined);
  const forget = () => sessionStorage.removeItem(key);
  return {
    value,
    /** Whether it was written before and is here again. */
    isFound,
    change: (next: (before: Value) => Value) =>
      setValue((before) => {
        const after = next(before);
        sessionStorage.setItem(key, JSON.stringify({ from, value: after }));
        return after;
      }),
    forget,
    startOver() {
      forget();
      setValue(initial);
      setIsFound(false);
    },
  };
}

function read<Value>(text: string | null, from: string): Value | undefined {
  try {
    const kept = JSON.parse(text ?? '{}') as { from?: string; value?: Value };
    return kept.from === from ? kept.value : undefined;
  } catch {
    return undefined;
  }
}
