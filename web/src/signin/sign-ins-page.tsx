import { Button, Link, Text } from '@fluentui/react-components';
import { ArrowClockwiseRegular, ArrowDownloadRegular, DismissRegular, PersonClockRegular } from '@fluentui/react-icons';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { allRows, quoted, type Page as Rows } from '../api.ts';
import { saveFile, toCsv } from '../audit/export.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { DateField } from '../parts/date-field.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Facts } from '../parts/facts.tsx';
import { Filters } from '../parts/filters.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList } from '../parts/list.ts';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Page } from '../parts/page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { endOfDay, startOfDay } from '../parts/when.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities, useOrganisationNamed } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';

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

const PATH = '/v1.0/auditLogs/signIns';

/** The applications of the server itself, which are registered nowhere. */
const OWN_APPLICATIONS = { 'entente-web': 'signins.web', 'entente-command': 'signins.command' } as const;

interface Wanted {
  readonly who: readonly Picked[];
  readonly application: string;
  readonly result: '' | 'success' | 'failure';
  /** Days, `YYYY-MM-DD`, in the reader's zone. */
  readonly from: string;
  readonly until: string;
  readonly correlationId: string | undefined;
}

const EVERYTHING: Wanted = { who: [], application: '', result: '', from: '', until: '', correlationId: undefined };

/** What is wanted as `$filter`; undefined when that is everything. */
export function filterOf(wanted: Wanted): string | undefined {
  const { who, application, result, from, until, correlationId } = wanted;
  const start = startOfDay(from);
  const end = endOfDay(until);
  const terms = [
    who[0] && `userId eq ${quoted(who[0].id)}`,
    application !== '' && `appId eq ${quoted(application)}`,
    result !== '' && `status/errorCode ${result === 'success' ? 'eq' : 'ne'} 0`,
    start && `createdDateTime ge ${start.toISOString()}`,
    end && `createdDateTime lt ${new Date(end.getTime() + 1000).toISOString()}`,
    correlationId !== undefined && `correlationId eq ${quoted(correlationId)}`,
  ].filter(Boolean);
  return terms.length === 0 ? undefined : terms.join(' and ');
}

/** Who signed in, when, from where and how; a guest's sign-in stands at home and here under one id. */
export function SignInsPage() {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(EVERYTHING);
  const [shown, setShown] = useState<SignIn>();
  const change = (part: Partial<Wanted>) => setWanted({ ...wanted, ...part });
  const { correlationId } = wanted;
  const $filter = filterOf(wanted);
  const list = useList<SignIn>(PATH, { $top: 50, $filter });
  const isFiltered = $filter !== undefined;
  const download = useAct(async (api) => {
    const lines = await allRows<SignIn>(api, PATH, { $top: 999, $filter });
    saveFile(
      'sign-ins.csv',
      'text/csv',
      toCsv([
        ['at', 'person', 'userName', 'application', 'result', 'methods', 'address', 'correlationId', 'id'],
        ...lines.map((line) => [
          line.createdDateTime,
          line.userDisplayName ?? '',
          line.userPrincipalName ?? '',
          line.appDisplayName ?? line.appId ?? '',
          line.status.errorCode === 0 ? 'success' : (line.status.failureReason ?? 'failure'),
          line.authenticationMethodsUsed.join(' '),
          line.ipAddress ?? '',
          line.correlationId,
          line.id,
        ]),
      ]),
    );
  });
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
      title: t('signins.correlation'),
      render: (line) => (
        <Link as="button" onClick={() => change({ correlationId: line.correlationId })} title={line.correlationId}>
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
        <>
          <Button icon={<ArrowClockwiseRegular />} onClick={list.reload}>
            {t('action.refresh')}
          </Button>
          <Button icon={<ArrowDownloadRegular />} disabled={download.isBusy} onClick={() => download.run()}>
            {t('audit.export')}
          </Button>
        </>
      }
    >
      <Filters>
        <PersonPicker
          label={t('audit.who')}
          kind="users"
          picked={wanted.who}
          onChange={(who) => change({ who })}
          limit={1}
        />
        <ApplicationChoice value={wanted.application} onChange={(application) => change({ application })} />
        <Choice
          label={t('audit.result')}
          value={wanted.result}
          onChange={(result) => change({ result })}
          options={[
            ['', t('audit.allResults')],
            ['success', t('signins.success')],
            ['failure', t('signins.failed')],
          ]}
        />
        <DateField label={t('audit.from')} value={wanted.from} onChange={(from) => change({ from })} />
        <DateField label={t('audit.until')} value={wanted.until} onChange={(until) => change({ until })} />
      </Filters>
      {download.fault && <RefusalBar fault={download.fault} />}
      {correlationId !== undefined && (
        <div style={{ display: 'flex', gap: '8px', flexWrap: 'wrap', alignItems: 'center', marginBottom: '12px' }}>
          <Text>{t('signins.oneOnly')}</Text>
          <Button size="small" icon={<DismissRegular />} onClick={() => change({ correlationId: undefined })}>
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
            {...(isFiltered ? { sentence: t('list.nothingFoundSentence') } : {})}
          />
        }
      />
      {shown && (
        <FormPanel title={personOf(shown, t)} submit="" onClose={() => setShown(undefined)}>
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
              [t('signins.correlation'), shown.correlationId],
            ]}
          />
        </FormPanel>
      )}
    </Page>
  );
}

/** The applications somebody can have signed in to; the server's own alone for whoever may not see the registrations. */
function ApplicationChoice(props: { value: string; onChange: (appId: string) => void }) {
  const { t } = useTranslation();
  const mayList = useAbilities().sees('applications');
  const registered = useThing<Rows<{ appId: string; displayName: string }>>('/v1.0/applications', {
    enabled: mayList,
    params: { $select: 'appId,displayName', $top: '200' },
  });
  return (
    <Choice
      label={t('signins.application')}
      value={props.value}
      onChange={props.onChange}
      options={[
        ['', t('signins.allApplications')],
        ...Object.entries(OWN_APPLICATIONS).map(([id, title]) => [id, t(title)] as const),
        ...(registered.data?.value ?? []).map(({ appId, displayName }) => [appId, displayName] as const),
      ]}
    />
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
  if (appId !== null && appId in OWN_APPLICATIONS) return t(OWN_APPLICATIONS[appId as keyof typeof OWN_APPLICATIONS]);
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
