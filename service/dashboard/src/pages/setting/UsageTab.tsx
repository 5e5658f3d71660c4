import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { Group, SegmentedControl, Skeleton, Stack, Table, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../../api.js';
import { variationColor } from '../../components/RolloutEditor.js';
import { Section } from '../../components/Section.js';
import { ErrorState } from '../../components/States.js';
import { formatNumber, variationLabel } from '../../describe.js';
import type { SettingItem } from '../../model.js';
import type { Definition } from '../../settings.js';
import { Snippet } from './Snippet.js';
import { chartPoints, SPANS, type Span } from './usage.js';

const EVERY_MS = 15_000;

/** How often it is asked for, what it answers, and how to ask. */
export default function UsageTab(props: { environment: string; item: SettingItem; definition: Definition }) {
  const { environment, definition } = props;
  return (
    <Stack gap="md">
      <Evaluations environment={environment} definition={definition} />
      <Snippet definition={definition} />
    </Stack>
  );
}

function Evaluations({ environment, definition }: { environment: string; definition: Definition }) {
  const [span, setSpan] = useState<Span>('hour');
  const { key, variations } = definition;
  const {
    data: found,
    error,
    refetch,
  } = useQuery({
    queryKey: ['usage', environment, key, span],
    queryFn: async () => {
      const { lengthMs, resolution } = SPANS[span];
      const from = new Date(Date.now() - lengthMs).toISOString();
      const query = { setting: key, from, resolution };
      const params = { path: { env: environment }, query };
      const answer = await data(api.GET('/api/v1/environments/{env}/analytics', { params }));
      return { ...answer, own: answer.settings[0] };
    },
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
  const label = (variation: number | null) =>
    variation === null ? "Caller's default" : variationLabel(variation, variations);
  const series = (found?.own?.byVariation ?? []).map(({ variation }) => ({
    name: String(variation ?? 'default'),
    label: label(variation),
    color: variation === null ? 'gray.5' : variationColor(variation),
  }));
  const points = found ? chartPoints(found, span) : [];
  return (
    <Section
      title="Evaluations"
      lead={found ? `${formatNumber(found.own?.total ?? 0)} ${SPANS[span].lead}` : ' '}
      action={
        <SegmentedControl
          size="xs"
          aria-label="Time"
          data={Object.entries(SPANS).map(([value, { name }]) => ({ value, label: name }))}
          value={span}
          onChange={(next) => setSpan(next as Span)}
        />
      }
    >
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!error && found === undefined && <Skeleton height={240} />}
      {found && (
        <BarChart
          h={240}
          data={points}
          dataKey="label"
          type="stacked"
          series={series}
          withLegend={false}
          withTooltip
          tooltipAnimationDuration={0}
          gridAxis="x"
          tickLine="none"
          xAxisProps={{ interval: 0, tickFormatter: (_label, index) => points[index]?.tick ?? '' }}
          barChartProps={{ margin: { top: 8 } }}
          barProps={{ isAnimationActive: false }}
          valueFormatter={(value) => formatNumber(value)}
          role="img"
          aria-label={`Evaluations of ${key} over time, by value; the table below has the sums`}
        />
      )}
      {found?.own && (
        <Table fz="sm" mt="sm" verticalSpacing={4} maw={480} aria-label="Evaluations by value">
          <Table.Tbody>
            {found.own.byVariation.map(({ variation, count }, index) => (
              <Table.Tr key={String(variation)}>
                <Table.Td>
                  <Group gap={8} wrap="nowrap">
                    <span
                      aria-hidden
                      style={{
                        width: 9,
                        height: 9,
                        borderRadius: 5,
                        background: `var(--mantine-color-${(series[index]?.color ?? 'gray.5').replace('.', '-')})`,
                      }}
                    />
                    {label(variation)}
                  </Group>
                </Table.Td>
                <Table.Td ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
                  {formatNumber(count)}
                </Table.Td>
                <Table.Td ta="right" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
                  {((100 * count) / (found.own?.total || 1)).toFixed(1)} %
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {found && !found.own && (
        <Text size="sm" c="dimmed" mt="sm">
          No server has asked for it in this time. The lines below make one ask.
        </Text>
      )}
    </Section>
  );
}
