import { Button, Field, Input, makeStyles, Spinner } from '@fluentui/react-components';
import { CopyRegular, LinkRegular, MailRegular, PulseRegular } from '@fluentui/react-icons';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct, useSay } from '../parts/act.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { NARROW } from '../parts/narrow.ts';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { TestSteps, TestVerdict, useStepWords } from './test-steps.tsx';
import { follow, type Testing } from './test-wire.ts';
import { PARTNERS, type Partner } from './wire.ts';

const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'start', marginBottom: '20px' },
  field: { width: '360px', maxWidth: '100%', [NARROW]: { width: '100%' } },
  whole: { display: 'grid', gap: '20px' },
  // Beside the field, whose label stands above it.
  beside: { marginTop: '26px', [NARROW]: { marginTop: 0 } },
});

/** Tests a partnership from both ends, each step as it comes; the result can be copied, and shown to the partner. */
export function PartnershipTestPage() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const record = useThing<Partner>(`${PARTNERS}/${id}`, { isSubject: true });
  return (
    <DetailPage
      area="partners"
      list={{ path: '/partners', title: t('nav.partners') }}
      query={record}
      head={({ displayName, domains }) => ({
        title: t('partnerTest.with', { name: displayName }),
        sentence: t('partnerTest.sentence', { name: displayName }),
        badge: <OrganisationBadge name={domains[0] ?? displayName} />,
      })}
    >
      {(partner) => <Tests partner={partner} />}
    </DetailPage>
  );
}

function Tests({ partner }: { partner: Partner }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const mayWrite = useAbilities().writes('partners');
  const [mailbox, setMailbox] = useState('');
  const [testing, setTesting] = useState<Testing>();
  const name = partner.displayName;
  const test = useAct<string, Testing>((api, address) => {
    setTesting({ steps: [] });
    return follow(api, `${PARTNERS}/${partner.id}/tests`, { mailbox: address || null }, setTesting);
  });
  const begin = (event: FormEvent) => {
    event.preventDefault();
    test.run(mailbox.trim());
  };
  return (
    <>
      <form className={styles.form} onSubmit={begin}>
        <Field className={styles.field} label={t('partnerTest.mailbox')} hint={t('partnerTest.mailboxHint', { name })}>
          <Input
            type="email"
            value={mailbox}
            placeholder={`bob@${partner.domains[0] ?? 'contoso.example'}`}
            onChange={(_, { value }) => setMailbox(value)}
          />
        </Field>
        <Button
          type="submit"
          className={styles.beside}
          appearance="primary"
          icon={test.isBusy ? <Spinner size="tiny" aria-hidden /> : <PulseRegular />}
          disabled={!mayWrite || test.isBusy}
        >
          {t(test.isBusy ? 'partnerTest.running' : 'partnerTest.run')}
        </Button>
      </form>
      {test.fault && <RefusalBar fault={test.fault} />}
      {testing && (
        <div className={styles.whole}>
          <TestVerdict testing={testing} partner={name} />
          <TestSteps testing={testing} partner={name} />
          {testing.id && mayWrite && <Show key={testing.id} testing={testing} partner={partner} />}
        </div>
      )}
    </>
  );
}

/** Taking the result along: as text, or as an address at which the partner reads what concerns it. */
function Show({ testing, partner }: { testing: Testing; partner: Partner }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const say = useSay();
  const words = useStepWords();
  const name = partner.displayName;
  const [mailTo, setMailTo] = useState(`postmaster@${partner.domains[0] ?? ''}`);
  const link = useAct<string | null, { address: string }>(
    (api, to) => api.post(`${PARTNERS}/${partner.id}/tests/${testing.id}/link`, { mailTo: to }),
    { said: (to) => t(to ? 'partnerTest.sent' : 'partnerTest.linked', { address: to ?? '' }) },
  );
  const copy = () => {
    const lines = testing.steps.map((step) =>
      [
        t(`partnerTest.status.${step.status}`),
        t(`partnerTest.end.${step.end}`, { name }),
        words.title(step.step),
        step.status === 'not-reached' ? '' : words.seen(step),
      ].join('\t'),
    );
    navigator.clipboard.writeText(lines.join('\n')).then(
      () => say(t('action.copied')),
      () => undefined,
    );
  };
  return (
    <Section
      title={t('partnerTest.show')}
      sentence={t('partnerTest.showSentence', { name })}
      commands={
        <Button icon={<CopyRegular />} onClick={copy}>
          {t('partnerTest.copy')}
        </Button>
      }
    >
      {link.fault && <RefusalBar fault={link.fault} />}
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          link.run(mailTo.trim());
        }}
      >
        <Field className={styles.field} label={t('partnerTest.mailTo', { name })}>
          <Input type="email" value={mailTo} onChange={(_, { value }) => setMailTo(value)} />
        </Field>
        <Button
          type="submit"
          className={styles.beside}
          icon={<MailRegular />}
          disabled={link.isBusy || !mailTo.includes('@')}
        >
          {t('partnerTest.send')}
        </Button>
        <Button className={styles.beside} icon={<LinkRegular />} disabled={link.isBusy} onClick={() => link.run(null)}>
          {t('partnerTest.link')}
        </Button>
      </form>
      {link.output && <CopyField label={t('partnerTest.address')} value={link.output.address} />}
    </Section>
  );
}
