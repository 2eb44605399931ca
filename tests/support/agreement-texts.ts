import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReceipt } from '../../src/partners/index.ts';
import { type AgreeingPair, type AgreeingSide, agreeing, BASE, partnersOf } from './agreeing.ts';
import { soon } from './eventually.ts';

/** What is signed, by whom, and that it stays as it was signed. `pair` is there once a test runs. */
export function agreementTexts(pair: () => AgreeingPair): void {
  const { actors, ok, refused, fabrikamOffers, propose, seenBy, stateIs, makeActive, end, bobSees, sql } =
    agreeing(pair);

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
