import { ERROR_CODES } from '../../core/error-codes.ts';
import { escapeHtml } from '../../core/escape-html.ts';
import type { Dashboard } from '../../query/dashboard.ts';
import type { Question } from '../../query/question.ts';
import { expectedText, type QuestionParameter } from '../../query/question-parameter.ts';
import type { QuestionRoute } from '../../query/question-route.ts';
import type { ServedQuestion } from '../answers/served-questions.ts';
import type { PageFrame } from '../http/html-page.ts';
import { errorAnswer, HTTP_ERRORS } from '../http/http-error.ts';
import { questionAddress } from '../http/question-address.ts';

/** A page with a form for every question; `host` is this server's name in the request. */
export function docsPage(
    questions: readonly ServedQuestion[],
    examples: ReadonlyMap<ServedQuestion, string>,
    dashboards: readonly Dashboard[],
    host: string,
): PageFrame {
    const sections = questions.flatMap((served) => {
        if (served.question === null) {
            return [brokenSection(served)];
        }
        return served.route === null
            ? []
            : [section(served.question, served.route, served.pipeline, host, examples.get(served) ?? '')];
    });
    return {
        title: 'Questions over HTTP',
        body: `<header><div class="bar">
<a class="brand" href="/">elt</a>
<nav aria-label="API"><ul><li><a href="/docs" aria-current="page">API</a></li><li><a href="/openapi.json">OpenAPI</a></li>
<li><a href="/health">health</a></li><li><a href="/metrics">metrics</a></li></ul></nav>
</div></header>
<main id="main">
<div class="title"><h1>Questions over HTTP</h1></div>
<p class="lead">A question is a SQL file. Its rows are sent as JSON, or as CSV or JSON lines with <code>.csv</code> or <code>.ndjson</code> after the path.</p>
${sections.length === 0 ? '<p class="empty">No file in <code>api/</code> names a route yet</p>' : sections.join('\n')}
${dashboards.map(figureList).join('\n')}
${errorList()}
</main>`,
    };
}

/** The figures of a dashboard, each of which is a question too. */
function figureList({ pipeline, figures }: Dashboard): string {
    const rows = figures.flatMap((entry) => {
        if ('error' in entry) {
            return [];
        }
        const { name, title, parameters } = entry.figure;
        const path = `/dashboard/${encodeURIComponent(pipeline)}/figures/${encodeURIComponent(name)}`;
        const given = parameters.map((one) => `${one.name}=`).join('&');
        const address = `${path}${given === '' ? '' : `?${given}`}`;
        return [
            `<tr><th scope="row"><a href="${path}.csv">${escapeHtml(title)}</a></th><td><code>GET ${escapeHtml(address)}</code></td></tr>`,
        ];
    });
    return rows.length === 0
        ? ''
        : `<section class="card question"><h2>Figures of <a href="/dashboard/${encodeURIComponent(pipeline)}">${escapeHtml(pipeline)}</a></h2>
<p>Each is a question too; <code>.csv</code>, <code>.ndjson</code> and <code>/rows</code> may follow its name.</p>
<div class="table-box"><table><tbody>${rows.join('\n')}</tbody></table></div></section>`;
}

/** Where the `type` of an error leads. */
function errorList(): string {
    const codes = Object.entries({ ...HTTP_ERRORS, ...ERROR_CODES }).filter(([code, { status }]) => {
        return code in HTTP_ERRORS || (status >= 6 && code !== 'INTERRUPTED');
    });
    const items = codes.map(
        ([code, { cause }]) => `<dt id="${code}"><code>${code}</code></dt><dd>${escapeHtml(cause)}</dd>`,
    );
    return `<section class="card question"><h2>Errors</h2><dl class="errors">${items.join('')}</dl></section>`;
}

function section(question: Question, route: QuestionRoute, pipeline: string, host: string, example: string): string {
    const address = questionAddress(route, new Map(Object.entries(question.example)), '');
    const fields = [
        ...question.parameters.map((parameter) => field(parameter, question.example[parameter.name] ?? '')),
        ...(question.page === null ? [] : [limitField()]),
    ];
    return `<section class="card question">
<h2 class="route"><code>GET ${escapeHtml(route.path)}</code></h2>
<p>A row is ${escapeHtml(question.row ?? 'an answer')}. (<code>${escapeHtml(question.file)}</code>)</p>
<form action="/docs/try/${encodeURIComponent(pipeline)}/${encodeURIComponent(question.name)}">
${fields.join('\n')}
<label><span>format</span> <select name="_format"><option value="">JSON</option><option value="csv">CSV</option>
<option value="ndjson">NDJSON</option></select></label>
<button>Ask</button>
</form>
<pre>curl '${escapeHtml(`http://${host}${address}`)}'</pre>
${example === '' ? '' : `<p>Its first rows now:</p>\n<pre class="example">${escapeHtml(example)}</pre>`}
</section>`;
}

function field(parameter: QuestionParameter, example: string): string {
    const { name, isRequired, default: byDefault } = parameter;
    const isNeeded = isRequired && byDefault === null;
    return (
        `<label><span${isNeeded ? ' class="required"' : ''}>${escapeHtml(name)}</span> ` +
        `<input name="${escapeHtml(name)}" value="${escapeHtml(example)}" ` +
        `placeholder="${escapeHtml(byDefault ?? expectedText(parameter))}"${isNeeded ? ' required' : ''}></label>`
    );
}

function limitField(): string {
    return '<label><span>limit</span> <input name="limit" type="number" min="1" placeholder="all rows"></label>';
}

function brokenSection({ file, error }: ServedQuestion): string {
    const message = errorAnswer(error).body.error;
    return `<section class="card question"><h2 class="route"><code>${escapeHtml(file)}</code></h2><p>Not served: ${escapeHtml(message)}</p></section>`;
}
