import { accessModule } from '../access/index.ts';
import { auditModule } from '../audit/index.ts';
import { directoryModule, domainReferences, licensedMembers, renameDomainReferences } from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import { kernelFaults } from '../kernel/fault.ts';
import type { AccountId, TenantId } from '../kernel/ids.ts';
import type { Module, Run } from '../kernel/module.ts';
import type { Bus } from '../platform/bus.ts';
import type { Database } from '../platform/database/index.ts';
import { openResolver } from '../platform/dns.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import { type Handed, type MailPorts, mailJobs } from '../platform/mail-queue.ts';
import { MailError, openMailer } from '../platform/smtp.ts';
import type { Vault } from '../platform/vault.ts';
import { type Addresses, type Signin, setPassword, weaknessOf } from '../signin/index.ts';
import { findTenantIdByDomain, type SettingsRegistry, tenantsModule } from '../tenants/index.ts';
import { accessPorts } from './access-ports.ts';
import type { Configuration } from './configuration.ts';
import type { TenantState } from './work.ts';

/** What the composition root can hand to a module. A module's own factory names the few of these it needs. */
export interface Platform {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly bus: Bus;
  readonly log: Log;
  readonly now: () => Date;
  readonly run: Run;
  readonly vault: Vault;
  /** A tenant and its settings, from memory where known. */
  stateOf(id: TenantId): Promise<TenantState>;
  /** Every module's settings; there once all modules are made, so ask when it is needed. */
  readonly registry: () => SettingsRegistry;
  readonly addresses: Addresses;
  readonly signin: Signin;
}

/** Every module of the product, lower ranks first, connected to each other by ports. */
export function createModules(platform: Platform): readonly Module<Route>[] {
  const { configuration, registry } = platform;
  const modules: Module<Route>[] = [
    tenantsModule({
      registry,
      settingsOf: async (id) => (await platform.stateOf(id)).settings,
      hostname: configuration.publicUrl ? new URL(configuration.publicUrl).hostname : 'localhost',
      resolver: openResolver({ servers: configuration.dnsServers }),
      domainReferences,
      renameDomainReferences,
      groupMembers: licensedMembers,
    }),
    auditModule(platform),
    accessModule({
      ...accessPorts,
      questions: () => modules.flatMap((module) => module.questions ?? []),
    }),
    directoryModule({ ...platform, setPassword: setGoodPassword }),
    platform.signin,
    { name: 'mail-queue', jobs: mailJobs(mailPorts(platform)) },
  ];
  return modules;
}

/** Keeps a password that an administrator or program chose, if it is good enough. */
async function setGoodPassword(
  ctx: Context,
  id: AccountId,
  password: { text: string; mustChange: boolean },
): Promise<void> {
  const weakness = weaknessOf(password.text, [ctx.tenant.displayName, ...ctx.tenant.domains]);
  if (weakness !== undefined) throw kernelFaults.invalid(weakness);
  await setPassword(ctx, id, password);
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
