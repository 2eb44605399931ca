import { Badge, Tooltip } from '@fluentui/react-components';
import { BuildingRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';

/** Says that somebody is from elsewhere, and from where. Stands beside every outsider's name in every list. */
export function OrganisationBadge(props: { name: string }) {
  const { t } = useTranslation();
  return (
    <Tooltip content={t('badge.from', { name: props.name })} relationship="description">
      <Badge appearance="tint" color="warning" icon={<BuildingRegular />} style={{ maxWidth: '100%', minWidth: 0 }}>
        <span style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{props.name}</span>
      </Badge>
    </Tooltip>
  );
}
