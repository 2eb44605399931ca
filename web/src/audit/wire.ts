import type { TFunction } from 'i18next';

/** An event of the audit on the Graph wire (`directoryAudit`). */
export interface AuditEvent {
  readonly id: string;
  readonly activityDateTime: string;
  readonly activityDisplayName: string;
  readonly category: string;
  readonly correlationId?: string | null;
  readonly result: 'success' | 'failure' | string;
  readonly resultReason?: string | null;
  readonly operationType?: string | null;
  readonly initiatedBy?: {
    readonly user?: {
      readonly id?: string | null;
      readonly displayName?: string | null;
      readonly userPrincipalName?: string | null;
      readonly ipAddress?: string | null;
    } | null;
    readonly app?: { readonly appId?: string | null; readonly displayName?: string | null } | null;
  } | null;
  readonly targetResources: readonly {
    readonly id?: string | null;
    readonly displayName?: string | null;
    readonly type?: string | null;
    readonly modifiedProperties?: readonly {
      readonly displayName: string;
      readonly oldValue: string | null;
      readonly newValue: string | null;
    }[];
  }[];
  readonly additionalDetails?: readonly { readonly key: string; readonly value: string }[];
}

/** The action in the reader's language; an action without words of its own keeps its name. */
export function sayAction(event: Pick<AuditEvent, 'activityDisplayName'>, t: TFunction): string {
  const name = event.activityDisplayName;
  return t(`actions.${name.replaceAll('.', '_')}`, { defaultValue: name });
}

export function actorName(event: AuditEvent, t: TFunction): string {
  const { user, app } = event.initiatedBy ?? {};
  // Whoever signs in is nobody yet to the page that lets them in.
  if (event.category === 'SignIn' && !user && event.targetResources[0]?.displayName)
    return event.targetResources[0].displayName;
  // Jobs and pages of the server itself have names that only its makers know.
  return user?.displayName || user?.userPrincipalName || (app?.appId && app.displayName) || t('audit.system');
}
