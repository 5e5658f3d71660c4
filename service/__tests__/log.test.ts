import { createLog } from '../src/log.js';
import { apiOf } from './support/api.js';
import { ADMIN_TOKEN, openTestApp } from './support/app.js';

function recorder() {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => lines.push(line) } };
}

describe('the log', () => {
  it('blackens what opens something', () => {
    const { lines, destination } = recorder();
    createLog('info', destination).info({ req: { headers: { authorization: 'secret-a', cookie: 'secret-b' } } }, 'x');
    expect(lines.join('')).toContain('[redacted]');
    expect(lines.join('')).not.toContain('secret');
  });

  it('has one line per admin request: the route and not the address, the status, no key', async () => {
    const { lines, destination } = recorder();
    const service = await openTestApp({ log: createLog('info', destination) });
    lines.length = 0;
    await apiOf(service).get('/settings/private-name?q=private-query');
    await service.app.inject({ url: '/sdk/latest-all', headers: service.asSdk });
    await service.close();
    const requests = lines.map((line) => JSON.parse(line)).filter(({ route }) => route !== undefined);
    expect(requests).toMatchObject([
      {
        level: 30,
        method: 'GET',
        route: '/api/v1/settings/:key',
        status: 404,
        reqId: expect.any(String),
        msg: 'request',
      },
    ]);
    expect(lines.join('')).not.toMatch(/private|fta-|sdk-test/);
    expect(lines.join('')).not.toContain(ADMIN_TOKEN);
  });

  it('has the cause of what the service failed at under the id that the answer names', async () => {
    const { lines, destination } = recorder();
    const service = await openTestApp({ log: createLog('error', destination) });
    await service.parts.database.schema.dropTable('definitions').execute();
    const { status, body } = await apiOf(service).get('/settings');
    await service.close();
    expect([status, body.code]).toEqual([500, 'internal']);
    expect(body.detail).not.toContain('definitions');
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      reqId: body.requestId,
      err: { message: expect.stringContaining('definitions') },
    });
  });
});
