/** Who may be brought, as lines that a person reads and writes: `department = "Sales"`, `employeeId is set`. */
export interface Filter {
  readonly attribute: string;
  readonly is: 'equal' | 'notEqual' | 'startsWith' | 'notEmpty';
  readonly value: string;
}

const SIGNS = { equal: '=', notEqual: '!=', startsWith: 'starts with' } as const;
const LINE = /^(\w+)\s*(?:(=|!=|starts with)\s*"([^"]*)"|(is set))$/;

export const printFilters = (filters: readonly Filter[]): string =>
  filters
    .map(({ attribute, is, value }) =>
      is === 'notEmpty' ? `${attribute} is set` : `${attribute} ${SIGNS[is]} "${value}"`,
    )
    .join('\n');

/** The filters in the lines; or the first line that is none, counted from 1. */
export function parseFilters(text: string): readonly Filter[] | number {
  const found: Filter[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [, attribute, sign, value = '', isSet] = LINE.exec(line.trim()) ?? [];
    if (attribute === undefined) return index + 1;
    const named = Object.entries(SIGNS).find(([, one]) => one === sign);
    found.push({ attribute, is: isSet ? 'notEmpty' : (named![0] as Filter['is']), value });
  }
  return found;
}
