import type { z } from 'zod';
import type { AgreementTerm } from './agreement.ts';
import type { Actor, Context } from './context.ts';
import type { PartnerCheck, PartnershipUnderTest } from './diagnosis.ts';
import type { TenantId } from './ids.ts';
import type { Question } from './question.ts';
import type { SettingsDeclaration } from './settings.ts';

/** A recorded event, as subscribers receive it. */
export interface PublishedEvent {
  readonly id: string;
  readonly action: string;
  readonly at: string;
  readonly targets: readonly { readonly kind: string; readonly id: string; readonly displayName?: string }[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly actor: { readonly kind: string; readonly id: string | null };
}

/** Work that runs after the request that queued it, in its tenant's name. Must bear being run twice. */
export interface Job {
  readonly name: string;
  /** `none` for a job that asks others: it opens what it needs by itself and holds nothing while it waits. */
  readonly transaction?: 'write' | 'none';
  run(ctx: Context, payload: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Work that runs by the clock, once for each tenant. `cron` in UTC, five fields. */
export interface Sweep {
  readonly name: string;
  readonly cron: string;
  run(ctx: Context): Promise<void>;
}

export interface Subscriber {
  readonly name: string;
  /** Actions it wants: exact (`directory.guest-redeemed`) or a module (`directory.*`). */
  readonly to: readonly string[];
  /** Asked in the event's own transaction, once it is recorded: whether it concerns anybody. Without it, it always does. */
  concerns?(ctx: Context, event: PublishedEvent): Promise<boolean>;
  handle(ctx: Context, event: PublishedEvent): Promise<void>;
}

/** Opens a transaction in a tenant's name and does work in it. The only way in that is not a request. */
export type Run = <T>(
  work: {
    tenantId: TenantId;
    actor: Actor;
    correlationId?: string;
    readOnly?: boolean;
    clientAddress?: string | null;
    /**
     * `none`: no transaction is opened; what needs one opens it by itself. `trial`: whatever is done is undone at the
     * end, nothing of it is told or kept, and all of it sees the organisation as it stood at one moment.
     */
    transaction?: 'none' | 'trial';
  },
  act: (ctx: Context) => Promise<T>,
) => Promise<T>;

/**
 * What another organisation may ask of ours, answered in our tenant's context with a visitor as the actor. JSON both
 * ways, parsed here before it is believed; how it travels (in process, or signed over HTTPS) is not its business.
 */
export interface PartnerRequest {
  /** `calendars.availability` */
  readonly name: string;
  readonly shape: z.ZodType;
  /** `none` for one that asks others while it answers: it opens what it needs by itself. */
  readonly transaction: 'read' | 'write' | 'none';
  /** Housekeeping between servers: both sides write nothing down about it. All else goes into the log they share. */
  readonly isRoutine?: true;
  /** Addresses of the persons it is about, for that log. Never more than were named in what was asked. */
  // biome-ignore lint/suspicious/noExplicitAny: each reads its own parsed shape.
  concerns?(asked: any): readonly string[];
  /** Also from organisations that nobody here has confirmed yet: all they can do is ask to be known, or propose. */
  readonly fromStrangers?: true;
  // biome-ignore lint/suspicious/noExplicitAny: each answers its own parsed shape.
  answer(ctx: Context, asked: any): Promise<unknown>;
}

/** Who asks another organisation, on whose behalf. */
export interface Envoy {
  readonly tenantId: TenantId;
  /** Lower case, in a verified domain of that tenant. */
  readonly address: string;
  readonly displayName: string;
  readonly correlationId: string;
  /** Of this one request and its answer, however often it is sent. Given on the way, never by who asks. */
  readonly exchangeId?: string;
}

/** Something that one organisation did and another one keeps a note of, in the log that the two share. */
export interface SharedAct {
  /** The event's action: `directory.guest-redeemed`. */
  readonly action: string;
  /** Whom it was done to: the organisation, and persons by address. Undefined where that is nobody elsewhere. */
  concerns(ctx: Context, event: PublishedEvent): Promise<SharedConcern | undefined>;
}

export interface SharedConcern {
  /** The organisation, or a domain by which it is found. */
  readonly partner: { readonly tenantId: TenantId } | { readonly domain: string };
  readonly about: readonly string[];
}

/** Our way to other organisations, on this server or elsewhere. Never ask while a transaction is open. */
export interface Partners {
  /** The organisation that holds a domain, if there is one that `from` can reach. */
  findByDomain(from: TenantId, domain: string): Promise<TenantId | undefined>;
  /**
   * Puts one request and waits for its answer.
   * @throws the partner's own fault, without its facts; `partners.unreachable` when no answer came in time.
   */
  ask(envoy: Envoy, to: TenantId, request: string, asked: unknown): Promise<unknown>;
}

/** A collection of a wire that programs can be told about when something in it changes. */
export interface ChangeCollection {
  /** As it stands in the address: `users`. */
  readonly name: string;
  readonly odataType: string;
  /** What an event's target must be (`account`), and which actions mean what. */
  readonly targetKind: string;
  readonly actions: Readonly<Record<string, 'created' | 'updated' | 'deleted'>>;
  /** For a collection that stands below something else. A subscription is to all that is in one such place. */
  readonly place?: ChangePlace;
  /** Whether the context's actor may read this collection, the one thing in it, or what is in the place. */
  mayRead(ctx: Context, objectId: string | null): Promise<boolean>;
}

/** Where things are that hang below others: `/me/events` are in a calendar. */
export interface ChangePlace {
  /** The addresses that name such a place, for whoever wrote another: `/me/events`. */
  readonly addresses: readonly string[];
  /**
   * The id of the place that an address names; undefined for an address of another form.
   * @throws not-found for one that names nothing.
   */
  find(ctx: Context, address: readonly string[]): Promise<string | undefined>;
  /** In which place a change happened. */
  of(event: PublishedEvent): string | undefined;
}

/**
 * What open pages follow: they are told that something in it changed and never what, and read it again on the way on
 * which everything is decided.
 */
export interface Followed {
  /** As pages name it: `calendars`. */
  readonly name: string;
  /** Where an event changed something, by the ids that `find` gives. */
  of(event: Pick<PublishedEvent, 'action' | 'targets' | 'facts'>): readonly string[];
  /** What a page means by a name; undefined for what whoever asks may not know of. */
  find(ctx: Context, named: string): Promise<string | undefined>;
}

/** A question of any kind, as the explainer holds it: it checks the input before it gathers the facts. */
// biome-ignore lint/suspicious/noExplicitAny: facts and levels differ from question to question and stay inside each.
export type AnyQuestion = Question<any, any, any, any>;

/** Somebody who may hold a right that a question gives, on something. */
export interface Right {
  /** A person here, somebody known by an address (`contact`), all of a domain or a tenant, whoever holds a link. */
  readonly subject: { readonly kind: string; readonly id: string; readonly homeDomain: string | null };
  readonly object: { readonly kind: string; readonly id: string };
  /** What the question is put about. */
  readonly input: unknown;
}

/** Somebody from elsewhere whose rights here turn on what only their home knows: who they are there, and in which groups. */
export interface PersonElsewhere {
  readonly homeTenantId: TenantId;
  /** By which it is named where it does not answer. */
  readonly homeDomain: string;
  /** As home knows them: by the address that was invited, or by their id there. */
  readonly person: { readonly address: string } | { readonly userId: string };
  /** Of the people and groups there, those that decide here. */
  readonly among: { readonly users: readonly string[]; readonly groups: readonly string[] };
}

/** What home said of one of its people. */
export interface SaidByHome {
  readonly homeLetsOut: boolean;
  /** What home calls its refusal. */
  readonly homeReference: string | null;
  readonly userId: string | null;
  readonly groupIds: readonly string[];
}

/** What homes said of their people, by `keyElsewhere`; null of whom home did not answer. */
export type Heard = ReadonlyMap<string, SaidByHome | null>;

/** By which what was heard of somebody is found again. */
export const keyElsewhere = ({ homeTenantId, person }: Pick<PersonElsewhere, 'homeTenantId' | 'person'>): string =>
  `${homeTenantId} ${'address' in person ? person.address : person.userId}`;

/**
 * How the rights that one question gives are found, many at a time: for what-if, which asks the same before and after a
 * change. What `gather` finds is what the question itself would gather if each of them asked.
 */
export interface Standing {
  readonly question: AnyQuestion;
  /** Everybody who holds such a right by something of their own, in pages; some may turn out to hold nothing. */
  list(ctx: Context): AsyncIterable<readonly Right[]>;
  /** Whose homes must have been heard before their facts can be gathered, as the context's settings are. */
  turnsOnHome?(ctx: Context): Promise<readonly PersonElsewhere[]>;
  /**
   * The facts of each, in their order; undefined where who held it is not here, and where their home was asked and did
   * not answer: of those nothing is told.
   */
  gather(ctx: Context, rights: readonly Right[], heard: Heard): Promise<readonly unknown[]>;
}

/** Who is parted with: another organisation, or one of its people alone. */
export interface Outsider {
  readonly tenantId: TenantId | null;
  /** Lower case; of one person, the domain they come from. */
  readonly domains: readonly string[];
  /** The one guest; null: the whole organisation. */
  readonly accountId: string | null;
  /** Who has from then on what they own here; null: nobody. */
  readonly newOwnerId: string | null;
  /** Only what is of these kinds ends, and nothing else of theirs; null or absent: everything. */
  readonly kinds?: readonly string[] | null;
}

/** One thing that stands between us and somebody outside. */
export interface TiedItem {
  readonly id: string;
  /** What it is counted as: a kind of grant, or what else it is (`directory.guest`). */
  readonly kind: string;
  /** Whose it is and on what, as a receipt says it. */
  readonly subject: string;
  readonly object: string;
}

/** What became of one. What could not be ended says why. */
export interface EndedItem {
  readonly id: string;
  readonly outcome: 'revoked' | 'transferred' | 'irrecoverable';
  readonly detail?: string;
}

/**
 * One way in which organisations are tied to each other, and how it ends. Parting goes through every tie until nothing
 * stands, in steps that each are one transaction: so it can be broken off anywhere and go on.
 */
export interface Tie {
  readonly name: string;
  /** What its kinds are called in a receipt. */
  readonly titles: Readonly<Record<string, string>>;
  /** What is handed over goes first, then what is revoked, then those who held it. */
  readonly stage: 'hand-over' | 'revoke' | 'remove';
  /** What still stands, in a steady order. */
  list(
    ctx: Context,
    outsider: Outsider,
    page: { limit: number; except: readonly string[] },
  ): Promise<readonly TiedItem[]>;
  end(ctx: Context, outsider: Outsider, items: readonly TiedItem[]): Promise<readonly EndedItem[]>;
  /** Shuts the door in the transaction that begins the parting: from its commit on nobody comes in by this. */
  closeAtOnce?(ctx: Context, outsider: Outsider): Promise<void>;
  /** What people have by themselves, and not their organisation. */
  readonly isOfPeople?: true;
  /** What nobody can call back, as sentences of the receipt. */
  readonly cannotRecall?: readonly string[];
}

/** What goes on with people of another organisation though no right says so: nobody can end it for them. */
export interface GoingOn {
  readonly kind: 'meeting';
  readonly id: string;
  /** Null: private to those who take part. */
  readonly name: string | null;
  /** The address of whoever holds it here. */
  readonly owner: string;
  readonly domain: string;
}

/**
 * Rules of a group of settings with what is no setting: a group that a value names is there, nobody has the policy that
 * goes. Asked once all changes of a form or a text are made, in their transaction.
 */
export interface SettingsRule {
  readonly declaration: SettingsDeclaration;
  /** `changed` is by target; undefined: nothing is set there any more. @throws the module's own fault. */
  // biome-ignore lint/suspicious/noExplicitAny: each knows the values of its own declaration.
  verify(ctx: Context, changed: ReadonlyMap<string, any>): Promise<void>;
}

/** A change that can be tried out before it is made. */
export interface Trial {
  /** `partners.end` */
  readonly name: string;
  readonly shape: z.ZodType;
  /** Asks others what `act` must know of them, before it, holding no transaction: its answer is handed to `act`. */
  // biome-ignore lint/suspicious/noExplicitAny: each takes its own parsed shape.
  prepare?(ctx: Context, input: any): Promise<unknown>;
  /** Makes the change, in the context's transaction alone: nothing that cannot be undone with it. */
  // biome-ignore lint/suspicious/noExplicitAny: each takes its own parsed shape, and what it has prepared.
  act(ctx: Context, input: any, prepared?: any): Promise<unknown>;
  /**
   * Whether `act` only shows what would come of it, because what it stands for asks more of whoever does it, or leaves
   * more behind. It is then made by its own request alone.
   */
  // biome-ignore lint/suspicious/noExplicitAny: each takes its own parsed shape.
  isRehearsal?(input: any): boolean;
  /** Refuses at once what cannot be tried out at all. @throws access.cannot-be-tried. */
  // biome-ignore lint/suspicious/noExplicitAny: each takes its own parsed shape.
  verify?(input: any): void;
}

/** What an organisation could not be told yet, though it was tried: it is told by itself once that works. */
export interface Untold {
  readonly count: number;
  /** Why it failed last, where that is known. */
  readonly reason: string | null;
  /** How much more the partner refused, or was given up: that is sent again only by hand. */
  readonly refused?: number;
}

/** Somebody who asks for what they were refused: with an account here, or at home elsewhere. */
export type Petitioner =
  | { readonly kind: 'account'; readonly id: string }
  | { readonly kind: 'visitor'; readonly address: string; readonly homeTenantId: TenantId };

/** What somebody asks for: a level of a question that was refused to them. */
export interface Wish {
  readonly asker: Petitioner;
  readonly question: AnyQuestion;
  // biome-ignore lint/suspicious/noExplicitAny: each question has its own.
  readonly input: any;
  readonly wanted: string;
}

/** One of the things that would help, to be chosen by whoever answers. */
export interface Way {
  readonly id: string;
  readonly name: string;
}

/** How what a question lacks is given where it is one thing alone: in the name of whoever answers a request for it. */
export interface Giver {
  /** The question's name; absent: any of which it finds a way. */
  readonly question?: string;
  /** The rule whose setting it changes; absent: what lacks is a right. */
  readonly rule?: string;
  /** What is given, for the words beside it. */
  readonly kind: 'right' | 'group' | 'domain' | 'role';
  /** Whether it would help whoever asks; else something about the thing itself must change. */
  gives(asker: Petitioner): boolean;
  /** What the context's actor may choose from, the least first; nothing: they cannot give it. Absent: there is one way. */
  ways?(ctx: Context, wish: Wish & { readonly actor: Actor }): Promise<readonly Way[]>;
  /** `way`: the one that was chosen; empty where there is only one. `because`: what whoever answers has noted. */
  give(ctx: Context, wish: Wish & { readonly way: string; readonly because: string | null }): Promise<unknown>;
  /** Whether whoever asks has it, where the question itself does not say so. */
  has?(ctx: Context, wish: Wish): Promise<boolean>;
}

/** A question about one thing, which a screen may put where it offers less of that thing than there is. */
export interface Withheld {
  readonly question: AnyQuestion;
  /** Whether the context's actor may know of what is asked about at all. */
  // biome-ignore lint/suspicious/noExplicitAny: each takes the input of its own question.
  mayKnow(ctx: Context, input: any): Promise<boolean>;
}

/** A column of ciphertexts made with the server's vault. Named so that a backup can take them to another server. */
export interface SealedColumn {
  /** `signin.signing_keys` */
  readonly table: string;
  readonly column: string;
  /** What the ciphertext is bound to, from its row with every value as text. */
  contextOf(row: Readonly<Record<string, string | null>>): string;
}

/** What a module gives to the composition root. `routes` is typed by the HTTP platform, which the kernel cannot know. */
export interface Module<Route = unknown> {
  readonly name: string;
  readonly routes?: readonly Route[];
  readonly settings?: readonly SettingsDeclaration[];
  readonly settingsRules?: readonly SettingsRule[];
  /** Every question the module asks, so that each can be explained. */
  readonly questions?: readonly AnyQuestion[];
  /** What other organisations may ask of ours. */
  readonly partnerRequests?: readonly PartnerRequest[];
  /** What agreements with other organisations can speak of. */
  readonly agreementTerms?: readonly AgreementTerm[];
  /** What of its events concerns other organisations. */
  readonly sharedActs?: readonly SharedAct[];
  /** What change notifications may be asked for. */
  readonly changes?: readonly ChangeCollection[];
  /** What open pages may follow. */
  readonly followed?: readonly Followed[];
  readonly jobs?: readonly Job[];
  readonly sweeps?: readonly Sweep[];
  readonly subscribers?: readonly Subscriber[];
  readonly sealed?: readonly SealedColumn[];
  /** The rights that its questions give, so that what-if can say who gains and who loses them. */
  readonly standing?: readonly Standing[];
  readonly trials?: readonly Trial[];
  /** Whether people of a domain may be let in from now on. What they were given before is not touched by it. */
  readonly admits?: (ctx: Context, domain: string) => boolean;
  readonly goingOn?: (ctx: Context, domains: readonly string[]) => Promise<readonly GoingOn[]>;
  /** How rights are given to those who ask for them. */
  readonly givers?: readonly Giver[];
  /** What of one thing its screens withhold, and can say why. */
  readonly withheld?: readonly Withheld[];
  /** What other organisations and their people hold here, and how it ends. */
  readonly ties?: readonly Tie[];
  /** What of its own waits to be told to another organisation. */
  readonly untold?: (ctx: Context, partner: PartnershipUnderTest['partner']) => Promise<Untold>;
  /** Queues all of that to be sent now, by the hand of an administrator who was asked already. Bears being done twice. */
  readonly tellAgain?: (ctx: Context, partner: PartnershipUnderTest['partner']) => Promise<void>;
  /** What a test of a partnership looks at, in this order after the way to the partner. */
  readonly partnerChecks?: readonly PartnerCheck[];
  /** Brings what is in memory alone to where it stays, before the database is closed. */
  close?(): Promise<void>;
}
