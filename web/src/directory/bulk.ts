/** The list that invites many at once, in the reference product's form: version, headings, one line per guest. */
export const HEADINGS = [
  'Email address to invite [inviteeEmail] Required',
  'Redirection url [inviteRedirectURL] Required',
  'Send invitation message (true or false) [sendEmail]',
  'Customized invitation message [customizedMessageBody]',
  'Display name [displayName]',
] as const;

/** An empty list with one example, to fill in. */
export function templateCsv(redirect: string): string {
  return `\uFEFFversion:v1.0\r\n${HEADINGS.join(',')}\r\nbob@contoso.example,${redirect},true,"Welcome, Bob",Bob\r\n`;
}

/** One bulk invitation, as the server follows it. */
export interface BulkJob {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'done' | 'cancelled';
  readonly fileName?: string | null;
  readonly createdAt?: string;
  readonly createdBy?: string | null;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly lines?: readonly BulkLine[];
}

export interface BulkLine {
  readonly line: number;
  readonly address: string;
  readonly result: 'waiting' | 'invited' | 'alreadyGuest' | 'failed';
  readonly code?: string | null;
  readonly sentence?: string | null;
}

/** What is wrong with a file that was refused as a whole. */
export interface LineProblem {
  readonly line: number;
  readonly code: string;
  readonly sentence?: string;
}
