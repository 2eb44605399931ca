import { Button, Field, MessageBar, MessageBarBody, makeStyles, Text, Textarea } from '@fluentui/react-components';
import { PlugDisconnectedRegular } from '@fluentui/react-icons';
import { useParams, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataList } from '../parts/data-list.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { wholeList } from '../parts/list.ts';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { useAbilities } from '../shell/me.ts';
import { useTenant, useThing } from '../shell/tenant.ts';
import { ENDINGS, type Ending, type EndingPreview } from './ending-wire.ts';
import { useEndingWords } from './ending-words.ts';

const useStyles = makeStyles({ form: { display: 'grid', gap: '16px', maxWidth: '520px', justifyItems: 'start' } });

/** Parting with a partner: what it would find, and the way to do it. */
export const PartPage = () => {
  const { id } = useParams({ strict: false }) as { id: string };
  return <Part asked={{ partner: id }} />;
};

/** The same with one guest. */
export const PartWithGuestPage = () => {
  const { id } = useParams({ strict: false }) as { id: string };
  return <Part asked={{ accountId: id }} />;
};

function Part({ asked }: { asked: { readonly partner: string } | { readonly accountId: string } }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const tenant = useTenant();
  const router = useRouter();
  const words = useEndingWords();
  const isGuest = 'accountId' in asked;
  const mayWrite = useAbilities().writes('partners');
  const preview = useThing<EndingPreview>(`${ENDINGS}/preview`, { params: asked, isSubject: true });
  const [reason, setReason] = useState('');
  const [owner, setOwner] = useState<readonly Picked[]>([]);
  const [isAsking, setIsAsking] = useState(false);
  const part = useAct<void, Ending>(
    (api) => api.post(ENDINGS, { ...asked, newOwnerId: owner[0]?.id ?? null, reason: reason.trim() || null }),
    {
      isTried: true,
      done: ({ id }) => router.history.push(`/t/${encodeURIComponent(tenant)}/partners/endings/${id}`),
    },
  );
  const list = isGuest ? { path: '/guests', title: t('nav.guests') } : { path: '/partners', title: t('nav.partners') };
  return (
    <DetailPage
      area="partners"
      list={list}
      query={preview}
      head={({ displayName, domains }) => ({
        title: t('parting.title', { name: displayName }),
        sentence: t(isGuest ? 'parting.guestSentence' : 'parting.sentence', { name: displayName }),
        badge: domains[0] && <OrganisationBadge name={domains[0]} />,
      })}
    >
      {({ displayName, kinds, domains }) => (
        <>
          <Section title={t('parting.found')} sentence={t('parting.foundSentence')}>
            <DataList
              label={t('parting.found')}
              list={wholeList({ data: kinds, isPending: false, error: null, refetch: preview.refetch })}
              rowKey={({ kind }) => kind}
              columns={[
                { key: 'kind', title: t('parting.what'), isName: true, render: (row) => words.kind(row) },
                { key: 'found', title: t('parting.howMany'), render: ({ found }) => found },
              ]}
              empty={<Text>{t('parting.nothing', { name: displayName })}</Text>}
            />
          </Section>
          <Section title={t('parting.cannotRecall')}>
            <Text>{t('parting.cannotRecallBefore')}</Text>
          </Section>
          {mayWrite && (
            <Section title={t('parting.decide')}>
              <div className={styles.form}>
                <PersonPicker
                  label={t('parting.newOwner')}
                  hint={t('parting.newOwnerHint')}
                  kind="users"
                  filter="userType eq 'Member'"
                  limit={1}
                  picked={owner}
                  onChange={setOwner}
                />
                <Field label={t('parting.reason')} hint={t('parting.reasonHint')} style={{ width: '100%' }}>
                  <Textarea value={reason} maxLength={1000} rows={2} onChange={(_, { value }) => setReason(value)} />
                </Field>
                <MessageBar intent="warning" layout="multiline">
                  <MessageBarBody>{t('parting.final')}</MessageBarBody>
                </MessageBar>
                <Button appearance="primary" icon={<PlugDisconnectedRegular />} onClick={() => setIsAsking(true)}>
                  {t('parting.part', { name: displayName })}
                </Button>
              </div>
            </Section>
          )}
          {isAsking && (
            <ConfirmDialog
              title={t('parting.part', { name: displayName })}
              confirm={t('parting.confirm')}
              typed={isGuest ? displayName : (domains[0] ?? displayName)}
              act={part}
              onClose={() => setIsAsking(false)}
            >
              {t('parting.confirmSentence', { name: displayName })}
            </ConfirmDialog>
          )}
        </>
      )}
    </DetailPage>
  );
}
