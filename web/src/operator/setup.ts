/** What the server says of its own first visit. */
export interface Setup {
  /** No organisation exists yet. */
  readonly isNeeded: boolean;
  /** The demonstration may be loaded from here. */
  readonly mayLoadDemo?: boolean;
  /** The one-time code printed where the server was started is asked for. */
  readonly needsCode?: boolean;
}

export interface DemoPerson {
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly role?: string;
}

export interface SetupDone {
  readonly tenant: string;
  readonly people?: readonly DemoPerson[];
  readonly password?: string;
}
