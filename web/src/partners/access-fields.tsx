import { Field, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Choice } from '../parts/choice.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { type AccessDraft, type Gap, isId, readLines } from './access-draft.ts';
import { type AccessPart, isOfOurs } from './access-wire.ts';
import { ApplicationPicker } from './application-picker.tsx';
import { useNames } from './synchronization-form.tsx';

/** Whom a part lets through, and for what. `partner` undefined: it is about everybody. */
export function AccessFields(props: {
  part: AccessPart;
  partner: string | undefined;
  draft: AccessDraft;
  gaps: readonly Gap[];
  onChange: (draft: AccessDraft) => void;
  /** Whether what is written can be read. */
  onReadable: (name: 'people' | 'groups', isReadable: boolean) => void;
}) {
  const { t } = useTranslation();
  const { part, partner, draft, gaps, onChange, onReadable } = props;
  const isOurs = isOfOurs(part);
  // Ids of people are of one directory: of everybody elsewhere nobody can be named.
  const mayName = isOurs || partner !== undefined;
  const namesPeople = draft.people === 'named' || draft.people === 'others';
  const namesApplications = draft.people !== 'nobody' && ['named', 'others'].includes(draft.applications);
  const missing = gaps.includes('people') ? t('crossTenant.nameSomebody') : undefined;
  return (
    <>
      <Choice
        label={t('crossTenant.whoField')}
        value={draft.people}
        hint={mayName ? '' : t('crossTenant.namedElsewhere')}
        options={(['everybody', 'nobody', ...(mayName ? (['named', 'others'] as const) : [])] as const).map(
          (one) => [one, t(`crossTenant.whoOption.${one}`)] as const,
        )}
        onChange={(people) => onChange({ ...draft, people })}
      />
      {namesPeople && isOurs && <OurPeople draft={draft} missing={missing} onChange={onChange} />}
      {namesPeople && !isOurs && (
        <>
          <IdLines
            label={t('crossTenant.theirPeople', { name: partner })}
            hint={t('crossTenant.theirIdsHint', { name: partner })}
            ids={draft.users}
            isGood={isId}
            error={missing}
            onChange={(users) => onChange({ ...draft, users })}
            onReadable={(isReadable) => onReadable('people', isReadable)}
          />
          <IdLines
            label={t('crossTenant.theirGroups', { name: partner })}
            hint={t('crossTenant.theirGroupsHint')}
            ids={draft.groups}
            isGood={isId}
            onChange={(groups) => onChange({ ...draft, groups })}
            onReadable={(isReadable) => onReadable('groups', isReadable)}
          />
        </>
      )}
      {draft.people !== 'nobody' && (
        <Choice
          label={t('crossTenant.whatField')}
          value={draft.applications}
          options={(['all', 'own', 'named', 'others'] as const).map(
            (one) => [one, t(`crossTenant.whatOption.${one}`)] as const,
          )}
          onChange={(applications) => onChange({ ...draft, applications })}
        />
      )}
      {namesApplications && (
        <ApplicationPicker
          label={t('crossTenant.whichApplications')}
          named={draft.named}
          error={gaps.includes('applications') ? t('crossTenant.nameApplication') : undefined}
          onChange={(named) => onChange({ ...draft, named })}
        />
      )}
    </>
  );
}

function OurPeople(props: { draft: AccessDraft; missing: string | undefined; onChange: (draft: AccessDraft) => void }) {
  const { t } = useTranslation();
  const { draft, missing, onChange } = props;
  const users = useNames('users', draft.users);
  const groups = useNames('groups', draft.groups);
  const idsOf = (picked: readonly Picked[]) => picked.map(({ id }) => id);
  return (
    <>
      <PersonPicker
        label={t('crossTenant.ourPeople')}
        kind="users"
        filter="userType eq 'Member'"
        picked={users}
        error={missing}
        onChange={(picked) => onChange({ ...draft, users: idsOf(picked) })}
      />
      <PersonPicker
        label={t('crossTenant.ourGroups')}
        kind="groups"
        picked={groups}
        onChange={(picked) => onChange({ ...draft, groups: idsOf(picked) })}
      />
    </>
  );
}

/** Ids of another organisation, one to a line: nobody here can search for them. */
function IdLines(props: {
  label: string;
  hint: string;
  ids: readonly string[];
  isGood: (line: string) => boolean;
  error?: string | undefined;
  onChange: (ids: readonly string[]) => void;
  onReadable: (isReadable: boolean) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(props.ids.join('\n'));
  const { badLine } = readLines(text, props.isGood);
  const said = badLine === undefined ? props.error : t('crossTenant.badLine', { line: badLine });
  return (
    <Field label={props.label} hint={props.hint} validationMessage={said}>
      <Textarea
        rows={3}
        resize="vertical"
        spellCheck={false}
        autoCapitalize="none"
        value={text}
        textarea={{ style: { fontFamily: 'ui-monospace, Consolas, monospace' } }}
        onChange={(_, { value }) => {
          setText(value);
          const read = readLines(value, props.isGood);
          props.onReadable(read.badLine === undefined);
          props.onChange(read.ids);
        }}
      />
    </Field>
  );
}
