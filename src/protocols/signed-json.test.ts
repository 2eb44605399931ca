import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalBytes, SignedJsonError, signJson, verifyJson } from './signed-json.ts';

const keyOf = (kid: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    signer: { kid, privateJwk: privateKey.export({ format: 'jwk' }) as never },
    published: { ...publicKey.export({ format: 'jwk' }), kid } as never,
  };
};
const ours = keyOf('ours');
const theirs = keyOf('theirs');

test('what was signed is verified whatever the order of its members', async () => {
  const signature = await signJson({ b: 1, a: ['ä', 2.5] }, ours.signer, 'entente-test');
  const kid = await verifyJson({ a: ['ä', 2.5], b: 1 }, signature, [theirs.published, ours.published], 'entente-test');
  assert.equal(kid, 'ours');
});

test('a changed value, another purpose and an unknown key are refused', async () => {
  const signature = await signJson({ level: 'view' }, ours.signer, 'entente-test');
  const refused = (value: unknown, keys: never[], typ: string) =>
    assert.rejects(verifyJson(value, signature, keys, typ), SignedJsonError);
  await refused({ level: 'edit' }, [ours.published], 'entente-test');
  await refused({ level: 'view' }, [ours.published], 'entente-receipt');
  await refused({ level: 'view' }, [theirs.published], 'entente-test');
  await refused({ level: 'view' }, [{ ...(theirs.published as object), kid: 'ours' } as never], 'entente-test');
});

test('any byte of a signed value that changes is noticed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (value, other) => {
      const signature = await signJson(value, ours.signer, 'entente-test');
      const isSame = canonicalBytes(value).equals(canonicalBytes(other));
      const verified = verifyJson(other, signature, [ours.published], 'entente-test');
      await (isSame ? verified : assert.rejects(verified, SignedJsonError));
    }),
    { numRuns: 50 },
  );
});
