import type { Context } from '../../kernel/context.ts';
import type { Run, SettingsRule } from '../../kernel/module.ts';
import type { SettingsRegistry } from '../model/settings-registry.ts';
import type { NamedKind } from '../model/settings-text.ts';

/** How what settings name by an id is called, and the other way round. */
export interface TextNames {
  /** What has a name that leads back to it alone; everything else is left out. */
  namesOf(ctx: Context, ids: readonly string[]): Promise<ReadonlyMap<string, { kind: NamedKind; name: string }>>;
  /** The ids of everything that is called so. */
  idsOf(ctx: Context, kind: NamedKind, name: string): Promise<readonly string[]>;
}

export interface SettingsTextPorts {
  readonly registry: () => SettingsRegistry;
  /** Of every module. */
  readonly rules: () => readonly SettingsRule[];
  readonly names: TextNames;
  readonly run: Run;
  /** Another text after any change of what a plan was judged by. */
  worldOf(ctx: Context): Promise<string>;
  /** Asks who would gain and lose what; undefined where the asker may not know. */
  askWhatIf(ctx: Context, trial: string, input: unknown): Promise<unknown>;
}
