// Lists that come page by page.
import type { InfiniteData } from '@tanstack/react-query';

/** What `useInfiniteQuery` needs to follow `nextCursor`. */
export const BY_CURSOR = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: { nextCursor: string | null }) => page.nextCursor ?? undefined,
};

interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** For a VirtualList: asks for the next page unless it is on its way. */
export function endOf({ hasNextPage, isFetchingNextPage, fetchNextPage }: Paged): (() => void) | undefined {
  if (!hasNextPage) return undefined;
  return () => {
    if (!isFetchingNextPage) void fetchNextPage();
  };
}

export function rowsOf<Page, Row>(data: InfiniteData<Page> | undefined, read: (page: Page) => Row[]): Row[] {
  return data?.pages.flatMap(read) ?? [];
}
