import { Badge, Button, Checkbox, Field, Input, Link, makeStyles, Switch, Text } from '@fluentui/react-components';
import { BuildingMultipleRegular, DeleteRegular, PlayRegular, SearchRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import type { Column } from '../parts/data-list.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { Section } from '../parts/page.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import type { Discovered, FreeBusyLevel, MailTipsLevel, Relationship, Step } from './admin-wire.ts';

const useStyles = makeStyles({
  domains: { display: 'flex', flexWrap: 'wrap', gap: '4px' },
  row: { display: 'flex', gap: '8px', alignItems: 'end', '> :first-child': { flexGrow: 1 } },
  steps: { margin: 0, paddingInlineStart: '0', listStyleType: 'none', display: 'grid', gap: '8px' },
  step: { display: 'grid', gap: '2px' },
});

const FREE_BUSY: readonly FreeBusyLevel[] = ['None', 'AvailabilityOnly', 'LimitedDetails'];
const MAIL_TIPS: readonly MailTipsLevel[] = ['None', 'Limited', 'All'];

/** What other organisations may look up of our calendars, one by one, and whether it works. */
export function RelationshipsPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const mayWrite = useAbilities().writes('calendars');
  const list = useList<Relationship>('/admin/organization-relationships');
  const [open, setOpen] = useState<Relationship | 'new'>();
  const columns: Column<Relationship>[] = [
    {
      key: 'name',
      title: t('people.name'),
      isName: true,
      sort: ({ name }) => name,
      render: (one) => (
        <Link as="button" onClick={() => setOpen(one)}>
          {one.name}
        </Link>
      ),
    },
    {
      key: 'domains',
      title: t('nav.domains'),
      render: ({ domainNames }) => (
        <span className={styles.domains}>
          {domainNames.map((domain) => (
            <Badge key={domain} appearance="outline" color="informative">
              {domain}
            </Badge>
          ))}
        </span>
      ),
    },
    { key: 'sees', title: t('relationships.theySee'), render: (one) => t(`relationships.level.${levelOf(one)}`) },
    {
      key: 'state',
      title: t('people.state'),
      render: (one) =>
        one.enabled ? (
          <StateText tone="good">{t('relationships.on')}</StateText>
        ) : (
          <StateText tone="stopped">{t('relationships.off')}</StateText>
        ),
    },
    {
      key: 'checked',
      title: t('relationships.checked'),
      render: ({ status }) => <WhenText at={status.lastCheckedAt} />,
    },
  ];
  return (
    <ListPage
      title={t('nav.relationships')}
      sentence={t('relationships.sentence')}
      list={list}
      columns={columns}
      create={mayWrite ? { text: t('relationships.add'), open: () => setOpen('new') } : undefined}
      empty={{
        picture: <BuildingMultipleRegular />,
        title: t('relationships.empty'),
        sentence: t('relationships.emptySentence'),
      }}
    >
      {open && (
        <RelationshipPanel
          key={open === 'new' ? 'new' : open.id}
          relationship={open === 'new' ? undefined : (list.rows.find(({ id }) => id === open.id) ?? open)}
          mayWrite={mayWrite}
          onClose={() => setOpen(undefined)}
        />
      )}
    </ListPage>
  );
}

/** What really reaches the partner: the master switch counts for more than the level. */
const levelOf = ({ enabled, freeBusy }: Relationship): FreeBusyLevel =>
  enabled && freeBusy.enabled ? freeBusy.level : 'None';

interface Values {
  readonly name: string;
  readonly enabled: boolean;
  readonly domains: string;
  readonly level: FreeBusyLevel;
  readonly scope: readonly Picked[];
  readonly mailTips: MailTipsLevel;
  readonly contact: string;
  /** The domain a proposal was fetched from; its domains are the ones ticked. */
  readonly discoverFrom: string;
}

function RelationshipPanel(props: { relationship: Relationship | undefined; mayWrite: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const known = props.relationship;
  const scopeId = known?.freeBusy.scopeGroupId ?? undefined;
  const scope = useThing<{ displayName: string }>(`/v1.0/groups/${scopeId}`, { enabled: scopeId !== undefined });
  const [values, setValues] = useState<Values>({
    name: known?.name ?? '',
    enabled: known?.enabled ?? true,
    domains: known?.domainNames.join('\n') ?? '',
    level: known ? levelOf({ ...known, enabled: true }) : 'AvailabilityOnly',
    scope: [],
    mailTips: known?.mailTips.enabled ? known.mailTips.level : 'None',
    contact: known?.organizationContact ?? '',
    discoverFrom: '',
  });
  const [proposal, setProposal] = useState<Discovered>();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [isDeleting, setIsDeleting] = useState(false);
  const set = (change: Partial<Values>) => setValues((before) => ({ ...before, ...change }));
  const discover = useAct<string, Discovered>(
    (api, domain) => api.get('/admin/organization-relationships/discover', { params: { domain } }),
    {
      done: (found) => {
        setProposal(found);
        setTicked(new Set(found.domainNames));
        set({ name: values.name || found.domain });
      },
    },
  );
  const save = useAct<Values, Relationship>(
    (api, wanted) => {
      const [group] = wanted.scope;
      const body = {
        name: wanted.name.trim(),
        enabled: wanted.enabled,
        domainNames: proposal ? [...ticked] : domainsIn(wanted.domains),
        freeBusy: {
          enabled: wanted.level !== 'None',
          level: wanted.level,
          scopeGroupId: group?.id ?? scopeId ?? null,
        },
        mailTips: { enabled: wanted.mailTips !== 'None', level: wanted.mailTips },
        organizationContact: wanted.contact.trim() || null,
        ...(proposal && !known ? { discoverFrom: proposal.domain } : {}),
      };
      return known
        ? api.patch(`/admin/organization-relationships/${known.id}`, body, { headers: { 'if-match': known.etag } })
        : api.post('/admin/organization-relationships', body);
    },
    { said: ({ name }) => t('relationships.saved', { name }), done: props.onClose },
  );
  const remove = useAct((api) => api.delete(`/admin/organization-relationships/${known?.id}`), {
    said: () => t('relationships.deleted', { name: known?.name ?? '' }),
    done: props.onClose,
  });
  return (
    <>
      <FormPanel
        title={known?.name ?? t('relationships.add')}
        sentence={t('relationships.oneWay')}
        submit={t('action.save')}
        onClose={props.onClose}
        {...(props.mayWrite ? { onSubmit: () => save.run(values) } : {})}
        isBusy={save.isBusy}
        fault={save.fault ?? discover.fault}
      >
        {!known && (
          <div className={styles.row}>
            <Field label={t('relationships.discover')} hint={t('relationships.discoverHint')}>
              <Input
                value={values.discoverFrom}
                onChange={(_, { value }) => set({ discoverFrom: value })}
                placeholder="contoso.example"
                autoCapitalize="none"
              />
            </Field>
            <Button
              icon={<SearchRegular />}
              disabled={values.discoverFrom.trim() === '' || discover.isBusy}
              onClick={() => discover.run(values.discoverFrom.trim())}
            >
              {t('relationships.ask')}
            </Button>
          </div>
        )}
        <Field label={t('people.name')} required>
          <Input value={values.name} maxLength={64} onChange={(_, { value }) => set({ name: value })} />
        </Field>
        {proposal ? (
          <fieldset style={{ border: 0, margin: 0, padding: 0, display: 'grid' }}>
            <legend>{t('relationships.confirm')}</legend>
            {proposal.domainNames.map((domain) => (
              <Checkbox
                key={domain}
                label={domain}
                checked={ticked.has(domain)}
                onChange={(_, { checked }) => {
                  const next = new Set(ticked);
                  if (checked) next.add(domain);
                  else next.delete(domain);
                  setTicked(next);
                }}
              />
            ))}
            <Text size={200}>
              {t(proposal.partnerGrantsUs ? 'relationships.theyGrant' : 'relationships.theyDoNotGrant')}
            </Text>
          </fieldset>
        ) : (
          <Field label={t('relationships.domains')} hint={t('relationships.domainsHint')} required>
            <textarea
              rows={3}
              value={values.domains}
              onChange={(event) => set({ domains: event.target.value })}
              style={{ font: 'inherit', padding: '6px 10px', color: 'inherit', background: 'transparent' }}
            />
          </Field>
        )}
        {known && known.status.proposedDomainNames.length > 0 && (
          <div className={styles.row}>
            <Text>{t('relationships.proposed', { domains: known.status.proposedDomainNames.join(', ') })}</Text>
            <Button
              size="small"
              onClick={() =>
                set({ domains: [...domainsIn(values.domains), ...known.status.proposedDomainNames].join('\n') })
              }
            >
              {t('action.add')}
            </Button>
          </div>
        )}
        <Switch
          label={t('relationships.enabled')}
          checked={values.enabled}
          onChange={(_, { checked }) => set({ enabled: checked })}
        />
        <Choice
          label={t('relationships.theySee')}
          value={values.level}
          onChange={(level: FreeBusyLevel) => set({ level })}
          options={FREE_BUSY.map((level) => [level, t(`relationships.level.${level}`)])}
          hint={t(`relationships.levelSentence.${values.level}`)}
        />
        <PersonPicker
          kind="groups"
          limit={1}
          label={t('relationships.scope')}
          hint={
            scope.data ? t('relationships.scopeNow', { name: scope.data.displayName }) : t('relationships.scopeHint')
          }
          picked={values.scope}
          onChange={(picked) => set({ scope: picked })}
        />
        <Choice
          label={t('relationships.mailTips')}
          value={values.mailTips}
          onChange={(mailTips: MailTipsLevel) => set({ mailTips })}
          options={MAIL_TIPS.map((level) => [level, t(`relationships.mailTipsLevel.${level}`)])}
        />
        <Field label={t('relationships.contact')}>
          <Input type="email" value={values.contact} onChange={(_, { value }) => set({ contact: value })} />
        </Field>
        {known && <Way relationship={known} mayWrite={props.mayWrite} />}
        {known && props.mayWrite && (
          <div>
            <Button icon={<DeleteRegular />} onClick={() => setIsDeleting(true)}>
              {t('action.delete')}
            </Button>
          </div>
        )}
      </FormPanel>
      {isDeleting && (
        <ConfirmDialog
          title={t('relationships.deleteTitle', { name: known?.name ?? '' })}
          confirm={t('action.delete')}
          act={remove}
          onClose={() => setIsDeleting(false)}
        >
          {t('relationships.deleteSentence')}
        </ConfirmDialog>
      )}
    </>
  );
}

const domainsIn = (text: string): string[] => text.split(/[\s,;]+/).filter((one) => one !== '');

const TONES: Readonly<Record<Step['status'], Tone>> = { passed: 'good', failed: 'stopped', skipped: 'quiet' };

/** Goes the way to one mailbox of the partner and says of each step how it went. */
function Way({ relationship, mayWrite }: { relationship: Relationship; mayWrite: boolean }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const [address, setAddress] = useState('');
  const test = useAct<string, readonly Step[]>(async (api, of) => {
    const path = `/admin/organization-relationships/${relationship.id}/test`;
    const text = await (await api.raw('POST', path, { body: { address: of } })).text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Step);
  });
  return (
    <Section title={t('relationships.test')} sentence={t('relationships.testSentence')}>
      {test.fault && <RefusalBar fault={test.fault} />}
      <div className={styles.row}>
        <Field label={t('relationships.testAddress')}>
          <Input type="email" value={address} onChange={(_, { value }) => setAddress(value)} />
        </Field>
        <Button
          icon={<PlayRegular />}
          disabled={!mayWrite || !address.includes('@') || test.isBusy}
          onClick={() => test.run(address.trim())}
        >
          {t('relationships.run')}
        </Button>
      </div>
      {test.output && (
        <ol className={styles.steps} aria-live="polite">
          {test.output.map((step) => (
            <li key={step.step} className={styles.step}>
              <StateText tone={TONES[step.status]}>{t(`relationships.step.${step.step}`)}</StateText>
              <Text size={200}>{step.detail}</Text>
              {step.remedy && <Text size={200}>{t('relationships.remedy', { remedy: step.remedy })}</Text>}
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
