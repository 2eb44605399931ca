import { resolve } from 'node:path';
import type { BlobStore } from './blob-store.ts';
import { openFolderStore } from './folder-store.ts';
import { openS3Store } from './s3-store.ts';

/**
 * The store that a setting names: a folder, or `s3://key:secret@host:port/bucket` (`s3+http://` without TLS, and
 * `?region=` where it matters). Without host and key, `s3:///bucket?region=…` asks the AWS chain for both.
 * @throws Error with a sentence when the setting cannot be read.
 */
export async function openBlobStore(place: string): Promise<BlobStore & { close?(): void }> {
  if (!/^s3(\+http)?:/.test(place)) return openFolderStore(resolve(place));
  const url = URL.canParse(place) ? new URL(place) : undefined;
  const bucket = url?.pathname.slice(1) ?? '';
  if (!url || bucket === '' || bucket.includes('/')) {
    throw new Error('The setting "blobs" must be a folder, or s3://key:secret@host:port/bucket.');
  }
  const scheme = url.protocol === 's3+http:' ? 'http' : 'https';
  return openS3Store({
    bucket,
    region: url.searchParams.get('region') ?? 'us-east-1',
    pathStyle: url.host !== '',
    ...(url.host === '' ? {} : { endpoint: `${scheme}://${url.host}` }),
    ...(url.username === ''
      ? {}
      : {
          credentials: {
            accessKeyId: decodeURIComponent(url.username),
            secretAccessKey: decodeURIComponent(url.password),
          },
        }),
  });
}
