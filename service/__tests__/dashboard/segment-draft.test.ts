import { changesOf, differences, draftOf, merge, sentencesOf } from '../../dashboard/src/pages/segment/draft.js';
import type { SegmentItem } from '../../dashboard/src/segments.js';

const ITEM: SegmentItem = {
  key: 'pilot',
  version: 7,
  name: 'Pilot',
  description: '',
  tags: [],
  included: ['ann'],
  excluded: [],
  includedContexts: [{ contextKind: 'organization', values: ['acme'] }],
  excludedContexts: [],
  rules: [],
};
const DRAFT = draftOf(ITEM);
const withMembers = (kind: string, parts: object) => ({
  ...DRAFT,
  members: DRAFT.members.map((one) => (one.kind === kind ? { ...one, ...parts } : one)),
});

describe('the draft of a segment', () => {
  it('offers organizations and users, and every other kind that is listed', () => {
    const item = { ...ITEM, excludedContexts: [{ contextKind: 'device', values: ['d'] }] };
    expect(draftOf(item).members).toEqual([
      { kind: 'organization', included: ['acme'], excluded: [] },
      { kind: 'user', included: ['ann'], excluded: [] },
      { kind: 'device', included: [], excluded: ['d'] },
    ]);
  });

  it('asks for nothing when nothing differs', () => {
    expect(changesOf(ITEM, DRAFT)).toEqual([]);
    expect(
      differences(DRAFT, { ...DRAFT, members: [...DRAFT.members, { kind: 'device', included: [], excluded: [] }] }),
    ).toEqual([]);
  });

  it('asks for whole lists, users apart from the others, for the version it was made from', () => {
    expect(changesOf(ITEM, withMembers('organization', { excluded: ['umbrella'] }))).toEqual([
      {
        segment: 'pilot',
        version: 7,
        patch: {
          included: ['ann'],
          excluded: [],
          includedContexts: [{ contextKind: 'organization', values: ['acme'] }],
          excludedContexts: [{ contextKind: 'organization', values: ['umbrella'] }],
        },
      },
    ]);
  });

  it('says what differs', () => {
    const clauses = [{ contextKind: 'organization', attribute: 'plan', op: 'in', values: ['gold'] }];
    const after = { ...withMembers('user', { included: ['ben', 'cleo'] }), name: 'Pilots', rules: [{ clauses }] };
    expect(sentencesOf(DRAFT, after)).toEqual([
      'called Pilots',
      '2 users included',
      'user ann not included any more',
      'a rule: organization plan is gold',
    ]);
  });

  it('takes in what others changed, and keeps mine where both changed the same', () => {
    const mine = { ...DRAFT, name: 'Mine', description: 'mine' };
    const theirs = { ...DRAFT, description: 'theirs', tags: ['new'] };
    expect(merge(DRAFT, mine, theirs)).toEqual({
      draft: { ...DRAFT, name: 'Mine', description: 'mine', tags: ['new'] },
      conflicts: ['description'],
    });
  });

  it('sees no conflict where both made the same change', () => {
    const same = { ...DRAFT, name: 'Same' };
    expect(merge(DRAFT, same, same).conflicts).toEqual([]);
  });
});
