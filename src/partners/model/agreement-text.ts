import { parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import type { AgreementTerm } from '../../kernel/agreement.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { partnersFaults } from '../faults.ts';
import { type AgreedTerm, type AgreementText, agreementText, type Reach, TERMS_AT_MOST } from './agreement.ts';

/** A term as people write it: one side may be left out, and is then taken to go as far as the other. */
const names = z.array(z.string().trim().min(1).max(320).toLowerCase()).max(500).optional();
const writtenReach = z.union([
  z.string().max(60),
  z.strictObject({
    level: z.string().max(60),
    whom: z
      .union([z.literal('everyone'), z.strictObject({ people: names, groups: names, domains: names })])
      .default('everyone'),
    until: z.iso
      .datetime({ offset: true })
      .transform((text) => new Date(text).toISOString())
      .nullable()
      .default(null),
  }),
]);
export const writtenTerm = z.strictObject({
  term: z.string().trim().max(100),
  of: z.string().trim().max(253).toLowerCase(),
  offers: writtenReach.optional(),
  accepts: writtenReach.optional(),
});
export const writtenAgreement = z.strictObject({
  title: z.string().trim().min(1).max(200).optional(),
  terms: z.array(writtenTerm).max(TERMS_AT_MOST),
});
export type WrittenAgreement = z.output<typeof writtenAgreement>;
export type WrittenReach = z.output<typeof writtenReach>;
export { writtenReach };

export function readReach(written: WrittenReach): Reach {
  if (typeof written === 'string') return { level: written, whom: 'everyone', until: null };
  const { level, whom, until } = written;
  if (whom === 'everyone') return { level, whom, until };
  // A list of nobody is left out: it says nothing.
  const named = Object.entries(whom).filter(([, list]) => (list?.length ?? 0) > 0);
  return { level, whom: Object.fromEntries(named) as Reach['whom'], until };
}

/**
 * Terms as they are signed, from what somebody wrote.
 * @throws partners.agreement-term-unknown, partners.agreement-level-unknown; request.invalid.
 */
export function readTerms(written: WrittenAgreement['terms'], known: readonly AgreementTerm[]): AgreedTerm[] {
  return written.map(({ term: name, of, offers, accepts }) => {
    const term = known.find((one) => one.name === name);
    if (!term) throw partnersFaults.agreementTermUnknown(name);
    const either = offers ?? accepts;
    if (either === undefined) throw kernelFaults.invalid(`"${name}" needs what is offered, or what is accepted.`);
    const mirrored: Reach = { ...readReach(either), whom: 'everyone' };
    const read = {
      term: name,
      of,
      offers: offers === undefined ? mirrored : readReach(offers),
      accepts: accepts === undefined ? mirrored : readReach(accepts),
    };
    for (const { level } of [read.offers, read.accepts])
      if (!term.levels.includes(level)) throw partnersFaults.agreementLevelUnknown(name, level, term.levels);
    return read;
  });
}

/** The text of a version for people: the same values in the same order as those that are signed. */
export function printAgreement(text: AgreementText, remarks: readonly string[] = []): string {
  const comments = remarks.map((line) => `# ${line.replaceAll('\n', ' ')}\n`).join('');
  return `${comments}${stringify(text, { lineWidth: 0 })}`;
}

/**
 * Reads what `printAgreement` printed, or what somebody wrote of it: a title and terms.
 * @throws request.invalid, naming the line where it can.
 */
export function parseAgreement(text: string): {
  readonly signed: AgreementText | undefined;
  readonly written: WrittenAgreement;
} {
  const document = parseDocument(text, { maxAliasCount: 0 } as never);
  const problem = document.errors[0];
  if (problem) throw kernelFaults.invalid(`The text cannot be read: ${problem.message.split('\n')[0]}`);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw kernelFaults.invalid('The text cannot be read: it refers to parts of itself.');
  }
  const signed = agreementText.safeParse(value);
  const found = signed.success ? { title: signed.data.title, terms: signed.data.terms } : onlyWritten(value);
  const written = writtenAgreement.safeParse(found);
  if (!written.success) {
    const [issue] = written.error.issues;
    throw kernelFaults.invalid(`"${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'The text cannot be read.'}`);
  }
  return { signed: signed.success ? signed.data : undefined, written: written.data };
}

/** Of a whole text that somebody changed, the head is the server's to write. */
function onlyWritten(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const HEAD = ['v', 'kind', 'agreementId', 'version', 'previous', 'author', 'parties', 'settles'];
  return Object.fromEntries(Object.entries(value).filter(([name]) => !HEAD.includes(name)));
}
