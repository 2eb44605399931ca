import { Button, Field, Input, makeStyles, Textarea, tokens } from '@fluentui/react-components';
import { ChevronDownRegular, ChevronUpRegular } from '@fluentui/react-icons';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Choice } from '../parts/choice.tsx';
import { DateField } from '../parts/date-field.tsx';
import { PersonPicker } from '../parts/person-picker.tsx';
import { dayField, endOfDay } from '../parts/when.ts';
import { useApi, useTenant } from '../shell/tenant.ts';
import { useTermWords } from './agreement-terms.tsx';
import type { Reach, Whom } from './agreement-wire.ts';

const useStyles = makeStyles({
  frame: { display: 'grid', gap: '8px', alignContent: 'start', minWidth: 0 },
  more: {
    display: 'grid',
    gap: '8px',
    paddingInlineStart: '8px',
    borderInlineStartWidth: '2px',
    borderInlineStartStyle: 'solid',
    borderInlineStartColor: tokens.colorNeutralStroke2,
  },
});

type Named = Exclude<Whom, 'everyone'>;

/** How far one side goes: the level, and on request for whom of its people and until when. */
export function ReachFields(props: {
  /** Whose words these are. */
  label: string;
  levels: readonly string[];
  reach: Reach;
  /** Our own people and groups are picked by name; of the partner's we know addresses and domains. */
  isOurs: boolean;
  /** The title of an option that stands for no word at all. */
  none?: string;
  onChange: (reach: Reach) => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useTermWords();
  const { reach, onChange } = props;
  const isPlain = reach.whom === 'everyone' && reach.until === null;
  const [isOpen, setIsOpen] = useState(!isPlain);
  return (
    <div className={styles.frame}>
      <Choice
        label={props.label}
        value={reach.level}
        onChange={(level: string) => onChange({ ...reach, level })}
        options={[
          ...(props.none === undefined ? [] : [['', props.none] as const]),
          ...props.levels.map((level) => [level, words.level(level)] as const),
        ]}
      />
      {reach.level !== '' && (
        <div>
          <Button
            size="small"
            appearance="subtle"
            aria-expanded={isOpen}
            icon={isOpen ? <ChevronUpRegular /> : <ChevronDownRegular />}
            onClick={() => setIsOpen(!isOpen)}
          >
            {t('agreement.whomAndUntil')}
          </Button>
        </div>
      )}
      {isOpen && reach.level !== '' && (
        <div className={styles.more}>
          <WhomFields whom={reach.whom} isOurs={props.isOurs} onChange={(whom) => onChange({ ...reach, whom })} />
          <DateField
            label={t('agreement.untilWhen')}
            hint={t('agreement.untilHint')}
            value={dayField(reach.until)}
            min={new Date()}
            onChange={(day) => onChange({ ...reach, until: endOfDay(day)?.toISOString() ?? null })}
          />
        </div>
      )}
    </div>
  );
}

function WhomFields(props: { whom: Whom; isOurs: boolean; onChange: (whom: Whom) => void }) {
  const { t } = useTranslation();
  const { whom, isOurs } = props;
  const named: Named = whom === 'everyone' ? {} : whom;
  const groups = useGroupNames(named.groups ?? []);
  const set = (change: Named) => {
    const next = Object.fromEntries(
      Object.entries({ ...named, ...change }).filter(([, list]) => (list?.length ?? 0) > 0),
    ) as Named;
    props.onChange(Object.keys(next).length === 0 && whom === 'everyone' ? 'everyone' : next);
  };
  return (
    <>
      <Choice
        label={t('agreement.forWhom')}
        value={whom === 'everyone' ? 'everyone' : 'some'}
        onChange={(value: 'everyone' | 'some') => props.onChange(value === 'everyone' ? 'everyone' : {})}
        options={[
          ['everyone', t('agreement.everyone')],
          ['some', t('agreement.some')],
        ]}
      />
      {whom !== 'everyone' && (
        <>
          {isOurs ? (
            <>
              <PersonPicker
                kind="users"
                label={t('agreement.people')}
                picked={(named.people ?? []).map((address) => ({ id: address, displayName: address, address }))}
                onChange={(picked) =>
                  set({ people: [...new Set(picked.flatMap(({ address }) => address?.toLowerCase() ?? []))] })
                }
              />
              <PersonPicker
                kind="groups"
                label={t('nav.groups')}
                picked={(named.groups ?? []).map((id) => ({ id, displayName: groups.get(id) ?? id }))}
                onChange={(picked) => set({ groups: picked.map(({ id }) => id) })}
              />
            </>
          ) : (
            <Words
              label={t('agreement.addresses')}
              hint={t('agreement.addressesHint')}
              words={named.people ?? []}
              onChange={(people) => set({ people })}
            />
          )}
          <Words
            label={t('nav.domains')}
            hint={t('agreement.domainsHint')}
            words={named.domains ?? []}
            onChange={(domains) => set({ domains })}
          />
        </>
      )}
    </>
  );
}

/** Several words in one field. What is written stays as it is written; what it means is told at each letter. */
function Words(props: { label: string; hint: string; words: readonly string[]; onChange: (words: string[]) => void }) {
  const [text, setText] = useState(props.words.join(', '));
  const isLong = props.words.length > 3;
  const change = (value: string) => {
    setText(value);
    props.onChange(
      value
        .toLowerCase()
        .split(/[\s,;]+/)
        .filter((one) => one !== ''),
    );
  };
  return (
    <Field label={props.label} hint={props.hint}>
      {isLong ? (
        <Textarea rows={3} value={text} onChange={(_, { value }) => change(value)} />
      ) : (
        <Input value={text} autoCapitalize="none" onChange={(_, { value }) => change(value)} />
      )}
    </Field>
  );
}

/** What groups of ours are called, as far as it is known by now. */
export function useGroupNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const api = useApi();
  const tenant = useTenant();
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: [tenant, `/v1.0/groups/${id}`, {}],
      queryFn: () => api.get<{ displayName: string }>(`/v1.0/groups/${id}`),
      retry: false,
    })),
  });
  return new Map(ids.flatMap((id, n) => (found[n]?.data ? [[id, found[n].data.displayName] as const] : [])));
}
