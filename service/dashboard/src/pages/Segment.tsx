import { Title } from '@mantine/core';

export default function Segment() {
  return <Title order={1}>Segment</Title>;
}
