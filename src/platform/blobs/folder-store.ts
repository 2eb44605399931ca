import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, opendir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Blob, type BlobStore, blobNotFound, checkKey, checkPrefix, checkRange } from './blob-store.ts';
import { DigestStream } from './digest-stream.ts';

/**
 * Every file ends in a sign that no key contains, so that `a` and `a/b` are both possible: a file and a folder.
 * A tilde would make backup programs pass the file over.
 */
const MARK = '@';
/** Where files grow. Its name is no key. */
const INCOMING = '.incoming';
/** What a crash left growing is removed when a store is opened, once it is this old (ms): others may be at work. */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

/** A blob store in a folder, which may be shared by several processes of one machine. */
export async function openFolderStore(folder: string): Promise<BlobStore> {
  const root = path.resolve(folder);
  const incoming = path.join(root, INCOMING);
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  await removeAbandoned(incoming);

  const fileOf = (key: string) => {
    checkKey(key);
    return path.join(root, ...key.split('/')) + MARK;
  };

  return {
    async put(key, content) {
      const file = fileOf(key);
      const growing = path.join(incoming, randomUUID());
      const digest = new DigestStream();
      try {
        const handle = await open(growing, 'wx', 0o600);
        // `flush` syncs the file before it is closed; the stream closes the handle, also when it fails.
        await pipeline(content, digest, handle.createWriteStream({ flush: true }));
        await makeFolder(root, path.dirname(file));
        await rename(growing, file);
        await syncFolder(path.dirname(file));
      } catch (error) {
        content.destroy();
        await rm(growing, { force: true });
        throw error;
      }
      return { size: digest.passed, sha256: digest.sha256() };
    },

    async get(key, range) {
      let handle: FileHandle;
      try {
        handle = await open(fileOf(key), 'r');
      } catch (error) {
        throw isMissing(error) ? blobNotFound(key) : error;
      }
      try {
        if (range) checkRange(range, (await handle.stat()).size);
        return handle.createReadStream({ start: range?.start ?? 0, end: range?.end ?? Number.POSITIVE_INFINITY });
      } catch (error) {
        await handle.close();
        throw error;
      }
    },

    async head(key) {
      try {
        return { key, size: (await stat(fileOf(key))).size };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    async delete(key) {
      const file = fileOf(key);
      try {
        await rm(file);
        await syncFolder(path.dirname(file));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },

    list(prefix) {
      checkPrefix(prefix);
      const slash = prefix.lastIndexOf('/') + 1;
      return walk(root, prefix.slice(0, slash), prefix.slice(slash));
    },
  };
}

/** Goes through the folder `at` (empty, or ending in a slash); `start` is what names in it begin with. */
async function* walk(root: string, at: string, start: string): AsyncGenerator<Blob> {
  let entries: { name: string; isDirectory(): boolean }[];
  try {
    entries = await readdir(path.join(root, at), { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  // A folder sorts with its slash, a file without its mark: the order of the keys.
  const names = entries
    .filter(({ name }) => name.startsWith(start) && !name.startsWith('.'))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name.endsWith(MARK) ? entry.name.slice(0, -1) : ''))
    .filter((name) => name.startsWith(start) && name !== '')
    .sort((a, b) => (a < b ? -1 : 1));
  for (const name of names) {
    if (name.endsWith('/')) {
      yield* walk(root, at + name, '');
      continue;
    }
    try {
      yield { key: at + name, size: (await stat(path.join(root, at, name) + MARK)).size };
    } catch (error) {
      if (!isMissing(error)) throw error; // deleted since the folder was read
    }
  }
}

/** Makes a folder below the root; what is new is known to the disk before this returns. */
async function makeFolder(root: string, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length && made !== root; made = path.dirname(made)) {
    await syncFolder(path.dirname(made));
  }
}

/** A rename or unlink is durable once its folder is synced. Windows cannot and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeAbandoned(incoming: string): Promise<void> {
  for await (const entry of await opendir(incoming)) {
    const file = path.join(incoming, entry.name);
    const found = await stat(file).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > ABANDONED_AFTER) await rm(file, { force: true });
  }
}

const isMissing = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
