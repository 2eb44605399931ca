/** A refusal as the parts that show it need it. */
export interface Refusal {
  readonly reference: string;
  /** Another organisation that refused: its domain or id. Absent where ours did. */
  readonly refusedBy?: string;
  readonly sentence: string;
  /** Whether the server's own administration refused it to whoever operates it: then no organisation knows of it. */
  readonly isServers?: boolean;
}

/** What refuses at these addresses is the server, for those who operate it. */
export const isOfServer = (path: string | undefined): boolean => path?.startsWith('/operator/') ?? false;

/** Short enough to read out on the telephone: the end of the id, as the server writes it. */
export const referenceOf = (reference: string): string => reference.slice(-8).toUpperCase();
