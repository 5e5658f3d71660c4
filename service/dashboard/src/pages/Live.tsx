import { Title } from '@mantine/core';

export default function Live() {
  return <Title order={1}>Live</Title>;
}
