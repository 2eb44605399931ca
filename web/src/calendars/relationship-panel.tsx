import { Button, Checkbox, Field, Input, makeStyles, Switch, Text, Textarea } from '@fluentui/react-components';
import { SearchRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { DeletePart, type PanelProps } from '../parts/panel-list-page.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { useThing } from '../shell/tenant.ts';
import { type Discovered, type FreeBusyLevel, levelOf, type MailTipsLevel, type Relationship } from './admin-wire.ts';
import { RelationshipWay } from './relationship-way.tsx';

const useStyles = makeStyles({
  row: { display: 'flex', gap: '8px', alignItems: 'end', '> :first-child': { flexGrow: 1 } },
});

const FREE_BUSY: readonly FreeBusyLevel[] = ['None', 'AvailabilityOnly', 'LimitedDetails'];
const MAIL_TIPS: readonly MailTipsLevel[] = ['None', 'Limited', 'All'];

interface Values {
  readonly name: string;
  readonly enabled: boolean;
  readonly domains: string;
  readonly level: FreeBusyLevel;
  readonly scope: readonly Picked[];
  readonly mailTips: MailTipsLevel;
  readonly traces: boolean;
  readonly contact: string;
  /** The domain a proposal was fetched from; its domains are the ones ticked. */
  readonly discoverFrom: string;
}

/** One relationship: what the partner is told, by which domains it is known, and whether it works. */
export function RelationshipPanel(props: PanelProps<Relationship>) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { known } = props;
  const scopeId = known?.freeBusy.scopeGroupId ?? undefined;
  const scope = useThing<{ displayName: string }>(`/v1.0/groups/${scopeId}`, { enabled: scopeId !== undefined });
  const [values, setValues] = useState<Values>({
    name: known?.name ?? '',
    enabled: known?.enabled ?? true,
    domains: known?.domainNames.join('\n') ?? '',
    level: known ? levelOf({ ...known, enabled: true }) : 'AvailabilityOnly',
    scope: [],
    mailTips: known?.mailTips.enabled ? known.mailTips.level : 'None',
    traces: known?.deliveryReportEnabled ?? false,
    contact: known?.organizationContact ?? '',
    discoverFrom: '',
  });
  const [proposal, setProposal] = useState<Discovered>();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
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
        deliveryReportEnabled: wanted.traces,
        organizationContact: wanted.contact.trim() || null,
        ...(proposal && !known ? { discoverFrom: proposal.domain } : {}),
      };
      return known
        ? api.patch(`/admin/organization-relationships/${known.id}`, body, { headers: { 'if-match': known.etag } })
        : api.post('/admin/organization-relationships', body);
    },
    { isTried: true, said: ({ name }) => t('relationships.saved', { name }), done: props.onClose },
  );
  const remove = useAct((api) => api.delete(`/admin/organization-relationships/${known?.id}`), {
    isTried: true,
    said: () => t('relationships.deleted', { name: known?.name ?? '' }),
    done: props.onClose,
  });
  return (
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
          <Textarea rows={3} value={values.domains} onChange={(_, { value }) => set({ domains: value })} />
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
        hint={scope.data ? t('relationships.scopeNow', { name: scope.data.displayName }) : t('relationships.scopeHint')}
        picked={values.scope}
        onChange={(picked) => set({ scope: picked })}
      />
      <Choice
        label={t('relationships.mailTips')}
        value={values.mailTips}
        onChange={(mailTips: MailTipsLevel) => set({ mailTips })}
        options={MAIL_TIPS.map((level) => [level, t(`relationships.mailTipsLevel.${level}`)])}
      />
      <Field hint={t('relationships.tracesHint')}>
        <Switch
          label={t('relationships.traces')}
          checked={values.traces}
          onChange={(_, { checked }) => set({ traces: checked })}
        />
      </Field>
      <Field label={t('relationships.contact')}>
        <Input type="email" value={values.contact} onChange={(_, { value }) => set({ contact: value })} />
      </Field>
      {known?.domainNames[0] && (
        <div>
          <InnerLink path={`/partner-view?from=${encodeURIComponent(known.domainNames[0])}`}>
            {t('partnerView.open')}
          </InnerLink>
        </div>
      )}
      {known && <RelationshipWay relationship={known} mayWrite={props.mayWrite} />}
      {known && props.mayWrite && (
        <DeletePart
          title={t('relationships.deleteTitle', { name: known.name })}
          sentence={t('relationships.deleteSentence')}
          act={remove}
        />
      )}
    </FormPanel>
  );
}

const domainsIn = (text: string): string[] => text.split(/[\s,;]+/).filter((one) => one !== '');
