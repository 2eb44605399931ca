import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../audit/export.ts';
import { useAct } from '../parts/act.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { useFocusBack } from '../parts/focus-back.ts';
import { useList } from '../parts/list.ts';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { capital, useAccessWords } from './access-words.ts';
import type { Summary, TriedRequest, WhatIfLine } from './what-if.ts';

const useStyles = makeStyles({
  surface: { maxWidth: '720px' },
  content: { display: 'grid', gap: '12px', alignContent: 'start' },
  list: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: '8px' },
  one: {
    display: 'grid',
    gap: '4px',
    padding: '8px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    overflowWrap: 'anywhere',
  },
  row: { display: 'flex', gap: '4px 8px', flexWrap: 'wrap', alignItems: 'center' },
  right: { display: 'flex', gap: '8px', justifyContent: 'space-between', alignItems: 'start' },
  words: { display: 'grid', gap: '2px' },
  quiet: { color: tokens.colorNeutralForeground3 },
  heading: { margin: 0, fontSize: tokens.fontSizeBase400 },
});

/** Who gains and loses what, by name; nothing is done until whoever reads it says so. */
export function WhatIfReport(props: {
  id: string;
  requests: readonly TriedRequest[];
  summary: Summary;
  onGo: () => void;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { id, summary } = props;
  const list = useList<WhatIfLine>(`/admin/what-if/${id}/lines`);
  useFocusBack();
  const keep = useAct(async (api) => {
    const lines: unknown[] = [];
    for (let after: number | null | undefined; after !== null; ) {
      const page = await api.get<{ value: readonly unknown[]; next: number | null }>(`/admin/what-if/${id}/lines`, {
        params: { limit: 999, after: after ?? undefined },
      });
      lines.push(...page.value);
      after = page.next;
    }
    const report = { id, digest: summary.digest, changes: props.requests, summary, lines };
    saveFile(`what-if-${id}.json`, 'application/json', JSON.stringify(report, null, 2));
  });
  const { lost, gained } = summary.subjects;
  const headline = [
    lost > 0 && t('whatIf.lose', { count: lost }),
    gained > 0 && t('whatIf.gain', { count: gained }),
  ].filter((words) => words !== false);
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && props.onLeave()}>
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{headline.join(' ')}</DialogTitle>
          <DialogContent className={styles.content}>
            {keep.fault && <RefusalBar fault={keep.fault} />}
            <Text>{t(lost > 0 ? 'whatIf.endsAtOnce' : 'whatIf.opensAtOnce')}</Text>
            {list.isPending && <LoadingRows label={t('whatIf.looking')} />}
            {list.fault && <RefusalBar fault={list.fault} onRetry={list.reload} />}
            {(['lost', 'gained'] as const).map((direction) => (
              <Lines key={direction} direction={direction} lines={list.rows} />
            ))}
            {list.hasMore && (
              <div>
                <Button disabled={list.isLoadingMore} onClick={list.loadMore}>
                  {t('list.more')}
                </Button>
              </div>
            )}
            {summary.isCut && <Text size={200}>{t('whatIf.isCut')}</Text>}
            <div className={styles.right}>
              <CopyField label={t('whatIf.number')} value={id} />
              <Button icon={<ArrowDownloadRegular />} disabled={keep.isBusy} onClick={() => keep.run()}>
                {t('whatIf.keep')}
              </Button>
            </div>
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={props.onGo}>
              {t('whatIf.go')}
            </Button>
            <Button onClick={props.onLeave}>{t('whatIf.leave')}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Lines(props: { direction: WhatIfLine['direction']; lines: readonly WhatIfLine[] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useLineWords();
  const lines = props.lines.filter(({ direction }) => direction === props.direction);
  if (lines.length === 0) return null;
  const groups = Map.groupBy(lines, ({ subject }) => `${subject.kind} ${subject.id}`);
  return (
    <>
      <Text as="h3" weight="semibold" className={styles.heading}>
        {t(`whatIf.${props.direction}`)}
      </Text>
      <ul className={styles.list}>
        {[...groups].map(([key, some]) => (
          <li key={key} className={styles.one}>
            <span className={styles.row}>
              <Text weight="semibold">{some[0] && words.subject(some[0])}</Text>
              {some[0]?.subject.homeDomain && <OrganisationBadge name={some[0].subject.homeDomain} />}
            </span>
            {some.map((line) => (
              <Line key={line.n} line={line} />
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}

/** One right: on what, how far it goes before and after, and on request why. */
function Line({ line }: { line: WhatIfLine }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useLineWords();
  const [isOpen, setIsOpen] = useState(false);
  const object = words.object(line);
  return (
    <div className={styles.right}>
      <span className={styles.words}>
        <Text>{object ?? words.question(line)}</Text>
        {object && (
          <Text size={200} className={styles.quiet}>
            {words.question(line)}
          </Text>
        )}
        <StateText tone={line.direction === 'lost' ? 'stopped' : 'good'}>
          {t('whatIf.fromTo', { before: words.level(line, line.before), after: words.level(line, line.after) })}
        </StateText>
        {line.refusedAt && <Text size={200}>{t('whatIf.wasRefused')}</Text>}
        {isOpen && (
          <Text size={200} role="status">
            {words.reasons(line)}
          </Text>
        )}
      </span>
      <Button
        size="small"
        aria-expanded={isOpen}
        aria-label={t('explain.whyOf', { name: `${words.subject(line)}, ${object ?? words.question(line)}` })}
        onClick={() => setIsOpen(!isOpen)}
      >
        {t('fault.why')}
      </Button>
    </div>
  );
}

function useLineWords() {
  const { t } = useTranslation();
  const words = useAccessWords();
  return {
    subject: ({ subject: { kind, id, displayName, homeDomain } }: WhatIfLine): string => {
      if (kind === 'tenant' && homeDomain !== null) return t('whatIf.everybodyAt', { name: displayName ?? homeDomain });
      return displayName ?? capital(t(`explain.subjects.${kind}`, { name: id, defaultValue: id }));
    },
    object: ({ object: { kind, displayName } }: WhatIfLine): string | undefined =>
      displayName ?? (kind === 'question' ? undefined : t(`whatIf.objects.${kind}`, { defaultValue: '' }) || undefined),
    question: ({ question }: WhatIfLine): string => words.question({ name: question, sentence: question }),
    level: ({ question }: WhatIfLine, level: string): string => words.level(question, level),
    reasons: ({ because }: WhatIfLine): string =>
      because
        .map((reason) => {
          if (reason.kind === 'ceiling') return words.rule(reason);
          if (reason.kind === 'no-grant') return t('explain.noGrant');
          return t('whatIf.comesBy', { path: t(`ledger.paths.${reason.path}`, { defaultValue: reason.path }) });
        })
        .join(' '),
  };
}
