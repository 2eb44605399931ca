import { type Logger, pino } from 'pino';

export type Log = Logger;

/** Names under which secrets travel. What stands under them never reaches a log line. */
const SECRETS = [
  'password',
  'secret',
  'client_secret',
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'code',
  'passcode',
  'ticket',
  'authorization',
  'cookie',
];

/** Structured JSON lines on standard output, one per event, with secrets removed by name at any of three depths. */
export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[removed]' },
  });
}
