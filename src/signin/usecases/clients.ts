import type { Context } from '../../kernel/context.ts';
import { parseId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Application } from '../model/application.ts';
import { WEB_CLIENT } from '../model/first-party.ts';
import { findApplication, findServicePrincipal, listConsents, listSecrets, secretHash } from '../store/applications.ts';
import type { Lookups } from './lookups.ts';

/** A client as the provider of one tenant must know it. */
export interface Client {
  readonly id: string;
  readonly displayName: string;
  /** The organisation that registered it; null for our own and for those of the tenant itself. */
  readonly publisher: string | null;
  readonly kind: 'web' | 'spa' | 'native';
  readonly redirectUris: readonly string[];
  readonly logoutUris: readonly string[];
  /** SHA-256 of the secrets that are good now, in hex. */
  readonly secretHashes: readonly string[];
  readonly isOurs: boolean;
}

const actor = { kind: 'system', name: 'signin.clients' } as const;

/** The client id under which one tenant's sign-in page asks another tenant of this server who somebody is. */
export const clientOfTenant = (tenantId: TenantId): string => `tenant-${tenantId}`;
const TENANT_CLIENT = /^tenant-(.+)$/;

export const isClientOfTenant = (clientId: string): boolean => TENANT_CLIENT.test(clientId);

/** Where the home tenant sends people back to. */
export const homeReturnPath = (tenantId: TenantId): string => `/${tenantId}/signin-home`;

/** Reads the clients that a tenant knows: our own, the other tenants of this server, and registered applications. */
export function createClients(ports: { run: Run; lookups: Lookups; origins: () => readonly string[] }) {
  return {
    async find(tenantId: TenantId, id: string): Promise<Client | undefined> {
      const at = (paths: readonly string[]) =>
        ports.origins().flatMap((origin) => paths.map((path) => `${origin}${path}`));
      if (id === WEB_CLIENT) {
        return {
          id,
          displayName: 'Entente',
          publisher: null,
          kind: 'spa',
          redirectUris: at(['/signed-in']),
          logoutUris: at(['/', '/signed-out']),
          secretHashes: [],
          isOurs: true,
        };
      }
      const visited = parseId<'tenant'>(TENANT_CLIENT.exec(id)?.[1] ?? '');
      if (visited) return this.ofTenant(visited, at([homeReturnPath(visited)]));
      return this.ofApplication(tenantId, id);
    },

    async ofTenant(visited: TenantId, redirectUris: readonly string[]): Promise<Client | undefined> {
      const displayName = await ports.run({ tenantId: visited, actor, readOnly: true }, async (ctx) =>
        ctx.tenant.state === 'active' ? ctx.tenant.displayName : undefined,
      );
      if (displayName === undefined) return undefined;
      const id = clientOfTenant(visited);
      return {
        id,
        displayName,
        publisher: null,
        kind: 'spa',
        redirectUris,
        logoutUris: [],
        secretHashes: [],
        isOurs: true,
      };
    },

    async ofApplication(tenantId: TenantId, text: string): Promise<Client | undefined> {
      const id = parseId<'application'>(text);
      if (!id) return undefined;
      const registeredAt = await ports.lookups.tenantOfApplication(id);
      if (!registeredAt) return undefined;
      const found = await ports.run({ tenantId: registeredAt, actor, readOnly: true }, async (ctx) => {
        const application = await findApplication(ctx, id);
        if (application?.id !== id || ctx.tenant.state === 'deleted') return undefined;
        return { application, secrets: await listSecrets(ctx, id), now: ctx.now, publisher: ctx.tenant.displayName };
      });
      if (!found) return undefined;
      const { application, secrets, now, publisher } = found;
      if (registeredAt !== tenantId && application.audience !== 'AzureADMultipleOrgs') return undefined;
      const isOff = await ports.run({ tenantId, actor, readOnly: true }, async (ctx) => {
        return (await findServicePrincipal(ctx, id))?.isEnabled === false;
      });
      if (isOff) return undefined;
      return {
        id,
        displayName: application.displayName,
        publisher: registeredAt === tenantId ? null : publisher,
        ...kindOf(application),
        logoutUris: application.logoutUris,
        secretHashes: secrets
          .filter((secret) => secret.startsAt <= now && secret.endsAt > now)
          .map((secret) => secret.hash.toString('hex')),
        isOurs: false,
      };
    },
  };
}

export type Clients = ReturnType<typeof createClients>;

/** One registration may name addresses of several kinds; the strictest kind that it uses decides how it must behave. */
function kindOf({ redirectUris: { web, spa, native } }: Application): Pick<Client, 'kind' | 'redirectUris'> {
  if (web.length > 0) return { kind: 'web', redirectUris: [...web, ...spa, ...native] };
  if (native.length > 0) return { kind: 'native', redirectUris: native };
  return spa.length > 0 ? { kind: 'spa', redirectUris: spa } : { kind: 'web', redirectUris: [] };
}

/** Whether the text is one of the client's secrets. Compared by hash. */
export const isSecretOf = (hashes: readonly string[], secret: string): boolean =>
  hashes.includes(secretHash(secret).toString('hex'));

/** What an application was allowed here: for a person (with what an administrator allowed for everyone), or itself. */
export async function consentedPermissions(
  ctx: Context,
  clientId: string,
  holder: { accountId: string } | 'itself',
): Promise<string[]> {
  const principal = await findServicePrincipal(ctx, clientId);
  if (!principal?.isEnabled) return [];
  const consents = await listConsents(ctx, { servicePrincipalId: principal.id });
  const counts = consents.filter((consent) =>
    holder === 'itself'
      ? consent.kind === 'application'
      : consent.kind === 'everyone' || (consent.kind === 'person' && consent.accountId === holder.accountId),
  );
  return [...new Set(counts.flatMap((consent) => consent.permissions))];
}
