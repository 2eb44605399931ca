import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { Context } from '../../src/kernel/context.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import type { Tls } from '../../src/platform/tls.ts';
import { TENANT_CHANGED } from '../../src/tenants/index.ts';
import { soon } from './eventually.ts';
import { certificateFor, FaultyFront } from './faulty-front.ts';
import { HostilePartner } from './hostile-partner.ts';
import type { Api } from './people.ts';
import { becomePartners, freePort, type Side, startTwoServers, type TwoServers } from './two-servers.ts';

export const BOB = 'bob@contoso.example';
export const LEVEL = { freeBusy: { enabled: true, level: 'AvailabilityOnly', scopeGroupId: null } };

/** Two organisations on two servers that work well with each other, each behind a front that can be made to fail. */
export interface TestedPartnership {
  readonly servers: TwoServers;
  readonly fronts: { readonly fabrikam: FaultyFront; readonly contoso: FaultyFront };
  /** A third one, whose clock agrees with Fabrikam's. */
  readonly hostile: HostilePartner;
  /** A certificate that all of them trust. */
  readonly good: Tls;
  readonly ann: Api;
  readonly anders: Api;
  readonly carla: Api;
  readonly bob: Api;
  /** Fabrikam's relationship with Contoso, and Contoso's with Fabrikam: their addresses. */
  readonly here: string;
  there: string;
  /** The agreement that one of the faults begins with, once it was there. */
  agreement: string;
  /** Every code that a test of it has shown. */
  readonly met: Set<string>;
  close(): Promise<void>;
}

export async function startTestedPartnership(): Promise<TestedPartnership> {
  const ports = {
    fabrikam: [await freePort(), await freePort()],
    contoso: [await freePort(), await freePort()],
  } as const;
  const behind = (name: 'fabrikam' | 'contoso') => ({
    publicUrl: `https://${name}.example:${ports[name][0]}`,
    httpsPort: ports[name][1],
  });
  const servers = await startTwoServers({ fabrikam: behind('fabrikam'), contoso: behind('contoso') });
  const opened: { close(): Promise<unknown> }[] = [servers];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  };
  try {
    const { fabrikam, contoso, dns } = servers;
    const fronts = {
      fabrikam: await FaultyFront.start(...ports.fabrikam),
      contoso: await FaultyFront.start(...ports.contoso),
    };
    opened.push(fronts.fabrikam, fronts.contoso);
    const [ann, anders] = [fabrikam.api(fabrikam.administrator), fabrikam.api(fabrikam.member)];
    const [carla, bob] = [contoso.api(contoso.administrator), contoso.api(contoso.member)];
    dns.setAddresses('emea.contoso.example', ['127.0.0.1']);
    await setDomains(servers, ['emea.contoso.example']);
    await becomePartners(servers);
    const hostile = await HostilePartner.start(servers);
    opened.push(hostile);
    await hostile.becomePartnerOf(fabrikam);
    const good = await certificateFor(['contoso.example', 'fabrikam.example'], { pki: servers.pki });
    // The clock's own tests would fall into the middle of these.
    for (const api of [ann, carla])
      await ok(api('PATCH', '/admin/settings/partners.tests', { values: { minutesBetween: 0 } }));
    const here = await relate(ann, 'contoso.example');
    const there = await relate(carla, 'fabrikam.example');
    await soon(async () => {
      const { health } = (await ann('GET', `/admin/partners/${hostile.id}`)).body;
      assert.ok(health.answeredAt);
    });
    return {
      ...{ servers, fronts, hostile, good, ann, anders, carla, bob, here, there, close },
      agreement: '',
      met: new Set(),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a call brought that was done as asked. */
export async function ok(answering: ReturnType<Api>) {
  const answer = await answering;
  assert.ok(answer.status < 300, `${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Makes a relationship that looks times up and gives them; its address. */
export async function relate(api: Api, domain: string): Promise<string> {
  const made = await ok(
    api('POST', '/admin/organization-relationships', { name: domain, domainNames: [domain], ...LEVEL }),
  );
  return `/admin/organization-relationships/${made.id}`;
}

/** Does something in an organisation's name, past every question. */
export const inside = <T>({ app, id }: Side, act: (ctx: Context) => Promise<T>): Promise<T> =>
  app.run({ tenantId: id, actor: { kind: 'system', name: 'test' } }, act);

/** Contoso's verified domains besides its first. */
export const setDomains = ({ contoso }: TwoServers, names: readonly string[]) =>
  inside(contoso, async (ctx) => {
    await sql`delete from tenants.domains where tenant_id = ${ctx.tenantId} and name like '%.contoso.example'`.execute(
      sqlOf(ctx),
    );
    for (const name of names)
      await sql`insert into tenants.domains (tenant_id, name, proof, verified_at, created_at)
                select tenant_id, ${name}, proof, verified_at, created_at
                  from tenants.domains where tenant_id = ${ctx.tenantId} and name = 'contoso.example'`.execute(
        sqlOf(ctx),
      );
    await ctx.announce(TENANT_CHANGED, {});
  });

export interface Step {
  readonly step: string;
  readonly end: string;
  readonly status: string;
  readonly side: string;
  readonly code: string;
  readonly seen: string;
  readonly todo: string | null;
}
export interface Made {
  readonly id: string;
  readonly steps: readonly Step[];
  readonly verdict: { readonly isHealthy: boolean; readonly step: string; readonly end: string; readonly side: string };
}

/** Makes a test of a partnership, and keeps what it showed. */
export async function made(
  { met }: TestedPartnership,
  api: Api,
  partner: string,
  mailbox: string | null = BOB,
): Promise<Made> {
  const answer = await api('POST', `/admin/partners/${partner}/tests`, { mailbox });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const lines = (answer.body as unknown as string)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { id, verdict } = lines.at(-1);
  for (const { step } of lines.slice(0, -1)) met.add(step.code);
  return { id, verdict, steps: lines.slice(0, -1).map(({ step }) => step) };
}

export const failing = ({ steps }: Made) => steps.filter(({ status }) => status === 'failed');
