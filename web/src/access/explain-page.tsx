import { Button, Card, Field, Input, Tab, TabList, Text } from '@fluentui/react-components';
import { QuestionCircleRegular } from '@fluentui/react-icons';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Page } from '../parts/page.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useThing } from '../shell/tenant.ts';
import { ExplanationOfDecision, ExplanationText } from './explanation.tsx';
import { type Given, inputOf, isComplete, QuestionFields } from './question-fields.tsx';
import { QuestionPicker } from './question-picker.tsx';
import type { Askable, Explained } from './wire.ts';

/** "May she, and why?" By the reference a person was given, or by asking the question anew. */
export function ExplainPage() {
  const { t } = useTranslation();
  const given = useSearch({ strict: false }) as { decision?: string };
  const [way, setWay] = useState<'decision' | 'question'>(given.decision === undefined ? 'question' : 'decision');
  return (
    <Page title={t('nav.explain')} sentence={t('explain.sentence')}>
      <TabList selectedValue={way} onTabSelect={(_, { value }) => setWay(value as typeof way)}>
        <Tab value="question">{t('explain.byQuestion')}</Tab>
        <Tab value="decision">{t('explain.byDecision')}</Tab>
      </TabList>
      <div style={{ marginTop: '16px' }}>
        {way === 'decision' ? <ByDecision given={given.decision ?? ''} /> : <ByQuestion />}
      </div>
    </Page>
  );
}

function ByDecision(props: { given: string }) {
  const { t } = useTranslation();
  const [text, setText] = useState(props.given);
  const [wanted, setWanted] = useState(props.given);
  return (
    <div style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: '16px', maxWidth: '860px' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setWanted(text.trim());
        }}
        style={{ display: 'flex', gap: '8px', alignItems: 'end', flexWrap: 'wrap' }}
      >
        <Field label={t('explain.reference')} hint={t('explain.referenceHint')} style={{ flex: '1 1 300px' }}>
          <Input value={text} onChange={(_, data) => setText(data.value)} autoCapitalize="none" spellCheck={false} />
        </Field>
        <Button type="submit" appearance="primary" disabled={text.trim() === ''}>
          {t('explain.explain')}
        </Button>
      </form>
      {wanted !== '' && <ExplanationOfDecision key={wanted} decisionId={wanted} />}
    </div>
  );
}

function ByQuestion() {
  const { t } = useTranslation();
  const questions = useThing<{ value: Askable[] }>('/admin/questions');
  const [name, setName] = useState<string>();
  const [person, setPerson] = useState<Picked[]>([]);
  const [given, setGiven] = useState<Given>({});
  const all = questions.data?.value ?? [];
  const chosen = all.find((one) => one.name === name) ?? all[0];
  const isMissing = chosen !== undefined && !isComplete(chosen, given);
  const ask = useAct<void, Explained>((api) =>
    api.post('/admin/explain', {
      question: chosen?.name,
      ...(person[0] ? { subjectId: person[0].id } : {}),
      ...(chosen?.input ? { input: inputOf(chosen, given) } : {}),
    }),
  );
  return (
    <div style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: '16px', maxWidth: '860px' }}>
      {questions.error && <RefusalBar fault={questions.error} onRetry={() => void questions.refetch()} />}
      <Card appearance="outline">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            ask.run();
          }}
          style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: '16px' }}
        >
          <PersonPicker
            label={t('explain.person')}
            kind="users"
            picked={person}
            onChange={(next) => {
              setPerson(next);
              ask.reset();
            }}
            limit={1}
            hint={t('explain.personHint')}
          />
          <QuestionPicker
            questions={all}
            chosen={chosen}
            onChange={(next) => {
              setName(next);
              setGiven({});
              ask.reset();
            }}
          />
          {chosen && <QuestionFields question={chosen} given={given} onChange={setGiven} />}
          <div>
            <Button
              type="submit"
              appearance="primary"
              disabled={!chosen || person.length === 0 || isMissing || ask.isBusy}
              icon={<QuestionCircleRegular />}
            >
              {t('explain.explain')}
            </Button>
          </div>
        </form>
      </Card>
      {ask.fault && <RefusalBar fault={ask.fault} />}
      {ask.output ? (
        <ExplanationText explanation={ask.output.explanation} personSees={ask.output.personSees} />
      ) : (
        !ask.fault && (
          <EmptyState
            picture={<QuestionCircleRegular />}
            title={t('explain.start')}
            sentence={t('explain.startSentence')}
          />
        )
      )}
      <Text size={200}>{t('explain.private')}</Text>
    </div>
  );
}
