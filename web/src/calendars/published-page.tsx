import { Badge, Button, Card, makeStyles, Switch, Text, Tooltip, tokens } from '@fluentui/react-components';
import { ArrowResetRegular, DismissCircleRegular, LinkRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Answer, WhyAnswer } from '../access/answer.tsx';
import type { Page as Rows } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import type { Column } from '../parts/data-list.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import type { OutsideShare, SharingPolicy } from './admin-wire.ts';
import { SomebodyName } from './somebody.tsx';

const useStyles = makeStyles({
  policy: { marginBottom: '16px', padding: '12px 20px', gap: '4px' },
  quiet: { color: tokens.colorNeutralForeground3 },
  row: { display: 'flex', gap: '4px', alignItems: 'start' },
});

/** Every calendar that somebody outside reads, and whether people may publish theirs at all. */
export function PublishedPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const mayWrite = useAbilities().writes('calendars');
  const shares = useList<OutsideShare>('/admin/outside-shares');
  const list = { ...shares, rows: shares.rows.map((one) => ({ ...one, id: one.grantId })) };
  const [asking, setAsking] = useState<{ readonly what: 'end' | 'reset'; readonly share: OutsideShare }>();
  const close = () => setAsking(undefined);
  const end = useAct<OutsideShare>((api, { grantId }) => api.delete(`/admin/outside-shares/${grantId}`), {
    said: () => t('published.ended'),
    done: close,
  });
  const reset = useAct<OutsideShare>((api, { grantId }) => api.post(`/admin/outside-shares/${grantId}/reset`), {
    said: () => t('calendars.publish.wasReset'),
    done: close,
  });
  const columns: Column<OutsideShare & { id: string }>[] = [
    {
      key: 'name',
      title: t('calendars.name'),
      isName: true,
      sort: ({ owner }) => owner.name,
      render: ({ owner, calendarName }) => <PersonName name={owner.name} second={calendarName} />,
    },
    {
      key: 'with',
      title: t('calendars.sharing.with'),
      sort: ({ recipient }) => recipient ?? '',
      render: ({ recipient, isSearchable }) =>
        recipient === null ? (
          <span style={{ display: 'grid', gap: '4px', justifyItems: 'start' }}>
            {t('policies.anybody')}
            {isSearchable && (
              <Badge appearance="tint" color="warning">
                {t('published.searchable')}
              </Badge>
            )}
          </span>
        ) : (
          <SomebodyName name={recipient} address={recipient} />
        ),
    },
    {
      key: 'sees',
      title: t('relationships.theySee'),
      render: ({ explanation }) => <Answer explanation={explanation} />,
    },
    {
      key: 'since',
      title: t('published.since'),
      sort: ({ since }) => since,
      render: ({ since }) => <WhenText at={since} />,
    },
    {
      key: 'until',
      title: t('calendars.sharing.until'),
      render: ({ endsAt }) => (endsAt ? <WhenText at={endsAt} isExact /> : t('published.noEnd')),
    },
    {
      key: 'read',
      title: t('published.lastRead'),
      sort: ({ lastReadAt }) => lastReadAt ?? '',
      render: ({ lastReadAt, isLink }) =>
        lastReadAt ? <WhenText at={lastReadAt} /> : <Text>{t(isLink ? 'published.never' : 'published.notNoted')}</Text>,
    },
    {
      key: 'acts',
      title: t('list.actions'),
      render: (share) => (
        <span className={styles.row}>
          <WhyAnswer explanation={share.explanation} about={share.calendarName} />
          {mayWrite && share.recipient === null && (
            <Tooltip content={t('published.reset', { name: share.calendarName })} relationship="label">
              <Button
                size="small"
                appearance="subtle"
                icon={<ArrowResetRegular />}
                onClick={() => setAsking({ what: 'reset', share })}
              />
            </Tooltip>
          )}
          {mayWrite && (
            <Tooltip content={t('published.end', { name: share.calendarName })} relationship="label">
              <Button
                size="small"
                appearance="subtle"
                icon={<DismissCircleRegular />}
                onClick={() => setAsking({ what: 'end', share })}
              />
            </Tooltip>
          )}
        </span>
      ),
    },
  ];
  return (
    <ListPage
      area="calendars"
      title={t('nav.published')}
      sentence={t('published.sentence')}
      list={list}
      columns={columns}
      above={<PublishingPolicy mayWrite={mayWrite} />}
      empty={{ picture: <LinkRegular />, title: t('published.empty'), sentence: t('published.emptySentence') }}
    >
      {asking && (
        <ConfirmDialog
          title={t(asking.what === 'end' ? 'published.endTitle' : 'calendars.publish.resetTitle', {
            name: asking.share.calendarName,
          })}
          confirm={t(asking.what === 'end' ? 'published.endConfirm' : 'calendars.publish.reset')}
          act={asking.what === 'end' ? end : reset}
          input={asking.share}
          onClose={close}
        >
          {t(asking.what === 'end' ? 'published.endSentence' : 'published.resetSentence', {
            name: asking.share.owner.name,
          })}
        </ConfirmDialog>
      )}
    </ListPage>
  );
}

/** Whether a rule of a policy is about people who are nobody's. */
const isForAnybody = (rule: string) => /^anonymous\s*:/i.test(rule);

interface Switches {
  readonly policyId: string;
  readonly externalSharing: boolean;
  readonly anonymousLinks: boolean;
}

/** Whether people may publish for anybody. What a prohibition takes from them is shown before it is made. */
function PublishingPolicy({ mayWrite }: { mayWrite: boolean }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const query = useThing<Switches>('/admin/calendar-sharing');
  const policies = useThing<Rows<SharingPolicy>>('/admin/sharing-policies');
  const change = useAct<boolean>((api, anonymousLinks) => api.patch('/admin/calendar-sharing', { anonymousLinks }), {
    isTried: true,
    said: (isOn) => t(isOn ? 'published.nowAllowed' : 'published.nowForbidden'),
  });
  const others = (policies.data?.value ?? []).filter(
    ({ isDefault, enabled, rules }) => !isDefault && enabled && rules.some(isForAnybody),
  );
  if (query.error) return <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return null;
  const { anonymousLinks } = query.data;
  return (
    <Card appearance="outline" className={styles.policy}>
      <Switch
        label={t('published.allowed')}
        checked={anonymousLinks}
        disabled={!mayWrite || change.isBusy || !policies.data}
        onChange={(_, { checked }) => change.run(checked)}
      />
      <Text size={200} className={styles.quiet}>
        {t('published.allowedSentence')} <InnerLink path="/sharing-policies">{t('nav.sharingPolicies')}</InnerLink>
      </Text>
      {others.length > 0 && (
        <Text size={200}>{t('published.otherPolicies', { names: others.map(({ name }) => name).join(', ') })}</Text>
      )}
      {change.fault && <RefusalBar fault={change.fault} />}
    </Card>
  );
}
