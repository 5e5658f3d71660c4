import { Title } from '@mantine/core';

export default function Segments() {
  return <Title order={1}>Segments</Title>;
}
