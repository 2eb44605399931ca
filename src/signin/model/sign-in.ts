import type { AccountId, TenantId } from '../../kernel/ids.ts';

/** What a refusal is called, short, to be read out, and by which organisation. */
export interface Reference {
  readonly id: string;
  readonly at: string;
}

/** How far one sign-in at a page has come. Kept sealed on the server; the browser holds a cookie for it. */
export interface SignInState {
  readonly uid: string;
  /** SHA-256 (hex) of the secret in the browser's cookie: nobody else's browser can go on with it. */
  readonly browserHash: string;
  readonly correlationId: string;
  readonly step:
    | 'username'
    | 'password'
    | 'change-password'
    | 'second-factor'
    | 'set-up-second-factor'
    | 'passcode'
    | 'home'
    | 'not-a-guest'
    | 'blocked';
  readonly userName?: string;
  readonly accountId?: AccountId;
  /** Proven so far (RFC 8176). */
  readonly methods: readonly string[];
  readonly secondFactors?: readonly ('totp' | 'recovery-code')[];
  /** Under which a second factor is asked of somebody from elsewhere. */
  readonly reference?: Reference;
  readonly home?: { readonly tenantId: TenantId; readonly displayName: string; readonly domain: string };
  /** Home was asked for a second factor already: it is not asked again and again. */
  readonly isChallenged?: boolean;
  /** Why nothing more can be done here, and whose administrator could change it. */
  readonly blocked?: {
    readonly why: 'policy' | 'device' | 'second-factor' | 'network';
    readonly organisation: string;
    readonly reference?: Reference;
  };
  readonly passkeyChallenge?: string;
  readonly signedInAs?: string;
}
