import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { sqlOf } from '../../src/platform/database/index.ts';
import { signJson } from '../../src/protocols/signed-json.ts';
import { soon } from './eventually.ts';
import { certificateFor } from './faulty-front.ts';
import type { Api } from './people.ts';
import { inside, ok, type TestedPartnership } from './tested-partnership.ts';
import type { Side } from './two-servers.ts';

/** Makes it fail, and gives back how to mend it. */
export type Inject = () => Promise<() => unknown>;
export interface Injected {
  readonly fault: string;
  readonly step: string;
  readonly side: 'ours' | 'theirs' | 'between';
  readonly inject: Inject;
  readonly mailbox?: string;
  /** Who alone can see it: they from their end, or whoever compares both. */
  readonly end?: 'theirs' | 'both';
}

export const nothing: Inject = async () => () => undefined;

export const DOCUMENT = /^\/\.well-known/;
export const REQUEST = /^\/partners\/requests/;
export const everybody = (accessType: string) => ({
  usersAndGroups: { accessType, targets: [{ target: 'AllUsers', targetType: 'user' }] },
  applications: { accessType, targets: [{ target: 'AllApplications', targetType: 'application' }] },
});
export const POLICY = '/v1.0/policies/crossTenantAccessPolicy/default';
export const RULES = '/admin/settings/partners.agreement-rules';

export const LONG_AGO = new Date(Date.now() - 800 * 86_400_000);

/** Ways to make a partnership fail, each with the way back. */
export function injections(partnership: TestedPartnership) {
  const { servers, fronts, hostile, good, ann } = partnership;
  const published = async () =>
    (await fetch(`${servers.contoso.app.loopback}/.well-known/entente?domain=contoso.example`)).text();

  /** Answers what is at the address in place of Contoso's server. */
  const answers =
    (path: RegExp, status: number, body: string | ((document: string) => string | Promise<string>)): Inject =>
    async () => {
      const answer = typeof body === 'string' ? body : await body(await published());
      return fronts.contoso.secure(good, ({ url = '' }, response) => {
        if (!path.test(url)) return false;
        response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
        return true;
      });
    };

  /** Takes no answer from Contoso's server at these addresses. */
  const cutOff =
    (path: RegExp): Inject =>
    async () =>
      fronts.contoso.secure(good, ({ url = '' }, response) => {
        if (!path.test(url)) return false;
        response.destroy();
        return true;
      });

  /** What Contoso's server publishes, by somebody who signs it with a key of their own. */
  const republished = (change: Record<string, unknown>) => async (document: string) => {
    const changed = {
      ...JSON.parse(document).document,
      keys: [{ ...hostile.signer.privateJwk, d: undefined, kid: hostile.signer.kid }],
      ...change,
    };
    const clean = JSON.parse(JSON.stringify(changed));
    return JSON.stringify({
      document: clean,
      signature: await signJson(clean, hostile.signer, 'entente-organization'),
    });
  };

  const patched =
    (api: Api, path: string | (() => string), changes: unknown, back: unknown): Inject =>
    async () => {
      const at = typeof path === 'string' ? path : path();
      await ok(api('PATCH', at, changes));
      return () => ok(api('PATCH', at, back));
    };

  const updated =
    (side: Side, change: ReturnType<typeof sql>, back: ReturnType<typeof sql>): Inject =>
    async () => {
      await inside(side, (ctx) => change.execute(sqlOf(ctx)));
      return () => inside(side, (ctx) => back.execute(sqlOf(ctx)));
    };

  /** Contoso shows a certificate for these names. */
  const certificate =
    (names: string[], of: { isOurs?: boolean; at?: Date } = {}): Inject =>
    async () =>
      fronts.contoso.secure(
        await certificateFor(names, {
          ...(of.isOurs === false ? {} : { pki: servers.pki }),
          ...(of.at ? { at: of.at } : {}),
        }),
      );

  const agreement = () => `/admin/partners/agreements/${partnership.agreement}`;
  const stateOf = async (api: Api, wanted: string) =>
    soon(async () => assert.equal((await ok(api('GET', agreement()))).state, wanted));

  /** Changes a byte of the agreement that a side keeps. */
  const broken =
    (side: Side, api: Api): Inject =>
    async () => {
      const flip = (from: string, to: string) =>
        inside(side, (ctx) =>
          sql`update partners.agreement_versions set content = replace(content, ${from}, ${to})`.execute(sqlOf(ctx)),
        );
      await flip('Working together', 'Working Together');
      return async () => {
        await flip('Working Together', 'Working together');
        await ok(api('POST', `${agreement()}/verify`));
        await soon(async () => assert.equal((await ok(ann('GET', agreement()))).isSound, true));
      };
    };

  return { answers, cutOff, republished, patched, updated, certificate, agreement, stateOf, broken };
}
