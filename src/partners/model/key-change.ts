/** How an organisation's keys follow one another: what it publishes of that, and what others make of it. */
import type { JWK } from 'jose';
import type { TenantId } from '../../kernel/ids.ts';
import { SignedJsonError, verifyJson } from '../../protocols/signed-json.ts';
import { SUCCESSION, type Succession, WITHDRAWAL, type Withdrawal } from './key-statements.ts';
import type { OrganizationDocument } from './organization-document.ts';

/** A key of a partner as it is known here. */
export interface KnownKey {
  readonly kid: string;
  readonly publicJwk: JWK;
  /** The key that answered for it, where one did. */
  readonly succeeds: string | null;
  readonly heardAt: Date;
  /** Null while only the key before it answers for it, and no administrator here has confirmed it. */
  readonly confirmedAt: Date | null;
  readonly retiredAt: Date | null;
  readonly withdrawnAt: Date | null;
}

/** Keys whose signatures on what is new are the partner's, whenever they were made: late messages were signed earlier. */
export function trustedKeys(keys: readonly KnownKey[]): KnownKey[] {
  const answeredFor = (key: KnownKey): boolean => {
    if (key.withdrawnAt !== null) return false;
    if (key.confirmedAt !== null) return true;
    const before = keys.find(({ kid }) => kid === key.succeeds);
    return before !== undefined && answeredFor(before);
  };
  return keys.filter(answeredFor);
}

/** Keys that a request which arrives now may be signed with. */
export const currentKeys = (keys: readonly KnownKey[]): KnownKey[] =>
  trustedKeys(keys).filter(({ retiredAt }) => retiredAt === null);

/** What a document that was found tells of keys. */
export interface Heard {
  /** It tells less than was heard before: an old one, whoever shows it. Nothing of it counts. */
  readonly isOlder: boolean;
  /** Keys that have said of themselves that they are given up. This counts wherever it was read. */
  readonly withdrawn: readonly string[];
  /** Keys that a trusted one answers for. */
  readonly succeeded: readonly Pick<KnownKey, 'kid' | 'publicJwk' | 'succeeds'>[];
  /** Known keys that sign no more. */
  readonly retired: readonly string[];
}

const same = (a: JWK, b: JWK) => a.kid === b.kid && a.x === b.x;
const among = (keys: readonly JWK[], key: JWK) => keys.some((one) => same(one, key));

/** Reads what a partner's document tells of its keys, as far as keys that are known here answer for it. */
export async function hearKeys(
  known: readonly KnownKey[],
  tenantId: TenantId,
  document: OrganizationDocument,
  signedBy: string,
): Promise<Heard> {
  const { keys, formerKeys = [], successions = [], withdrawals = [] } = document;
  const withdrawn: string[] = [];
  for (const { kid, publicJwk: jwk, withdrawnAt } of known) {
    const said = withdrawals.find(({ statement }) => statement.kid === kid && statement.tenantId === tenantId);
    if (withdrawnAt === null && said && (await holds(said, jwk, WITHDRAWAL))) withdrawn.push(kid);
  }
  const now: KnownKey[] = known.map((key) =>
    withdrawn.includes(key.kid) ? { ...key, withdrawnAt: new Date(0) } : key,
  );

  const succeeded: Heard['succeeded'][number][] = [];
  for (let isMore = true; isMore; ) {
    isMore = false;
    const trusted = trustedKeys(now);
    for (const said of successions) {
      const { by, successor, tenantId: of } = said.statement;
      const before = trusted.find(({ kid }) => kid === by);
      // A key has one successor: whoever comes by it later makes no other.
      const isTaken = now.some(({ kid, succeeds }) => kid === successor.kid || succeeds === by);
      if (!before || isTaken || of !== tenantId || !(await holds(said, before.publicJwk, SUCCESSION))) continue;
      const key = { kid: successor.kid, publicJwk: successor as JWK, succeeds: by };
      succeeded.push(key);
      now.push({ ...key, heardAt: new Date(0), confirmedAt: null, retiredAt: null, withdrawnAt: null });
      isMore = true;
    }
  }

  const current = currentKeys(now);
  const isOlder =
    now.some((key) => (key.withdrawnAt ?? key.retiredAt) !== null && among(keys, key.publicJwk)) ||
    current.some(({ succeeds, publicJwk: jwk }) => succeeds !== null && !among([...keys, ...formerKeys], jwk));
  const isTheirs = !isOlder && current.some(({ kid }) => kid === signedBy);
  const retired = isTheirs ? current.filter((key) => among(formerKeys, key.publicJwk)).map(({ kid }) => kid) : [];
  return { isOlder, withdrawn, succeeded: isOlder ? [] : succeeded, retired };
}

/** Whether a document lists a key that nobody has confirmed, or leaves one out without a word. */
export function changesKeys(known: readonly KnownKey[], { keys, formerKeys = [] }: OrganizationDocument): boolean {
  const isNew = (key: JWK) =>
    !known.some((one) => same(one.publicJwk, key) && one.confirmedAt !== null && one.withdrawnAt === null);
  const all = [...keys, ...formerKeys];
  return keys.some(isNew) || currentKeys(known).some(({ publicJwk: jwk }) => !among(all, jwk));
}

async function holds(said: Succession | Withdrawal, key: JWK, typ: string): Promise<boolean> {
  try {
    await verifyJson(said.statement, said.signature, [key], typ);
    return true;
  } catch (error) {
    if (error instanceof SignedJsonError) return false;
    throw error;
  }
}
