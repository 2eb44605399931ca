import { Button, Link, Text } from '@fluentui/react-components';
import { ArrowClockwiseRegular, DismissRegular, PersonClockRegular } from '@fluentui/react-icons';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Column, DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList } from '../parts/list.ts';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Page } from '../parts/page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useOrganisationNamed } from '../shell/me.ts';

/** A line of the sign-in log on the Graph wire (`signIn`). */
interface SignIn {
  readonly id: string;
  readonly createdDateTime: string;
  readonly userId: string | null;
  readonly userDisplayName: string | null;
  readonly userPrincipalName: string | null;
  readonly userType: string | null;
  /** Of a program that signed in by itself. */
  readonly servicePrincipalName: string | null;
  readonly appId: string | null;
  readonly appDisplayName: string | null;
  readonly ipAddress: string | null;
  readonly correlationId: string;
  /** Where the account is kept, when that is elsewhere. */
  readonly homeTenantId: string | null;
  /** Where the person went, when they only signed in here. */
  readonly resourceTenantId: string | null;
  readonly authenticationMethodsUsed: readonly string[];
  readonly status: { readonly errorCode: number; readonly failureReason: string | null };
}

/** Who signed in, when, from where and how; a guest's sign-in stands at home and here under one id. */
export function SignInsPage() {
  const { t } = useTranslation();
  const [who, setWho] = useState<Picked[]>([]);
  const [correlationId, setCorrelationId] = useState<string>();
  const [shown, setShown] = useState<SignIn>();
  const list = useList<SignIn>('/v1.0/auditLogs/signIns', { $top: 50, userId: who[0]?.id, correlationId });
  const isFiltered = who.length > 0 || correlationId !== undefined;
  const columns: Column<SignIn>[] = [
    {
      key: 'who',
      title: t('audit.who'),
      isName: true,
      render: (line) => <Who line={line} onOpen={() => setShown(line)} />,
    },
    { key: 'application', title: t('signins.application'), render: (line) => <Application line={line} /> },
    { key: 'result', title: t('audit.result'), render: (line) => <Result line={line} /> },
    { key: 'address', title: t('audit.address'), render: (line) => line.ipAddress ?? '' },
    { key: 'when', title: t('audit.when'), render: (line) => <WhenText at={line.createdDateTime} /> },
    {
      key: 'correlation',
      title: t('audit.correlation'),
      render: (line) => (
        <Link as="button" onClick={() => setCorrelationId(line.correlationId)} title={line.correlationId}>
          <code>{line.correlationId.slice(-8)}</code>
        </Link>
      ),
    },
  ];
  return (
    <Page
      title={t('nav.signIns')}
      sentence={t('signins.sentence')}
      commands={
        <Button icon={<ArrowClockwiseRegular />} appearance="subtle" onClick={list.reload}>
          {t('action.refresh')}
        </Button>
      }
    >
      <div style={{ display: 'flex', gap: '12px', flexWrap: 'wrap', alignItems: 'start', marginBottom: '16px' }}>
        <PersonPicker label={t('audit.who')} kind="users" picked={who} onChange={setWho} limit={1} />
      </div>
      {correlationId !== undefined && (
        <div style={{ display: 'flex', gap: '8px', flexWrap: 'wrap', alignItems: 'center', marginBottom: '12px' }}>
          <Text>{t('signins.oneOnly')}</Text>
          <Button size="small" icon={<DismissRegular />} onClick={() => setCorrelationId(undefined)}>
            {t('signins.showAll')}
          </Button>
        </div>
      )}
      <DataList
        label={t('nav.signIns')}
        list={list}
        rowKey={({ id }) => id}
        columns={columns}
        empty={
          <EmptyState
            picture={<PersonClockRegular />}
            title={isFiltered ? t('list.nothingFound') : t('signins.empty')}
          />
        }
      />
      {shown && (
        <FormPanel isOpen title={personOf(shown, t)} submit="" onClose={() => setShown(undefined)}>
          <Facts
            facts={[
              [t('signin.userName'), shown.userPrincipalName],
              [t('audit.when'), <WhenText key="w" at={shown.createdDateTime} isExact />],
              [t('audit.result'), <Result key="r" line={shown} />],
              [t('signins.methods'), shown.authenticationMethodsUsed.map((one) => sayMethod(one, t)).join(', ')],
              [t('signins.application'), <Application key="a" line={shown} />],
              shown.homeTenantId !== null && [t('signins.home'), <Organisation key="h" id={shown.homeTenantId} />],
              shown.resourceTenantId !== null && [
                t('signins.resource'),
                <Organisation key="e" id={shown.resourceTenantId} />,
              ],
              [t('audit.address'), shown.ipAddress],
              [t('audit.correlation'), shown.correlationId],
            ]}
          />
        </FormPanel>
      )}
    </Page>
  );
}

const personOf = (line: SignIn, t: TFunction) =>
  line.userDisplayName || line.userPrincipalName || line.servicePrincipalName || t('signins.unknownPerson');

function Who(props: { line: SignIn; onOpen: () => void }) {
  const { t } = useTranslation();
  const { line } = props;
  const home = useOrganisationNamed(line.homeTenantId);
  const name = personOf(line, t);
  return (
    <PersonName
      name={name}
      link={
        <Link as="button" onClick={props.onOpen}>
          {name}
        </Link>
      }
      {...(line.userDisplayName && line.userPrincipalName ? { second: line.userPrincipalName } : {})}
      organisation={home}
    />
  );
}

/** What they signed in to; for somebody who went elsewhere, the organisation there. */
function Application(props: { line: SignIn }) {
  const { t } = useTranslation();
  const { appId, appDisplayName, resourceTenantId } = props.line;
  if (resourceTenantId !== null) return <Organisation id={resourceTenantId} />;
  if (appId === 'entente-web') return t('signins.web');
  if (appId === 'entente-command') return t('signins.command');
  return appDisplayName ?? appId ?? '';
}

function Organisation(props: { id: string }) {
  return <OrganisationBadge name={useOrganisationNamed(props.id) ?? props.id} />;
}

function Result(props: { line: SignIn }) {
  const { t } = useTranslation();
  const { errorCode, failureReason } = props.line.status;
  if (errorCode === 0) return <StateText tone="good">{t('signins.success')}</StateText>;
  return (
    <StateText tone="stopped">
      {t(`signins.failures.${failureReason}`, { defaultValue: failureReason ?? t('signins.failed') })}
    </StateText>
  );
}

/** A method of RFC 8176 in the reader's language. */
const sayMethod = (method: string, t: TFunction) => t(`signins.methodNames.${method}`, { defaultValue: method });
