import { type Member, memberNamed, skipSpace, uniqueMembers } from '../../core/json-spans.ts';

/** The insides of a change's lists of values; null if there is none, or a name occurs twice (which one counts is not known). */
export function changeGaps(text: string): Member[] | null {
    const members = uniqueMembers(text, skipSpace(text, 0));
    const oldKeys = members === null ? undefined : memberNamed(members, 'oldkeys');
    const oldMembers = oldKeys !== undefined && text[oldKeys.start] === '{' ? uniqueMembers(text, oldKeys.start) : [];
    if (members === null || oldMembers === null) {
        return null;
    }
    const lists = [memberNamed(members, 'columnvalues'), memberNamed(oldMembers, 'keyvalues')];
    const gaps = lists
        .filter((list): list is Member => list !== undefined && text[list.start] === '[')
        .map(({ name, start, end }) => ({ name, start: start + 1, end: end - 1 }))
        .sort((left, right) => left.start - right.start);
    return gaps.length === 0 ? null : gaps;
}
