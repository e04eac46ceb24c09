import { csvLine } from '../core/csv-text.ts';
import { EltError } from '../core/errors.ts';
import { withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { answer, bindParameters } from '../query/answer.ts';
import { figureNames, readFigure } from '../query/figure.ts';
import { type Question, questionNames, readQuestion } from '../query/question.ts';
import { expectedText } from '../query/question-parameter.ts';
import { leftOutLines, readEach } from '../query/read-each.ts';
import { textTable } from '../report/text-table.ts';
import type { RunCommand } from './command.ts';

/** Prefix of a figure's name among the questions. */
const FIGURES = 'dashboard/';

export const query: RunCommand = async ({ settings, output, options }, words) => {
    const [name, ...given] = words;
    if (name === undefined) {
        return listQuestions({ settings, output, options });
    }
    const question = named(sqlFolder(settings), settings.pipeline, name);
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
        output.printLines(textTable(columns, all));
        output.print(output.dim(`${all.length} ${all.length === 1 ? 'row' : 'rows'}`));
        output.result(all.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))));
        return 0;
    });
};

/** A question of `api/`; `dashboard/<name>` is a figure, and `dashboard/<name>.rows` the question for its rows. */
function named(folder: string, pipeline: string, name: string): Question {
    if (!name.startsWith(FIGURES)) {
        return readQuestion(folder, pipeline, name);
    }
    const [, figureName = '', isRows] = /^(.*?)(\.rows)?$/.exec(name.slice(FIGURES.length)) ?? [];
    const figure = readFigure(folder, pipeline, figureName);
    if (isRows === undefined) {
        return figure;
    }
    if (figure.rows === null) {
        throw new EltError({
            code: 'MODEL_UNKNOWN',
            message: `figure "${figure.name}" cannot be followed to its rows`,
            where: figure.file,
            found: `no file "${figure.file.replace(/\.sql$/, '.rows.sql')}"`,
            next: 'write that file, or query the figure itself',
        });
    }
    return figure.rows;
}

function listQuestions({ settings, output }: Parameters<RunCommand>[0]): number {
    const folder = sqlFolder(settings);
    const { pipeline } = settings;
    const { files: questions, wrong } = readEach(questionNames(folder, pipeline), (name) =>
        readQuestion(folder, pipeline, name),
    );
    const { files: figures, wrong: wrongFigures } = readEach(figureNames(folder, pipeline), (name) =>
        readFigure(folder, pipeline, name),
    );
    const rows = questions.map((question) => [question.name, parametersText(question), question.row]);
    output.printLines(textTable(['question', 'parameters', 'row'], rows));
    if (figures.length > 0) {
        output.print('');
        const shown = figures.map((figure) => [`${FIGURES}${figure.name}`, parametersText(figure), figure.title]);
        output.printLines(textTable(['figure of the dashboard', 'parameters', 'title'], shown));
    }
    output.result({
        questions: questions.map(({ name, file, parameters, row }) => ({ name, file, parameters, row })),
        figures: figures.map(({ name, file, parameters, row, title, chart }) => {
            return { name: `${FIGURES}${name}`, file, parameters, row, title, chart };
        }),
        wrong: [...wrong, ...wrongFigures].map(({ facts: { code, message, where } }) => ({ code, message, where })),
    });
    leftOutLines([...wrong, ...wrongFigures]).forEach(output.note);
    return 0;
}

function parametersText({ parameters }: Question): string {
    return parameters.map((one) => `${one.name}=<${expectedText(one)}>${one.isRequired ? '' : '?'}`).join(' ');
}

/** `name=value` words; a value may contain further `=`. */
function parametersOf(words: readonly string[]): ReadonlyMap<string, string> {
    const given = new Map<string, string>();
    for (const word of words) {
        const at = word.indexOf('=');
        const name = word.slice(0, Math.max(0, at));
        if (at < 1 || given.has(name)) {
            throw new EltError({
                code: 'COMMAND_WRONG',
                message: at < 1 ? `"${word}" is not a parameter` : `parameter "${name}" is given twice`,
                found: 'expected name=value, each name once',
                next: 'correct the parameter',
            });
        }
        given.set(name, word.slice(at + 1));
    }
    return given;
}
