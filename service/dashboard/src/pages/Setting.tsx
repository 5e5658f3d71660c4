import { Anchor, Stack, Tabs } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconAdjustments } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useBlocker, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { ApiError } from '../api.js';
import { FlipProvider } from '../components/Flip.js';
import { SaveDialog } from '../components/SaveDialog.js';
import { EmptyState, ErrorState, LoadingRows } from '../components/States.js';
import { describeChange } from '../describe-change.js';
import type { SettingItem } from '../model.js';
import { canEdit, mayEditEverywhere, useSession } from '../session.js';
import { type Definition, definitionQuery, settingQuery } from '../settings.js';
import { changesOf } from './setting/draft.js';
import { Header } from './setting/Header.js';
import { HistoryTab } from './setting/HistoryTab.js';
import { MergeNotice } from './setting/MergeNotice.js';
import { reasonNotToSave, SaveBar } from './setting/SaveBar.js';
import { ServingTab } from './setting/ServingTab.js';
import { useDraft } from './setting/useDraft.js';
import { ValuesTab } from './setting/ValuesTab.js';

/** With the charts, which nobody else on this page needs. */
const UsageTab = lazy(() => import('./setting/UsageTab.js'));

const TABS = ['serving', 'values', 'history', 'usage'] as const;
type Tab = (typeof TABS)[number];

export default function Setting() {
  const { env, key } = useParams({ from: '/$env/settings/$key' });
  const item = useQuery(settingQuery(env, key));
  const definition = useQuery(definitionQuery(env, key));
  const error = item.error ?? definition.error;
  if (item.data && definition.data) {
    return <Loaded key={`${env} ${key}`} environment={env} item={item.data} definition={definition.data} />;
  }
  if (error instanceof ApiError && error.status === 404) return <Gone environment={env} settingKey={key} />;
  if (error) {
    const retry = () => void Promise.all([item.refetch(), definition.refetch()]);
    return <ErrorState error={error} retry={retry} />;
  }
  return <LoadingRows rows={6} height={96} />;
}

function Loaded({ environment, item, definition }: { environment: string; item: SettingItem; definition: Definition }) {
  const editing = useDraft(item, definition);
  const { base, draft, isDirty } = editing;
  const [isSaving, setSaving] = useState(false);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [discards, setDiscards] = useState(0);
  const hasFault = Object.keys(faults).length > 0;
  // What was typed and is no value yet is not in the draft, and must not be lost unasked either.
  const isUnsaved = isDirty || hasFault;
  const { tab = 'serving' }: { tab?: Tab } = useSearch({ strict: false });
  const navigate = useNavigate();
  const session = useSession();
  const mayEdit = canEdit(session, environment);
  const changes = useMemo(() => changesOf(base, draft), [base, draft]);
  const sentences = useMemo(
    () => describeChange(base.draft, draft, definition.variations),
    [base, draft, definition.variations],
  );
  const reason = reasonNotToSave({
    hasConflict: editing.conflict !== undefined,
    hasFault,
    rules: draft.rules,
  });
  const save = () => isDirty && reason === undefined && setSaving(true);
  useHotkeys([['mod+S', save]], []);
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isUnsaved &&
      current.pathname !== next.pathname &&
      !window.confirm('Leave without saving? Your changes are lost.'),
    enableBeforeUnload: isUnsaved,
  });
  const show = (next: string | null) => {
    if (hasFault && !window.confirm('What you typed is no value yet, and is lost when you leave Values. Leave?'))
      return;
    if (hasFault) setFaults({});
    void navigate({ to: '.', search: next === 'serving' ? {} : { tab: next }, replace: true });
  };
  const common = { environment, editing, definition, mayEdit };
  return (
    <FlipProvider environment={environment}>
      <Stack gap="md" maw={1120} pb={isUnsaved ? 96 : 24}>
        <Header environment={environment} item={item} definition={definition} />
        <MergeNotice environment={environment} editing={editing} definition={definition} />
        <Tabs value={TABS.includes(tab) ? tab : 'serving'} onChange={show} keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="serving">Serving</Tabs.Tab>
            <Tabs.Tab value="values">Values ({draft.variations.length})</Tabs.Tab>
            <Tabs.Tab value="history">History</Tabs.Tab>
            <Tabs.Tab value="usage">Usage</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="serving">
            <ServingTab {...common} mayAddValues={mayEditEverywhere(session)} />
          </Tabs.Panel>
          <Tabs.Panel value="values">
            <ValuesTab
              key={discards}
              {...common}
              mayEdit={mayEditEverywhere(session)}
              faults={faults}
              onFaults={setFaults}
            />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <HistoryTab environment={environment} settingKey={item.key} variations={definition.variations} />
          </Tabs.Panel>
          <Tabs.Panel value="usage">
            <Suspense fallback={<LoadingRows rows={3} height={120} />}>
              <UsageTab environment={environment} item={item} definition={definition} />
            </Suspense>
          </Tabs.Panel>
        </Tabs>
      </Stack>
      <SaveBar
        environment={environment}
        isShown={isUnsaved}
        reason={reason}
        sentences={sentences}
        changes={changes}
        onSave={save}
        onDiscard={() => {
          setFaults({});
          setDiscards((count) => count + 1);
          editing.discard();
        }}
      />
      <SaveDialog
        environment={environment}
        opened={isSaving}
        onClose={() => setSaving(false)}
        subject={definition.name}
        changes={changes}
        sentences={sentences}
        variations={{ [item.key]: draft.variations }}
        onSaved={editing.discard}
        onStale={() => setSaving(false)}
      />
    </FlipProvider>
  );
}

function Gone({ environment, settingKey }: { environment: string; settingKey: string }) {
  return (
    <EmptyState icon={IconAdjustments} title={`There is no setting ${settingKey}`}>
      It may have been deleted; then the activity tells by whom, and has the way back.{' '}
      <Anchor component={Link} to="/$env/settings" params={{ env: environment } as never}>
        All settings
      </Anchor>
    </EmptyState>
  );
}
