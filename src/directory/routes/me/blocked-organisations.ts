import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId, type TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import { accepted, noContent, Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import { guestFaults } from '../../faults.ts';
import { addressField } from '../../model/address.ts';
import { decideInvitations, listInvitingOrganisations } from '../../usecases/blocked-organisations.ts';
import {
  issueAddressProof,
  type PasscodeOutcome,
  readAddressProof,
  requestPasscode,
  verifyPasscode,
} from '../../usecases/passcodes.ts';

const OPEN = {
  public: 'The reader of an invitation has no account here; a code to their address proves who they are.',
};
const open = { wire: 'problem', access: OPEN, tags: ['guests'] } as const;
// biome-ignore lint/suspicious/noExplicitAny: only the headers are read.
type AnyRequest = Request<any, any, any>;

/** Blocking and unblocking organisations, for whoever owns the address they write to (ID-29). */
export function blockedOrganisationRoutes({ run }: { readonly run: Run }): readonly Route[] {
  const path = '/me/blocked-organisations';
  const one = z.object({ tenantId: z.string() });
  return [
    route({
      ...open,
      method: 'POST',
      path: `${path}/passcode`,
      summary: 'Sends a code to an address, if any organisation here has written to it. The answer is always the same.',
      body: z.object({ address: addressField }),
      async handle(ctx, { body }) {
        const outcome = await requestPasscode(ctx, body);
        return throttledReply(outcome) ?? accepted();
      },
    }),
    route({
      ...open,
      method: 'POST',
      path: `${path}/proof`,
      summary: 'Turns a code into a token for an hour.',
      body: z.object({ address: addressField, code: z.string().max(20) }),
      async handle(ctx, { body }) {
        const outcome = await verifyPasscode(ctx, body);
        if (outcome.status === 'verified') return { token: await issueAddressProof(ctx, body.address) };
        // A reply, no fault: the spent attempt must be committed.
        return throttledReply(outcome) ?? problem(400, 'directory.wrong-passcode', 'The code is wrong or too old.');
      },
    }),
    route({
      ...open,
      method: 'GET',
      path,
      summary: 'The organisations that have invited the proven address, and which of them are blocked.',
      handle: async (ctx, request) => ({
        value: await listInvitingOrganisations(ctx, run, await provenAddress(ctx, request)),
      }),
    }),
    route({
      ...open,
      method: 'GET',
      path: `${path}/export`,
      summary: 'The same as a file.',
      async handle(ctx, request) {
        const address = await provenAddress(ctx, request);
        const organisations = await listInvitingOrganisations(ctx, run, address);
        return new Reply(
          200,
          { address, exportedAt: ctx.now.toISOString(), organisations },
          { 'content-disposition': 'attachment; filename="blocked-organisations.json"' },
        );
      },
    }),
    ...(['PUT', 'DELETE'] as const).map((method) =>
      route({
        ...open,
        method,
        path: `${path}/:tenantId`,
        summary: method === 'PUT' ? 'Blocks invitations of an organisation.' : 'Lets an organisation invite again.',
        params: one,
        async handle(ctx, request) {
          const address = await provenAddress(ctx, request);
          const tenantId = parseId<'tenant'>(request.params.tenantId) as TenantId | undefined;
          if (!tenantId) throw kernelFaults.notFound();
          await decideInvitations(ctx, run, { address, tenantId, isBlocked: method === 'PUT' });
          return noContent();
        },
      }),
    ),
  ];
}

async function provenAddress(ctx: Context, { headers }: AnyRequest): Promise<string> {
  const token = headers['x-address-proof'];
  const address = typeof token === 'string' ? await readAddressProof(ctx, token) : undefined;
  if (address === undefined) throw kernelFaults.unauthenticated('Prove that the address is yours first.');
  return address;
}

function throttledReply(outcome: PasscodeOutcome): Reply | undefined {
  if (outcome.status !== 'throttled') return undefined;
  const { sentence, code } = guestFaults.tooManyPasscodes(outcome.retryAfterSeconds);
  return problem(429, code, sentence, { 'retry-after': String(outcome.retryAfterSeconds) });
}

const problem = (status: number, code: string, title: string, headers: Record<string, string> = {}) =>
  new Reply(
    status,
    { type: `urn:entente:fault:${code}`, title, status, code },
    {
      'content-type': 'application/problem+json',
      ...headers,
    },
  );
