import { Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { PageHead } from '../components/PageHead.js';
import { ErrorState, LoadingRows } from '../components/States.js';
import { VirtualList } from '../components/VirtualList.js';
import { WriteButton } from '../components/WriteButton.js';
import { environmentsQuery } from '../environments.js';
import { useAdminReason } from '../rights.js';
import { Compare } from './environments/Compare.js';
import { CreateEnvironment } from './environments/CreateEnvironment.js';
import { EnvironmentRow } from './environments/EnvironmentRow.js';

export default function Environments() {
  const { env } = useParams({ from: '/$env/environments' });
  const { data, error, refetch } = useQuery(environmentsQuery);
  const [isCreating, setCreating] = useState(false);
  const reason = useAdminReason();
  const environments = data?.environments;
  return (
    <Stack gap="md">
      <PageHead
        title="Environments"
        count={environments?.length}
        lead="Each has every setting, with values served, segments, servers and SDK keys of its own."
      >
        <WriteButton reason={reason} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
          New environment
        </WriteButton>
      </PageHead>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {environments === undefined && !error && <LoadingRows rows={2} height={68} />}
      {environments && environments.length > 0 && (
        <VirtualList label="Environments" rows={environments} keyOf={({ key }) => key} estimate={68}>
          {(environment) => <EnvironmentRow environment={environment} isHere={environment.key === env} />}
        </VirtualList>
      )}
      {environments && environments.length > 1 && <Compare here={env} environments={environments} />}
      <CreateEnvironment environments={environments ?? []} opened={isCreating} onClose={() => setCreating(false)} />
    </Stack>
  );
}
