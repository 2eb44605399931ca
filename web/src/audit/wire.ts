import type { TFunction } from 'i18next';

/** An event of the audit, with everything kept about it. */
export interface AuditEvent {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly category: string;
  readonly actor: { readonly kind: string; readonly id: string | null; readonly displayName: string };
  readonly targets: readonly {
    readonly kind: string;
    readonly id: string;
    readonly displayName?: string;
    readonly changes?: readonly { readonly name: string; readonly old?: unknown; readonly new?: unknown }[];
  }[];
  readonly result: 'success' | 'failure';
  readonly reason: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  readonly clientAddress: string | null;
  /** Its place in the sealed log, counted from 0; null until it is sealed, some seconds after it happened. */
  readonly sequence: number | null;
}

/** What came of reading the sealed log again. */
export interface Verification {
  readonly isIntact: boolean;
  readonly events: number;
  readonly checkpoints: number;
  /** The first bad place, counted from 0. */
  readonly fault?: { readonly position: number; readonly problem: string };
}

/** The action in the reader's language; an action without words of its own keeps its name. */
export function sayAction({ action }: Pick<AuditEvent, 'action'>, t: TFunction): string {
  return t(`actions.${action.replaceAll('.', '_')}`, { defaultValue: action });
}

export function actorName({ actor, category, targets }: AuditEvent, t: TFunction): string {
  // Whoever signs in is nobody yet to the page that lets them in.
  if (category === 'SignIn' && actor.kind !== 'account' && targets[0]?.displayName) return targets[0].displayName;
  // Jobs and pages of the server itself have names that only its makers know.
  return actor.id === null ? t('audit.system') : actor.displayName || actor.id;
}

type Target = AuditEvent['targets'][number];

export const isSettings = ({ kind }: Pick<Target, 'kind'>): boolean => kind === 'settings';

/** What sort of thing a target is, in the reader's language. */
export function sayKind({ kind }: Pick<Target, 'kind'>, t: TFunction): string {
  return t(`audit.kinds.${kind}`, { defaultValue: kind });
}

/** What something happened to: its name then; where none was kept, what sort of thing it is. Never an id. */
export function sayTarget({ kind, id, displayName }: Target, t: TFunction): string {
  if (isSettings({ kind }))
    return t(`settings.groups.${id.replaceAll('.', '_')}.title`, { defaultValue: displayName ?? id });
  return displayName || sayKind({ kind }, t);
}

/** A kept value as text: texts as they are, all else as JSON. */
export function sayValue(value: unknown): string {
  if (value === undefined || value === null) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
