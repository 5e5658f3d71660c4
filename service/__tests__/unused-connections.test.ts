import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { openTestApp } from './support/app.js';

describe('unused connections', () => {
  it('do not hold up a shutdown', async () => {
    const { app, close } = await openTestApp();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const accepted = once(app.server, 'connection');
    const unused = connect(port, '127.0.0.1');
    const ended = once(unused, 'close');
    await accepted;
    await close();
    await ended;
  });
});
