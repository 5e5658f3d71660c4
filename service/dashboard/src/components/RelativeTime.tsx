import { Text, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { exactTime, relativeTime } from '../time.js';

const REFRESH_MS = 30_000;

/** A time as `3 minutes ago`, kept current, with the exact one on hover and focus. */
export function RelativeTime({ at }: { at: string | number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const date = new Date(at);
  return (
    <Tooltip label={exactTime(date)} events={{ hover: true, focus: true, touch: true }}>
      <Text component="time" span inherit dateTime={date.toISOString()} style={{ whiteSpace: 'nowrap' }}>
        {relativeTime(date, now)}
      </Text>
    </Tooltip>
  );
}
