import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { JWK } from 'jose';
import { HttpSignatureError, type SignedRequest, signRequest, verifyRequest } from './http-signatures.ts';

const keyOf = (kid: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    signer: { kid, privateJwk: privateKey.export({ format: 'jwk' }) as JWK },
    published: { ...(publicKey.export({ format: 'jwk' }) as JWK), kid },
  };
};
const ours = keyOf('ours');
const theirs = keyOf('theirs');
const at = new Date('2031-02-03T04:05:06Z');
const request: SignedRequest = {
  method: 'POST',
  url: 'https://contoso.example:8443/partners/requests/1/calendars.availability',
  headers: { 'content-type': 'application/json', 'entente-from': 'fabrikam' },
  body: '{"asked":"ä"}',
};
const signed = async (signer = ours.signer): Promise<SignedRequest> => ({
  ...request,
  headers: await signRequest(request, signer, { at, nonce: 'n1', alsoSigned: ['entente-from'] }),
});

test('a signed request is known by its key, time and nonce, whatever the clock says', async () => {
  const keys = [theirs.published, ours.published];
  assert.deepEqual(await verifyRequest(await signed(), keys, ['entente-from']), { kid: 'ours', at, nonce: 'n1' });
});

test('whatever of a request is altered, it is refused', async () => {
  const good = await signed();
  const other = { ...good.headers, signature: (await signed(theirs.signer)).headers.Signature ?? '' };
  const { Signature: _none, ...unsigned } = good.headers as Record<string, string>;
  const altered: Partial<SignedRequest>[] = [
    { body: '{"asked":"a"}' },
    { method: 'PUT' },
    { url: request.url.replace('contoso', 'tailspin') },
    { headers: { ...good.headers, 'entente-from': 'tailspin' } },
    { headers: { ...good.headers, 'content-type': 'text/plain' } },
    { headers: other },
    { headers: unsigned },
    { headers: { ...good.headers, 'Signature-Input': (good.headers['Signature-Input'] ?? '').replace('n1', 'n2') } },
    {
      headers: {
        ...good.headers,
        'Signature-Input': (good.headers['Signature-Input'] ?? '').replace('"@method" ', ''),
      },
    },
    { headers: {} },
  ];
  for (const change of altered) {
    await assert.rejects(
      verifyRequest({ ...good, ...change }, [ours.published], ['entente-from']),
      HttpSignatureError,
      JSON.stringify(change),
    );
  }
});

test('a key that is not among those known counts for nothing', async () => {
  await assert.rejects(verifyRequest(await signed(theirs.signer), [ours.published], []), HttpSignatureError);
  const impostor = { ...theirs.published, kid: 'ours' };
  await assert.rejects(verifyRequest(await signed(), [impostor], []), HttpSignatureError);
});

test('a header that must be signed and was not is refused', async () => {
  await assert.rejects(verifyRequest(await signed(), [ours.published], ['entente-subject']), HttpSignatureError);
});
