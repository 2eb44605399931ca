export { type Blob, BlobError, type BlobStore, isTenantBlob, tenantBlobs } from './blob-store.ts';
export { openFolderStore } from './folder-store.ts';
export { openBlobStore } from './open-store.ts';
export { openS3Store } from './s3-store.ts';
