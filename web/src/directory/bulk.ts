/** One bulk invitation, as the server follows it. */
export interface BulkJob {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'finished' | 'cancelled';
  readonly fileName: string | null;
  readonly createdAt: string;
  readonly createdByName: string;
  readonly total: number;
  readonly success: number;
  readonly failure: number;
  readonly results?: readonly BulkLine[];
}

export interface BulkLine {
  readonly line: number;
  readonly address: string;
  readonly state: 'waiting' | 'success' | 'failure' | 'cancelled';
  readonly code: string | null;
  readonly detail: string | null;
}

/** What is wrong with a file that was refused as a whole. */
export interface LineProblem {
  readonly line: number;
  readonly code: string;
  readonly detail?: string;
}
