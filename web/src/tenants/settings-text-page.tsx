import { Button, Field, makeStyles, Textarea } from '@fluentui/react-components';
import { ArrowDownloadRegular, CodeTextRegular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { saveFile } from '../audit/export.ts';
import { useAct } from '../parts/act.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { FileButton } from '../parts/file-button.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useApi, useTenant } from '../shell/tenant.ts';
import { SettingsDrift } from './settings-drift.tsx';
import { SettingsPlanPart } from './settings-plan.tsx';
import type { SettingsPlan } from './wire.ts';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '12px', gridTemplateColumns: 'minmax(0, 1fr)' },
  text: { '& textarea': { fontFamily: 'ui-monospace, Consolas, monospace' } },
  row: { display: 'flex', gap: '8px', flexWrap: 'wrap', alignItems: 'center' },
});

const PATH = '/admin/settings-text';

/** Everything that is set, as a text: to take along, to change and apply, and to compare with what is set now. */
export function SettingsTextPage() {
  const { t } = useTranslation();
  return (
    <Page
      title={t('settingsText.title')}
      sentence={t('settingsText.sentence')}
      above={<InnerLink path="/settings">{t('nav.settings')}</InnerLink>}
    >
      <SettingsDrift />
      <ApplyPart />
      <ExportPart />
    </Page>
  );
}

function ExportPart() {
  const { t } = useTranslation();
  const api = useApi();
  const tenant = useTenant();
  const query = useQuery<string, ApiFault>({
    queryKey: [tenant, PATH],
    queryFn: async () => (await api.raw('GET', PATH, { headers: { accept: '*/*' } })).text(),
  });
  const text = query.data;
  return (
    <Section
      title={t('settingsText.now')}
      sentence={t('settingsText.nowSentence')}
      commands={
        <Button
          icon={<ArrowDownloadRegular />}
          disabled={text === undefined}
          onClick={() => saveFile('settings.yaml', 'application/yaml', text ?? '')}
        >
          {t('settingsText.download')}
        </Button>
      }
    >
      {query.error && <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t('settingsText.now')} />}
      {text !== undefined && (
        <CopyField label={t('settingsText.text')} value={text} rows={Math.min(24, text.split('\n').length + 1)} />
      )}
    </Section>
  );
}

function ApplyPart() {
  const { t } = useTranslation();
  const styles = useStyles();
  const [text, setText] = useState('');
  const [planned, setPlanned] = useState<{ text: string; plan: SettingsPlan }>();
  const plan = useAct<string, SettingsPlan>((api, given) => api.post(`${PATH}/plan`, { text: given }), {
    done: (found, given) => setPlanned({ text: given, plan: found }),
  });
  const write = (given: string) => {
    setText(given);
    setPlanned(undefined);
    plan.reset();
  };
  return (
    <Section title={t('settingsText.apply')} sentence={t('settingsText.applySentence')}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          plan.run(text);
        }}
      >
        <Field label={t('settingsText.newText')}>
          <Textarea
            className={styles.text}
            value={text}
            rows={10}
            resize="vertical"
            spellCheck={false}
            placeholder={'settings:\n  calendars.mail-tips:\n    largestMessageMegabytes: 50'}
            onChange={(_, { value }) => write(value)}
          />
        </Field>
        <div className={styles.row}>
          <Button
            type="submit"
            appearance="primary"
            icon={<CodeTextRegular />}
            disabled={text.trim() === '' || plan.isBusy}
          >
            {t('settingsText.plan')}
          </Button>
          <FileButton
            text={t('settingsText.choose')}
            accept=".yaml,.yml,application/yaml,text/plain"
            isBusy={plan.isBusy}
            isSecond
            onChosen={(file) => void file?.text().then(write)}
          />
        </div>
      </form>
      <div aria-live="polite">
        {plan.isBusy && <LoadingRows label={t('settingsText.planning')} />}
        {plan.fault && <RefusalBar fault={plan.fault} />}
        {planned && (
          <SettingsPlanPart
            key={planned.plan.digest}
            text={planned.text}
            plan={planned.plan}
            onAgain={() => plan.run(planned.text)}
            onApplied={() => write('')}
          />
        )}
      </div>
    </Section>
  );
}
