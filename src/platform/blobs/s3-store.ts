import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { BlobError, type BlobStore, blobNotFound, checkKey, checkPrefix, checkRange } from './blob-store.ts';
import { DigestStream } from './digest-stream.ts';

export type S3Settings = {
  bucket: string;
  region: string;
  /** Address of an S3 server other than Amazon's. */
  endpoint?: string | undefined;
  /** Without it the AWS chain is asked: environment, profile, instance role. */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
  /** The bucket in the path and not in the host name, as most servers other than Amazon's want it. */
  pathStyle?: boolean | undefined;
};

/** Bytes in a part of a large upload. Two are on the way at a time: what an upload holds in memory. */
const PART_SIZE = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 2;

/** A blob store in a bucket of any S3 server. The bucket is not made here. */
export function openS3Store(settings: S3Settings): BlobStore & { close(): void } {
  const Bucket = settings.bucket;
  const client = new S3Client({
    region: settings.region,
    forcePathStyle: settings.pathStyle ?? false,
    ...(settings.endpoint && { endpoint: settings.endpoint }),
    ...(settings.credentials && { credentials: settings.credentials }),
    // COMPAT: S3 servers other than Amazon's: many refuse the SDK's trailing checksums. TLS guards the way.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
  });

  return {
    async put(key, content) {
      checkKey(key);
      const digest = new DigestStream();
      const upload = new Upload({
        client,
        params: { Bucket, Key: key, Body: digest },
        partSize: PART_SIZE,
        queueSize: PARTS_AT_ONCE,
        leavePartsOnError: false,
      });
      const sent = upload.done().catch((error) => {
        // Stops the reading; the pipeline below then destroys `content`.
        digest.destroy(error);
        throw error;
      });
      const [read, written] = await Promise.allSettled([pipeline(content, digest), sent]);
      if (written.status === 'rejected') throw written.reason;
      if (read.status === 'rejected') throw read.reason;
      return { size: digest.passed, sha256: digest.sha256() };
    },

    async get(key, range) {
      checkKey(key);
      if (range) checkRange(range);
      try {
        const { Body } = await client.send(
          new GetObjectCommand({
            Bucket,
            Key: key,
            ...(range && { Range: `bytes=${range.start}-${range.end ?? ''}` }),
          }),
        );
        return Body as Readable;
      } catch (error) {
        if (isStatus(error, 404)) throw blobNotFound(key);
        if (isStatus(error, 416)) throw new BlobError('bad-range', `Bytes from ${range?.start} are not in the blob.`);
        throw error;
      }
    },

    async head(key) {
      checkKey(key);
      try {
        const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key: key }));
        return { key, size: ContentLength ?? 0 };
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        throw error;
      }
    },

    async delete(key) {
      checkKey(key);
      await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
    },

    list(prefix) {
      checkPrefix(prefix);
      return listObjects(client, Bucket, prefix);
    },

    close: () => client.destroy(),
  };
}

async function* listObjects(client: S3Client, Bucket: string, Prefix: string) {
  for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    for (const { Key, Size } of page.Contents ?? []) {
      if (Key !== undefined) yield { key: Key, size: Size ?? 0 };
    }
  }
}

const isStatus = (error: unknown, status: number) =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;
