import { Field, Input, Switch, Text } from '@fluentui/react-components';
import { ConferenceRoomRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import type { Column } from '../parts/data-list.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList } from '../parts/list.ts';
import { PanelListPage, type PanelProps } from '../parts/panel-list-page.tsx';
import { useAbilities } from '../shell/me.ts';

const PROCESSING = ['autoAccept', 'autoUpdate', 'none'] as const;

interface Room {
  readonly id: string;
  readonly kind: 'room' | 'equipment';
  readonly displayName: string;
  readonly emailAddress: string;
  readonly capacity: number | null;
  readonly building: string | null;
  readonly isWheelchairAccessible: boolean;
  readonly booking: {
    readonly automateProcessing: (typeof PROCESSING)[number];
    readonly bookingWindowInDays: number;
    readonly allowConflicts: boolean;
    readonly allowRecurringMeetings: boolean;
    readonly processExternalMeetingMessages: boolean;
  };
}

/** What can be booked with a meeting, and by which rules. */
export function RoomsPage() {
  const { t } = useTranslation();
  const list = useList<Room>('/admin/places');
  const columns: Column<Room>[] = [
    { key: 'kind', title: t('rooms.kind'), render: ({ kind }) => t(`rooms.kinds.${kind}`) },
    { key: 'mail', title: t('people.mail'), render: ({ emailAddress }) => emailAddress },
    {
      key: 'capacity',
      title: t('rooms.capacity'),
      render: ({ capacity }) => (capacity === null ? '' : String(capacity)),
    },
    { key: 'building', title: t('rooms.building'), render: ({ building }) => building ?? '' },
    {
      key: 'booking',
      title: t('rooms.processing'),
      render: ({ booking }) => t(`rooms.processings.${booking.automateProcessing}`),
    },
  ];
  return (
    <PanelListPage
      area="calendars"
      title={t('nav.rooms')}
      sentence={t('rooms.sentence')}
      list={list}
      nameOf={({ displayName }) => displayName}
      columns={columns}
      add={t('rooms.add')}
      mayWrite={useAbilities().writes('calendars')}
      empty={{ picture: <ConferenceRoomRegular />, title: t('rooms.empty') }}
      panel={(props) => <RoomPanel {...props} />}
    />
  );
}

function RoomPanel(props: PanelProps<Room>) {
  const { t } = useTranslation();
  const { known } = props;
  const [name, setName] = useState(known?.displayName ?? '');
  const [address, setAddress] = useState(known?.emailAddress ?? '');
  const [kind, setKind] = useState<Room['kind']>(known?.kind ?? 'room');
  const [capacity, setCapacity] = useState(String(known?.capacity ?? ''));
  const [building, setBuilding] = useState(known?.building ?? '');
  const [isAccessible, setIsAccessible] = useState(known?.isWheelchairAccessible ?? false);
  const [booking, setBooking] = useState<Room['booking']>({
    automateProcessing: known?.booking.automateProcessing ?? 'autoAccept',
    bookingWindowInDays: known?.booking.bookingWindowInDays ?? 180,
    allowConflicts: known?.booking.allowConflicts ?? false,
    allowRecurringMeetings: known?.booking.allowRecurringMeetings ?? true,
    processExternalMeetingMessages: known?.booking.processExternalMeetingMessages ?? false,
  });
  const save = useAct(
    (api) => {
      const body = {
        capacity: Number(capacity) || null,
        building: building.trim() || null,
        isWheelchairAccessible: isAccessible,
        booking,
      };
      return known
        ? api.patch(`/admin/places/${known.id}`, body)
        : api.post('/admin/places', { ...body, kind, displayName: name.trim(), emailAddress: address.trim() });
    },
    { said: () => t('rooms.saved', { name }), done: props.onClose },
  );
  const rule = (key: 'allowConflicts' | 'allowRecurringMeetings' | 'processExternalMeetingMessages') => (
    <Switch
      label={t(`rooms.rules.${key}`)}
      checked={booking[key]}
      onChange={(_, { checked }) => setBooking({ ...booking, [key]: checked })}
    />
  );
  return (
    <FormPanel
      title={known?.displayName ?? t('rooms.add')}
      submit={t('action.save')}
      onClose={props.onClose}
      {...(props.mayWrite ? { onSubmit: () => save.run() } : {})}
      isBusy={save.isBusy}
      fault={save.fault}
    >
      {known ? (
        <Text>{known.emailAddress}</Text>
      ) : (
        <>
          <Choice
            label={t('rooms.kind')}
            value={kind}
            onChange={(value: Room['kind']) => setKind(value)}
            options={[
              ['room', t('rooms.kinds.room')],
              ['equipment', t('rooms.kinds.equipment')],
            ]}
          />
          <Field label={t('people.name')} required>
            <Input value={name} onChange={(_, { value }) => setName(value)} />
          </Field>
          <Field label={t('people.mail')} required>
            <Input type="email" value={address} onChange={(_, { value }) => setAddress(value)} />
          </Field>
        </>
      )}
      <Field label={t('rooms.capacity')}>
        <Input type="number" min={1} value={capacity} onChange={(_, { value }) => setCapacity(value)} />
      </Field>
      <Field label={t('rooms.building')}>
        <Input value={building} onChange={(_, { value }) => setBuilding(value)} />
      </Field>
      <Switch
        label={t('rooms.accessible')}
        checked={isAccessible}
        onChange={(_, { checked }) => setIsAccessible(checked)}
      />
      <Choice
        label={t('rooms.processing')}
        value={booking.automateProcessing}
        onChange={(automateProcessing: (typeof PROCESSING)[number]) => setBooking({ ...booking, automateProcessing })}
        options={PROCESSING.map((one) => [one, t(`rooms.processings.${one}`)])}
      />
      <Field label={t('rooms.window')}>
        <Input
          type="number"
          min={0}
          max={1080}
          value={String(booking.bookingWindowInDays)}
          onChange={(_, { value }) => setBooking({ ...booking, bookingWindowInDays: Number(value) })}
        />
      </Field>
      {rule('allowRecurringMeetings')}
      {rule('allowConflicts')}
      {rule('processExternalMeetingMessages')}
    </FormPanel>
  );
}
