// Loaded ahead of every script (`node -r`). Old syntax on purpose: an old Node must be able to read it and say why it stops.
'use strict';

var wanted = require('../package.json').engines.node.match(/\d+/g).map(Number);
var running = process.versions.node.split('.').map(Number);

if (running[0] < wanted[0] || (running[0] === wanted[0] && running[1] < wanted[1])) {
  console.error(
    'Feathery needs Node ' +
      wanted.join('.') +
      ' or newer, and this is Node ' +
      process.versions.node +
      '. ' +
      'Install a current one (https://nodejs.org) and run the command again.',
  );
  process.exit(1);
}
