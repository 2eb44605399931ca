/** What a person signs in with, as `GET /me/security` tells it. */
export interface SecurityMethods {
  readonly password: { readonly setAt: string } | null;
  readonly passkeys: readonly {
    readonly id: string;
    readonly displayName: string;
    readonly createdAt: string;
    readonly lastUsedAt: string | null;
  }[];
  readonly totp: { readonly addedAt: string } | null;
  readonly recoveryCodesLeft: number;
}
