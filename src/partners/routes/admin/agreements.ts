import { z } from 'zod';
import type { Actor, Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { inNameOf, inPlace } from '../../../kernel/in-place.ts';
import { created, Reply, type Route, route } from '../../../platform/http/route.ts';
import { type AgreementText, differencesBetween } from '../../model/agreement.ts';
import { parseAgreement, type WrittenAgreement, writtenAgreement, writtenReach } from '../../model/agreement-text.ts';
import { administerPartners } from '../../questions/agreements.ts';
import type { AgreementPorts } from '../../usecases/agreement-ports.ts';
import {
  changeDraft,
  draftAgreement,
  endAgreement,
  narrowAgreement,
  proposeVersion,
  resumeAgreement,
  signVersion,
  suspendAgreement,
} from '../../usecases/agreements.ts';
import {
  listShownAgreements,
  printVersion,
  type ShownAgreement,
  type ShownVersion,
  showAgreement,
  type TermRow,
  verifyBoth,
} from '../../usecases/show-agreement.ts';

const admin = { wire: 'problem', access: 'asks', tags: ['partners'] } as const;
const base = '/admin/partners/agreements';
const params = z.object({ id: z.string().max(100).toLowerCase() });
/** Terms as JSON, or the same as text (YAML). */
const written = {
  title: writtenAgreement.shape.title,
  terms: writtenAgreement.shape.terms.optional(),
  text: z.string().max(1_000_000).optional(),
};
const why = z.strictObject({ reason: z.string().trim().max(1_000).nullable().default(null) });

/** Agreements with other organisations: written, sent, signed, narrowed and ended. */
export function agreementRoutes(ports: AgreementPorts): readonly Route[] {
  /** What is done is shown as it is then. */
  const shown = async (ctx: Context, id: string, status: 200 | 201 = 200) => {
    const { tenantId, actor, correlationId, clientAddress } = ctx;
    const found = await ports.run({ tenantId, actor, correlationId, clientAddress, readOnly: true }, (inside) =>
      showAgreement(inside, ports, id),
    );
    return status === 201 ? created(present(found), `${base}/${id}`) : present(found);
  };
  /** The same, in the transaction that is undone, as if whoever asks had just proven who they are. */
  const tryOut = (ctx: Context, act: (there: Context, within: AgreementPorts) => Promise<void>) => {
    const { actor } = ctx;
    const proven: Actor = actor.kind === 'account' ? { ...actor, authenticatedAt: ctx.now, methods: ['mfa'] } : actor;
    const there = inNameOf(ctx, proven);
    return act(there, { ...ports, run: inPlace(there) });
  };
  const alone = (
    name: string,
    summary: string,
    act: (ctx: Context, ports: AgreementPorts, id: string, reason: string | null) => Promise<void>,
  ) =>
    route({
      ...admin,
      method: 'POST',
      path: `${base}/:id/${name}`,
      summary,
      transaction: 'none',
      params,
      body: why,
      canBeTried: (ctx, { params: { id }, body: { reason } }) =>
        tryOut(ctx, (there, within) => act(there, within, id, reason)),
      async handle(ctx, { params: { id }, body: { reason } }) {
        await act(ctx, ports, id, reason);
        return shown(ctx, id);
      },
    });

  return [
    route({
      ...admin,
      method: 'GET',
      path: base,
      summary: 'Agreements with other organisations, those that are over last.',
      handle: async (ctx) => ({ value: (await listShownAgreements(ctx, ports)).map(presentShort) }),
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/partners/agreement-terms',
      summary: 'What can be agreed about, with the levels of each.',
      async handle(ctx) {
        await ctx.demand(administerPartners, undefined, 'read');
        const value = ports.terms().map(({ name, workload, title, sentence, levels, isEnforced }) => ({
          name,
          workload,
          title,
          sentence,
          levels,
          isEnforced,
        }));
        return { value };
      },
    }),
    route({
      ...admin,
      method: 'POST',
      path: base,
      summary: 'Begins an agreement: a draft, or with "propose" signed and sent at once.',
      transaction: 'none',
      body: z.strictObject({
        partner: z.string().trim().toLowerCase().min(1).max(253),
        ...written,
        propose: z.boolean().default(false),
      }),
      async handle(ctx, { body: { partner, propose, ...rest } }) {
        const id = await draftAgreement(ctx, ports, { partner, ...read(rest) });
        if (propose) await proposeVersion(ctx, ports, id);
        return shown(ctx, id, 201);
      },
    }),
    route({
      ...admin,
      method: 'GET',
      path: `${base}/:id`,
      summary: 'One agreement: both columns with the narrower value between them, what is open, and what was sent.',
      params,
      handle: async (ctx, { params: { id } }) => present(await showAgreement(ctx, ports, id)),
    }),
    route({
      ...admin,
      method: 'PUT',
      path: `${base}/:id/draft`,
      summary: 'Writes the next version as a draft, in place of one there was. Nobody else sees it.',
      transaction: 'none',
      params,
      body: z.strictObject(written),
      async handle(ctx, { params: { id }, body }) {
        await changeDraft(ctx, ports, id, read(body));
        return shown(ctx, id);
      },
    }),
    route({
      ...admin,
      method: 'POST',
      path: `${base}/:id/propose`,
      summary: 'Signs the draft and sends it to the partner.',
      transaction: 'none',
      params,
      async handle(ctx, { params: { id } }) {
        await proposeVersion(ctx, ports, id);
        return shown(ctx, id);
      },
    }),
    route({
      ...admin,
      method: 'POST',
      path: `${base}/:id/counter`,
      summary: 'Answers with a version of our own, signed and sent; "against" names the version that was read.',
      transaction: 'none',
      params,
      body: z.strictObject({ ...written, against: z.int().min(1).optional() }),
      async handle(ctx, { params: { id }, body: { against, ...rest } }) {
        await proposeVersion(ctx, ports, id, { written: read(rest), against });
        return shown(ctx, id);
      },
    }),
    route({
      ...admin,
      method: 'POST',
      path: `${base}/:id/sign`,
      summary: 'Signs the version that the partner has put to us; "version" names the one that was read.',
      transaction: 'none',
      params,
      body: z.strictObject({ version: z.int().min(1).optional() }),
      canBeTried: (ctx, { params: { id }, body }) =>
        tryOut(ctx, (there, within) => signVersion(there, within, id, body)),
      async handle(ctx, { params: { id }, body }) {
        await signVersion(ctx, ports, id, body);
        return shown(ctx, id);
      },
    }),
    route({
      ...admin,
      method: 'POST',
      path: `${base}/:id/narrow`,
      summary: 'Lowers what we offer or accept. It holds at once.',
      transaction: 'none',
      params,
      body: z.strictObject({
        terms: z
          .array(z.strictObject({ term: z.string().max(100), of: z.string().max(253).toLowerCase(), to: writtenReach }))
          .min(1)
          .max(200),
        reason: why.shape.reason,
      }),
      canBeTried: (ctx, { params: { id }, body: { terms, reason } }) =>
        tryOut(ctx, (there, within) => narrowAgreement(there, within, id, terms, reason)),
      async handle(ctx, { params: { id }, body: { terms, reason } }) {
        await narrowAgreement(ctx, ports, id, terms, reason);
        return shown(ctx, id);
      },
    }),
    alone('suspend', 'Closes all that the agreement opens until we resume it. It holds at once.', suspendAgreement),
    alone('resume', 'Takes our own suspension back.', resumeAgreement),
    alone('end', 'Ends the agreement for good, or declines what was proposed.', endAgreement),
    route({
      ...admin,
      method: 'POST',
      path: `${base}/:id/verify`,
      summary: 'Checks our copy byte for byte, and asks the partner what it holds.',
      transaction: 'none',
      params,
      handle: async (ctx, { params: { id } }) => verifyBoth(ctx, ports, id),
    }),
    route({
      ...admin,
      method: 'GET',
      path: `${base}/:id/text`,
      summary: 'A version as text (YAML), the newest unless one is named.',
      params,
      query: z.object({ version: z.coerce.number().int().min(1).optional() }),
      handle: async (ctx, { params: { id }, query: { version } }) =>
        new Reply(200, await printVersion(ctx, id, version), { 'content-type': 'application/yaml; charset=utf-8' }),
    }),
    route({
      ...admin,
      method: 'GET',
      path: `${base}/:id/history`,
      summary: 'Every version and amendment with its signatures, as they were signed.',
      params,
      handle: async (ctx, { params: { id } }) => presentHistory(await showAgreement(ctx, ports, id)),
    }),
  ];
}

function read({ text, terms, title }: z.output<z.ZodObject<typeof written>>): WrittenAgreement {
  if ((text === undefined) === (terms === undefined))
    throw kernelFaults.invalid('Give either "terms" or the whole as "text".');
  if (terms !== undefined) return { title, terms };
  const found = parseAgreement(text ?? '').written;
  return { ...found, title: title ?? found.title };
}

const presentShort = ({ checked: { kept }, state, isSound, awaits, inForce, open, draft }: ShownAgreement) => ({
  id: kept.id,
  partner: { tenantId: kept.partnerTenantId, displayName: kept.partnerName, domain: kept.partnerDomain },
  title: (inForce ?? open ?? draft)?.version.text.title ?? null,
  state,
  isSound,
  awaits,
  version: inForce?.version.text.version ?? null,
  openVersion: open?.version.text.version ?? null,
  createdAt: kept.createdAt,
});

const present = (found: ShownAgreement) => ({
  ...presentShort(found),
  problems: found.checked.problems,
  brokenAt: found.checked.kept.brokenAt,
  partnerBrokenAt: found.checked.kept.partnerBrokenAt,
  suspendedBy: found.suspendedBy,
  suspendedFor: found.suspendedFor,
  terms: found.terms.map(presentTerm),
  inForce: presentVersion(found.inForce),
  open: presentVersion(found.open),
  draft: presentVersion(found.draft),
  messages: found.messages.map(({ request, state, attempts, lastError, createdAt, settledAt }) => ({
    request,
    state,
    attempts,
    lastError,
    createdAt,
    settledAt,
  })),
});

/** Ours and theirs are the columns; which of them offers and which accepts follows from whose things are reached. */
const presentTerm = (row: TermRow) => ({
  term: row.term,
  title: row.title,
  workload: row.workload,
  levels: row.levels,
  isEnforced: row.isEnforced,
  of: row.of,
  ours: { does: row.isOurs ? 'offers' : 'accepts', ...(row.isOurs ? row.offers : row.accepts) },
  theirs: { does: row.isOurs ? 'accepts' : 'offers', ...(row.isOurs ? row.accepts : row.offers) },
  effective: { level: row.heldTo ?? row.level, until: row.until, owners: row.owners, users: row.users },
  heldByOurRules: row.heldTo !== null,
});

const presentVersion = (found: ShownVersion | undefined) =>
  found
    ? {
        version: found.version.text.version,
        title: found.version.text.title,
        digest: found.version.digest,
        author: found.version.text.author,
        isOurs: found.isOurs,
        receivedAt: found.kept.receivedAt,
        signatures: found.kept.signatures.map((one) => ({
          tenantId: one.signerTenantId,
          domain: found.version.text.parties.find(({ tenantId }) => tenantId === one.signerTenantId)?.domain ?? null,
          signedBy: one.signedBy,
          receivedAt: one.receivedAt,
        })),
        terms: found.terms.map(presentTerm),
        differences: found.differences,
      }
    : null;

function presentHistory({ checked: { kept, said } }: ShownAgreement) {
  const read = (content: string) => {
    try {
      return JSON.parse(content) as unknown;
    } catch {
      return content;
    }
  };
  const textOf = (digest: string | null | undefined) =>
    said.versions.find(({ digest: found }) => found === digest)?.text;
  const differencesOf = (text: AgreementText | undefined) =>
    text?.previous ? differencesBetween(textOf(text.previous), text) : [];
  return {
    versions: kept.versions.map((one) => ({
      version: one.number,
      digest: one.digest,
      author: textOf(one.digest)?.author ?? null,
      isDraft: one.isDraft,
      isSuperseded: one.isSuperseded,
      receivedAt: one.receivedAt,
      differences: differencesOf(textOf(one.digest)),
      // With these anybody who has both public keys checks it without us.
      text: read(one.content),
      signatures: one.signatures.map((signature) => ({
        tenantId: signature.signerTenantId,
        protected: signature.protected,
        signature: signature.signature,
        publicKey: read(signature.publicJwk),
        signedBy: signature.signedBy,
        receivedAt: signature.receivedAt,
      })),
    })),
    amendments: kept.amendments
      .toSorted((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime())
      .map((one) => ({
        number: one.number,
        author: said.amendments.find(({ digest }) => digest === one.digest)?.text.author ?? null,
        digest: one.digest,
        text: read(one.content),
        signature: { protected: one.protected, signature: one.signature, publicKey: read(one.publicJwk) },
        signedBy: one.signedBy,
        receivedAt: one.receivedAt,
      })),
  };
}
