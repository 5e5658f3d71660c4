import { Anchor, Group } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';

/** From one thing to the list it is in. */
export function BackLink({
  to,
  environment,
  children,
}: {
  to: LinkProps['to'];
  environment: string;
  children: string;
}) {
  return (
    <Anchor
      size="sm"
      w="fit-content"
      display="block"
      mb={2}
      renderRoot={(props) => <Link {...props} to={to as '/$env/settings'} params={{ env: environment }} />}
    >
      <Group gap={4} component="span" display="inline-flex">
        <IconArrowLeft size={14} aria-hidden /> {children}
      </Group>
    </Anchor>
  );
}
