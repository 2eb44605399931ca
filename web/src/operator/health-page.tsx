import { Button, Card, makeStyles, Text } from '@fluentui/react-components';
import { ArrowClockwiseRegular } from '@fluentui/react-icons';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { Facts } from '../parts/facts.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { NARROW } from '../parts/narrow.ts';
import { Page } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useThing } from '../shell/tenant.ts';
import { sayBytes } from './bytes.ts';
import type { Health } from './wire.ts';

const useStyles = makeStyles({
  cards: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(320px, 1fr))',
    gap: '16px',
    marginTop: '16px',
    [NARROW]: { gridTemplateColumns: '1fr' },
  },
});

const TONES = { ok: 'good', warning: 'warning', failed: 'stopped' } as const;

/** How each part of the server is, in words. */
export function HealthPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const query = useThing<Health>('/operator/health');
  return (
    <Page
      title={t('nav.health')}
      sentence={t('operator.healthSentence')}
      commands={
        <Button icon={<ArrowClockwiseRegular />} onClick={() => void query.refetch()}>
          {t('action.refresh')}
        </Button>
      }
    >
      {query.error ? (
        <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <LoadingRows />
      ) : (
        <>
          <StateText tone={TONES[query.data.state]}>{t(`operator.states.${query.data.state}`)}</StateText>
          <div className={styles.cards}>
            {query.data.parts.map((part) => (
              <Card key={part.name} appearance="outline">
                <Text as="h2" size={400} weight="semibold" style={{ margin: 0 }}>
                  {t(`operator.parts.${part.name}`, { defaultValue: part.name })}
                </Text>
                <StateText tone={TONES[part.state]}>{t(`operator.partStates.${part.state}`)}</StateText>
                <Text>{sayHealth(part.sentence, t)}</Text>
                <Facts
                  facts={Object.entries(part.facts).map(([name, value]) =>
                    value === null
                      ? null
                      : ([
                          t(`operator.facts.${name}`, { defaultValue: name }),
                          <Value key={name} name={name} value={value} />,
                        ] as const),
                  )}
                />
              </Card>
            ))}
          </div>
        </>
      )}
    </Page>
  );
}

/** A sentence of the server in the reader's language, found by its words with the number in it left out. */
function sayHealth(sentence: string, t: TFunction): string {
  const number = /\d+/.exec(sentence)?.[0] ?? '';
  const key = sentence
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/^-|-$/g, '');
  return t(`operator.told.${key}`, { number, defaultValue: sentence });
}

/** A measured value with its unit; what nothing is known of, as it came. */
function Value(props: { name: string; value: unknown }) {
  const { t, i18n } = useTranslation();
  const { name, value } = props;
  if (typeof value === 'number' && /bytes$/i.test(name)) return sayBytes(value, i18n.language);
  if (typeof value === 'number' && name === 'milliseconds')
    return new Intl.NumberFormat(i18n.language, { style: 'unit', unit: 'millisecond' }).format(value);
  if (typeof value === 'number') return new Intl.NumberFormat(i18n.language).format(value);
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return <WhenText at={value} isExact />;
  if (name === 'pool') return t('operator.connections', value as { idle: number; total: number });
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
