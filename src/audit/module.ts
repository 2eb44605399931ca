import type { Module, Run } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import type { Vault } from '../platform/vault.ts';
import { keyName } from './model/verification.ts';
import { haveSubscriptions, manageSubscription, readAudit } from './questions.ts';
import { auditRoutes } from './routes/admin/audit.ts';
import { directoryAuditRoutes } from './routes/graph/directory-audits.ts';
import { subscriptionRoutes } from './routes/graph/subscriptions.ts';
import {
  DELIVER,
  DELIVER_LIFECYCLE,
  deliverLifecycle,
  deliverNotifications,
  forgetOwner,
  isFollowed,
  queueChange,
  sweepSubscriptions,
} from './usecases/notifying.ts';
import { sealEvents } from './usecases/sealing.ts';
import type { NotificationPorts } from './usecases/subscriptions.ts';

export type AuditPorts = { readonly run: Run; readonly vault: Vault } & NotificationPorts;

/** What happened: kept, sealed, shown, exported, and told to those who subscribed. */
export function auditModule(ports: AuditPorts): Module<Route> {
  return {
    name: 'audit',
    questions: [readAudit, haveSubscriptions, manageSubscription] as never,
    sealed: [
      { table: 'audit.logs', column: 'private_key', contextOf: ({ tenant_id }) => keyName(String(tenant_id)) },
      { table: 'audit.subscriptions', column: 'secret', contextOf: ({ id }) => String(id) },
    ],
    routes: [...auditRoutes(ports), ...directoryAuditRoutes, ...subscriptionRoutes(ports)],
    jobs: [
      { name: DELIVER, run: (ctx, payload) => deliverNotifications(ctx, ports, String(payload.subscriptionId)) },
      { name: DELIVER_LIFECYCLE, run: (ctx, payload) => deliverLifecycle(ctx, ports, payload) },
    ],
    subscribers: [
      {
        name: 'audit.change-notifications',
        // Modules of higher rank say what can change, so this is known once all of them are made.
        get to() {
          return ports.changes().flatMap((one) => Object.keys(one.actions));
        },
        concerns: (ctx, event) => isFollowed(ctx, ports.changes(), event),
        handle: (ctx, event) => queueChange(ctx, ports.changes(), event),
      },
      {
        name: 'audit.owner-erased',
        to: ['directory.account-purged', 'signin.application-removed', 'signin.service-principal-removed'],
        handle: forgetOwner,
      },
    ],
    sweeps: [
      {
        name: 'audit.sealing',
        cron: '* * * * *',
        run: async (ctx) => {
          await sealEvents(ctx, ports.vault);
        },
      },
      { name: 'audit.subscriptions', cron: '*/5 * * * *', run: sweepSubscriptions },
    ],
  };
}
