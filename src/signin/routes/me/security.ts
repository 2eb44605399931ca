import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { toDataURL } from 'qrcode';
import { z } from 'zod';
import type { Run } from '../../../kernel/module.ts';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { signinFaults } from '../../faults.ts';
import { listOwnConsents, takeBack } from '../../usecases/applications.ts';
import {
  aboutToChange,
  changeOwnPassword,
  describeOwnSecurity,
  endOwnSessions,
  listOwnSessions,
  removeOwnPasskey,
  removeOwnTotp,
} from '../../usecases/own-security.ts';
import { addPasskey, passkeyCreation } from '../../usecases/passkeys.ts';
import { newRecoveryCodes, startTotp, takeTotp } from '../../usecases/second-factors.ts';

const asks = { wire: 'problem', access: 'asks', tags: ['me'] } as const;

/** One's own sessions, ways to sign in, and what one agreed to. */
export function securityRoutes({ run, vault }: { run: Run; vault: Vault }): Route[] {
  return [
    route({
      ...asks,
      method: 'GET',
      path: '/me/sessions',
      summary: 'Where one is signed in.',
      async handle(ctx) {
        const value = (await listOwnSessions(ctx)).map((one) => ({
          id: one.id,
          isCurrent: one.isCurrent,
          createdAt: one.createdAt.toISOString(),
          lastSeenAt: one.lastSeenAt.toISOString(),
          endsAt: one.endsAt.toISOString(),
          clientAddress: one.clientAddress,
          userAgent: one.userAgent,
          methods: one.methods,
        }));
        return { value };
      },
    }),
    route({
      ...asks,
      method: 'DELETE',
      path: '/me/sessions',
      summary: 'Ends all sessions but this one.',
      async handle(ctx) {
        await endOwnSessions(ctx);
        return noContent();
      },
    }),
    route({
      ...asks,
      method: 'DELETE',
      path: '/me/sessions/:id',
      summary: 'Ends one session; felt within seconds.',
      params: z.object({ id: z.string().max(100) }),
      async handle(ctx, { params }) {
        await endOwnSessions(ctx, params.id);
        return noContent();
      },
    }),
    route({
      ...asks,
      method: 'GET',
      path: '/me/security',
      summary: 'How one can sign in.',
      async handle(ctx) {
        const methods = await describeOwnSecurity(ctx);
        return {
          password: methods.password && { setAt: methods.password.setAt.toISOString() },
          passkeys: methods.passkeys.map((passkey) => ({
            id: passkey.id,
            displayName: passkey.displayName,
            createdAt: passkey.createdAt.toISOString(),
            lastUsedAt: passkey.lastUsedAt?.toISOString() ?? null,
            isBackedUp: passkey.isBackedUp,
            clonedAt: passkey.clonedAt?.toISOString() ?? null,
          })),
          totp: methods.totp && { addedAt: methods.totp.addedAt.toISOString() },
          recoveryCodesLeft: methods.recoveryCodesLeft,
        };
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/me/password',
      summary: 'Changes the password; other sessions end.',
      // A wrong password is counted although nothing else is kept.
      transaction: 'none',
      body: z.object({ currentPassword: z.string().max(1000), newPassword: z.string().max(1000) }),
      async handle(ctx, { body }) {
        await changeOwnPassword({ run }, ctx, { current: body.currentPassword, next: body.newPassword });
        return noContent();
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/me/security/passkeys/options',
      summary: 'What a browser needs to make a passkey.',
      async handle(ctx, { origin }) {
        const actor = await aboutToChange(ctx);
        return passkeyCreation(ctx, { ...actor, id: actor.accountId }, { origin });
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/me/security/passkeys',
      summary: 'Keeps a passkey that the browser made.',
      body: z.object({
        displayName: z.string().min(1).max(100),
        response: z.looseObject({ id: z.string().max(2000) }),
      }),
      async handle(ctx, { body, origin }) {
        const { accountId } = await aboutToChange(ctx);
        const response = body.response as unknown as RegistrationResponseJSON;
        const id = await addPasskey(ctx, accountId, {
          response,
          displayName: body.displayName,
          place: { origin },
        });
        return created({ id });
      },
    }),
    route({
      ...asks,
      method: 'DELETE',
      path: '/me/security/passkeys/:id',
      summary: 'Removes a passkey.',
      params: z.object({ id: z.string().max(2000) }),
      async handle(ctx, { params }) {
        await removeOwnPasskey(ctx, params.id);
        return noContent();
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/me/security/totp',
      summary: 'A new secret for an authenticator app; it counts once a code has confirmed it.',
      async handle(ctx) {
        const actor = await aboutToChange(ctx);
        const { secret, address } = await startTotp(ctx, vault, { ...actor, id: actor.accountId });
        return { secret, uri: address, image: await toDataURL(address) };
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/me/security/totp/confirm',
      summary: 'Confirms the authenticator app with a first code. Answers recovery codes, once.',
      body: z.object({ code: z.string().max(20) }),
      async handle(ctx, { body }) {
        const { accountId } = await aboutToChange(ctx);
        if (!(await takeTotp(ctx, vault, accountId, body.code))) throw signinFaults.wrongCode();
        ctx.record({
          action: 'signin.totp-added',
          category: 'UserManagement',
          targets: [{ kind: 'account', id: accountId }],
        });
        return { recoveryCodes: await newRecoveryCodes(ctx, accountId) };
      },
    }),
    route({
      ...asks,
      method: 'DELETE',
      path: '/me/security/totp',
      summary: 'Removes the authenticator app and its recovery codes.',
      async handle(ctx) {
        await removeOwnTotp(ctx);
        return noContent();
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/me/security/recovery-codes',
      summary: 'New recovery codes; the old ones count no more.',
      async handle(ctx) {
        const { accountId } = await aboutToChange(ctx);
        ctx.record({
          action: 'signin.recovery-codes-made',
          category: 'UserManagement',
          targets: [{ kind: 'account', id: accountId }],
        });
        return { recoveryCodes: await newRecoveryCodes(ctx, accountId) };
      },
    }),
    route({
      ...asks,
      method: 'GET',
      path: '/me/applications',
      summary: 'The applications that one lets act, and what each may do.',
      async handle(ctx) {
        const value = (await listOwnConsents(ctx)).map(({ consent, principal }) => ({
          id: consent.id,
          displayName: principal.displayName,
          permissions: consent.permissions,
          givenAt: consent.givenAt.toISOString(),
        }));
        return { value };
      },
    }),
    route({
      ...asks,
      method: 'DELETE',
      path: '/me/applications/:id',
      summary: 'Takes back what an application may do; felt at once.',
      params: z.object({ id: z.uuid() }),
      async handle(ctx, { params }) {
        await takeBack(ctx, params.id);
        return noContent();
      },
    }),
  ];
}
