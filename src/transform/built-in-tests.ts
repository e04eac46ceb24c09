import { type ProjectFiles, type TestFile, testOf } from '../project/model-files.ts';
import type { SqlStatement } from '../sql/statements.ts';
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
    const ofModels = planned.map(builtInTests);
    const written = new Set(ofModels.flatMap((one) => one.written));
    const ofPeople = files.tests.filter(({ text }) => !written.has(withoutCasts(text)));
    const names = new Set(ofPeople.map(({ name }) => name));
    return [...ofModels.flatMap(({ tests }) => tests).filter(({ name }) => !names.has(name)), ...ofPeople];
}

/** The tests of a model, and the texts that stand for them in files. */
interface BuiltInTests {
    readonly upkeep: PlannedModel['upkeep'];
    readonly tests: readonly TestFile[];
    readonly written: readonly string[];
}

/** A process that keeps its plan asks for the same ones after each commit. */
const known = new WeakMap<PlannedModel['followed'], BuiltInTests>();

function builtInTests({ ordered: { model }, followed, upkeep }: PlannedModel): BuiltInTests {
    const before = known.get(followed);
    if (before !== undefined && before.upkeep === upkeep) {
        return before;
    }
    const { spec } = followed;
    const tests = [...(spec === null ? [] : currentTests(spec)), ...(upkeep?.tests ?? [])];
    const made = {
        upkeep,
        tests: tests.map(({ badThing, sql }) =>
            testOf(`${model}__${badThing}`, model, BUILT_IN, sql, () => afterHead(sql)),
        ),
        written: spec === null ? [] : writtenTests(spec),
    };
    known.set(followed, made);
    return made;
}

/** The statement of a generated text, which is a head and one SELECT: nothing in it must be looked for. */
function afterHead(text: string): SqlStatement {
    const offset = /^(?:--.*\n|\n)*/.exec(text)?.[0].length ?? 0;
    const line = text.slice(0, offset).split('\n').length;
    return { sql: text.slice(offset).trimEnd(), offset, line, kind: 'select', isQuery: true };
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
