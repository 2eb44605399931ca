import { createHash, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { listGrants } from '../../access/index.ts';
import { type ActorFacts, loadActorFacts } from '../../directory/index.ts';
import type { Actor, ApplicationActor } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { type AccountId, type ApplicationId, HOST, parseId, type SessionId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { personAs } from '../../kernel/person.ts';
import { signinFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import { type AccessTokenClaims, hasGoodSignature, isInForce, readUnverified } from '../model/access-token.ts';
import { EVERYTHING, isFirstParty } from '../model/first-party.ts';
import { readTokenStanding, type TokenStanding } from '../store/standing.ts';
import type { Client } from './clients.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What a request shows of its sender. */
export interface Presented {
  readonly bearer: string;
  /** Whether it came from this machine. */
  readonly isLoopback: boolean;
  /** The tenant that an operator wants to act in: an id or a domain. */
  readonly actIn: string | undefined;
  /** Whether it asks for the server's own administration. */
  readonly wantsOperator: boolean;
}

export interface Authenticator {
  /** Who sent it, and in which tenant's name the work is done. @throws unauthenticated when the credential is not good. */
  authenticate(presented: Presented): Promise<{ actor: Actor; tenantId: TenantId }>;
  /** Drops what is known of one account, one tenant's accounts, or everything. */
  forgetAccount(tenantId: TenantId, accountId: string): void;
  forgetTenant(tenantId: TenantId): void;
  forgetAll(): void;
}

export interface AuthenticatorPorts {
  readonly run: Run;
  readonly keys: SigningKeys;
  readonly issuerOf: (tenantId: TenantId) => string;
  readonly findTenantId: (address: string) => Promise<TenantId | undefined>;
  /** An application that is one of the tenant's clients: registered still, open to the tenant, not switched off. */
  readonly findClient: (tenantId: TenantId, id: string) => Promise<Pick<Client, 'mayActAlone'> | undefined>;
  readonly operatorToken: string;
  readonly now: () => Date;
}

/** Standing of a person and, by session, consent and application, of the tokens that they hold. */
interface Person {
  readonly facts: Promise<ActorFacts | undefined>;
  readonly isOperator: Promise<boolean>;
  readonly tokens: Map<string, Promise<TokenStanding>>;
}

const TOKENS_KEPT = 20_000;
const PEOPLE_KEPT = 20_000;
/** Changes are announced; this bounds how long a lost announcement can matter. */
const PERSON_KEPT_MILLISECONDS = 30_000;

const refused = signinFaults.tokenNotGood;

/**
 * Reads access tokens. A token's signature is checked once and remembered until it expires; whether its holder still
 * stands is remembered until something about them changes.
 */
export function createAuthenticator(ports: AuthenticatorPorts): Authenticator {
  const verified = new LRUCache<string, AccessTokenClaims>({ max: TOKENS_KEPT });
  const people = new LRUCache<string, Person>({ max: PEOPLE_KEPT, ttl: PERSON_KEPT_MILLISECONDS });
  const actor = { kind: 'system', name: 'signin.authenticate' } as const;
  const operatorHash = sha256(ports.operatorToken);

  async function verifiedClaims(token: string): Promise<AccessTokenClaims> {
    const known = verified.get(token);
    if (known) {
      if (isInForce(known, { issuer: ports.issuerOf(known.tid as TenantId), now: ports.now() })) return known;
      verified.delete(token);
      throw refused();
    }
    const read = readUnverified(token);
    const tenantId = typeof read?.claims.tid === 'string' ? parseId<'tenant'>(read.claims.tid) : undefined;
    if (!read || !tenantId) throw refused();
    const keys = await ports.keys.of(tenantId).catch((error) => {
      // A tenant that is none is one more token that is not good.
      throw error instanceof Fault && error.kind === 'not-found' ? refused() : error;
    });
    const key = keys.verifying(read.kid, ports.now());
    const expected = { issuer: ports.issuerOf(tenantId), now: ports.now() };
    if (!key || !isInForce(read.claims, expected) || !hasGoodSignature(token, key)) throw refused();
    verified.set(token, read.claims);
    return read.claims;
  }

  function personOf(tenantId: TenantId, accountId: AccountId): Person {
    const key = `${tenantId} ${accountId}`;
    let person = people.get(key);
    if (!person) {
      const facts = ports.run({ tenantId, actor, readOnly: true }, (ctx) => loadActorFacts(ctx, accountId));
      const isOperator = ports.run({ tenantId: HOST, actor, readOnly: true }, async (ctx) => {
        const subjects = [{ kind: 'account', id: accountId }] as const;
        return (await listGrants(ctx, { kind: GRANTS.operator.kind, subjects })).length > 0;
      });
      person = { facts, isOperator, tokens: new Map() };
      people.set(key, person);
      const drop = () => people.delete(key);
      facts.catch(drop);
      isOperator.catch(drop);
    }
    return person;
  }

  function standingOf(holder: Person, tenantId: TenantId, claims: AccessTokenClaims): Promise<TokenStanding> {
    const key = `${claims.sid ?? ''} ${claims.gid ?? ''} ${claims.azp}`;
    let standing = holder.tokens.get(key);
    if (!standing) {
      standing = ports.run({ tenantId, actor, readOnly: true }, (ctx) =>
        readTokenStanding(ctx, {
          sessionId: claims.sid,
          grantId: claims.gid,
          clientId: claims.azp,
          accountId: claims.idtyp === 'user' ? claims.oid : undefined,
        }),
      );
      holder.tokens.set(key, standing);
      standing.catch(() => holder.tokens.delete(key));
    }
    return standing;
  }

  async function personActor(tenantId: TenantId, claims: AccessTokenClaims, wantsOperator: boolean) {
    const accountId = claims.oid as AccountId;
    const person = personOf(tenantId, accountId);
    const [facts, standing] = await Promise.all([person.facts, standingOf(person, tenantId, claims)]);
    if (!facts) throw refused();
    const since = claims.auth_time ?? claims.iat;
    const isTooOld = since < Math.floor(facts.sessionsValidFrom.getTime() / 1000);
    if (!facts.isEnabled || standing.isSessionOver || standing.isGrantRevoked || isTooOld)
      throw signinFaults.sessionEnded(isTooOld ? facts.sessionsValidFrom : ports.now());
    const wanted = (claims.scp ?? '').split(' ').filter((scope) => scope !== '');
    const isOurs = isFirstParty(claims.azp);
    if (!isOurs && !(standing.isApplicationEnabled && (await ports.findClient(tenantId, claims.azp)))) throw refused();
    // Of a token that is limited to something, running the server is not a part.
    if (wantsOperator && isOurs && wanted.includes(EVERYTHING) && (await person.isOperator)) {
      const operator = {
        kind: 'operator',
        displayName: facts.userPrincipalName,
        accountId,
        authenticatedAt: new Date(since * 1000),
      } as const;
      return { actor: operator, tenantId: HOST };
    }
    const account = personAs(
      { ...facts, accountId },
      {
        scopes:
          isOurs && wanted.includes(EVERYTHING)
            ? 'all'
            : wanted.filter((scope) => isOurs || standing.delegated.includes(scope)),
        applicationId: claims.azp as ApplicationId,
        sessionId: (claims.sid as SessionId | undefined) ?? null,
        methods: claims.amr ?? [],
        authenticatedAt: new Date(since * 1000),
      },
    );
    return { actor: account, tenantId };
  }

  async function applicationActor(tenantId: TenantId, claims: AccessTokenClaims) {
    // An application has no account: its standing is kept beside the people's, under its own id.
    const key = `${tenantId} application ${claims.azp}`;
    let holder = people.get(key);
    if (!holder) {
      holder = { facts: Promise.resolve(undefined), isOperator: Promise.resolve(false), tokens: new Map() };
      people.set(key, holder);
    }
    const standing = await standingOf(holder, tenantId, claims);
    const client = await ports.findClient(tenantId, claims.azp);
    if (!standing.isApplicationEnabled || !client?.mayActAlone) throw refused();
    const application: ApplicationActor = {
      kind: 'application',
      applicationId: claims.azp as ApplicationId,
      displayName: standing.applicationName ?? claims.azp,
      // What is consented to now, not what was when the token was written.
      permissions: (claims.roles ?? []).filter((role) => standing.own.includes(role)),
    };
    return { actor: application, tenantId };
  }

  async function operatorActor({ actIn }: Presented) {
    const operator = { kind: 'operator', displayName: 'Operator', accountId: null } as const;
    if (actIn === undefined) return { actor: operator, tenantId: HOST };
    const tenantId = await ports.findTenantId(actIn);
    if (!tenantId) throw kernelFaults.notFound();
    return { actor: operator, tenantId };
  }

  return {
    async authenticate(presented) {
      if (!presented.bearer.includes('.')) {
        // Compared by hash: equal lengths, and nothing learned from how long it takes.
        const isOperator = timingSafeEqual(sha256(presented.bearer), operatorHash);
        if (!isOperator || !presented.isLoopback) throw refused();
        return operatorActor(presented);
      }
      const claims = await verifiedClaims(presented.bearer);
      const tenantId = claims.tid as TenantId;
      if (claims.idtyp === 'app') return applicationActor(tenantId, claims);
      return personActor(tenantId, claims, presented.wantsOperator);
    },
    forgetAccount: (tenantId, accountId) => void people.delete(`${tenantId} ${accountId}`),
    forgetTenant(tenantId) {
      for (const key of people.keys()) if (key.startsWith(tenantId)) people.delete(key);
    },
    forgetAll() {
      people.clear();
      verified.clear();
    },
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();
