import { Button, Dropdown, Field, makeStyles, Option, Text, Tooltip, tokens } from '@fluentui/react-components';
import { DeleteRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault, Page } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { DateField } from '../parts/date-field.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { dayField, endOfDay } from '../parts/when.ts';
import { WhyNot, Withheld } from '../parts/why-not.tsx';
import { useHowFarEach, useOrganisationName } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { PeopleField } from './people-field.tsx';
import type { Somebody } from './people-names.ts';
import { PublishPart } from './publish-part.tsx';
import { SomebodyName } from './somebody.tsx';
import { type Source, useOrganisationOf } from './sources.ts';
import { type Permission, ROLES, type Role } from './wire.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '8px' },
  row: {
    display: 'grid',
    gap: '8px',
    padding: '12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  head: { display: 'flex', justifyContent: 'space-between', gap: '8px', alignItems: 'start' },
  option: { display: 'grid' },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** How much of a calendar may be shared with somebody. */
const SHARE = 'calendars.calendar.share';

/** The roles that go to people outside are the lower ones; everybody at home cannot be a delegate. */
const OUTSIDE: readonly Role[] = ['freeBusyRead', 'limitedRead', 'read'];
const INSIDE: readonly Role[] = ROLES.filter((role) => role !== 'none');

/**
 * With whom a calendar is shared: who, of which organisation, and what they see, in a sentence. What may not be given is
 * greyed, with its reason.
 */
export function ShareDialog(props: { source: Source; onClose: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { source } = props;
  const isGroup = source.kind === 'group';
  const ofGroup = useThing<{ id: string }>(`${source.path}/calendar`, { enabled: isGroup });
  const calendarId = isGroup ? ofGroup.data?.id : source.calendar?.id;
  const path = `${source.path}${isGroup ? '/calendar' : ''}/calendarPermissions`;
  const list = useThing<Page<Permission>>(path);
  const organisationOf = useOrganisationOf();
  const [people, setPeople] = useState<readonly Somebody[]>([]);
  const [role, setRole] = useState<Role>('freeBusyRead');
  const [until, setUntil] = useState('');
  const share = useAct<{ people: readonly Somebody[]; role: Role; until: string }>(
    async (api, wanted) => {
      for (const { name, address } of wanted.people) {
        await api.post(path, {
          emailAddress: { name, address },
          role: wanted.role,
          ...(endOfDay(wanted.until) ? { endDateTime: endOfDay(wanted.until)?.toISOString() } : {}),
        });
        // Whoever comes after a refused one is tried again; whoever has it is not.
        setPeople((before) => before.filter((one) => one.address !== address));
      }
    },
    {
      said: (wanted) => t('calendars.sharing.given', { names: wanted.people.map(({ name }) => name).join(', ') }),
      done: () => setPeople([]),
    },
  );
  const isOutside = people.some(({ address }) => organisationOf(address) !== undefined);
  const refused = share.fault ? allowedIn(share.fault) : undefined;
  // What may be given to all of them: as much as to the one who may have least.
  const levels = useHowFarEach<Role>(
    SHARE,
    people.map(({ address }) => ({ calendarId, address })),
    { enabled: calendarId !== undefined },
  );
  const lowest = Math.min(...levels.map(rankOf));
  const known = levels.includes(undefined) ? undefined : INSIDE.filter((one) => rankOf(one) <= lowest);
  return (
    <FormPanel
      size="medium"
      title={t('calendars.sharing.title', { name: source.name })}
      sentence={t('calendars.sharing.sentence')}
      submit={t('calendars.share')}
      onClose={props.onClose}
      onSubmit={() => people.length > 0 && share.run({ people, role, until })}
      isBusy={share.isBusy}
      fault={share.fault}
    >
      <PeopleField label={t('calendars.sharing.with')} people={people} onChange={setPeople} />
      {people.length > 0 && (
        <RolePicker
          role={role}
          allowed={refused ?? known ?? (isOutside ? OUTSIDE : INSIDE)}
          isOutside={isOutside}
          offered={INSIDE}
          calendarId={calendarId}
          address={people.find((_, n) => rankOf(levels[n]) === lowest)?.address}
          onChange={setRole}
        />
      )}
      {people.length > 0 && (
        <DateField
          label={t('calendars.sharing.until')}
          hint={t('calendars.sharing.untilHint')}
          value={until}
          min={new Date()}
          onChange={setUntil}
        />
      )}
      <Section title={t('calendars.sharing.now')}>
        {list.error ? (
          <RefusalBar fault={list.error} onRetry={() => void list.refetch()} />
        ) : list.data ? (
          <ul className={styles.list}>
            {list.data.value.map((one) => (
              <PermissionRow key={one.id} permission={one} path={path} calendarId={calendarId} />
            ))}
          </ul>
        ) : (
          <LoadingRows count={3} />
        )}
      </Section>
      {source.kind === 'mine' && source.calendar && <PublishPart calendarId={source.calendar.id} />}
    </FormPanel>
  );
}

const rankOf = (role: Role | undefined): number => (role === undefined ? ROLES.length : ROLES.indexOf(role));

/** What the server said would have been allowed, when it refused a role. */
function allowedIn({ facts }: ApiFault): readonly Role[] | undefined {
  return Array.isArray(facts.allowedRoles) ? (facts.allowedRoles as Role[]) : undefined;
}

/** One role out of all, each with its sentence. Greyed ones say why. */
function RolePicker(props: {
  role: Role;
  allowed: readonly Role[];
  offered: readonly Role[];
  isOutside: boolean;
  isDisabled?: boolean;
  /** Whose calendar, for "Why?"; without it what is greyed has its sentence alone. */
  calendarId: string | undefined;
  /** With whom; undefined: everybody at home. */
  address: string | undefined;
  onChange: (role: Role) => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const greyed = props.offered.filter((role) => !props.allowed.includes(role));
  const why = t(props.isOutside ? 'calendars.sharing.greyedOutside' : 'calendars.sharing.greyedInside');
  const sentence = t('calendars.sharing.greyed', {
    roles: greyed.map((role) => t(`calendars.role.${role}.name`)).join(', '),
    why,
  });
  return (
    <div style={{ display: 'grid', gap: '6px' }}>
      <Field label={t('calendars.sharing.sees')} hint={t(`calendars.role.${props.role}.sentence`)}>
        <Dropdown
          value={t(`calendars.role.${props.role}.name`)}
          selectedOptions={[props.role]}
          disabled={props.isDisabled ?? false}
          onOptionSelect={(_, { optionValue }) => optionValue && props.onChange(optionValue as Role)}
        >
          {props.offered.map((role) => (
            <Option
              key={role}
              value={role}
              text={t(`calendars.role.${role}.name`)}
              disabled={!props.allowed.includes(role)}
            >
              <span className={styles.option}>
                <span>{t(`calendars.role.${role}.name`)}</span>
                <Text size={200}>{props.allowed.includes(role) ? t(`calendars.role.${role}.sentence`) : why}</Text>
              </span>
            </Option>
          ))}
        </Dropdown>
      </Field>
      {greyed.length > 0 && (
        <Withheld
          why={
            props.calendarId !== undefined && (
              <WhyNot
                key={`${props.address ?? ''} ${greyed[0]}`}
                asked={{
                  question: SHARE,
                  input: { calendarId: props.calendarId, ...(props.address ? { address: props.address } : {}) },
                  wanted: greyed[0] as Role,
                }}
                sentence={sentence}
                about={props.address ?? t('calendars.sharing.sees')}
              />
            )
          }
        >
          {sentence}
        </Withheld>
      )}
    </div>
  );
}

function PermissionRow(props: { permission: Permission; path: string; calendarId: string | undefined }) {
  const { permission, path } = props;
  const { t } = useTranslation();
  const styles = useStyles();
  const home = useOrganisationName();
  const { emailAddress, role, allowedRoles } = permission;
  const address = emailAddress?.address;
  const name = address ? (emailAddress?.name ?? address) : t('calendars.sharing.everybody', { name: home });
  const before = { role, ...(permission.isRemovable ? { endDateTime: permission.endDateTime ?? null } : {}) };
  const change = useAct<{ role: Role; endDateTime?: string | null }>(
    (api, next) => api.patch(`${path}/${encodeURIComponent(permission.id)}`, next),
    {
      said: () => t('calendars.sharing.changed', { name }),
      undo: (api) => api.patch(`${path}/${encodeURIComponent(permission.id)}`, before),
    },
  );
  const remove = useAct((api) => api.delete(`${path}/${encodeURIComponent(permission.id)}`), {
    said: () => t('calendars.sharing.removed', { name }),
    undo: (api) => api.post(path, { emailAddress, ...before }),
  });
  const fault = change.fault ?? remove.fault;
  return (
    <li className={styles.row}>
      <div className={styles.head}>
        <SomebodyName name={name} address={address ?? undefined} />
        {permission.isRemovable && (
          <Tooltip content={t('calendars.sharing.remove', { name })} relationship="label">
            <Button
              size="small"
              appearance="subtle"
              icon={<DeleteRegular />}
              disabled={remove.isBusy}
              onClick={() => remove.run()}
            />
          </Tooltip>
        )}
      </div>
      {fault && <RefusalBar fault={fault} />}
      <RolePicker
        role={role}
        allowed={[role, ...allowedRoles]}
        offered={permission.isRemovable ? INSIDE : ROLES.filter((one) => !one.startsWith('delegate'))}
        isOutside={!permission.isInsideOrganization}
        isDisabled={change.isBusy}
        calendarId={props.calendarId}
        address={address ?? undefined}
        onChange={(next) => change.run({ role: next })}
      />
      {permission.isRemovable && (
        <DateField
          label={t('calendars.sharing.until')}
          value={dayField(permission.endDateTime ? new Date(permission.endDateTime) : undefined) ?? ''}
          min={new Date()}
          onChange={(day) => change.run({ role, endDateTime: endOfDay(day)?.toISOString() ?? null })}
        />
      )}
    </li>
  );
}
