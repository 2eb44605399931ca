import { Button, Card, makeStyles, Text, Tooltip } from '@fluentui/react-components';
import { AddRegular, ContactCardGroupRegular, DeleteRegular, EditRegular, ShareRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useThing } from '../shell/tenant.ts';
import { OpenBooksPanel, RenameBookPanel, ShareBookPanel } from './contacts-panels.tsx';
import { SomebodyName } from './somebody.tsx';
import type { AddressBook, AddressBooks, BookShare, ForeignBook } from './wire.ts';

const useStyles = makeStyles({
  books: { display: 'grid', gap: '16px', maxWidth: '760px' },
  book: { padding: '20px', display: 'grid', gap: '12px' },
  head: { display: 'flex', justifyContent: 'space-between', gap: '8px', flexWrap: 'wrap', alignItems: 'center' },
  commands: { display: 'flex', gap: '8px', flexWrap: 'wrap' },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '8px' },
  row: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', gap: '8px', alignItems: 'center' },
});

type Open = { readonly kind: 'share' | 'rename'; readonly book: AddressBook } | { readonly kind: 'open' };

/** A person's address books: who else sees each of them, and those of others that they see. */
export function ContactsPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const books = useThing<AddressBooks>('/me/address-books', { isSubject: true });
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  return (
    <Page title={t('nav.contacts')} sentence={t('contacts.sentence')}>
      {books.error ? (
        <RefusalBar fault={books.error} onRetry={() => void books.refetch()} />
      ) : books.data ? (
        <>
          <div className={styles.books}>
            {books.data.own.map((book) => (
              <OwnBook
                key={book.id}
                book={book}
                onShare={() => setOpen({ kind: 'share', book })}
                onRename={() => setOpen({ kind: 'rename', book })}
              />
            ))}
          </div>
          <Section
            title={t('contacts.others')}
            sentence={t('contacts.othersSentence')}
            commands={
              <Button icon={<AddRegular />} onClick={() => setOpen({ kind: 'open' })}>
                {t('contacts.open')}
              </Button>
            }
          >
            <OthersBooks books={books.data} />
          </Section>
        </>
      ) : (
        <LoadingRows count={3} label={t('nav.contacts')} />
      )}
      {open?.kind === 'share' && <ShareBookPanel book={open.book} onClose={close} />}
      {open?.kind === 'rename' && <RenameBookPanel book={open.book} onClose={close} />}
      {open?.kind === 'open' && <OpenBooksPanel onClose={close} />}
    </Page>
  );
}

function OwnBook(props: { book: AddressBook; onShare: () => void; onRename: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { book } = props;
  const path = `/me/address-books/${book.id}/shares`;
  const shares = useThing<{ value: readonly BookShare[] }>(path);
  const end = useAct<BookShare>((api, one) => api.delete(`${path}/${one.id}`), {
    said: ({ name }) => t('contacts.ended', { name }),
    undo: (api, { address, role }) => api.post(path, { address, role }),
  });
  return (
    <Card className={styles.book} appearance="outline" role="group" aria-label={book.name}>
      <div className={styles.head}>
        <Text as="h2" size={400} weight="semibold" style={{ margin: 0 }}>
          {book.name}
        </Text>
        <div className={styles.commands}>
          <Button icon={<EditRegular />} onClick={props.onRename}>
            {t('contacts.rename')}
          </Button>
          <Button icon={<ShareRegular />} onClick={props.onShare}>
            {t('contacts.share')}
          </Button>
        </div>
      </div>
      {end.fault && <RefusalBar fault={end.fault} />}
      {shares.error ? (
        <RefusalBar fault={shares.error} onRetry={() => void shares.refetch()} />
      ) : !shares.data ? (
        <LoadingRows count={1} />
      ) : shares.data.value.length === 0 ? (
        <Text>{t('contacts.nobody')}</Text>
      ) : (
        <ul className={styles.list} aria-label={t('contacts.seenBy', { name: book.name })}>
          {shares.data.value.map((one) => (
            <li key={one.id} className={styles.row}>
              <div>
                <SomebodyName name={one.name} address={one.address ?? undefined} />
                <Text size={200}>{t(`contacts.role.${one.role}`)}</Text>
              </div>
              <Tooltip content={t('contacts.end', { name: one.name })} relationship="label">
                <Button
                  size="small"
                  appearance="subtle"
                  icon={<DeleteRegular />}
                  disabled={end.isBusy}
                  onClick={() => end.run(one)}
                />
              </Tooltip>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function OthersBooks({ books }: { books: AddressBooks }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const close = useAct<ForeignBook>((api, one) => api.delete(`/me/shared-address-books/${one.id}`), {
    said: ({ name }) => t('contacts.closed', { name }),
    undo: (api, { owner }) => api.post('/me/shared-address-books', { owner: owner.address }),
  });
  if (books.shared.length + books.opened.length === 0)
    return <EmptyState picture={<ContactCardGroupRegular />} title={t('contacts.none')} />;
  const named = (name: string, owner: { name: string; address: string | null }, role: BookShare['role']) => (
    <div>
      <Text weight="semibold" block>
        {name}
      </Text>
      <SomebodyName name={owner.name} address={owner.address ?? undefined} />
      <Text size={200}>{t(`contacts.mine.${role}`)}</Text>
    </div>
  );
  return (
    <>
      {close.fault && <RefusalBar fault={close.fault} />}
      <ul className={styles.list} style={{ maxWidth: '760px' }}>
        {books.shared.map((one) => (
          <li key={one.id}>{named(one.name, one.owner, one.role)}</li>
        ))}
        {books.opened.map((one) => (
          <li key={one.id} className={styles.row}>
            {named(one.name, one.owner, 'read')}
            <Button disabled={close.isBusy} onClick={() => close.run(one)}>
              {t('contacts.close')}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
