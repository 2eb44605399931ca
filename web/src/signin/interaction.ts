/** What a refusal is called, short, to be read out, and by which organisation. */
interface Reference {
  readonly id: string;
  readonly at: string;
}

/** One sign-in under way, as the server tells it: the step to show next, or where to go when it is over. */
export interface Interaction {
  readonly step:
    | 'username'
    | 'password'
    | 'change-password'
    | 'second-factor'
    | 'set-up-second-factor'
    | 'blocked'
    | 'passcode'
    | 'home'
    | 'not-a-guest'
    | 'consent'
    | 'done';
  readonly userName?: string;
  readonly displayName?: string;
  /** How the person may prove who they are at this step. */
  readonly methods?: readonly ('password' | 'passkey' | 'totp' | 'recovery-code' | 'passcode')[];
  readonly application?: { readonly displayName: string; readonly publisher?: string | null };
  readonly permissions?: readonly { readonly name: string; readonly sentence?: string }[];
  /** Under which a second factor is asked of somebody from elsewhere, and by which organisation. */
  readonly reference?: Reference;
  /** For whom the person may agree to them. */
  readonly mayConsent?: 'none' | 'self' | 'everyone';
  /** Where they may not: under this the refusal is asked about. */
  readonly decisionId?: string;
  /** The organisation where a guest signs in. */
  readonly home?: { readonly displayName: string; readonly domain?: string };
  readonly signedInAs?: string;
  /** Why nothing more can be done here, and whose administrator could change it. */
  readonly blocked?: {
    readonly why: 'policy' | 'device' | 'second-factor' | 'network';
    readonly organisation: string;
    readonly reference?: Reference;
  };
  /** Leave for this address: the application, or the home organisation. */
  readonly redirectTo?: string;
}
