import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Radio,
  RadioGroup,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons';
import { useEffect, useRef, useState } from 'react';
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
import type { ShutOut, Summary, Tried, TriedRequest, WhatIfLine } from './what-if.ts';

const useStyles = makeStyles({
  surface: { maxWidth: '720px' },
  content: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: '12px', alignContent: 'start' },
  foot: { display: 'flex', flexWrap: 'wrap', gap: '8px', justifyContent: 'space-between', alignItems: 'end' },
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

interface Report {
  readonly id: string;
  readonly number: string;
  readonly summary: Summary;
}

/** What would come of it, and where it lets people in no more, what would if what they have ended with it. */
export interface Answers {
  readonly plain: Report;
  readonly ending?: Report & { readonly also: readonly TriedRequest[] };
}

/** Who gains and loses what, by name; nothing is done until whoever reads it says so. */
export function WhatIfReport(props: {
  requests: readonly TriedRequest[];
  answers: Answers;
  onGo: (tried: Tried) => void;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { plain, ending } = props.answers;
  const [isEnding, setIsEnding] = useState(false);
  const chosen = isEnding && ending ? ending : plain;
  const also = isEnding && ending ? ending.also : [];
  const { id, number, summary } = chosen;
  const list = useList<WhatIfLine>(`/admin/what-if/${id}/lines`);
  const whole = useList<WhatIfLine>(`/admin/what-if/${ending?.id}/lines`, {}, { enabled: ending !== undefined });
  const leave = useRef<HTMLButtonElement>(null);
  useFocusBack();
  useEffect(() => leave.current?.focus(), []);
  const keep = useAct(async (api) => {
    const lines: unknown[] = [];
    for (let after: number | null | undefined; after !== null; ) {
      const page = await api.get<{ value: readonly unknown[]; next: number | null }>(`/admin/what-if/${id}/lines`, {
        params: { limit: 999, after: after ?? undefined },
      });
      lines.push(...page.value);
      after = page.next;
    }
    const report = { id, number, digest: summary.digest, changes: [...props.requests, ...also], summary, lines };
    saveFile(`what-if-${number}.json`, 'application/json', JSON.stringify(report, null, 2));
  });
  const { lost, gained } = summary.subjects;
  const headline = [
    lost > 0 && t('whatIf.lose', { count: lost }),
    gained > 0 && t('whatIf.gain', { count: gained }),
    lost + gained === 0 && t('whatIf.nobodyNow'),
  ].filter((words) => words !== false);
  const known = new Set(list.rows.map(keyOf));
  const kept = isEnding ? [] : whole.rows.filter((line) => line.direction === 'lost' && !known.has(keyOf(line)));
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && props.onLeave()}>
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{headline.join(' ')}</DialogTitle>
          <DialogContent className={styles.content}>
            {keep.fault && <RefusalBar fault={keep.fault} />}
            <Text>
              {t(lost > 0 ? 'whatIf.endsAtOnce' : gained > 0 ? 'whatIf.opensAtOnce' : 'whatIf.lookingSentence')}
            </Text>
            {summary.unheard.length > 0 && (
              <MessageBar intent="warning" layout="multiline">
                <MessageBarBody>{t('whatIf.unheard', { domains: summary.unheard.join(', ') })}</MessageBarBody>
              </MessageBar>
            )}
            {ending && (
              <Field
                label={t('whatIf.shutOut', {
                  domains: plain.summary.shutOut.map(({ domain }) => domain).join(', '),
                })}
              >
                <RadioGroup
                  value={isEnding ? 'ending' : 'future'}
                  onChange={(_, { value }) => setIsEnding(value === 'ending')}
                >
                  <Radio value="future" label={t('whatIf.futureOnly')} />
                  <Radio value="ending" label={t('whatIf.endToo')} />
                </RadioGroup>
              </Field>
            )}
            {list.isPending && <LoadingRows label={t('whatIf.looking')} />}
            {list.fault && <RefusalBar fault={list.fault} onRetry={list.reload} />}
            {(['lost', 'gained'] as const).map((direction) => (
              <Lines
                key={direction}
                title={t(`whatIf.${direction}`)}
                lines={list.rows.filter((line) => line.direction === direction)}
              />
            ))}
            <Lines title={t('whatIf.kept')} lines={kept} isKept />
            {list.hasMore && (
              <div>
                <Button disabled={list.isLoadingMore} onClick={list.loadMore}>
                  {t('list.more')}
                </Button>
              </div>
            )}
            {summary.isCut && <Text size={200}>{t('whatIf.isCut')}</Text>}
            <GoesOn shutOut={plain.summary.shutOut} />
            <div className={styles.foot}>
              <CopyField label={t('whatIf.number')} value={number} />
              <Button icon={<ArrowDownloadRegular />} disabled={keep.isBusy} onClick={() => keep.run()}>
                {t('whatIf.keep')}
              </Button>
            </div>
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={() => props.onGo({ id, digest: summary.digest, also })}>
              {t('whatIf.go')}
            </Button>
            <Button ref={leave} onClick={props.onLeave}>
              {t('whatIf.leave')}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

const keyOf = ({ question, subject, object }: WhatIfLine) => `${question} ${subject.kind} ${subject.id} ${object.id}`;

/** Meetings with people who are let in no more: nobody can call them back. */
function GoesOn({ shutOut }: { shutOut: readonly ShutOut[] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const meetings = shutOut.flatMap(({ domain, goingOn }) => goingOn.map((one) => ({ ...one, domain })));
  if (meetings.length === 0) return null;
  return (
    <>
      <Text as="h3" weight="semibold" className={styles.heading}>
        {t('whatIf.meetings')}
      </Text>
      <Text>{t('whatIf.meetingsSentence')}</Text>
      <ul className={styles.list}>
        {meetings.map(({ id, name, owner, domain }) => (
          <li key={`${id} ${domain}`} className={styles.one}>
            <span className={styles.row}>
              <Text weight="semibold">{name ?? t('whatIf.privateMeeting')}</Text>
              <OrganisationBadge name={domain} />
            </span>
            <Text size={200}>{t('whatIf.organisedBy', { name: owner })}</Text>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Whom lines are about, each with what they gain or lose. */
export function Lines(props: { title: string; lines: readonly WhatIfLine[]; isKept?: boolean }) {
  const styles = useStyles();
  const words = useLineWords();
  const { lines, isKept = false } = props;
  if (lines.length === 0) return null;
  const groups = Map.groupBy(lines, ({ subject }) => `${subject.kind} ${subject.id}`);
  return (
    <>
      <Text as="h3" weight="semibold" className={styles.heading}>
        {props.title}
      </Text>
      <ul className={styles.list}>
        {[...groups].map(([key, some]) => (
          <li key={key} className={styles.one}>
            <span className={styles.row}>
              <Text weight="semibold">{some[0] && words.subject(some[0])}</Text>
              {some[0]?.subject.homeDomain && some[0].subject.kind !== 'domain' && (
                <OrganisationBadge name={some[0].subject.homeDomain} />
              )}
            </span>
            {some.map((line) => (
              <Line key={line.n} line={line} isKept={isKept} />
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}

/** One right: on what, how far it goes before and after, and on request why. */
function Line({ line, isKept }: { line: WhatIfLine; isKept: boolean }) {
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
        {isKept ? (
          <StateText tone="quiet">{words.level(line, line.before)}</StateText>
        ) : (
          <StateText tone={line.direction === 'lost' ? 'stopped' : 'good'}>
            {t('whatIf.fromTo', { before: words.level(line, line.before), after: words.level(line, line.after) })}
          </StateText>
        )}
        {words.application(line) && <Text size={200}>{words.application(line)}</Text>}
        {line.refusedAt && <Text size={200}>{t('whatIf.wasRefused')}</Text>}
        {isOpen && (
          <Text size={200} role="status">
            {words.reasons(line)}
          </Text>
        )}
      </span>
      {!isKept && (
        <Button
          size="small"
          aria-expanded={isOpen}
          aria-label={t('explain.whyOf', { name: `${words.subject(line)}, ${object ?? words.question(line)}` })}
          onClick={() => setIsOpen(!isOpen)}
        >
          {t('fault.why')}
        </Button>
      )}
    </div>
  );
}

export function useLineWords() {
  const { t } = useTranslation();
  const words = useAccessWords();
  return {
    subject: ({ subject: { kind, id, displayName, homeDomain } }: WhatIfLine): string => {
      if (kind === 'domain' && homeDomain?.endsWith('.invalid')) return t('whatIf.anyOther');
      if (kind === 'domain') return t('whatIf.everybodyAt', { name: displayName ?? id });
      return displayName ?? capital(t(`explain.subjects.${kind}`, { name: id, defaultValue: id }));
    },
    /** Undefined where it is about nothing in particular, or about the person themselves. */
    object: ({ subject, object: { kind, id, displayName } }: WhatIfLine): string | undefined =>
      id === subject.id
        ? undefined
        : (displayName ??
          (kind === 'question' ? undefined : t(`whatIf.objects.${kind}`, { defaultValue: '' }) || undefined)),
    question: ({ question }: WhatIfLine): string => words.question({ name: question, sentence: question }),
    /** Which application, where somebody is let use some and not others. */
    application: ({ input }: WhatIfLine): string | undefined => {
      const id = (input as { application?: { id: string } | null } | null)?.application?.id;
      return id && t('whatIf.application', { name: id });
    },
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
