import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { WORKLOADS } from '../../src/kernel/agreement.ts';
import type { TenantId } from '../../src/kernel/ids.ts';
import type { Partners } from '../../src/kernel/module.ts';
import { readReceipt } from '../../src/partners/index.ts';
import type { TestApp } from './app.ts';
import { soon } from './eventually.ts';
import type { Api, People, Person } from './people.ts';

/** One party: an organisation with an administrator and a member, on a server that it may share with the other. */
export interface AgreeingSide {
  readonly app: TestApp;
  readonly id: TenantId;
  readonly domain: string;
  readonly administrator: Person;
  readonly member: Person;
  readonly api: People['api'];
}

export interface AgreeingPair {
  readonly fabrikam: AgreeingSide;
  readonly contoso: AgreeingSide;
}

const BASE = '/admin/partners/agreements';

const partnersOf = ({ app }: AgreeingSide): Partners =>
  (app.modules.find(({ name }) => name === 'partners') as unknown as { partners: Partners }).partners;

interface Actors {
  readonly ann: Api;
  readonly anders: Api;
  readonly carla: Api;
  readonly bob: Api;
}

/** The acceptance of agreements, told over two organisations wherever they are. `pair` is there once a test runs. */
export function agreementStories(pair: () => AgreeingPair): void {
  const actors = (): Actors => {
    const { fabrikam, contoso } = pair();
    return {
      ann: fabrikam.api(fabrikam.administrator),
      anders: fabrikam.api(fabrikam.member),
      carla: contoso.api(contoso.administrator),
      bob: contoso.api(contoso.member),
    };
  };

  const ok = async (answering: ReturnType<Api>, status = 200) => {
    const answer = await answering;
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const refused = async (answering: ReturnType<Api>, status: number, code: string) => {
    const answer = await answering;
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(answer.body));
  };

  const fabrikamOffers = (level: string, term = 'calendars.free-busy') => [
    { term, of: 'fabrikam.example', offers: level, accepts: level },
  ];

  const propose = async (terms: readonly unknown[]) =>
    ok(
      actors().ann('POST', BASE, { partner: 'contoso.example', title: 'Working together', terms, propose: true }),
      201,
    );

  const seenBy = async (api: Api, id: string, check: (found: Record<string, unknown>) => void) =>
    soon(async () => {
      const found = await ok(api('GET', `${BASE}/${id}`));
      check(found);
      return found;
    });
  const stateIs = (api: Api, id: string, state: string) => seenBy(api, id, (found) => assert.equal(found.state, state));

  const makeActive = async (terms: readonly unknown[]) => {
    const { ann, carla } = actors();
    const { id } = await propose(terms);
    await stateIs(carla, id, 'proposed');
    assert.equal((await ok(carla('POST', `${BASE}/${id}/sign`, {}))).state, 'active');
    await stateIs(ann, id, 'active');
    return id as string;
  };
  const end = async (id: string) => {
    const { ann, carla } = actors();
    await ok(ann('POST', `${BASE}/${id}/end`, {}));
    await stateIs(carla, id, 'ended');
  };

  /** What somebody is told of the other's member's time on one day: an error, or the entries. */
  async function lookUp(api: Api, address: string) {
    const { value } = await ok(
      api('POST', '/v1.0/me/calendar/getSchedule', {
        schedules: [address],
        startTime: { dateTime: '2026-05-04T00:00:00', timeZone: 'UTC' },
        endTime: { dateTime: '2026-05-05T00:00:00', timeZone: 'UTC' },
      }),
    );
    const [found] = value;
    return found.error?.responseCode ?? found.scheduleItems;
  }
  const bobSees = () => lookUp(actors().bob, 'anders@fabrikam.example');
  const andersSees = () => lookUp(actors().anders, 'bob@contoso.example');

  /** A meeting of somebody who lets everybody at home see subjects and places: nothing but the agreement holds it back. */
  async function planFor(api: Api, subject: string): Promise<void> {
    await ok(
      api('POST', '/v1.0/me/events', {
        subject,
        location: { displayName: 'Room 5' },
        start: { dateTime: '2026-05-04T09:00:00', timeZone: 'UTC' },
        end: { dateTime: '2026-05-04T10:00:00', timeZone: 'UTC' },
      }),
      201,
    );
    const { value } = await ok(api('GET', '/v1.0/me/calendar/calendarPermissions'));
    const everybody = value.find((one: { isInsideOrganization: boolean; emailAddress: { name: string } }) =>
      /my organization/i.test(one.emailAddress.name),
    );
    await ok(api('PATCH', `/v1.0/me/calendar/calendarPermissions/${everybody.id}`, { role: 'limitedRead' }));
  }

  const settingsOf = (api: Api, name: string) => ok(api('GET', `/admin/settings/${name}`));
  const require = (api: Api, requiredFor: readonly string[]) =>
    ok(api('PATCH', '/admin/settings/partners.agreement-rules', { values: { requiredFor } }));

  async function sql(side: AgreeingSide, text: string, values: readonly unknown[] = []) {
    const client = new pg.Client({ connectionString: side.app.adminUrl });
    await client.connect();
    try {
      return (await client.query(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** Under whose settings Fabrikam works, once an agreement that both signed has become them. */
  const holds = (id: string) =>
    soon(async () => {
      const { ann } = actors();
      const { settings } = await ok(ann('GET', `/admin/settings/partners.agreed-terms?target=${pair().contoso.id}`));
      const held = settings.find(({ name }: { name: string }) => name === 'agreementId');
      assert.equal(held.value, id);
    });

  test('beyond 3.1 accept 1: of an offer of subjects, countered by times alone, times are what is told', async () => {
    const { ann, anders, carla } = actors();
    await planFor(anders, 'Takeover of Tailspin');
    assert.equal(await bobSees(), 'ErrorNoFreeBusyAccess');
    const { id, state, awaits } = await propose(fabrikamOffers('limited-details'));
    assert.deepEqual([state, awaits], ['proposed', 'partner']);

    const arrived = await seenBy(carla, id, (found) => assert.equal(found.state, 'proposed'));
    assert.deepEqual([arrived.awaits, arrived.title], ['us', 'Working together']);
    assert.equal(await bobSees(), 'ErrorNoFreeBusyAccess');
    const countered = await ok(
      carla('POST', `${BASE}/${id}/counter`, {
        terms: [
          { term: 'calendars.free-busy', of: 'fabrikam.example', offers: 'limited-details', accepts: 'availability' },
        ],
        against: 1,
      }),
    );
    assert.equal(countered.state, 'countered');
    const waiting = await stateIs(ann, id, 'countered');
    assert.deepEqual((waiting.open as { differences: unknown }).differences, [
      {
        term: 'calendars.free-busy',
        of: 'fabrikam.example',
        place: 'accepts',
        name: 'level',
        old: 'limited-details',
        new: 'availability',
      },
    ]);
    assert.equal(await bobSees(), 'ErrorNoFreeBusyAccess');

    const signed = await ok(ann('POST', `${BASE}/${id}/sign`, { version: 2 }));
    assert.equal(signed.state, 'active');
    await stateIs(carla, id, 'active');
    const items = await soon(async () => {
      const found = await bobSees();
      assert.ok(Array.isArray(found), String(found));
      return found;
    });
    assert.equal(items.length, 1);
    assert.deepEqual([items[0].status, 'subject' in items[0], 'location' in items[0]], ['busy', false, false]);
    assert.equal(JSON.stringify(items).includes('Tailspin'), false);
    // Both administrators see the same text and the same narrower value, from their own side.
    const [ours, theirs] = [await ok(ann('GET', `${BASE}/${id}`)), await ok(carla('GET', `${BASE}/${id}`))];
    assert.equal(ours.inForce.digest, theirs.inForce.digest);
    const row = ours.terms[0];
    assert.deepEqual(
      [row.ours.does, row.ours.level, row.theirs.does, row.theirs.level, row.effective.level, row.isEnforced],
      ['offers', 'limited-details', 'accepts', 'availability', 'availability', true],
    );
    assert.deepEqual([theirs.terms[0].ours.level, theirs.terms[0].effective.level], ['availability', 'availability']);
    // Nobody opened a page of calendars: the agreement holds what it wrote, and nobody else changes it.
    const name = 'crossTenantCalendarAvailabilityBasic';
    const { fabrikam, contoso } = pair();
    const path = '/admin/settings/calendars.partner-capabilities';
    await refused(
      ann('PATCH', path, { values: { [name]: null }, target: contoso.id }),
      409,
      'tenants.setting-held-by-agreement',
    );
    const agreed = '/admin/settings/partners.agreed-terms';
    await refused(
      ann('PATCH', agreed, { values: { isInForce: true }, target: fabrikam.id }),
      409,
      'tenants.setting-set-by-agreement',
    );
    await end(id);
    await soon(async () => assert.equal(await bobSees(), 'ErrorNoFreeBusyAccess'));
    assert.deepEqual((await settingsOf(ann, 'calendars.partner-capabilities')).targets, []);
  });

  test('beyond 3.1 accept 2: while one side has not signed, all nine workloads are closed in both directions', async () => {
    const { ann, carla, anders, bob } = actors();
    const { fabrikam, contoso } = pair();
    await planFor(bob, 'Planning');
    await require(ann, WORKLOADS);
    await require(carla, WORKLOADS);
    const { value: terms } = await ok(ann('GET', '/admin/partners/agreement-terms'));
    assert.deepEqual(new Set(terms.map(({ workload }: { workload: string }) => workload)), new Set<string>(WORKLOADS));
    /** Every term, in both directions, asked of both organisations. */
    const levels = async () => {
      const found: string[] = [];
      for (const [api, partner] of [
        [ann, contoso.id],
        [carla, fabrikam.id],
      ] as const)
        for (const { name } of terms)
          for (const direction of ['ours', 'theirs']) {
            const input = { partnerTenantId: partner, term: name, direction };
            const { body } = await api('POST', '/admin/explain', { question: 'partners.term.reach', input });
            found.push(body.explanation.level);
          }
      return new Set(found);
    };
    const invite = (api: Api, address: string) =>
      api('POST', '/v1.0/invitations', {
        invitedUserEmailAddress: address,
        inviteRedirectUrl: 'https://myapps.example/',
        sendInvitationMessage: false,
      });
    const bothWaysClosed = async () => {
      assert.deepEqual(await levels(), new Set(['none']));
      assert.equal(typeof (await bobSees()), 'string');
      assert.equal(typeof (await andersSees()), 'string');
      assert.equal((await invite(ann, 'bob@contoso.example')).status, 403);
      assert.equal((await invite(carla, 'anders@fabrikam.example')).status, 403);
    };
    await bothWaysClosed();
    const everything = terms.flatMap(({ name, levels: all }: { name: string; levels: string[] }) =>
      ['fabrikam.example', 'contoso.example'].map((of) => ({
        term: name,
        of,
        offers: all.at(-1),
        accepts: all.at(-1),
      })),
    );
    const { id } = await propose(everything);
    await stateIs(carla, id, 'proposed');
    await bothWaysClosed();

    await ok(carla('POST', `${BASE}/${id}/sign`, {}));
    await stateIs(ann, id, 'active');
    await soon(async () => assert.deepEqual(await levels(), new Set(['open'])));
    await soon(async () => assert.ok(Array.isArray(await bobSees())));
    await soon(async () => assert.ok(Array.isArray(await andersSees())));
    assert.equal((await invite(carla, 'anders@fabrikam.example')).status, 201);
    const carried = (await ok(anders('GET', '/v1.0/me'))) && (await ok(ann('GET', `${BASE}/${id}`))).terms;
    const files = carried.find(({ term }: { term: string }) => term === 'files.sharing');
    assert.deepEqual([files.isEnforced, files.effective.level], [false, 'edit']);

    // Suspended by one, closed for both, and open again only by the one who suspended.
    await ok(carla('POST', `${BASE}/${id}/suspend`, { reason: 'An incident.' }));
    await seenBy(ann, id, (found) => assert.deepEqual([found.state, found.suspendedBy], ['suspended', ['partner']]));
    await soon(async () => assert.deepEqual(await levels(), new Set(['none'])));
    assert.equal(typeof (await bobSees()), 'string');
    await refused(ann('POST', `${BASE}/${id}/resume`, {}), 409, 'partners.agreement-wrong-state');
    await ok(carla('POST', `${BASE}/${id}/resume`, {}));
    await stateIs(ann, id, 'active');
    await soon(async () => assert.ok(Array.isArray(await bobSees())));
    await end(id);
    await soon(bothWaysClosed);
    await require(ann, []);
    await require(carla, []);
  });

  test('beyond 3.1 accept 3: one side narrows at once and alone; widening waits for the other signature', async () => {
    const { ann, carla } = actors();
    const both = [...fabrikamOffers('limited-details'), ...fabrikamOffers('edit', 'files.sharing')];
    const id = await makeActive(both);
    const subjects = async () => {
      const found = await bobSees();
      assert.ok(Array.isArray(found), String(found));
      return found.map(({ subject }: { subject?: string }) => subject);
    };
    await soon(async () => assert.deepEqual(await subjects(), ['Takeover of Tailspin']));

    const narrowed = await ok(
      ann('POST', `${BASE}/${id}/narrow`, {
        terms: [
          { term: 'calendars.free-busy', of: 'fabrikam.example', to: 'availability' },
          { term: 'files.sharing', of: 'fabrikam.example', to: 'view' },
        ],
        reason: 'Less is enough.',
      }),
    );
    const levelsOf = (found: Record<string, unknown>) =>
      (found.terms as { term: string; effective: { level: string } }[]).map(({ effective }) => effective.level);
    assert.deepEqual([narrowed.state, levelsOf(narrowed)], ['active', ['availability', 'view']]);
    // Held here before anybody else was asked, and known there soon.
    assert.deepEqual(await subjects(), [undefined]);
    await seenBy(carla, id, (found) => assert.deepEqual(levelsOf(found), ['availability', 'view']));

    await refused(
      ann('POST', `${BASE}/${id}/narrow`, {
        terms: [{ term: 'files.sharing', of: 'fabrikam.example', to: 'edit' }],
      }),
      409,
      'partners.agreement-widens',
    );
    const wider = await ok(ann('POST', `${BASE}/${id}/counter`, { terms: both }));
    assert.deepEqual([wider.state, wider.openVersion, levelsOf(wider)], ['active', 2, ['availability', 'view']]);
    await seenBy(carla, id, (found) => assert.deepEqual([found.openVersion, found.awaits], [2, 'us']));
    assert.deepEqual(await subjects(), [undefined]);
    const signed = await ok(carla('POST', `${BASE}/${id}/sign`, { version: 2 }));
    assert.deepEqual([signed.version, levelsOf(signed)], [2, ['limited-details', 'edit']]);
    await soon(async () => assert.deepEqual(await subjects(), ['Takeover of Tailspin']));
    await end(id);
  });

  test('beyond 3.1 accept 4: a signed agreement of which one byte was changed is none, and both sides are told', async () => {
    const { ann, carla } = actors();
    const { fabrikam, contoso } = pair();
    const id = await makeActive(fabrikamOffers('limited-details'));
    await ok(
      ann('POST', `${BASE}/${id}/narrow`, {
        terms: [{ term: 'calendars.free-busy', of: 'fabrikam.example', to: 'availability' }],
      }),
    );
    await seenBy(carla, id, (found) => assert.equal((found.terms as { ours: { level: string } }[]).length, 1));
    await soon(async () => assert.ok(Array.isArray(await bobSees())));
    const verify = () => ok(ann('POST', `${BASE}/${id}/verify`));
    assert.deepEqual(await verify(), {
      isSound: true,
      problems: [],
      partner: { isSound: true, isSame: true, state: 'active', version: 1 },
    });

    const COLUMNS = [
      ['agreement_versions', 'content'],
      ['agreement_versions', 'digest'],
      ['agreement_signatures', 'header'],
      ['agreement_signatures', 'signature'],
      ['agreement_signatures', 'public_jwk'],
      ['agreement_amendments', 'content'],
      ['agreement_amendments', 'digest'],
      ['agreement_amendments', 'signature'],
    ] as const;
    let flipped = 0;
    for (const [table, column] of COLUMNS) {
      const where = `tenant_id = '${fabrikam.id}' and agreement_id = '${id}'`;
      const [row] = await sql(fabrikam, `select ${column} as text from partners.${table} where ${where} limit 1`);
      const before = row.text as string;
      const positions = [
        0,
        before.length - 1,
        ...Array.from({ length: 3 }, (_, i) => Math.floor((before.length * (i + 1)) / 4)),
      ];
      // A digest is a key that others point to: it changes with them.
      for (const position of column === 'digest' && table === 'agreement_versions' ? [] : positions) {
        const changed = before[position] === 'x' ? 'y' : 'x';
        const after = before.slice(0, position) + changed + before.slice(position + 1);
        await sql(fabrikam, `update partners.${table} set ${column} = $1 where ${where} and ${column} = $2`, [
          after,
          before,
        ]);
        const found = await verify();
        assert.equal(found.isSound, false, `${table}.${column} at ${position}`);
        assert.ok(found.problems.length > 0);
        await sql(fabrikam, `update partners.${table} set ${column} = $1 where ${where} and ${column} = $2`, [
          before,
          after,
        ]);
        flipped += 1;
      }
    }
    assert.ok(flipped >= 30);
    assert.equal((await verify()).isSound, true);
    await soon(async () => assert.ok(Array.isArray(await bobSees())));

    // Nobody asks: the settings that rest on it are not believed as soon as they are read anew.
    const flip = (from: string, to: string) =>
      sql(
        fabrikam,
        `update partners.agreement_versions set content = replace(content, $1, $2) where tenant_id = $3 and agreement_id = $4`,
        [from, to, fabrikam.id, id],
      );
    await flip('Working together', 'Working Together');
    await ok(
      ann('PATCH', '/admin/settings/partners.agreement-rules', { values: { mostGiven: { 'files.sharing': 'view' } } }),
    );
    assert.equal(await bobSees(), 'ErrorNoFreeBusyAccess');
    const broken = await seenBy(ann, id, (found) => assert.notEqual(found.brokenAt, null));
    assert.deepEqual([broken.isSound, broken.terms], [false, []]);
    await seenBy(carla, id, (found) => assert.deepEqual([found.isSound, found.brokenAt === null], [false, true]));
    const letters = async (side: AgreeingSide) => {
      const rows = await sql(
        side,
        `select subject, to_address from platform.outgoing_mails
          where tenant_id = $1 and kind = 'agreement' and about_id = $2`,
        [side.id, id],
      );
      return rows.map(({ subject, to_address }) => `${to_address}: ${subject}`);
    };
    assert.ok(
      (await letters(fabrikam)).includes('ann@fabrikam.example: The agreement with Contoso is not what was signed'),
      JSON.stringify(await letters(fabrikam)),
    );
    await soon(async () =>
      assert.ok(
        (await letters(contoso)).includes(
          'carla@contoso.example: Fabrikam says that its copy of the agreement was changed',
        ),
      ),
    );
    await refused(ann('POST', `${BASE}/${id}/suspend`, {}), 409, 'partners.agreement-broken');

    // Restored from a backup and verified, it holds again.
    await flip('Working Together', 'Working together');
    assert.equal((await verify()).isSound, true);
    await soon(async () => assert.ok(Array.isArray(await bobSees())));
    await seenBy(carla, id, (found) => assert.equal(found.isSound, true));
    await ok(ann('PATCH', '/admin/settings/partners.agreement-rules', { values: { mostGiven: {} } }));
    await end(id);
  });

  test('beyond 3.1 accept 6: an old signed version that is sent again is refused, and changes nothing', async () => {
    const { ann, carla } = actors();
    const { fabrikam, contoso } = pair();
    const id = await makeActive(fabrikamOffers('limited-details'));
    const old = (await ok(ann('GET', `${BASE}/${id}/history`))).versions[0];
    await ok(ann('POST', `${BASE}/${id}/counter`, { terms: fabrikamOffers('availability') }));
    await seenBy(carla, id, (found) => assert.equal(found.openVersion, 2));
    await ok(carla('POST', `${BASE}/${id}/sign`, {}));
    await seenBy(ann, id, (found) => assert.equal(found.version, 2));

    const partners = partnersOf(fabrikam);
    const envoy = {
      tenantId: fabrikam.id,
      address: 'ann@fabrikam.example',
      displayName: 'Ann',
      correlationId: crypto.randomUUID(),
    };
    const [{ content }] = await sql(
      fabrikam,
      'select content from partners.agreement_versions where tenant_id = $1 and agreement_id = $2 and number = 1',
      [fabrikam.id, id],
    );
    type Kept = { tenantId: string; protected: string; signature: string };
    const signatures = old.signatures.map((one: Kept) => ({
      signer: one.tenantId,
      protected: one.protected,
      signature: one.signature,
    }));
    assert.equal(signatures.length, 2);
    const send = (message: Record<string, unknown>) =>
      partners.ask(envoy, contoso.id, 'partners.agreement-version', { v: 1, content, signatures, ...message });
    await assert.rejects(send({}), { code: 'partners.agreement-superseded' });
    // Whoever was sent it sees that somebody tried.
    const refusals = await ok(carla('GET', '/admin/audit/events?action=partners.agreement-message-refused&limit=5'));
    const [refusal] = refusals.value;
    assert.deepEqual(
      [refusal.result, refusal.reason, refusal.targets[0].id],
      ['failure', 'partners.agreement-superseded', fabrikam.id],
    );
    const after = await ok(carla('GET', `${BASE}/${id}`));
    assert.deepEqual([after.version, after.terms[0].effective.level], [2, 'availability']);
    // Nor is anything believed that its author has not signed, or that was changed on the way.
    await assert.rejects(send({ content: content.replace('limited-details', 'none') }), {
      code: 'partners.agreement-not-signed',
    });
    await assert.rejects(send({ signatures: [{ ...signatures[0], signer: contoso.id }] }), {
      code: 'partners.agreement-not-signed',
    });
    // The version in force may come as often as it likes.
    const [{ content: current }] = await sql(
      fabrikam,
      'select content from partners.agreement_versions where tenant_id = $1 and agreement_id = $2 and number = 2',
      [fabrikam.id, id],
    );
    const newest = (await ok(ann('GET', `${BASE}/${id}/history`))).versions[1];
    const again = newest.signatures.map((one: Kept) => ({
      signer: one.tenantId,
      protected: one.protected,
      signature: one.signature,
    }));
    for (let time = 0; time < 2; time += 1) await send({ content: current, signatures: again });
    assert.equal((await ok(carla('POST', `${BASE}/${id}/verify`))).partner.isSame, true);
    await end(id);
  });

  test('what was shared under an agreement is taken back when it ends, and a narrower one caps it until then', async () => {
    const { ann, anders, carla } = actors();
    // Our own policy would let more be shared: what both signed is what holds it down.
    await ok(ann('PATCH', '/admin/calendar-sharing', { level: 'limitedRead' }));
    const id = await makeActive(fabrikamOffers('availability', 'calendars.sharing'));
    await holds(id);
    const path = '/v1.0/me/calendar/calendarPermissions';
    const share = (role: string) =>
      anders('POST', path, { emailAddress: { address: 'bob@contoso.example', name: 'Bob' }, role });
    assert.equal((await share('limitedRead')).status, 400);
    await ok(share('freeBusyRead'), 201);
    const shared = async () =>
      (await ok(anders('GET', path))).value.filter((one: { emailAddress: { address?: string } }) =>
        one.emailAddress.address?.startsWith('bob@'),
      ).length;
    assert.equal(await shared(), 1);
    await end(id);
    // DESIGN §3: what stood on it is revoked, and both sides have a receipt that needs no server to be checked.
    const ending = await soon(async () => {
      const { value } = await ok(ann('GET', '/admin/endings'));
      const found = value.find((one: { agreementId: string | null }) => one.agreementId === id);
      assert.equal(found?.notice, 'confirmed');
      return found;
    });
    assert.equal(await shared(), 0);
    const receipt = await readReceipt(await ok(ann('GET', `/admin/endings/${ending.id}/receipt`)));
    assert.equal(receipt.with.agreementId, id);
    const calendars = receipt.kinds.map(({ kind, found, revoked }) => [kind, found, revoked]);
    assert.deepEqual(calendars, [['calendars.calendar', 1, 1]]);
    const told = (await ok(carla('GET', '/admin/audit/events?action=partners.ended-by-partner'))).value[0].facts;
    assert.equal(told.agreementId, id);
    const theirs = await readReceipt(told.receipt);
    assert.deepEqual([theirs.id, theirs.by.tenantId, theirs.items.length], [ending.id, pair().fabrikam.id, 1]);
    assert.equal(theirs.items[0]?.object, '', 'what things are called here is nobody else’s');
    // It is over once: what is shared afterwards, by our own rules, stays.
    await ok(share('freeBusyRead'), 201);
    await ok(ann('POST', `${BASE}/${id}/verify`));
    assert.equal(await shared(), 1);
  });

  test('invitations to meetings reach whom the agreement says, and nobody while it is suspended', async () => {
    const { carla } = actors();
    const { fabrikam, contoso } = pair();
    const partners = partnersOf(fabrikam);
    let count = 0;
    const invites = async (method = 'REQUEST') => {
      count += 1;
      const lines = [
        'BEGIN:VCALENDAR',
        'VERSION:2.0',
        'PRODID:-//test//EN',
        `METHOD:${method}`,
        'BEGIN:VEVENT',
        `UID:agreed-${count}@fabrikam.example`,
        'DTSTAMP:20260504T080000Z',
        'DTSTART:20260504T090000Z',
        'DTEND:20260504T100000Z',
        'SUMMARY:Budget',
        'ORGANIZER:mailto:anders@fabrikam.example',
        'ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@contoso.example',
        'END:VEVENT',
        'END:VCALENDAR',
      ];
      const envoy = {
        tenantId: fabrikam.id,
        address: 'anders@fabrikam.example',
        displayName: 'Anders',
        correlationId: crypto.randomUUID(),
      };
      const asked = {
        text: `${lines.join('\r\n')}\r\n`,
        comment: null,
        recipients: [{ address: 'bob@contoso.example', id: crypto.randomUUID() }],
      };
      const answer = (await partners.ask(envoy, contoso.id, 'calendars.schedule', asked)) as {
        statuses: { status: string }[];
      };
      return answer.statuses[0]?.status;
    };
    assert.equal(await invites(), '1.2', 'without an agreement our own rules stand alone');
    const id = await makeActive([
      { term: 'calendars.invitations', of: 'contoso.example', offers: 'invite', accepts: 'invite' },
    ]);
    assert.equal(await soon(async () => invites()), '1.2');
    await ok(carla('POST', `${BASE}/${id}/suspend`, { reason: 'A question first.' }));
    await soon(async () => assert.equal(await invites(), '3.8'));
    // Taking back is never held up.
    assert.notEqual(await invites('CANCEL'), '3.8');
    await ok(carla('POST', `${BASE}/${id}/resume`, {}));
    await soon(async () => assert.equal(await invites(), '1.2'));
    await end(id);
  });

  test('home lets out those whom the agreement names, by address and by group, and nobody else', async () => {
    const { ann } = actors();
    const { fabrikam, contoso } = pair();
    const group = await ok(
      ann('POST', '/v1.0/groups', {
        displayName: 'Going out',
        mailEnabled: false,
        mailNickname: 'going-out',
        securityEnabled: true,
        'members@odata.bind': [`https://graph.microsoft.com/v1.0/users/${fabrikam.administrator.id}`],
      }),
      201,
    );
    const letsOut = async () => {
      const envoy = {
        tenantId: contoso.id,
        address: 'entente@contoso.example',
        displayName: 'Contoso',
        correlationId: crypto.randomUUID(),
      };
      const people = [
        { userId: fabrikam.member.id },
        { userId: fabrikam.administrator.id },
        { address: 'nobody@fabrikam.example' },
      ];
      const asked = { mode: 'collaboration', application: null, people, among: { users: [], groups: [] } };
      const answer = (await partnersOf(contoso).ask(envoy, fabrikam.id, 'partners.vouch', asked)) as {
        people: { homeLetsOut: boolean }[];
      };
      return answer.people.map(({ homeLetsOut }) => homeLetsOut);
    };
    assert.deepEqual(await letsOut(), [true, true, true]);
    const guests = (whom: unknown) => [
      { term: 'guests.invitation', of: 'contoso.example', offers: 'invite', accepts: { level: 'invite', whom } },
    ];
    const byAddress = await makeActive(guests({ people: ['anders@fabrikam.example'] }));
    await soon(async () => assert.deepEqual(await letsOut(), [true, false, false]));
    await end(byAddress);
    const byGroup = await makeActive(guests({ groups: [group.id] }));
    await soon(async () => assert.deepEqual(await letsOut(), [false, true, false]));
    await end(byGroup);
    await soon(async () => assert.deepEqual(await letsOut(), [true, true, true]));
  });

  test('a signature is given by somebody who has just signed in, and only by an administrator', async () => {
    const { ann, anders, carla } = actors();
    const { contoso } = pair();
    await refused(anders('POST', BASE, { partner: 'contoso.example', terms: [] }), 403, 'access.refused');
    const { id } = await propose(fabrikamOffers('availability'));
    await stateIs(carla, id, 'proposed');
    // Long enough for the proof to be old, not for the token to end.
    contoso.app.clock.advance(11 * 60);
    try {
      await refused(carla('POST', `${BASE}/${id}/sign`, {}), 401, 'access.sign-in-again');
      assert.equal((await ok(carla('GET', `${BASE}/${id}`))).state, 'proposed');
    } finally {
      contoso.app.clock.advance(-11 * 60);
    }
    await ok(carla('POST', `${BASE}/${id}/end`, { reason: 'Not now.' }));
    await stateIs(ann, id, 'ended');
  });

  test('an agreement is a text that people read, change and send back', async () => {
    const { ann, carla } = actors();
    const { id } = await propose([
      {
        term: 'calendars.free-busy',
        of: 'fabrikam.example',
        offers: { level: 'availability', until: '2027-01-01T00:00:00Z' },
      },
    ]);
    await stateIs(carla, id, 'proposed');
    const text = await ok(carla('GET', `${BASE}/${id}/text`));
    assert.match(text, /^# SHA-256 /);
    assert.match(text, /# Signed by fabrikam\.example\./);
    const changed = text.replace('level: availability', 'level: none');
    await ok(carla('POST', `${BASE}/${id}/counter`, { text: changed }));
    const back = await stateIs(ann, id, 'countered');
    assert.deepEqual(
      (back.open as { differences: { place: string; old: string; new: string }[] }).differences.map(
        ({ place, old, new: now }) => [place, old, now],
      ),
      [['offers', 'availability', 'none']],
    );
    await refused(
      ann('POST', `${BASE}/${id}/counter`, { text: 'terms: [{term: nothing.known, of: fabrikam.example, offers: x}]' }),
      400,
      'partners.agreement-term-unknown',
    );
    await end(id);
  });

  test('beyond 3.9 accept 3: who narrows an agreement by a setting is known at home, and that they did to the partner', async () => {
    const { ann, carla } = actors();
    const { fabrikam, contoso } = pair();
    const id = await makeActive([
      ...fabrikamOffers('limited-details'),
      ...fabrikamOffers('edit', 'files.sharing'),
      { term: 'calendars.sharing', of: 'contoso.example', offers: 'availability', accepts: 'availability' },
    ]);
    const drift = async (api: Api) => {
      const { agreements } = await ok(api('GET', '/admin/settings-text/drift'));
      return agreements.find((one: { agreementId: string }) => one.agreementId === id);
    };
    const checkOf = async (what: string) =>
      (await drift(ann)).checks.find((one: { what: string }) => one.what === what);
    await soon(async () => assert.equal((await checkOf('calendars.free-busy')).status, 'same'));
    // beyond 3.9 accept 5: what nothing here acts on cannot differ, and does not fail.
    const carried = await checkOf('files.sharing');
    assert.deepEqual([carried.status, carried.reason], ['not-applicable', 'not-enforced']);

    const relationship = crypto.randomUUID();
    const path = '/admin/settings/calendars.organization-relationships';
    const values = {
      name: 'Contoso, by hand',
      domainNames: ['contoso.example'],
      freeBusyAccessEnabled: true,
      freeBusyAccessLevel: 'AvailabilityOnly',
    };
    await ok(ann('PATCH', path, { target: relationship, values }));
    const narrowed = await checkOf('calendars.free-busy');
    assert.deepEqual(
      [narrowed.status, narrowed.agreed, narrowed.now, narrowed.setting.target, narrowed.setting.name],
      ['differs', 'limited-details', 'availability', relationship, 'freeBusyAccessLevel'],
    );
    const told = await soon(async () => {
      const found = await drift(carla);
      assert.deepEqual(found.partnerGives, { 'calendars.free-busy': 'availability' });
      return JSON.stringify(found);
    });
    for (const secret of [relationship, 'by hand', 'ann@'])
      assert.ok(!told.includes(secret), `${secret} stays at home`);
    const letters = async (side: AgreeingSide) =>
      (
        await sql(
          side,
          "select subject from platform.outgoing_mails where tenant_id = $1 and kind = 'agreement' and about_id = $2",
          [side.id, id],
        )
      ).map(({ subject }) => subject);
    await soon(async () => assert.ok((await letters(contoso)).includes('Fabrikam gives less than was agreed')));
    assert.ok((await letters(fabrikam)).includes('Our settings give Contoso less than was agreed'));

    await ok(ann('PATCH', path, { target: relationship, values: { freeBusyAccessLevel: 'LimitedDetails' } }));
    await soon(async () => assert.deepEqual((await drift(carla)).partnerGives, {}));
    await soon(async () => assert.ok((await letters(contoso)).includes('Fabrikam gives again what was agreed')));
    await soon(async () => assert.equal((await checkOf('calendars.free-busy')).status, 'same'));
    await ok(ann('POST', `${BASE}/${id}/suspend`, {}));
    const [suspended] = (await drift(ann)).checks;
    assert.deepEqual([suspended.status, suspended.reason], ['not-applicable', 'not-in-force']);
    await ok(
      ann(
        'POST',
        '/admin/settings-text/apply',
        await planOf(ann, 'settings:\n  calendars.organization-relationships: {}\n'),
      ),
    );
    await end(id);
  });

  test('a setting that is for some of those whom an agreement means gives the others less, whoever joins or leaves', async () => {
    const { ann, carla } = actors();
    const { fabrikam } = pair();
    const id = await makeActive(fabrikamOffers('limited-details'));
    const drift = async (api: Api) => {
      const { agreements } = await ok(api('GET', '/admin/settings-text/drift'));
      return agreements.find((one: { agreementId: string }) => one.agreementId === id);
    };
    const check = async () => {
      const { checks } = await drift(ann);
      const { status, now, isForSome, setting } = checks.find(
        ({ what }: { what: string }) => what === 'calendars.free-busy',
      );
      return [status, now, isForSome, setting?.name ?? null];
    };
    const toldIs = (gives: unknown) => soon(async () => assert.deepEqual((await drift(carla)).partnerGives, gives));
    // What no notice tells of is found by the clock.
    const sweep = () =>
      fabrikam.app.run({ tenantId: fabrikam.id, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
        const sweeps = fabrikam.app.modules.flatMap((one) => one.sweeps ?? []);
        await sweeps.find(({ name }) => name === 'partners.compare-settings')?.run(ctx);
      });
    const SAME = ['same', 'limited-details', false, null];
    const LEFT_OUT = ['differs', 'none', true, 'freeBusyAccessScope'];
    await soon(async () => assert.deepEqual(await check(), SAME));

    const { value: everybody } = await ok(ann('GET', "/v1.0/users?$filter=userType eq 'Member'&$top=100"));
    const others = everybody.filter((one: { id: string }) => one.id !== fabrikam.member.id);
    const reference = (one: { id: string }) => `https://graph.microsoft.com/v1.0/users/${one.id}`;
    const group = await ok(
      ann('POST', '/v1.0/groups', {
        displayName: 'Shown to partners',
        mailEnabled: false,
        mailNickname: 'shown-to-partners',
        securityEnabled: true,
        'members@odata.bind': [reference(fabrikam.member)],
      }),
      201,
    );
    const values = {
      name: 'Contoso, of some',
      domainNames: ['contoso.example'],
      freeBusyAccessEnabled: true,
      freeBusyAccessLevel: 'LimitedDetails',
      freeBusyAccessScope: group.id,
    };
    const target = crypto.randomUUID();
    await ok(ann('PATCH', '/admin/settings/calendars.organization-relationships', { target, values }));
    await soon(async () => assert.deepEqual(await check(), LEFT_OUT));
    await toldIs({ 'calendars.free-busy': { some: 'none' } });
    for (const one of others)
      await ok(ann('POST', `/v1.0/groups/${group.id}/members/$ref`, { '@odata.id': reference(one) }), 204);
    assert.deepEqual(await check(), SAME);
    await sweep();
    await toldIs({});
    await ok(ann('DELETE', `/v1.0/groups/${group.id}/members/${others[0].id}/$ref`), 204);
    await sweep();
    await toldIs({ 'calendars.free-busy': { some: 'none' } });

    // Once the agreement means nobody but those whom the setting is for, all is as agreed.
    const found = await ok(ann('GET', `${BASE}/${id}`));
    assert.equal(found.state, 'active');
    await ok(
      ann('POST', `${BASE}/${id}/narrow`, {
        terms: [
          {
            term: 'calendars.free-busy',
            of: 'fabrikam.example',
            to: { level: 'limited-details', whom: { people: ['anders@fabrikam.example'] }, until: null },
          },
        ],
      }),
    );
    assert.deepEqual(await check(), SAME);
    await end(id);
    await ok(
      ann(
        'POST',
        '/admin/settings-text/apply',
        await planOf(ann, 'settings:\n  calendars.organization-relationships: {}\n'),
      ),
    );
  });

  const planOf = async (api: Api, text: string) => ({
    text,
    digest: (await ok(api('POST', '/admin/settings-text/plan', { text, whatIf: false }))).digest,
  });

  test('beyond 3.3: parting takes a fresh proof, and its receipt has the agreement that it ended; both know who signed', async () => {
    const { ann, carla } = actors();
    const { fabrikam, contoso } = pair();
    const id = await makeActive(fabrikamOffers('availability', 'calendars.sharing'));
    for (const api of [ann, carla]) {
      const { versions } = await ok(api('GET', `${BASE}/${id}/history`));
      const signers = versions[0].signatures.map((one: { signedBy: string | null }) => one.signedBy);
      assert.deepEqual(
        signers.toSorted(),
        [fabrikam.administrator.userPrincipalName, `${contoso.administrator.userPrincipalName}`].toSorted(),
      );
    }
    fabrikam.app.clock.advance(11 * 60);
    try {
      await refused(ann('POST', '/admin/endings', { partner: 'contoso.example' }), 401, 'access.sign-in-again');
    } finally {
      fabrikam.app.clock.advance(-11 * 60);
    }
    assert.equal((await ok(ann('GET', `${BASE}/${id}`))).state, 'active', 'nothing has ended');
    const { kinds } = await ok(ann('GET', '/admin/endings/preview?partner=contoso.example'));
    const agreements = (found: { kind: string }[]) => found.find(({ kind }) => kind === 'partners.agreement');
    assert.equal((agreements(kinds) as { found?: number } | undefined)?.found, 1);
    const begun = await ok(ann('POST', '/admin/endings', { partner: 'contoso.example', reason: 'It is over.' }), 202);
    assert.equal((await ok(ann('GET', `${BASE}/${id}`))).state, 'ended');
    await soon(async () => assert.equal((await ok(ann('GET', `/admin/endings/${begun.id}`))).notice, 'confirmed'));
    const receipt = await readReceipt(await ok(ann('GET', `/admin/endings/${begun.id}/receipt`)));
    const [item, ...more] = receipt.items.filter(({ kind }) => kind === 'partners.agreement');
    assert.deepEqual([item?.id, item?.outcome, more.length], [id, 'revoked', 0]);
    for (const { kind, found, revoked, transferred, irrecoverable } of receipt.kinds)
      assert.equal(revoked + transferred + irrecoverable, found, kind);
    await stateIs(carla, id, 'ended');
    const ended = (await ok(ann('GET', `${BASE}/${id}/history`))).amendments.at(-1);
    assert.equal(ended.signedBy, fabrikam.administrator.userPrincipalName);
    await soon(async () => {
      const theirs = (await ok(carla('GET', `${BASE}/${id}/history`))).amendments.at(-1);
      assert.equal(theirs.signedBy, fabrikam.administrator.userPrincipalName);
    });
    // One receipt has all: no other one was made for the agreement.
    const { value } = await ok(ann('GET', '/admin/endings'));
    assert.ok(value.every((one: { agreementId: string | null }) => one.agreementId !== id));
  });
}
