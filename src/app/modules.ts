import { accessModule, type KeptRefusal, type Revokers } from '../access/index.ts';
import { auditModule, findEvent } from '../audit/index.ts';
import { directoryModule, directoryRevokers, namesOf, subjectsOf } from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import type { Module, Run } from '../kernel/module.ts';
import type { Bus } from '../platform/bus.ts';
import type { Database } from '../platform/database/index.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import { type Handed, type MailPorts, mailJobs } from '../platform/mail-queue.ts';
import { MailError, openMailer } from '../platform/smtp.ts';
import type { Vault } from '../platform/vault.ts';
import { findTenantIdByDomain, type SettingsRegistry, tenantsModule } from '../tenants/index.ts';
import type { Configuration } from './configuration.ts';

/** What the composition root can hand to a module. A module's own factory names the few of these it needs. */
export interface Platform {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly bus: Bus;
  readonly log: Log;
  readonly now: () => Date;
  readonly run: Run;
  readonly vault: Vault;
  /** Every module's settings; there once all modules are made, so ask when it is needed. */
  readonly registry: () => SettingsRegistry;
}

/** How each kind of grant is taken away. A kind without an entry does not compile. */
const REVOKERS: Revokers = { ...directoryRevokers };

/** Every module of the product, lower ranks first, connected to each other by ports. */
export function createModules(platform: Platform): readonly Module<Route>[] {
  const modules: Module<Route>[] = [
    tenantsModule(platform),
    auditModule(platform),
    accessModule({
      questions: () => modules.flatMap((module) => module.questions ?? []),
      actorOf: async () => undefined,
      findRefusal,
      revokers: REVOKERS,
      subjectsOf,
      namesOf,
    }),
    directoryModule(platform),
    { name: 'mail-queue', jobs: mailJobs(mailPorts(platform)) },
  ];
  return modules;
}

/** The refusal that a decision's id names, read from the audit. */
async function findRefusal(ctx: Context, decisionId: string): Promise<KeptRefusal | undefined> {
  const event = await findEvent(ctx, decisionId);
  if (event?.action !== 'access.refused') return undefined;
  const kept = event.facts as unknown as Pick<KeptRefusal, 'question' | 'input' | 'level' | 'because' | 'wanted'>;
  return { ...kept, at: event.at, actor: event.actor };
}

/**
 * Through the mail server where one is set. Without one, the demo delivers to its own people, so that an invitation can
 * be followed to its end; elsewhere mail waits to be read by an administrator.
 */
function mailPorts({ configuration }: Platform): MailPorts {
  const { smtpUrl, mailFrom, demo } = configuration;
  if (smtpUrl === undefined) return demo ? { findLocalTenant: findTenantIdByDomain } : {};
  const mailer = openMailer({ url: smtpUrl });
  return {
    async send(mail): Promise<Handed> {
      try {
        await mailer.send({
          from: { address: mailFrom, name: mail.fromName },
          replyTo: mail.replyTo === null ? undefined : { address: mail.replyTo },
          to: [{ address: mail.to.address, name: mail.to.name ?? undefined }],
          cc: mail.cc.map((address) => ({ address })),
          subject: mail.subject,
          text: mail.text ?? '',
          html: mail.html ?? undefined,
          // A second try after a lost answer is then one letter to the reader's mail server.
          messageId: `<${mail.id}@${mailFrom.slice(mailFrom.lastIndexOf('@') + 1)}>`,
        });
        return { outcome: 'accepted' };
      } catch (error) {
        if (!(error instanceof MailError)) throw error;
        return { outcome: error.permanent ? 'refused' : 'try-later', reason: error.reply ?? error.message };
      }
    },
  };
}
