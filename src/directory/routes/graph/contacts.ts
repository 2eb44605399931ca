import { z } from 'zod';
import { answerOne, answerPage, contextOf, type Wording } from '../../../platform/http/odata.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { addressField } from '../../model/address.ts';
import { changeContact, createContact, readContact, readContacts, removeContact } from '../../usecases/contacts.ts';
import { readGroupsOf } from '../../usecases/members.ts';
import { answerObjects } from './objects.ts';
import { presentContact } from './present.ts';
import { idOf, idParams } from './references.ts';

const WORDING: Wording = { names: {}, searched: ['displayName', 'mail'] };
const text = (most: number) => z.string().trim().max(most).nullable().optional();

const fields = {
  displayName: z.string().trim().min(1).max(256),
  mail: addressField,
  givenName: text(64),
  surname: text(64),
  mailNickname: text(64),
  jobTitle: text(128),
  department: text(64),
  companyName: text(64),
};
const newContact = z.strictObject(fields);
const contactChanges = z.strictObject({
  ...fields,
  displayName: fields.displayName.optional(),
  mail: addressField.optional(),
});

/** Graph: `contacts` of the organisation. Writing them is ours; the reference product does that elsewhere. */
export function contactRoutes({ vault }: { vault: Vault }): readonly Route[] {
  const graph = { wire: 'graph', access: 'asks', tags: ['contacts'] } as const;
  return [
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/contacts',
      summary: 'Addresses of people outside, without sign-in.',
      handle: (ctx, request) =>
        answerPage(ctx, request, vault, WORDING, 'contacts', (asked) => readContacts(ctx, asked), presentContact),
    }),
    route({
      ...graph,
      method: 'POST',
      path: '/v1.0/contacts',
      summary: 'Adds an address of somebody outside.',
      body: newContact,
      handle: async (ctx, request) => {
        const contact = await createContact(ctx, request.body as Parameters<typeof createContact>[1]);
        return new Reply(
          201,
          { '@odata.context': contextOf(request, 'contacts/$entity'), ...presentContact(contact) },
          { location: `${request.origin}/v1.0/contacts/${contact.id}` },
        );
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/contacts/:id',
      summary: 'One contact.',
      params: idParams,
      handle: async (ctx, request) =>
        answerOne(request, 'contacts', await readContact(ctx, idOf(request.params.id)), presentContact),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: '/v1.0/contacts/:id',
      summary: 'Changes a contact.',
      params: idParams,
      body: contactChanges,
      handle: async (ctx, request) => {
        const changes = request.body as Parameters<typeof changeContact>[2];
        await changeContact(ctx, idOf(request.params.id), changes);
        return new Reply(204);
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: '/v1.0/contacts/:id',
      summary: 'Removes a contact.',
      params: idParams,
      handle: async (ctx, request) => {
        await removeContact(ctx, idOf(request.params.id));
        return new Reply(204);
      },
    }),
    ...(['memberOf', 'transitiveMemberOf'] as const).map((path) =>
      route({
        ...graph,
        method: 'GET',
        path: `/v1.0/contacts/:id/${path}`,
        summary: 'The groups that a contact is in.',
        params: idParams,
        handle: async (ctx, request) => {
          const { id } = await readContact(ctx, idOf(request.params.id));
          const options = { kind: 'contact', transitive: path === 'transitiveMemberOf' } as const;
          return answerObjects(ctx, request, vault, (await readGroupsOf(ctx, id, options)).ids);
        },
      }),
    ),
  ];
}
