import type { Asked } from '../../../platform/http/odata.ts';
import { directoryFaults } from '../../faults.ts';

export const etagOf = (version: number) => `W/"${version}"`;

/** The version that `If-Match` asks for, if any. @throws stale for one that was never ours. */
export function versionWanted({ headers }: Asked): number | undefined {
  const given = headers['if-match'];
  if (typeof given !== 'string' || given === '*') return undefined;
  const version = /^(?:W\/)?"(\d+)"$/.exec(given.trim())?.[1];
  if (version === undefined) throw directoryFaults.stale();
  return Number(version);
}
