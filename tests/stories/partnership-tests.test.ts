import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { newId } from '../../src/kernel/ids.ts';
import type { Partners } from '../../src/kernel/module.ts';
import { WAY_WORDS } from '../../src/partners/model/diagnosis-words.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import type { Tls } from '../../src/platform/tls.ts';
import { TENANT_CHANGED } from '../../src/tenants/index.ts';
import { soon } from '../support/eventually.ts';
import { certificateFor, FaultyFront } from '../support/faulty-front.ts';
import { HostilePartner } from '../support/hostile-partner.ts';
import type { Api } from '../support/people.ts';
import { becomePartners, freePort, type Side, startTwoServers, type TwoServers } from '../support/two-servers.ts';

let servers: TwoServers;
let fronts: { fabrikam: FaultyFront; contoso: FaultyFront };
let hostile: HostilePartner;
let good: Tls;
let ann: Api;
let anders: Api;
let carla: Api;
let bob: Api;

const BOB = 'bob@contoso.example';
const LEVEL = { freeBusy: { enabled: true, level: 'AvailabilityOnly', scopeGroupId: null } };
/** Fabrikam's relationship with Contoso, and Contoso's with Fabrikam. */
let here: string;
let there: string;
let agreement: string;

before(async () => {
  const ports = {
    fabrikam: [await freePort(), await freePort()],
    contoso: [await freePort(), await freePort()],
  } as const;
  const behind = (name: 'fabrikam' | 'contoso') => ({
    publicUrl: `https://${name}.example:${ports[name][0]}`,
    httpsPort: ports[name][1],
  });
  servers = await startTwoServers({ fabrikam: behind('fabrikam'), contoso: behind('contoso') });
  const { fabrikam, contoso, dns } = servers;
  fronts = {
    fabrikam: await FaultyFront.start(...ports.fabrikam),
    contoso: await FaultyFront.start(...ports.contoso),
  };
  [ann, anders] = [fabrikam.api(fabrikam.administrator), fabrikam.api(fabrikam.member)];
  [carla, bob] = [contoso.api(contoso.administrator), contoso.api(contoso.member)];
  dns.setAddresses('emea.contoso.example', ['127.0.0.1']);
  await domains(['emea.contoso.example']);
  await becomePartners(servers);
  // A third one, whose clock agrees with ours.
  hostile = await HostilePartner.start(servers);
  await hostile.becomePartnerOf(fabrikam);
  good = await certificateFor(['contoso.example', 'fabrikam.example'], { pki: servers.pki });
  // The clock's own tests would fall into the middle of these.
  for (const api of [ann, carla])
    await ok(api('PATCH', '/admin/settings/partners.tests', { values: { minutesBetween: 0 } }));
  here = await relate(ann, 'contoso.example');
  there = await relate(carla, 'fabrikam.example');
  await soon(async () => {
    const { health } = (await ann('GET', `/admin/partners/${hostile.id}`)).body;
    assert.ok(health.answeredAt);
  });
});
after(async () => {
  await fronts?.fabrikam.close();
  await fronts?.contoso.close();
  await hostile?.close();
  await servers?.close();
});

async function ok(answering: ReturnType<Api>) {
  const answer = await answering;
  assert.ok(answer.status < 300, `${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function relate(api: Api, domain: string): Promise<string> {
  const made = await ok(
    api('POST', '/admin/organization-relationships', { name: domain, domainNames: [domain], ...LEVEL }),
  );
  return `/admin/organization-relationships/${made.id}`;
}

const inside = <T>(side: Side, act: (ctx: Parameters<typeof sqlOf>[0] & { announce: unknown }) => Promise<T>) =>
  side.app.run({ tenantId: side.id, actor: { kind: 'system', name: 'test' } }, act as never) as Promise<T>;

/** Contoso's verified domains besides its first. */
const domains = (names: readonly string[]) =>
  servers.contoso.app.run({ tenantId: servers.contoso.id, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
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

interface Step {
  readonly step: string;
  readonly end: string;
  readonly status: string;
  readonly side: string;
  readonly code: string;
  readonly seen: string;
  readonly todo: string | null;
}
interface Made {
  readonly id: string;
  readonly steps: readonly Step[];
  readonly verdict: { readonly isHealthy: boolean; readonly step: string; readonly end: string; readonly side: string };
}

/** Every code that a test made here has shown. */
const met = new Set<string>();

async function made(api: Api, partner: string, mailbox: string | null = BOB): Promise<Made> {
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
const failing = ({ steps }: Made) => steps.filter(({ status }) => status === 'failed');

/** Makes it fail, and gives back how to mend it. */
type Inject = () => Promise<() => unknown>;
interface Injected {
  readonly fault: string;
  readonly step: string;
  readonly side: 'ours' | 'theirs' | 'between';
  readonly inject: Inject;
  readonly mailbox?: string;
  /** Who alone can see it: they from their end, or whoever compares both. */
  readonly end?: 'theirs' | 'both';
}

const nothing = async () => () => undefined;
/** Answers what is at the address in place of Contoso's server. */
const answers =
  (path: RegExp, status: number, body: string | ((document: string) => Promise<string>)): Inject =>
  async () => {
    const published =
      typeof body === 'string' ? body : await body(JSON.stringify((await fetchDocument()) as Record<string, unknown>));
    return fronts.contoso.secure(good, ({ url = '' }, response) => {
      if (!path.test(url)) return false;
      response.writeHead(status, { 'content-type': 'application/json' }).end(published);
      return true;
    });
  };
const fetchDocument = async () =>
  (await fetch(`${servers.contoso.app.loopback}/.well-known/entente?domain=contoso.example`)).json();
const DOCUMENT = /^\/\.well-known/;
const REQUEST = /^\/partners\/requests/;
/** What Contoso's server publishes, by somebody who signs it with a key of their own. */
const republished = (change: Record<string, unknown>) => async (document: string) => {
  const { signJson } = await import('../../src/protocols/signed-json.ts');
  const changed = {
    ...JSON.parse(document).document,
    keys: [{ ...hostile.signer.privateJwk, d: undefined, kid: hostile.signer.kid }],
    ...change,
  };
  const clean = JSON.parse(JSON.stringify(changed));
  return JSON.stringify({ document: clean, signature: await signJson(clean, hostile.signer, 'entente-organization') });
};
const patched =
  (api: () => Api, path: () => string, changes: unknown, back: unknown): Inject =>
  async () => {
    await ok(api()('PATCH', path(), changes));
    return () => ok(api()('PATCH', path(), back));
  };
const updated =
  (side: () => Side, change: ReturnType<typeof sql>, back: ReturnType<typeof sql>): Inject =>
  async () => {
    await inside(side(), (ctx) => change.execute(sqlOf(ctx)));
    return () => inside(side(), (ctx) => back.execute(sqlOf(ctx)));
  };
const everybody = (accessType: string) => ({
  usersAndGroups: { accessType, targets: [{ target: 'AllUsers', targetType: 'user' }] },
  applications: { accessType, targets: [{ target: 'AllApplications', targetType: 'application' }] },
});
const POLICY = '/v1.0/policies/crossTenantAccessPolicy/default';
const RULES = '/admin/settings/partners.agreement-rules';
const certificate =
  (names: string[], of: { isOurs?: boolean; at?: Date } = {}): Inject =>
  async () =>
    fronts.contoso.secure(
      await certificateFor(names, {
        ...(of.isOurs === false ? {} : { pki: servers.pki }),
        ...(of.at ? { at: of.at } : {}),
      }),
    );
const longAgo = new Date(Date.now() - 800 * 86_400_000);
const stateOf = async (api: Api, wanted: string) =>
  soon(async () => assert.equal((await ok(api('GET', `/admin/partners/agreements/${agreement}`))).state, wanted));
const flip = (side: () => Side, from: string, to: string) =>
  inside(side(), (ctx) =>
    sql`update partners.agreement_versions set content = replace(content, ${from}, ${to})`.execute(sqlOf(ctx)),
  );
const broken =
  (side: () => Side, api: () => Api): Inject =>
  async () => {
    await flip(side, 'Working together', 'Working Together');
    return async () => {
      await flip(side, 'Working Together', 'Working together');
      await ok(api()('POST', `/admin/partners/agreements/${agreement}/verify`));
      await soon(async () =>
        assert.equal((await ok(ann('GET', `/admin/partners/agreements/${agreement}`))).isSound, true),
      );
    };
  };
const ours = () => servers.fabrikam;
const theirs = () => servers.contoso;
const TERMS = [{ term: 'files.sharing', of: 'fabrikam.example', offers: 'view', accepts: 'view' }];

const FAULTS: readonly Injected[] = [
  {
    fault: 'the name does not exist',
    step: 'partners.name',
    side: 'theirs',
    inject: async () => {
      servers.dns.forget('contoso.example');
      return () => servers.dns.setAddresses('contoso.example', ['127.0.0.1']);
    },
  },
  {
    fault: 'no name server answers',
    step: 'partners.name',
    side: 'between',
    inject: async () => {
      servers.dns.setFailure('contoso.example', 'silence');
      return () => {
        servers.dns.forget('contoso.example');
        servers.dns.setAddresses('contoso.example', ['127.0.0.1']);
      };
    },
  },
  {
    fault: 'our server may not reach the address',
    step: 'partners.address',
    side: 'ours',
    inject: async () => {
      servers.dns.setAddresses('contoso.example', ['10.1.2.3']);
      return () => servers.dns.setAddresses('contoso.example', ['127.0.0.1']);
    },
  },
  { fault: 'nothing listens', step: 'partners.connection', side: 'theirs', inject: () => fronts.contoso.closed() },
  {
    fault: 'a firewall drops connections',
    step: 'partners.connection',
    side: 'between',
    inject: () => fronts.contoso.dropping(),
  },
  {
    fault: 'the server hangs',
    step: 'partners.certificate',
    side: 'theirs',
    inject: async () => fronts.contoso.silent(),
  },
  {
    fault: 'no TLS is offered',
    step: 'partners.certificate',
    side: 'theirs',
    inject: async () => fronts.contoso.plain(),
  },
  {
    fault: 'the certificate has ended',
    step: 'partners.certificate',
    side: 'theirs',
    inject: certificate(['contoso.example'], { at: longAgo }),
  },
  {
    fault: 'the certificate is for another name',
    step: 'partners.certificate',
    side: 'theirs',
    inject: certificate(['wingtip.example']),
  },
  {
    fault: 'nobody trusts who issued the certificate',
    step: 'partners.certificate',
    side: 'theirs',
    inject: certificate(['contoso.example'], { isOurs: false }),
  },
  { fault: 'nothing is published', step: 'partners.document', side: 'theirs', inject: answers(DOCUMENT, 404, '{}') },
  {
    fault: 'what is published is not signed',
    step: 'partners.signature',
    side: 'theirs',
    inject: answers(DOCUMENT, 200, async (text) => text.replace('"Contoso', '"Contosa')),
  },
  {
    fault: 'another organisation is published',
    step: 'partners.identity',
    side: 'theirs',
    inject: answers(DOCUMENT, 200, (text) => republished({ tenantId: newId() })(text)),
  },
  {
    fault: 'other keys are published',
    step: 'partners.keys',
    side: 'theirs',
    inject: answers(DOCUMENT, 200, (text) => republished({})(text)),
  },
  {
    fault: 'a confirmed domain is listed no more',
    step: 'partners.domains',
    side: 'theirs',
    inject: async () => {
      await domains([]);
      return () => domains(['emea.contoso.example']);
    },
  },
  {
    fault: 'the domain of the mailbox was never confirmed here',
    step: 'partners.domains',
    side: 'ours',
    mailbox: 'bob@apac.contoso.example',
    inject: async () => {
      await domains(['emea.contoso.example', 'apac.contoso.example']);
      return () => domains(['emea.contoso.example']);
    },
  },
  {
    fault: 'they have not confirmed us',
    step: 'partners.request',
    side: 'theirs',
    inject: async () => {
      await ok(carla('DELETE', `/admin/partners/${servers.fabrikam.id}`));
      return () => becomePartners(servers);
    },
  },
  {
    fault: 'they confirmed other keys of ours',
    step: 'partners.request',
    side: 'theirs',
    inject: updated(
      theirs,
      sql`update partners.partner_keys set public_jwk = jsonb_set(public_jwk, '{kid}', '"other"')`,
      sql`update partners.partner_keys set public_jwk = jsonb_set(public_jwk, '{kid}', to_jsonb(kid))`,
    ),
  },
  {
    fault: 'their server fails',
    step: 'partners.request',
    side: 'theirs',
    inject: answers(REQUEST, 500, '{"title":"Oops"}'),
  },
  {
    fault: 'their server answers garbage',
    step: 'partners.request',
    side: 'theirs',
    inject: answers(REQUEST, 200, '<html>Welcome</html>'),
  },
  {
    fault: 'we ask more often than we may',
    step: 'partners.request',
    side: 'ours',
    inject: answers(REQUEST, 429, '{"title":"Slower.","code":"partners.too-many"}'),
  },
  {
    fault: 'their clock is ten minutes off',
    step: 'partners.clock',
    side: 'theirs',
    inject: async () => {
      servers.contoso.app.clock.advance(600);
      return () => servers.contoso.app.clock.advance(-600);
    },
  },
  {
    fault: 'our own certificate has ended',
    step: 'partners.certificate',
    side: 'ours',
    end: 'theirs',
    inject: async () =>
      fronts.fabrikam.secure(await certificateFor(['fabrikam.example'], { pki: servers.pki, at: longAgo })),
  },
  {
    fault: 'our own server cannot be reached from there',
    step: 'partners.connection',
    side: 'ours',
    end: 'theirs',
    inject: () => fronts.fabrikam.closed(),
  },
  {
    fault: 'we require an agreement and there is none',
    step: 'partners.agreement',
    side: 'ours',
    inject: patched(
      () => ann,
      () => RULES,
      { values: { requiredFor: ['files'] } },
      { values: { requiredFor: null } },
    ),
  },
  {
    fault: 'they have not signed',
    step: 'partners.agreement',
    side: 'theirs',
    inject: async () => {
      const made = await ok(
        ann('POST', '/admin/partners/agreements', {
          partner: 'contoso.example',
          title: 'Working together',
          terms: TERMS,
          propose: true,
        }),
      );
      agreement = made.id;
      await stateOf(carla, 'proposed');
      return async () => {
        await ok(carla('POST', `/admin/partners/agreements/${agreement}/sign`, {}));
        await stateOf(ann, 'active');
      };
    },
  },
  {
    fault: 'they have suspended the agreement',
    step: 'partners.agreement',
    side: 'theirs',
    inject: async () => {
      await ok(carla('POST', `/admin/partners/agreements/${agreement}/suspend`, {}));
      await stateOf(ann, 'suspended');
      return async () => {
        await ok(carla('POST', `/admin/partners/agreements/${agreement}/resume`, {}));
        await stateOf(ann, 'active');
      };
    },
  },
  {
    fault: 'a byte of our copy of the agreement was changed',
    step: 'partners.agreement',
    side: 'ours',
    inject: broken(ours, () => ann),
  },
  {
    fault: 'a byte of their copy of the agreement was changed',
    step: 'partners.agreement',
    side: 'theirs',
    inject: async () => {
      const mend = await broken(theirs, () => carla)();
      const path = `/admin/partners/agreements/${agreement}`;
      await ok(carla('POST', `${path}/verify`));
      // They tell us, and our own end says so too.
      await soon(async () => assert.equal((await ok(ann('GET', path))).isSound, false));
      return mend;
    },
  },
  {
    fault: 'they hold an old version of the agreement',
    step: 'partners.same-agreement',
    side: 'theirs',
    end: 'both',
    inject: async () => {
      await ok(
        ann('POST', `/admin/partners/agreements/${agreement}/counter`, {
          terms: TERMS.map((one) => ({ ...one, offers: 'edit' })),
        }),
      );
      await stateOf(carla, 'active');
      await soon(() => ok(carla('POST', `/admin/partners/agreements/${agreement}/sign`, { version: 2 })));
      await soon(async () =>
        assert.equal((await ok(ann('GET', `/admin/partners/agreements/${agreement}`))).version, 2),
      );
      const superseded = (is: boolean) =>
        inside(theirs(), (ctx) =>
          sql`update partners.agreement_versions set is_superseded = ${is} where number = 2`.execute(sqlOf(ctx)),
        );
      await superseded(true);
      return () => superseded(false);
    },
  },
  {
    fault: 'we hold an old version of the agreement',
    step: 'partners.same-agreement',
    side: 'ours',
    end: 'both',
    inject: () =>
      updated(
        ours,
        sql`update partners.agreement_versions set is_superseded = true where number = 2`,
        sql`update partners.agreement_versions set is_superseded = false where number = 2`,
      )(),
  },
  {
    fault: 'an invitation could not be sent and waits',
    step: 'partners.queue',
    side: 'between',
    inject: async () => {
      // Looking into one's calendar makes the mailbox.
      await ok(anders('GET', '/v1.0/me/calendars'));
      return updated(
        ours,
        sql`insert into calendars.outgoing (tenant_id, id, batch_id, owner_kind, owner_id, uid, method, sender, sender_name,
                                          recipient, content, attempts, created_at)
          select tenant_id, gen_random_uuid(), gen_random_uuid(), owner_kind, owner_id, 'waits', 'REQUEST',
                 'anders@fabrikam.example', 'Anders', ${BOB}, '', 1, now()
            from calendars.mailboxes limit 1`,
        sql`delete from calendars.outgoing where uid = 'waits'`,
      )();
    },
  },
  {
    fault: 'a signal could not be delivered and waits',
    step: 'partners.queue',
    side: 'between',
    inject: () =>
      updated(
        ours,
        sql`with stream as (
              insert into signin.signal_streams
                (tenant_id, id, partner_tenant_id, audience, delivery, failures, failure, created_at)
              values (${ours().id}, ${newId()}, ${theirs().id}, 'waits', 'partner', 1, 'partners.unreachable', now())
              returning *)
            insert into signin.signals (tenant_id, stream_id, id, claims, created_at)
            select tenant_id, id, ${newId()}, '{}', now() from stream`,
        sql`delete from signin.signal_streams where audience = 'waits'`,
      )(),
  },
  {
    fault: 'our outbound access policy lets nobody go',
    step: 'partners.people-out',
    side: 'ours',
    end: 'both',
    inject: patched(
      () => ann,
      () => POLICY,
      { b2bCollaborationOutbound: everybody('blocked') },
      { b2bCollaborationOutbound: everybody('allowed') },
    ),
  },
  {
    fault: 'their inbound access policy lets nobody come',
    step: 'partners.people-out',
    side: 'theirs',
    end: 'both',
    inject: patched(
      () => carla,
      () => POLICY,
      { b2bCollaborationInbound: everybody('blocked') },
      { b2bCollaborationInbound: everybody('allowed') },
    ),
  },
  {
    fault: 'our relationship does not look up times',
    step: 'calendars.look-out',
    side: 'ours',
    inject: patched(
      () => ann,
      () => here,
      { freeBusy: { enabled: false } },
      LEVEL,
    ),
  },
  {
    fault: 'they have no relationship with us',
    step: 'calendars.times',
    side: 'theirs',
    end: 'theirs',
    inject: async () => {
      await ok(carla('DELETE', there));
      return async () => {
        there = await relate(carla, 'fabrikam.example');
      };
    },
  },
  {
    fault: 'their relationship is disabled',
    step: 'calendars.times',
    side: 'theirs',
    end: 'theirs',
    inject: patched(
      () => carla,
      () => there,
      { enabled: false },
      { enabled: true },
    ),
  },
  {
    fault: 'their relationship gives the level None',
    step: 'calendars.times',
    side: 'theirs',
    end: 'theirs',
    inject: patched(
      () => carla,
      () => there,
      { freeBusy: { level: 'None' } },
      LEVEL,
    ),
  },
  {
    fault: 'their scope does not reach the person',
    step: 'calendars.permission',
    side: 'theirs',
    end: 'both',
    inject: async () => {
      const group = await ok(
        carla('POST', '/v1.0/groups', {
          displayName: 'Shown',
          mailEnabled: false,
          mailNickname: 'shown',
          securityEnabled: true,
        }),
      );
      return patched(
        () => carla,
        () => there,
        { freeBusy: { scopeGroupId: group.id } },
        LEVEL,
      )();
    },
  },
  {
    fault: 'there is no such mailbox',
    step: 'calendars.mailbox',
    side: 'theirs',
    end: 'both',
    mailbox: 'nobody@contoso.example',
    inject: nothing,
  },
];

test('beyond 3.6 accept 1: a partnership that works passes every step from both ends', async () => {
  const result = await made(ann, 'contoso.example');
  assert.deepEqual(failing(result), []);
  assert.equal(result.verdict.isHealthy, true);
  for (const end of ['ours', 'theirs'])
    assert.deepEqual(
      result.steps
        .filter((one) => one.end === end && one.status === 'passed')
        .map(({ step }) => step)
        .slice(0, 13),
      [
        ...['record', 'name', 'address', 'connection', 'certificate', 'document', 'signature', 'identity', 'keys'],
        ...['domains', 'request', 'clock', 'version'],
      ].map((name) => `partners.${name}`),
      end,
    );
  assert.equal(
    result.steps.some(({ seen }) => /[{}]/.test(seen)),
    false,
  );
});

test('whatever a check can find has words on the pages, the same as here', () => {
  const { seen, todo } = JSON.parse(
    readFileSync(new URL('../../web/src/i18n/en.json', import.meta.url), 'utf8'),
  ).partnerTest;
  const checks = servers.fabrikam.app.modules.flatMap(({ partnerChecks = [] }) => partnerChecks);
  const words = Object.assign({}, WAY_WORDS, ...checks.map((check) => check.words)) as typeof WAY_WORDS;
  const onPage = (text: string) => text.replace(/\{(\w+)\}/g, '{{$1}}').replaceAll("'", '’');
  const entries = Object.entries(words);
  assert.deepEqual(seen, Object.fromEntries(entries.map(([code, said]) => [code, onPage(said.seen)])));
  const todos = entries.flatMap(([code, said]) => (said.todo === undefined ? [] : [[code, onPage(said.todo)]]));
  assert.deepEqual(todo, Object.fromEntries(todos));
});

test('beyond 3.6 accept 1: each injected fault is found at its step and on its side, and none is healthy', async (t) => {
  assert.ok(FAULTS.length >= 25);
  const wrong: string[] = [];
  for (const { fault, step, side, inject, mailbox = BOB, end } of FAULTS) {
    const mend = await inject();
    const began = Date.now();
    const result = await made(ann, servers.contoso.id, mailbox);
    await mend();
    const { verdict } = result;
    assert.equal(verdict.isHealthy, false, `${fault}: healthy`);
    const first = failing(result)[0]!;
    t.diagnostic(`${Date.now() - began} ms  ${fault}: ${first.seen}`);
    const isRight = verdict.step === step && verdict.side === side && (end === undefined || verdict.end === end);
    if (!isRight) wrong.push(`${fault}: ${verdict.end} ${verdict.step} ${verdict.side} (${first.seen})`);
    assert.ok(first.todo, `${fault}: nothing to do`);
  }
  assert.deepEqual(wrong, []);
  const result = await made(ann, servers.contoso.id);
  assert.deepEqual(failing(result), [], 'all is mended');
});

/** What takes no answer from Contoso's server at these addresses. */
const cutOff =
  (path: RegExp): Inject =>
  async () =>
    fronts.contoso.secure(good, ({ url = '' }, response) => {
      if (!path.test(url)) return false;
      response.destroy();
      return true;
    });
const refusing = (code: string) => answers(REQUEST, 401, JSON.stringify({ title: 'No.', code }));
const blocked = (api: () => Api, part: string) =>
  patched(api, () => POLICY, { [part]: everybody('blocked') }, { [part]: everybody('allowed') });

/** Things that may be found beside those faults, each with all its words. */
const FOUND: readonly {
  readonly shows: readonly string[];
  readonly inject: Inject;
  readonly mailbox?: string | null;
  readonly partner?: string;
}[] = [
  { shows: ['record-missing'], partner: 'nowhere.example', inject: nothing },
  { shows: ['tls-failed'], inject: async () => fronts.contoso.breakingOff() },
  {
    shows: ['certificate-early'],
    inject: certificate(['contoso.example'], { isOurs: false, at: new Date(Date.now() + 10 * 86_400_000) }),
  },
  { shows: ['document-unreached'], inject: cutOff(DOCUMENT) },
  { shows: ['domain-not-theirs'], mailbox: 'bob@nowhere.example', inject: nothing },
  { shows: ['request-domain'], inject: refusing('partners.forged-address') },
  { shows: ['request-clock'], inject: refusing('partners.clock') },
  { shows: ['version-older'], inject: refusing('partners.unknown-request') },
  { shows: ['request-unanswered'], inject: cutOff(REQUEST) },
  { shows: ['other-end-silent'], inject: cutOff(/diagnose$/) },
  {
    shows: ['not-known-here'],
    inject: answers(
      /diagnose$/,
      200,
      JSON.stringify({
        answer: { v: 1, steps: [{ step: 'later.step', status: 'failed', side: 'ours', code: 'of-a-later-version' }] },
      }),
    ),
  },
  {
    shows: ['clock-ours'],
    inject: async () => {
      const off = (seconds: number) =>
        sql`update partners.health set clock_skew = clock_skew + ${seconds} where partner_tenant_id = ${hostile.id}`;
      const mend = await updated(ours, off(600), off(-600))();
      servers.contoso.app.clock.advance(600);
      return () => {
        servers.contoso.app.clock.advance(-600);
        return mend();
      };
    },
  },
  { shows: ['policy-out', 'people-kept-out-here'], inject: blocked(() => ann, 'b2bCollaborationInbound') },
  { shows: ['policy-in', 'people-kept-there'], inject: blocked(() => carla, 'b2bCollaborationOutbound') },
  {
    shows: ['policy-neither', 'people-neither'],
    inject: async () => {
      const mends = [
        await blocked(() => ann, 'b2bCollaborationInbound')(),
        await blocked(() => ann, 'b2bCollaborationOutbound')(),
        await blocked(() => carla, 'b2bCollaborationInbound')(),
      ];
      return async () => {
        for (const mend of mends) await mend();
      };
    },
  },
  {
    shows: ['same-agreement-differs'],
    inject: async () => {
      const rows = await inside(theirs(), async (ctx) => {
        const { rows } = await sql<{ row: unknown }>`
          with last as (select max(number) as number from partners.agreement_amendments)
          delete from partners.agreement_amendments a using last where a.number = last.number
          returning to_jsonb(a) as row`.execute(sqlOf(ctx));
        return rows.map(({ row }) => row);
      });
      return () =>
        inside(theirs(), (ctx) =>
          sql`insert into partners.agreement_amendments
              select * from jsonb_populate_recordset(null::partners.agreement_amendments, ${JSON.stringify(rows)}::jsonb)`.execute(
            sqlOf(ctx),
          ),
        );
    },
  },
  {
    shows: ['not-told', 'mailbox-not-named'],
    mailbox: null,
    inject: patched(
      () => carla,
      () => RULES,
      { values: { requiredFor: ['calendar'] } },
      { values: { requiredFor: null } },
    ),
  },
  {
    shows: ['times-not-meant'],
    mailbox: null,
    inject: patched(
      () => carla,
      () => there,
      { enabled: false },
      { enabled: true },
    ),
  },
  {
    shows: ['data-failed'],
    inject: answers(
      /calendars\.availability$/,
      200,
      JSON.stringify({
        answer: {
          value: [
            {
              scheduleId: BOB,
              availabilityView: '',
              scheduleItems: [],
              error: { responseCode: 'ErrorFreeBusyGenerationFailed' },
            },
          ],
        },
      }),
    ),
  },
];

test('whatever else may be found is said in its own words', async () => {
  const silent: string[] = [];
  for (const { shows, inject, mailbox = BOB, partner = servers.contoso.id } of FOUND) {
    const mend = await inject();
    const { steps } = await made(ann, partner, mailbox);
    await mend();
    const codes = steps.map(({ code }) => code);
    for (const code of shows)
      if (!codes.includes(code)) silent.push(`${code}: ${failing({ steps } as Made).map((one) => one.seen)}`);
  }
  assert.deepEqual(silent, []);
  assert.deepEqual(failing(await made(ann, servers.contoso.id)), [], 'all is mended');
});

test('beyond 3.6 accept 2: nothing booked, denied and unreachable are three answers', async () => {
  const last = async (mailbox = BOB) =>
    (await made(ann, 'contoso.example', mailbox)).steps.slice(-3).map(({ code }) => code);
  assert.deepEqual(await last(), ['mailbox-found', 'permission-given', 'data-nothing']);
  const day = 86_400_000;
  const at = (ms: number) => ({ dateTime: new Date(contosoNow() + ms).toISOString().slice(0, 19), timeZone: 'UTC' });
  const event = await ok(
    bob('POST', '/v1.0/me/events', { subject: 'Dentist', start: at(day), end: at(day + 3_600_000) }),
  );
  assert.deepEqual(await last(), ['mailbox-found', 'permission-given', 'data-booked']);
  await ok(bob('DELETE', `/v1.0/me/events/${event.id}`));
  const everybody = (role: string) => everybodySees(bob, role);
  await everybody('none');
  assert.deepEqual(await last(), ['mailbox-found', 'permission-denied', 'before-failed']);
  await everybody('freeBusyRead');
  // It fails between the partner's answer to the test and the lookup.
  const mend = fronts.contoso.secure(good, ({ url = '' }, response) => {
    if (!url.endsWith('/calendars.availability')) return false;
    response.destroy();
    return true;
  });
  assert.deepEqual(await last(), ['before-failed', 'before-failed', 'data-unreachable']);
  mend();
});

test('beyond 3.6 accept 3: the partner is shown what concerns it, by a link that is good for seven days', async () => {
  const relationship = { name: 'Our friends, soon to be bought', freeBusy: { enabled: false } };
  await ok(ann('PATCH', here, relationship));
  const { id } = await made(ann, 'contoso.example');
  await ok(ann('PATCH', here, { name: 'contoso.example', ...LEVEL }));
  const path = `/admin/partners/${servers.contoso.id}/tests/${id}`;
  assert.equal((await ok(ann('GET', path))).verdict.step, 'calendars.look-out');
  const elsewhere = await ann('POST', `${path}/link`, { mailTo: 'carla@tailspin.example' });
  assert.deepEqual([elsewhere.status, elsewhere.body.code], [400, 'partners.not-of-partner']);
  const { address } = await ok(ann('POST', `${path}/link`, { mailTo: 'carla@contoso.example' }));
  const [, key] = /\/partner-test#(.+)$/.exec(address) ?? [];
  assert.ok(key);
  const anybody = () => fetch(`${servers.fabrikam.app.loopback}/partners/tests/${key}`);
  const shown = await anybody();
  assert.equal(shown.status, 200);
  const text = await shown.text();
  const result = JSON.parse(text);
  for (const { code } of result.steps) met.add(code);
  assert.deepEqual([result.by, result.partnerName], ['Fabrikam', 'Contoso']);
  // From their side: what is ours there is theirs here.
  const way = (end: string) => result.steps.find((one: Step) => one.end === end && one.step === 'partners.certificate');
  assert.deepEqual([way('theirs').side, way('ours').side], ['ours', 'theirs']);
  assert.equal(/soon to be bought|bob@|enable free/i.test(text), false, text);
  const kept = async (code: string) => `${code}: ${result.steps.find((one: Step) => one.code === code)?.seen}`;
  assert.match(await kept('lookup-told'), /Contoso answered the lookup/);
  assert.deepEqual(await lettersOf(servers.fabrikam, 'partner-test'), [
    'carla@contoso.example: Fabrikam shows you how a test of your partnership went',
  ]);
  servers.fabrikam.app.clock.advance(8 * 86_400);
  assert.equal((await anybody()).status, 404);
  servers.fabrikam.app.clock.advance(-8 * 86_400);
  assert.equal(
    (await fetch(`${servers.fabrikam.app.loopback}/partners/tests/${servers.fabrikam.id}.nothing`)).status,
    404,
  );
});

test('beyond 3.6 accept 4: what turns bad alerts both administrators once, and again when it is well', async () => {
  const sweep = servers.fabrikam.app.modules
    .flatMap(({ sweeps = [] }) => sweeps)
    .find(({ name }) => name === 'partners.watch');
  assert.equal(sweep?.cron, '*/5 * * * *');
  const alerts = async () => [
    ...(await lettersOf(servers.fabrikam, 'partner-watch')),
    ...(await lettersOf(servers.contoso, 'partner-watch')),
  ];
  await watch(servers.fabrikam);
  await watch(servers.contoso);
  assert.deepEqual(await alerts(), []);
  const mend = fronts.contoso.plain();
  await watch(servers.fabrikam);
  await watch(servers.fabrikam, { isSecondLook: true });
  const bad = [
    'ann@fabrikam.example: Working together with Contoso fails',
    'carla@contoso.example: Working together with Fabrikam fails',
  ];
  // Contoso cannot be told while it cannot be reached: it sees by itself that nobody reaches it.
  assert.deepEqual(await alerts(), bad.slice(0, 1));
  await watch(servers.contoso);
  await watch(servers.contoso, { isSecondLook: true });
  assert.deepEqual(await alerts(), bad);
  for (const side of [servers.fabrikam, servers.contoso]) {
    await watch(side);
    await watch(side, { isSecondLook: true });
  }
  assert.deepEqual(await alerts(), bad, 'once');
  mend();
  await watch(servers.fabrikam);
  await watch(servers.contoso);
  const well = [
    'ann@fabrikam.example: Working together with Contoso is well again',
    'carla@contoso.example: Working together with Fabrikam is well again',
  ];
  await soon(async () => assert.deepEqual((await alerts()).toSorted(), [...bad, ...well].toSorted()));
  // Where it can be told, the partner's administrators hear of what only this end sees.
  await ok(ann('PATCH', POLICY, { b2bCollaborationOutbound: everybody('blocked') }));
  await watch(servers.fabrikam);
  await watch(servers.fabrikam, { isSecondLook: true });
  await soon(async () => assert.deepEqual((await alerts()).toSorted(), [...bad, ...well, ...bad].toSorted()));
  await ok(ann('PATCH', POLICY, { b2bCollaborationOutbound: everybody('allowed') }));
  await watch(servers.fabrikam);
  await soon(async () => assert.deepEqual((await alerts()).toSorted(), [...bad, ...well, ...bad, ...well].toSorted()));

  // A word that is never taken back holds until a test from both ends finds nothing of it.
  const heard = await alerts();
  const { tenantId: from } = servers.fabrikam.administrator;
  const envoy = {
    tenantId: from,
    address: 'entente@fabrikam.example',
    displayName: 'Fabrikam',
    correlationId: newId(),
  };
  const { partners } = servers.fabrikam.app.modules.find(({ name }) => name === 'partners') as unknown as {
    partners: Partners;
  };
  await partners.ask(envoy, servers.contoso.id, 'partners.watch-alarm', { v: 1, isBad: true });
  await soon(async () => assert.deepEqual((await alerts()).toSorted(), [...heard, bad[1]].toSorted()));
  await watch(servers.contoso);
  await soon(async () => assert.deepEqual((await alerts()).toSorted(), [...heard, bad[1], well[1]].toSorted()));
});

test('beyond 3.6 accept 5: nobody but the administrators sees a step, and who is unknown is told from who is denied by nobody else', async () => {
  const refusal = async (mailbox: string) => {
    const { status, body } = await anders('POST', '/admin/partners/contoso.example/tests', { mailbox });
    return [status, body.code, body.title];
  };
  assert.deepEqual(await refusal(BOB), await refusal('nobody@contoso.example'));
  assert.equal((await refusal(BOB))[0], 403);
  for (const path of ['', `/${(await made(ann, 'contoso.example')).id}`])
    assert.equal((await anders('GET', `/admin/partners/contoso.example/tests${path}`)).status, 403);
  // What holders of the link read of somebody denied, and of somebody unknown.
  await everybodySees(bob, 'none');
  const read = async (mailbox: string) => {
    const { id } = await made(ann, 'contoso.example', mailbox);
    const { address } = await ok(ann('POST', `/admin/partners/${servers.contoso.id}/tests/${id}/link`, {}));
    const answer = await fetch(`${servers.fabrikam.app.loopback}/partners/tests/${address.split('#')[1]}`);
    const { steps } = (await answer.json()) as { steps: (Step & { facts: { reference?: string } })[] };
    for (const { code } of steps) met.add(code);
    return steps
      .filter(({ step }) => step.startsWith('calendars.'))
      .map(({ step, status, code, seen, facts }) => [
        step,
        status,
        code,
        seen.replaceAll(facts.reference || '?', 'REF'),
      ]);
  };
  assert.deepEqual(await read(BOB), await read('nobody@contoso.example'));
  await everybodySees(bob, 'freeBusyRead');
});

/** Found by tests of their own, where they can be brought about. */
const ELSEWHERE = ['record-same-server', 'same-server', 'connection-failed', 'certificate-bad'];

test('every word that a test can say was said', () => {
  const checks = servers.fabrikam.app.modules.flatMap(({ partnerChecks = [] }) => partnerChecks);
  const words = Object.keys(Object.assign({}, WAY_WORDS, ...checks.map((check) => check.words)));
  assert.deepEqual(words.filter((code) => !met.has(code)).toSorted(), ELSEWHERE.toSorted());
});

const contosoNow = () => servers.contoso.app.clock.now.getTime();

async function everybodySees(api: Api, role: string): Promise<void> {
  const path = '/v1.0/me/calendar/calendarPermissions';
  const found = (await ok(api('GET', path))).value.find(
    ({ emailAddress }: { emailAddress?: { address?: string } }) => !emailAddress?.address,
  );
  await ok(api('PATCH', `${path}/${found.id}`, { role }));
}

const lettersOf = (side: Side, kind: string): Promise<string[]> =>
  inside(side, async (ctx) => {
    const { rows } = await sql<{ line: string }>`
      select to_address || ': ' || subject as line from platform.outgoing_mails
       where tenant_id = ${side.id} and kind = ${kind} order by created_at, id`.execute(sqlOf(ctx));
    return rows.map(({ line }) => line);
  });

/** Does what the clock does every five minutes. */
async function watch(side: Side, payload: Record<string, unknown> = {}): Promise<void> {
  const job = side.app.modules.flatMap(({ jobs = [] }) => jobs).find(({ name }) => name === 'partners.watch');
  const partnerTenantId = side === servers.fabrikam ? servers.contoso.id : servers.fabrikam.id;
  await side.app.run(
    { tenantId: side.id, actor: { kind: 'system', name: 'partners.watch' }, transaction: 'none' },
    (ctx) => job!.run(ctx, { partnerTenantId, ...payload }),
  );
}
