import { Button, Text } from '@fluentui/react-components';
import {
  ArrowResetRegular,
  ArrowUndoRegular,
  CalendarEditRegular,
  DeleteRegular,
  MailArrowForwardRegular,
  PersonDeleteRegular,
  PersonProhibitedRegular,
} from '@fluentui/react-icons';
import { useParams, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LedgerRow } from '../access/ledger.ts';
import type { Page as Rows } from '../api.ts';
import { saveFile } from '../audit/export.ts';
import { type AuditEvent, actorName, sayAction } from '../audit/wire.ts';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { DataList } from '../parts/data-list.tsx';
import { DateField } from '../parts/date-field.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList, wholeList } from '../parts/list.ts';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateOf } from '../parts/state-text.tsx';
import { dayField, endOfDay } from '../parts/when.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useTenant, useThing } from '../shell/tenant.ts';
import { useBlocking } from './blocking.ts';
import { type Guest, guestState } from './wire.ts';

type Open = 'extend' | 'sponsors' | 'end' | 'erase' | 'block' | 'reset';

/** One guest: where from, who answers for them, until when, what they can reach, and what happened. */
export function GuestPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const { t } = useTranslation();
  const tenant = useTenant();
  const router = useRouter();
  const abilities = useAbilities();
  const query = useThing<Guest>(`/admin/guests/${id}`, { isSubject: true });
  const guest = query.data;
  const isGone = guest?.state === 'deleted';
  const isPending = guest?.state === 'invited';
  const isBlocked = guest?.state === 'blocked';
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const toList = () => router.history.push(`/t/${encodeURIComponent(tenant)}/guests`);
  const mayWrite = abilities.writes('guests');
  const enable = useBlocking(id, close);
  const end = useAct((api) => api.post(`/admin/guests/${id}/end`), {
    said: () => t('guests.ended', { name: guest?.displayName ?? '' }),
    isTried: true,
    done: close,
  });
  const restore = useAct((api) => api.post(`/admin/guests/${id}/restore`), {
    isTried: true,
    said: () => t('guests.restored'),
  });
  const erase = useAct((api) => api.post(`/admin/guests/${id}/erase`, {}), {
    said: () => t('guests.erased'),
    done: toList,
  });
  const take = useAct(async (api) => {
    const answer = await api.raw('GET', `/admin/guests/${id}/export`, { headers: { accept: '*/*' } });
    saveFile(`${guest?.displayName ?? id}.json`, 'application/json', await answer.blob());
  });
  return (
    <DetailPage
      area="guests"
      list={{ path: '/guests', title: t('nav.guests') }}
      query={query}
      head={(guest) => ({
        title: guest.displayName,
        sentence: guest.mail ?? guest.userPrincipalName,
        badge: <OrganisationBadge name={guest.organisation ?? guest.mail?.split('@').at(-1) ?? ''} />,
        commands:
          mayWrite &&
          (isGone ? (
            <>
              <Button appearance="primary" icon={<ArrowUndoRegular />} onClick={() => restore.run()}>
                {t('guests.restore')}
              </Button>
              <Button icon={<DeleteRegular />} onClick={() => setOpen('erase')}>
                {t('guests.erase')}
              </Button>
            </>
          ) : (
            <>
              <Button icon={<CalendarEditRegular />} onClick={() => setOpen('extend')}>
                {t('guests.extend')}
              </Button>
              <Button onClick={() => setOpen('sponsors')}>{t('guests.changeSponsors')}</Button>
              <Button disabled={take.isBusy} onClick={() => take.run()}>
                {t('guests.export')}
              </Button>
              <Button
                icon={isPending ? <MailArrowForwardRegular /> : <ArrowResetRegular />}
                onClick={() => setOpen('reset')}
              >
                {isPending ? t('guests.inviteAgain') : t('guests.reset')}
              </Button>
              <Button
                icon={<PersonProhibitedRegular />}
                onClick={() => (isBlocked ? enable.run(true) : setOpen('block'))}
              >
                {isBlocked ? t('people.unblock') : t('people.block')}
              </Button>
              <Button icon={<PersonDeleteRegular />} onClick={() => setOpen('end')}>
                {t('guests.end')}
              </Button>
              {abilities.writes('partners') && (
                <InnerLink path={`/guests/${id}/part`}>{t('parting.part', { name: guest.displayName })}</InnerLink>
              )}
            </>
          )),
      })}
    >
      {(guest) => (
        <>
          {restore.fault && <RefusalBar fault={restore.fault} />}
          {take.fault && <RefusalBar fault={take.fault} />}
          <Facts
            facts={[
              [t('people.state'), <StateOf key="s" state={guestState(guest)} />],
              [t('guests.ends'), <WhenText key="e" at={guest.endsAt} none={t('guests.noEnd')} />],
              [
                t('guests.sponsor'),
                guest.sponsors.length > 0
                  ? guest.sponsors.map(({ displayName }) => displayName).join(', ')
                  : t('guests.noSponsor'),
              ],
              [t('guests.reason'), guest.reason],
              [t('people.seen'), <WhenText key="w" at={guest.lastSignInAt} />],
              [t('guests.invited'), <WhenText key="c" at={guest.invitedAt} isExact />],
              guest.acceptedAt ? [t('guests.accepted'), <WhenText key="a" at={guest.acceptedAt} isExact />] : null,
              [t('signin.userName'), guest.userPrincipalName],
            ]}
          />
          <Reach id={id} />
          {abilities.sees('audit') && <History id={id} />}

          {open === 'extend' && <Extend guest={guest} onClose={close} />}
          {open === 'sponsors' && <Sponsors guest={guest} onClose={close} />}
          {open === 'reset' && <InviteAgain guest={guest} onClose={close} />}
          {open === 'block' && (
            <ConfirmDialog
              title={t('people.blockTitle', { name: guest.displayName })}
              confirm={t('people.block')}
              act={enable}
              input={false}
              onClose={close}
            >
              {t('guests.blockSentence')}
            </ConfirmDialog>
          )}
          {open === 'end' && (
            <ConfirmDialog
              title={t('guests.endTitle', { name: guest.displayName })}
              confirm={t('guests.end')}
              act={end}
              onClose={close}
            >
              {t('guests.endSentence')}
            </ConfirmDialog>
          )}
          {open === 'erase' && (
            <ConfirmDialog
              title={t('guests.eraseTitle', { name: guest.displayName })}
              confirm={t('guests.erase')}
              typed={guest.displayName}
              act={erase}
              onClose={close}
            >
              {t('guests.eraseSentence')}
            </ConfirmDialog>
          )}
        </>
      )}
    </DetailPage>
  );
}

/** "What can this guest reach": the rows of the ledger that are theirs. */
function Reach(props: { id: string }) {
  const { t } = useTranslation();
  const query = useThing<Rows<LedgerRow>>('/admin/ledger', { params: { accountId: props.id } });
  const list = wholeList({ ...query, data: query.data?.value });
  return (
    <Section title={t('guests.reach')} sentence={t('guests.reachSentence')}>
      <DataList
        label={t('guests.reach')}
        list={list}
        rowKey={(row) => row.id}
        columns={[
          {
            key: 'object',
            title: t('ledger.object'),
            isName: true,
            sort: (row) => row.object.displayName ?? row.object.id,
            render: (row) => row.object.displayName ?? row.title,
          },
          {
            key: 'level',
            title: t('ledger.level'),
            sort: (row) => row.level,
            render: (row) => t(`ledger.levels.${row.level}`, { defaultValue: row.level }),
          },
          {
            key: 'path',
            title: t('ledger.path'),
            sort: (row) => row.path,
            render: (row) => row.through ?? t(`ledger.paths.${row.path}`, { defaultValue: row.path }),
          },
          { key: 'by', title: t('ledger.givenBy'), render: (row) => row.givenByName ?? t('audit.system') },
          {
            key: 'ends',
            title: t('guests.ends'),
            sort: (row) => row.endsAt,
            render: (row) => <WhenText at={row.endsAt} none={t('guests.noEnd')} />,
          },
        ]}
        empty={<Text>{t('guests.reachNothing')}</Text>}
      />
    </Section>
  );
}

function History(props: { id: string }) {
  const { t } = useTranslation();
  const list = useList<AuditEvent>('/admin/audit/events', { targetId: props.id, refusals: 'false', limit: 20 });
  return (
    <Section title={t('guests.history')}>
      <DataList
        label={t('guests.history')}
        list={list}
        rowKey={(event) => event.id}
        columns={[
          { key: 'what', title: t('audit.what'), isName: true, render: (event) => sayAction(event, t) },
          { key: 'who', title: t('audit.who'), render: (event) => actorName(event, t) },
          {
            key: 'when',
            title: t('audit.when'),
            sort: (event) => event.at,
            render: (event) => <WhenText at={event.at} />,
          },
        ]}
        empty={<Text>{t('audit.empty')}</Text>}
      />
    </Section>
  );
}

function Extend(props: { guest: Guest; onClose: () => void }) {
  const { t } = useTranslation();
  const [day, setDay] = useState(dayField(props.guest.endsAt));
  const extend = `/admin/guests/${props.guest.id}/extend`;
  const save = useAct((api) => api.post(extend, { endsAt: endOfDay(day)?.toISOString() ?? null }), {
    isTried: true,
    said: () => t('people.saved'),
    undo: (api) => api.post(extend, { endsAt: props.guest.endsAt }),
    done: props.onClose,
  });
  return (
    <FormPanel
      size="small"
      title={t('guests.extend')}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => save.run()}
      isBusy={save.isBusy}
      fault={save.fault}
    >
      <DateField
        label={t('guests.ends')}
        value={day}
        onChange={setDay}
        min={new Date()}
        hint={t('guests.extendHint')}
      />
    </FormPanel>
  );
}

function Sponsors(props: { guest: Guest; onClose: () => void }) {
  const { t } = useTranslation();
  const [picked, setPicked] = useState<Picked[]>([...props.guest.sponsors]);
  const save = useAct(
    (api) =>
      api.post('/admin/guests/sponsors', {
        guestIds: [props.guest.id],
        sponsorIds: picked.map(({ id }) => id),
      }),
    { isTried: true, said: () => t('people.saved'), done: props.onClose },
  );
  return (
    <FormPanel
      size="small"
      title={t('guests.changeSponsors')}
      sentence={t('invite.sponsorHint')}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => picked.length > 0 && save.run()}
      isBusy={save.isBusy}
      fault={save.fault}
    >
      <PersonPicker
        label={t('guests.sponsor')}
        kind="users"
        filter="userType eq 'Member'"
        picked={picked}
        onChange={setPicked}
        limit={5}
      />
    </FormPanel>
  );
}

function InviteAgain(props: { guest: Guest; onClose: () => void }) {
  const { t } = useTranslation();
  const tenant = useTenant();
  const { guest } = props;
  const isReset = guest.acceptedAt !== null;
  const send = useAct<void, { inviteRedeemUrl: string }>(
    (api) =>
      api.post('/v1.0/invitations', {
        invitedUserEmailAddress: guest.mail,
        inviteRedirectUrl: `${location.origin}/t/${encodeURIComponent(tenant)}`,
        sendInvitationMessage: true,
        resetRedemption: true,
        invitedUser: { id: guest.id },
      }),
    { isTried: true, said: () => t('invite.done', { address: guest.mail ?? '' }) },
  );
  if (send.output) {
    return (
      <FormPanel size="small" title={t('invite.doneTitle')} submit="" onClose={props.onClose}>
        <CopyField label={t('invite.link')} value={send.output.inviteRedeemUrl} hint={t('invite.linkHint')} />
      </FormPanel>
    );
  }
  return (
    <ConfirmDialog
      title={isReset ? t('guests.reset') : t('guests.inviteAgain')}
      confirm={t('invite.send')}
      act={send}
      onClose={props.onClose}
    >
      {isReset ? t('guests.resetSentence') : t('guests.inviteAgainSentence', { address: guest.mail ?? '' })}
    </ConfirmDialog>
  );
}
