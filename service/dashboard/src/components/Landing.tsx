// What became of a change just made: how many servers have it, how fast, and the way back.
import { ActionIcon, Button, Group, Loader, Paper, Text, ThemeIcon, Tooltip, Transition } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconCheck, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { revertRevision } from '../changes.js';
import { type Landing, useLive } from '../live.js';

/** A change that was made here. */
export interface Announcement {
  environment: string;
  revision: number;
  /** In the past tense: `Turned on New navigation`. */
  what: string;
}

const SHOWN_MS = 15_000;
const AnnounceContext = createContext<(announcement: Announcement) => void>(() => {});

/** Call it with what was just changed: the landing is then shown, whatever page comes next. */
export function useAnnounce(): (announcement: Announcement) => void {
  return useContext(AnnounceContext);
}

export function LandingProvider({ children }: { children: ReactNode }) {
  const [announcement, announce] = useState<Announcement>();
  return (
    <AnnounceContext value={announce}>
      {children}
      <LandingBar announcement={announcement} onClose={() => announce(undefined)} announce={announce} />
    </AnnounceContext>
  );
}

function LandingBar(props: {
  announcement: Announcement | undefined;
  onClose: () => void;
  announce: (announcement: Announcement) => void;
}) {
  const { announcement, onClose, announce } = props;
  const undo = useMutation({
    mutationFn: async ({ environment, revision, what }: Announcement) => {
      const reverted = await revertRevision(environment, revision);
      announce({ environment, revision: reverted ?? revision, what: `Took back: ${what}` });
    },
  });
  const { reset } = undo;
  useEffect(() => {
    if (announcement === undefined) return;
    reset();
    const timer = setTimeout(onClose, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [announcement, onClose, reset]);
  return (
    <Transition mounted={announcement !== undefined} transition="slide-up" duration={150}>
      {(style) => (
        <Paper
          withBorder
          shadow="md"
          radius="lg"
          px="md"
          py="xs"
          role="status"
          data-testid="landing"
          style={{
            ...style,
            position: 'fixed',
            zIndex: 300,
            bottom: 16,
            insetInline: 16,
            marginInline: 'auto',
            width: 'fit-content',
            maxWidth: 'calc(100vw - 32px)',
          }}
        >
          {announcement && (
            <Group gap="sm" wrap="nowrap">
              <LandingLine revision={announcement.revision} what={announcement.what} />
              {undo.error && (
                <Text size="sm" c="red">
                  {undo.error.message}
                </Text>
              )}
              <Button
                size="compact-sm"
                variant="subtle"
                style={{ flexShrink: 0 }}
                loading={undo.isPending}
                leftSection={<IconArrowBackUp size={16} aria-hidden />}
                onClick={() => undo.mutate(announcement)}
              >
                Undo
              </Button>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Close" onClick={onClose}>
                <IconX size={16} />
              </ActionIcon>
            </Group>
          )}
        </Paper>
      )}
    </Transition>
  );
}

/** `37 of 37 servers on revision 812, slowest 64 ms`, as it happens. */
export function LandingLine({ revision, what }: { revision: number; what?: string }) {
  const { landings, connected } = useLive();
  const landing = landings.get(revision);
  const isWaiting = landing !== undefined && landing.applied < landing.connected;
  const isLate = isWaiting && landing.done;
  return (
    <Group gap="sm" wrap="nowrap" miw={0}>
      <LandingIcon state={isLate ? 'late' : landing === undefined || isWaiting ? 'going' : 'landed'} />
      <div style={{ minWidth: 0 }}>
        {what && (
          <Text size="sm" fw={600} lineClamp={2}>
            {what}
          </Text>
        )}
        <Text size="sm" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
          {landingSentence(revision, landing, connected)}
          {isLate && <Laggards names={landing.waiting} />}
        </Text>
      </div>
    </Group>
  );
}

export function landingSentence(revision: number, landing: Landing | undefined, connected: number): string {
  if (landing === undefined) return `Saved as revision ${revision}`;
  if (landing.connected === 0) {
    return connected === 0
      ? `Saved as revision ${revision}; no server is connected`
      : `Sent to ${connected} ${connected === 1 ? 'server' : 'servers'}, which do not report back`;
  }
  const servers = landing.connected === 1 ? 'server' : 'servers';
  const slowest = landing.slowestMs === null ? '' : `, slowest ${Math.round(landing.slowestMs)} ms`;
  return `${landing.applied} of ${landing.connected} ${servers} on revision ${revision}${slowest}`;
}

function LandingIcon({ state }: { state: 'going' | 'landed' | 'late' }) {
  if (state === 'going') return <Loader size={22} type="dots" />;
  const Icon = state === 'late' ? IconAlertTriangle : IconCheck;
  return (
    <ThemeIcon size={24} radius="xl" variant="light" color={state === 'late' ? 'orange' : 'teal'}>
      <Icon size={16} aria-hidden />
    </ThemeIcon>
  );
}

function Laggards({ names }: { names: readonly string[] }) {
  const text = useMemo(() => names.join(', '), [names]);
  if (names.length === 0) return null;
  return (
    <Tooltip label={text} multiline maw={360} events={{ hover: true, focus: true, touch: true }}>
      <Text span inherit c="orange.8" tabIndex={0}>
        {` · waiting for ${names.length === 1 ? names[0] : `${names.length} servers`}`}
      </Text>
    </Tooltip>
  );
}
