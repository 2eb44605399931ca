import type { Context } from '../../kernel/context.ts';
import type { Outsider, Tie } from '../../kernel/module.ts';
import { deleteServicePrincipal, listServicePrincipals, setServicePrincipalEnabled } from '../store/applications.ts';
import { deleteStream, findStreamOfPartner } from '../store/signals.ts';
import { endTokensOf } from './applications.ts';

/** Applications that are registered with them and were consented to here. */
const theirs = async (ctx: Context, { tenantId, accountId }: Outsider) =>
  tenantId === null || accountId !== null
    ? []
    : (await listServicePrincipals(ctx)).filter(({ applicationTenantId }) => applicationTenantId === tenantId);

/** What of sign-in ties us to another organisation, besides its people. */
export const signinTies: readonly Tie[] = [
  {
    name: 'signin.applications',
    titles: { 'signin.service-principal': 'Application of theirs, with what was agreed to' },
    stage: 'revoke',
    async closeAtOnce(ctx, outsider) {
      for (const { id, applicationId } of await theirs(ctx, outsider)) {
        await setServicePrincipalEnabled(ctx, id, false);
        await endTokensOf(ctx, { clientId: applicationId });
      }
    },
    async list(ctx, outsider, { limit, except }) {
      const found = (await theirs(ctx, outsider)).filter(({ id }) => !except.includes(id)).slice(0, limit);
      return found.map(({ id, displayName, applicationId }) => ({
        id,
        kind: 'signin.service-principal',
        subject: displayName,
        object: applicationId,
      }));
    },
    async end(ctx, outsider, items) {
      const known = new Map((await theirs(ctx, outsider)).map((one) => [one.id as string, one]));
      for (const { id } of items) {
        const principal = known.get(id);
        if (!principal) continue;
        await deleteServicePrincipal(ctx, id);
        await endTokensOf(ctx, { clientId: principal.applicationId });
        ctx.record({
          action: 'signin.service-principal-removed',
          category: 'ApplicationManagement',
          targets: [
            { kind: 'service-principal', id, displayName: principal.displayName },
            { kind: 'application', id: principal.applicationId },
          ],
        });
      }
      return items.map(({ id }) => ({ id, outcome: 'revoked' }));
    },
  },
  {
    name: 'signin.signals',
    titles: { 'signin.signal-stream': 'What they are told of our people who are guests there' },
    stage: 'revoke',
    async list(ctx, { tenantId, accountId, domains }, { except }) {
      if (tenantId === null || accountId !== null) return [];
      const stream = await findStreamOfPartner(ctx, tenantId);
      if (!stream || except.includes(stream.id)) return [];
      return [{ id: stream.id, kind: 'signin.signal-stream', subject: domains.join(', '), object: '' }];
    },
    async end(ctx, _outsider, items) {
      for (const { id } of items) await deleteStream(ctx, id);
      return items.map(({ id }) => ({ id, outcome: 'revoked' }));
    },
  },
];
