import { BlockList, isIP } from 'node:net';

/**
 * Stands among the ways in which somebody has shown who they are (`amr`): the sign-in came from a device that the
 * organisation looks after.
 */
export const COMPLIANT_DEVICE = 'device';

/** A network as settings name it: `10.1.0.0/16`, `2001:db8::/32`, or one address. */
export function isNetwork(text: string): boolean {
  const [network = '', bits, ...rest] = text.split('/');
  const width = isIP(network) === 6 ? 128 : 32;
  return isIP(network) !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits ?? `${width}`) && Number(bits ?? 0) <= width;
}

/** Whether an address is in one of the networks. */
export function isInNetworks(address: string | null, networks: readonly string[]): boolean {
  const bare = address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  const family = isIP(bare);
  if (family === 0) return false;
  const list = new BlockList();
  for (const text of networks) {
    const [network = '', bits] = text.split('/');
    const width = isIP(network) === 6 ? 128 : 32;
    list.addSubnet(network, Number(bits ?? width), width === 128 ? 'ipv6' : 'ipv4');
  }
  return list.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}
