import { Alert, Anchor, Button, Group, Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { IconGitMerge, IconTrash, IconUsersGroup } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '../api.js';
import { applyChanges } from '../changes.js';
import { BackLink } from '../components/BackLink.js';
import { ConfirmDialog } from '../components/ConfirmDialog.js';
import { DiffView } from '../components/DiffView.js';
import { useAnnounce } from '../components/Landing.js';
import { PageHead } from '../components/PageHead.js';
import { SaveDialog } from '../components/SaveDialog.js';
import { Section } from '../components/Section.js';
import { EmptyState, ErrorState, LoadingRows } from '../components/States.js';
import { WriteButton } from '../components/WriteButton.js';
import { useEditReason } from '../rights.js';
import { type SegmentItem, type SegmentUsage, segmentQuery, segmentUsageQuery } from '../segments.js';
import { useVariations } from '../variations.js';
import { changesOf, patchOf, sentencesOf } from './segment/draft.js';
import { MembersEditor, MembersList } from './segment/MembersEditor.js';
import { SegmentRules } from './segment/SegmentRules.js';
import { Usage } from './segment/Usage.js';
import { useSegmentDraft } from './segment/useSegmentDraft.js';
import { reasonNotToSave, SaveBar } from './setting/SaveBar.js';

export default function Segment() {
  const { env, key } = useParams({ from: '/$env/segments/$key' });
  const { data, error, refetch } = useQuery(segmentQuery(env, key));
  const { data: usage } = useQuery(segmentUsageQuery(env));
  if (error instanceof ApiError && error.code === 'segment_not_found')
    return <Gone environment={env} segmentKey={key} />;
  if (error && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <LoadingRows rows={4} height={140} />;
  return (
    <Editor key={key} environment={env} item={data} usage={usage && (usage[key] ?? { settings: [], segments: [] })} />
  );
}

function Editor(props: { environment: string; item: SegmentItem; usage: SegmentUsage | undefined }) {
  const { environment, item, usage } = props;
  const { base, draft, conflicts, isDirty, edit, discard, keepMine } = useSegmentDraft(item);
  const [isSaving, setSaving] = useState(false);
  const reason = useEditReason(environment);
  const isBarred = reason !== undefined;
  const changes = changesOf(item, draft);
  const sentences = sentencesOf(base, draft);
  const name = item.name || item.key;
  const variations = useVariations(environment);
  return (
    <Stack gap="md" maw={1120} pb={isDirty ? 96 : 0}>
      <div>
        <BackLink to="/$env/segments" environment={environment}>
          Segments
        </BackLink>
        <PageHead
          title={name}
          lead={
            <Text span inherit ff="monospace">
              {item.key}
            </Text>
          }
        >
          <DeleteSegment environment={environment} item={item} usage={usage} reason={reason} />
        </PageHead>
      </div>
      {isBarred && (
        <Text size="sm" c="dimmed">
          {reason}
        </Text>
      )}
      {conflicts.length > 0 && (
        <Alert
          color="orange"
          variant="light"
          icon={<IconGitMerge aria-hidden />}
          title="Somebody has just changed the same"
        >
          <Stack gap="sm">
            <Text size="sm">
              What they saved is live. Your version of {conflicts.join(' and ')} would replace theirs, like this:
            </Text>
            <DiffView
              item={{
                kind: 'segment',
                key: item.key,
                before: patchOf(base, conflicts),
                after: patchOf(draft, conflicts),
              }}
              variations={{}}
            />
            <Group gap="xs">
              <Button size="xs" onClick={keepMine}>
                Go on with mine
              </Button>
              <Button size="xs" variant="default" onClick={discard}>
                Take theirs, discard mine
              </Button>
            </Group>
          </Stack>
        </Alert>
      )}
      <Section title="Always in, never in" lead="By key, ahead of all rules. Whoever is in both lists is in.">
        {isBarred ? (
          <MembersList members={draft.members} />
        ) : (
          <MembersEditor environment={environment} members={draft.members} onChange={(members) => edit({ members })} />
        )}
      </Section>
      <SegmentRules
        environment={environment}
        rules={draft.rules}
        disabled={isBarred}
        onChange={(rules) => edit({ rules })}
      />
      <Usage environment={environment} usage={usage} />
      <Section title="About it">
        <Stack gap="sm">
          <TextInput
            label="Name"
            maxLength={256}
            disabled={isBarred}
            value={draft.name}
            onChange={(event) => edit({ name: event.currentTarget.value })}
          />
          <Textarea
            label="Description"
            autosize
            minRows={2}
            maxRows={10}
            maxLength={4096}
            disabled={isBarred}
            value={draft.description}
            onChange={(event) => edit({ description: event.currentTarget.value })}
          />
          <TagsInput
            label="Tags"
            disabled={isBarred}
            splitChars={[',', ' ']}
            acceptValueOnBlur
            value={draft.tags}
            onChange={(tags) => edit({ tags })}
          />
        </Stack>
      </Section>
      <SaveBar
        environment={environment}
        isShown={isDirty && !isSaving}
        reason={reasonNotToSave({ hasConflict: conflicts.length > 0, rules: draft.rules })}
        sentences={sentences}
        changes={changes}
        onSave={() => setSaving(true)}
        onDiscard={discard}
      />
      <SaveDialog
        environment={environment}
        opened={isSaving}
        onClose={() => setSaving(false)}
        subject={name}
        changes={changes}
        sentences={sentences}
        variations={variations}
        onSaved={discard}
        onStale={() => setSaving(false)}
      />
    </Stack>
  );
}

function DeleteSegment(props: {
  environment: string;
  item: SegmentItem;
  usage: SegmentUsage | undefined;
  reason: string | undefined;
}) {
  const { environment, item, usage, reason } = props;
  const [isAsked, ask] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const announce = useAnnounce();
  const users = [...(usage?.settings ?? []), ...(usage?.segments ?? [])];
  const remove = useMutation({
    mutationFn: () => applyChanges(environment, [{ segment: item.key, delete: true, version: item.version }], ''),
    onSuccess: async (revision) => {
      announce({ environment, revision, what: `Deleted segment ${item.key}` });
      await navigate({ to: '/$env/segments', params: { env: environment } });
      await queries.invalidateQueries({ queryKey: [environment] });
    },
  });
  const inUse = users.length > 0 ? `It is used by ${users.slice(0, 3).join(', ')}. Change those first.` : undefined;
  return (
    <>
      <WriteButton
        variant="default"
        reason={reason ?? inUse}
        leftSection={<IconTrash size={16} aria-hidden />}
        onClick={() => ask(true)}
      >
        Delete
      </WriteButton>
      <ConfirmDialog
        opened={isAsked}
        onClose={() => ask(false)}
        title={`Delete the segment ${item.name || item.key}?`}
        verb="Delete"
        isDestructive
        isPending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        Nothing asks for it, so nobody is served anything else. It can be brought back under Activity.
      </ConfirmDialog>
    </>
  );
}

function Gone({ environment, segmentKey }: { environment: string; segmentKey: string }) {
  return (
    <EmptyState icon={IconUsersGroup} title={`There is no segment ${segmentKey} here`}>
      It may have been deleted, or it is in another environment.{' '}
      <Anchor
        inherit
        underline="always"
        renderRoot={(rest) => <Link {...rest} to="/$env/segments" params={{ env: environment }} />}
      >
        See all segments
      </Anchor>
    </EmptyState>
  );
}
