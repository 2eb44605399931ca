import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Cast, startCast } from '../../../tests/support/cast.ts';
import { createAccount, findAccountByPrincipalName, loadActorFacts } from '../index.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.app.close());

test('an administrator creates an account and finds it by its sign-in name in any case', async () => {
  const { fabrikam } = cast;
  const made = await fabrikam.asOperator((ctx) =>
    createAccount(ctx, {
      userPrincipalName: 'Nils@fabrikam.example',
      displayName: 'Nils',
      mail: 'nils@fabrikam.example',
    }),
  );
  assert.deepEqual(made.proxyAddresses, ['SMTP:nils@fabrikam.example']);
  const found = await fabrikam.asOperator((ctx) => findAccountByPrincipalName(ctx, 'NILS@fabrikam.example'));
  assert.equal(found?.id, made.id);
  const facts = await fabrikam.asOperator((ctx) => loadActorFacts(ctx, made.id));
  assert.deepEqual(
    { ...facts, sessionsValidFrom: undefined },
    {
      displayName: 'Nils',
      userPrincipalName: 'Nils@fabrikam.example',
      userType: 'Member',
      homeTenantId: null,
      roles: [],
      isEnabled: true,
      sessionsValidFrom: undefined,
    },
  );
});

test('XC-7: a sign-in name or mail address under a domain that is not verified is refused', async () => {
  const { fabrikam } = cast;
  const code = 'directory.unverified-domain';
  await assert.rejects(
    fabrikam.asOperator((ctx) => createAccount(ctx, { userPrincipalName: 'x@contoso.example', displayName: 'X' })),
    { code },
  );
  await assert.rejects(
    fabrikam.asOperator((ctx) =>
      createAccount(ctx, { userPrincipalName: 'x@fabrikam.example', displayName: 'X', mail: 'x@elsewhere.example' }),
    ),
    { code },
  );
  assert.equal(await fabrikam.asOperator((ctx) => findAccountByPrincipalName(ctx, 'x@fabrikam.example')), undefined);
});

test('ID-7: an ordinary sign-in name with a number sign is refused', async () => {
  await assert.rejects(
    cast.fabrikam.asOperator((ctx) =>
      createAccount(ctx, { userPrincipalName: 'a#EXT#@fabrikam.example', displayName: 'A' }),
    ),
    { code: 'directory.reserved-character' },
  );
});

test('a sign-in name belongs to one account and a mail address to one holder', async () => {
  const { fabrikam } = cast;
  const create = (userPrincipalName: string, mail: string) =>
    fabrikam.asOperator((ctx) => createAccount(ctx, { userPrincipalName, displayName: 'One', mail }));
  await create('one@fabrikam.example', 'one@fabrikam.example');
  await assert.rejects(create('ONE@fabrikam.example', 'other@fabrikam.example'), {
    code: 'directory.principal-name-taken',
  });
  await assert.rejects(create('two@fabrikam.example', 'One@fabrikam.example'), { code: 'directory.address-taken' });
});

test('two at once for one sign-in name: one is made, the other is refused', async () => {
  const { fabrikam } = cast;
  const results = await Promise.allSettled(
    [1, 2, 3, 4].map((n) =>
      fabrikam.asOperator((ctx) =>
        createAccount(ctx, { userPrincipalName: 'race@fabrikam.example', displayName: `Race ${n}` }),
      ),
    ),
  );
  assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
});

test('a member without a role creates nobody', async () => {
  const { fabrikam } = cast;
  await assert.rejects(
    fabrikam.anders((ctx) => createAccount(ctx, { userPrincipalName: 'y@fabrikam.example', displayName: 'Y' })),
    { code: 'access.refused' },
  );
});
