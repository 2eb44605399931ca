import { expect, test } from 'vitest';
import { type Filter, parseFilters, printFilters } from './filter-lines.ts';

const FILTERS: readonly Filter[] = [
  { attribute: 'department', is: 'equal', value: 'Sales' },
  { attribute: 'jobTitle', is: 'notEqual', value: 'Agent' },
  { attribute: 'city', is: 'startsWith', value: 'Upp' },
  { attribute: 'employeeId', is: 'notEmpty', value: '' },
];

test('who may be brought is read as it was written', () => {
  expect(parseFilters(printFilters(FILTERS))).toEqual(FILTERS);
  expect(parseFilters('\n')).toEqual([]);
});

test('a line that says nothing is named', () => {
  for (const line of ['department', 'department = Sales', '= "x"', 'a is "x"', 'a is not set'])
    expect(parseFilters(`city = "x"\n${line}`), line).toBe(2);
});
