import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { blobStoreContract } from '../../../tests/contracts/blob-store.ts';
import { openS3Store } from './index.ts';

let server: FauxqsServer;
let store: ReturnType<typeof openS3Store>;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const settings = (bucket: string) => ({
  bucket,
  region: 'eu-north-1',
  endpoint: `http://127.0.0.1:${server.port}`,
  credentials,
  pathStyle: true,
});

before(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, init: { buckets: ['blobs'] } });
  store = openS3Store(settings('blobs'));
});
after(async () => {
  store?.close();
  await server?.stop();
});

blobStoreContract('S3', () => store);

test('S3: a large put that fails leaves no parts behind that would be paid for', async () => {
  const broken = Readable.from(
    (async function* () {
      for (let made = 0; made < 20; made++) yield Buffer.alloc(1024 * 1024);
      throw new Error('gone');
    })(),
  );
  await assert.rejects(store.put('broken', broken), /gone/);
  const client = new S3Client({ ...settings('blobs'), forcePathStyle: true });
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'blobs' }));
  client.destroy();
  assert.equal(Uploads?.length ?? 0, 0);
});

test('S3: a put into a bucket that does not exist fails and lets go of its source', async () => {
  const nowhere = openS3Store(settings('no-such-bucket'));
  const content = Readable.from([Buffer.alloc(1024 * 1024)]);
  await assert.rejects(nowhere.put('a', content), /NoSuchBucket|bucket/i);
  assert.ok(content.destroyed);
  nowhere.close();
});
