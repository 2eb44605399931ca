import { Card, Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import { MailRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { wholeList } from '../parts/list.ts';
import { Page } from '../parts/page.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useThing } from '../shell/tenant.ts';

interface Letter {
  readonly id: string;
  readonly fromName: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly receivedAt: string;
}

const useStyles = makeStyles({
  text: {
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    fontFamily: 'inherit',
    margin: 0,
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase400,
  },
});

/** What the server wrote to this person, until there are mailboxes: invitations, codes, notices. */
export function MailPage() {
  const { t } = useTranslation();
  const query = useThing<{ value: Letter[] }>('/me/mail');
  const [shown, setShown] = useState<Letter>();
  return (
    <Page title={t('nav.mail')} sentence={t('mail.sentence')}>
      <DataList
        label={t('nav.mail')}
        list={wholeList({ ...query, data: query.data?.value })}
        rowKey={(letter) => letter.id}
        columns={[
          {
            key: 'subject',
            title: t('mail.subject'),
            isName: true,
            sort: (letter) => letter.subject,
            render: (letter) => (
              <Link as="button" onClick={() => setShown(letter)}>
                {letter.subject}
              </Link>
            ),
          },
          {
            key: 'from',
            title: t('mail.from'),
            sort: (letter) => letter.fromName,
            render: (letter) => letter.fromName,
          },
          {
            key: 'when',
            title: t('audit.when'),
            sort: (letter) => letter.receivedAt,
            render: (letter) => <WhenText at={letter.receivedAt} />,
          },
        ]}
        empty={<EmptyState picture={<MailRegular />} title={t('mail.empty')} sentence={t('mail.emptySentence')} />}
      />
      {shown && (
        <FormPanel size="large" title={shown.subject} submit="" onClose={() => setShown(undefined)}>
          <Facts
            facts={[
              [t('mail.from'), shown.fromName],
              [t('mail.to'), shown.to],
              [t('audit.when'), <WhenText key="w" at={shown.receivedAt} isExact />],
            ]}
          />
          <Card appearance="outline">
            <Text>
              <LetterText text={shown.text} />
            </Text>
          </Card>
        </FormPanel>
      )}
    </Page>
  );
}

/** Plain text with its addresses made into links. */
function LetterText(props: { text: string }) {
  const styles = useStyles();
  return (
    <pre className={styles.text}>
      {props.text.split(/(https?:\/\/[^\s<>"]+)/).map((part, place) =>
        place % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change.
          <Link key={place} href={part} rel="noreferrer">
            {part}
          </Link>
        ) : (
          part
        ),
      )}
    </pre>
  );
}
