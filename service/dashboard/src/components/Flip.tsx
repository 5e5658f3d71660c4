// Turning a setting on and off: at once where no customer is, after a look at the effect in production.
import { Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { applyChanges } from '../changes.js';
import { isProduction, useEnvironmentName } from '../environments.js';
import type { Variation } from '../model.js';
import { canEdit, useSession } from '../session.js';
import { Effects, Faults } from './Effects.js';
import { useAnnounce } from './Landing.js';

export interface Flippable {
  key: string;
  name: string;
  on: boolean;
  version: number;
  variations: readonly Variation[];
}

const FlipContext = createContext<{ flip: (setting: Flippable) => void; pending: string | undefined }>({
  flip: () => {},
  pending: undefined,
});

/** One dialog for all switches below it. */
export function FlipProvider({ environment, children }: { environment: string; children: ReactNode }) {
  const [asked, ask] = useState<Flippable>();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const mutation = useMutation({
    mutationFn: ({ setting, comment }: { setting: Flippable; comment: string }) =>
      applyChanges(environment, [changeOf(setting)], comment),
    onSuccess: async (revision, { setting }) => {
      ask(undefined);
      announce({ environment, revision, what: `Turned ${setting.on ? 'off' : 'on'} ${setting.name}` });
      await queries.invalidateQueries({ queryKey: [environment] });
    },
    onError: (_error, { setting }) => ask(setting),
  });
  const { mutate, reset } = mutation;
  const flip = useCallback(
    (setting: Flippable) => {
      reset();
      if (isProduction(environment)) ask(setting);
      else mutate({ setting, comment: '' });
    },
    [environment, mutate, reset],
  );
  const pending = mutation.isPending ? mutation.variables.setting.key : undefined;
  return (
    <FlipContext value={{ flip, pending }}>
      {children}
      <Confirmation
        environment={environment}
        setting={asked}
        error={mutation.error}
        isPending={mutation.isPending}
        onClose={() => ask(undefined)}
        onConfirm={(setting, comment) => mutate({ setting, comment })}
      />
    </FlipContext>
  );
}

/** Lets a list's keyboard do what its switches do. */
export function useFlip(): (setting: Flippable) => void {
  return useContext(FlipContext).flip;
}

export function FlipSwitch(props: {
  environment: string;
  setting: Flippable;
  size?: 'sm' | 'md' | 'lg';
  tabIndex?: number;
}) {
  const { environment, setting, size = 'md', tabIndex } = props;
  const { flip, pending } = useContext(FlipContext);
  const mayEdit = canEdit(useSession(), environment);
  return (
    <Switch
      size={size}
      color="teal.8"
      withThumbIndicator={false}
      checked={pending === setting.key ? !setting.on : setting.on}
      disabled={!mayEdit || pending === setting.key}
      aria-label={`${setting.name}: ${setting.on ? 'on' : 'off'}`}
      tabIndex={tabIndex}
      onChange={() => flip(setting)}
    />
  );
}

function Confirmation(props: {
  environment: string;
  setting: Flippable | undefined;
  error: Error | null;
  isPending: boolean;
  onClose: () => void;
  onConfirm: (setting: Flippable, comment: string) => void;
}) {
  const { environment, error, isPending, onClose, onConfirm } = props;
  // Kept while the dialog fades, so that its words do not change.
  const [setting, keep] = useState(props.setting);
  if (props.setting !== undefined && props.setting !== setting) keep(props.setting);
  const place = useEnvironmentName(environment);
  const verb = setting?.on ? 'Turn off' : 'Turn on';
  return (
    <Modal
      opened={props.setting !== undefined}
      onClose={onClose}
      size="lg"
      title={`${verb} ${setting?.name} in ${place}?`}
    >
      {setting && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onConfirm(setting, new FormData(event.currentTarget).get('comment') as string);
          }}
        >
          <Stack gap="md">
            {error ? (
              <Faults error={error} />
            ) : (
              <Effects
                environment={environment}
                changes={[changeOf(setting)]}
                variations={{ [setting.key]: setting.variations }}
              />
            )}
            <TextInput name="comment" label="Why" placeholder="Optional, kept in the activity" data-autofocus />
            <Group justify="flex-end" gap="sm">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" color={setting.on ? 'red.8' : 'teal.8'} loading={isPending}>
                {verb} in {place}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function changeOf({ key, on, version }: Flippable) {
  return { setting: key, patch: { on: !on }, version };
}
