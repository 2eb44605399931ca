import { MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';

/** What went wrong, in one sentence, with what the screen offers to do about it. */
export function FaultBar(props: { fault: ApiFault; note?: ReactNode; actions?: ReactNode }) {
  const { t } = useTranslation();
  const { fault, note, actions } = props;
  const isRefusal = fault.status === 403;
  const title = isRefusal ? t('fault.refused') : fault.status === 404 ? t('fault.notFound') : t('fault.failed');
  return (
    <MessageBar intent={isRefusal ? 'warning' : 'error'} layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        {fault.sentence || t('fault.unknown')}
        {note}
        {fault.problems.length > 1 && (
          <ul>
            {fault.problems.map((one) => (
              <li key={one.name}>{t('fault.problem', { name: one.name, problem: one.problem })}</li>
            ))}
          </ul>
        )}
        {fault.status >= 500 && fault.requestId && <div>{t('fault.reference', { id: fault.requestId })}</div>}
      </MessageBarBody>
      {actions && <MessageBarActions>{actions}</MessageBarActions>}
    </MessageBar>
  );
}
