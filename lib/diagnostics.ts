/** One attempt to connect, as diagnostic events report it. */
export interface StreamInit {
  /** Milliseconds since the epoch: when the attempt ended. */
  readonly timestamp: number;
  readonly failed: boolean;
  readonly durationMillis: number;
}
