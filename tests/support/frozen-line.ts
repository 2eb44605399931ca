import { connect, createServer, type Socket } from 'node:net';

/**
 * A line to a server that can freeze: from then on nothing passes, and nothing is closed. So a connection looks whose
 * other end died without a word (a machine without power, a firewall that forgot it).
 */
export async function openLine(url: string): Promise<{ url: string; freeze(): void; close(): Promise<void> }> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    sockets.add(near);
    near.on('error', () => {});
    if (isFrozen) return;
    const far = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true });
    sockets.add(far);
    far.on('error', () => {});
    near.on('data', (bytes) => isFrozen || far.write(bytes));
    far.on('data', (bytes) => isFrozen || near.write(bytes));
    near.on('end', () => isFrozen || far.end());
    far.on('end', () => isFrozen || near.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as { port: number }).port);
  return {
    url: through.href,
    freeze() {
      isFrozen = true;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
