import { type ProjectFiles, type TestFile, testOf } from '../project/model-files.ts';
import type { CurrentSpec } from './current/current-spec.ts';
import { currentTests } from './current/current-test-sql.ts';
import { allKeys } from './current/key-history.ts';
import type { PlannedModel } from './plan/decide.ts';

/** Where a built-in test comes from, in the place of a file. */
export const BUILT_IN = 'built in';

/**
 * The data tests of a pipeline: those that are built in for generated models, then the files in `tests/`, which are what
 * a person claims. Built-in tests follow the stream and the SELECT as their model does; a file of the same name stands for
 * one of them.
 */
export function testsOf(files: ProjectFiles, planned: readonly PlannedModel[]): readonly TestFile[] {
    const written = new Set(planned.flatMap(({ followed: { spec } }) => (spec === null ? [] : writtenTests(spec))));
    const ofPeople = files.tests.filter(({ text }) => !written.has(withoutCasts(text)));
    const names = new Set(ofPeople.map(({ name }) => name));
    return [...planned.flatMap(builtInTests).filter(({ name }) => !names.has(name)), ...ofPeople];
}

function builtInTests({ ordered: { model }, followed: { spec }, upkeep }: PlannedModel): readonly TestFile[] {
    const tests = [...(spec === null ? [] : currentTests(spec)), ...(upkeep?.tests ?? [])];
    return tests.map(({ badThing, sql }) => testOf(`${model}__${badThing}`, model, BUILT_IN, sql));
}

/**
 * What an earlier `elt scaffold` wrote as files, by any key that the table has had: the same tests are built in now, and
 * follow the key. A file that a person has edited is not among them.
 */
function writtenTests(spec: CurrentSpec): readonly string[] {
    const keys = [...allKeys(spec), ...(spec.keyInFile === undefined ? [] : [spec.keyInFile])];
    return keys
        .flatMap((key) => currentTests({ ...spec, key, history: undefined, isChosen: false }))
        .map(({ sql }) => withoutCasts(sql));
}

/** A column that was retyped since is cast now. */
function withoutCasts(text: string): string {
    return text.replaceAll(/cast\((.*?) as text\)/g, '$1');
}
