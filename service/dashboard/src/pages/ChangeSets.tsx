import { Title } from '@mantine/core';

export default function ChangeSets() {
  return <Title order={1}>ChangeSets</Title>;
}
