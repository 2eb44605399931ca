import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WORKLOADS } from '../../src/kernel/agreement.ts';
import { readReceipt } from '../../src/partners/index.ts';
import { type AgreeingPair, agreeing, BASE, partnersOf } from './agreeing.ts';
import { soon } from './eventually.ts';
import type { Api } from './people.ts';

/** What an agreement opens and what stays closed without it. `pair` is there once a test runs. */
export function agreementEffects(pair: () => AgreeingPair): void {
  const {
    actors,
    ok,
    refused,
    fabrikamOffers,
    propose,
    seenBy,
    stateIs,
    makeActive,
    end,
    bobSees,
    andersSees,
    planFor,
    settingsOf,
    require,
    holds,
  } = agreeing(pair);

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
}
