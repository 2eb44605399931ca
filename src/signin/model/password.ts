import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { FIRST_GUESSES } from './first-guesses.ts';

const derive = promisify(argon2);

/** OWASP's first choice for argon2id in 2025: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const TAG_BYTES = 32;
const LONGEST = 256;
const SHORTEST = 10;

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

/** The password's hash in PHC string form, with its parameters and a fresh salt. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const { memory, passes, parallelism } = COST;
  const tag = await derive('argon2id', {
    message: normal(password),
    nonce,
    memory,
    passes,
    parallelism,
    tagLength: TAG_BYTES,
  });
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Stands in where there is no hash, so that an unknown name costs the same time as a known one (IS-12). */
const STAND_IN = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(randomBytes(16))}$${base64(randomBytes(TAG_BYTES))}`;

/** Whether the password belongs to the hash. Without a hash the work is done all the same, and the answer is no. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, memory, passes, parallelism, salt, expected] = PHC.exec(hash ?? STAND_IN) ?? PHC.exec(STAND_IN) ?? [];
  const wanted = Buffer.from(expected ?? '', 'base64');
  const tag = await derive('argon2id', {
    message: normal(password.slice(0, LONGEST)),
    nonce: Buffer.from(salt ?? '', 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: wanted.length,
  });
  return timingSafeEqual(tag, wanted) && hash !== undefined;
}

/** Whether the hash was made with less than today's cost, and should be made anew at the next sign-in. */
export function isOutdated(hash: string): boolean {
  const [, memory, passes] = PHC.exec(hash) ?? [];
  return Number(memory) < COST.memory || Number(passes) < COST.passes;
}

/** What is wrong with a new password, as a sentence for the person, or undefined (NIST SP 800-63B §3.1.1.2). */
export function weaknessOf(password: string, about: readonly string[]): string | undefined {
  if (password.length < SHORTEST) return `Use at least ${SHORTEST} characters. A few words in a row are easy to keep.`;
  if (password.length > LONGEST) return `Use at most ${LONGEST} characters.`;
  const plain = password.toLowerCase();
  const stripped = plain.replace(/[^a-z]/g, '');
  if (FIRST_GUESSES.has(plain) || FIRST_GUESSES.has(stripped) || new Set(plain).size < 4)
    return 'That password is among the first that an attacker tries. Choose another.';
  const named = about.map((part) => part.toLowerCase()).find((part) => part.length >= 4 && plain.includes(part));
  if (named !== undefined && password.length - named.length < 8)
    return 'Leave your name and the name of your organisation out of your password.';
  return undefined;
}

/** Two keyboards may write one letter in two ways; NFKC makes them one (RFC 8265 §4.2). */
const normal = (password: string) => Buffer.from(password.normalize('NFKC'));
