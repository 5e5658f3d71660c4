import { Title } from '@mantine/core';

export default function Environments() {
  return <Title order={1}>Environments</Title>;
}
