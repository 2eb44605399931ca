import { timingSafeEqual } from 'node:crypto';
import type { JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Context } from '../../kernel/context.ts';
import { type ApplicationId, parseId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Homes } from '../../partners/index.ts';
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
  readonly kind: 'web' | 'spa' | 'native' | 'organisation';
  readonly redirectUris: readonly string[];
  readonly logoutUris: readonly string[];
  readonly secrets: readonly ClientSecret[];
  /** Of another organisation: those by which it shows who it is. */
  readonly keys?: readonly JWK[];
  readonly isOurs: boolean;
  /** What it may do in this tenant by itself, without a person. */
  readonly ownPermissions: readonly string[];
  /** False where the organisation that uses it, or the one that registered it, is suspended: only people go on. */
  readonly mayActAlone: boolean;
}

export interface ClientSecret {
  /** SHA-256. */
  readonly hash: Uint8Array;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

const actor = { kind: 'system', name: 'signin.clients' } as const;

/** The client id under which one organisation's sign-in page asks another organisation who somebody is. */
export const clientOfTenant = (tenantId: TenantId): string => `tenant-${tenantId}`;
const TENANT_CLIENT = /^tenant-(.+)$/;

export const isClientOfTenant = (clientId: string): boolean => TENANT_CLIENT.test(clientId);

/** Where the home tenant sends people back to. */
export const homeReturnPath = (tenantId: TenantId): string => `/${tenantId}/signin-home`;

/** Below what an organisation's issuer stands: its addresses have the places that ours have. Undefined for any other. */
export const baseOfIssuer = (issuer: string): string | undefined => /^(https:\/\/.+)\/v2\.0$/.exec(issuer)?.[1];

const KEPT_AT_MOST = 5_000;
/** Changes are announced; this bounds how long a lost announcement can matter. */
const KEPT_MILLISECONDS = 30_000;

interface Kept {
  /** Whose rows it was read from: the tenant that asks, and the one where the application is registered. */
  readonly readFrom: Set<TenantId>;
  readonly client: Promise<Client | undefined>;
}

/**
 * Reads the clients that a tenant knows: our own, other organisations that it knows, and registered applications. These
 * last are kept in memory until something about them is announced changed; one that is not found is not remembered.
 */
export function createClients(ports: {
  run: Run;
  lookups: Lookups;
  homes: Pick<Homes, 'find'>;
  origins: () => readonly string[];
}) {
  const kept = new LRUCache<string, Kept>({ max: KEPT_AT_MOST, ttl: KEPT_MILLISECONDS });

  async function readApplication(tenantId: TenantId, id: ApplicationId, readFrom: Set<TenantId>) {
    const registeredAt = await ports.lookups.tenantOfApplication(id);
    if (!registeredAt) return undefined;
    // Before the rows are read: what is announced from now on concerns this reading.
    readFrom.add(registeredAt);
    const found = await ports.run({ tenantId: registeredAt, actor, readOnly: true }, async (ctx) => {
      const application = await findApplication(ctx, id);
      if (application?.id !== id || ctx.tenant.state === 'deleted') return undefined;
      return {
        application,
        secrets: await listSecrets(ctx, id),
        publisher: ctx.tenant.displayName,
        state: ctx.tenant.state,
      };
    });
    if (!found) return undefined;
    const { application, secrets, publisher } = found;
    let mayActAlone = found.state === 'active';
    if (registeredAt !== tenantId && application.audience !== 'AzureADMultipleOrgs') return undefined;
    const ownPermissions = await ports.run({ tenantId, actor, readOnly: true }, async (ctx) => {
      mayActAlone &&= ctx.tenant.state === 'active';
      const principal = await findServicePrincipal(ctx, id);
      // Of another organisation's application nobody here knows until somebody agrees to it.
      mayActAlone &&= principal !== undefined;
      return principal?.isEnabled === false ? undefined : consentedPermissions(ctx, id, 'itself');
    });
    if (!ownPermissions) return undefined;
    return {
      id,
      displayName: application.displayName,
      publisher: registeredAt === tenantId ? null : publisher,
      ...kindOf(application),
      logoutUris: application.logoutUris,
      secrets,
      isOurs: false,
      ownPermissions,
      mayActAlone,
    };
  }

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
          secrets: [],
          isOurs: true,
          ownPermissions: [],
          mayActAlone: false,
        };
      }
      const visited = parseId<'tenant'>(TENANT_CLIENT.exec(id)?.[1] ?? '');
      if (visited) return this.ofOrganisation(tenantId, visited, at([homeReturnPath(visited)]));
      return this.ofApplication(tenantId, id);
    },

    /**
     * Another organisation, whose sign-in page asks us who somebody of ours is. What an administrator confirmed of it is
     * its registration: people are sent back below its issuer alone, and it shows who it is by its keys.
     */
    async ofOrganisation(
      tenantId: TenantId,
      visited: TenantId,
      originsHere: readonly string[],
    ): Promise<Client | undefined> {
      const known = visited === tenantId ? undefined : await ports.homes.find(tenantId, { tenantId: visited });
      if (!known) return undefined;
      const { displayName, keys, isHere, issuer } = known;
      if (isHere && (await ports.lookups.tenantAt(visited))?.state !== 'active') return undefined;
      const base = baseOfIssuer(issuer);
      return {
        id: clientOfTenant(visited),
        displayName,
        publisher: null,
        kind: 'organisation',
        redirectUris: isHere ? originsHere : base === undefined ? [] : [`${base}/signin-home`],
        logoutUris: [],
        secrets: [],
        keys,
        isOurs: false,
        ownPermissions: [],
        mayActAlone: false,
      };
    },

    async ofApplication(tenantId: TenantId, text: string): Promise<Client | undefined> {
      const id = parseId<'application'>(text);
      if (!id) return undefined;
      const key = `${tenantId} ${id}`;
      const known = kept.get(key);
      if (known) return known.client;
      const readFrom = new Set([tenantId]);
      const reading: Kept = { readFrom, client: readApplication(tenantId, id, readFrom) };
      kept.set(key, reading);
      const drop = () => kept.peek(key) === reading && kept.delete(key);
      reading.client.then((client) => client || drop(), drop);
      return reading.client;
    },

    /** Drops what was read from a tenant's rows, also in the name of other tenants. */
    forgetTenant(tenantId: TenantId): void {
      for (const [key, { readFrom }] of [...kept.entries()]) if (readFrom.has(tenantId)) kept.delete(key);
    },
    forgetAll: () => kept.clear(),
  };
}

export type Clients = ReturnType<typeof createClients>;

/** One registration may name addresses of several kinds; the strictest kind that it uses decides how it must behave. */
function kindOf({ redirectUris: { web, spa, native } }: Application): Pick<Client, 'kind' | 'redirectUris'> {
  if (web.length > 0) return { kind: 'web', redirectUris: [...web, ...spa, ...native] };
  if (native.length > 0) return { kind: 'native', redirectUris: native };
  return spa.length > 0 ? { kind: 'spa', redirectUris: spa } : { kind: 'web', redirectUris: [] };
}

/** The hashes of the client's secrets that are good now. */
export const goodSecretHashes = ({ secrets }: Client, now: Date): Uint8Array[] =>
  secrets.filter(({ startsAt, endsAt }) => startsAt <= now && endsAt > now).map(({ hash }) => hash);

/** Whether the text is one of the secrets with these hashes. How long it takes tells nothing of them. */
export function isSecretOf(hashes: readonly Uint8Array[], secret: string): boolean {
  const presented = secretHash(secret);
  return hashes.some((hash) => timingSafeEqual(hash, presented));
}

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
