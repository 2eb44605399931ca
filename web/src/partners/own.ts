import { useOrganization } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import type { Published } from './wire.ts';

/** What our own organisation publishes of itself. Undefined until it is known. */
export function useOwnPublished(): Published | undefined {
  const domain = useOrganization()?.verifiedDomains?.find(({ isDefault }) => isDefault)?.name;
  return useThing<{ document: Published }>('/.well-known/entente', {
    enabled: domain !== undefined,
    params: { domain: domain ?? '' },
  }).data?.document;
}
