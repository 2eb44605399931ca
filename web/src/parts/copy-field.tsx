import { Button, Field, Input, makeStyles, Textarea } from '@fluentui/react-components';
import { CheckmarkRegular, CopyRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

const useStyles = makeStyles({
  row: { display: 'flex', gap: '8px', alignItems: 'flex-start', margin: '2px 0' },
  grow: {
    flexGrow: 1,
    minWidth: 0,
    '& textarea, & input': { fontFamily: 'ui-monospace, Consolas, monospace' },
  },
});

/** A value to take along: read-only, with a button that copies it and says so. */
export function CopyField(props: { label: string; value: string; hint?: string; rows?: number }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.value);
      setIsCopied(true);
      setTimeout(() => setIsCopied(false), 2000);
    } catch {
      // Without permission for the clipboard the text can still be selected and copied by hand.
    }
  };
  return (
    <Field label={props.label} hint={isCopied ? t('action.copied') : props.hint}>
      {(field) => (
        <div className={styles.row}>
          {props.rows ? (
            <Textarea
              {...field}
              className={styles.grow}
              readOnly
              value={props.value}
              rows={props.rows}
              resize="vertical"
            />
          ) : (
            <Input {...field} className={styles.grow} readOnly value={props.value} onFocus={(e) => e.target.select()} />
          )}
          <Button
            icon={isCopied ? <CheckmarkRegular /> : <CopyRegular />}
            onClick={copy}
            aria-label={t('action.copyNamed', { name: props.label })}
          />
        </div>
      )}
    </Field>
  );
}
