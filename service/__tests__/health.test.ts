import { openTestApp, type TestApp } from './support/app.js';

let service: TestApp;
beforeAll(async () => {
  service = await openTestApp();
});
afterAll(() => service.close());

describe('health', () => {
  it('says that the process answers', async () => {
    const answer = await service.app.inject('/healthz');
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok' }]);
  });
});
