import { type Account, errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { findAccount, findGuestStanding } from '../../../directory/index.ts';
import { newId, type TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import type { AskHome } from '../../../partners/index.ts';
import { API_AUDIENCE } from '../../model/access-token.ts';
import type { Authenticator } from '../../usecases/authenticator.ts';
import { applicationOf, askToComeIn, countedMethods, type Entry, noteVouched } from '../../usecases/coming-in.ts';
import { identityOfTenant } from '../../usecases/home-sign-in.ts';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
/** Short, since such a token has no session here of its own that could be ended. */
export const EXCHANGED_SECONDS = 5 * 60;

/** How the person proved who they are at home, for the token that is being written for this request. */
const proofs = new WeakMap<object, { amr: readonly string[]; authTime: number }>();
export const proofOf = (ctx: KoaContextWithOIDC) => proofs.get(ctx.req);

const underReference = (entry: Entry | undefined) => (entry?.reference ? ` (reference ${entry.reference})` : '');

/**
 * RFC 8693: an access token of the home tenant for one of the tenant visited, where its holder is an accepted guest. The
 * client must be one that this tenant knows, and does no more than what it was let do here.
 */
export function registerTokenExchange(
  provider: Provider,
  ports: {
    run: Run;
    askHome: AskHome;
    authenticator: () => Authenticator;
    findPerson: (ctx: KoaContextWithOIDC, accountId: string) => Promise<Account | undefined>;
    loadGrant: (ctx: KoaContextWithOIDC, accountId: string) => Promise<InstanceType<Provider['Grant']> | undefined>;
    resourceServer: () => ConstructorParameters<Provider['ResourceServer']>[1];
  },
  tenantId: TenantId,
): void {
  const actor = { kind: 'system', name: 'signin.token-exchange' } as const;
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    async (ctx) => {
      const { params, client } = ctx.oidc;
      if (!client || params?.subject_token_type !== ACCESS_TOKEN || typeof params.subject_token !== 'string')
        throw new errors.InvalidRequest('a subject_token of the type access_token is needed');
      const bearer = params.subject_token;
      const home = await ports
        .authenticator()
        .authenticate({ bearer, isLoopback: false, actIn: undefined, wantsOperator: false })
        .catch(() => undefined);
      // Only the client that the token was written for may exchange it.
      if (home?.actor.kind !== 'account' || home.tenantId === tenantId || home.actor.applicationId !== client.clientId)
        throw new errors.InvalidGrant('the subject_token cannot be exchanged here');
      const { actor: person, tenantId: homeTenantId } = home;
      const identity = identityOfTenant(homeTenantId, person.accountId, person.userPrincipalName, person.methods);
      const standing = await ports.run({ tenantId, actor, readOnly: true }, (inTenant) =>
        findGuestStanding(inTenant, identity),
      );
      if (standing.status !== 'accepted') throw new errors.InvalidGrant('the holder is no guest here');
      const { accountId } = standing;
      const correlationId = newId();
      const application = applicationOf(client.clientId);
      const people = [{ userId: person.accountId }];
      const [vouched] = await ports.askHome({ tenantId, correlationId }, { homeTenantId, application, people });
      const entry = await ports.run({ tenantId, actor, correlationId }, async (inTenant) => {
        const guest = await findAccount(inTenant, accountId);
        if (!guest || !vouched?.isActive) return undefined;
        await noteVouched(inTenant, accountId, vouched);
        const methods = countedMethods(inTenant, guest, person.methods);
        return { ...(await askToComeIn(inTenant, guest, { application, methods })), methods };
      });
      if (entry?.level === 'challenge')
        throw new errors.AccessDenied(
          `a second factor is needed: sign in at the organisation itself${underReference(entry)}`,
        );
      if (entry?.level !== 'in')
        throw new errors.AccessDenied(
          `the ${entry?.refusedBy ?? 'home'} organisation does not let this through${underReference(entry)}`,
        );

      proofs.set(ctx.req, { amr: entry.methods, authTime: Math.floor(person.authenticatedAt.getTime() / 1000) });
      const account = await ports.findPerson(ctx, accountId);
      if (!account) throw new errors.InvalidGrant('the guest may not sign in');
      ctx.oidc.entity('Account', account);
      const grant = await ports.loadGrant(ctx, accountId);
      if (!grant) throw new errors.InvalidGrant('nothing was agreed to here');
      const token = new provider.AccessToken({ accountId, client, grantId: grant.jti, gty: 'token_exchange' } as never);
      token.resourceServer = new provider.ResourceServer(API_AUDIENCE, ports.resourceServer());
      const asked = new Set(
        params.scope ? String(params.scope).split(' ') : grant.getResourceScope(API_AUDIENCE).split(' '),
      );
      token.scope = grant.getResourceScopeFiltered(API_AUDIENCE, asked);
      ctx.oidc.entity('AccessToken', token);
      const text = await token.save();
      // One line in each log under one id, as when the person comes by the sign-in page (ID-27).
      const note = (at: TenantId, guestOrSelf: string) =>
        ports.run({ tenantId: at, actor, correlationId, clientAddress: ctx.ip }, async (inTenant) =>
          inTenant.record({
            action: 'signin.token-exchanged',
            category: 'SignIn',
            targets: [{ kind: 'account', id: guestOrSelf, displayName: person.displayName }],
            facts: {
              userName: person.userPrincipalName,
              homeTenantId: at === tenantId ? homeTenantId : null,
              resourceTenantId: tenantId,
              clientId: client.clientId,
              methods: person.methods,
            },
          }),
        );
      await note(tenantId, accountId);
      await note(homeTenantId, person.accountId);
      ctx.body = {
        access_token: text,
        issued_token_type: ACCESS_TOKEN,
        token_type: 'Bearer',
        expires_in: EXCHANGED_SECONDS,
        scope: token.scope,
      };
    },
    ['subject_token', 'subject_token_type', 'requested_token_type', 'scope', 'audience', 'resource'],
    [],
  );
}
