// What stands in the place of a page that is not there.
import { Anchor, Button, Stack } from '@mantine/core';
import { IconAlertTriangle, IconMapOff, IconServer2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { EmptyState } from './States.js';
import { useTitle } from './title.js';

export function NoSuchPage() {
  useTitle('No such page');
  return (
    <EmptyState icon={IconMapOff} title="There is no such page">
      The address may be mistyped, or of another version.{' '}
      <Anchor inherit underline="always" renderRoot={(props) => <Link {...props} to="/" />}>
        All settings
      </Anchor>
    </EmptyState>
  );
}

/** Also for a part of a page that an update of the service has replaced since the page was loaded. */
export function BrokenPage() {
  return (
    <EmptyState icon={IconAlertTriangle} title="This page cannot be shown">
      <Stack align="center" gap="md">
        Load it again. If that does not help, the console of the browser says what is wrong.
        <Button variant="default" onClick={() => window.location.reload()}>
          Load again
        </Button>
      </Stack>
    </EmptyState>
  );
}

export function NoSuchEnvironment({ environment }: { environment: string }) {
  return (
    <EmptyState icon={IconServer2} title={`There is no environment ${environment}`}>
      It may have been deleted, or the address is mistyped. Choose another one above.
    </EmptyState>
  );
}
