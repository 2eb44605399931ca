export type Sortable = string | number | boolean | Date | null | undefined;

/** Compares for a list: nothing last in either direction, text as the language does, numbers within text by value. */
export function compare(left: Sortable, right: Sortable, isDescending: boolean, language: string): number {
  const isLeftEmpty = left === null || left === undefined || left === '';
  const isRightEmpty = right === null || right === undefined || right === '';
  if (isLeftEmpty || isRightEmpty) return isLeftEmpty === isRightEmpty ? 0 : isLeftEmpty ? 1 : -1;
  const sign = isDescending ? -1 : 1;
  if (typeof left === 'string' && typeof right === 'string') {
    return sign * left.localeCompare(right, language, { numeric: true, sensitivity: 'base' });
  }
  return sign * (Number(left) - Number(right));
}
