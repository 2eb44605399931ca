/** Mail and calendars in one, files of sites and groups in the other. */
export type StoragePoolName = 'mailboxes' | 'sites';
export const STORAGE_POOLS: readonly StoragePoolName[] = ['mailboxes', 'sites'];

export interface StoragePool {
  readonly pool: StoragePoolName;
  /** Bytes; null for as much as the disk has. */
  readonly limitBytes: number | null;
  readonly usedBytes: number;
}
