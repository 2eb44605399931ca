import { createHash, randomInt } from 'node:crypto';

/** Letters and digits that cannot be taken for one another: 32 of them, so that each holds five bits. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
/** 26 letters of five bits: 130 random bits. */
const GROUPS = [5, 5, 5, 5, 6];

/** A new password, in groups that a person can type: `abcde-fghij-kmnpq-rstuv-wxyz23`. */
export const newAppPassword = (): string =>
  GROUPS.map((length) => Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('')).join('-');

/** What is kept of a password. Spaces, dashes and capitals do not count, since programs and people add them. */
export const hashAppPassword = (text: string): Buffer =>
  createHash('sha256').update(text.toLowerCase().replace(/[\s-]/g, '')).digest();
