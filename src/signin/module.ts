import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { guestIn } from '../directory/index.ts';
import type { Actor, Context, TenantFacts } from '../kernel/context.ts';
import type { AccountId, TenantId } from '../kernel/ids.ts';
import type { Followed, Module, Run, SealedColumn } from '../kernel/module.ts';
import type { Arrivals, Homes } from '../partners/index.ts';
import type { Announcement, Bus } from '../platform/bus.ts';
import type { Database } from '../platform/database/index.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import { secretFile, type Vault } from '../platform/vault.ts';
import { findTenantByAddress, TENANT_CHANGED } from '../tenants/index.ts';
import { TOPICS } from './events.ts';
import {
  changeOwnSignIn,
  empowerPrograms,
  giveConsent,
  manageApplications,
  manageConsents,
  manageKeys,
  manageOwnSignIn,
  manageSignals,
  readOwnProfile,
  readSignIns,
  resetAdministrator,
  resetOperator,
  resetSignIn,
} from './questions.ts';
import { resetRoutes } from './routes/admin/reset.ts';
import { keyRoutes } from './routes/admin/signing-keys.ts';
import { readCredential, readNameAndPassword } from './routes/credential.ts';
import { applicationRoutes } from './routes/graph/applications.ts';
import { servicePrincipalRoutes } from './routes/graph/principals.ts';
import { signInLogRoutes } from './routes/graph/sign-ins.ts';
import { userinfoRoute } from './routes/graph/userinfo.ts';
import { mountLive } from './routes/live.ts';
import { appPasswordRoutes } from './routes/me/app-passwords.ts';
import { securityRoutes } from './routes/me/security.ts';
import { createInteractions, createProviders, mountProviders } from './routes/oidc/mount.ts';
import { demoAppPasswordRoute } from './routes/operator/demo-app-password.ts';
import { demoTokenRoute } from './routes/operator/demo-token.ts';
import { homeRoutes } from './routes/pages/home.ts';
import { signInRoutes } from './routes/pages/sign-in.ts';
import { metadataRoutes } from './routes/ssf/metadata.ts';
import { receiveRoute } from './routes/ssf/receive.ts';
import { streamRoutes } from './routes/ssf/streams.ts';
import { consentSettings, deviceSettings, guestSignIn } from './settings.ts';
import { findTenantOfApplication } from './store/applications.ts';
import { deleteExpired, findTenantOfArtifact } from './store/artifacts.ts';
import { findStreamOfPartner, findUntold } from './store/signals.ts';
import { createAuthenticator } from './usecases/authenticator.ts';
import { createBasicSignIn } from './usecases/basic-sign-in.ts';
import { createClients } from './usecases/clients.ts';
import { endSessionsAfter } from './usecases/end-sessions.ts';
import { createHomeSignIn } from './usecases/home-sign-in.ts';
import { createClientLimits } from './usecases/limit-clients.ts';
import { createLookups, type Lookups } from './usecases/lookups.ts';
import { mintAccessToken } from './usecases/mint-access-token.ts';
import { noteReplay } from './usecases/note-replay.ts';
import { signalSubscriber } from './usecases/note-signals.ts';
import { personArrived } from './usecases/person-arrived.ts';
import { createProfiles } from './usecases/profiles.ts';
import { createProgramTokens } from './usecases/program-tokens.ts';
import { recheckAfterPolicy, recheckGuestsJob, recheckGuestsSweep } from './usecases/recheck-guests.ts';
import { createRedemptions } from './usecases/redemption.ts';
import {
  authorizationPurpose,
  deferSending,
  homeRequests,
  programGoneSubscriber,
  type SendPorts,
  sendJob,
} from './usecases/send-signals.ts';
import { createSignIn } from './usecases/sign-in.ts';
import { createSigningKeys } from './usecases/signing-keys.ts';
import {
  createReception,
  forgetSweep,
  pollJob,
  pollSweep,
  pushRequest,
  type TakePorts,
  watchJob,
  watchSubscriber,
  watchSweep,
} from './usecases/take-signals.ts';
import { signinTies } from './usecases/ties.ts';

/** Where the server is reached. Known once it listens. */
export interface Addresses {
  /** For browsers: `http://localhost:8080`. */
  origin(): string;
  /** For programs, and the place of every issuer: `https://localhost:8443`. */
  httpsOrigin(): string;
  /** For calls of the server to itself. */
  loopback(): string;
  /** Whether a proxy with a name of its own stands in front, and everybody comes over HTTPS. */
  readonly isHttpsOnly: boolean;
}

export interface SigninPorts {
  readonly run: Run;
  readonly arrivals: Pick<Arrivals, 'askHome' | 'mayUseFromNetwork'>;
  readonly homes: Homes;
  readonly database: Database;
  /** A tenant from memory, where known. Rejects with not-found for a tenant that is none. */
  readonly tenantOf: (id: TenantId) => Promise<TenantFacts>;
  readonly bus: Bus;
  readonly log: Log;
  readonly now: () => Date;
  readonly vault: Vault;
  readonly addresses: Addresses;
  /** The data folder: the master secret and the operator's token are files in it. */
  readonly data: string;
  readonly demo: boolean;
  readonly trustProxy: boolean;
  /** What open pages may follow, of every module; there once all are made. */
  readonly followed: () => readonly Followed[];
}

export interface Signin extends Module<Route> {
  /** Puts the providers' addresses on the listener: they answer on the raw sockets. */
  mount(fastify: FastifyInstance): void;
  /** Who sent a request, for the listener. */
  authenticate(request: FastifyRequest): Promise<{ actor: Actor; tenantId: TenantId } | undefined>;
  /** Called right after a commit here, so that the caller's next request already feels what was announced in it. */
  hear(announcement: Announcement): void;
  /** What changes about people's sign-in, told to and by other organisations: a part that needs the way to them. */
  signals(ports: Pick<SendPorts, 'partners' | 'post'> & Pick<TakePorts, 'guestParting'>): Module<Route>;
  mintAccessToken(
    ctx: Context,
    accountId: AccountId,
    options?: { scopes?: readonly string[]; minutes?: number },
  ): Promise<{ token: string; expiresInSeconds: number }>;
}

const SEALED: readonly SealedColumn[] = [
  {
    table: 'signin.signing_keys',
    column: 'private_sealed',
    contextOf: ({ tenant_id, kid }) => `signing-key ${tenant_id} ${kid}`,
  },
  {
    table: 'signin.totp',
    column: 'secret_sealed',
    contextOf: ({ tenant_id, account_id }) => `totp ${tenant_id} ${account_id}`,
  },
  {
    table: 'signin.artifacts',
    column: 'payload_sealed',
    contextOf: ({ tenant_id, kind }) => `artifact ${tenant_id} ${kind}`,
  },
];

/** How people and programs prove who they are. Reads its secrets from the data folder, making them the first time. */
export async function openSignin(ports: SigninPorts): Promise<Signin> {
  const { vault } = ports;
  const operatorToken = await secretFile(join(ports.data, 'operator.token'));
  const masterSecret = await secretFile(join(ports.data, 'master.secret'));
  const subjectSalt = Buffer.from(hkdfSync('sha256', masterSecret, '', 'entente pairwise subjects', 32));

  const issuerOf = (tenantId: TenantId) => `${ports.addresses.httpsOrigin()}/${tenantId}/v2.0`;
  const { outside } = ports.database;
  const inDatabase: Lookups = {
    tenantAt: (address) => outside((tx) => findTenantByAddress({ tx }, address)),
    tenantOfApplication: (id) => outside((tx) => findTenantOfApplication({ tx }, id)),
    tenantOfArtifact: (kind, id) => outside((tx) => findTenantOfArtifact({ tx }, kind, id)),
  };
  const lookups = createLookups(inDatabase, ports.tenantOf);
  const findTenantId = async (address: string) => (await lookups.tenantAt(address))?.id;
  const keys = createSigningKeys({ run: ports.run, vault });
  const origins = () => [...new Set([ports.addresses.origin(), ports.addresses.httpsOrigin()])];
  const clients = createClients({ ...ports, lookups, origins });
  const authenticator = createAuthenticator({
    ...ports,
    keys,
    issuerOf,
    findTenantId,
    findClient: (tenantId, id) => clients.find(tenantId, id),
    operatorToken,
  });
  const minting = { keys, issuerOf, subjectSalt };
  const basicSignIn = createBasicSignIn({ run: ports.run, findTenantId });
  const programTokens = createProgramTokens({ ...ports, clients, keys, issuerOf });
  const profiles = createProfiles(ports);
  const providers = createProviders({
    ...ports,
    clients,
    keys,
    subjectSalt,
    issuerOf,
    userinfoAt: (origin) => `${origin}/oidc/userinfo`,
    isHttpsOnly: ports.addresses.isHttpsOnly,
    signIn: () => signIn,
    authenticator: () => authenticator,
    programTokens: () => programTokens,
    onReplay: (tenantId, what) =>
      void noteReplay(ports, tenantId, what).catch((error) =>
        ports.log.error({ err: error }, 'a replay was not noted'),
      ),
  });
  const signIn = createSignIn({
    ...ports,
    lookups,
    interactions: createInteractions(providers),
    findClient: (tenantId, id) => clients.find(tenantId, id),
  });

  const home = createHomeSignIn({
    ...ports,
    loopback: ports.addresses.loopback,
    httpsOrigin: ports.addresses.httpsOrigin,
  });
  const redemptions = createRedemptions({ ...ports, home });
  const { isHttpsOnly } = ports.addresses;
  const pages = { run: ports.run, signIn, home, redemptions, findTenantId, isHttpsOnly };

  const hears: Readonly<Record<string, (announcement: Announcement) => void>> = {
    [TOPICS.accountChanged]({ tenantId, payload }) {
      authenticator.forgetAccount(tenantId as TenantId, String(payload.accountId));
      profiles.forgetAccount(tenantId as TenantId, String(payload.accountId));
      basicSignIn.forgetAccount(tenantId as TenantId, String(payload.accountId));
    },
    [TOPICS.applicationsChanged]({ tenantId }) {
      authenticator.forgetTenant(tenantId as TenantId);
      clients.forgetTenant(tenantId as TenantId);
    },
    [TOPICS.keysChanged]({ tenantId }) {
      keys.forget(tenantId as TenantId);
      providers.forget(tenantId as TenantId);
      authenticator.forgetAll();
    },
    [TENANT_CHANGED]({ tenantId, payload }) {
      // Restored from a backup or gone for good, all of it may be different.
      const changed = (payload.tenantId ?? tenantId) as TenantId;
      clients.forgetTenant(changed);
      profiles.forgetTenant(changed);
      basicSignIn.forgetTenant(changed);
    },
  };
  const hear = (announcement: Announcement) => hears[announcement.topic]?.(announcement);
  for (const topic of Object.keys(hears)) ports.bus.on(topic, hear);
  ports.bus.onGap(() => {
    keys.forgetAll();
    authenticator.forgetAll();
    clients.forgetAll();
    profiles.forgetAll();
    basicSignIn.forgetAll();
  });

  return {
    name: 'signin',
    settings: [consentSettings, guestSignIn, deviceSettings],
    sealed: SEALED,
    questions: [
      manageApplications,
      manageConsents,
      empowerPrograms,
      resetSignIn,
      resetAdministrator,
      resetOperator,
      manageKeys,
      readSignIns,
      manageOwnSignIn,
      changeOwnSignIn,
      giveConsent,
      readOwnProfile,
    ] as never,
    routes: [
      ...signInRoutes(pages),
      ...homeRoutes(pages),
      userinfoRoute({ profiles, subjectSalt }),
      ...applicationRoutes(),
      ...servicePrincipalRoutes(),
      ...signInLogRoutes(),
      ...keyRoutes(vault),
      ...securityRoutes(ports),
      ...resetRoutes(),
      ...appPasswordRoutes,
      ...(ports.demo ? [demoTokenRoute({ ...minting, run: ports.run, findTenantId })] : []),
      ...(ports.demo ? [demoAppPasswordRoute({ run: ports.run, findTenantId })] : []),
    ],
    mount(fastify) {
      mountProviders(fastify, {
        lookups,
        providers,
        programTokens,
        limits: createClientLimits(ports),
        issuerTemplate: () => `${ports.addresses.httpsOrigin()}/{tenantid}/v2.0`,
      });
      mountLive(fastify, { ...ports, authenticator });
    },
    partnerRequests: [personArrived],
    untold: (ctx, { tenantId }) => findUntold(ctx, tenantId),
    async tellAgain(ctx, { tenantId }) {
      const stream = await findStreamOfPartner(ctx, tenantId);
      if (stream && stream.delivery !== 'poll') await deferSending(ctx, stream.id);
    },
    ties: signinTies,
    jobs: [recheckGuestsJob(ports)],
    // A guest's coming is their home's to know, too.
    sharedActs: [{ action: 'signin.signed-in', concerns: guestIn }],
    sweeps: [{ name: 'signin.forget-expired', cron: '23 * * * *', run: deleteExpired }, recheckGuestsSweep],
    subscribers: [
      {
        // The directory says from when sessions count; here go those that are open, with what was issued in them.
        name: 'signin.end-sessions',
        to: [
          'directory.sessions-ended',
          'directory.password-reset',
          'directory.account-changed',
          'directory.account-deleted',
          'directory.guest-ended',
          'directory.guest-left',
          'directory.guest-orphaned',
          'directory.redemption-reset',
        ],
        handle: endSessionsAfter,
      },
      recheckAfterPolicy,
    ],
    hear,
    signals(ways) {
      const sending = { ...ports, ...ways, keys, issuerOf, subjectSalt };
      const taking = { ...ports, ...ways };
      const reception = createReception(taking);
      return {
        name: 'signals',
        questions: [manageSignals] as never,
        routes: [
          ...metadataRoutes({ findTenantId, issuerOf, httpsOrigin: ports.addresses.httpsOrigin }),
          ...streamRoutes({ ...sending, httpsOrigin: ports.addresses.httpsOrigin }),
          receiveRoute({ run: ports.run, reception, findTenantId }),
        ],
        sealed: [
          {
            table: 'signin.signal_streams',
            column: 'authorization_sealed',
            contextOf: ({ tenant_id, id }) => authorizationPurpose(String(tenant_id), String(id)),
          },
        ],
        partnerRequests: [...homeRequests(sending), pushRequest(reception)],
        jobs: [sendJob(sending), pollJob(taking, reception), watchJob(taking)],
        subscribers: [signalSubscriber, programGoneSubscriber, watchSubscriber],
        sweeps: [pollSweep, watchSweep, forgetSweep],
      };
    },
    async authenticate(request) {
      const shown = readNameAndPassword(request);
      if (shown) return basicSignIn.authenticate(shown);
      const presented = readCredential(request);
      return presented && authenticator.authenticate(presented);
    },
    mintAccessToken: (ctx, accountId, options) => mintAccessToken(minting, ctx, accountId, options),
  };
}
