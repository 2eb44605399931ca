// COMPAT: @peculiar/x509 2: its dependency injection wants this loaded first.
import 'reflect-metadata';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import * as x509 from '@peculiar/x509';

/** What an HTTPS server needs, in PEM. `ca` is what its clients trust; undefined with a certificate of one's own. */
export type Tls = { key: string; cert: string; ca: string | undefined };

/** A certificate that cannot be used, in a sentence for the operator. */
export class TlsError extends Error {
  override readonly name = 'TlsError';
}

const DAY = 24 * 60 * 60 * 1000;
const CA_DAYS = 3650;
/** Longer is refused by some browsers, also from an authority that the user added. */
const SERVER_DAYS = 397;
/** Days before its end at which a certificate is issued anew. */
const RENEW_DAYS = 30;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Reads a key and a certificate (with its chain) of the operator's own. Throws TlsError when they do not fit. */
export async function readOwnTls(files: { key: string; cert: string }): Promise<Tls> {
  const read = (file: string) =>
    readFile(file, 'utf8').catch((cause) => {
      throw new TlsError(`The file '${file}' cannot be read.`, { cause });
    });
  const [key, cert] = await Promise.all([read(files.key), read(files.cert)]);
  if (!fits(key, cert)) throw new TlsError(`The key in '${files.key}' does not belong to '${files.cert}'.`);
  return { key, cert, ca: undefined };
}

/**
 * The certificate of this machine, issued by a local authority kept in `folder`: `ca.pem` for clients to trust, and
 * `ca.key`, `server.key` for the owner's eyes alone. The authority is made once; the server's certificate is issued
 * anew when it ends within 30 days, when `names` (host names and addresses) change, or when the authority did.
 * One process at a time may open a folder.
 */
export async function openLocalTls(options: { folder: string; names: string[]; now: Date }): Promise<Tls> {
  const { folder, now } = options;
  const names = [...new Set(options.names.map((name) => name.toLowerCase()))].sort();
  const file = (name: string) => path.join(folder, name);
  const read = (name: string) => readFile(file(name), 'utf8').catch(() => '');
  await mkdir(folder, { recursive: true });

  let authority = { key: await read('ca.key'), cert: await read('ca.pem') };
  if (!fits(authority.key, authority.cert) || endsWithin(authority.cert, 0, now)) {
    authority = await issueAuthority(now);
    await write(file('ca.key'), authority.key, 0o600);
    await write(file('ca.pem'), authority.cert, 0o644);
  }

  let server = { key: await read('server.key'), cert: await read('server.pem') };
  const isCurrent =
    fits(server.key, server.cert) &&
    !endsWithin(server.cert, RENEW_DAYS, now) &&
    new X509Certificate(server.cert).verify(new X509Certificate(authority.cert).publicKey) &&
    namesOf(server.cert).join() === names.join();
  if (!isCurrent) {
    server = await issueServer(authority, names, now);
    await write(file('server.key'), server.key, 0o600);
    await write(file('server.pem'), server.cert, 0o644);
  }
  return { ...server, ca: authority.cert };
}

type Pair = { key: string; cert: string };

async function issueAuthority(now: Date): Promise<Pair> {
  const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    // Each authority has a name of its own, so that a trust store holding an older one does not mix them up.
    name: `CN=Entente local authority ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(now.getTime() - DAY),
    notAfter: new Date(now.getTime() + CA_DAYS * DAY),
    signingAlgorithm: CURVE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key: await exportKey(keys.privateKey), cert: `${cert.toString('pem')}\n` };
}

async function issueServer(authority: Pair, names: string[], now: Date): Promise<Pair> {
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const ends = Math.min(now.getTime() + SERVER_DAYS * DAY, issuer.notAfter.getTime());
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=Entente',
    issuer: issuer.subject,
    notBefore: new Date(now.getTime() - DAY),
    notAfter: new Date(ends),
    signingAlgorithm: CURVE,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { key: await exportKey(keys.privateKey), cert: `${cert.toString('pem')}\n` };
}

async function exportKey(key: CryptoKey): Promise<string> {
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

function importKey(pem: string): Promise<CryptoKey> {
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), CURVE, false, ['sign']);
}

/** RFC 5280 §4.1.2.2: positive, at most 20 bytes. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** Whether both can be read and the key is the certificate's. */
function fits(key: string, cert: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function endsWithin(cert: string, days: number, now: Date): boolean {
  return new X509Certificate(cert).validToDate.getTime() < now.getTime() + days * DAY;
}

/** The names a certificate is for, sorted, as they were asked for. */
function namesOf(cert: string): string[] {
  const extension = new x509.X509Certificate(cert).getExtension(x509.SubjectAlternativeNameExtension);
  return (extension?.names.items ?? []).map(({ value }) => value.toLowerCase()).sort();
}

/** All or nothing, and never readable by others for a moment. */
async function write(file: string, content: string, mode: number): Promise<void> {
  const growing = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(growing, content, { mode, flag: 'wx', flush: true });
  await rename(growing, file);
}
