import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgreeingPair, type AgreeingSide, agreeing, BASE } from './agreeing.ts';
import { soon } from './eventually.ts';
import type { Api } from './people.ts';

/** What an agreement makes of the settings, and the settings of an agreement. `pair` is there once a test runs. */
export function agreementSettings(pair: () => AgreeingPair): void {
  const { actors, ok, fabrikamOffers, makeActive, end, sql } = agreeing(pair);

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
}
