import { idsOfName, namesInTexts } from '../directory/index.ts';
import { findPartnerIdByDomain, listPartnerNames } from '../partners/index.ts';
import { listServicePrincipals } from '../signin/index.ts';
import type { TextNames } from '../tenants/index.ts';

/** What settings name by an id, called as administrators call it. */
export const textNames: TextNames = {
  async namesOf(ctx, ids) {
    const found = new Map<string, { kind: 'person' | 'group' | 'organization' | 'application'; name: string }>();
    if (ids.length === 0) return found;
    const wanted = new Set(ids);
    for (const { id, kind, name } of await namesInTexts(ctx, ids)) found.set(id, { kind, name });
    for (const { id, domain } of await listPartnerNames(ctx))
      if (wanted.has(id)) found.set(id, { kind: 'organization', name: domain });
    const applications = Map.groupBy(await listServicePrincipals(ctx), (one) => one.displayName.toLowerCase());
    for (const [one, ...others] of applications.values())
      if (one && others.length === 0 && wanted.has(one.applicationId))
        found.set(one.applicationId, { kind: 'application', name: one.displayName });
    return found;
  },

  async idsOf(ctx, kind, name) {
    switch (kind) {
      case 'person':
      case 'group':
        return idsOfName(ctx, kind, name);
      case 'organization': {
        const id = await findPartnerIdByDomain(ctx, name);
        return id ? [id] : [];
      }
      case 'application':
        return (await listServicePrincipals(ctx))
          .filter(({ displayName }) => displayName.toLowerCase() === name.toLowerCase())
          .map(({ applicationId }) => applicationId);
      case 'domain':
        return [];
    }
  },
};
