import { hash } from 'node:crypto';
import type { Question } from '../../query/question.ts';
import { askReader, isFailed } from '../answers/ask-readers.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import type { ServedQuestion } from '../answers/served-questions.ts';
import { requestValues } from '../http/request-values.ts';

/** As many rows show what the others look like. */
const ROWS_SHOWN = 3;

/**
 * What each question answers to its example, its first rows; none where there is no example, or no answer now. Asked
 * once for a state of the database, and shared like figures.
 */
export async function exampleAnswers(
    context: ServeContext,
    questions: readonly ServedQuestion[],
): Promise<ReadonlyMap<ServedQuestion, string>> {
    const found = await Promise.all(
        questions.map(async (served) => {
            const text = await exampleOf(context, served).catch(() => null);
            return text === null ? [] : [[served, text] as const];
        }),
    );
    return new Map(found.flat());
}

async function exampleOf(context: ServeContext, { question, pipeline: name }: ServedQuestion): Promise<string | null> {
    const pipeline = context.pipelines.get(name);
    if (question === null || pipeline === undefined || question.route === null) {
        return null;
    }
    const state = pipeline.state();
    const first = firstRows(question);
    const { values } = requestValues({ ...first, page: null }, new Map(), new Map(Object.entries(first.example)), 1);
    const key = hash('sha1', JSON.stringify(['example', question.file, question.text, values]), 'base64url');
    const answer = await context.shared.get({ pipeline: name, version: state.version, question: key }, () =>
        askReader(
            { ...context, pipeline, state },
            { question: first, values, format: 'json', page: null },
            `${name} example ${question.file}`,
        ),
    );
    return isFailed(answer) || answer.rows === 0 ? null : answer.body.toString('utf8').trimEnd();
}

/** Columns that only order pages end the answer, and are not shown. */
function firstRows(question: Question): Question {
    const sql = `select * from (\n${question.statement.sql.replace(/;\s*$/, '')}\n) limit ${ROWS_SHOWN}`;
    return { ...question, statement: { ...question.statement, sql } };
}
