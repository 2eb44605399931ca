import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { OnlyReading } from '../parts/why-not.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { useSettingWords } from '../tenants/setting-words.ts';
import type { Whose } from './access-panel.tsx';
import { Row, Rows } from './access-rows.tsx';
import { CapabilityPanel } from './capability-panel.tsx';
import {
  type Capability,
  type CapabilityName,
  type CapabilityValue,
  capabilitiesAt,
  capabilitiesFor,
  readCapability,
} from './capability-wire.ts';
import { useCapabilityWords } from './capability-words.ts';
import { useNames } from './synchronization-form.tsx';

const useStyles = makeStyles({
  value: { display: 'grid', gap: '2px', overflowWrap: 'anywhere' },
  names: { color: tokens.colorNeutralForeground3 },
});

/** What others are given of calendars and recipients: of everybody, or of one organisation. */
export function Capabilities({ whose }: { whose: Whose | undefined }) {
  const { t } = useTranslation();
  const words = useSettingWords();
  const abilities = useAbilities();
  const maySee = abilities.sees('calendars');
  const mayWrite = abilities.writes('calendars');
  const query = useThing<{ value: Capability[] }>(capabilitiesAt(whose?.id), { isSubject: true, enabled: maySee });
  const everybody = useThing<{ value: Capability[] }>(capabilitiesAt(undefined), { enabled: maySee });
  const [changing, setChanging] = useState<CapabilityName>();
  if (!maySee) return null;
  const group = whose ? 'calendars.partner-capabilities' : 'calendars.default-capabilities';
  const said = (list: readonly Capability[] | undefined, name: CapabilityName) =>
    list?.find((one) => one.name === name)?.inboundAccess;
  const error = query.error ?? everybody.error;
  const isReady = query.data !== undefined && everybody.data !== undefined;
  const standardOf = (name: CapabilityName) => (whose ? said(everybody.data?.value, name) : undefined);
  return (
    <Section
      title={whose ? t('capabilities.titleOf', { name: whose.name }) : t('capabilities.title')}
      sentence={t(whose ? 'capabilities.sentenceOf' : 'capabilities.sentence')}
    >
      <OnlyReading area="calendars" />
      {error ? (
        <RefusalBar fault={error} onRetry={() => void Promise.all([query.refetch(), everybody.refetch()])} />
      ) : !isReady ? (
        <LoadingRows label={t('capabilities.title')} />
      ) : (
        <Rows>
          {capabilitiesFor(whose?.id).map((name) => {
            const own = said(query.data.value, name);
            return (
              <Row
                key={name}
                {...words.setting(group, { name, sentence: '' })}
                {...(whose ? { isOwn: own !== undefined } : {})}
                value={<Value value={own ?? standardOf(name)} />}
                onChange={mayWrite ? () => setChanging(name) : undefined}
              />
            );
          })}
        </Rows>
      )}
      {changing && query.data && (
        <CapabilityPanel
          name={changing}
          words={words.setting(group, { name: changing, sentence: '' })}
          value={said(query.data.value, changing)}
          standard={standardOf(changing)}
          whose={whose}
          onClose={() => setChanging(undefined)}
        />
      )}
    </Section>
  );
}

function Value({ value }: { value: CapabilityValue | undefined }) {
  const styles = useStyles();
  const words = useCapabilityWords();
  const { users, groups, exceptUsers, exceptGroups } = readCapability(value?.isAllowed ? value : undefined);
  const names = [
    ...useNames('users', [...users, ...exceptUsers]),
    ...useNames('groups', [...groups, ...exceptGroups]),
  ].map(({ displayName }) => displayName);
  return (
    <div className={styles.value}>
      <Text>{words(value)}</Text>
      {names.length > 0 && (
        <Text size={200} className={styles.names}>
          {names.join(', ')}
        </Text>
      )}
    </div>
  );
}
