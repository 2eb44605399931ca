import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SignedDocument } from '../../src/partners/index.ts';
import { verifyJson } from '../../src/protocols/signed-json.ts';
import { type Cast, startCast } from '../support/cast.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.app.close());

const documentOf = async (domain: string) => {
  const answer = await fetch(`${cast.app.origin}/.well-known/entente?domain=${domain}`);
  return { status: answer.status, body: (await answer.json()) as SignedDocument };
};

test('an organisation publishes itself at each of its domains, signed with a key of its own', async () => {
  const { status, body } = await documentOf('fabrikam.example');
  assert.equal(status, 200);
  const { document, signature } = body;
  assert.equal(document.tenantId, cast.fabrikam.id);
  assert.deepEqual(document.domains, ['fabrikam.entente.example', 'fabrikam.example']);
  assert.equal(document.endpoint, `${cast.app.httpsOrigin}/partners/requests`);
  assert.equal(document.keys.length, 1);
  assert.equal(document.keys[0]?.d, undefined);
  await verifyJson(document, signature, document.keys, 'entente-organization');
  await assert.rejects(
    verifyJson({ ...document, domains: ['contoso.example'] }, signature, document.keys, 'entente-organization'),
  );

  const contoso = (await documentOf('contoso.example')).body;
  assert.notEqual(contoso.document.keys[0]?.x, document.keys[0]?.x);
  assert.deepEqual((await documentOf('fabrikam.entente.example')).body.document.keys, document.keys);
});

test('a domain that nobody here holds leads nowhere', async () => {
  assert.equal((await documentOf('tailspin.example')).status, 404);
});
