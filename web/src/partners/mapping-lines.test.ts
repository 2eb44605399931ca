import { expect, test } from 'vitest';
import { type Mapping, parseMappings, printMappings } from './mapping-lines.ts';

const MAPPINGS: readonly Mapping[] = [
  { kind: 'direct', target: 'displayName', source: 'displayName' },
  { kind: 'constant', target: 'companyName', value: 'Contoso "Ltd"' },
  { kind: 'join', target: 'jobTitle', sources: ['department', 'jobTitle'], separator: ', ' },
];

test('what is told of people is read as it was written', () => {
  expect(parseMappings(printMappings(MAPPINGS))).toEqual(MAPPINGS);
  expect(parseMappings('a = b\n\n c = d + e')).toEqual([
    { kind: 'direct', target: 'a', source: 'b' },
    { kind: 'join', target: 'c', sources: ['d', 'e'], separator: ' ' },
  ]);
});

test('a line that says nothing is named', () => {
  for (const line of ['b', 'a =', 'a = b +', 'a = b c', 'a = "x', 'a = + b', 'a = b + "-" + c + "/" + d'])
    expect(parseMappings(`x = y\n${line}`), line).toBe(2);
});
