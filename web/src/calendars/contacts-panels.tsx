import { Field, Input } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { NotOfferedLine } from '../parts/why-not.tsx';
import { useHowFarEach } from '../shell/me.ts';
import { PeopleField } from './people-field.tsx';
import type { Somebody } from './people-names.ts';
import { useOrganisationOf } from './sources.ts';
import type { AddressBook, BookShare, ForeignBook } from './wire.ts';

/** Whether contacts may be shared with somebody. */
const SHARE = 'calendars.contacts.share';

/** Lets others see an address book: people at home, who may change it, too, and people of other organisations. */
export function ShareBookPanel({ book, onClose }: { book: AddressBook; onClose: () => void }) {
  const { t } = useTranslation();
  const organisationOf = useOrganisationOf();
  const [people, setPeople] = useState<readonly Somebody[]>([]);
  const [role, setRole] = useState<BookShare['role']>('read');
  const share = useAct<{ people: readonly Somebody[]; role: BookShare['role'] }>(
    async (api, wanted) => {
      for (const { address } of wanted.people) {
        await api.post(`/me/address-books/${book.id}/shares`, { address, role: wanted.role });
        // Whoever comes after a refused one is tried again; whoever has it is not.
        setPeople((before) => before.filter((one) => one.address !== address));
      }
    },
    {
      said: (wanted) => t('contacts.given', { names: wanted.people.map(({ name }) => name).join(', ') }),
      done: onClose,
    },
  );
  const outside = people.filter(({ address }) => organisationOf(address) !== undefined);
  const isOutside = outside.length > 0;
  const reach = useHowFarEach<'none' | 'share'>(
    SHARE,
    outside.map(({ address }) => ({ address })),
  );
  const stopped = outside.filter((_, n) => reach[n] === 'none');
  return (
    <FormPanel
      title={t('contacts.shareTitle', { name: book.name })}
      sentence={t('contacts.shareSentence')}
      submit={t('contacts.share')}
      onClose={onClose}
      onSubmit={() => people.length > 0 && share.run({ people, role: isOutside ? 'read' : role })}
      isBusy={share.isBusy}
      fault={share.fault}
    >
      <PeopleField label={t('calendars.sharing.with')} people={people} onChange={setPeople} />
      {stopped.map(({ name, address }) => (
        <NotOfferedLine
          key={address}
          asked={{ question: SHARE, input: { address }, wanted: 'share' }}
          sentence={t('contacts.notOutside', { name })}
          about={name}
        />
      ))}
      <Choice
        label={t('calendars.sharing.sees')}
        value={isOutside ? 'read' : role}
        onChange={setRole}
        options={(isOutside ? (['read'] as const) : (['read', 'write'] as const)).map((one) => [
          one,
          t(`contacts.role.${one}`),
        ])}
        {...(isOutside ? { hint: t('contacts.readOutside') } : {})}
      />
    </FormPanel>
  );
}

export function RenameBookPanel({ book, onClose }: { book: AddressBook; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(book.name);
  const path = `/me/address-books/${book.id}`;
  const rename = useAct<string>((api, wanted) => api.patch(path, { name: wanted }), {
    said: (wanted) => t('contacts.renamed', { name: wanted }),
    undo: (api) => api.patch(path, { name: book.name }),
    done: onClose,
  });
  return (
    <FormPanel
      title={t('contacts.renameTitle', { name: book.name })}
      submit={t('action.save')}
      onClose={onClose}
      onSubmit={() => name.trim() !== '' && rename.run(name.trim())}
      isBusy={rename.isBusy}
      fault={rename.fault}
    >
      <Field label={t('people.name')} required>
        <Input value={name} maxLength={256} onChange={(_, { value }) => setName(value)} />
      </Field>
    </FormPanel>
  );
}

/** Opens what somebody of another organisation shares, by their address. */
export function OpenBooksPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [owner, setOwner] = useState('');
  const open = useAct<string, { value: readonly ForeignBook[] }>(
    (api, wanted) => api.post('/me/shared-address-books', { owner: wanted }),
    {
      said: (_, { value }) => t('contacts.opened', { names: value.map(({ name }) => name).join(', ') }),
      done: onClose,
    },
  );
  return (
    <FormPanel
      title={t('contacts.open')}
      sentence={t('contacts.openSentence')}
      submit={t('home.open')}
      onClose={onClose}
      onSubmit={() => owner.trim() !== '' && open.run(owner.trim())}
      isBusy={open.isBusy}
      fault={open.fault}
    >
      <Field label={t('contacts.owner')} required>
        <Input type="email" value={owner} onChange={(_, { value }) => setOwner(value)} autoCapitalize="none" />
      </Field>
    </FormPanel>
  );
}
