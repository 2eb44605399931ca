import type { Decision, Question } from './decision.ts';
import type { AccountId, ApplicationId, DecisionId, SessionId, TenantId } from './ids.ts';
import type { SettingsSnapshot } from './settings.ts';

/**
 * A person signed in: an account at home in `tenantId`, or a guest there whose home is elsewhere.
 * `accountId` is always the object in the tenant whose work is done, so a guest's is the guest object.
 */
export interface AccountActor {
  readonly kind: 'account';
  readonly accountId: AccountId;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly homeTenantId: TenantId | null;
  readonly userType: 'Member' | 'Guest';
  /** Administrative roles held here, by name (`user-administrator`). */
  readonly roles: readonly string[];
  /** What the application in between was consented to; `all` for our own web app. */
  readonly scopes: readonly string[] | 'all';
  readonly applicationId: ApplicationId | null;
  readonly sessionId: SessionId | null;
  /** How the person proved who they are (RFC 8176), and when. */
  readonly methods: readonly string[];
  readonly authenticatedAt: Date;
}

/** A program acting for itself, with the application permissions an administrator consented to. */
export interface ApplicationActor {
  readonly kind: 'application';
  readonly applicationId: ApplicationId;
  readonly displayName: string;
  readonly permissions: readonly string[];
}

/** Who keeps the server running. May manage tenants; may not read what is in them. */
export interface OperatorActor {
  readonly kind: 'operator';
  readonly displayName: string;
  readonly accountId: AccountId | null;
  /** When the person signed in; absent for whoever holds the machine itself. */
  readonly authenticatedAt?: Date;
}

/** The server itself: jobs, sweeps, delivery. `name` says which. */
export interface SystemActor {
  readonly kind: 'system';
  readonly name: string;
}

/**
 * Somebody of another organisation who has no object here: their own tenant vouches for who they are, ours decides what
 * they may. `address` lies in a domain that is verified for `homeTenantId`, or the visit is refused before it begins.
 */
export interface VisitorActor {
  readonly kind: 'visitor';
  readonly homeTenantId: TenantId;
  /** Lower case. */
  readonly address: string;
  readonly displayName: string;
}

export interface AnonymousActor {
  readonly kind: 'anonymous';
}

export type Actor = AccountActor | ApplicationActor | OperatorActor | SystemActor | VisitorActor | AnonymousActor;

/** The open transaction, opaque here: only `store/` knows what to do with it. */
export interface Tx {
  readonly __tx: never;
}

export interface EventTarget {
  readonly kind: string;
  readonly id: string;
  readonly displayName?: string;
  /** What changed, old and new, for the audit's reader. Never a secret. */
  readonly changes?: readonly { readonly name: string; readonly old: unknown; readonly new: unknown }[];
}

/** Something that happened and must be remembered: written in the transaction of its effect. */
export interface NewEvent {
  /** `module.noun-happened` for subscribers and the audit alike. */
  readonly action: string;
  /** The audit's category, in the reference product's words (`UserManagement`, `Policy`, …). */
  readonly category: string;
  readonly targets?: readonly EventTarget[];
  readonly result?: 'success' | 'failure';
  readonly reason?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** A decision that was asked for through `ctx.ask`, with the id under which it can be explained later. */
export type Answer<L extends string> = Decision<L> & { readonly decisionId: DecisionId };

/**
 * Everything a use case may know about the request it serves. Always the first argument.
 * The work is done in `tenantId`'s name: its settings, its rows, its audit.
 */
export interface Context {
  readonly tenantId: TenantId;
  readonly actor: Actor;
  readonly now: Date;
  readonly requestId: string;
  /** Follows one piece of work across tenants and requests. */
  readonly correlationId: string;
  readonly clientAddress: string | null;
  readonly tx: Tx;
  /** The tenant itself, as it stood when the request began. The host's own work has none. */
  readonly tenant: TenantFacts;
  /** The tenant's settings as they stood when the request began. */
  readonly settings: SettingsSnapshot;
  /** Whatever is done is undone at the end: what a job would do afterwards is done at once, to be seen. */
  readonly isTrial?: true;

  /** Answers a question and remembers the answer: a refusal even if the transaction rolls back. */
  ask<Input, Facts, L extends string>(
    question: Question<Input, Facts, L>,
    input: Input,
    options?: AskOptions<L>,
  ): Promise<Answer<L>>;
  /** Asks, and throws `access.refused` below `wanted`. */
  demand<Input, Facts, L extends string>(
    question: Question<Input, Facts, L>,
    input: Input,
    wanted: L,
  ): Promise<Answer<L>>;
  /** Writes an event in this transaction; subscribers see it after the commit. */
  record(event: NewEvent): void;
  /** Queues work in this transaction: it runs after the commit, at least once, even after a crash. */
  defer(job: string, payload: Readonly<Record<string, unknown>>, options?: DeferOptions): Promise<void>;
  /**
   * Writes what is all that this request writes, in one transaction with other requests of the tenant, and `event` with
   * it. The answer comes after the commit. Undefined: not like this, and nothing of it is written; the caller writes in
   * its own transaction.
   */
  writeTogether<Row, Answer>(write: WriteTogether<Row, Answer>, row: Row, event: NewEvent): Promise<Answer | undefined>;
  /** Tells live listeners on every node after the commit; may be lost, so never the only copy. */
  announce(topic: string, payload: Readonly<Record<string, unknown>>): Promise<void>;
}

/**
 * Writes rows of several requests of one tenant at once, and answers in their order. What stands against one must keep
 * no other: that one is answered with `undefined` and left alone.
 */
export type WriteTogether<Row, Answer> = (
  where: Pick<Context, 'tx' | 'tenantId'>,
  rows: readonly Row[],
) => Promise<readonly (Answer | undefined)[]>;

/** What every decision may know of the tenant without asking the database. */
export interface TenantFacts {
  readonly id: TenantId;
  readonly displayName: string;
  readonly state: 'active' | 'suspended' | 'deleted';
  readonly suspendedAt: Date | null;
  /** Given at creation, never changed: guests' sign-in names end in it. */
  readonly initialDomain: string;
  readonly defaultDomain: string;
  /** Verified domains, lower case, in A-label form. */
  readonly domains: readonly string[];
}

export interface AskOptions<L extends string = string> {
  /** The level that is needed: below it is a refusal, and explained like one, whatever the asker makes of it. */
  readonly wanted?: NoInfer<L>;
  /** For choosing what to show in a list: the answer filters, nobody was refused, so nothing is written. */
  readonly quiet?: boolean;
}

export interface DeferOptions {
  readonly runAt?: Date;
  /** One job per key: a second one replaces what waits. */
  readonly key?: string;
  /** Of one queue, one job runs at a time. */
  readonly queue?: string;
  readonly maxAttempts?: number;
}
