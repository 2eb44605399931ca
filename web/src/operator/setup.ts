/** What the server says of its own first visit. */
export interface Setup {
  /** No organisation exists yet. */
  readonly isEmpty: boolean;
  /** Asked from another machine: it takes the code that the server printed. */
  readonly needsCode?: boolean;
  /** The demonstration may be loaded from here. */
  readonly mayLoadDemo?: boolean;
}

export interface DemoPerson {
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly role?: string;
}

/** Who can sign in to the demonstration, all with the same password. It is told once. */
export interface DemoDone {
  readonly people: readonly DemoPerson[];
  readonly password: string;
}
