// `POST /sdk/receipts`: which revision a server has applied (design.md 6).
import type { Routes } from '../app.js';
import type { Receipt } from '../receipts.js';
import { noBody } from '../schemas.js';
import { readJson, requireSdkKey } from '../sdk-request.js';

const MAX_BYTES = 1024;

export const receiptRoutes: Routes = async (app, { parts }) => {
  const { auth, streaming } = parts;
  requireSdkKey(app, auth);

  app.post(
    '/sdk/receipts',
    {
      bodyLimit: MAX_BYTES,
      schema: {
        operationId: 'sendReceipt',
        summary: 'Which revision is applied, from SDKs',
        tags: ['sdk'],
        response: { 202: noBody('Taken') },
      },
    },
    async (request, reply) => {
      const receipt = receiptOf(await readJson(request, MAX_BYTES));
      if (receipt !== undefined) streaming.receipts.take(request.sdk.environment, receipt);
      // The number of connections may have changed since the stream was opened.
      reply.header('x-feathery-receipts', streaming.receipts.header);
      return reply.code(202).send();
    },
  );
};

/** Undefined for what says nothing: a report is a courtesy, and no reason to refuse anything. */
function receiptOf(body: unknown): Receipt | undefined {
  const { instanceId, revision, heldMs } = (body ?? {}) as { [field: string]: unknown };
  if (typeof instanceId !== 'string' || !Number.isSafeInteger(revision)) return undefined;
  const held = typeof heldMs === 'number' && heldMs > 0 && Number.isFinite(heldMs) ? { heldMs } : {};
  return { instanceId, revision: revision as number, ...held };
}
