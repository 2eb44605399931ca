/**
 * An append-only Merkle tree over a list of records (RFC 9162 §2.1, hashing as in RFC 6962): roots, proofs that a
 * record is in the list and that a longer list extends a shorter one, and signed checkpoints (C2SP tlog-checkpoint in
 * a C2SP signed-note). Bytes in, bytes out; where hashes are kept is the caller's.
 *
 * Why our own: `@transmute/rfc9162` 0.0.5 wants every record in memory to make a root or a proof; `@sigstore/verify`
 * only verifies inclusion, behind its own types; the other Merkle packages hash leaves and nodes alike or sort the
 * pairs, which is another tree. The test holds this one to the vectors of the certificate-transparency project and to
 * a published tree head of Go's checksum database.
 */
import { createHash, createPublicKey, type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto';

/** A SHA-256 hash, 32 bytes. */
export type Hash = Uint8Array;

/** A checkpoint or proof that cannot be read, or whose signature does not hold. */
export class MerkleError extends Error {
  override readonly name = 'MerkleError';
}

const sha256 = (...parts: Uint8Array[]): Hash => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

// RFC 9162 §2.1.1: different prefixes, so that nobody can pass a node off as a leaf.
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const hashLeaf = (record: Uint8Array): Hash => sha256(LEAF, record);
export const hashNode = (left: Hash, right: Hash): Hash => sha256(NODE, left, right);

const same = (a: Hash, b: Hash) => Buffer.from(a.buffer, a.byteOffset, a.length).equals(b);

// ---------------------------------------------------------------------------------------------------------------
// Appending

/**
 * All that is needed to append: the number of leaves, and the hashes of the full subtrees they fall into, the largest
 * (leftmost) first. One hash for each bit set in `size`.
 */
export type Frontier = { size: number; hashes: Hash[] };

export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: [] };

/** A full subtree: `level` 0 is a leaf, and node `index` of a level covers leaves index·2^level onward. */
export type Node = { level: number; index: number; hash: Hash };

/**
 * Appends one leaf (already hashed). `completed` lists the nodes that came into being, the leaf first: who keeps them
 * can make any proof later by reading about log2(size) of them.
 */
export function appendLeaf(frontier: Frontier, leaf: Hash): { frontier: Frontier; completed: Node[] } {
  const hashes = [...frontier.hashes];
  const completed: Node[] = [{ level: 0, index: frontier.size, hash: leaf }];
  // Like adding one to a binary number: each trailing 1 of the size is a subtree that the new one completes.
  let node = completed[0] as Node;
  for (let rest = frontier.size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = hashes.pop();
    if (!left) throw new MerkleError('The frontier has fewer hashes than its size asks for.');
    node = { level: node.level + 1, index: Math.floor(node.index / 2), hash: hashNode(left, node.hash) };
    completed.push(node);
  }
  hashes.push(node.hash);
  return { frontier: { size: frontier.size + 1, hashes }, completed };
}

/** Appends many leaves, in their order; `completed` as of `appendLeaf`. */
export function appendLeaves(frontier: Frontier, leaves: Iterable<Hash>): { frontier: Frontier; completed: Node[] } {
  let grown = frontier;
  const completed: Node[] = [];
  for (const leaf of leaves) {
    const next = appendLeaf(grown, leaf);
    grown = next.frontier;
    completed.push(...next.completed);
  }
  return { frontier: grown, completed };
}

/** The root of the tree; that of no leaves is the hash of nothing (RFC 9162 §2.1.1). */
export function rootOf({ hashes }: Frontier): Hash {
  return hashes.length === 0 ? sha256() : hashes.reduceRight((right, left) => hashNode(left, right));
}

// ---------------------------------------------------------------------------------------------------------------
// Proofs

/** Reads the hash of a full subtree that appendLeaf once reported as completed. */
export type ReadNode = (level: number, index: number) => Hash | Promise<Hash>;

/** The root of the first `size` leaves of a tree that has grown since. */
export const rootOfFirst = async (size: number, read: ReadNode): Promise<Hash> =>
  size === 0 ? rootOf(EMPTY_FRONTIER) : subtree(0, size, read);

/** RFC 9162 §2.1.3.1: the hashes that lead from leaf `index` to the root of the first `size` leaves. */
export async function inclusionProof(index: number, size: number, read: ReadNode): Promise<Hash[]> {
  checkSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new MerkleError(`Leaf ${index} is not among the first ${size}.`);
  }
  const path: Hash[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.push(await subtree(middle, end, read));
      end = middle;
    } else {
      path.push(await subtree(start, middle, read));
      start = middle;
    }
  }
  return path.reverse();
}

/** RFC 9162 §2.1.4.1: the hashes that show the tree of `newSize` leaves to begin with that of `oldSize`. */
export async function consistencyProof(oldSize: number, newSize: number, read: ReadNode): Promise<Hash[]> {
  checkSize(oldSize);
  checkSize(newSize);
  if (oldSize > newSize) throw new MerkleError(`A tree of ${newSize} leaves cannot extend one of ${oldSize}.`);
  if (oldSize === 0 || oldSize === newSize) return [];
  const path: Hash[] = [];
  let [start, end] = [0, newSize];
  while (oldSize < end) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      path.push(await subtree(middle, end, read));
      end = middle;
    } else {
      path.push(await subtree(start, middle, read));
      start = middle;
    }
  }
  // The old tree's last subtree need not be told when it is the old tree itself: the verifier knows that root.
  if (start > 0) path.push(await subtree(start, end, read));
  return path.reverse();
}

/** RFC 9162 §2.1.3.2. True when the proof shows that `leaf` (a leaf hash) is number `index` of the tree. */
export function verifyInclusion(leaf: Hash, index: number, size: number, proof: Hash[], root: Hash): boolean {
  if (!isSize(size) || !isSize(index) || index >= size) return false;
  let [position, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      hash = hashNode(sibling, hash);
      while (position % 2 === 0 && position !== 0) [position, last] = [position / 2, Math.floor(last / 2)];
    } else {
      hash = hashNode(hash, sibling);
    }
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(hash, root);
}

/** RFC 9162 §2.1.4.2. True when the proof shows that the newer tree begins with the older, unchanged. */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Hash,
  newSize: number,
  newRoot: Hash,
  proof: Hash[],
): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (oldSize === newSize) return proof.length === 0 && same(oldRoot, newRoot);
  // Everything extends the empty tree, which has one root only.
  if (oldSize === 0) return proof.length === 0 && same(oldRoot, sha256());
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  let [position, last] = [oldSize - 1, newSize - 1];
  while (position % 2 === 1) [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  const [first, ...rest] = path;
  if (!first) return false;
  let [older, newer] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      older = hashNode(sibling, older);
      newer = hashNode(sibling, newer);
      while (position % 2 === 0 && position !== 0) [position, last] = [position / 2, Math.floor(last / 2)];
    } else {
      newer = hashNode(newer, sibling);
    }
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(older, oldRoot) && same(newer, newRoot);
}

/** The hash over leaves [start, end), put together from full subtrees; `start` is a multiple of the largest one. */
async function subtree(start: number, end: number, read: ReadNode): Promise<Hash> {
  const hashes: Hash[] = [];
  while (start < end) {
    let [level, width] = [0, 1];
    while (width * 2 <= end - start) [level, width] = [level + 1, width * 2];
    hashes.push(await read(level, start / width));
    start += width;
  }
  return hashes.reduceRight((right, left) => hashNode(left, right));
}

/** The largest power of two smaller than `width` (which is at least 2). */
function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

const isSize = (value: number) => Number.isSafeInteger(value) && value >= 0;

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value)) && 2 ** Math.log2(value) === value;
}

function checkSize(size: number): void {
  if (!isSize(size)) throw new MerkleError(`${size} is no number of leaves.`);
}

// ---------------------------------------------------------------------------------------------------------------
// Checkpoints (https://c2sp.org/tlog-checkpoint in https://c2sp.org/signed-note)

/** What a log's keeper commits to: so many leaves, this root. `origin` names the log, one line. */
export type Checkpoint = { origin: string; size: number; root: Hash };

/** A key that signs checkpoints. The private half stays with whoever implements `sign`. */
export type CheckpointSigner = CheckpointVerifier & { sign(message: Uint8Array): Promise<Uint8Array> };

/** A key that checkpoints are verified with: Ed25519 or ECDSA on P-256. `name` has no space and no plus sign. */
export type CheckpointVerifier = { name: string; publicKey: KeyObject };

const CHECKPOINT_BYTES = 65_536;

/** A signer over a private key in memory. */
export function checkpointSigner(name: string, privateKey: KeyObject): CheckpointSigner {
  return {
    name,
    publicKey: createPublicKey(privateKey),
    sign: async (message) => signBytes(digestOf(privateKey), message, privateKey),
  };
}

/** The text of a checkpoint with the signer's signature. Throws MerkleError when it could not be read again. */
export async function signCheckpoint(checkpoint: Checkpoint, signer: CheckpointSigner): Promise<string> {
  checkSize(checkpoint.size);
  if (!isLine(checkpoint.origin)) throw new MerkleError('The origin of a checkpoint is one line of text.');
  if (!/^[^\s+]+$/u.test(signer.name)) throw new MerkleError('The name of a key has no space and no plus sign.');
  if (checkpoint.root.length !== 32) throw new MerkleError('A root has 32 bytes.');
  const body = `${checkpoint.origin}\n${checkpoint.size}\n${Buffer.from(checkpoint.root).toString('base64')}\n`;
  const signature = await signer.sign(Buffer.from(body));
  const signed = Buffer.concat([keyHash(signer), signature]).toString('base64');
  return `${body}\n— ${signer.name} ${signed}\n`;
}

/**
 * Reads a checkpoint that at least one of `verifiers` signed. Signatures of other keys are passed over, as the format
 * has it; a wrong signature under a known key is refused. Throws MerkleError.
 */
export function openCheckpoint(text: string, verifiers: CheckpointVerifier[]): Checkpoint {
  const end = text.length <= CHECKPOINT_BYTES ? text.lastIndexOf('\n\n') : -1;
  if (end < 0 || !text.endsWith('\n')) throw new MerkleError('This is no signed checkpoint.');
  const body = text.slice(0, end + 1);
  const [origin = '', size = '', root = '', ...extensions] = body.split('\n');
  const hash = Buffer.from(root, 'base64');
  if (
    !isLine(origin) ||
    !/^(0|[1-9]\d{0,15})$/.test(size) ||
    !isSize(Number(size)) ||
    hash.length !== 32 ||
    hash.toString('base64') !== root ||
    extensions.at(-1) !== '' ||
    extensions.slice(0, -1).includes('')
  ) {
    throw new MerkleError('This is no checkpoint: its lines are origin, size and root.');
  }
  let verified = false;
  for (const line of text.slice(end + 2, -1).split('\n')) {
    const [, name, base64] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? [];
    if (!name || !base64) throw new MerkleError('A signature line of the checkpoint cannot be read.');
    const signed = Buffer.from(base64, 'base64');
    const verifier = verifiers.find((known) => known.name === name && keyHash(known).equals(signed.subarray(0, 4)));
    if (!verifier) continue;
    if (!verifyBytes(digestOf(verifier.publicKey), Buffer.from(body), verifier.publicKey, signed.subarray(4))) {
      throw new MerkleError(`The signature of '${name}' does not hold.`);
    }
    verified = true;
  }
  if (!verified) throw new MerkleError('No known key has signed this checkpoint.');
  return { origin, size: Number(size), root: new Uint8Array(hash) };
}

const isLine = (text: string) => text.length > 0 && !/[\p{Cc}\u2028\u2029]/u.test(text);

/** Four bytes that say which key of that name signed (signed-note, "Signature types"). */
function keyHash({ name, publicKey }: CheckpointVerifier): Buffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  if (publicKey.asymmetricKeyType !== 'ed25519') return Buffer.from(sha256(spki)).subarray(0, 4);
  // Type 1: the raw key is the last 32 bytes of its SPKI form.
  return Buffer.from(sha256(Buffer.from(`${name}\n`), Uint8Array.of(1), spki.subarray(-32))).subarray(0, 4);
}

/** Ed25519 hashes by itself; ECDSA is over SHA-256. */
function digestOf(key: KeyObject): 'sha256' | null {
  if (key.asymmetricKeyType === 'ed25519') return null;
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'sha256';
  throw new MerkleError('Checkpoints are signed by Ed25519 or ECDSA on P-256.');
}
