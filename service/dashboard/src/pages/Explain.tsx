import { Title } from '@mantine/core';

export default function Explain() {
  return <Title order={1}>Explain</Title>;
}
