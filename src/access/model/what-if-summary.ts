import { createHash } from 'node:crypto';
import type { Line, Summary, WhatIf } from './what-if.ts';

/** Lines that are kept of one answer. */
export const LINES_AT_MOST = 100_000;

/** What is lost first. */
export const ordered = (lines: readonly Line[]): Line[] => [
  ...lines.filter(({ direction }) => direction === 'lost'),
  ...lines.filter(({ direction }) => direction === 'gained'),
];

/** What one would read: who gains and loses what, in whatever order it was found. */
export function digestOf(
  { changes, supposedAt }: Pick<WhatIf, 'changes' | 'supposedAt'>,
  lines: readonly Line[],
): string {
  const hash = createHash('sha256').update(JSON.stringify([changes, supposedAt]));
  const told = lines.map(({ question, subject, object, input, before, after, names }) => {
    const line = JSON.stringify([question, subject.kind, subject.id, object.kind, object.id, input, before, after]);
    // Who comes by the change has another id each time it is tried.
    const named = names.subject === null ? line : line.replaceAll(subject.id, names.subject);
    return names.object === null ? named : named.replaceAll(object.id, names.object);
  });
  for (const line of told.sort()) hash.update(`\n${line}`);
  return hash.digest('base64url');
}

/** The lines in numbers. */
export function summed(
  lines: readonly Line[],
  rights: number,
  refusals: number,
): Omit<Summary, 'digest' | 'shutOut' | 'unheard'> {
  const questions: Record<string, { gained: number; lost: number }> = {};
  const count = { gained: 0, lost: 0 };
  const subjects = { gained: new Set<string>(), arriving: new Set<string>(), lost: new Set<string>() };
  for (const { question, direction, subject, names } of lines) {
    const who = `${subject.kind} ${subject.id}`;
    subjects[direction].add(who);
    if (names.subject !== null && direction === 'gained') subjects.arriving.add(who);
    questions[question] ??= { gained: 0, lost: 0 };
    questions[question][direction] += 1;
    count[direction] += 1;
  }
  const people = {
    gained: subjects.gained.size,
    arriving: subjects.arriving.size,
    lost: subjects.lost.size,
  };
  return { rights, refusals, ...count, subjects: people, questions, isCut: lines.length > LINES_AT_MOST };
}
