// What the rows of SDK keys and of tokens have in common.
import { Text } from '@mantine/core';
import { RelativeTime } from '../../components/RelativeTime.js';
import classes from './access.module.css';

interface SecretNameProps {
  name: string;
  /** Its last characters. */
  hint?: string | null | undefined;
  createdAt: string;
  createdBy: string;
}

export function SecretName({ name, hint, createdAt, createdBy }: SecretNameProps) {
  return (
    <div className={classes.cell}>
      <Text size="sm" fw={600} truncate>
        {name}
        {hint && (
          <Text span size="xs" c="dimmed" ff="monospace">
            {' '}
            …{hint}
          </Text>
        )}
      </Text>
      <Text size="xs" c="dimmed" truncate>
        made <RelativeTime at={createdAt} /> by {createdBy}
      </Text>
    </div>
  );
}

export function LastUse({ at }: { at: string | null | undefined }) {
  return (
    <Text size="xs" c="dimmed">
      {at ? (
        <>
          last used <RelativeTime at={at} />
        </>
      ) : (
        'never used'
      )}
    </Text>
  );
}
