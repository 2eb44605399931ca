import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { CALENDAR_COLOURS } from './colours.ts';
import { KEYS } from './keyboard.ts';
import { PeopleField } from './people-field.tsx';
import type { Somebody } from './people-names.ts';
import { allZones, sayZone } from './times.ts';

const useStyles = makeStyles({
  keys: { display: 'grid', gridTemplateColumns: 'auto 1fr', gap: '8px 16px', margin: 0, alignItems: 'center' },
  key: {
    display: 'inline-block',
    padding: '2px 8px',
    marginInlineEnd: '4px',
    borderRadius: tokens.borderRadiusMedium,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
  },
  meaning: { margin: 0 },
});

/** What one's own calendar is called and how it looks. */
export function CalendarPanel(props: {
  title: string;
  name: string;
  colour: string;
  act: { isBusy: boolean; fault: ReturnType<typeof useAct>['fault'] };
  onSave: (values: { name: string; color: string }) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState(props.name);
  const [colour, setColour] = useState(props.colour);
  return (
    <FormPanel
      size="small"
      title={props.title}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => name.trim() !== '' && props.onSave({ name: name.trim(), color: colour })}
      isBusy={props.act.isBusy}
      fault={props.act.fault}
    >
      <Field label={t('people.name')} required>
        <Input value={name} onChange={(_, { value }) => setName(value)} autoFocus />
      </Field>
      <Choice
        label={t('calendars.colour.label')}
        value={colour}
        onChange={setColour}
        options={CALENDAR_COLOURS.map((one) => [one, t(`calendars.colour.${one}`)])}
      />
    </FormPanel>
  );
}

/** Whose times lie over the own calendar. */
export function PeoplePanel(props: {
  people: readonly Somebody[];
  onSave: (people: readonly Somebody[]) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [people, setPeople] = useState(props.people);
  return (
    <FormPanel
      size="small"
      title={t('calendars.addPerson')}
      sentence={t('calendars.addPersonSentence')}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => props.onSave(people)}
    >
      <PeopleField label={t('calendars.people')} people={people} onChange={setPeople} />
    </FormPanel>
  );
}

/** A second clock beside the hours. */
export function ZonesDialog(props: {
  zone: string;
  second: string | undefined;
  onSecond: (zone: string) => void;
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation();
  return (
    <Telling title={t('calendars.secondZone')} onClose={props.onClose}>
      <Text block>{t('calendars.zoneSentence', { zone: sayZone(props.zone, i18n.language) })}</Text>
      <Choice
        label={t('calendars.secondZone')}
        value={props.second ?? ''}
        onChange={props.onSecond}
        options={[['', t('calendars.noSecondZone')], ...allZones().map((one) => [one, one] as const)]}
      />
    </Telling>
  );
}

/** What the keys do. */
export function KeysDialog(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  return (
    <Telling title={t('calendars.keys.title')} onClose={props.onClose}>
      <dl className={styles.keys}>
        {KEYS.map(({ keys: names, title: meaning }) => (
          <div key={meaning} style={{ display: 'contents' }}>
            <dt>
              {names.map((name) => (
                <kbd key={name} className={styles.key}>
                  {name}
                </kbd>
              ))}
            </dt>
            <dd className={styles.meaning}>{t(meaning)}</dd>
          </div>
        ))}
      </dl>
    </Telling>
  );
}

function Telling(props: { title: string; onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && props.onClose()}>
      <DialogSurface style={{ maxWidth: '480px' }}>
        <DialogBody>
          <DialogTitle>{props.title}</DialogTitle>
          <DialogContent>{props.children}</DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={props.onClose}>
              {t('action.close')}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
