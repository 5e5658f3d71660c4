import { Stack, Tabs } from '@mantine/core';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { PageHead } from '../components/PageHead.js';
import { MembersTab } from './access/MembersTab.js';
import { SdkKeysTab } from './access/SdkKeysTab.js';
import { TokensTab } from './access/TokensTab.js';
import { YouTab } from './access/YouTab.js';

/** All four fit beside each other on a phone. */
const TAB_PADDING = { base: 10, xs: 'md' };

export default function Access() {
  const { env } = useParams({ from: '/$env/access' });
  const { tab = 'keys' }: { tab?: string } = useSearch({ strict: false });
  const navigate = useNavigate();
  return (
    <Stack gap="sm">
      <PageHead title="Access" lead="Who may work here, and what servers and programs prove themselves with." />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) => navigate({ to: '.', search: next === 'keys' ? {} : { tab: next ?? '' }, replace: true })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab px={TAB_PADDING} value="keys">
            SDK keys
          </Tabs.Tab>
          <Tabs.Tab px={TAB_PADDING} value="members">
            Members
          </Tabs.Tab>
          <Tabs.Tab px={TAB_PADDING} value="tokens">
            API tokens
          </Tabs.Tab>
          <Tabs.Tab px={TAB_PADDING} value="you">
            You
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="keys">
          <SdkKeysTab environment={env} />
        </Tabs.Panel>
        <Tabs.Panel value="members">
          <MembersTab />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <TokensTab />
        </Tabs.Panel>
        <Tabs.Panel value="you">
          <YouTab />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
