import { kernelFaults } from '../../kernel/fault.ts';

/**
 * Work that stands in one transaction and opens others in other tenants needs two database connections at once. Only
 * few may do so at the same time, or they would wait for each other; the rest are told to come back.
 */
const AT_ONCE = 3;
let working = 0;

/** @throws unavailable when too many do such work already. */
export async function acrossTenants<T>(act: () => Promise<T>): Promise<T> {
  if (working >= AT_ONCE) throw kernelFaults.unavailable();
  working += 1;
  try {
    return await act();
  } finally {
    working -= 1;
  }
}
