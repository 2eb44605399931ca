import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import type { Application, ApplicationSecret } from '../../model/application.ts';
import { plainScope } from '../../model/permissions.ts';
import { manageApplications } from '../../questions.ts';
import {
  type ApplicationInput,
  addSecret,
  applicationOf,
  changeApplication,
  listKnownApplications,
  registerApplication,
  removeApplication,
  removeSecret,
  secretsOf,
} from '../../usecases/applications.ts';

/** Under which the Graph wire names this API among the things an application wants access to. */
const RESOURCE = '00000003-0000-0000-c000-000000000000';

const platform = z.object({ redirectUris: z.array(z.string().max(2000)).max(250).default([]) });
const body = z.object({
  displayName: z.string().min(1).max(256),
  signInAudience: z.enum(['AzureADMyOrg', 'AzureADMultipleOrgs']).optional(),
  web: platform.extend({ logoutUrl: z.string().max(2000).nullish() }).optional(),
  spa: platform.optional(),
  publicClient: platform.optional(),
  requiredResourceAccess: z
    .array(
      z.object({
        resourceAppId: z.string(),
        resourceAccess: z.array(z.object({ id: z.string(), type: z.enum(['Scope', 'Role']) })),
      }),
    )
    .optional(),
});

const tags = ['applications'];
const asks = { wire: 'graph', access: 'asks', tags } as const;
const params = z.object({ id: z.uuid() });

/** App registrations on the Graph wire. */
export function applicationRoutes(): Route[] {
  return [
    route({
      ...asks,
      method: 'GET',
      path: '/v1.0/applications',
      summary: 'The applications registered here.',
      async handle(ctx, { origin }) {
        const found = await listKnownApplications(ctx);
        const value = await Promise.all(found.map(async (one) => presentApplication(one, await secretsOf(ctx, one))));
        return { '@odata.context': `${origin}/v1.0/$metadata#applications`, value };
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/v1.0/applications',
      summary: 'Registers an application.',
      body,
      async handle(ctx, request) {
        return created(presentApplication(await registerApplication(ctx, inputOf(request.body)), []));
      },
    }),
    route({
      ...asks,
      method: 'GET',
      path: '/v1.0/applications/:id',
      summary: 'One application, by its id.',
      params,
      async handle(ctx, request) {
        await ctx.demand(manageApplications, undefined, 'read');
        const application = await applicationOf(ctx, request.params.id);
        return presentApplication(application, await secretsOf(ctx, application));
      },
    }),
    route({
      ...asks,
      method: 'PATCH',
      path: '/v1.0/applications/:id',
      summary: 'Changes an application.',
      params,
      body: body.partial(),
      async handle(ctx, request) {
        await changeApplication(ctx, request.params.id, await changesOf(ctx, request.params.id, request.body));
        return noContent();
      },
    }),
    route({
      ...asks,
      method: 'DELETE',
      path: '/v1.0/applications/:id',
      summary: 'Removes an application; its tokens end.',
      params,
      async handle(ctx, request) {
        await removeApplication(ctx, request.params.id);
        return noContent();
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/v1.0/applications/:id/addPassword',
      summary: 'Makes a secret. Its text is in this answer and nowhere else.',
      params,
      body: z
        .object({
          passwordCredential: z
            .object({
              displayName: z.string().max(256).nullish(),
              endDateTime: z.iso.datetime({ offset: true }).optional(),
            })
            .default({}),
        })
        .default({ passwordCredential: {} }),
      async handle(ctx, request) {
        const { displayName, endDateTime } = request.body.passwordCredential;
        const { secret, text } = await addSecret(ctx, request.params.id, {
          displayName: displayName ?? null,
          endsAt: endDateTime === undefined ? undefined : new Date(endDateTime),
        });
        return { ...presentSecret(secret), secretText: text };
      },
    }),
    route({
      ...asks,
      method: 'POST',
      path: '/v1.0/applications/:id/removePassword',
      summary: 'Removes a secret.',
      params,
      body: z.object({ keyId: z.uuid() }),
      async handle(ctx, request) {
        await removeSecret(ctx, request.params.id, request.body.keyId);
        return noContent();
      },
    }),
  ];
}

function inputOf(input: z.output<typeof body>): ApplicationInput {
  return {
    displayName: input.displayName,
    audience: input.signInAudience ?? 'AzureADMyOrg',
    redirectUris: {
      web: input.web?.redirectUris ?? [],
      spa: input.spa?.redirectUris ?? [],
      native: input.publicClient?.redirectUris ?? [],
    },
    logoutUris: input.web?.logoutUrl ? [input.web.logoutUrl] : [],
    wantedPermissions: wantedOf(input.requiredResourceAccess ?? []),
  };
}

async function changesOf(
  ctx: Context,
  id: string,
  input: z.output<ReturnType<typeof body.partial>>,
): Promise<Partial<ApplicationInput>> {
  // Asked before anything of the application is read: who may not change it learns nothing of it.
  await ctx.demand(manageApplications, undefined, 'write');
  const { redirectUris } = await applicationOf(ctx, id);
  return {
    ...(input.displayName === undefined ? {} : { displayName: input.displayName }),
    ...(input.signInAudience === undefined ? {} : { audience: input.signInAudience }),
    ...(input.web?.logoutUrl === undefined ? {} : { logoutUris: input.web.logoutUrl ? [input.web.logoutUrl] : [] }),
    redirectUris: {
      web: input.web?.redirectUris ?? redirectUris.web,
      spa: input.spa?.redirectUris ?? redirectUris.spa,
      native: input.publicClient?.redirectUris ?? redirectUris.native,
    },
    ...(input.requiredResourceAccess === undefined
      ? {}
      : { wantedPermissions: wantedOf(input.requiredResourceAccess) }),
  };
}

const wantedOf = (access: NonNullable<z.output<typeof body>['requiredResourceAccess']>) =>
  access.flatMap((resource) =>
    resource.resourceAccess.map(({ id, type }) => ({
      name: plainScope(id),
      kind: type === 'Role' ? ('role' as const) : ('scope' as const),
    })),
  );

function presentApplication(application: Application, secrets: readonly ApplicationSecret[]) {
  const { redirectUris, wantedPermissions } = application;
  return {
    id: application.objectId,
    appId: application.id,
    displayName: application.displayName,
    createdDateTime: application.createdAt.toISOString(),
    signInAudience: application.audience,
    web: { redirectUris: redirectUris.web, logoutUrl: application.logoutUris[0] ?? null },
    spa: { redirectUris: redirectUris.spa },
    publicClient: { redirectUris: redirectUris.native },
    requiredResourceAccess:
      wantedPermissions.length === 0
        ? []
        : [
            {
              resourceAppId: RESOURCE,
              // DEVIATES: the reference product names permissions by GUIDs that mean nothing elsewhere; here the name is the id.
              resourceAccess: wantedPermissions.map(({ name, kind }) => ({
                id: name,
                type: kind === 'role' ? 'Role' : 'Scope',
              })),
            },
          ],
    passwordCredentials: secrets.map(presentSecret),
  };
}

const presentSecret = (secret: ApplicationSecret) => ({
  keyId: secret.id,
  displayName: secret.displayName,
  hint: secret.hint,
  startDateTime: secret.startsAt.toISOString(),
  endDateTime: secret.endsAt.toISOString(),
});
