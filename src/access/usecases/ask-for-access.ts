/** Asking for what was refused: of somebody here, or, where another organisation refused, of somebody there. */
import { createHash } from 'node:crypto';
import type { AccountActor, Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId, type TenantId } from '../../kernel/ids.ts';
import type { Giver, Partners, Petitioner } from '../../kernel/module.ts';
import type { Change } from '../../kernel/question.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { accessFaults } from '../faults.ts';
import { LONGEST_MESSAGE, OPEN_OF_ONE, REQUEST_DAYS } from '../model/request.ts';
import { askedLetter } from '../model/request-letters.ts';
import { askForAccess } from '../questions.ts';
import { countOpenRequests, putRequest } from '../store/requests.ts';
import { type ExplainPorts, explainFor, type KeptRefusal, refusingPartner } from './explain.ts';

/** What requests need of higher modules, connected by the composition root. */
export interface RequestPorts extends ExplainPorts {
  /** The way to other organisations. */
  readonly partners: () => Partners;
  /** How rights are given, of every module. */
  readonly givers: () => readonly Giver[];
  /** The settings as they stand in the context's own transaction. */
  settingsNow(ctx: Context): Promise<Context['settings']>;
  readonly ownersOfGroup: (ctx: Context, groupId: string) => Promise<readonly string[]>;
  /** Those who look after requests that no owner can answer. */
  readonly requestAdministrators: (ctx: Context) => Promise<readonly string[]>;
  readonly personOf: (ctx: Context, accountId: string) => Promise<Addressee | undefined>;
  /** Tells somebody's open pages that there is something new about requests. */
  readonly tellPerson: (ctx: Context, accountId: string) => Promise<void>;
  /** Where people open the web app. */
  readonly origin: () => string;
}

export interface Addressee {
  readonly address: string;
  readonly displayName: string;
  readonly language: string | null;
}

const DAY = 86_400_000;
/** Who is written to of one request, at most. */
const TOLD_AT_MOST = 20;

export const expiryOf = (now: Date): Date => new Date(now.getTime() + REQUEST_DAYS * DAY);

/**
 * Asks whoever can change a refusal. `refusedBy`: the other organisation that refused, by its id or domain.
 * Call it outside a transaction.
 * @throws not-found for a refusal that is not the asker's, as for one that never was; access.not-refused,
 *   .nobody-to-ask, .sign-in-instead, .too-many-requests.
 */
export async function ask(
  ctx: Context,
  ports: RequestPorts,
  asked: { readonly reference: string; readonly refusedBy?: string | undefined; readonly message: string },
): Promise<{ readonly id: string }> {
  await ctx.demand(askForAccess, undefined, 'ask');
  const message = plain(asked.message);
  if (asked.refusedBy !== undefined) {
    const partner =
      parseId<'tenant'>(asked.refusedBy) ?? (await ports.partners().findByDomain(ctx.tenantId, asked.refusedBy));
    // An organisation that is not known here cannot have refused anything.
    if (!partner || partner === ctx.tenantId) throw kernelFaults.notFound();
    return askPartner(ctx, ports, { partner, reference: asked.reference, message });
  }
  const { tenantId, actor, correlationId } = ctx;
  const put = await ports.run({ tenantId, actor, correlationId }, (inside) =>
    askHere(inside, ports, asked.reference, message),
  );
  return 'id' in put ? put : askPartner(ctx, ports, { ...put, message });
}

/** Keeps a request for those who can answer it here; or says which other organisation it is for. */
async function askHere(ctx: Context, ports: RequestPorts, reference: string, message: string) {
  const { actor } = ctx;
  const refusal = await ports.findRefusal(ctx, reference);
  if (actor.kind !== 'account' || refusal?.actor.kind !== 'account' || refusal.actor.id !== actor.accountId)
    throw kernelFaults.notFound();
  const foreign = refusingPartner(refusal.because, ctx.tenantId);
  if (foreign && foreign.reference !== null) return { partner: foreign.tenantId, reference: foreign.reference };
  const asker = { kind: 'account', id: actor.accountId } as const;
  return keepRequest(ctx, ports, {
    refusal,
    asker,
    actor,
    askerName: await nameOf(ctx, ports, actor),
    message,
    askerRequestId: null,
  });
}

/** A guest is told by their address from whoever at home is called the same. */
async function nameOf(ctx: Context, ports: RequestPorts, actor: AccountActor): Promise<string> {
  const person = actor.userType === 'Guest' ? await ports.personOf(ctx, actor.accountId) : undefined;
  return person ? `${plain(actor.displayName).slice(0, 100)} <${person.address}>` : actor.displayName;
}

/**
 * Keeps a request and tells those who can answer it.
 * @throws access.not-refused, .nobody-to-ask, .sign-in-instead, .too-many-requests.
 */
export async function keepRequest(
  ctx: Context,
  ports: RequestPorts,
  asked: {
    readonly refusal: KeptRefusal;
    readonly asker: Petitioner;
    readonly actor: Context['actor'];
    readonly askerName: string;
    readonly message: string;
    readonly askerRequestId: string | null;
  },
): Promise<{ readonly id: string }> {
  const { refusal, asker, message, askerName } = asked;
  const question = ports.questions().find(({ name }) => name === refusal.question);
  if (!question) throw accessFaults.nobodyToAsk();
  const input = refusal.input ?? undefined;
  const found = await explainFor(ctx, question, asked.actor, input, refusal.wanted);
  const wanted = refusal.wanted ?? found.levels[found.levels.indexOf(refusal.level) + 1] ?? found.levels.at(-1)!;
  if (found.levels.indexOf(found.level) >= found.levels.indexOf(wanted)) throw accessFaults.notRefused();
  if (found.smallestChange.none) throw accessFaults.nobodyToAsk();
  const { isForAdministrators, needsOwner } = whoChanges(found.smallestChange.changes);
  const owners = needsOwner ? await accountsOf(ctx, ports, found.owners) : [];
  // What nobody owns is the administrators' to look after.
  const toAdministrators = isForAdministrators || (needsOwner && owners.length === 0);
  if (owners.length === 0 && !toAdministrators) throw accessFaults.signInInstead();
  const askerId = asker.kind === 'account' ? asker.id : asker.address;
  if ((await countOpenRequests(ctx, { askerId }, OPEN_OF_ONE)) >= OPEN_OF_ONE) throw accessFaults.tooManyRequests();
  const kept = await putRequest(ctx, {
    id: newId(),
    putTo: 'here',
    decisionId: refusal.id,
    asker,
    askerName,
    message,
    same: digest(askerId, question.name, refusal.input, wanted),
    expiresAt: expiryOf(ctx.now),
    question: question.name,
    input: refusal.input,
    wanted,
    ownerIds: owners,
    isForAdministrators: toAdministrators,
    askerRequestId: asked.askerRequestId,
  });
  ctx.record({
    action: 'access.requested',
    category: 'Access',
    targets: [{ kind: 'access-request', id: kept.id, displayName: askerName }],
    facts: { question: question.name, wanted, decisionId: refusal.id, again: !kept.isNew },
  });
  const answerers = [...new Set([...owners, ...(toAdministrators ? await ports.requestAdministrators(ctx) : [])])];
  for (const id of answerers.slice(0, TOLD_AT_MOST)) {
    await ports.tellPerson(ctx, id);
    // The same again is on the page, and not in the mail.
    const person = kept.isNew ? await ports.personOf(ctx, id) : undefined;
    if (person) await writeTo(ctx, ports, person, kept.id, { asker: askerName, message });
  }
  return { id: kept.id };
}

async function writeTo(
  ctx: Context,
  ports: RequestPorts,
  { address, displayName, language }: Addressee,
  requestId: string,
  words: { asker: string; message: string },
) {
  await queueMail(ctx, {
    kind: 'access-requested',
    aboutId: requestId,
    to: { address, name: displayName },
    fromName: ctx.tenant.displayName,
    ...askedLetter(language, { ...words, url: pageOf(ctx, ports) }),
  });
}

export const pageOf = (ctx: Context, { origin }: Pick<RequestPorts, 'origin'>): string =>
  `${origin()}/t/${encodeURIComponent(ctx.tenant.defaultDomain)}/requests`;

/** Keeps what one of ours asks of another organisation, and sends it there. */
async function askPartner(
  ctx: Context,
  ports: RequestPorts,
  asked: { readonly partner: TenantId; readonly reference: string; readonly message: string },
): Promise<{ readonly id: string }> {
  const { tenantId, actor, correlationId } = ctx;
  if (actor.kind !== 'account') throw kernelFaults.notFound();
  const partnerName = await ports.partnerName(ctx, asked.partner);
  return ports.run({ tenantId, actor, correlationId }, async (inside) => {
    if ((await countOpenRequests(inside, { askerId: actor.accountId }, OPEN_OF_ONE)) >= OPEN_OF_ONE)
      throw accessFaults.tooManyRequests();
    const decisionId = parseId<'decision'>(asked.reference);
    if (!decisionId) throw kernelFaults.notFound();
    const { id } = await putRequest(inside, {
      id: newId(),
      putTo: 'partner',
      decisionId,
      asker: { kind: 'account', id: actor.accountId },
      askerName: actor.displayName,
      message: asked.message,
      same: digest(actor.accountId, asked.partner, decisionId, ''),
      expiresAt: expiryOf(inside.now),
      partnerTenantId: asked.partner,
      partnerName,
    });
    inside.record({
      action: 'access.requested-elsewhere',
      category: 'Access',
      targets: [{ kind: 'access-request', id, displayName: partnerName }],
      facts: { partnerTenantId: asked.partner, decisionId },
    });
    await inside.defer(SEND, { requestId: id, attempts: 0 }, { key: `${SEND}:${tenantId}:${id}` });
    return { id };
  });
}

/** The job that carries a request to the organisation that refused. */
export const SEND = 'access.send-request';

/** Who has to do something. What only a stronger sign-in lacks is nobody's to change but the asker's. */
function whoChanges(changes: readonly Change<string>[]) {
  const remedies = changes.map(({ remedy }) => remedy).filter((remedy) => remedy !== 'sign-in-again');
  return {
    needsOwner: remedies.includes('owner'),
    isForAdministrators: remedies.some((remedy) => remedy !== 'owner' && remedy !== 'nobody'),
  };
}

async function accountsOf(
  ctx: Context,
  ports: RequestPorts,
  owners: readonly { readonly kind: string; readonly id: string }[],
): Promise<string[]> {
  const ids = new Set<string>();
  for (const { kind, id } of owners) {
    if (kind === 'group') for (const owner of await ports.ownersOfGroup(ctx, id)) ids.add(owner);
    else ids.add(id);
  }
  return [...ids];
}

/** Who asks for what, whatever the order in which it was written. */
function digest(...parts: readonly unknown[]): string {
  const sorted = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, one]) => [name, sorted(one)]),
        )
      : value;
  return createHash('sha256')
    .update(JSON.stringify(parts.map(sorted)))
    .digest('base64url');
}

/** Words of a stranger: no control characters, no directions of writing turned round, no more than fits a request. */
export function plain(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{C}\n]/gu, '')
    .trim()
    .slice(0, LONGEST_MESSAGE);
}

/** Whether a fault says that nothing more will come of it. */
export const isFinal = (error: unknown): error is Fault =>
  error instanceof Fault && !['unavailable', 'throttled', 'internal', 'unauthenticated', 'locked'].includes(error.kind);
