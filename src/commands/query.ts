import { csvLine } from '../csv-text.ts';
import { EltError } from '../errors.ts';
import { answer, bindParameters } from '../query/answer.ts';
import { questionNames, readQuestion } from '../query/question.ts';
import { expectedText } from '../query/question-parameter.ts';
import { textTable } from '../report/text-table.ts';
import { sqlFolder } from '../settings.ts';
import type { RunCommand } from './command.ts';
import { withMigrated } from './open.ts';

export const query: RunCommand = async ({ settings, output, options }, words) => {
    const [name, ...given] = words;
    if (name === undefined) {
        return listQuestions({ settings, output, options });
    }
    const question = readQuestion(sqlFolder(settings), settings.pipeline, name);
    const values = bindParameters(question, parametersOf(given));
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const { columns, rows } = answer(database, question, values);
        if (options.csv === true) {
            process.stdout.write(csvLine(columns));
            for (const row of rows) {
                process.stdout.write(csvLine(row));
            }
            return 0;
        }
        const all = [...rows];
        for (const line of textTable(columns, all)) {
            output.print(line);
        }
        output.print(output.dim(`${all.length} ${all.length === 1 ? 'row' : 'rows'}`));
        output.result(all.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))));
        return 0;
    });
};

function listQuestions({ settings, output }: Parameters<RunCommand>[0]): number {
    const folder = sqlFolder(settings);
    const questions = questionNames(folder, settings.pipeline).map((name) =>
        readQuestion(folder, settings.pipeline, name),
    );
    const rows = questions.map(({ name, parameters, row }) => [
        name,
        parameters.map((one) => `${one.name}=<${expectedText(one)}>${one.isRequired ? '' : '?'}`).join(' '),
        row,
    ]);
    for (const line of textTable(['question', 'parameters', 'row'], rows)) {
        output.print(line);
    }
    output.result({ questions: questions.map(({ name, file, parameters, row }) => ({ name, file, parameters, row })) });
    return 0;
}

/** `name=value` words; a value may hold further `=`. */
function parametersOf(words: readonly string[]): ReadonlyMap<string, string> {
    const given = new Map<string, string>();
    for (const word of words) {
        const at = word.indexOf('=');
        const name = word.slice(0, Math.max(0, at));
        if (at < 1 || given.has(name)) {
            throw new EltError({
                code: 'COMMAND_WRONG',
                message: at < 1 ? `"${word}" is no parameter` : `parameter "${name}" is given twice`,
                found: 'expected name=value, each name once',
                next: 'correct the parameter',
            });
        }
        given.set(name, word.slice(at + 1));
    }
    return given;
}
