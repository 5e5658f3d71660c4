import { escapeName, parseReference } from '../lib/reference.js';

describe('parseReference', () => {
  it.each([
    ['name', ['name']],
    ['/name', ['name']],
    ['/address/country', ['address', 'country']],
    ['address/country', ['address/country']],
    ['/a~1b', ['a/b']],
    ['/a~0b', ['a~b']],
    ['/~01', ['~1']],
    ['/~1address~1street', ['/address/street']],
    ['~0x', ['~0x']],
    ['~', ['~']],
    ['a//b', ['a//b']],
    [' ', [' ']],
    ['/2/3', ['2', '3']],
  ])('reads %j as %j', (reference, path) => {
    expect(parseReference(reference)).toEqual(path);
  });

  it.each(['', '/', '//', '/a//b', '//a', '/a/', '/~', '/a~', '/~2', '/a/~b', '/~a/b'])('refuses %j', (reference) => {
    expect(parseReference(reference)).toBeUndefined();
  });
});

describe('escapeName', () => {
  it.each([
    ['name', 'name'],
    ['a/b', 'a/b'],
    ['a~b', 'a~b'],
    ['/a/b', '/~1a~1b'],
    ['/a~b', '/~1a~0b'],
    ['/', '/~1'],
  ])('makes of the name %j the reference %j', (name, reference) => {
    expect(escapeName(name)).toBe(reference);
    expect(parseReference(reference)).toEqual([name]);
  });
});
