import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT } from '../support/elt.ts';
import type { RuleMutant } from './rule-mutant.ts';
import { RULE_MUTANTS } from './rule-mutants.ts';

const GENERATOR = 'src/transform/marts';
/** What random marts need: the code, the cases, and what they are made of. */
const COPIED = ['src', 'test/transform/marts', 'test/support', 'migrations', 'package.json'];

/** What became of a rule's mutant. */
export interface RuleVerdict extends RuleMutant {
    /** The first line of what gave it away; null: nothing did. */
    readonly caughtBy: string | null;
}

/** The text of a file of the generator with the rule taken out. @throws where the rule is not there, or twice */
export function spoilt({ file, find, instead, rule }: RuleMutant): string {
    const text = readFileSync(join(PROJECT, GENERATOR, file), 'utf8');
    if (text.split(find).length !== 2) {
        throw new Error(`${file} does not hold the rule "${rule}" just once`);
    }
    return text.replace(find, () => instead);
}

/** Plays the cases of the rules, and then random marts, against each mutant in a copy of the code, `pairs` at most; those whose rule `asked` names. */
export function judgeRules(
    { seed, pairs, asked }: { readonly seed: number; readonly pairs: number; readonly asked: string },
    say: (verdict: RuleVerdict) => void,
): readonly RuleVerdict[] {
    const folder = mkdtempSync(join(tmpdir(), 'elt-rules-'));
    try {
        for (const path of COPIED) {
            mkdirSync(dirname(join(folder, path)), { recursive: true });
            cpSync(join(PROJECT, path), join(folder, path), { recursive: true });
        }
        symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
        return RULE_MUTANTS.filter(({ rule }) => rule.includes(asked)).map((mutant) => {
            const path = join(folder, GENERATOR, mutant.file);
            const original = readFileSync(path, 'utf8');
            writeFileSync(path, spoilt(mutant));
            const verdict = { ...mutant, caughtBy: firstProblem(folder, mutant, seed, pairs) };
            writeFileSync(path, original);
            say(verdict);
            return verdict;
        });
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function firstProblem(folder: string, { check }: RuleMutant, seed: number, pairs: number): string | null {
    return (
        asked(folder, ['--only', 'cases']) ??
        asked(folder, ['--only', check, '--seed', `${seed}`, '--pairs', `${pairs}`, '--problems', '1'])
    );
}

function asked(folder: string, words: readonly string[]): string | null {
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join('test', 'transform', 'marts', 'main.ts'), ...words],
        { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 },
    );
    const told = stdout.split('\n').slice(0, 2).join(' ');
    // A mutant that does not run shows nothing about the rule.
    return status === 0 ? null : stdout.startsWith('---- ') ? told : `does not run: ${stderr.slice(-300)}`;
}
