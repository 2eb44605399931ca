declare module '../access/grants.ts' {
  interface GrantKinds {
    'signin.operator': true;
  }
}

/** Sign-in's kinds of grant, as they stand in the grants table. */
export const GRANTS = {
  /** Subject may operate the server itself. Kept in the host's name, since it is about no tenant. */
  operator: { kind: 'signin.operator', objectKind: 'server', objectId: 'this', level: 'operate' },
} as const;
