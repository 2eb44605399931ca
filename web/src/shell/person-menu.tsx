import {
  Avatar,
  Button,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemLink,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { BuildingRegular, ShieldKeyholeRegular, SignOutRegular } from '@fluentui/react-icons';
import { useRouter } from '@tanstack/react-router';
import type { MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { MyOrganisation } from '../directory/organisations.ts';
import { chooseLanguage, LANGUAGES, type Language } from '../i18n/index.ts';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { signOut } from '../signin/session.ts';
import { useMe } from './me.ts';
import { useTenant, useThing } from './tenant.ts';
import { chooseTheme, type ThemeChoice, themeChoice } from './theme.ts';

const useStyles = makeStyles({
  button: { minWidth: '40px', padding: '4px', ':hover': { backgroundColor: '#ffffff22' } },
  who: { display: 'grid', padding: '8px 12px', maxWidth: '300px', overflowWrap: 'anywhere' },
  second: { color: tokens.colorNeutralForeground3 },
});

/** Who is signed in, and what is theirs alone: language, look, organisations, sessions, the way out. */
export function PersonMenu() {
  const styles = useStyles();
  const { t, i18n } = useTranslation();
  const tenant = useTenant();
  const router = useRouter();
  const me = useMe().data;
  const name = me?.displayName ?? '';
  const isGuest = me?.userType === 'Guest';
  const mine = useThing<{ value: MyOrganisation[] }>('/me/organisations', { enabled: isGuest });
  const home = isGuest ? mine.data?.value.find((one) => one.isHome) : undefined;
  const page = (path: string) => ({
    href: `/t/${encodeURIComponent(tenant)}${path}`,
    onClick: (event: MouseEvent) => {
      event.preventDefault();
      router.history.push(`/t/${encodeURIComponent(tenant)}${path}`);
    },
  });
  return (
    <Menu
      positioning="below-end"
      checkedValues={{ language: [i18n.language], theme: [themeChoice()] }}
      onCheckedValueChange={(_, { name: group, checkedItems }) => {
        const [value] = checkedItems;
        if (group === 'language') void chooseLanguage(value as Language);
        if (group === 'theme') chooseTheme(value as ThemeChoice);
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="transparent" className={styles.button} aria-label={t('shell.personMenu', { name })}>
          <Avatar name={name} size={32} color="colorful" aria-hidden />
        </Button>
      </MenuTrigger>
      <MenuPopover>
        {me && (
          <div className={styles.who}>
            <Text weight="semibold">{me.displayName}</Text>
            <Text size={200} className={styles.second}>
              {me.mail ?? me.userPrincipalName}
            </Text>
            {home && (
              <div style={{ marginTop: '6px' }}>
                <OrganisationBadge name={home.displayName} />
              </div>
            )}
          </div>
        )}
        <MenuList>
          <MenuDivider />
          <MenuItemLink icon={<BuildingRegular />} {...page('/organisations')}>
            {t('nav.organisations')}
          </MenuItemLink>
          <MenuItemLink icon={<ShieldKeyholeRegular />} {...page('/security')}>
            {t('nav.security')}
          </MenuItemLink>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>{t('shell.language')}</MenuGroupHeader>
            {LANGUAGES.map(({ code, name: itself }) => (
              <MenuItemRadio key={code} name="language" value={code} lang={code}>
                {itself}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuGroup>
            <MenuGroupHeader>{t('shell.theme')}</MenuGroupHeader>
            {(['system', 'light', 'dark'] as const).map((choice) => (
              <MenuItemRadio key={choice} name="theme" value={choice}>
                {t(`shell.themes.${choice}`)}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuItem icon={<SignOutRegular />} onClick={() => void signOut(tenant)}>
            {t('shell.signOut')}
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
