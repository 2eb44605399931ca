import { Button, MessageBar, MessageBarBody, makeStyles, Tab, TabList, Text, tokens } from '@fluentui/react-components';
import {
  DismissRegular,
  DocumentSignatureRegular,
  DocumentTextRegular,
  EditRegular,
  HandshakeRegular,
  PauseRegular,
  PlayRegular,
  PrintRegular,
  ShieldCheckmarkRegular,
} from '@fluentui/react-icons';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../audit/export.ts';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { AgreementForm } from './agreement-form.tsx';
import { AgreementHistory } from './agreement-history.tsx';
import { AgreementTerms, useTermWords } from './agreement-terms.tsx';
import {
  AGREEMENTS,
  type Agreement,
  type AgreementState,
  type ShortAgreement,
  type TermRow,
  type Verification,
  type Version,
} from './agreement-wire.ts';
import { NarrowPanel } from './narrow-panel.tsx';
import { ReasonField } from './reason-field.tsx';
import { PARTNERS, type Partner } from './wire.ts';

const useStyles = makeStyles({
  bars: { display: 'grid', gap: '8px', marginBottom: '12px' },
  list: { margin: 0, paddingInlineStart: '20px', display: 'grid', gap: '4px' },
  digest: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
});

const TONES: Readonly<Record<AgreementState, Tone>> = {
  draft: 'quiet',
  proposed: 'waiting',
  countered: 'waiting',
  active: 'good',
  suspended: 'warning',
  ended: 'stopped',
};

type Doing = 'propose' | 'sign' | 'suspend' | 'resume' | 'end';
type Shown = 'inForce' | 'open' | 'draft';
type TabName = Shown | 'history';

/** What was agreed with one partner, or is about to be: both sides, and what comes of them. */
export function AgreementPage() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const mayWrite = useAbilities().writes('partners');
  const list = useThing<{ value: readonly ShortAgreement[] }>(AGREEMENTS, { isSubject: true });
  const all = list.data?.value.filter(({ partner }) => partner.tenantId === id) ?? [];
  const short = all.find(({ state }) => state !== 'ended') ?? all[0];
  const agreement = useThing<Agreement>(`${AGREEMENTS}/${short?.id}`, {
    enabled: short !== undefined,
    isSubject: true,
  });
  const record = useThing<Partner>(`${PARTNERS}/${id}`, { enabled: list.isSuccess && short === undefined });
  const [form, setForm] = useState<'draft' | 'counter'>();
  const [doing, setDoing] = useState<Doing>();
  const [reason, setReason] = useState('');
  const known = agreement.data;
  const partner =
    known?.partner ??
    (record.data && { displayName: record.data.displayName, domain: record.data.domains[0] ?? '', tenantId: id });
  const act = useAct<Doing>(
    (api, what) =>
      api.post(
        `${AGREEMENTS}/${known?.id}/${what}`,
        what === 'sign'
          ? { version: known?.open?.version }
          : what === 'propose'
            ? undefined
            : { reason: reason.trim() || null },
      ),
    {
      // A proposal and a draft hold nothing yet: there is nothing to be tried in them.
      isTried: known?.inForce != null || known?.awaits === 'us',
      said: (what) => t(`agreement.done.${what}`),
      done: () => setDoing(undefined),
    },
  );
  const ask = (what: Doing) => {
    act.reset();
    setReason('');
    setDoing(what);
  };
  const isOver = known === undefined || known.state === 'ended';
  const isOursToAnswer = !isOver && known.awaits === 'us';
  const ending = known ? endingOf(known) : 'end';
  const button = (text: string, picture: ReactNode, run: () => void, isFirst = false) => (
    <Button icon={picture as never} appearance={isFirst ? 'primary' : 'secondary'} onClick={run}>
      {text}
    </Button>
  );
  const writable = mayWrite && partner;
  const commands = (
    <>
      {writable && isOver && known && button(t('agreement.begin'), <EditRegular />, () => setForm('draft'), true)}
      {writable && isOursToAnswer && (
        <>
          {button(t('agreement.sign'), <DocumentSignatureRegular />, () => ask('sign'), true)}
          {button(t('agreement.counter'), <EditRegular />, () => setForm('counter'))}
        </>
      )}
      {writable && known?.draft && !isOver && (
        <>
          {button(t('agreement.signAndSend'), <DocumentSignatureRegular />, () => ask('propose'), !isOursToAnswer)}
          {button(t('agreement.changeDraft'), <EditRegular />, () => setForm('draft'))}
        </>
      )}
      {writable &&
        !isOver &&
        known.isSound &&
        !known.draft &&
        !known.open &&
        button(t('agreement.proposeChange'), <EditRegular />, () => setForm('draft'))}
      {writable && known?.state === 'active' && button(t('agreement.suspend'), <PauseRegular />, () => ask('suspend'))}
      {writable &&
        known?.suspendedBy.includes('us') &&
        button(t('agreement.resume'), <PlayRegular />, () => ask('resume'))}
      {writable && !isOver && button(t(`agreement.ending.${ending}`), <DismissRegular />, () => ask('end'))}
      {known && button(t('agreement.print'), <PrintRegular />, () => window.print())}
    </>
  );
  const error = list.error ?? agreement.error ?? (short ? null : record.error);
  return (
    <>
      <DetailPage
        area="partners"
        list={{ path: '/partners', title: t('nav.partners') }}
        query={{
          data: partner && (short === undefined || known) ? partner : undefined,
          error,
          refetch: () => Promise.all([list.refetch(), short ? agreement.refetch() : record.refetch()]),
        }}
        head={({ displayName, domain }) => ({
          title: t('agreement.with', { name: displayName }),
          badge: <OrganisationBadge name={domain} />,
          commands,
        })}
      >
        {(them) =>
          known ? (
            <Whole agreement={known} mayWrite={mayWrite} />
          ) : (
            <EmptyState
              picture={<HandshakeRegular />}
              title={t('agreement.empty', { name: them.displayName })}
              sentence={t('agreement.emptySentence')}
            >
              {mayWrite && (
                <Button appearance="primary" onClick={() => setForm('draft')}>
                  {t('agreement.begin')}
                </Button>
              )}
            </EmptyState>
          )
        }
      </DetailPage>
      {form && partner && (
        <AgreementForm
          partner={partner}
          agreement={isOver ? undefined : known}
          from={form === 'counter' ? (known?.open ?? null) : (known?.draft ?? known?.inForce ?? known?.open ?? null)}
          isCounter={form === 'counter'}
          onClose={() => setForm(undefined)}
        />
      )}
      {doing && partner && (
        <ConfirmDialog
          title={doing === 'end' ? t(`agreement.endingTitle.${ending}`) : t(`agreement.title_${doing}`)}
          confirm={doing === 'end' ? t(`agreement.ending.${ending}`) : t(`agreement.confirm_${doing}`)}
          act={act}
          input={doing}
          field={
            doing !== 'sign' &&
            doing !== 'propose' &&
            known?.state !== 'draft' && <ReasonField name={partner.displayName} reason={reason} onChange={setReason} />
          }
          onClose={() => setDoing(undefined)}
        >
          {doing === 'end'
            ? t(`agreement.endingSentence.${ending}`, { name: partner.displayName })
            : t(`agreement.sentence_${doing}`, { name: partner.displayName })}
        </ConfirmDialog>
      )}
    </>
  );
}

/** What ending means where the agreement stands now. */
function endingOf({ state, awaits, isSound }: Agreement): 'discard' | 'decline' | 'takeBack' | 'end' {
  // What is broken is read as far as it is whole, which may be nothing: it was signed all the same.
  if (!isSound) return 'end';
  if (state === 'draft') return 'discard';
  if (state === 'proposed' || state === 'countered') return awaits === 'us' ? 'decline' : 'takeBack';
  return 'end';
}

function Whole({ agreement, mayWrite }: { agreement: Agreement; mayWrite: boolean }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { partner, state, awaits, suspendedBy, messages } = agreement;
  const name = partner.displayName;
  const there = (['open', 'draft', 'inForce'] as const).filter((one) => agreement[one] !== null);
  const first = awaits === 'us' ? 'open' : (there.find((one) => one !== 'open') ?? 'open');
  const [chosen, setChosen] = useState<TabName>();
  const [narrowing, setNarrowing] = useState<TermRow>();
  const shown: TabName = chosen === 'history' || (chosen && there.includes(chosen)) ? chosen : first;
  const version = shown === 'history' ? null : agreement[shown];
  const mayNarrow = mayWrite && (state === 'active' || state === 'suspended') && agreement.isSound;
  const failing = messages.find(({ lastError, state: how }) => lastError !== null && how !== 'delivered');
  return (
    <>
      <div className={styles.bars}>
        <StateText tone={agreement.isSound ? TONES[state] : 'stopped'}>
          {agreement.isSound ? t(`agreement.state.${state}`, { name }) : t('agreement.nothingHolds')}
        </StateText>
        {awaits && <Text>{t(`agreement.awaits.${awaits}`, { name })}</Text>}
        {suspendedBy.map((who) => (
          <Text key={who}>
            {t(`agreement.suspendedBy.${who}`, { name })}{' '}
            {agreement.suspendedFor[who] && t('agreement.suspendedFor', { reason: agreement.suspendedFor[who] })}
          </Text>
        ))}
        {!agreement.isSound && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{t('agreement.notSound')}</MessageBarBody>
          </MessageBar>
        )}
        {failing && (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>{t('agreement.notArrived', { name })}</MessageBarBody>
          </MessageBar>
        )}
      </div>
      <TabList selectedValue={shown} onTabSelect={(_, { value }) => setChosen(value as TabName)}>
        {[...there, 'history' as const].map((one) => (
          <Tab key={one} value={one}>
            {t(
              one === 'inForce' && (state !== 'active' || !agreement.isSound)
                ? 'agreement.signedText'
                : `agreement.shown.${one}`,
            )}
          </Tab>
        ))}
      </TabList>
      {shown === 'history' && <AgreementHistory agreement={agreement} />}
      {version && shown !== 'history' && (
        <OneVersion
          key={shown}
          agreement={agreement}
          version={version}
          shown={shown}
          {...(mayNarrow && shown === 'inForce' ? { onNarrow: setNarrowing } : {})}
        />
      )}
      {(state !== 'draft' || !agreement.isSound) && state !== 'ended' && <Soundness agreement={agreement} />}
      {narrowing && <NarrowPanel agreement={agreement} row={narrowing} onClose={() => setNarrowing(undefined)} />}
    </>
  );
}

/** One version: who wrote and signed it, what it changes, and its terms. */
function OneVersion(props: {
  agreement: Agreement;
  version: Version;
  shown: Shown;
  onNarrow?: (row: TermRow) => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useTermWords();
  const { agreement, version, shown } = props;
  const name = agreement.partner.displayName;
  const differences = version.version > 1 ? version.differences : [];
  const gone = differences.filter(({ place, new: now }) => place === 'term' && now === null);
  const text = useAct<void, void>(async (api) => {
    const response = await api.raw('GET', `${AGREEMENTS}/${agreement.id}/text`, {
      params: { version: version.version },
    });
    const name = `agreement-${agreement.partner.domain}-${version.version}.yaml`;
    saveFile(name, 'application/yaml', await response.blob());
  });
  return (
    <>
      <Section
        title={version.title}
        sentence={t(version.isOurs ? 'agreement.writtenByUs' : 'agreement.writtenBy', {
          name,
          version: version.version,
        })}
        commands={
          <Button icon={<DocumentTextRegular />} disabled={text.isBusy} onClick={() => text.run()}>
            {t('agreement.asText')}
          </Button>
        }
      >
        {text.fault && <RefusalBar fault={text.fault} />}
        {version.signatures.length === 0 ? (
          <Text>{t('agreement.unsigned')}</Text>
        ) : (
          <ul className={styles.list}>
            {version.signatures.map(({ domain, signedBy, receivedAt }) => (
              <li key={domain}>
                {t('agreement.signedBy', { name: signedBy ?? domain ?? '' })} <WhenText at={receivedAt} />
              </li>
            ))}
          </ul>
        )}
        <Text className={styles.digest}>{t('agreement.digest', { digest: version.digest })}</Text>
        {gone.length > 0 && (
          <Text>
            {t('agreement.gone', {
              terms: gone.map(({ term = '', of = '' }) => words.termAt(term, of)).join(', '),
            })}
          </Text>
        )}
      </Section>
      <AgreementTerms
        // What was narrowed since is in what holds now, and in no version.
        rows={shown === 'inForce' && agreement.terms.length > 0 ? agreement.terms : version.terms}
        partner={name}
        {...(shown === 'inForce' ? {} : { differences })}
        {...(props.onNarrow ? { onNarrow: props.onNarrow } : {})}
      />
    </>
  );
}

/** Whether every stored byte is as it was signed, here and at the partner; asked for, since the partner is asked, too. */
function Soundness({ agreement }: { agreement: Agreement }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const name = agreement.partner.displayName;
  const check = useAct<void, Verification>((api) => api.post(`${AGREEMENTS}/${agreement.id}/verify`));
  const found = check.output;
  const theirs = !found?.partner
    ? 'silent'
    : !found.partner.isSound
      ? 'broken'
      : found.partner.isSame
        ? 'same'
        : 'differs';
  return (
    <Section
      title={t('agreement.verify')}
      sentence={t('agreement.verifySentence', { name })}
      commands={
        <Button icon={<ShieldCheckmarkRegular />} disabled={check.isBusy} onClick={() => check.run()}>
          {t('agreement.check')}
        </Button>
      }
    >
      {check.fault && <RefusalBar fault={check.fault} />}
      {found && (
        <div role="status" className={styles.bars}>
          <StateText tone={found.isSound ? 'good' : 'stopped'}>
            {t(found.isSound ? 'agreement.sound' : 'agreement.broken')}
          </StateText>
          {found.problems.length > 0 && (
            <ul className={styles.list}>
              {found.problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          )}
          <StateText tone={THEIRS[theirs]}>{t(`agreement.partnerHolds.${theirs}`, { name })}</StateText>
          {!found.isSound && <Text>{t('agreement.brokenWhatToDo')}</Text>}
        </div>
      )}
    </Section>
  );
}

const THEIRS: Readonly<Record<'same' | 'differs' | 'broken' | 'silent', Tone>> = {
  same: 'good',
  differs: 'waiting',
  broken: 'stopped',
  silent: 'warning',
};
