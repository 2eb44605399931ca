/** Where an invitation may lead after it is accepted. */

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The address in `text` when an invitation may lead there: https, an app scheme the tenant listed, or http on the
 * reader's own machine (RFC 8252 §8.3), where nobody listens in. Undefined otherwise.
 */
export function parseRedirectUrl(text: string, appSchemes: readonly string[]): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  // A name before the host makes a link look as if it led elsewhere.
  if (url.username !== '' || url.password !== '') return undefined;
  const scheme = url.protocol.slice(0, -1);
  const isPermitted =
    scheme === 'https' || (scheme === 'http' && LOOPBACK.has(url.hostname)) || appSchemes.includes(scheme);
  return isPermitted ? url.href : undefined;
}
