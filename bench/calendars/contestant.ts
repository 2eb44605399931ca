/** A CalDAV server that is measured, with one person in it. */
export interface Contestant {
  readonly name: string;
  readonly origin: string;
  /** The person's calendar home. */
  readonly home: string;
  readonly headers: Record<string, string>;
  end(): Promise<void>;
}
