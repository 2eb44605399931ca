/** Our own web app: a public client known in every tenant, asked for no consent, acting as the person fully. */
export const WEB_CLIENT = 'entente-web';

/** Tokens written for a person by whoever runs a demo: act within the permissions named in them. */
export const COMMAND_CLIENT = 'entente-command';

/** In the `scp` of a first-party token: everything the person may do. */
export const EVERYTHING = 'Entente.All';

/** The same by the names that people read. */
export const FIRST_PARTY = [
  { id: WEB_CLIENT, displayName: 'Entente' },
  { id: COMMAND_CLIENT, displayName: 'Entente (command)' },
] as const;

/** Whether a client is part of the product itself. */
export const isFirstParty = (clientId: string): boolean => FIRST_PARTY.some(({ id }) => id === clientId);
