import { connect, type Socket } from 'node:net';
import { createTransport, type SMTPTransportOptions } from 'nodemailer';

export type MailAddress = { address: string; name?: string | undefined };

/** A message to hand to the mail server. It has a text always; `html` is the same in pictures. */
export type OutgoingMail = {
  from: MailAddress;
  replyTo?: MailAddress | undefined;
  to: MailAddress[];
  cc?: MailAddress[] | undefined;
  subject: string;
  text: string;
  html?: string | undefined;
  /** A calendar message (RFC 6047): one more form of the text, and once more as a file for programs that want one. */
  calendar?: { method: string; text: string } | undefined;
  headers?: Record<string, string> | undefined;
  /** With the angle brackets. Given by who must recognise a second try; made up otherwise. */
  messageId?: string | undefined;
};

/** What the server took: it has answered 250, the mail is its to deliver. `refused` are recipients it did not take. */
export type MailReceipt = { messageId: string; refused: { address: string; permanent: boolean; reply: string }[] };

export interface Mailer {
  /** Throws MailError when the server took the message for nobody. */
  send(mail: OutgoingMail): Promise<MailReceipt>;
}

/** A message that was not taken. `permanent`: the same message will not be taken later either. */
export class MailError extends Error {
  override readonly name = 'MailError';
  readonly permanent: boolean;
  /** The server's last reply, when it gave one. */
  readonly reply: string | undefined;

  constructor(permanent: boolean, sentence: string, reply: string | undefined, cause: unknown) {
    super(sentence, { cause });
    this.permanent = permanent;
    this.reply = reply;
  }
}

export type MailerSettings = {
  /** `smtp://user:password@host:port` (STARTTLS when offered) or `smtps://…` (TLS from the start). */
  url: string;
  /** No message leaves without TLS, whatever the server offers. */
  requireTls?: boolean | undefined;
  /** Authorities to trust in place of the machine's, in PEM. */
  ca?: string | undefined;
  /** Milliseconds: for connecting, for each reply, and for a message in all. */
  timeouts?: { connect?: number; reply?: number; message?: number } | undefined;
};

/**
 * Opens the way to one SMTP server. Each message goes on a connection of its own. A certificate that does not hold is
 * an error also where STARTTLS was optional: who answers with a wrong one is not to be trusted with the message.
 */
export function openMailer(settings: MailerSettings): Mailer {
  const server = readUrl(settings.url);
  const { connect: connectTimeout = 10_000, reply = 30_000, message = 120_000 } = settings.timeouts ?? {};

  return {
    async send(mail) {
      let socket: Socket | undefined;
      let isLate = false;
      const options: SMTPTransportOptions = {
        host: server.host,
        port: server.port,
        secure: server.secure,
        ...(server.auth && { auth: server.auth }),
        requireTLS: settings.requireTls ?? false,
        tls: { minVersion: 'TLSv1.2', ...(settings.ca && { ca: settings.ca }) },
        connectionTimeout: connectTimeout,
        greetingTimeout: reply,
        socketTimeout: reply,
        // A message is made of what it says, never of files or addresses that it names.
        disableFileAccess: true,
        disableUrlAccess: true,
        // The connection is made here, so that a server that keeps dripping bytes can be left in the end.
        getSocket(_options, done) {
          socket = connect({ host: server.host, port: server.port });
          const tooLong = setTimeout(() => socket?.destroy(new Error('Connection timeout')), connectTimeout);
          const fail = (error: Error) => {
            clearTimeout(tooLong);
            done(error, false);
          };
          socket.once('error', fail);
          socket.once('connect', () => {
            clearTimeout(tooLong);
            socket?.off('error', fail);
            socket?.on('error', () => {}); // told to nodemailer as well; here it must only not end the process
            done(null, { connection: socket });
          });
        },
      };
      const transport = createTransport(options);
      const deadline = setTimeout(() => {
        isLate = true;
        socket?.destroy();
      }, message);
      try {
        const { calendar, ...rest } = mail;
        const sent = await transport.sendMail({
          ...rest,
          cc: mail.cc ?? [],
          ...(calendar && {
            icalEvent: { method: calendar.method, content: calendar.text, filename: 'invite.ics' },
          }),
        });
        return {
          messageId: sent.messageId,
          refused: (sent.rejectedErrors ?? []).map((error) => ({
            address: error.recipient ?? '',
            permanent: isPermanent(error),
            reply: error.response ?? '',
          })),
        };
      } catch (cause) {
        const error = cause as SmtpFailure;
        const why = isLate ? `it took longer than ${message} ms` : error.message;
        throw new MailError(
          isPermanent(error),
          `The mail server did not take the message: ${why}`,
          error.response,
          cause,
        );
      } finally {
        clearTimeout(deadline);
        transport.close();
        socket?.destroy();
      }
    },
  };
}

type SmtpFailure = Error & {
  code?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
  rejectedErrors?: SmtpFailure[] | undefined;
};

/**
 * RFC 5321 §4.2.1: 5xx is for good. But only where it is about the message: a 5xx to our greeting, our password or our
 * missing TLS (RFC 4954 §6, RFC 3207 §4) is about how we are set up, and the message shall wait until that is mended.
 */
function isPermanent(error: SmtpFailure): boolean {
  if (error.code === 'EENVELOPE' && error.responseCode === undefined) return true; // no recipient, or none that is an address
  if (error.rejectedErrors?.length)
    return error.rejectedErrors.every((one) => isPermanent({ ...one, rejectedErrors: [] }));
  const code = error.responseCode ?? 0;
  if (code < 500 || [530, 534, 535, 538].includes(code)) return false;
  return ['MAIL FROM', 'RCPT TO', 'DATA'].includes(error.command ?? '');
}

function readUrl(text: string) {
  const url = URL.parse(text);
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || !url.hostname) {
    // The address itself may hold a password and is not repeated.
    throw new TypeError('The mail server is given as smtp://host:port or smtps://host:port.');
  }
  const secure = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    // 587 is where a mail server takes messages from its own (RFC 6409), 465 the same under TLS (RFC 8314).
    port: url.port ? Number(url.port) : secure ? 465 : 587,
    secure,
    auth: url.username && { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
  };
}
