/** The part of pg-copy-streams that we use; the package brings no types of its own. */
declare module 'pg-copy-streams' {
  import type { Readable } from 'node:stream';
  import type { Submittable } from 'pg';

  /** What `copy … to stdout` prints, as a stream that waits for its reader. Begun with `client.query(to(sql))`. */
  export function to(sql: string): Readable & Submittable;
}
