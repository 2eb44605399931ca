import { createHash, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type ActorFacts, loadActorFacts } from '../../directory/index.ts';
import type { AccountActor, Actor } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { personAs } from '../../kernel/person.ts';
import { signinFaults } from '../faults.ts';
import { hashAppPassword } from '../model/app-password.ts';
import { verifyAppPassword } from './app-passwords.ts';
import { countSignInAttempt, forgetSignInAttempts } from './limit-attempts.ts';

/** What a program may do that signs in by an app password: what calendar and address book programs need, no more. */
export const APP_PASSWORD_SCOPES = ['Calendars.ReadWrite.Shared', 'Contacts.ReadWrite', 'MailboxSettings.ReadWrite'];

/** A name and a password as a program shows them (RFC 7617). */
export interface NameAndPassword {
  readonly name: string;
  readonly password: string;
  readonly address: string | null;
}

export interface BasicSignIn {
  /** Whose program it is. @throws unauthenticated; throttled after too many wrong ones. */
  authenticate(shown: NameAndPassword): Promise<{ actor: Actor; tenantId: TenantId }>;
  /** Drops what is known of one account, one tenant's accounts, or everybody. */
  forgetAccount(tenantId: TenantId, accountId: string): void;
  forgetTenant(tenantId: TenantId): void;
  forgetAll(): void;
}

export interface BasicSignInPorts {
  readonly run: Run;
  /** Whose organisation holds a domain. */
  readonly findTenantId: (domain: string) => Promise<TenantId | undefined>;
}

interface Verified {
  readonly passwordHash: Buffer;
  readonly tenantId: TenantId;
  readonly accountId: AccountId;
  readonly facts: ActorFacts;
  readonly since: Date;
}

const NAMES_KEPT = 20_000;
/** A person has a telephone and a computer, each with a password of its own. */
const PROGRAMS_KEPT_EACH = 8;
/** Its end is announced; this bounds how long a lost announcement can matter. */
const VERIFIED_KEPT_MILLISECONDS = 60_000;
/** A telephone with an old password asks every minute: that is one guess, not fifteen. */
const WRONG_KEPT_MILLISECONDS = 5 * 60_000;

const actor = { kind: 'system', name: 'signin.basic' } as const;

/**
 * Signs programs in by app passwords. Such a program asks many times a second, so a password that was right is kept for
 * a minute, as its hash, and a request that shows it again costs no statement.
 */
export function createBasicSignIn(ports: BasicSignInPorts): BasicSignIn {
  const known = new LRUCache<string, Verified[]>({ max: NAMES_KEPT, ttl: VERIFIED_KEPT_MILLISECONDS });
  const wrong = new LRUCache<string, true>({ max: NAMES_KEPT, ttl: WRONG_KEPT_MILLISECONDS });

  const nameOf = new LRUCache<string, string>({ max: NAMES_KEPT });
  /** Grows with everything forgotten, so that what was read before is not kept after. */
  let forgotten = 0;
  /** A program that asks sixteen things at once shows one password, and guesses once. */
  const underWay = new Map<string, Promise<Verified>>();

  const verify = (tenantId: TenantId, name: string, password: string): Promise<Verified | undefined> =>
    ports.run({ tenantId, actor }, async (ctx) => {
      const accountId = await verifyAppPassword(ctx, name, password);
      const facts = accountId && (await loadActorFacts(ctx, accountId));
      if (!accountId || !facts?.isEnabled) return undefined;
      return { passwordHash: hashAppPassword(password), tenantId, accountId, facts, since: ctx.now };
    });

  async function check(shown: NameAndPassword & { readonly guess: string }): Promise<Verified> {
    const { name, password, address, guess } = shown;
    const tenantId = await ports.findTenantId(name.slice(name.lastIndexOf('@') + 1));
    if (!tenantId) throw signinFaults.wrongAppPassword();
    const before = forgotten;
    // Names of nobody are counted like those of somebody, so that neither is told from the other (IS-12). Not with the
    // attempts at the person's own password: a forgotten telephone does not keep them from signing in.
    await countSignInAttempt(ports, { tenantId, name: `app-password ${name}`, address });
    const verified = await verify(tenantId, name, password);
    if (!verified) {
      wrong.set(guess, true);
      throw signinFaults.wrongAppPassword();
    }
    await forgetSignInAttempts(ports, tenantId, `app-password ${name}`);
    if (before === forgotten) {
      known.set(name, [...(known.get(name) ?? []), verified].slice(-PROGRAMS_KEPT_EACH));
      nameOf.set(`${tenantId} ${verified.accountId}`, name);
    }
    return verified;
  }

  /** Whoever asks after something was forgotten does not hear what was found before. */
  const forget = () => {
    forgotten += 1;
    underWay.clear();
  };

  return {
    async authenticate({ name: shownName, password, address }) {
      const name = shownName.trim().toLowerCase();
      const passwordHash = hashAppPassword(password);
      const found = known.get(name)?.find((one) => timingSafeEqual(one.passwordHash, passwordHash));
      if (found) return { actor: actorOf(found), tenantId: found.tenantId };
      const guess = createHash('sha256').update(name).update('\0').update(passwordHash).digest('base64');
      if (wrong.has(guess) || !name.includes('@')) throw signinFaults.wrongAppPassword();
      const key = `${guess} ${address}`;
      let checking = underWay.get(key);
      if (!checking) {
        checking = check({ name, password, address, guess });
        underWay.set(key, checking);
        const done = () => underWay.get(key) === checking && underWay.delete(key);
        checking.then(done, done);
      }
      const verified = await checking;
      return { actor: actorOf(verified), tenantId: verified.tenantId };
    },
    forgetAccount(tenantId, accountId) {
      forget();
      const name = nameOf.get(`${tenantId} ${accountId}`);
      if (name !== undefined) known.delete(name);
      // Somebody let in again finds their program's password good again.
      wrong.clear();
    },
    forgetTenant(tenantId) {
      forget();
      for (const [name, [one]] of known.entries()) if (one?.tenantId === tenantId) known.delete(name);
      wrong.clear();
    },
    forgetAll() {
      forget();
      known.clear();
      wrong.clear();
    },
  };
}

/** Never with administrative roles: whoever finds a telephone does not administer an organisation. */
const actorOf = ({ accountId, facts, since }: Verified): AccountActor =>
  personAs(
    { ...facts, accountId, roles: [] },
    { scopes: APP_PASSWORD_SCOPES, methods: ['pwd'], authenticatedAt: since },
  );
