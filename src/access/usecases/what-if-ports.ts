import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { Heard, Module, PersonElsewhere, Run, Standing, Trial } from '../../kernel/module.ts';
import type { SettingsSnapshot } from '../../kernel/settings.ts';
import { accessFaults } from '../faults.ts';
import type { Change } from '../model/what-if.ts';
import type { ExplainPorts } from './explain.ts';
import type { LedgerPorts } from './ledger.ts';

/** What what-if needs of the other modules, connected by the composition root. */
export interface WhatIfPorts extends Pick<ExplainPorts, 'actorOf' | 'questions'> {
  readonly run: Run;
  readonly standing: () => readonly Standing[];
  readonly trials: () => readonly Trial[];
  /** Whether people of a domain may be let in, as every module says that has a say in it. */
  readonly admits: () => readonly NonNullable<Module['admits']>[];
  readonly goingOn: () => readonly NonNullable<Module['goingOn']>[];
  /**
   * Asks homes about their people; of whom one did not answer is null. Opens what it needs itself: never in a
   * transaction.
   */
  askHomes(ctx: Pick<Context, 'tenantId' | 'correlationId'>, people: readonly PersonElsewhere[]): Promise<Heard>;
  /** What things are called, as the context's transaction has them. */
  namesOf: LedgerPorts['namesOf'];
  /** The settings as they stand in the context's transaction. */
  settingsNow(ctx: Context): Promise<SettingsSnapshot>;
  /** A text that changes with any setting. */
  fingerprintOfSettings(ctx: Context): Promise<string>;
  /** What people were refused since then, the latest first, each once. */
  refusalsSince(ctx: Context, since: Date, limit: number): Promise<readonly RememberedRefusal[]>;
}

export interface RememberedRefusal {
  readonly at: Date;
  readonly question: string;
  readonly input: unknown;
  readonly accountId: string;
}

/** The trial that a change names, and what it is told. @throws access.trial-unknown, request.invalid. */
export function trialOf(ports: Pick<WhatIfPorts, 'trials'>, change: Change): { trial: Trial; input: unknown } {
  const trial = ports.trials().find(({ name }) => name === change.trial);
  if (!trial) throw accessFaults.trialUnknown(change.trial);
  const input = trial.shape.safeParse(change.input);
  if (!input.success) throw kernelFaults.invalid(input.error.issues.map(({ message }) => message).join(' '));
  return { trial, input: input.data };
}

/** Whether a change is only rehearsed, and made by its own request alone. @throws what `trialOf` throws. */
export function isRehearsed(ports: Pick<WhatIfPorts, 'trials'>, change: Change): boolean {
  const { trial, input } = trialOf(ports, change);
  return trial.isRehearsal?.(input) ?? false;
}
