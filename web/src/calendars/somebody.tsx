import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { useOrganisationNamed } from '../shell/me.ts';
import { useOrganisationOf } from './sources.ts';

/** The badge of the organisation that a domain belongs to: by its name where it lives on this server. */
export function DomainBadge({ domain }: { domain: string }) {
  return <OrganisationBadge name={useOrganisationNamed(domain) ?? domain} />;
}

/** A person by name and address; whoever is of another organisation carries its badge. */
export function SomebodyName(props: { name: string; address: string | undefined; isShort?: boolean }) {
  const domain = useOrganisationOf()(props.address);
  const organisation = useOrganisationNamed(domain ?? null);
  return (
    <PersonName
      name={props.name}
      {...(props.address && props.address !== props.name && !props.isShort ? { second: props.address } : {})}
      organisation={domain && (organisation ?? domain)}
    />
  );
}
