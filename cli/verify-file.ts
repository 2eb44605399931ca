import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { SealedEvent, Verdict } from '../src/audit/index.ts';
import type { SealedRecord } from '../src/partners/index.ts';
import { type Answer, UsageError } from './connection.ts';

/** What came of a look at a file: a sentence for one that is whole, or what is wrong with it and where. */
export interface Verified {
  readonly whole?: string;
  readonly fault?: { readonly position: number; readonly problem: string };
  /** For a program that reads it. */
  readonly verdict: unknown;
}

/** A single proof has a few kilobytes; a log of any length begins with another line. */
const PROOF_AT_MOST = 1_000_000;

/**
 * Verifies an export of the audit or of a log shared with a partner, or the proof of one shared record; without a
 * server.
 * @throws UsageError when the file is none of them.
 */
export async function verifyFile(file: string): Promise<Verified> {
  const first = await firstLineOf(file);
  if (first?.log) return verdictOf(await verifyAuditExport(file, first.log), 'events');
  if (first?.sharedLog) return verdictOf(await verifySharedExport(file, first.sharedLog), 'records');
  return verifyProof(file);
}

/**
 * Compares two copies of one log, as two parties hold them. Each must be whole by itself; where they part, somebody has
 * signed two histories.
 * @throws UsageError when they are not copies of one log.
 */
export async function compareFiles(file: string, other: string): Promise<Verified> {
  const [one, two] = [await logIn(file), await logIn(other)];
  if (one === undefined || one !== two) throw new UsageError(`${file} and ${other} are not copies of one log.`);
  for (const each of [file, other]) {
    const verified = await verifyFile(each);
    if (!verified.fault) continue;
    // Alone, a checkpoint tells a range at the worst; beside the other copy, the place.
    const position = (await findFirstDifference(file, other)) ?? verified.fault.position;
    const fault = { position, problem: `${verified.fault.problem}, in ${each}` };
    return { fault, verdict: { isIntact: false, fault } };
  }
  const position = await findFirstDifference(file, other);
  if (position !== undefined) {
    const problem = 'the two copies part, and both are signed: whoever signed them has shown two histories';
    return { fault: { position, problem }, verdict: { isIntact: false, fault: { position, problem } } };
  }
  const same = Math.min(await countEntries(file), await countEntries(other));
  const whole = `Both are whole and say the same, as far as the shorter goes: ${same} entries.`;
  return { whole, verdict: { isIntact: true, same } };
}

/** Where two copies part first; undefined where one only ends before the other. */
async function findFirstDifference(file: string, other: string): Promise<number | undefined> {
  const [ours, theirs] = [entriesOf(file), entriesOf(other)];
  for (let position = 0; ; position += 1) {
    const [left, right] = [await ours.next(), await theirs.next()];
    if (left.done || right.done) return undefined;
    if (left.value !== right.value) return position;
  }
}

async function countEntries(file: string): Promise<number> {
  let count = 0;
  for await (const _ of entriesOf(file)) count += 1;
  return count;
}

/** Whose log it is, or between whom. */
async function logIn(file: string): Promise<string | undefined> {
  const first = await firstLineOf(file);
  if (first?.log) return first.log.tenantId;
  return first?.sharedLog && `${first.sharedLog.keeper} ${first.sharedLog.partner}`;
}

async function* entriesOf(file: string): AsyncGenerator<string> {
  for await (const { event, written } of linesOf(file)) {
    if (event) yield JSON.stringify(event);
    // What was sealed, without the hash that some exports have beside it.
    if (written) yield JSON.stringify([written.sequence, written.at, written.record]);
  }
}

/** A verdict in words. */
export function verdictOf(verdict: Verdict, noun: string): Verified {
  const { isIntact, events, checkpoints, fault } = verdict;
  if (!isIntact) return { fault: fault ?? { position: 0, problem: 'it is not whole' }, verdict };
  return { whole: `The log is whole: ${events} ${noun} under ${checkpoints} signed checkpoints.`, verdict };
}

async function verifyProof(file: string): Promise<Verified> {
  const { problemOfProof, PROOF_FORMAT, sharedProof } = await import('../src/partners/index.ts');
  const text = (await readFile(file)).subarray(0, PROOF_AT_MOST).toString('utf8');
  let read: ReturnType<typeof sharedProof.safeParse>;
  try {
    read = sharedProof.safeParse(JSON.parse(text));
  } catch {
    throw new UsageError(`${file} is no export of an audit log and no proof of a record.`);
  }
  if (!read.success) throw new UsageError(`${file} is no export of an audit log and no proof (${PROOF_FORMAT}).`);
  const { ours, theirs } = read.data;
  const problem = problemOfProof(read.data);
  const verdict = { isIntact: problem === undefined, record: ours.written, keys: ours.keys, problem };
  if (problem !== undefined) return { fault: { position: ours.sequence, problem }, verdict };
  const { what, outcome } = ours.written.record;
  const both = theirs === null ? 'The other organisation has not confirmed it.' : 'Both organisations wrote it down.';
  const whole = `The record holds: ${what} (${outcome}) at ${ours.written.at}. ${both} Compare the keys with those that each organisation publishes.`;
  return { whole, verdict };
}

/** Without a checkpoint at its end, a log that was cut or lengthened would look whole. */
function demandSignedEnd(verdict: Verdict, signed: number, noun: string): Verdict {
  if (!verdict.isIntact || signed === verdict.events) return verdict;
  const problem = `the ${noun} from ${signed} on stand under no checkpoint`;
  return { ...verdict, isIntact: false, fault: { position: signed, problem } };
}

/**
 * The checkpoints stand behind the rest, and neither need fit into memory: the file is read by two at once.
 * `signed` is how far the last one goes that was read.
 */
function checkpointsOf(file: string, isKnown: (line: Answer) => boolean) {
  const found = { signed: 0, checkpoints: read() };
  return found;
  async function* read(): AsyncGenerator<{ size: number; note: string }> {
    for await (const line of linesOf(file)) {
      if (!line.checkpoint && !isKnown(line)) throw new UsageError(`${file} is no export of an audit log.`);
      if (!line.checkpoint) continue;
      found.signed = line.checkpoint.size;
      yield line.checkpoint;
    }
  }
}

async function verifyAuditExport(file: string, log: { tenantId: string; publicKey: string | null }): Promise<Verdict> {
  if (log.publicKey === null) {
    for await (const line of linesOf(file)) {
      if (line.log) continue;
      const fault = { position: 0, problem: 'the key of the log is missing' };
      return { isIntact: false, events: 0, checkpoints: 0, fault };
    }
    return { isIntact: true, events: 0, checkpoints: 0 };
  }
  // Loaded here alone: it brings half the server with it, and every other command starts without.
  const { verifyLog } = await import('../src/audit/index.ts');
  const { tenantId, publicKey } = log;
  const found = checkpointsOf(file, (line) => Boolean(line.event ?? line.log));
  const verdict = await verifyLog({ tenantId, publicKey, events: eventsOf(file), checkpoints: found.checkpoints });
  return demandSignedEnd(verdict, found.signed, 'events');
}

async function verifySharedExport(
  file: string,
  log: { keeper: string; partner: string; keys: { kty: string; kid: string }[] },
): Promise<Verdict> {
  const { verifySharedLog } = await import('../src/partners/index.ts');
  const found = checkpointsOf(file, (line) => Boolean(line.written ?? line.sharedLog));
  const verdict = await verifySharedLog({ ...log, records: recordsOf(file), checkpoints: found.checkpoints });
  return demandSignedEnd(verdict, found.signed, 'records');
}

async function* eventsOf(file: string): AsyncGenerator<SealedEvent> {
  for await (const { event } of linesOf(file)) {
    if (event) yield { event: { ...event, at: new Date(event.at) }, leaf: null };
  }
}

async function* recordsOf(file: string): AsyncGenerator<SealedRecord> {
  for await (const { written } of linesOf(file)) {
    if (!written) continue;
    const { leaf } = written;
    yield { ...written, leaf: typeof leaf === 'string' ? Buffer.from(leaf, 'base64') : null };
  }
}

async function firstLineOf(file: string): Promise<Answer | undefined> {
  try {
    for await (const line of linesOf(file)) return line;
  } catch (error) {
    // A proof may be spread over many lines.
    if (error instanceof NotJson) return undefined;
    throw error;
  }
  return undefined;
}

class NotJson extends UsageError {}

async function* linesOf(file: string): AsyncGenerator<Answer> {
  const content = createReadStream(file, 'utf8');
  const failed = new Promise<never>((_, reject) =>
    content.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UsageError(`${file} cannot be read (${error.code}).`)),
    ),
  );
  await Promise.race([new Promise((opened) => content.once('open', opened)), failed]);
  failed.catch(() => {});
  for await (const line of createInterface({ input: content, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue;
    try {
      yield JSON.parse(line);
    } catch {
      throw new NotJson(`${file} is no export of an audit log: a line is not JSON.`);
    }
  }
}
