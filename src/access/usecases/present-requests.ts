import type { Context } from '../../kernel/context.ts';
import type { AccessRequest, RequestHere } from '../model/request.ts';
import type { OpenedRequest } from './answer-requests.ts';
import type { RequestPorts } from './ask-for-access.ts';
import { referenceOf } from './explain.ts';
import type { LedgerPorts } from './ledger.ts';

export type PresentPorts = RequestPorts & Pick<LedgerPorts, 'namesOf'>;

const common = (request: AccessRequest) => ({
  id: request.id,
  reference: referenceOf(request.decisionId),
  state: request.state,
  message: request.message,
  times: request.times,
  note: request.note,
  answeredBy: request.answeredByName,
  askedAt: request.askedAt,
  lastAskedAt: request.lastAskedAt,
  answeredAt: request.answeredAt,
  expiresAt: request.expiresAt,
});

/** A request as whoever asked sees it: nothing of who could answer, or of what stands in the way. */
export const presentOwn = (ports: Pick<PresentPorts, 'questions'>, request: AccessRequest) => ({
  ...common(request),
  ...(request.putTo === 'here' ? questionOf(ports, request) : { question: null, sentence: null }),
  askedOf: request.putTo === 'partner' ? request.partnerName : null,
});

/** What is asked, in words that hold nobody's name. */
const questionOf = ({ questions }: Pick<PresentPorts, 'questions'>, { question }: RequestHere) => ({
  question,
  sentence: questions().find(({ name }) => name === question)?.sentence ?? question,
});

/** Requests as those see them who can answer: who asks, for what. */
export async function presentAsked(ctx: Context, ports: PresentPorts, requests: readonly RequestHere[]) {
  const things = requests.map(({ input }) => thingIn(input));
  const names = await ports.namesOf(
    ctx,
    things.filter((thing) => thing !== undefined),
  );
  return requests.map((request, n) => {
    const { asker } = request;
    const thing = things[n];
    return {
      ...common(request),
      decisionId: request.decisionId,
      asker: {
        kind: asker.kind,
        id: asker.kind === 'account' ? asker.id : null,
        name: request.askerName,
        domain: asker.kind === 'visitor' ? asker.address.slice(asker.address.lastIndexOf('@') + 1) : null,
      },
      ...questionOf(ports, request),
      wanted: request.wanted,
      about: (thing && (names.get(`${thing.kind}:${thing.id}`) ?? (thing.id.includes('@') ? thing.id : null))) ?? null,
    };
  });
}

export async function presentOpened(ctx: Context, ports: PresentPorts, { request, now, giving }: OpenedRequest) {
  const [presented] = await presentAsked(ctx, ports, [request]);
  return {
    ...presented,
    explanation: now,
    canBeGiven: giving !== null,
    giving: giving && { kind: giving.giver.kind, ways: giving.ways },
  };
}

/** What a question is about, where it is one thing that has a name. */
function thingIn(input: unknown): { kind: string; id: string } | undefined {
  if (typeof input === 'string') return { kind: 'group', id: input };
  if (typeof input !== 'object' || input === null) return undefined;
  for (const [name, value] of Object.entries(input)) {
    if (typeof value !== 'string') continue;
    const kind = /^(calendar|group|account)Id$/.exec(name)?.[1];
    if (kind) return { kind, id: value };
    if (name === 'address' || name === 'domain')
      return { kind: 'address', id: value.includes('@') ? value : `@${value}` };
  }
  return undefined;
}
