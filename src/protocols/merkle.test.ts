import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  appendLeaf,
  checkpointSigner,
  consistencyProof,
  EMPTY_FRONTIER,
  type Frontier,
  type Hash,
  hashLeaf,
  hashNode,
  inclusionProof,
  MerkleError,
  openCheckpoint,
  rootOf,
  signCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';

const hex = (hash: Hash) => Buffer.from(hash).toString('hex');

/** Appends records and remembers nodes and roots, as a store would. */
function grow(records: Uint8Array[]) {
  const nodes = new Map<string, Hash>();
  const roots = [rootOf(EMPTY_FRONTIER)];
  let frontier: Frontier = EMPTY_FRONTIER;
  for (const record of records) {
    const grown = appendLeaf(frontier, hashLeaf(record));
    for (const node of grown.completed) nodes.set(`${node.level}/${node.index}`, node.hash);
    frontier = grown.frontier;
    roots.push(rootOf(frontier));
  }
  let reads = 0;
  const read = (level: number, index: number) => {
    reads += 1;
    const hash = nodes.get(`${level}/${index}`);
    assert.ok(hash, `node ${level}/${index} was never completed`);
    return hash;
  };
  return { roots, read, reads: () => reads };
}

/** RFC 9162 §2.1.1, word for word: the slow definition that the frontier must agree with. */
function definedRoot(leaves: Hash[]): Hash {
  if (leaves.length === 0) return rootOf(EMPTY_FRONTIER);
  if (leaves.length === 1) return leaves[0] as Hash;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return hashNode(definedRoot(leaves.slice(0, k)), definedRoot(leaves.slice(k)));
}

test("agrees with the certificate transparency project's published tree heads", () => {
  // google/certificate-transparency, merkletree tests: eight inputs and the root after each.
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const { roots } = grow(inputs.map((input) => Buffer.from(input, 'hex')));
  assert.deepEqual(roots.map(hex), [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]);
});

// All different, so that a record has one place only.
const records = fc.uniqueArray(fc.uint8Array({ maxLength: 4 }), { minLength: 1, maxLength: 70, selector: hex });

test('the frontier has the root that the standard defines', () => {
  fc.assert(
    fc.property(records, (list) => {
      assert.deepEqual(hex(grow(list).roots.at(-1) as Hash), hex(definedRoot(list.map(hashLeaf))));
    }),
  );
});

test('a record is proven at its own place in its own tree, and nowhere else', async () => {
  await fc.assert(
    fc.asyncProperty(records, fc.nat(), fc.nat(), fc.nat(), async (list, a, b, c) => {
      const { roots, read } = grow(list);
      const size = 1 + (a % list.length);
      const index = b % size;
      const leaf = hashLeaf(list[index] as Uint8Array);
      const root = roots[size] as Hash;
      const proof = await inclusionProof(index, size, read);
      assert.ok(verifyInclusion(leaf, index, size, proof, root));
      assert.ok(proof.length <= Math.ceil(Math.log2(size)));

      assert.ok(!verifyInclusion(hashLeaf(Buffer.from('forged')), index, size, proof, root));
      assert.ok(!verifyInclusion(leaf, index, size, [...proof, leaf], root));
      assert.ok(!verifyInclusion(leaf, size, size, proof, root));
      if (proof.length > 0) {
        assert.ok(!verifyInclusion(leaf, index, size, proof.slice(1), root));
        const bent = proof.map((hash, at) => (at === c % proof.length ? hashLeaf(hash) : hash));
        assert.ok(!verifyInclusion(leaf, index, size, bent, root));
      }
      const elsewhere = c % size;
      if (elsewhere !== index) assert.ok(!verifyInclusion(leaf, elsewhere, size, proof, root));
    }),
  );
});

test('a longer list is proven to extend a shorter one, and a rewritten one is not', async () => {
  await fc.assert(
    fc.asyncProperty(records, fc.nat(), fc.nat(), async (list, a, b) => {
      const { roots, read } = grow(list);
      const newSize = a % (list.length + 1);
      const oldSize = b % (newSize + 1);
      const proof = await consistencyProof(oldSize, newSize, read);
      const [oldRoot, newRoot] = [roots[oldSize] as Hash, roots[newSize] as Hash];
      assert.ok(verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof));
      assert.ok(!verifyConsistency(oldSize, oldRoot, newSize, newRoot, [...proof, oldRoot]));
      assert.ok(!verifyConsistency(newSize + 1, oldRoot, newSize, newRoot, proof));
      if (proof.length > 0) assert.ok(!verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof.slice(1)));

      if (oldSize === 0) return;
      // The same list with one old record changed, proven as honestly as its keeper can.
      const rewritten = grow(list.map((record, at) => (at === b % oldSize ? Buffer.from('rewritten') : record)));
      const excuse = await consistencyProof(oldSize, newSize, rewritten.read);
      assert.ok(!verifyConsistency(oldSize, oldRoot, newSize, rewritten.roots[newSize] as Hash, excuse));
    }),
  );
});

test('a proof in a large tree reads few nodes', async () => {
  const { roots, read, reads } = grow(Array.from({ length: 5000 }, (_, at) => Buffer.from(String(at))));
  const proof = await inclusionProof(4321, 5000, read);
  assert.ok(verifyInclusion(hashLeaf(Buffer.from('4321')), 4321, 5000, proof, roots[5000] as Hash));
  assert.ok(reads() < 30);
});

test('refuses to prove what is not in the tree', async () => {
  const { read } = grow([Buffer.from('a')]);
  await assert.rejects(inclusionProof(1, 1, read), MerkleError);
  await assert.rejects(inclusionProof(-1, 1, read), MerkleError);
  await assert.rejects(consistencyProof(2, 1, read), MerkleError);
});

test('a checkpoint signed by a known key opens, whatever other signatures it carries', async () => {
  const checkpoint = { origin: 'fabrikam.example/audit', size: 3, root: new Uint8Array(hashLeaf(Buffer.from('x'))) };
  for (const { privateKey } of [generateKeyPairSync('ed25519'), generateKeyPairSync('ec', { namedCurve: 'P-256' })]) {
    const signer = checkpointSigner('fabrikam.example/audit', privateKey);
    const text = await signCheckpoint(checkpoint, signer);
    assert.match(text, /^fabrikam\.example\/audit\n3\n[\w+/]{43}=\n\n— fabrikam\.example\/audit [\w+/]+=*\n$/);
    assert.deepEqual(openCheckpoint(text, [signer]), checkpoint);

    const witness = checkpointSigner('contoso.example/witness', generateKeyPairSync('ed25519').privateKey);
    const line = (await signCheckpoint(checkpoint, witness)).split('\n\n')[1];
    assert.deepEqual(openCheckpoint(text + line, [witness]), checkpoint);

    assert.throws(() => openCheckpoint(text, [witness]), /No known key/);
    assert.throws(() => openCheckpoint(text.replace('\n3\n', '\n4\n'), [signer]), /does not hold/);
    const renewed = checkpointSigner(signer.name, generateKeyPairSync('ed25519').privateKey);
    assert.throws(() => openCheckpoint(text, [renewed]), /No known key/);
  }
});

test("opens a tree head of Go's checksum database with its published key", () => {
  const raw = Buffer.from('Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8', 'base64').subarray(1);
  const key = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  const verifier = { name: 'sum.golang.org', publicKey: createPublicKey({ key, format: 'jwk' }) };
  const text = [
    'go.sum database tree',
    '6476701',
    'mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=',
    '',
    '— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=',
    '',
  ].join('\n');
  assert.equal(openCheckpoint(text, [verifier]).size, 6476701);
  assert.throws(() => openCheckpoint(text.replace('6476701', '6476702'), [verifier]), /does not hold/);
});

test('no text makes openCheckpoint fail otherwise than by refusing', () => {
  const signer = checkpointSigner('k', generateKeyPairSync('ed25519').privateKey);
  const part = fc.constantFrom('a', '\n', '\n\n', '3', '— k ', 'AAAA', `${'A'.repeat(43)}=`, '—');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes).toString()),
        fc.array(part).map((parts) => parts.join('')),
      ),
      (text) => {
        assert.throws(() => openCheckpoint(text, [signer]), MerkleError);
      },
    ),
  );
});

test('refuses to sign a checkpoint that could be read in two ways', async () => {
  const key = generateKeyPairSync('ed25519').privateKey;
  const root = new Uint8Array(32);
  await assert.rejects(signCheckpoint({ origin: 'a\n9', size: 1, root }, checkpointSigner('k', key)), MerkleError);
  await assert.rejects(signCheckpoint({ origin: 'a', size: 1, root }, checkpointSigner('a b', key)), MerkleError);
  await assert.rejects(signCheckpoint({ origin: 'a', size: 0.5, root }, checkpointSigner('k', key)), MerkleError);
});
