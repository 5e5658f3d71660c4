import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  NavLink,
  ScrollArea,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconAdjustments,
  IconBroadcast,
  IconBuilding,
  IconGitPullRequest,
  IconHistory,
  IconKey,
  IconMoon,
  IconServer2,
  IconSun,
  IconUsersGroup,
  IconZoomQuestion,
} from '@tabler/icons-react';
import { Link, Outlet, useParams } from '@tanstack/react-router';

const PAGES = [
  { to: '/$env/settings', label: 'Settings', icon: IconAdjustments },
  { to: '/$env/contexts', label: 'Organizations and users', icon: IconBuilding },
  { to: '/$env/explain', label: 'Explain', icon: IconZoomQuestion },
  { to: '/$env/segments', label: 'Segments', icon: IconUsersGroup },
  { to: '/$env/change-sets', label: 'Change sets', icon: IconGitPullRequest },
  { to: '/$env/activity', label: 'Activity', icon: IconHistory },
  { to: '/$env/live', label: 'Live', icon: IconBroadcast },
  { to: '/$env/access', label: 'Access', icon: IconKey },
  { to: '/$env/environments', label: 'Environments', icon: IconServer2 },
] as const;

/** The frame around every page: navigation, environment, colour scheme. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { env } = useParams({ from: '/$env' });
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 240, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
            <UnstyledButton renderRoot={(props) => <Link {...props} to="/$env/settings" params={{ env }} />}>
              <Group gap={8} wrap="nowrap">
                <img src="/feather.svg" width={28} height={28} alt="" />
                <Text fw={700} size="lg">
                  Feathery
                </Text>
              </Group>
            </UnstyledButton>
          </Group>
          <ColorScheme />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Pages">
        <AppShell.Section grow component={ScrollArea}>
          {PAGES.map(({ to, label, icon: Icon }) => (
            <NavLink
              key={to}
              label={label}
              leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
              onClick={close}
              renderRoot={(props) => (
                <Link
                  {...props}
                  to={to}
                  params={{ env }}
                  activeProps={{ 'data-active': true, 'aria-current': 'page' }}
                />
              )}
            />
          ))}
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const other = scheme === 'light' ? 'dark' : 'light';
  return (
    <Tooltip label={`Use ${other} colours`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={`Use ${other} colours`}
        onClick={() => setColorScheme(other)}
      >
        {scheme === 'light' ? <IconMoon size={18} /> : <IconSun size={18} />}
      </ActionIcon>
    </Tooltip>
  );
}
