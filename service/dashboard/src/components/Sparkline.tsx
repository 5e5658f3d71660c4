interface SparklineProps {
  counts: readonly number[];
  label: string;
  width?: number;
  height?: number;
}

/** A line without axes: whether something happens, and how it goes. */
export function Sparkline({ counts, label, width = 96, height = 24 }: SparklineProps) {
  const most = Math.max(...counts, 1);
  const step = width / Math.max(1, counts.length - 1);
  const points = counts.map((count, index) => {
    const y = height - 2 - (count / most) * (height - 4);
    return `${(index * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <polygon
        points={`0,${height} ${points.join(' ')} ${width},${height}`}
        fill="var(--mantine-primary-color-light)"
      />
      <polyline points={points.join(' ')} fill="none" stroke="var(--mantine-primary-color-5)" strokeWidth={1.5} />
    </svg>
  );
}
