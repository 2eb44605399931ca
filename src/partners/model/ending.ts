import { z } from 'zod';
import type { EndedItem, Outsider, Tie, TiedItem } from '../../kernel/module.ts';
import type { JsonSignature } from '../../protocols/signed-json.ts';
import type { SignedDocument } from './organization-document.ts';

/** A parting with another organisation, or with one of its people. */
export interface Ending extends Outsider {
  readonly id: string;
  readonly displayName: string;
  /** The agreement whose end it is: what stood on it ends, and the partner stays one. Null: the parting itself. */
  readonly agreementId: string | null;
  readonly kinds: readonly string[] | null;
  readonly reason: string | null;
  readonly askedBy: string;
  readonly askedAt: Date;
  /** How many of each kind there were when it began. */
  readonly found: Readonly<Record<string, number>>;
  readonly state: 'running' | 'done';
  readonly endedAt: Date | null;
  /** Whether the partner knows. */
  readonly notice: 'none' | 'outstanding' | 'confirmed';
  readonly noticeAttempts: number;
  readonly noticeFailure: string | null;
  readonly noticedAt: Date | null;
  readonly receipt: SignedReceipt | null;
}

/** What an agreement is counted as. */
export const AGREEMENT = 'partners.agreement';

/** What every kind is called in a receipt. */
export const titlesOf = (ties: readonly Pick<Tie, 'titles'>[]): Readonly<Record<string, string>> =>
  Object.assign({ [AGREEMENT]: 'Agreement' }, ...ties.map(({ titles }) => titles));

/** One thing that ended, with what became of it. */
export type EndingItem = TiedItem & Omit<EndedItem, 'id'> & { readonly tie: string };

const outcome = z.enum(['revoked', 'transferred', 'irrecoverable']);

/** What a receipt says: all that was found, and what became of each. */
export const receiptShape = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  by: z.strictObject({ tenantId: z.string(), displayName: z.string(), domains: z.array(z.string()) }),
  with: z.strictObject({
    displayName: z.string(),
    tenantId: z.string().nullable(),
    domains: z.array(z.string()),
    /** The one guest; null: the whole organisation. */
    accountId: z.string().nullable(),
    /** The agreement with whose end it ended; absent where the parting was of everything. */
    agreementId: z.string().optional(),
  }),
  begunAt: z.string(),
  endedAt: z.string(),
  kinds: z.array(
    z.strictObject({
      kind: z.string(),
      title: z.string(),
      /** In the ledger when it began. */
      found: z.number().int(),
      revoked: z.number().int(),
      transferred: z.number().int(),
      irrecoverable: z.number().int(),
    }),
  ),
  items: z.array(
    z.strictObject({
      kind: z.string(),
      id: z.string(),
      subject: z.string(),
      object: z.string(),
      outcome,
      detail: z.string().nullable(),
    }),
  ),
  /** What nobody can call back. */
  cannotRecall: z.array(z.string()),
  partnerNotice: z.strictObject({
    state: z.enum(['none', 'outstanding', 'confirmed']),
    confirmedAt: z.string().nullable(),
  }),
});
export type Receipt = z.output<typeof receiptShape>;

/** With what is needed to check it: what its author published of itself when it was signed. */
export interface SignedReceipt {
  readonly receipt: Receipt;
  readonly signature: JsonSignature;
  readonly organization: SignedDocument;
}

const WHAT_NOBODY_RECALLS = [
  'Mail that was delivered, copies that were downloaded, and what the other server keeps of its own.',
];

/** The receipt of an ending that is done. */
export function receiptOf(
  ending: Ending,
  items: readonly EndingItem[],
  about: {
    readonly by: Receipt['by'];
    readonly titles: Readonly<Record<string, string>>;
    readonly cannotRecall: readonly string[];
  },
): Receipt {
  const kinds = new Set([...Object.keys(ending.found), ...items.map(({ kind }) => kind)]);
  const count = (kind: string, wanted: string) =>
    items.filter((one) => one.kind === kind && one.outcome === wanted).length;
  return {
    v: 1,
    id: ending.id,
    by: about.by,
    with: {
      displayName: ending.displayName,
      tenantId: ending.tenantId,
      domains: [...ending.domains],
      accountId: ending.accountId,
      ...(ending.agreementId === null ? {} : { agreementId: ending.agreementId }),
    },
    begunAt: ending.askedAt.toISOString(),
    endedAt: (ending.endedAt ?? ending.askedAt).toISOString(),
    kinds: [...kinds].sort().map((kind) => ({
      kind,
      title: about.titles[kind] ?? kind,
      // With what was given since it began.
      found: Math.max(ending.found[kind] ?? 0, items.filter((one) => one.kind === kind).length),
      revoked: count(kind, 'revoked'),
      transferred: count(kind, 'transferred'),
      irrecoverable: count(kind, 'irrecoverable'),
    })),
    items: items.map(({ kind, id, subject, object, outcome, detail }) => ({
      kind,
      id,
      subject,
      object,
      outcome,
      detail: detail ?? null,
    })),
    cannotRecall: [...WHAT_NOBODY_RECALLS, ...about.cannotRecall],
    partnerNotice: { state: ending.notice, confirmedAt: ending.noticedAt?.toISOString() ?? null },
  };
}

/** As the audit names whom a parting is about. */
export const targetOf = ({ tenantId, accountId, domains, displayName }: Outsider & { readonly displayName: string }) =>
  accountId === null
    ? { kind: 'partner', id: tenantId ?? domains[0] ?? '', displayName }
    : { kind: 'account', id: accountId, displayName };
