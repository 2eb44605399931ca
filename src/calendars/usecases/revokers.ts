import { deleteGrants, type Revoker } from '../../access/index.ts';
import { endShares } from './links.ts';

/** How rights in calendars are taken away. */
export const calendarsRevokers = {
  'calendars.calendar': {
    title: 'Calendar shared',
    async revoke(ctx, grant) {
      await endShares(ctx, [grant.id]);
      ctx.record({
        action: 'calendars.permission-removed',
        category: 'Calendar',
        targets: [{ kind: 'calendar', id: grant.object.id }],
        facts: { subject: grant.subject, level: grant.level },
      });
    },
  },
  'calendars.address-book': {
    title: 'Contacts shared',
    async revoke(ctx, grant) {
      await deleteGrants(ctx, [grant.id]);
      ctx.record({
        action: 'calendars.contacts-permission-removed',
        category: 'Contacts',
        targets: [{ kind: 'address-book', id: grant.object.id }],
        facts: { subject: grant.subject, level: grant.level },
      });
    },
  },
} as const satisfies Record<string, Revoker>;
