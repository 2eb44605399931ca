export { type Blob, BlobError, type BlobStore, type ByteRange, isKey } from './blob-store.ts';
export { openFolderStore } from './folder-store.ts';
export { openS3Store, type S3Settings } from './s3-store.ts';
