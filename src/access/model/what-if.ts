import type { Actor } from '../../kernel/context.ts';
import type { CeilingReason, Reason } from '../../kernel/decision.ts';
import type { GoingOn, Right } from '../../kernel/module.ts';

/** One change to try out: the name of a trial and what it is told. */
export interface Change {
  readonly trial: string;
  readonly input: unknown;
  /** It is made by the request that carries the answer out, after what that does itself. */
  readonly follows?: boolean;
}

export type WhatIfState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/** What a change would do, as it was asked and as far as it is answered. */
export interface WhatIf {
  readonly id: string;
  readonly actor: Actor;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly changes: readonly Change[];
  /** The moment that is supposed; null: now. */
  readonly supposedAt: Date | null;
  readonly state: WhatIfState;
  readonly endedAt: Date | null;
  readonly lookedAt: number;
  readonly total: number | null;
  /** A digest of what it was answered from. */
  readonly world: string | null;
  readonly summary: Summary | null;
  /** Why there is no answer. */
  readonly failure: string | null;
  /** It is that the change itself would be refused. */
  readonly isRefused: boolean;
}

/** How many rights each question gives more of, or less, and how many were looked at. */
export interface Summary {
  readonly rights: number;
  /** Refusals of the last days that were put again. */
  readonly refusals: number;
  readonly gained: number;
  readonly lost: number;
  /** How many people, organisations and links gain something, how many of those come by the change, and how many lose. */
  readonly subjects: { readonly gained: number; readonly arriving: number; readonly lost: number };
  /** Of the changes and all that they would do: the same for two answers that say the same. */
  readonly digest: string;
  readonly questions: Readonly<Record<string, { readonly gained: number; readonly lost: number }>>;
  /** More lines than are kept. */
  readonly isCut: boolean;
  /** Organisations whose people are let in no more, and yet keep what they have. */
  readonly shutOut: readonly ShutOut[];
  /** Domains of organisations that were asked about their people and did not answer: nothing is told of those people. */
  readonly unheard: readonly string[];
}

export interface ShutOut {
  readonly domain: string;
  /** Rights that they keep. */
  readonly rights: number;
  /** What goes on with them: the first of it. */
  readonly goingOn: readonly GoingOn[];
}

/** One right that would be raised or lowered. */
export interface Line extends Right {
  readonly direction: 'gained' | 'lost';
  readonly question: string;
  readonly before: string;
  readonly after: string;
  readonly because: readonly LineReason[];
  /** When they were refused it lately; null: a right as it stands. */
  readonly refusedAt: Date | null;
  /** What they are called who come to be by the change, and so are found nowhere else. */
  readonly names: { readonly subject: string | null; readonly object: string | null };
}

/** What would decide afterwards: a rule with where it is set, a grant, or that there is none. */
export type LineReason =
  | { readonly kind: 'ceiling'; readonly name: string; readonly sentence: string; readonly setting: unknown }
  | { readonly kind: 'grant'; readonly grantId: string; readonly path: string }
  | { readonly kind: 'no-grant' };

export function lineReasons(because: readonly Reason<string>[]): LineReason[] {
  return because.flatMap((reason): LineReason[] => {
    switch (reason.kind) {
      case 'ceiling': {
        const { name, sentence, setting }: CeilingReason<string> = reason;
        // Lists of thousands of domains are read at the setting itself.
        const { value: _, ...address } = setting;
        return [{ kind: 'ceiling', name, sentence, setting: address }];
      }
      case 'grant':
        return [{ kind: 'grant', grantId: reason.grantId, path: reason.path }];
      case 'no-grant':
        return [{ kind: 'no-grant' }];
      default:
        return [];
    }
  });
}
