// Preloaded into the service: a demo whose terminal was killed must not leave it running.
'use strict';

if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
