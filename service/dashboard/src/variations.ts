import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { VariationsByKey } from './model.js';
import { overviewQuery } from './settings.js';

/** Values of all settings by key, to call them by name; empty until they are known. */
export function useVariations(environment: string, enabled = true): VariationsByKey {
  const { data } = useQuery({ ...overviewQuery(environment), enabled });
  return useMemo(() => Object.fromEntries((data ?? []).map(({ key, variations }) => [key, variations])), [data]);
}
