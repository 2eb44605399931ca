import { MessageBar, MessageBarActions, MessageBarBody, makeStyles } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useAccessWords } from '../access/access-words.ts';
import { WhyAnswer } from '../access/answer.tsx';
import type { Explained } from '../access/wire.ts';
import type { ApiFault } from '../api.ts';
import { InnerLink } from '../parts/inner-link.tsx';
import { useAbilities } from '../shell/me.ts';
import { useApi, useTenant } from '../shell/tenant.ts';
import type { AccessPart } from './access-wire.ts';

const useStyles = makeStyles({ bar: { gridColumn: '1 / -1' } });

/** What decides of a part: the question, and what it is put about. */
const QUESTIONS: Readonly<Record<AccessPart, (id: string) => { question: string; input: unknown }>> = {
  b2bCollaborationInbound: (homeTenantId) => ({ question: 'partners.people.come-in', input: { homeTenantId } }),
  b2bCollaborationOutbound: (tenantId) => ({ question: 'partners.people.go-out', input: { tenantId } }),
  b2bDirectConnectInbound: (homeTenantId) => ({ question: 'partners.direct-connect.use', input: { homeTenantId } }),
  b2bDirectConnectOutbound: (tenantId) => ({
    question: 'partners.people.go-out',
    input: { tenantId, mode: 'direct-connect' },
  }),
  tenantRestrictions: (homeTenantId) => ({ question: 'partners.network.use-elsewhere', input: { homeTenantId } }),
};

/** Rules that only repeat what the part itself says. */
const OWN_RULES: readonly string[] = [
  'partners.partner-may-come-in',
  'partners.home-lets-person-out',
  'partners.network-permits-account',
];
const AGREED: readonly string[] = ['partners.agreed-level', 'partners.agreement-in-force'];

/** What holds a part down besides itself: an agreement, or a rule above it. Nothing is shown where nothing does. */
export function Narrowed(props: { part: AccessPart; id: string; about: string }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const api = useApi();
  const tenant = useTenant();
  const words = useAccessWords();
  const mayKnow = useAbilities().sees('explain');
  const asked = QUESTIONS[props.part](props.id);
  const found = useQuery<Explained, ApiFault>({
    queryKey: [tenant, 'explain', asked],
    queryFn: ({ signal }) => api.post('/admin/explain', asked, { signal }),
    enabled: mayKnow,
  });
  const explanation = found.data?.explanation;
  const rules = explanation?.rules.filter(
    ({ name, level }) => level === explanation.levels[0] && !OWN_RULES.includes(name),
  );
  if (!explanation || !rules || rules.length === 0) return null;
  return (
    <MessageBar intent="warning" layout="multiline" className={styles.bar}>
      <MessageBarBody>
        {t('crossTenant.narrowed')} {rules.map(words.rule).join(' ')}{' '}
        {rules.some(({ name }) => AGREED.includes(name)) && (
          <InnerLink path={`/partners/${props.id}/agreement`}>{t('partners.agreement')}</InnerLink>
        )}
      </MessageBarBody>
      <MessageBarActions>
        <WhyAnswer explanation={explanation} about={props.about} />
      </MessageBarActions>
    </MessageBar>
  );
}
