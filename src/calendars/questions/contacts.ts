import { z } from 'zod';
import type { Actor, Context, TenantFacts } from '../../kernel/context.ts';
import { type Ceiling, ceiling, type GrantFact, question } from '../../kernel/decision.ts';
import { BOOK_ROLES, type BookRole } from '../model/address-book.ts';
import { CONTACTS_CEILINGS, fixed, type Outside } from './sharing.ts';

/** What the question about one address book may know. */
export interface BookFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  readonly grants: readonly GrantFact<BookRole>[];
  /** How the asker stands to what the owner may share outside; undefined: at home here. */
  readonly outside: Outside | undefined;
}

/**
 * What somebody may do with one address book. Whoever gets `none` is told that it does not exist. `gather` reads how they
 * stand to it; `licensed` is the ceiling of the plan.
 */
export const addressBookUseQuestion = <F extends BookFacts>(
  gather: (ctx: Context, bookId: string) => Promise<F>,
  licensed: Ceiling<F, BookRole>,
) =>
  question({
    name: 'calendars.address-book.use',
    sentence: 'What may they do with this address book?',
    levels: BOOK_ROLES,
    input: z.object({ bookId: z.uuid() }),
    facts: (ctx: Context, { bookId }: { bookId: string }) => gather(ctx, bookId),
    ceilings: [
      ceiling(
        'calendars.tenant-takes-contacts',
        'The address books of a suspended organisation can be read and not changed; those of a deleted one are closed.',
        ({ tenant, actor }: BookFacts): BookRole =>
          tenant.state === 'active' || actor.kind === 'system'
            ? 'owner'
            : tenant.state === 'suspended'
              ? 'read'
              : 'none',
        { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
      ),
      ceiling(
        'calendars.application-may-use-contacts',
        'An application acting for somebody does no more than what it was consented to.',
        ({ actor }: BookFacts): BookRole => {
          if (actor.kind !== 'account' || actor.scopes === 'all' || actor.scopes.includes('Contacts.ReadWrite'))
            return 'owner';
          return actor.scopes.includes('Contacts.Read') ? 'read' : 'none';
        },
        {
          setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
          remedy: 'consent',
        },
      ),
      licensed,
      ceiling(
        'calendars.outsiders-read-contacts',
        'Contacts are changed inside the organisation alone.',
        ({ outside }: BookFacts): BookRole => (outside === undefined ? 'owner' : 'read'),
        { setting: ({ tenant }) => fixed(tenant.id, 'outsiders'), remedy: 'nobody' },
      ),
      ...CONTACTS_CEILINGS,
    ],
    grants: ({ grants }) => grants,
    grantedBy: 'owner',
  });
